//! What bad input gets: the documented code, or a close with a reason; and nobody else notices.
//!
//! Each test has a healthy member in a room, which must hear all that is said there while somebody misbehaves.

mod support;

use serde_json::{Value, json};
use support::{
    ADMIN, APP, Ended, OTHER_APP, OTHER_SECRET, SECRET, Server, Wire, now_secs, rest, sig, sig_with, wire::masked,
};

const ROOM: &str = "live_42";
const SEND: &str = "group_open_http_svc.send_group_msg";

/// A room with its host, and a healthy member that hears what the host says.
struct Show {
    server: Server,
    host: Wire,
    healthy: Wire,
    said: u32,
}

impl Show {
    fn start(config: &str) -> Self {
        let server = Server::start(config);
        server.open_room(ROOM, "host");
        let host = server.member("host", ROOM);
        let healthy = server.member("healthy", ROOM);
        Self { server, host, healthy, said: 0 }
    }

    /// The healthy member still hears the host, and the server is well.
    fn goes_on(&mut self) {
        self.said += 1;
        let text = format!("still here {}", self.said);
        self.host.say(ROOM, &text);
        self.healthy.hear(&text);
        self.server.must_be_well();
    }
}

fn closed_with(wire: &mut Wire) -> u16 {
    match wire.end() {
        Ended::Closed(code, reason) => {
            assert!(!reason.is_empty(), "a close says why");
            code
        }
        Ended::Gone => panic!("closed without a word"),
    }
}

fn elements(kind: &str, content: Value) -> Value {
    json!([{ "MsgType": kind, "MsgContent": content }])
}

#[test]
fn frames_that_break_the_protocol_are_closed_with_1002() {
    let mut show = Show::start("");
    let unmasked = [0x82, 2, b'{', b'}'];
    for (name, bytes) in [
        ("first reserved bit", masked(0xc2, b"{}")),
        ("second reserved bit", masked(0xa2, b"{}")),
        ("third reserved bit", masked(0x92, b"{}")),
        ("unmasked", unmasked.to_vec()),
        ("unknown data frame", masked(0x83, b"{}")),
        ("unknown control frame", masked(0x8b, b"{}")),
        ("ping in parts", masked(0x09, b"x")),
        ("long ping", masked(0x89, &[b'x'; 126])),
        ("going on with nothing", masked(0x80, b"{}")),
        ("a new message inside another", [masked(0x02, b"{"), masked(0x82, b"{}")].concat()),
    ] {
        let mut wire = show.server.member("rude", ROOM);
        let _ = wire.write(&bytes);
        assert_eq!(closed_with(&mut wire), 1002, "{name}");
        show.goes_on();
    }
    assert_eq!(show.server.metric("hawker_protocol_violations_total"), 10);
}

#[test]
fn text_and_binary_frames_both_carry_requests() {
    let mut show = Show::start("");
    for path in ["binfo", "info"] {
        let mut wire = Wire::open_as(show.server.addr, APP, path, "i");
        for first in [0x81, 0x82] {
            let head = wire.head("heartbeat.alive");
            let request = json!({ "head": head, "body": {} });
            wire.frame(first, request.to_string().as_bytes()).unwrap();
            assert_eq!(wire.any_reply()["body"]["ErrorCode"], 0, "{path} {first:x}");
        }
    }
    show.goes_on();
}

#[test]
fn a_request_may_come_in_parts_with_a_ping_between_them() {
    let mut show = Show::start("");
    let mut wire = Wire::open(show.server.addr);
    let head = wire.head("heartbeat.alive");
    let request = json!({ "head": head, "body": {} }).to_string();
    let (first, second) = request.as_bytes().split_at(20);
    wire.frame(0x02, first).unwrap();
    wire.frame(0x89, b"there?").unwrap();
    wire.frame(0x80, second).unwrap();
    assert_eq!(wire.any_reply()["body"]["ErrorCode"], 0);
    show.goes_on();
}

