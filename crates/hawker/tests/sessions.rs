//! Logins, and the sessions that outlive their sockets and the server.

mod support;

use serde_json::json;
use support::{APP, Ended, OTHER_APP, OTHER_SECRET, SECRET, Server, Wire, now_secs, sig, sig_with};

const ROOM: &str = "live_42";
const HELLO: &str = "im_open_status.wshello";

#[test]
fn a_login_answers_with_all_that_the_sdks_need() {
    let server = Server::start("[session]\nhello_secs = 20\n");
    let mut wire = Wire::open(server.addr);
    let answer = wire.login("mei");
    assert!(answer["TinyId"].as_str().unwrap().parse::<u64>().unwrap() > 0, "{answer}");
    assert_eq!((&answer["InstId"], &answer["HelloInterval"]), (&json!(1), &json!(20)));
    assert_eq!(answer["PurchaseBits"], "1".repeat(64));
    assert!((3590..=3600).contains(&answer["Expire"].as_u64().unwrap()), "{answer}");
    assert!(now_secs().abs_diff(answer["TimeStamp"].as_u64().unwrap()) < 100, "{answer}");
    let mut again = Wire::open_as(server.addr, APP, "binfo", "another");
    assert_eq!(again.login("mei")["TinyId"], answer["TinyId"], "the number of a user never changes");
}

#[test]
fn a_token_logs_in_again_on_a_new_socket_without_a_signature() {
    let server = Server::start("");
    let mut wire = server.user("mei");
    wire.cut();
    let answer = wire.come_back(server.addr, None);
    assert_eq!(answer["ErrorCode"], 0, "{answer}");
    wire.ok(HELLO, &json!({}));
}

#[test]
fn any_frame_with_a_token_is_enough_to_be_back() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let mut mei = server.member("mei", ROOM);
    mei.cut();
    // The SDKs send what was waiting first, before they log in again.
    let mut back = Wire::open(server.addr);
    back.token = mei.token.clone();
    back.user = "mei".into();
    back.say(ROOM, "back again");
    host.hear("back again");
    host.say(ROOM, "welcome");
    back.hear("welcome");
}

#[test]
fn a_token_survives_a_restart_and_a_power_cut() {
    let mut server = Server::start("");
    let mut wire = server.user("mei");
    server.stop();
    server.start_again();
    assert_eq!(wire.come_back(server.addr, None)["ErrorCode"], 0);
    server.kill();
    server.start_again();
    assert_eq!(wire.come_back(server.addr, None)["ErrorCode"], 0);
    wire.ok(HELLO, &json!({}));
}

#[test]
fn a_stopping_server_says_goodbye_with_1012() {
    let mut server = Server::start("");
    let mut wire = server.user("mei");
    server.stop();
    assert!(matches!(wire.end(), Ended::Closed(1012, _)));
}

#[test]
fn a_logout_ends_the_session_and_the_membership() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let mut mei = server.member("mei", ROOM);
    mei.ok("im_open_status.wslogout", &json!({ "wslogout_type": 0 }));
    let tip = host.wait_for(|item| item.op() == Some(2));
    assert_eq!(tip.json["MsgBody"]["List_Account"], json!(["mei"]));
    assert_eq!(mei.refused(HELLO, &json!({})), 70001, "the old token is void");
    mei.ok("im_open_status.wslogout", &json!({ "wslogout_type": 0 }));
    // The socket stays open and the same instance may log in again.
    mei.token.clear();
    mei.login("mei");
    assert_eq!(mei.say_refused(ROOM, "hello"), 10007);
}

#[test]
fn a_second_login_kicks_the_first_with_kind_1() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut first = server.member("mei", ROOM);
    let mut second = Wire::open_as(server.addr, APP, "binfo", "another");
    second.login("mei");
    assert_eq!(first.kicked(), 1);
    assert_eq!(first.refused(HELLO, &json!({})), 70001);
    // The kicked SDK logs out; that is answered, and must not take down the session that replaced it.
    first.ok("im_open_status.wslogout", &json!({ "wslogout_type": 1 }));
    second.ok(HELLO, &json!({}));
    second.join(ROOM);
    second.say(ROOM, "it is me");
}

