//! Time: files are cleared away, and outlive restarts, power cuts and failing buckets.

use super::*;

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
    server.database().execute("UPDATE file SET stored = 0", []).unwrap();
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
