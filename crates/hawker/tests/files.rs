//! Pictures and other files: put to signed addresses, checked, kept, sent, and cleared away.
//!
//! What does not depend on where files are kept is run twice: with the data folder, and with an S3-compatible store.

mod support;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::{Value, json};
use std::fs;
use std::io::Cursor;
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};
use support::http::{self, Exchange, Reply};
use support::s3::Store;
use support::{ADMIN, APP, DEADLINE, SECRET, Server, Wire, rest, sig};

const ROOM: &str = "live_42";
const SIGN: &str = "im_cos_msg.pre_sig";
const SEND: &str = "group_open_http_svc.send_group_msg";
const IMAGE: u32 = 1;
const VIDEO: u32 = 2;
const SOUND: u32 = 3;
const OTHER: u32 = 255;

/// Runs a test with each kind of store.
fn with_each_store(config: &str, test: impl Fn(&mut Server)) {
    test(&mut Server::start(config));
    let store = Store::start();
    test(&mut Server::start(&format!("{config}\n{}", store.config())));
    assert_eq!(store.refused(), Vec::<String>::new(), "every request was signed well");
    assert!(!store.seen().is_empty(), "it was used");
}

/// Asks for an address.
fn signed(wire: &mut Wire, kind: u32, name: &str) -> Value {
    wire.ok(SIGN, &json!({ "file_type": kind, "file_name": name, "upload_method": 0, "Duration": 900 }))
}

/// Path and query of an address on this server.
fn target(answer: &Value, field: &str) -> String {
    let url = answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer}"));
    url.strip_prefix("http://hawker").unwrap_or_else(|| panic!("{url}")).to_owned()
}

fn put_to(server: &Server, answer: &Value, bytes: &[u8]) -> Reply {
    http::ask(server.addr, "PUT", &target(answer, "upload_url"), &[], bytes)
}

fn get(server: &Server, target: &str) -> Reply {
    http::ask(server.addr, "GET", target, &[], b"")
}

/// Puts a file that must be taken; the answer to `pre_sig`.
fn put(server: &Server, wire: &mut Wire, kind: u32, name: &str, bytes: &[u8]) -> Value {
    let answer = signed(wire, kind, name);
    let reply = put_to(server, &answer, bytes);
    assert_eq!(reply.status, 200, "{}", reply.text());
    answer
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).expect("memory takes everything");
    out.into_inner()
}

fn picture(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x / 7 * y) as u8])).into()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Png)
}

fn size(bytes: &[u8]) -> (u32, u32) {
    let image = image::load_from_memory(bytes).expect("a picture");
    (image.width(), image.height())
}

fn mp4(bytes: usize) -> Vec<u8> {
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    film.extend((film.len()..bytes).map(|at| (at % 251) as u8));
    film
}

/// Nothing is stored, and nothing is left of what came in.
fn must_be_empty(server: &Server) {
    let count = |folder: &Path| fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(count(&server.data().join("files")), 0, "files");
    assert_eq!(count(&server.data().join("incoming")), 0, "what came in");
    assert_eq!(rows(server), 0, "rows");
}

fn database(server: &Server) -> rusqlite::Connection {
    rusqlite::Connection::open(server.data().join("hawker.db")).expect("a database")
}

fn rows(server: &Server) -> i64 {
    database(server).query_row("SELECT count(*) FROM file", [], |row| row.get(0)).expect("a number")
}

