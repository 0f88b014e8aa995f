//! What works: every kind is put, kept and read as what it is.

use super::*;

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
