//! Live video end to end: ffmpeg pushes, and what comes out is compared with what went in.

#[path = "../support/mod.rs"]
mod support;

mod film;

use film::{Film, Pull, RATE, ROOM, Show, Tag, frames, probed, pull_in_websocket};
use hawker_media::access;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use support::{DEADLINE, now_secs, rest, until};

/// Headers come first, then a key frame, and from there on everything that was pushed, at its time.
fn must_be_the_end_of(film: &Film, got: &[Tag]) {
    let first = got.iter().position(|tag| !tag.is_header()).expect("frames");
    let kinds: Vec<u8> = got[..first].iter().map(|tag| tag.kind).collect();
    assert_eq!(kinds, [18, 9, 8], "what is said of the stream, and both headers");
    assert!(got[first].is_key());
    for kind in [8, 9] {
        let of = |tags: &[Tag]| -> Vec<Tag> {
            tags.iter().filter(|tag| tag.kind == kind && !tag.is_header()).cloned().collect()
        };
        let (pushed, got) = (of(&film.tags), of(&got[first..]));
        assert!(got.len() >= pushed.len() / 2, "{} of {} of kind {kind}", got.len(), pushed.len());
        assert!(pushed[pushed.len() - got.len()..] == got[..], "not what was pushed, of kind {kind}");
    }
}

#[test]
fn what_is_pushed_is_what_all_viewers_get() {
    let film = Film::of_secs(9);
    let show = Show::new("");
    let missing = Pull::open(show.server.addr, "/live/tea.flv").0;
    assert_eq!(missing, 404, "before the stream there is nothing to wait for");
    assert_eq!(rest::get(show.server.addr, "/live/tea.m3u8").0, 404);
    let encoder = film.push(&show.address());
    until("it is live", || show.is_live());

    let flv = Pull::of(&show);
    let flv = thread::spawn(|| flv.rest());
    let addr = show.server.addr;
    let websocket = thread::spawn(move || pull_in_websocket(addr, "/live/tea.flv"));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.flv");
    let from = format!("{}/live/{ROOM}", show.server.rtmp);
    let pulled = Command::new("ffmpeg").args(["-v", "error", "-i", &from, "-c", "copy"]).arg(&copy).spawn();

    let stream = show.stream();
    assert_eq!(stream["Video"], json!({ "Codec": "H264", "Width": 320, "Height": 180 }));
    assert_eq!(stream["Audio"], json!({ "Codec": "AAC" }));
    assert_eq!(stream["Urls"], json!({ "Flv": "/live/tea.flv", "Hls": "/live/tea.m3u8" }));

    // Two segments: every picture of four seconds, each at its time.
    let mut list = String::new();
    until("two segments", || {
        list = rest::get(addr, "/live/tea.m3u8").1;
        list.matches(".m4s").count() >= 2
    });
    assert!(list.contains("#EXT-X-TARGETDURATION:2\n") && list.contains("#EXT-X-INDEPENDENT-SEGMENTS"), "{list}");
    let named = list.lines().filter_map(|line| line.split('"').nth(1).or(line.ends_with(".m4s").then_some(line)));
    let parts: Vec<Vec<u8>> = named.take(3).map(|name| file(addr, &format!("/live/{name}"))).collect();
    let segments = folder.path().join("segments.mp4");
    std::fs::write(&segments, parts.concat()).unwrap();
    let (pictures, sounds, begins, ends) = probed(&segments);
    assert_eq!(pictures, 4 * RATE);
    assert!((4 * 43 - 2..=4 * 43 + 2).contains(&sounds), "{sounds} sounds of 23 ms in four seconds");
    assert!((ends - begins - 3.96).abs() < 0.001, "from {begins} to {ends}");
    assert_eq!(rest::get(addr, "/live/tea/0-0.m4s").0, 404);
    assert_eq!(rest::get(addr, "/live/tea/nothing").0, 404);

    let push = show.server.rest_ok("live_media/get_push", &json!({ "GroupId": ROOM }));
    assert_eq!(push["State"], "live");
    assert_eq!(push["Viewers"], 3);
    assert!(push["BitrateKbps"].as_u64().unwrap() > 20, "{push}");

    assert!(encoder.end().status.success());
    must_be_the_end_of(&film, &flv.join().unwrap());
    must_be_the_end_of(&film, &frames(&websocket.join().unwrap()));
    assert!(pulled.unwrap().wait().unwrap().success());
    let (copied, _, _, _) = probed(&copy);
    assert!(copied >= 9 * RATE - 2 * RATE, "{copied} pictures over RTMP");
    until("nobody watches", || show.server.metric("hawker_live_viewers") == 0);
    assert!(!show.is_live());
    assert_eq!(rest::get(addr, "/live/tea.m3u8").0, 404);
}