fn under_way(server: &Server) -> i64 {
    server.metric("hawker_uploads_open")
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let by = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < by, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

// What works.

#[test]
fn a_picture_is_seen_by_others_in_three_sizes() {
    with_each_store("", |server| {
        server.open_room(ROOM, "host");
        let mut sender = server.member("mei", ROOM);
        let mut viewer = server.member("lan", ROOM);
        let original = png(1000, 1500);
        let answer = signed(&mut sender, IMAGE, "123456-cat.png");
        assert!(answer["expired_time"].as_u64().unwrap() > support::now_secs() + 800);
        assert!(target(&answer, "download_url").ends_with("/original.png"));
        let reply = put_to(server, &answer, &original);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let want = json!({
            "size": original.len(), "type": "image/png", "width": 1000, "height": 1500,
            "thumb": { "width": 198, "height": 297 }, "large": { "width": 720, "height": 1080 },
        });
        assert_eq!(reply.json(), want);

        let info = |kind: u32, field: &str| json!({ "Type": kind, "Size": 1, "Width": 1, "Height": 1, "URL": answer[field] });
        let infos = json!([info(1, "download_url"), info(2, "large_url"), info(3, "thumb_url")]);
        let elements = json!([{ "MsgType": "TIMImageElem",
            "MsgContent": { "UUID": "1", "ImageFormat": 3, "ImageInfoArray": infos } }]);
        let message = sender.message(ROOM, "Normal", &elements);
        sender.ok(SEND, &message);
        let heard = viewer.wait_for(|item| item.json["MsgBody"][0]["MsgType"] == "TIMImageElem");
        let infos = &heard.json["MsgBody"][0]["MsgContent"]["ImageInfoArray"];
        for (at, want) in [(0, (1000, 1500)), (1, (720, 1080)), (2, (198, 297))] {
            let reply = get(server, &target(&infos[at], "URL"));
            assert_eq!((reply.status, size(&reply.body)), (200, want), "{at}");
        }
        assert_eq!(get(server, &target(&answer, "download_url")).body, original);
        server.must_be_well();
    });
}

#[test]
fn every_kind_is_sent_as_what_it_is() {
    let jpeg = encoded(&picture(30, 20), ImageFormat::Jpeg);
    let gif = encoded(&DynamicImage::ImageRgba8(picture(30, 20).to_rgba8()), ImageFormat::Gif);
    let webp = encoded(&picture(30, 20), ImageFormat::WebP);
    let film = mp4(11_000_000);
    let rows: [(u32, &str, &[u8], &str); 8] = [
        (IMAGE, "a.jpg", &jpeg, "image/jpeg"),
        (IMAGE, "a.gif", &gif, "image/gif"),
        (IMAGE, "a.webp", &webp, "image/webp"),
        (VIDEO, "a.mp4", &film, "video/mp4"),
        (SOUND, "a.mp3", b"ID3\x04\0\0\0\0\0\0 sound", "audio/mpeg"),
        (SOUND, "a.m4a", b"\0\0\0\x18ftypmp42\0\0\0\0 sound", "audio/mp4"),
        (OTHER, "prices.pdf", b"%PDF-1.7", "application/octet-stream"),
        (OTHER, "page.html", b"<script>alert(1)</script>", "application/octet-stream"),
    ];
    with_each_store("", |server| {
        let mut wire = server.user("mei");
        for (kind, name, bytes, media) in rows {
            let answer = put(server, &mut wire, kind, name, bytes);
            assert_eq!(answer["thumb_url"].is_string(), kind == IMAGE, "{answer}");
            let reply = get(server, &target(&answer, "download_url"));
            assert_eq!((reply.status, reply.header("content-type")), (200, Some(media)), "{name}");
            assert!(reply.body == bytes, "{name}");
            for (header, want) in [
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
                ("cross-origin-resource-policy", "cross-origin"),
                ("access-control-allow-origin", "*"),
                ("accept-ranges", "bytes"),
            ] {
                assert_eq!(reply.header(header), Some(want), "{name} {header}");
            }
            let saved =
                (kind == OTHER).then(|| format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}"));
            assert_eq!(reply.header("content-disposition"), saved.as_deref());
            let cache = reply.header("cache-control").expect("a rule for caches");
            assert!(cache.starts_with("public, max-age=25") && cache.ends_with(", immutable"), "{cache}");
        }
    });
}

#[test]
fn players_get_parts_and_browsers_what_they_do_not_have() {
    with_each_store("", |server| {
        let film = mp4(300_000);
        let answer = put(server, &mut server.user("mei"), VIDEO, "a.mp4", &film);
        let target = target(&answer, "download_url");
        let ask = |method: &str, headers: &[(&str, &str)]| http::ask(server.addr, method, &target, headers, b"");
        for (range, want) in
            [("bytes=0-99", 0..100), ("bytes=1000-", 1000..300_000), ("bytes=-50", 299_950..300_000)]
        {
            let reply = ask("GET", &[("Range", range)]);
            let said = format!("bytes {}-{}/300000", want.start, want.end - 1);
            assert_eq!((reply.status, reply.header("content-range")), (206, Some(&*said)), "{range}");
            assert!(reply.body == film[want], "{range}");
        }
        let outside = ask("GET", &[("Range", "bytes=300000-")]);
        assert_eq!((outside.status, outside.header("content-range")), (416, Some("bytes */300000")));
        let several = ask("GET", &[("Range", "bytes=0-1,5-6")]);
        assert_eq!((several.status, several.body.len()), (200, 300_000));

        let head = ask("HEAD", &[]);
        assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("300000"), 0));
        let (etag, modified) = (head.header("etag").unwrap(), head.header("last-modified").unwrap());
        for condition in [("If-None-Match", etag), ("If-None-Match", "*"), ("If-Modified-Since", modified)] {
            let reply = ask("GET", &[condition]);
            assert_eq!((reply.status, reply.body.len()), (304, 0), "{condition:?}");
        }
        assert_eq!(ask("GET", &[("If-None-Match", "\"other\"")]).status, 200);
        assert_eq!(ask("GET", &[("Range", "bytes=0-9"), ("If-Range", etag)]).status, 206);
        assert_eq!(ask("GET", &[("Range", "bytes=0-9"), ("If-Range", "\"other\"")]).status, 200);
    });
}

#[test]
fn pages_of_any_origin_may_put_and_read() {
    let server = Server::start("");
    let answer = signed(&mut server.user("mei"), IMAGE, "a.png");
    let asked = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "PUT")];
    for field in ["upload_url", "download_url"] {
        let reply = http::ask(server.addr, "OPTIONS", &target(&answer, field), &asked, b"");
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, Some("*")));
        assert!(reply.header("access-control-allow-methods").unwrap().contains("PUT"));
        assert_eq!(reply.header("access-control-allow-headers"), Some("*"));
    }
    // Who is refused must be able to read why.
    for reply in [put_to(&server, &answer, b"no picture"), get(&server, &target(&answer, "download_url"))] {
        assert!(reply.status >= 400);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }
}

