//! Words, slow mode and pinned messages against the real server: who may, who hears it, what survives.

mod support;

use serde_json::{Value, json};
use support::{Server, Wire};

const ROOM: &str = "live_42";
const SET_WORDS: &str = "hawker_room.set_words";
const GET_WORDS: &str = "hawker_room.get_words";
const PIN: &str = "group_open_http_svc.pin_message";
const UNPIN: &str = "group_open_http_svc.unpin_message";
const PINS: &str = "group_open_http_svc.get_pinned_messages";
const GET: &str = "group_open_http_svc.group_msg_get";
const RECALL: &str = "group_open_http_svc.group_msg_recall";
const SEND: &str = "group_open_http_svc.send_group_msg";
const CHANGE: &str = "group_open_http_svc.modify_group_base_info";

fn show() -> (Server, Wire, Wire) {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let (host, mei) = (server.member("host", ROOM), server.member("mei", ROOM));
    (server, host, mei)
}

fn words(reject: &[&str], mask: &[&str]) -> Value {
    json!({ "GroupId": ROOM, "Reject": reject, "Mask": mask })
}

fn one(seq: u64) -> Value {
    json!({ "GroupId": ROOM, "MsgSeq": seq })
}

fn slow_mode(value: &str) -> Value {
    json!({ "GroupId": ROOM, "AppDefinedData": [{ "Key": "slow_mode", "Value": value }] })
}

fn pinned(wire: &mut Wire) -> Vec<u64> {
    let answer = wire.ok(PINS, &json!({ "GroupId": ROOM }));
    let list = answer["PinnedMsgList"].as_array().expect("a list");
    list.iter().map(|pin| pin["MsgSeq"].as_u64().unwrap()).collect()
}

#[test]
fn the_words_of_the_app_concern_everybody_and_survive_a_power_cut() {
    let (mut server, mut host, mut mei) = show();
    let lists = json!({ "Reject": ["加微信", "spam"], "Mask": ["笨蛋"] });
    server.rest_ok("hawker_words/set", &lists);
    assert_eq!(server.rest_ok("hawker_words/get", &json!({}))["Reject"], lists["Reject"]);
    for wire in [&mut host, &mut mei] {
        assert_eq!(wire.say_refused(ROOM, "快加 微信"), 80001);
        assert_eq!(wire.say_refused(ROOM, "S.P.A.M"), 80001);
    }
    let seq = mei.say(ROOM, "你这个笨蛋!");
    assert_eq!(host.wait_for(|item| item.seq() == seq).text(), Some("你这个**!"));

    server.kill();
    server.start_again();
    let mut mei = server.member("mei", ROOM);
    assert_eq!(mei.say_refused(ROOM, "spam"), 80001);
    // The shop itself may say what it likes.
    let notice = json!({
        "GroupId": ROOM, "Random": 9, "From_Account": "host",
        "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "no spam here" } }],
    });
    server.rest_ok("group_open_http_svc/send_group_msg", &notice);
    mei.hear("no spam here");
    server.rest_ok("hawker_words/set", &json!({ "Reject": [], "Mask": [] }));
    mei.say(ROOM, "spam");
    server.kill();
    server.start_again();
    server.member("mei", ROOM).say(ROOM, "spam again");
}

#[test]
fn names_and_announcements_hold_no_such_words_either() {
    let (server, mut host, mut mei) = show();
    server.rest_ok("hawker_words/set", &json!({ "Reject": ["spam"], "Mask": ["笨蛋"] }));
    let nick = |nick: &str| json!({ "ProfileItem": [{ "Tag": "Tag_Profile_IM_Nick", "Value": nick }] });
    assert_eq!(mei.refused("profile.portrait_set", &nick("Spam Shop")), 80001);
    mei.ok("profile.portrait_set", &nick("笨蛋Mei"));
    let profile = mei.ok("profile.portrait_get_all", &json!({ "UserItem": [{ "To_Account": "mei" }] }));
    assert_eq!(profile["UserProfileItem"][0]["ProfileItem"][0]["Value"], "**Mei");
    let notification = |text: &str| json!({ "GroupId": ROOM, "Notification": text });
    assert_eq!(host.refused(CHANGE, &notification("spam tonight")), 80001);
    host.ok(CHANGE, &notification("no 笨蛋"));
    let tip = mei.wait_for(|item| item.op() == Some(6));
    assert_eq!(tip.json["MsgBody"]["MsgGroupNewInfo"], json!({ "GroupNotification": "no **" }));
    let open = json!({ "Type": "AVChatRoom", "Name": "Spam", "FaceUrl": "" });
    assert_eq!(host.refused("group_open_http_svc.create_group", &open), 80001);
}