/// A file as bytes.
fn file(addr: std::net::SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: hawker\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.0 200"), "{path}: {}", answer.escape_ascii());
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    answer.split_off(head + 4)
}

#[test]
fn a_late_viewer_begins_with_a_key_frame_and_one_who_never_reads_hurts_nobody() {
    let film = Film::of_secs(8);
    let show = Show::new("");
    let encoder = film.push(&show.address());
    until("it is live", || show.is_live());
    let mut deaf = TcpStream::connect(show.server.addr).unwrap();
    deaf.write_all(b"GET /live/tea.flv HTTP/1.1\r\nHost: hawker\r\n\r\n").unwrap();
    let mut early = Pull::of(&show);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|tag: &Tag| tag.at < 2500) {
        seen.extend(early.next());
    }
    let mut late = Pull::of(&show);
    let begins: Vec<Tag> = (0..4).map(|_| late.next().unwrap()).collect();
    assert_eq!(begins.iter().map(|tag| tag.kind).collect::<Vec<_>>(), [18, 9, 8, 9]);
    assert!(begins[1].is_header() && begins[2].is_header() && begins[3].is_key());
    assert!((2000..4500).contains(&begins[3].at) && begins[3].at.is_multiple_of(1000), "{}", begins[3].at);
    assert!(begins.iter().all(|tag| tag.at == begins[3].at), "headers have the time of what follows");
    let got = [seen, early.rest()].concat();
    must_be_the_end_of(&film, &got);
    assert!(encoder.end().status.success());
    drop(deaf);
}

#[test]
fn who_may_not_push_is_told_why() {
    let film = Film::of_secs(20);
    let mut show = Show::new("");
    let key = show.push["Key"].as_str().unwrap().split_once("key=").unwrap().1.to_owned();
    assert_eq!(key.len(), 32);
    let denied = "the key is wrong or has ended";
    film.push(&show.address_with("key=wrong")).must_be_refused(denied);
    film.push(&show.address_with("")).must_be_refused(denied);
    let expired = access::sign(&key, ROOM, now_secs() - 1);
    film.push(&show.address_with(&expired)).must_be_refused(denied);
    let of_another = access::sign(&key, "coffee", now_secs() + 100);
    film.push(&show.address_with(&of_another)).must_be_refused(denied);
    film.push(&format!("{}/live/coffee?key={key}", show.server.rtmp)).must_be_refused(denied);
    film.push(&format!("{}/other/tea?key={key}", show.server.rtmp)).must_be_refused("no such room");
    assert!(!show.is_live());

    // A signed address is as good as the key; the second encoder has to wait.
    let first = film.push(&show.address_with(&access::sign(&key, ROOM, now_secs() + 100)));
    until("it is live", || show.is_live());
    film.push(&show.address()).must_be_refused("somebody else is publishing");
    assert!(show.is_live());

    // A new key cuts the stream, and the old one is of no use any more.
    let renewed = show.server.rest_ok("live_media/renew_key", &json!({ "GroupId": ROOM }));
    assert_ne!(renewed["Key"], show.push["Key"]);
    assert!(!first.end().status.success());
    until("it is off", || !show.is_live());
    film.push(&show.address()).must_be_refused(denied);
    show.push = renewed;
    let second = film.push(&show.address());
    until("it is live again", || show.is_live());
    second.kill();
    assert_eq!(show.server.metric("hawker_live_pushes_refused_total"), 8);
    show.server.must_be_well();
}

#[test]
fn an_encoder_that_falls_silent_gives_way_and_a_room_that_is_gone_has_no_stream() {
    let film = Film::of_secs(60);
    let show = Show::new("");
    let silent = film.push(&show.address());
    until("it is live", || show.is_live());
    silent.pause();
    let since = show.stream()["Since"].clone();
    // Refused until the first was silent for long enough.
    let mut next = film.push(&show.address());
    until("another one took over", || {
        if next.has_ended() {
            next = film.push(&show.address());
        }
        show.is_live() && show.stream()["Since"] != since
    });
    show.server.rest_ok("group_open_http_svc/destroy_group", &json!({ "GroupId": ROOM }));
    assert!(!next.end().status.success());
    until("it is off", || show.server.metric("hawker_live_streams") == 0);
    // Whoever opens a room of that name has nothing to do with the keys of before.
    show.server.open_room(ROOM, "bob");
    film.push(&show.address()).must_be_refused("the key is wrong or has ended");
}

