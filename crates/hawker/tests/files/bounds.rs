//! Bounds: quotas, rates, and how much at once.

use super::*;

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