#[test]
fn a_room_has_words_of_its_own_which_do_not_concern_those_who_run_it() {
    let (mut server, mut host, mut mei) = show();
    for command in [SET_WORDS, GET_WORDS] {
        assert_eq!(mei.refused(command, &words(&["dear"], &[])), 10007, "{command}");
    }
    host.ok(SET_WORDS, &words(&["别家"], &["贵"]));
    assert_eq!(host.ok(GET_WORDS, &words(&[], &[]))["Mask"], json!(["贵"]));
    assert_eq!(mei.say_refused(ROOM, "别家便宜"), 80001);
    let seq = mei.say(ROOM, "太贵了");
    assert_eq!(host.wait_for(|item| item.seq() == seq).text(), Some("太*了"));
    host.say(ROOM, "别家贵");
    mei.hear("别家贵");

    server.kill();
    server.start_again();
    assert_eq!(server.member("mei", ROOM).say_refused(ROOM, "别家便宜"), 80001);
    server.open_room("another", "host");
    server.member("mei", "another").say("another", "别家便宜");
}

#[test]
fn words_that_are_none_are_refused_and_change_nothing() {
    let (server, mut host, mut mei) = show();
    host.ok(SET_WORDS, &words(&["bad"], &[]));
    let many: Vec<_> = (0..201).map(|n| format!("word{n}")).collect();
    for body in [
        words(&[""], &[]),
        words(&["-"], &[]),
        words(&[&"x".repeat(65)], &[]),
        json!({ "GroupId": ROOM, "Reject": "bad", "Mask": [] }),
        json!({ "GroupId": ROOM, "Reject": [1], "Mask": [] }),
        json!({ "GroupId": ROOM, "Reject": [] }),
        json!({ "Reject": [], "Mask": [] }),
        json!({ "GroupId": ROOM, "Reject": many, "Mask": [] }),
    ] {
        assert_eq!(host.refused(SET_WORDS, &body), 10004, "{body}");
    }
    assert_eq!(mei.say_refused(ROOM, "bad"), 80001, "the list is what it was");
    assert_eq!(server.rest("hawker_words/set", &json!({ "Reject": [" "], "Mask": [] }))["ErrorCode"], 10004);
    assert_eq!(
        server.rest("hawker_room/set_words", &json!({ "GroupId": "no", "Reject": [], "Mask": [] }))["ErrorCode"],
        10010
    );
    for (command, body) in [("hawker_words.set", words(&[], &[])), ("hawker_words.get", json!({}))] {
        assert_eq!(host.refused(command, &body), 10007, "{command} is for administrators");
    }
}