#[test]
fn only_who_runs_the_show_sees_the_key() {
    let show = Show::new("");
    let ask = |user: &str, command: &str, room: &str| -> Value {
        show.server.user(user).ask(&format!("live_media.{command}"), &json!({ "GroupId": room }))
    };
    assert_eq!(ask("mei", "get_push", ROOM)["Key"], show.push["Key"]);
    assert_eq!(ask("bob", "get_push", ROOM)["ErrorCode"], 10007);
    assert_eq!(ask("bob", "renew_key", ROOM)["ErrorCode"], 10007);
    assert_eq!(ask("bob", "get_stream", ROOM)["State"], "off");
    assert_eq!(ask("bob", "get_stream", ROOM)["Video"], Value::Null);
    assert_eq!(ask("mei", "get_stream", "coffee")["ErrorCode"], 10010);
    assert_eq!(ask("mei", "get_lost", ROOM)["ErrorCode"], 10003);
    assert_ne!(ask("mei", "renew_key", ROOM)["Key"], show.push["Key"]);
}

#[test]
fn the_room_hears_of_its_stream_and_of_an_encoder_that_dies() {
    let film = Film::of_secs(60);
    let mut show = Show::new("");
    let mut viewer = show.server.member("bob", ROOM);
    let encoder = film.push(&show.address());
    let mut hears = |field: &str, part: &str| {
        viewer.wait_for(|item| {
            let json = item.json.to_string();
            json.contains(field) && json.contains(part)
        });
    };
    hears("live_stream", r#"\"live\""#);
    hears("room_status", r#""live""#);
    assert_eq!(show.field("room_status").as_deref(), Some("live"));
    encoder.kill();
    hears("live_stream", r#"\"off\""#);
    assert_eq!(show.field("room_status").as_deref(), Some("live"), "he may be back in a moment");
    hears("room_status", r#""paused""#);

    // He is back; then the server dies, and the room is not left with a stream that is none.
    let encoder = film.push(&show.address());
    until("the show goes on", || show.field("room_status").as_deref() == Some("live"));
    show.server.kill();
    drop(encoder);
    show.server.start_again();
    until("no stream", || show.field("live_stream").is_some_and(|state| state.contains("off")));
}

#[test]
fn where_only_signed_addresses_play_the_server_gives_them_out() {
    let film = Film::of_secs(20);
    let show = Show::new("[media]\nplay_needs_signature = true\n");
    let _encoder = film.push(&show.address());
    until("it is live", || show.is_live());
    let addr = show.server.addr;
    assert_eq!(Pull::open(addr, "/live/tea.flv").0, 403);
    assert_eq!(rest::get(addr, "/live/tea.m3u8").0, 403);
    let play_key = show.push["PlayKey"].as_str().unwrap();
    let expired = access::sign(play_key, ROOM, now_secs() - 1);
    assert_eq!(Pull::open(addr, &format!("/live/tea.flv?{expired}")).0, 403);
    let good = access::sign(play_key, ROOM, now_secs() + 100);
    assert_eq!(Pull::open(addr, &format!("/live/tea.flv?{good}")).0, 200);
    let urls = show.stream()["Urls"].clone();
    assert_eq!(Pull::open(addr, urls["Flv"].as_str().unwrap()).0, 200);
    let (status, list) = rest::get(addr, urls["Hls"].as_str().unwrap());
    assert_eq!(status, 200);
    let segment = list.lines().find(|line| line.contains(".m4s?txSecret=")).expect("a signed segment");
    assert!(!file(addr, &format!("/live/{segment}")).is_empty());
    let plain = segment.split('?').next().unwrap();
    assert_eq!(rest::get(addr, &format!("/live/{plain}")).0, 403);
}

#[test]
fn what_is_no_rtmp_is_dropped() {
    let mut show = Show::new("");
    let addr = show.server.rtmp.trim_start_matches("rtmp://").to_owned();
    let hello = [&[3][..], &[0; 2 * 1536]].concat();
    for bytes in [b"GET / HTTP/1.1\r\n\r\n".to_vec(), [&hello[..], &[0xC7; 2000]].concat(), vec![0xFF; 5000]] {
        let mut socket = TcpStream::connect(&addr).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        // The server may be gone before all of it was sent.
        let _ = socket.write_all(&bytes);
        let _ = socket.read_to_end(&mut Vec::new());
    }
    show.server.must_be_well();
}