#[test]
fn the_same_instance_may_log_in_again_without_being_kicked() {
    let server = Server::start("");
    let mut wire = server.user("mei");
    let old = wire.token.clone();
    wire.login("mei");
    assert_ne!(wire.token, old);
    wire.ok(HELLO, &json!({}));
    wire.barrier();
    assert!(wire.kicks.is_empty());
}

#[test]
fn a_second_tab_in_the_room_keeps_its_place_after_a_power_cut() {
    let mut server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let _first = server.member("mei", ROOM);
    // Still counted as a member from the first session, so nobody is told that it came: it is kept all the same.
    let mut second = Wire::open_as(server.addr, APP, "binfo", "another");
    second.login("mei");
    second.join(ROOM);
    server.kill();
    server.start_again();
    assert_eq!(second.come_back(server.addr, None)["ErrorCode"], 0);
    host.come_back(server.addr, None);
    host.say(ROOM, "still there?");
    second.hear("still there?");
}

#[test]
fn a_kick_over_rest_is_of_kind_3_and_voids_old_signatures() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let old_sig = sig_with(APP, SECRET, "mei", now_secs() - 60, 3600);
    let mut mei = Wire::open(server.addr);
    assert_eq!(mei.try_login("mei", &old_sig)["ErrorCode"], 0);
    mei.join(ROOM);
    server.rest_ok("im_open_login_svc/kick", &json!({ "UserID": "mei" }));
    assert_eq!(mei.kicked(), 3);
    assert_eq!(mei.refused(HELLO, &json!({})), 70001);
    host.wait_for(|item| item.op() == Some(2));
    let mut again = Wire::open(server.addr);
    assert_eq!(again.try_login("mei", &old_sig)["ErrorCode"], 70001, "an old signature is void");
    again.login("mei");
    let missing = server.rest("im_open_login_svc/kick", &json!({ "UserID": "nobody" }));
    assert_eq!(missing["ErrorCode"], 70107);
}

#[test]
fn old_signatures_stay_void_after_a_restart() {
    let mut server = Server::start("");
    let old_sig = sig_with(APP, SECRET, "mei", now_secs() - 60, 3600);
    server.rest_ok("im_open_login_svc/account_import", &json!({ "UserID": "mei" }));
    server.rest_ok("im_open_login_svc/kick", &json!({ "Identifier": "mei" }));
    server.kill();
    server.start_again();
    let mut mei = Wire::open(server.addr);
    assert_eq!(mei.try_login("mei", &old_sig)["ErrorCode"], 70001);
    mei.login("mei");
}

#[test]
fn a_signature_that_ends_while_online_is_told_with_the_next_command() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let mut mei = Wire::open(server.addr);
    // Some seconds: the first may be over before the signature arrives.
    assert_eq!(mei.try_login("mei", &sig_with(APP, SECRET, "mei", now_secs(), 4))["ErrorCode"], 0);
    mei.ok("group_open_http_svc.apply_join_group", &json!({ "GroupId": ROOM }));
    host.wait_for(|item| item.op() == Some(2) && item.json["MsgBody"]["List_Account"] == json!(["mei"]));
    assert_eq!(mei.refused(HELLO, &json!({})), 70001);
    assert_eq!(mei.come_back(server.addr, None)["ErrorCode"], 70001);
}