#[test]
fn a_mini_program_may_post_a_form() {
    let server = Server::start("[files]\nimage_bytes_max = 20000\n");
    let mut wire = server.user("mei");
    let original = png(20, 30);
    let form = |file: &[u8], field: &str| {
        let before = format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n../../x\r\n--xyz\r\nContent-Disposition: \
             form-data; name=\"{field}\"; filename=\"../../etc/cat.png\"\r\nContent-Type: text/html\r\n\r\n"
        );
        [before.as_bytes(), file, b"\r\n--xyz--\r\n"].concat()
    };
    let kind = [("Content-Type", "multipart/form-data; boundary=xyz")];
    let post = |answer: &Value, kind: &[(&str, &str)], body: &[u8]| {
        http::ask(server.addr, "POST", &target(answer, "upload_url"), kind, body)
    };
    let answer = signed(&mut wire, IMAGE, "a.png");
    let reply = post(&answer, &kind, &form(&original, "file"));
    assert_eq!((reply.status, &reply.json()["width"]), (200, &json!(20)), "{}", reply.text());
    assert_eq!(get(&server, &target(&answer, "download_url")).body, original);

    let answer = signed(&mut wire, IMAGE, "a.png");
    for (status, kind, body) in [
        (400, &kind[..], form(&original, "picture")),
        (400, &kind[..], form(&original, "file")[..200].to_vec()),
        (400, &kind[..], b"nonsense".to_vec()),
        (400, &[][..], form(&original, "file")),
        (413, &kind[..], form(&vec![0; 200_000], "file")),
        (413, &kind[..], form(&[&original[..], &vec![0; 30_000]].concat(), "file")),
        (415, &kind[..], form(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file")),
    ] {
        let reply = post(&answer, kind, &body);
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(get(&server, &target(&answer, "download_url")).status, 404);
    }
    let around = [b"--xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n", &[b'x'; 70_000][..]].concat();
    assert_eq!(post(&answer, &kind, &around).status, 400);
}

#[test]
fn smaller_versions_know_nothing_of_the_camera_and_stand_upright() {
    let server = Server::start("");
    let jpeg = encoded(&picture(400, 300), ImageFormat::Jpeg);
    // An EXIF block: turned by a quarter (orientation 6), and a camera that notes its owner.
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0".to_vec();
    exif.extend(b"\xa4\x30\0\x02\0\0\0\x0c\0\0\0\x26\0\0\0\0SecretOwner\0");
    let mut original = jpeg[..2].to_vec();
    original.extend([0xff, 0xe1]);
    original.extend(((exif.len() + 2) as u16).to_be_bytes());
    original.extend(&exif);
    original.extend(&jpeg[2..]);
    let answer = signed(&mut server.user("mei"), IMAGE, "a.jpg");
    let reply = put_to(&server, &answer, &original);
    assert_eq!((&reply.json()["width"], &reply.json()["height"]), (&json!(300), &json!(400)), "{}", reply.text());
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    assert!(has(&original, b"SecretOwner"));
    for (field, want) in [("thumb_url", (198, 264)), ("large_url", (300, 400))] {
        let reply = get(&server, &target(&answer, field));
        assert_eq!(size(&reply.body), want, "{field}");
        assert!(!has(&reply.body, b"Exif") && !has(&reply.body, b"SecretOwner"), "{field}");
    }
    // The left upper corner of the picture is now its right upper one.
    let large = image::load_from_memory(&get(&server, &target(&answer, "large_url")).body).unwrap().to_rgb8();
    let corner = large.get_pixel(297, 2).0;
    assert!(corner[0] < 40 && corner[1] < 40, "{corner:?}");
}

#[test]
fn a_moving_picture_keeps_moving_and_its_thumbnail_stands_still() {
    let server = Server::start("");
    let mut original = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut original);
    let frame = |shade: u8| image::Frame::new(RgbaImage::from_pixel(300, 300, Rgba([shade, 0, 0, 255])));
    encoder.encode_frames([frame(10), frame(120), frame(240)]).unwrap();
    drop(encoder);
    let answer = put(&server, &mut server.user("mei"), IMAGE, "a.gif", &original);
    assert_eq!(get(&server, &target(&answer, "download_url")).body, original);
    let thumb = get(&server, &target(&answer, "thumb_url"));
    assert_eq!((thumb.header("content-type"), size(&thumb.body)), (Some("image/jpeg"), (198, 198)));
}

// Who may.

#[test]
fn only_users_get_addresses() {
    let server = Server::start("");
    let ask = json!({ "file_type": 1, "file_name": "a.png", "upload_method": 0, "Duration": 900 });
    assert_eq!(Wire::open(server.addr).refused(SIGN, &ask), 10007);
    let mut left = server.user("mei");
    left.ok("im_open_status.wslogout", &json!({}));
    left.token.clear();
    assert_eq!(left.refused(SIGN, &ask), 10007);
    let rest = server.rest("im_cos_msg/pre_sig", &ask);
    assert_eq!(rest["ErrorCode"], 60009, "{rest}");

    // The official SDKs send this without their token, but with the signature of their login.
    let mut wire = server.user("lan");
    let mut head = wire.head(SIGN);
    (head["a2"], head["identifier"], head["usersig"]) = ("".into(), "lan".into(), sig("lan").into());
    let seq = head["seq"].as_u64().unwrap();
    wire.send(&json!({ "head": head, "body": ask }));
    assert_eq!(wire.reply(seq)["ErrorCode"], 0);

    for bad in [
        json!({}),
        json!({ "file_type": 1 }),
        json!({ "file_type": 4, "file_name": "a" }),
        json!({ "file_type": 257, "file_name": "a" }),
        json!({ "file_type": "1", "file_name": "a" }),
        json!({ "file_type": 1, "file_name": 7 }),
        json!({ "file_type": 1, "file_name": "a", "Duration": 0 }),
        json!({ "file_type": 1, "file_name": "a", "Duration": -1 }),
        json!({ "file_type": 1, "file_name": "a", "file_size": 0 }),
        json!({ "file_type": 1, "file_name": "a", "file_size": 29360129 }),
        json!({ "file_type": 1, "file_name": "a", "file_size": "1" }),
    ] {
        assert_eq!(wire.refused(SIGN, &bad), 90001, "{bad}");
    }
    assert_eq!(server.metric("hawker_upload_addresses_total"), 1);
}