#[test]
fn slow_mode_slows_chat_of_viewers_only() {
    let (server, mut host, mut mei) = show();
    for value in ["-1", "fast", "3601", "1.5"] {
        assert_eq!(host.refused(CHANGE, &slow_mode(value)), 10004, "{value}");
    }
    assert_eq!(mei.refused(CHANGE, &slow_mode("60")), 10007);
    host.ok(CHANGE, &slow_mode("60"));
    let tip = mei.wait_for(|item| item.op() == Some(6));
    assert_eq!(
        tip.json["MsgBody"]["MsgGroupNewInfo"]["MsgAppDefinedData"][0],
        json!({ "Key": "slow_mode", "Value": "60" })
    );
    mei.say(ROOM, "first");
    assert_eq!(mei.say_refused(ROOM, "second"), 10023);
    let custom = |data: &str| json!([{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": data } }]);
    for data in ["LIKE", "SEND_GIFT"] {
        let message = mei.message(ROOM, "Normal", &custom(data));
        mei.ok(SEND, &message);
    }
    let barrage = mei.message(ROOM, "Normal", &custom("barrage"));
    assert_eq!(mei.refused(SEND, &barrage), 10023);
    // Coming in again does not help, nor does a new login.
    mei.ok("group_open_http_svc.quit_group", &json!({ "GroupId": ROOM }));
    let mut mei = server.member("mei", ROOM);
    // Not the numbers that her first connection used: those would be the same messages again.
    (0..10).for_each(|_| drop(mei.text(ROOM, "")));
    assert_eq!(mei.say_refused(ROOM, "third"), 10023);
    for text in ["a", "b", "c"] {
        host.say(ROOM, text);
    }
    host.ok(CHANGE, &slow_mode(""));
    mei.say(ROOM, "at last");
}

#[test]
fn pinned_messages_are_told_to_all_shown_to_newcomers_and_survive_a_power_cut() {
    let (mut server, mut host, mut mei) = show();
    let (first, second) = (mei.say(ROOM, "where is it from?"), mei.say(ROOM, "nice"));
    assert_eq!(mei.refused(PIN, &one(first)), 10007);
    host.ok(PIN, &one(first));
    let tip = mei.wait_for(|item| item.op() == Some(16));
    assert_eq!(tip.json["MsgBody"]["PinnedMsg"]["MsgBody"][0]["MsgContent"]["Text"], "where is it from?");
    assert_eq!(tip.json["MsgBody"]["PinnedMsg"]["From_Account"], "mei");
    assert_eq!(tip.json["MsgBody"]["Operator_Account"], "host");
    host.ok(PIN, &one(second));
    assert_eq!(host.refused(PIN, &one(first)), 10071, "already");
    assert_eq!(host.refused(PIN, &one(9999)), 10030, "no such message");
    assert_eq!(host.refused(PIN, &one(tip.seq())), 10030, "a tip is no message");
    assert_eq!(host.refused(UNPIN, &one(9999)), 10030);
    assert_eq!(host.refused(PIN, &json!({ "GroupId": ROOM })), 10004);

    server.kill();
    server.start_again();
    let (mut host, mut li) = (server.member("host", ROOM), server.member("li", ROOM));
    assert_eq!(pinned(&mut li), [first, second]);
    let asked = json!({ "GroupId": ROOM, "GetType": 3, "ReqMsgSeqList": [first, 77_777] });
    let messages = li.ok(GET, &asked);
    assert_eq!(messages["RspMsgList"][0]["MsgBody"][0]["MsgContent"]["Text"], "where is it from?");
    assert_eq!(messages["RspMsgList"].as_array().unwrap().len(), 1);
    assert_eq!(li.refused(GET, &json!({ "GroupId": ROOM, "ReqMsgNumber": 15 })), 10044, "no other history");
    host.ok(UNPIN, &one(first));
    let tip = li.wait_for(|item| item.op() == Some(17));
    assert_eq!(tip.json["MsgBody"]["SdkGroupMessageId"]["MsgSeq"], first);
    assert_eq!(pinned(&mut li), [second]);
    let (_, shown) = support::rest::get(server.addr, &format!("/api/v1/rooms/{ROOM}"));
    assert!(shown.contains(r#""userID":"mei","nick":"","avatar":"","text":"nice"}"#), "{shown}");
    let page = server.rest_ok("group_open_http_svc/get_pinned_messages", &json!({ "GroupId": ROOM }));
    assert_eq!(page["PinnedMsgList"][0]["Pinner_Account"], "host");
}

#[test]
fn what_is_recalled_is_neither_pinned_nor_told_again() {
    let (server, mut host, mut mei) = show();
    let seq = mei.say(ROOM, "a slip");
    host.ok(PIN, &one(seq));
    host.ok(RECALL, &json!({ "GroupId": ROOM, "MsgSeqList": [{ "MsgSeq": seq }] }));
    mei.wait_for(|item| item.op() == Some(17));
    mei.wait_for(|item| item.report() == Some(15));
    assert!(pinned(&mut mei).is_empty());
    assert_eq!(host.refused(PIN, &one(seq)), 10030);
    // Neither the message nor the tip that repeats it.
    mei.cut();
    let mut back = server.member("watcher", ROOM);
    assert!(back.heard().iter().all(|item| !item.json.to_string().contains("a slip")));
    mei.come_back(server.addr, Some(&[(ROOM, 0)]));
    mei.say(ROOM, "end");
    let mut told = Vec::new();
    mei.wait_for(|item| {
        told.push(item.json.to_string());
        item.text() == Some("end")
    });
    assert!(told.len() > 1 && told.iter().all(|item| !item.contains("a slip")), "{told:?}");
}

#[test]
fn those_who_run_the_room_see_who_is_banned_and_let_them_in_again() {
    const BANNED: &str = "group_open_http_svc.get_group_ban_member";
    let (server, mut host, mut mei) = show();
    let users: Vec<_> = (100..203).map(|n| format!("spammer_{n}")).collect();
    let ban = json!({ "GroupId": ROOM, "Members_Account": users, "Duration": 3600, "Description": "spam" });
    host.ok("group_open_http_svc.ban_group_member", &ban);
    let page = |offset: u64| json!({ "GroupId": ROOM, "Offset": offset });
    assert_eq!(mei.refused(BANNED, &page(0)), 10007);
    assert_eq!(host.refused(BANNED, &json!({ "GroupId": ROOM, "Offset": -1 })), 10004);
    let first = host.ok(BANNED, &page(0));
    assert_eq!((first["BannedAccountList"].as_array().unwrap().len(), &first["NextOffset"]), (100, &json!(100)));
    let rest = server.rest_ok("group_open_http_svc/get_group_ban_member", &page(100));
    assert_eq!((rest["BannedAccountList"].as_array().unwrap().len(), &rest["NextOffset"]), (3, &json!(0)));
    assert_eq!(rest["BannedAccountList"][2]["Member_Account"], "spammer_202");
    assert!(rest["BannedAccountList"][2]["BannedUntil"].as_u64().unwrap() > support::now_secs() + 3500);
    let lift = json!({ "GroupId": ROOM, "Members_Account": ["spammer_100"] });
    host.ok("group_open_http_svc.unban_group_member", &lift);
    assert_eq!(host.ok(BANNED, &page(100))["BannedAccountList"].as_array().unwrap().len(), 2);
    server.member("spammer_100", ROOM).say(ROOM, "sorry");
}

#[test]
fn guests_choose_names_that_may_be_read() {
    let server = Server::start("[pages]\nguests = true");
    server.rest_ok("hawker_words/set", &json!({ "Reject": ["spam"], "Mask": ["笨蛋"] }));
    let sign_in = |nick: &str| {
        let body = json!({ "nick": nick }).to_string();
        support::rest::post(server.addr, "/api/v1/guests", body.as_bytes())
    };
    assert_eq!(sign_in("Spam").0, 422);
    let (status, guest) = sign_in("笨蛋");
    assert_eq!(status, 200);
    let user = serde_json::from_str::<Value>(&guest).unwrap()["userID"].clone();
    let asked = json!({ "To_Account": [user], "TagList": ["Tag_Profile_IM_Nick"] });
    let profile = server.rest_ok("profile/portrait_get", &asked);
    assert_eq!(profile["UserProfileItem"][0]["ProfileItem"][0]["Value"], "**");
}

#[test]
fn a_room_has_so_many_pins() {
    let server = Server::start("[room]\nmessages_per_second_per_user = 100");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    let seqs: Vec<_> = (0..11).map(|n| host.say(ROOM, &format!("m{n}"))).collect();
    for seq in &seqs[..10] {
        host.ok(PIN, &one(*seq));
    }
    assert_eq!(host.refused(PIN, &one(seqs[10])), 10070);
    host.ok(UNPIN, &one(seqs[0]));
    host.ok(PIN, &one(seqs[10]));
    assert_eq!(pinned(&mut host), seqs[1..]);
}

#[test]
fn the_first_poll_of_a_stranger_shows_what_was_said_and_not_the_likes() {
    let (server, mut host, mut mei) = show();
    host.say(ROOM, "welcome");
    host.ok(CHANGE, &json!({ "GroupId": ROOM, "Notification": "tonight" }));
    let like = |wire: &mut Wire| {
        wire.message(ROOM, "Normal", &json!([{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": "LIKE" } }]))
    };
    for _ in 0..9 {
        let message = like(&mut mei);
        mei.ok(SEND, &message);
    }
    let mut stranger = Wire::open(server.addr);
    stranger.ok("group_open_http_noauth_svc.apply_join_group", &json!({ "GroupId": ROOM }));
    let poll = json!({ "USP": 1, "StartSeq": 0, "HoldTime": 90, "Key": ROOM });
    let first = stranger.ok("group_open_long_polling_http_noauth_svc.get_msg", &poll);
    let seqs: Vec<_> =
        first["RspMsgList"].as_array().unwrap().iter().map(|item| item["MsgSeq"].as_u64().unwrap()).collect();
    assert_eq!(seqs.len(), 2, "{first}");
    assert_eq!(first["RspMsgList"][0]["MsgBody"][0]["MsgContent"]["Text"], "welcome");
    assert!(first["NextSeq"].as_u64().unwrap() > seqs[1] + 9, "and goes on behind all of it");
}
