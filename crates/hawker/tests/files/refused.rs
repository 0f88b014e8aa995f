//! What is not taken, and that nothing of it stays.

use super::*;

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