#[test]
fn malformed_json_is_answered_with_60003_and_the_connection_goes_on() {
    let mut show = Show::start("");
    let mut rude = show.server.member("rude", ROOM);
    for text in ["", "{", "nonsense", "[]", "null", "{}", r#"{"head":{}}"#, r#"{"head":{"servcmd":7}}"#] {
        rude.frame(0x82, text.as_bytes()).unwrap();
        let reply = rude.any_reply();
        assert_eq!((&reply["body"]["ErrorCode"], &reply["head"]["seq"]), (&json!(60003), &json!(0)), "{text}");
        rude.barrier();
    }
    // As deep as a frame can hold: no parser may follow it down.
    rude.frame(0x82, &[b'['; 60_000]).unwrap();
    assert_eq!(rude.any_reply()["body"]["ErrorCode"], 60003);
    let head = rude.head(SEND);
    let deep = format!(r#"{{"head":{head},"body":{}{}}}"#, "[".repeat(25_000), "]".repeat(25_000));
    rude.frame(0x82, deep.as_bytes()).unwrap();
    assert_ne!(rude.any_reply()["body"]["ErrorCode"], 0);
    show.goes_on();
}

#[test]
fn text_that_is_not_utf8_is_closed_with_1007() {
    let mut show = Show::start("");
    for first in [0x81, 0x82] {
        let mut wire = show.server.member("rude", ROOM);
        wire.frame(first, b"{\"head\":{\"servcmd\":\"\xff\xfe\"}}").unwrap();
        assert_eq!(closed_with(&mut wire), 1007);
        show.goes_on();
    }
    let target = rest::target("group_open_http_svc/get_group_info", APP, ADMIN, &sig(ADMIN));
    let (_, answer) = rest::post(show.server.addr, &target, b"{\"GroupIdList\":[\"\xff\"]}");
    assert!(answer.contains("60003"), "{answer}");
}

#[test]
fn unknown_commands_get_what_the_sdks_can_bear() {
    let mut show = Show::start("");
    let mut rude = show.server.member("rude", ROOM);
    for command in
        ["openim_future.dance", "imopenstat.tim_web_report_v2", "no_dot_at_all", "recentcontact.pin", "."]
    {
        assert_eq!(rude.ask(command, &json!({}))["ErrorCode"], 0, "{command}");
    }
    for command in ["group_open_http_svc.dance", "million_group_open_http_svc.dance", "group_open_attr_http_svc.x"]
    {
        assert_eq!(rude.refused(command, &json!({ "GroupId": ROOM })), 10003, "{command}");
    }
    for command in ["group_open_http_svc/dance", "openim/dance", "no_service/dance", "im_open_status/wslogin"] {
        assert_eq!(show.server.rest(command, &json!({}))["ErrorCode"], 60009, "{command}");
    }
    assert_eq!(
        rude.refused("openim.modify_c2c_msg", &json!({})),
        90009,
        "what is not offered is not lost in silence"
    );
    show.goes_on();
}

#[test]
fn missing_and_mistyped_fields_are_refused_by_name() {
    let mut show = Show::start("");
    let mut rude = show.server.member("rude", ROOM);
    let text = elements("TIMTextElem", json!({ "Text": "x" }));
    for (command, body, code) in [
        ("group_open_http_svc.create_group", json!({}), 10004),
        ("group_open_http_svc.create_group", json!({ "Type": "AVChatRoom", "Name": 7 }), 10004),
        ("group_open_http_svc.create_group", json!({ "Type": "AVChatRoom", "Name": "" }), 10004),
        ("group_open_http_svc.create_group", json!({ "Type": "Public", "Name": "n" }), 10007),
        (
            "group_open_http_svc.create_group",
            json!({ "Type": "AVChatRoom", "Name": "n", "GroupId": "@TGS#x" }),
            10015,
        ),
        (
            "group_open_http_svc.create_group",
            json!({ "Type": "AVChatRoom", "Name": "n", "GroupId": "\u{7f}" }),
            10015,
        ),
        ("group_open_http_svc.apply_join_group", json!({}), 10004),
        ("group_open_http_svc.apply_join_group", json!({ "GroupId": 42 }), 10004),
        ("group_open_http_svc.apply_join_group", json!({ "GroupId": "x".repeat(49) }), 10015),
        ("group_open_http_svc.apply_join_group", json!({ "GroupId": "" }), 10015),
        ("group_open_http_svc.get_group_self_member_info", json!({ "GroupIdList": ROOM }), 10004),
        (SEND, json!({ "GroupId": ROOM }), 10004),
        (SEND, json!({ "GroupId": ROOM, "Random": -1, "MsgBody": text }), 10004),
        (SEND, json!({ "GroupId": ROOM, "Random": 1, "MsgBody": {} }), 10004),
        (SEND, json!({ "GroupId": ROOM, "Random": 1, "MsgBody": [] }), 10004),
        (SEND, json!({ "GroupId": ROOM, "Random": 1, "MsgBody": elements("TIMDanceElem", json!({})) }), 10004),
        (SEND, json!({ "GroupId": ROOM, "Random": 1, "MsgBody": elements("TIMTextElem", json!({})) }), 10004),
        (
            SEND,
            json!({ "GroupId": ROOM, "Random": 1, "MsgBody": elements("TIMTextElem", json!({ "Text": 1 })) }),
            10004,
        ),
        (SEND, json!({ "GroupId": ROOM, "Random": 1, "MsgBody": elements("TIMImageElem", json!("x")) }), 10004),
        (SEND, json!({ "GroupId": ROOM, "Random": 1, "MsgPriority": "Urgent", "MsgBody": text }), 10004),
        (
            "group_open_http_svc.forbid_send_msg",
            json!({ "GroupId": ROOM, "Members_Account": "a", "MuteTime": 1 }),
            10004,
        ),
        ("group_open_http_svc.modify_group_member_info", json!({ "GroupId": ROOM, "Member_Account": "a" }), 10004),
        ("group_open_http_svc.ban_group_member", json!({ "GroupId": ROOM, "Members_Account": ["a"] }), 10004),
        ("profile.portrait_set", json!({ "ProfileItem": [{ "Tag": "Tag_Profile_IM_Nick" }] }), 40001),
        ("profile.portrait_set", json!({ "ProfileItem": [{ "Tag": "Nick", "Value": "x" }] }), 40009),
        (
            "profile.portrait_set",
            json!({ "ProfileItem": [{ "Tag": "Tag_Profile_IM_Level", "Value": "x" }] }),
            40610,
        ),
        ("im_open_status.wslogin", json!({ "Resume": "all" }), 70402),
        ("group_open_long_polling_http_svc.get_msg", json!({ "StartSeq": 1 }), 10004),
    ] {
        assert_eq!(rude.refused(command, &body), code, "{command} {body}");
    }
    let answer = rude.ask("group_open_http_svc.apply_join_group", &json!({ "GroupId": 42 }));
    assert!(answer["ErrorInfo"].as_str().unwrap().contains("GroupId"), "the field is named: {answer}");
    show.goes_on();
}

#[test]
fn over_http_bad_json_is_60003_and_bad_credentials_have_their_codes() {
    let mut show = Show::start("");
    let addr = show.server.addr;
    let command = "group_open_http_svc/get_group_info";
    let body = br#"{"GroupIdList":["live_42"]}"#;
    let code = |target: &str, body: &[u8]| {
        let (status, answer) = rest::post(addr, target, body);
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str::<Value>(&answer).expect("JSON")["ErrorCode"].as_i64().expect("a number")
    };
    let good = rest::target(command, APP, ADMIN, &sig(ADMIN));
    assert_eq!(code(&good, body), 0);
    for bad in [&b"{"[..], b"", b"nonsense"] {
        assert_eq!(code(&good, bad), 60003, "{bad:?}");
    }
    assert_eq!(code(&good, b"{}"), 10004);
    let with = |app, user: &str, sig: &str| rest::target(command, app, user, sig);
    for (target, want) in [
        (format!("/v4/{command}"), 60012),
        (format!("/v4/{command}?sdkappid=shop"), 60006),
        (with(7, ADMIN, &sig(ADMIN)), 60006),
        (with(APP, ADMIN, ""), 70002),
        (with(APP, ADMIN, "nonsense"), 70003),
        (with(APP, "host", &sig(ADMIN)), 70013),
        (with(OTHER_APP, ADMIN, &sig(ADMIN)), 70014),
        (with(APP, ADMIN, &sig_with(APP, OTHER_SECRET, ADMIN, now_secs(), 60)), 70009),
        (with(APP, ADMIN, &sig_with(APP, SECRET, ADMIN, now_secs() - 100, 60)), 70001),
        (with(APP, "host", &sig("host")), 60010),
        (good.replace("contenttype=json", "contenttype=xml"), 60025),
    ] {
        assert_eq!(code(&target, body), want, "{target}");
    }
    show.goes_on();
}

#[test]
fn oversize_frames_are_closed_with_1009_at_64_kib_by_default() {
    let mut show = Show::start("");
    let mut big = show.server.member("big", ROOM);
    // The largest that may be: it is read and refused as a message, not as a frame.
    big.frame(0x82, &vec![b' '; 65_536]).unwrap();
    assert_eq!(big.any_reply()["body"]["ErrorCode"], 60003);
    let _ = big.frame(0x82, &vec![b' '; 65_537]);
    assert_eq!(closed_with(&mut big), 1009);
    show.goes_on();
    let mut parts = show.server.member("parts", ROOM);
    for first in [0x02, 0x00, 0x00] {
        let _ = parts.frame(first, &vec![b' '; 30_000]);
    }
    assert_eq!(closed_with(&mut parts), 1009, "the limit holds for the whole message");
    show.goes_on();
    let mut liar = show.server.member("liar", ROOM);
    liar.write(&[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).unwrap();
    assert_eq!(closed_with(&mut liar), 1009, "a length alone is enough");
    show.goes_on();
}

#[test]
fn the_frame_limit_can_be_configured() {
    let mut show = Show::start("[connection]\nframe_bytes_max = 2048\n");
    let mut big = show.server.member("big", ROOM);
    big.say(ROOM, &"x".repeat(1000));
    let _ = big.frame(0x82, &[b' '; 2049]);
    assert_eq!(closed_with(&mut big), 1009);
    show.goes_on();
}

#[test]
fn texts_over_12_kb_are_refused_with_80002() {
    let mut show = Show::start("");
    let mut big = show.server.member("big", ROOM);
    big.say(ROOM, &"x".repeat(12 * 1024 - 100));
    assert_eq!(big.say_refused(ROOM, &"x".repeat(12 * 1024)), 80002);
    let mut cloud = big.text(ROOM, "short");
    cloud["CloudCustomData"] = "x".repeat(12 * 1024).into();
    assert_eq!(big.refused(SEND, &cloud), 80002, "the data beside the elements counts too");
    show.healthy.wait_for(|item| item.text().is_some_and(|text| text.len() > 12_000));
    show.goes_on();
}

#[test]
fn too_many_elements_are_refused() {
    let mut show = Show::start("");
    let mut big = show.server.member("big", ROOM);
    let one = json!({ "MsgType": "TIMTextElem", "MsgContent": { "Text": "x" } });
    let message = big.message(ROOM, "Normal", &vec![one; 21].into());
    assert_eq!(big.refused(SEND, &message), 10004);
    show.goes_on();
}

#[test]
fn over_long_names_texts_and_fields_are_refused_and_change_nothing() {
    let mut show = Show::start("");
    let change = |field: &str, bytes: usize| json!({ "GroupId": ROOM, (field): "x".repeat(bytes) });
    let custom = |key: &str, bytes: usize| json!({ "GroupId": ROOM, "AppDefinedData": [{ "Key": key, "Value": "x".repeat(bytes) }] });
    let modify = "group_open_http_svc.modify_group_base_info";
    let before = show.host.profile(ROOM);
    for body in [
        change("Name", 31),
        change("Introduction", 241),
        change("Notification", 301),
        change("FaceUrl", 101),
        custom("add_goods", 513),
        custom(&"k".repeat(17), 1),
        custom("9lives", 1),
        custom("with space", 1),
        json!({ "GroupId": ROOM, "MuteAllMember": "Maybe" }),
        // One bad change spoils all of a call.
        json!({ "GroupId": ROOM, "Name": "good", "Notification": "x".repeat(301) }),
    ] {
        assert_eq!(show.host.refused(modify, &body), 10004, "{body}");
    }
    assert_eq!(show.host.profile(ROOM), before);
    for body in [
        change("Name", 30),
        change("Introduction", 240),
        change("Notification", 300),
        change("FaceUrl", 100),
        custom("add_goods", 512),
        custom(&"k".repeat(16), 1),
    ] {
        show.host.ok(modify, &body);
    }
    let create = json!({ "Type": "AVChatRoom", "Name": "x".repeat(31) });
    assert_eq!(show.host.refused("group_open_http_svc.create_group", &create), 10004);
    let nick = json!({ "ProfileItem": [{ "Tag": "Tag_Profile_IM_Nick", "Value": "x".repeat(501) }] });
    assert_eq!(show.host.refused("profile.portrait_set", &nick), 40601);
    let key = |n: u32| json!({ "Key": format!("k{n}"), "Value": "v" });
    let eleven = json!({ "GroupId": ROOM, "AppDefinedData": (0..11).map(key).collect::<Vec<_>>() });
    assert_eq!(show.host.refused(modify, &eleven), 10004);
    show.goes_on();
}

#[test]
fn sending_where_one_is_not_or_may_not_is_refused() {
    let mut show = Show::start("");
    let mut stranger = show.server.user("stranger");
    assert_eq!(stranger.say_refused(ROOM, "hello"), 10007, "not in the room");
    assert_eq!(stranger.say_refused("no_such_room", "hello"), 10010);
    show.server.open_room("closed", "host");
    let mut visitor = show.server.member("visitor", "closed");
    show.server.rest_ok("group_open_http_svc/destroy_group", &json!({ "GroupId": "closed" }));
    visitor.wait_for(|item| item.report() == Some(5));
    assert_eq!(visitor.say_refused("closed", "hello"), 10010);
    stranger.join(ROOM);
    let mute = json!({ "GroupId": ROOM, "Members_Account": ["stranger"], "MuteTime": 60 });
    show.host.ok("group_open_http_svc.forbid_send_msg", &mute);
    assert_eq!(stranger.say_refused(ROOM, "hello"), 10017, "muted");
    let ban = json!({ "GroupId": ROOM, "Members_Account": ["stranger"], "Duration": 60, "Description": "spam" });
    show.host.ok("group_open_http_svc.ban_group_member", &ban);
    let notice = stranger.wait_for(|item| item.report() == Some(21));
    assert_eq!(notice.json["MsgBody"]["BanDescription"], "spam");
    assert_eq!(stranger.say_refused(ROOM, "hello"), 10007, "banned");
    let join = json!({ "GroupId": ROOM, "WebPushFlag": 1 });
    assert_eq!(stranger.refused("group_open_http_svc.apply_join_group", &join), 10007, "still banned");
    show.goes_on();
    let silence = stranger.heard();
    assert!(silence.iter().all(|item| item.event != 3), "a banned member hears no more: {silence:?}");
    assert!(show.healthy.items.iter().all(|item| item.text() != Some("hello")));
}

#[test]
fn nobody_speaks_in_anothers_name() {
    let mut show = Show::start("");
    let mut rude = show.server.member("rude", ROOM);
    let mut message = rude.text(ROOM, "I am the host");
    message["From_Account"] = "host".into();
    assert_eq!(rude.refused(SEND, &message), 10007);
    show.goes_on();
}

#[test]
fn members_cannot_do_what_only_hosts_may() {
    let mut show = Show::start("");
    let mut rude = show.server.member("rude", ROOM);
    for (command, body) in [
        ("group_open_http_svc.destroy_group", json!({ "GroupId": ROOM })),
        ("group_open_http_svc.modify_group_base_info", json!({ "GroupId": ROOM, "Name": "mine" })),
        (
            "group_open_http_svc.forbid_send_msg",
            json!({ "GroupId": ROOM, "Members_Account": ["host"], "MuteTime": 9 }),
        ),
        (
            "group_open_http_svc.ban_group_member",
            json!({ "GroupId": ROOM, "Members_Account": ["host"], "Duration": 9 }),
        ),
        (
            "group_open_http_svc.modify_admin",
            json!({ "GroupId": ROOM, "CommandType": 1, "Admin_Account": ["rude"] }),
        ),
        ("group_open_http_svc.send_group_system_notification", json!({ "GroupId": ROOM, "Content": "x" })),
        ("group_open_http_svc.get_group_muted_account", json!({ "GroupId": ROOM })),
    ] {
        assert_eq!(rude.refused(command, &body), 10007, "{command}");
    }
    let of_another =
        json!({ "From_Account": "host", "ProfileItem": [{ "Tag": "Tag_Profile_IM_Nick", "Value": "x" }] });
    assert_eq!(rude.refused("profile.portrait_set", &of_another), 40004);
    assert_eq!(rude.refused("im_open_login_svc.kick", &json!({ "UserID": "host" })), 70403);
    assert_eq!(rude.refused("im_open_login_svc.account_import", &json!({ "UserID": "new" })), 70403);
    show.goes_on();
}

#[test]
fn wrong_and_expired_signatures_have_their_codes() {
    let mut show = Show::start("");
    let now = now_secs();
    for (usersig, code) in [
        (String::new(), 70002),
        ("nonsense".into(), 70003),
        ("A".repeat(5000), 70003),
        (sig_with(APP, SECRET, "mei", now - 100, 60), 70001),
        (sig_with(APP, SECRET, "mei", now + 3000, 60), 70001),
        (sig_with(APP, OTHER_SECRET, "mei", now, 60), 70009),
        (sig("somebody_else"), 70013),
        (sig_with(OTHER_APP, OTHER_SECRET, "mei", now, 60), 70014),
    ] {
        let mut wire = Wire::open(show.server.addr);
        assert_eq!(wire.try_login("mei", &usersig)["ErrorCode"], code, "{usersig}");
        // A failed login leaves the connection usable.
        wire.login("mei");
    }
    let mut wire = Wire::open_as(show.server.addr, 7, "binfo", "i");
    assert_eq!(wire.try_login("mei", &sig("mei"))["ErrorCode"], 70020, "no such app");
    let join = json!({ "GroupId": ROOM });
    assert_eq!(wire.refused("group_open_http_noauth_svc.apply_join_group", &join), 60006);
    show.goes_on();
}

#[test]
fn user_ids_that_cannot_be_are_refused() {
    let mut show = Show::start("");
    for user in ["", &"x".repeat(33), "梅", "new\nline"] {
        let mut wire = Wire::open(show.server.addr);
        assert_eq!(wire.try_login(user, &sig(user))["ErrorCode"], 70402, "{user:?}");
        let import = show.server.rest("im_open_login_svc/account_import", &json!({ "UserID": user }));
        assert_eq!(import["ErrorCode"], 70402, "{user:?}");
    }
    show.goes_on();
}

#[test]
fn a_token_that_was_not_given_out_is_refused_with_70001() {
    let mut show = Show::start("");
    let mut wire = show.server.member("mei", ROOM);
    let good = wire.token.clone();
    let mut forged = good.clone().into_bytes();
    forged[5] = if forged[5] == b'A' { b'B' } else { b'A' };
    for token in [String::from_utf8(forged).unwrap(), "short".into(), "A".repeat(43), "A".repeat(4000)] {
        wire.token = token;
        assert_eq!(wire.refused("im_open_status.wshello", &json!({})), 70001);
        assert_eq!(wire.say_refused(ROOM, "hello"), 70001);
    }
    wire.token = good;
    wire.ok("im_open_status.wshello", &json!({}));
    show.goes_on();
}

#[test]
fn a_flooding_client_gets_a_clear_error_and_then_a_close() {
    let mut show = Show::start("[connection]\nrequests_per_second = 20\nflood_warnings_max = 10\n");
    let mut flood = show.server.member("flood", ROOM);
    for _ in 0..200 {
        let head = flood.head("heartbeat.alive");
        if flood.frame(0x82, json!({ "head": head, "body": {} }).to_string().as_bytes()).is_err() {
            break;
        }
    }
    let (mut refused, mut answered) = (0, 0);
    // The numbers of the requests follow each other, so every reply can be asked for by number.
    let ended = loop {
        match flood.try_next() {
            Ok(body) if body["ErrorCode"] == 60007 => refused += 1,
            Ok(body) => {
                assert_eq!(body["ErrorCode"], 0);
                answered += 1;
            }
            Err(ended) => break ended,
        }
    };
    assert!(answered > 0, "what is within the rate is answered");
    assert_eq!(refused, 10, "as many warnings as configured");
    assert_eq!(ended, Ended::Closed(1008, "too many requests".into()));
    assert_eq!(show.server.metric("hawker_floods_closed_total"), 1);
    show.goes_on();
}

#[test]
fn one_user_speaks_only_so_often_and_is_told_with_10023() {
    let mut show = Show::start("[room]\nmessages_per_second_per_user = 2\n");
    let mut loud = show.server.member("loud", ROOM);
    let codes: Vec<_> = (0..20)
        .map(|n| {
            let message = loud.text(ROOM, &format!("loud {n}"));
            loud.ask(SEND, &message)["ErrorCode"].as_i64().unwrap()
        })
        .collect();
    assert_eq!(codes[..2], [0, 0]);
    assert!(codes.contains(&10023), "{codes:?}");
    assert!(codes.iter().all(|code| [0, 10023].contains(code)), "{codes:?}");
    show.goes_on();
}

#[test]
fn http_that_is_no_http_and_paths_that_are_not_there_are_answered() {
    use std::io::{Read, Write};
    let mut show = Show::start("");
    for request in [
        "nonsense\r\n\r\n".to_owned(),
        "GET /nothing/here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "PUT /v4/a/b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000)),
        // A WebSocket that is not one.
        "GET /binfo?sdkappid=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        let mut stream = std::net::TcpStream::connect(show.server.addr).unwrap();
        stream.set_read_timeout(Some(support::DEADLINE)).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 4"), "{}: {answer}", &request[..40.min(request.len())]);
    }
    let target = rest::target("group_open_http_svc/get_group_info", APP, ADMIN, &sig(ADMIN));
    let (status, _) = rest::post(show.server.addr, &target, &vec![b' '; (1 << 20) + 1]);
    assert_eq!(status, 413);
    show.goes_on();
}

#[test]
fn connections_over_http_are_given_back_to_the_bound_when_they_end() {
    // Fewer than there are requests below: if one of them stayed counted, the last would be turned away.
    let mut show = Show::start("[connection]\nconnections_max = 20\n");
    for _ in 0..60 {
        show.server.rest_ok("group_open_http_svc/get_group_info", &json!({ "GroupIdList": [ROOM] }));
    }
    show.goes_on();
}