#[test]
fn apps_know_nothing_of_each_other() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let mut stranger = Wire::open_as(server.addr, OTHER_APP, "binfo", "i");
    let other_sig = sig_with(OTHER_APP, OTHER_SECRET, "host", now_secs(), 60);
    assert_eq!(stranger.try_login("host", &other_sig)["ErrorCode"], 0, "the same name in another app is free");
    let join = json!({ "GroupId": ROOM });
    assert_eq!(stranger.refused("group_open_http_svc.apply_join_group", &join), 10010, "rooms are not shared");
    let create = json!({ "Type": "AVChatRoom", "GroupId": ROOM, "Name": "Coffee" });
    stranger.ok("group_open_http_svc.create_group", &create);
    stranger.join(ROOM);
    stranger.say(ROOM, "coffee");
    host.say(ROOM, "tea");
    assert_eq!(stranger.wait_for(|item| item.event == 3).text(), Some("coffee"));
    assert_eq!(host.wait_for(|item| item.event == 3).text(), Some("tea"));
    assert!(host.heard().iter().chain(&stranger.heard()).all(|item| item.event != 3));
    // A token of one app means nothing in the other, nor does an administrator's signature.
    let mut thief = Wire::open_as(server.addr, OTHER_APP, "binfo", "i");
    thief.token = host.token.clone();
    assert_eq!(thief.refused(HELLO, &json!({})), 70001);
    assert!(host.kicks.is_empty());
    server.rest_ok("im_open_login_svc/kick", &json!({ "UserID": "host" }));
    assert_eq!(host.kicked(), 3);
    stranger.ok(HELLO, &json!({}));
    assert_eq!(stranger.try_login("host", &sig("host"))["ErrorCode"], 70014);
}

/// Coming back to [`ROOM`] having seen everything: what the server says of it.
fn status_for_one_who_saw_all(server: &Server, wire: &mut Wire, seen: u64) -> String {
    let answer = wire.come_back(server.addr, Some(&[(ROOM, seen)]));
    answer["Resume"][0]["Status"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_clean_restart_is_told_from_a_power_cut_when_somebody_resumes() {
    let mut server = Server::start("");
    server.open_room(ROOM, "host");
    let (mut host, mut mei) = (server.member("host", ROOM), server.member("mei", ROOM));
    host.say(ROOM, "before");
    let seen = mei.hear("before").seq();
    server.stop();
    server.start_again();
    assert_eq!(
        status_for_one_who_saw_all(&server, &mut mei, seen),
        "Resumed",
        "the server knows that this was all"
    );
    assert_eq!(host.come_back(server.addr, None)["ErrorCode"], 0);
    let seen = host.say(ROOM, "after");
    assert_eq!(mei.hear("after").seq(), seen);
    server.kill();
    server.start_again();
    assert_eq!(status_for_one_who_saw_all(&server, &mut mei, seen), "GapTooLarge", "nobody can know that it was");
}

#[test]
fn asking_for_the_profile_before_the_login_does_not_spoil_the_resume() {
    let server = Server::start(
        "[room]\nmessages_per_second = 1000\nmessages_per_second_per_user = 1000\n\
         [connection]\nrequests_per_second = 1000\n",
    );
    server.open_room(ROOM, "host");
    let (mut host, mut mei) = (server.member("host", ROOM), server.member("mei", ROOM));
    let seen = {
        host.say(ROOM, "0");
        mei.hear("0").seq()
    };
    mei.cut();
    // More than a client that does not say what it saw would be told again.
    let missed: Vec<_> = (1..=150).map(|n| host.say(ROOM, &n.to_string())).collect();
    let mut back = Wire::open(server.addr);
    (back.token, back.user) = (mei.token.clone(), "mei".into());
    back.profile(ROOM);
    let login = json!({ "State": "Online", "InstType": 0, "Resume": [{ "GroupId": ROOM, "MsgSeq": seen }] });
    assert_eq!(back.ok("im_open_status.wslogin", &login)["Resume"][0]["Status"], "Resumed");
    let mut heard = Vec::new();
    back.wait_for(|item| {
        heard.extend(item.text().map(|_| item.seq()));
        item.text() == Some("150")
    });
    assert_eq!(heard, missed, "all of them, in order, once each");
}

#[test]
fn a_connection_that_served_http_before_can_become_a_socket() {
    use std::io::{Read, Write};
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut stream = std::net::TcpStream::connect(server.addr).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok\n") {
        let mut bytes = [0; 512];
        let read = stream.read(&mut bytes).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&bytes[..read]);
    }
    // Proxies that keep connections open ask like this.
    let mut wire = Wire::upgrade(stream, APP, "binfo", "behind-a-proxy");
    wire.login("mei");
    wire.join(ROOM);
    let mut host = server.member("host", ROOM);
    host.say(ROOM, "hello");
    wire.hear("hello");
}
