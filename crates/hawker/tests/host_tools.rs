//! Counters and recalls against the real server: what survives it, and what nobody is shown any more.

mod support;

use serde_json::{Value, json};
use support::{APP, Server, Wire};

const ROOM: &str = "live_42";
const UPDATE: &str = "group_open_http_svc.update_group_counter";
const COUNTERS: &str = "group_open_http_svc.get_group_counter";
const DELETE: &str = "group_open_http_svc.delete_group_counter";
const RECALL: &str = "group_open_http_svc.group_msg_recall";
const JOIN: &str = "group_open_http_svc.apply_join_group";
const POLL: &str = "group_open_long_polling_http_noauth_svc.get_msg";

fn show() -> (Server, Wire, Wire) {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let (host, mei) = (server.member("host", ROOM), server.member("mei", ROOM));
    (server, host, mei)
}

fn update(mode: &str, key: &str, value: i64) -> Value {
    json!({ "GroupId": ROOM, "GroupCounter": [{ "Key": key, "Value": value }], "Mode": mode })
}

fn recall(seq: u64) -> Value {
    json!({ "GroupId": ROOM, "MsgSeqList": [{ "MsgSeq": seq }], "Reason": "oops" })
}

/// What was said, as a newcomer is shown it.
fn history(server: &Server, newcomer: &str) -> Vec<String> {
    let joined = server.user(newcomer).ok(JOIN, &json!({ "GroupId": ROOM, "HugeGroupHistoryMsgFlag": 1 }));
    let items = joined["RspMsgList"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["MsgBody"][0]["MsgContent"]["Text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn counters_are_told_to_everybody_and_survive_a_power_cut() {
    let (mut server, mut host, mut mei) = show();
    let set = host.ok(UPDATE, &update("Set", "seats", 5));
    assert_eq!(set["GroupCounter"], json!([{ "Key": "seats", "Value": 5 }]));
    let mut last = 0;
    for (mode, value, kind, want) in [("Set", 5, 0, 5), ("Increase", 2, 2, 7), ("Decrease", 1, 2, 6)] {
        let answer = server.rest_ok("group_open_http_svc/update_group_counter", &update(mode, "seats", value));
        let seq = answer["GroupCounterSeq"].as_u64().unwrap();
        assert!(seq > last, "it grows");
        last = seq;
        let notice = mei.wait_for(|item| item.seq() == seq);
        assert_eq!(notice.event, 6);
        let counter = json!([{ "Key": "seats", "Value": want }]);
        let info = json!({ "Type": kind, "GroupCounterSeq": seq, "GroupCounter": counter });
        assert_eq!(notice.json["MsgBody"], json!({ "GroupCounterInfo": [info] }));
    }
    host.ok(UPDATE, &update("Set", "votes", 1));
    host.ok(DELETE, &json!({ "GroupId": ROOM, "GroupCounterKeys": ["votes"] }));
    server.kill();
    server.start_again();
    let kept = server.rest_ok("group_open_http_svc/get_group_counter", &json!({ "GroupId": ROOM }));
    assert_eq!(kept["GroupCounter"], json!([{ "Key": "likes", "Value": 0 }, { "Key": "seats", "Value": 6 }]));
    assert!(kept["GroupCounterSeq"].as_u64().unwrap() > last, "also across the cut");
    server.rest_ok("group_open_http_svc/destroy_group", &json!({ "GroupId": ROOM }));
    server.open_room(ROOM, "host");
    server.kill();
    server.start_again();
    let fresh = server.user("mei").ok(COUNTERS, &json!({ "GroupId": ROOM }));
    assert_eq!(fresh["GroupCounter"], json!([{ "Key": "likes", "Value": 0 }]), "a new room of the old name");
}

#[test]
fn the_likes_are_counted_by_the_server_and_the_rest_by_who_runs_the_room() {
    let (_server, mut host, mut mei) = show();
    for (mode, key, value, code) in
        [("Set", "likes", 1, 10004), ("Increase", "likes", 1, 10004), ("Double", "seats", 1, 10004)]
    {
        assert_eq!(host.refused(UPDATE, &update(mode, key, value)), code);
    }
    assert_eq!(host.refused(DELETE, &json!({ "GroupId": ROOM, "GroupCounterKeys": ["likes"] })), 10004);
    assert_eq!(mei.refused(UPDATE, &update("Set", "seats", 1)), 10007);
    assert_eq!(mei.refused(DELETE, &json!({ "GroupId": ROOM })), 10007);
    host.ok(UPDATE, &update("Set", "seats", i64::MAX));
    assert_eq!(host.refused(UPDATE, &update("Increase", "seats", 1)), 10004);
    let many: Vec<_> = (0..20).map(|n| json!({ "Key": format!("k{n}"), "Value": n })).collect();
    assert_eq!(host.refused(UPDATE, &json!({ "GroupId": ROOM, "GroupCounter": many, "Mode": "Set" })), 10063);
}

#[test]
fn a_recalled_message_is_shown_to_nobody_any_more() {
    let (mut server, mut host, mut mei) = show();
    let mut watcher = Wire::open_as(server.addr, APP, "binfo", "anonymous");
    watcher.ok("group_open_http_noauth_svc.apply_join_group", &json!({ "GroupId": ROOM }));
    let before = host.say(ROOM, "before");
    let (first, second) = (mei.say(ROOM, "first"), mei.say(ROOM, "second"));
    host.say(ROOM, "after");
    host.hear("after");
    host.cut();
    assert_eq!(mei.ok(RECALL, &recall(first))["RecallRetList"], json!([{ "MsgSeq": first, "RetCode": 0 }]));
    let notice = mei.wait_for(|item| item.report() == Some(15));
    let recalled = &notice.json["MsgBody"]["GroupWithdrawInfoArray"][0];
    assert_eq!((&recalled["MsgSeq"], &recalled["From_Account"]), (&json!(first), &json!("mei")));
    assert!(notice.seq() > second);
    let answer = server.rest_ok("group_open_http_svc/group_msg_recall", &recall(second));
    assert_eq!(answer["RecallRetList"], json!([{ "MsgSeq": second, "RetCode": 0 }]));
    assert_eq!(mei.ok(RECALL, &recall(second))["RecallRetList"][0]["RetCode"], 10030, "it is gone");
    assert_eq!(mei.ok(RECALL, &recall(before))["RecallRetList"][0]["RetCode"], 10032, "it is the host's");
    let poll = watcher.ok(POLL, &json!({ "Key": ROOM, "StartSeq": 1 }));
    let polled = poll["RspMsgList"].as_array().unwrap().iter().filter(|item| item["Event"] == 3);
    let polled: Vec<_> = polled.map(|item| &item["MsgBody"][0]["MsgContent"]["Text"]).collect();
    assert_eq!(polled, ["before", "after"], "{poll}");
    let back = host.come_back(server.addr, Some(&[(ROOM, before)]));
    assert_eq!(back["Resume"][0]["Status"], "Resumed");
    let said: Vec<_> = host.heard().into_iter().filter_map(|item| item.text().map(str::to_owned)).collect();
    assert_eq!(said, ["after"]);
    assert_eq!(history(&server, "newcomer"), ["before", "after"]);
    server.kill();
    server.start_again();
    assert_eq!(history(&server, "latecomer"), ["before", "after"]);
}

#[test]
fn a_room_keeps_a_budget_of_its_own_over_a_power_cut() {
    const BUDGET: &str = "hawker_room/set_budget";
    let (mut server, mut host, _) = show();
    let sent = |server: &Server, random: u32| {
        let text = json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "hello" } }]);
        let body = json!({ "GroupId": ROOM, "Random": random, "MsgBody": text });
        server.rest_ok("group_open_http_svc/send_group_msg", &body)["MsgDropReason"].is_null()
    };
    assert_eq!(host.refused("hawker_room.set_budget", &json!({ "GroupId": ROOM, "MessagesPerSecond": 9 })), 10007);
    server.rest_ok(BUDGET, &json!({ "GroupId": ROOM, "MessagesPerSecond": 1 }));
    server.kill();
    server.start_again();
    assert!((0..20).any(|random| !sent(&server, random)), "one a second, so some of twenty are dropped");
    server.rest_ok(BUDGET, &json!({ "GroupId": ROOM, "MessagesPerSecond": 100_000 }));
    assert!((100..300).all(|random| sent(&server, random)), "all of them are delivered");
}