#[test]
fn a_changed_or_expired_address_takes_nothing() {
    let mut server = Server::start("");
    let mut wire = server.user("mei");
    let answer = signed(&mut wire, IMAGE, "a.png");
    let other = signed(&mut wire, IMAGE, "a.png");
    let good = target(&answer, "upload_url");
    let file = |answer: &Value| answer["request_id"].as_str().unwrap().to_owned();
    let signature = |good: &str| good.rsplit_once("&sig=").unwrap().1.to_owned();
    let user = good.split("user=").nth(1).unwrap().split('&').next().unwrap();
    let changed = [
        ("the file", good.replacen(&file(&answer), &file(&other), 1)),
        ("the size", good.replacen("max=29360128", "max=99999999", 1)),
        ("the kind", good.replacen("kind=1", "kind=255", 1)),
        ("the app", good.replacen(&format!("app={APP}"), "app=1400000002", 1)),
        ("the user", good.replacen(user, "bGFu", 1)),
        ("the time", good.replacen("until=", "until=9", 1)),
        ("the name", good.replacen("name=", "name=eA", 1)),
        ("the ending", good.replacen(".png", ".html", 1)),
        ("the signature", good.replacen(&signature(&good), &signature(&target(&other, "upload_url")), 1)),
        ("no signature", good.rsplit_once("&sig=").unwrap().0.to_owned()),
        ("half a signature", good[..good.len() - 10].to_owned()),
        ("one more word", format!("{good}&x=1")),
        ("nothing", target(&answer, "download_url")),
    ];
    let original = png(10, 10);
    for (what, target) in changed {
        assert_ne!(target, good, "{what}");
        for method in ["PUT", "POST"] {
            let reply = http::ask(server.addr, method, &target, &[], &original);
            assert_eq!((reply.status, &*reply.text()), (403, r#"{"error":"the signature is wrong"}"#), "{what}");
        }
    }
    let short = wire.ok(SIGN, &json!({ "file_type": 1, "file_name": "a.png", "Duration": 1 }));
    // It refuses what is no picture until it refuses everything.
    until("the address expires", || {
        let reply = put_to(&server, &short, b"no picture");
        assert!(matches!(reply.status, 415 | 403), "{}", reply.text());
        reply.status == 403 && reply.text().contains("expired")
    });
    assert_eq!(put_to(&server, &short, &original).status, 403);
    must_be_empty(&server);
    assert_eq!(put_to(&server, &answer, &original).status, 200, "the good one is still good");
    server.must_be_well();
}

#[test]
fn an_address_takes_one_file_and_the_same_again() {
    with_each_store("", |server| {
        let mut wire = server.user("mei");
        let (one, two) = (png(10, 10), png(20, 20));
        let answer = put(server, &mut wire, IMAGE, "a.png", &one);
        let again = put_to(server, &answer, &one);
        assert_eq!((again.status, &again.json()["width"]), (200, &json!(10)));
        assert_eq!(put_to(server, &answer, &two).status, 409);
        assert_eq!(get(server, &target(&answer, "download_url")).body, one);
        assert_eq!(rows(server), 1);

        // Twice at once: one of them is told so.
        let answer = signed(&mut wire, IMAGE, "a.png");
        let length = two.len().to_string();
        let mut first =
            Exchange::begin(server.addr, "PUT", &target(&answer, "upload_url"), &[("Content-Length", &length)]);
        first.send(&two[..100]);
        until("the first is under way", || under_way(server) == 1);
        assert_eq!(put_to(server, &answer, &two).status, 409);
        first.send(&two[100..]);
        assert_eq!(first.reply(false).status, 200);
    });
}

#[test]
fn addresses_begin_as_the_sender_reached_the_server_or_as_configured() {
    let ask = json!({ "file_type": 1, "file_name": "a.png" });
    let connect = |server: &Server, headers: &str| {
        let stream = TcpStream::connect(server.addr).unwrap();
        let mut wire = Wire::upgrade_with(stream, APP, "binfo", "i", headers);
        wire.login("mei");
        wire
    };
    let begins = |wire: &mut Wire| {
        let answer = wire.ok(SIGN, &ask);
        let fields = ["upload_url", "download_url", "thumb_url", "large_url"];
        let urls = fields.map(|field| answer[field].as_str().unwrap().to_owned());
        let start = urls[0].split("/files/").next().unwrap().to_owned();
        assert!(urls.iter().all(|url| url.starts_with(&format!("{start}/files/"))), "{urls:?}");
        start
    };
    let forwarded = "Host: inner:8080\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: chat.example.com\r\n";

    let server = Server::start("");
    assert_eq!(begins(&mut connect(&server, forwarded)), "http://inner:8080");
    for host in ["evil/path", "evil?x=", "user@evil", "a\"b", ""] {
        assert_eq!(connect(&server, &format!("Host: {host}\r\n")).refused(SIGN, &ask), 60002, "{host}");
    }
    assert_eq!(connect(&server, "").refused(SIGN, &ask), 60002);

    let server = Server::start("[files]\ntrust_forwarded = true\n");
    assert_eq!(begins(&mut connect(&server, forwarded)), "https://chat.example.com");

    let server = Server::start("[files]\npublic_url = 'https://shop.example/chat/'\n");
    assert_eq!(begins(&mut connect(&server, "Host: evil\r\n")), "https://shop.example/chat");
}

// What is not taken.

#[test]
fn too_large_a_file_is_not_taken() {
    with_each_store("[files]\nimage_bytes_max = 5000\nother_bytes_max = 300000\n", |server| {
        let mut wire = server.user("mei");
        let answer = signed(&mut wire, IMAGE, "a.png");
        let to = target(&answer, "upload_url");
        // Declared: not a byte of it is waited for.
        let declared = Exchange::begin(server.addr, "PUT", &to, &[("Content-Length", "5001")]);
        let reply = declared.reply(false);
        assert_eq!((reply.status, reply.text().contains("5000")), (413, true));
        // Not declared: as soon as it is too much.
        for (kind, name, most) in [(IMAGE, "a.png", 5000), (OTHER, "a.bin", 300_000)] {
            let answer = signed(&mut wire, kind, name);
            let to = target(&answer, "upload_url");
            let mut chunked = Exchange::begin(server.addr, "PUT", &to, &[("Transfer-Encoding", "chunked")]);
            chunked.chunk(&png(10, 10));
            chunked.chunk(&vec![0; most]);
            chunked.chunk(b"");
            assert_eq!(chunked.reply(false).status, 413);
            assert_eq!(get(server, &target(&answer, "download_url")).status, 404);
        }
        must_be_empty(server);
        let mut small = Exchange::begin(server.addr, "PUT", &to, &[("Transfer-Encoding", "chunked")]);
        small.chunk(&png(10, 10));
        small.chunk(b"");
        assert_eq!(small.reply(false).status, 200, "an unknown length alone is no fault");
    });
}

#[test]
fn a_file_that_is_cut_off_leaves_nothing() {
    with_each_store("[files]\nuploads_per_user_max = 1\n", |server| {
        let mut wire = server.user("mei");
        let original = png(300, 300);
        let length = original.len().to_string();
        let answer = signed(&mut wire, IMAGE, "a.png");
        for (how, headers) in
            [("declared", ("Content-Length", &*length)), ("chunked", ("Transfer-Encoding", "chunked"))]
        {
            let mut half = Exchange::begin(server.addr, "PUT", &target(&answer, "upload_url"), &[headers]);
            if how == "chunked" {
                half.chunk(&original[..500])
            } else {
                half.send(&original[..500])
            }
            until("it is under way", || under_way(server) == 1);
            half.hang_up();
            until("it is given up", || under_way(server) == 0);
            assert_eq!(get(server, &target(&answer, "download_url")).status, 404, "{how}");
            must_be_empty(server);
        }
        assert_eq!(put_to(server, &answer, &original).status, 200, "the address is still good");
    });
}

#[test]
fn a_file_that_stands_still_is_given_up() {
    let server = Server::start("[files]\nupload_stalled_secs = 1\n");
    let answer = signed(&mut server.user("mei"), IMAGE, "a.png");
    let mut slow =
        Exchange::begin(server.addr, "PUT", &target(&answer, "upload_url"), &[("Content-Length", "1000")]);
    slow.send(&png(10, 10)[..50]);
    let reply = slow.reply(false);
    assert_eq!((reply.status, &*reply.text()), (400, r#"{"error":"the file was cut off"}"#));
    must_be_empty(&server);
}

#[test]
fn a_file_is_what_its_bytes_say() {
    with_each_store("", |server| {
        let mut wire = server.user("mei");
        let page = b"<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>";
        let picture = png(10, 10);
        let rows: [(u32, &str, &[u8], u16); 12] = [
            (IMAGE, "a.png", page, 415),
            (IMAGE, "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
            (IMAGE, "a.png", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", 415),
            (IMAGE, "a.png", b"", 400),
            (IMAGE, "a.png", b"\x89", 415),
            (IMAGE, "a.png", &picture[..picture.len() - 30], 422),
            (IMAGE, "a.png", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", 422),
            (IMAGE, "a.jpg", b"\xff\xd8\xff\xe0 not a picture at all", 422),
            (IMAGE, "a.png", &mp4(100), 415),
            (VIDEO, "a.mp4", &picture, 415),
            (VIDEO, "a.mp4", page, 415),
            (SOUND, "a.mp3", page, 415),
        ];
        for (kind, name, bytes, status) in rows {
            let answer = signed(&mut wire, kind, name);
            let lie = [("Content-Type", "image/png")];
            let reply = http::ask(server.addr, "PUT", &target(&answer, "upload_url"), &lie, bytes);
            assert_eq!(reply.status, status, "{name} {}", reply.text());
            assert!(reply.json()["error"].as_str().is_some_and(|why| !why.is_empty()));
            assert_eq!(get(server, &target(&answer, "download_url")).status, 404);
        }
        must_be_empty(server);
        // A large one of a false type hears why, too, although nobody waits for all of it.
        let answer = signed(&mut wire, IMAGE, "a.png");
        assert_eq!(put_to(server, &answer, &vec![b'<'; 3_000_000]).status, 415);
        // The name does not matter.
        put(server, &mut wire, IMAGE, "a.exe", &picture);
    });
}

#[test]
fn names_of_strangers_are_names_and_nothing_else() {
    with_each_store("", |server| {
        let mut wire = server.user("mei");
        let long = "长".repeat(5000);
        for (name, saved) in [
            ("../../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("a\0b.txt", "ab.txt"),
            ("a\r\nSet-Cookie: x=1\r\n.txt", "aSet-Cookie%3A%20x%3D1.txt"),
            ("价目表.pdf", "%E4%BB%B7%E7%9B%AE%E8%A1%A8.pdf"),
            ("\u{202e}fdp.exe", "fdp.exe"),
            ("\"; filename=\"evil.exe", "%22%3B%20filename%3D%22evil.exe"),
            ("", "file"),
            ("..", "file"),
            (&long, "%E9%95%BF"),
        ] {
            let answer = put(server, &mut wire, OTHER, name, name.as_bytes().get(..3).unwrap_or(b"abc"));
            let reply = get(server, &target(&answer, "download_url"));
            let header = reply.header("content-disposition").expect("it is saved, not shown");
            let (_, encoded) = header.split_once("filename*=UTF-8''").expect("a name");
            assert!(header.starts_with("attachment; filename=\"") && header.len() < 1000, "{header}");
            assert!(encoded.starts_with(saved) && (name == long || encoded == saved), "{name:?}: {header}");
            assert_eq!(reply.header("set-cookie"), None);
            let path = target(&answer, "download_url");
            assert!(path.len() == "/files/".len() + 32 + "/original".len(), "{path}");
        }
        // Addresses that were never given out.
        let good = target(&put(server, &mut wire, OTHER, "a", b"abc"), "download_url");
        let id = good.split('/').nth(2).unwrap();
        for path in [
            format!("/files/{id}/original.txt"),
            format!("/files/{id}/original."),
            format!("/files/{id}/thumb"),
            format!("/files/{id}/../hawker.db"),
            format!("/files/{id}/..%2f..%2fhawker.db"),
            format!("/files/{id}"),
            format!("/files/{}/original", id.to_uppercase()),
            "/files/../hawker.db".into(),
            "/files/%00/original".into(),
            format!("/files/{}/original", "0".repeat(32)),
            format!("/files/{}/original", "x".repeat(7000)),
        ] {
            let status = get(server, &path).status;
            assert!(
                status == 404 || (path.contains(&id.to_uppercase()) && status == 200 && id == id.to_uppercase()),
                "{path}: {status}"
            );
        }
        server.must_be_well();
    });
}

/// A PNG that says it is so large, with nothing behind it.
fn lying_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(10, 10);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_picture_that_would_fill_the_memory_is_refused() {
    let mut server = Server::start("");
    let mut wire = server.user("mei");
    let gif = |width: u16, height: u16| {
        let mut bytes = encoded(&DynamicImage::ImageRgba8(picture(10, 10).to_rgba8()), ImageFormat::Gif);
        bytes[6..8].copy_from_slice(&width.to_le_bytes());
        bytes[8..10].copy_from_slice(&height.to_le_bytes());
        bytes
    };
    let jpeg = |width: u16, height: u16| {
        let mut bytes = encoded(&picture(10, 10), ImageFormat::Jpeg);
        let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame");
        bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        bytes
    };
    // Eight thousand by six thousand pixels of one colour: honest, small, and 400 MB when decoded with 16 bits.
    let deep = DynamicImage::ImageRgba16(image::ImageBuffer::from_pixel(8000, 6000, image::Rgba([1u16, 2, 3, 4])));
    let rows = [
        ("png", lying_png(60_000, 60_000), &[413][..]),
        ("png", lying_png(u32::MAX, u32::MAX), &[413, 422]),
        ("png", lying_png(0, 0), &[422]),
        ("png", lying_png(16_000, 16_000), &[413]),
        ("gif", gif(65_535, 65_535), &[413]),
        ("gif", gif(16_000, 16_000), &[413]),
        ("jpg", jpeg(65_535, 65_535), &[413, 422]),
        ("jpg", jpeg(16_000, 16_000), &[413, 422]),
        ("png", encoded(&deep, ImageFormat::Png), &[413]),
    ];
    let before = server.memory();
    for (ending, bytes, statuses) in rows {
        let answer = signed(&mut wire, IMAGE, &format!("bomb.{ending}"));
        let reply = put_to(&server, &answer, &bytes);
        assert!(statuses.contains(&reply.status), "{ending} {}: {}", reply.status, reply.text());
        let grown = server.memory().saturating_sub(before);
        assert!(grown < 64 << 20, "{ending}: grown by {grown}");
        server.must_be_well();
    }
    must_be_empty(&server);
}

// Bounds.

#[test]
fn quotas_hold_before_the_address_and_at_the_file() {
    with_each_store("[files]\nuser_bytes_max = 5000\napp_bytes_max = 8000\n", |server| {
        let mut mei = server.user("mei");
        let mut lan = server.user("lan");
        let first = put(server, &mut mei, OTHER, "a", &[1; 4000]);
        let second = signed(&mut mei, OTHER, "b");
        let reply = put_to(server, &second, &[2; 1001]);
        assert_eq!((reply.status, reply.text().contains("5000 bytes")), (403, true), "{}", reply.text());
        // Without a length it is the same, only later.
        let mut chunked = Exchange::begin(
            server.addr,
            "PUT",
            &target(&second, "upload_url"),
            &[("Transfer-Encoding", "chunked")],
        );
        chunked.chunk(&[2; 900]);
        chunked.chunk(&[2; 101]);
        chunked.chunk(b"");
        assert_eq!(chunked.reply(false).status, 403);
        assert_eq!(put_to(server, &second, &[2; 1000]).status, 200, "what was refused takes up nothing");
        // What is there already may be sent again, whatever the quota says.
        assert_eq!(put_to(server, &first, &[1; 4000]).status, 200);

        let ask = json!({ "file_type": OTHER, "file_name": "c" });
        assert_eq!(mei.refused(SIGN, &ask), 60018);
        let app = signed(&mut lan, OTHER, "d");
        let reply = put_to(server, &app, &[3; 3001]);
        assert_eq!((reply.status, reply.text().contains("app")), (403, true), "{}", reply.text());
        assert_eq!(put_to(server, &app, &[3; 3000]).status, 200);
        assert_eq!(lan.refused(SIGN, &ask), 60018);

        // It is remembered.
        server.stop();
        server.start_again();
        assert_eq!(server.user("mei").refused(SIGN, &ask), 60018);
    });
}

#[test]
fn a_size_that_is_said_is_held_to() {
    let server = Server::start("[files]\nuser_bytes_max = 5000\n");
    let mut wire = server.user("mei");
    let sized = |bytes: u64| json!({ "file_type": OTHER, "file_name": "a", "file_size": bytes });
    assert_eq!(wire.refused(SIGN, &sized(5001)), 60018);
    let answer = wire.ok(SIGN, &sized(1000));
    assert_eq!(put_to(&server, &answer, &[1; 1001]).status, 413);
    assert_eq!(put_to(&server, &answer, &[1; 1000]).status, 200);
}

#[test]
fn a_day_has_its_own_quota() {
    let mut server = Server::start("[files]\nuser_bytes_per_day = 5000\n");
    put(&server, &mut server.user("mei"), OTHER, "a", &[1; 5000]);
    let ask = json!({ "file_type": OTHER, "file_name": "c" });
    assert_eq!(server.user("mei").refused(SIGN, &ask), 60018);
    server.stop();
    server.start_again();
    assert_eq!(server.user("mei").refused(SIGN, &ask), 60018);
    server.stop();
    age(&server, Duration::from_secs(24 * 3600));
    server.start_again();
    put(&server, &mut server.user("mei"), OTHER, "b", &[1; 5000]);
}

#[test]
fn addresses_are_given_out_at_a_bounded_rate() {
    let server = Server::start("[files]\nsignatures_per_minute = 3\n");
    let mut wire = server.user("mei");
    let ask = json!({ "file_type": 1, "file_name": "a.png" });
    let mut codes = Vec::new();
    // A minute may end in between, once.
    for _ in 0..7 {
        codes.push(wire.ask(SIGN, &ask)["ErrorCode"].as_i64().unwrap());
    }
    assert!(codes.contains(&60007) && codes.iter().filter(|code| **code == 0).count() <= 6, "{codes:?}");
    signed(&mut server.user("lan"), IMAGE, "a.png");
}

#[test]
fn only_so_many_files_come_in_at_once() {
    let server = Server::start("[files]\nuploads_max = 2\nuploads_per_user_max = 1\n");
    let (mut mei, mut lan, mut bo) = (server.user("mei"), server.user("lan"), server.user("bo"));
    let film = mp4(1000);
    let begin = |wire: &mut Wire| {
        let answer = signed(wire, VIDEO, "a.mp4");
        let mut half =
            Exchange::begin(server.addr, "PUT", &target(&answer, "upload_url"), &[("Content-Length", "1000")]);
        half.send(&film[..500]);
        half
    };
    let mut first = begin(&mut mei);
    until("it is under way", || under_way(&server) == 1);
    let another = signed(&mut mei, VIDEO, "b.mp4");
    let reply = put_to(&server, &another, &film);
    assert_eq!(reply.status, 429, "{}", reply.text());
    let mut second = begin(&mut lan);
    until("it is under way", || under_way(&server) == 2);
    let third = signed(&mut bo, VIDEO, "c.mp4");
    let reply = put_to(&server, &third, &film);
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{}", reply.text());
    for half in [&mut first, &mut second] {
        half.send(&film[500..]);
    }
    assert_eq!((first.reply(false).status, second.reply(false).status), (200, 200));
    assert_eq!(put_to(&server, &third, &film).status, 200);
    assert_eq!(put_to(&server, &another, &film).status, 200);
}

#[test]
fn only_so_many_pictures_are_looked_at_at_once() {
    let mut server =
        Server::start("[files]\ndecodes_max = 1\ndecodes_waiting_max = 1\nuploads_per_user_max = 20\n");
    let mut wire = server.user("mei");
    let slow = encoded(&RgbImage::from_pixel(6000, 5000, Rgb([7, 8, 9])).into(), ImageFormat::Png);
    let answers: Vec<_> = (0..8).map(|_| signed(&mut wire, IMAGE, "a.png")).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let puts = answers.iter().map(|answer| scope.spawn(|| put_to(&server, answer, &slow).status));
        puts.collect::<Vec<_>>().into_iter().map(|put| put.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&200) && statuses.contains(&503), "{statuses:?}");
    // Who was sent away may come again.
    for answer in answers {
        assert_eq!(put_to(&server, &answer, &slow).status, 200);
    }
    server.must_be_well();
}

// Time, and the end of it.

/// Makes all files older than they are, in a server that does not run.
fn age(server: &Server, by: Duration) {
    let aged = database(server).execute("UPDATE file SET made_at = made_at - ?1", [by.as_millis() as i64]);
    assert!(aged.expect("it can be changed") > 0);
}

#[test]
fn old_files_are_cleared_away_and_take_up_nothing() {
    let config = "[files]\nkeep_days = 7\nuser_bytes_max = 200000\nsweep_secs = 1\nsweep_files_max = 1\n";
    with_each_store(config, |server| {
        let mut wire = server.user("mei");
        let old = [1, 2].map(|_| put(server, &mut wire, IMAGE, "a.png", &png(100, 100)));
        server.stop();
        age(server, Duration::from_secs(7 * 24 * 3600 + 1));
        server.start_again();
        let mut wire = server.user("mei");
        let new = put(server, &mut wire, IMAGE, "b.png", &png(50, 50));
        for answer in &old {
            assert_eq!(
                get(server, &target(answer, "download_url")).status,
                404,
                "gone at once, cleared away or not"
            );
        }
        until("they are cleared away", || server.metric("hawker_files_expired_total") == 2);
        assert_eq!(rows(server), 1);
        assert_eq!(get(server, &target(&new, "download_url")).status, 200);
        put(server, &mut wire, OTHER, "c", &vec![0; 150_000]);
    });
}

#[test]
fn files_and_addresses_survive_a_restart() {
    with_each_store("", |server| {
        let mut wire = server.user("mei");
        let original = png(30, 30);
        let there = put(server, &mut wire, IMAGE, "a.png", &original);
        let open = signed(&mut wire, IMAGE, "b.png");
        server.kill();
        server.start_again();
        assert_eq!(get(server, &target(&there, "download_url")).body, original);
        assert_eq!(put_to(server, &there, &png(31, 30)).status, 409);
        assert_eq!(put_to(server, &open, &original).status, 200);
    });
}

#[test]
fn nothing_is_left_of_a_file_when_the_power_goes() {
    let mut server = Server::start("");
    let mut wire = server.user("mei");
    let original = png(300, 300);
    let answer = signed(&mut wire, IMAGE, "a.png");
    let length = original.len().to_string();
    let mut half =
        Exchange::begin(server.addr, "PUT", &target(&answer, "upload_url"), &[("Content-Length", &length)]);
    half.send(&original[..original.len() / 2]);
    until("it is under way", || under_way(&server) == 1);
    server.kill();
    server.start_again();
    assert_eq!(get(&server, &target(&answer, "download_url")).status, 404);
    must_be_empty(&server);

    // Cut between the bytes and the mark that they are all there.
    assert_eq!(put_to(&server, &answer, &original).status, 200);
    server.kill();
    database(&server).execute("UPDATE file SET stored = 0", []).unwrap();
    server.start_again();
    assert_eq!(get(&server, &target(&answer, "download_url")).status, 404);
    until("it is cleared away", || rows(&server) == 0);
    assert_eq!(put_to(&server, &answer, &original).status, 200, "the address is still good");
    assert_eq!(get(&server, &target(&answer, "download_url")).body, original);
}

#[test]
fn a_power_cut_at_any_moment_leaves_whole_files_or_none() {
    let mut server = Server::start("[files]\nsignatures_per_minute = 1000\n");
    let original = png(400, 400);
    for round in 0..12_u64 {
        let mut wire = server.user("mei");
        let answer = signed(&mut wire, IMAGE, "a.png");
        let length = original.len().to_string();
        let to = target(&answer, "upload_url");
        let mut put = Exchange::begin(server.addr, "PUT", &to, &[("Content-Length", &length)]);
        put.send(&original);
        // Another moment in each round: that is what is tested, not waited for.
        std::thread::sleep(Duration::from_millis(round * 4));
        server.kill();
        server.start_again();
        let urls = ["download_url", "large_url", "thumb_url"].map(|field| target(&answer, field));
        let statuses = urls.clone().map(|url| get(&server, &url).status);
        assert!(statuses == [200; 3] || statuses == [404; 3], "{statuses:?}");
        if statuses[0] == 200 {
            assert_eq!(get(&server, &urls[0]).body, original);
            assert_eq!(size(&get(&server, &urls[2]).body), (198, 198));
        }
    }
}

#[test]
fn a_failing_bucket_is_an_error_and_nothing_is_kept() {
    let store = Store::start();
    let mut server = Server::start(&format!("[files]\nsweep_secs = 1\n{}", store.config()));
    let mut wire = server.user("mei");
    let original = png(30, 30);
    let answer = signed(&mut wire, IMAGE, "a.png");
    store.fail(true);
    assert_eq!(put_to(&server, &answer, &original).status, 500);
    assert_eq!(get(&server, &target(&answer, "download_url")).status, 404);
    store.fail(false);
    until("what was begun is cleared away", || rows(&server) == 0);
    assert_eq!(put_to(&server, &answer, &original).status, 200);
    assert_eq!(store.names().len(), 3);
    assert!(store.names().iter().all(|name| name.starts_with("live/files/1400000001/")), "{:?}", store.names());
    store.fail(true);
    assert_eq!(get(&server, &target(&answer, "download_url")).status, 503);
    server.must_be_well();
}

#[test]
fn large_files_go_to_a_bucket_in_parts() {
    let store = Store::start();
    let server = Server::start(&store.config());
    let film = mp4(12_000_000);
    let answer = put(&server, &mut server.user("mei"), VIDEO, "a.mp4", &film);
    assert!(get(&server, &target(&answer, "download_url")).body == film);
    let parts = store.seen().iter().filter(|seen| seen.contains("partNumber")).count();
    assert_eq!(parts, 3);
}

#[test]
fn the_log_holds_no_secrets() {
    let store = Store::start();
    let server = Server::start(&store.config());
    let mut wire = server.user("mei");
    let answer = put(&server, &mut wire, IMAGE, "a.png", &png(30, 30));
    put_to(&server, &signed(&mut wire, IMAGE, "a.png"), b"no picture");
    http::ask(server.addr, "PUT", &target(&answer, "upload_url").replacen("max=", "max=1", 1), &[], b"x");
    store.fail(true);
    let failed = signed(&mut wire, IMAGE, "secret-name.png");
    assert_eq!(put_to(&server, &failed, &png(30, 30)).status, 500);
    let log = server.log();
    assert!(log.contains("a file could not be stored"), "{log}");
    let signature = target(&failed, "upload_url").rsplit_once("&sig=").unwrap().1.to_owned();
    let usersig = sig("mei");
    for secret in [
        support::s3::KEY_SECRET,
        support::s3::KEY_ID,
        SECRET,
        "&sig=",
        &signature,
        &usersig[..40],
        "AWS4",
        &wire.token,
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn administrators_rest_signature_is_no_upload_signature() {
    let server = Server::start("");
    let target = rest::target("../files/0/original", APP, ADMIN, &sig(ADMIN));
    assert_ne!(http::ask(server.addr, "PUT", &target, &[], b"x").status, 200);
    must_be_empty(&server);
}
