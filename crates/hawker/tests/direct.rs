//! Direct messages over the wire: what bad input gets, that nothing of it is kept, and what a slow reader gets.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::{Server, Wire};

const SEND: &str = "openim.sendmsg";

fn message(to: &str, random: u32, text: &str) -> Value {
    json!({
        "To_Account": to, "MsgSeq": 1, "MsgRandom": random, "MsgClientTime": 5,
        "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }],
    })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().expect("a body").remove(field);
    body
}

fn history(wire: &mut Wire, peer: &str) -> Vec<Value> {
    let body = json!({ "Peer_Account": peer, "MaxCnt": 100, "LastMsgTime": 0, "MsgKey": "" });
    wire.ok("openim.getroammsg", &body)["MsgList"].as_array().expect("a list").clone()
}

#[test]
fn bad_input_gets_its_code_and_keeps_nothing() {
    let mut server = Server::start("[direct]\nmessages_per_second_per_user = 1000\n");
    let (mut mei, mut shop) = (server.user("mei"), server.user("shop"));
    let good = message("shop", 1, "hi");
    let many: Vec<_> = (0..101).map(|n| format!("u{n}")).collect();
    let crowd: Vec<_> = (0..501).map(|n| format!("u{n}")).collect();
    let withdraw = |seq: Value| json!({ "MsgInfo": { "From_Account": "mei", "To_Account": "shop", "MsgSeq": seq, "MsgRandom": 1, "MsgTimeStamp": 5 } });
    let one = json!({ "MsgType": "TIMTextElem", "MsgContent": { "Text": "x" } });
    let rows: Vec<(&str, Value, i64)> = vec![
        (SEND, without(good.clone(), "To_Account"), 90003),
        (SEND, without(good.clone(), "MsgRandom"), 90005),
        (SEND, without(good.clone(), "MsgSeq"), 90004),
        (SEND, without(good.clone(), "MsgBody"), 90002),
        (SEND, with(good.clone(), "To_Account", json!(7)), 90003),
        (SEND, with(good.clone(), "MsgRandom", json!("x")), 90005),
        (SEND, with(good.clone(), "MsgSeq", json!(-1)), 90004),
        (SEND, with(good.clone(), "MsgBody", json!({})), 90002),
        (SEND, with(good.clone(), "MsgBody", json!([])), 90002),
        (SEND, with(good.clone(), "MsgBody", json!([{ "MsgType": "TIMDance", "MsgContent": {} }])), 90010),
        (SEND, with(good.clone(), "MsgBody", json!([{ "MsgType": "TIMTextElem", "MsgContent": {} }])), 90010),
        (SEND, with(good.clone(), "MsgBody", json!(vec![one; 21])), 90001),
        (SEND, with(good.clone(), "MsgLifeTime", json!(604_801)), 90026),
        (SEND, with(good.clone(), "MsgLifeTime", json!("x")), 90044),
        (SEND, with(good.clone(), "From_Account", json!("shop")), 90008),
        (SEND, with(good.clone(), "To_Account", json!("ghost")), 20003),
        (SEND, with(good.clone(), "To_Account", json!("mei")), 90003),
        (SEND, message("shop", 1, &"x".repeat(12 * 1024)), 80002),
        (SEND, with(good.clone(), "CloudCustomData", json!("x".repeat(12 * 1024))), 80002),
        ("openim.batchsendmsg", good.clone(), 0),
        ("openim.getroammsg", json!({ "MaxCnt": 1 }), 90003),
        ("openim.getroammsg", json!({ "Peer_Account": "shop", "MaxCnt": 0 }), 90001),
        ("openim.getroammsg", json!({ "Peer_Account": "shop", "MaxCnt": 101 }), 90001),
        ("openim.getroammsg", json!({ "Peer_Account": "shop", "MaxCnt": -1 }), 90001),
        ("openim.getroammsg", json!({ "Peer_Account": "ghost", "MaxCnt": 1 }), 20003),
        ("openim.getroammsg", json!({ "Peer_Account": "shop", "MaxCnt": 1, "MsgKey": "x" }), 90054),
        ("openim.getroammsg", json!({ "Peer_Account": "shop", "MaxCnt": 1, "GetDirection": 2 }), 90001),
        ("openim.getmsg", json!({ "Cookie": 7 }), 90001),
        ("openim.msgreaded", json!({}), 90001),
        ("openim.msgreaded", json!({ "C2CMsgReaded": { "C2CMsgReadedItem": [] } }), 90001),
        (
            "openim.msgreaded",
            json!({ "C2CMsgReaded": { "C2CMsgReadedItem": [{ "To_Account": "ghost", "LastedMsgTime": 5 }] } }),
            20003,
        ),
        ("openim.get_peer_read_time", json!({ "To_Account": "shop" }), 90003),
        ("openim.get_peer_read_time", json!({ "To_Account": crowd }), 90011),
        ("openim.msgwithdraw", withdraw(json!(1)), 20022),
        ("openim.msgwithdraw", withdraw(json!("x")), 90004),
        ("openim.msgwithdraw", json!({}), 90001),
        ("openim.delete_c2c_msg_ramble", json!({ "To_Account": "shop", "MsgKeyList": [] }), 90001),
        ("openim.delete_c2c_msg_ramble", json!({ "To_Account": "shop", "MsgKeyList": ["1_2"] }), 90054),
        ("openim.delete_c2c_msg_ramble", json!({ "To_Account": "shop", "MsgKeyList": ["1_2_3_4"] }), 90054),
        ("openim.delete_c2c_msg_ramble", json!({ "To_Account": "shop", "MsgKeyList": ["4294967296_1_1"] }), 90054),
        ("openim.delete_c2c_msg_ramble", json!({ "To_Account": "ghost", "MsgKeyList": ["1_2_3"] }), 20003),
        (
            "openim.set_c2c_peer_mute_notifications",
            json!({ "Peer_Account": ["shop"], "Mute_Notifications": 3 }),
            90001,
        ),
        ("openim.set_c2c_peer_mute_notifications", json!({ "Peer_Account": [], "Mute_Notifications": 0 }), 90003),
        ("openim.modify_c2c_msg", good.clone(), 90009),
        ("recentcontact.page_get", json!({ "From_Account": "shop", "TimeStamp": 0 }), 90008),
        ("recentcontact.page_get", json!({ "TimeStamp": "x" }), 90001),
        ("recentcontact.batch_delete", json!({ "ContactItem": [] }), 90003),
        (
            "recentcontact.top",
            json!({ "OperationType": 3, "RecentContactItem": [{ "To_Account": "shop" }] }),
            90001,
        ),
        ("recentcontact.clear_msg", json!({ "To_Account": "ghost", "Type": 1 }), 20003),
        ("recentcontact.mark_contact", json!({}), 90009),
        ("sns.black_list_add", json!({ "To_Account": [] }), 90003),
        ("sns.black_list_add", json!({ "To_Account": many }), 90001),
        ("sns.black_list_add", json!({ "From_Account": "shop", "To_Account": ["mei"] }), 90008),
        ("im_open_status.ws_set_custom_status", json!({}), 70402),
        ("im_open_status.ws_set_custom_status", json!({ "CustomStatus": "x".repeat(257) }), 40601),
        ("im_open_status.ws_get_user_status", json!({ "To_Account": crowd }), 70402),
        ("im_open_status.ws_status_subscribe", json!({ "To_Account": [] }), 70402),
        ("im_open_status.ws_status_subscribe", json!({ "To_Account": many }), 70402),
        ("im_open_status.ws_status_unsubscribe", json!({ "To_Account": many }), 70402),
    ];
    for (command, body, code) in &rows {
        let answer = mei.ask(command, body);
        assert_eq!(answer["ErrorCode"], *code, "{command} {body} {answer}");
    }
    assert_eq!(history(&mut mei, "shop"), Vec::<Value>::new());
    assert_eq!(shop.ok("recentcontact.page_get", &json!({}))["SessionItem"], json!([]));

    // Who is not logged in, or was told to go, may do none of it.
    let mut stranger = Wire::open(server.addr);
    let commands: BTreeSet<_> = rows.iter().map(|(command, ..)| *command).collect();
    for (command, body) in [
        (SEND, good.clone()),
        ("openim.getroammsg", json!({ "Peer_Account": "shop", "MaxCnt": 1 })),
        ("openim.getmsg", json!({})),
        ("openim.msgwithdraw", withdraw(json!(1))),
        ("recentcontact.page_get", json!({})),
        ("sns.black_list_add", json!({ "To_Account": ["shop"] })),
        ("im_open_status.ws_get_user_status", json!({ "To_Account": ["shop"] })),
        ("im_open_status.ws_status_subscribe", json!({ "To_Account": ["shop"] })),
    ] {
        assert!(commands.contains(command));
        assert_eq!(stranger.refused(command, &body), 20002, "{command}");
    }
    server.rest_ok("im_open_login_svc/kick", &json!({ "UserID": "mei" }));
    assert_eq!(mei.refused(SEND, &good), 70001);
    assert_eq!(history(&mut shop, "mei"), Vec::<Value>::new());
    server.must_be_well();
}

#[test]
fn the_rest_interface_refuses_bad_input_with_its_own_codes() {
    let server = Server::start("");
    let _mei = server.user("mei");
    let good = message("mei", 1, "hi");
    for (command, body, code) in [
        ("openim/sendmsg", with(good.clone(), "To_Account", json!("ghost")), 90012),
        ("openim/sendmsg", with(good.clone(), "From_Account", json!("ghost")), 90008),
        ("openim/sendmsg", without(good.clone(), "MsgRandom"), 90005),
        ("openim/sendmsg", with(good.clone(), "SyncOtherMachine", json!("x")), 90031),
        ("openim/sendmsg", message("mei", 1, &"x".repeat(12 * 1024)), 93000),
        ("openim/batchsendmsg", good.clone(), 90003),
        ("openim/batchsendmsg", with(good.clone(), "To_Account", json!([])), 90003),
        ("openim/batchsendmsg", with(good.clone(), "To_Account", json!(vec!["mei"; 501])), 90011),
        ("openim/batchsendmsg", with(good.clone(), "To_Account", json!(["ghost"])), 70107),
        (
            "openim/admin_getroammsg",
            json!({ "Operator_Account": "mei", "Peer_Account": "mei", "MaxCnt": 1 }),
            90001,
        ),
        (
            "openim/admin_getroammsg",
            json!({ "Operator_Account": "ghost", "Peer_Account": "mei", "MaxCnt": 1, "MinTime": 0, "MaxTime": 9 }),
            90008,
        ),
        ("openim/admin_msgwithdraw", json!({ "From_Account": "mei", "To_Account": "mei", "MsgKey": "x" }), 90054),
        (
            "openim/admin_msgwithdraw",
            json!({ "From_Account": "mei", "To_Account": "mei", "MsgKey": "1_2_3" }),
            20022,
        ),
        ("openim/admin_set_msg_read", json!({ "Report_Account": "mei", "Peer_Account": "ghost" }), 90012),
        ("openim/get_c2c_unread_msg_num", json!({ "To_Account": "ghost" }), 90008),
        ("openim/query_online_status", json!({ "To_Account": [] }), 90003),
        ("openim/query_online_status", json!({ "To_Account": vec!["mei"; 501] }), 90011),
        ("recentcontact/get_list", json!({}), 90008),
        ("openim/getroammsg", json!({}), 60009),
    ] {
        let answer = server.rest(command, &body);
        assert_eq!(answer["ErrorCode"], code, "{command} {body} {answer}");
    }
}

#[test]
fn attributes_keep_their_limits_and_tell_who_was_too_slow() {
    const SET: &str = "group_open_http_svc.set_group_attr";
    const MODIFY: &str = "group_open_http_svc.modify_group_attr";
    let server = Server::start("");
    server.open_room("r", "host");
    let mut host = server.member("host", "r");
    let one = |key: &str, value: &str| json!({ "GroupId": "r", "GroupAttr": [{ "key": key, "value": value }] });
    let several = |count: usize, bytes: usize| {
        let all: Vec<_> =
            (0..count).map(|n| json!({ "key": format!("k{n}"), "value": "x".repeat(bytes) })).collect();
        json!({ "GroupId": "r", "GroupAttr": all })
    };
    for (command, body, code) in [
        (SET, json!({ "GroupId": "r" }), 10004),
        (SET, json!({ "GroupId": "r", "GroupAttr": [] }), 10004),
        (SET, one("", "x"), 10004),
        (SET, one(&"k".repeat(33), "x"), 10045),
        (SET, one("k", &"x".repeat(4001)), 10046),
        (SET, several(17, 1), 10047),
        (SET, several(5, 4000), 10048),
        (SET, with(one("k", "x"), "GroupId", json!("nowhere")), 10010),
        ("group_open_http_svc.delete_group_attr", one("k", ""), 10050),
    ] {
        assert_eq!(host.refused(command, &body), code, "{command} {body}");
    }
    assert_eq!(host.ok(SET, &several(16, 1000))["AttrMainSeq"], 1);
    assert_eq!(host.refused(MODIFY, &one("another", "x")), 10047);
    let race = |main: u64, seq: u64| {
        let attribute = json!({ "key": "k1", "value": "y", "seq": seq });
        json!({ "GroupId": "r", "GroupAttr": [attribute], "AttrMainSeq": main, "AttrControl": ["RaceConflict"] })
    };
    assert_eq!(host.refused(SET, &race(0, 0)), 10056);
    assert_eq!(host.refused(MODIFY, &race(1, 0)), 10056);
    assert_eq!(host.ok(MODIFY, &race(1, 1))["AttrMainSeq"], 2);
    let read = host.ok("group_open_attr_http_svc.get_group_attr", &json!({ "GroupId": "r" }));
    assert_eq!(read["GroupAttrAry"][1], json!({ "key": "k1", "value": "y", "seq": 2 }));
    let mut stranger = server.user("stranger");
    assert_eq!(stranger.refused(SET, &one("k", "x")), 10007);
    let codes: BTreeSet<_> =
        (0..30).map(|n| host.ask(MODIFY, &one("k1", &n.to_string()))["ErrorCode"].clone().to_string()).collect();
    assert!(codes.contains("10049"), "{codes:?}");
}

/// Direct messages are never given up for a slow reader: its connection is closed, and what it missed is there when it comes back.
#[test]
fn a_slow_reader_is_closed_and_finds_everything_when_it_comes_back() {
    let server = Server::start(
        "[direct]\nmessages_per_second_per_user = 1000\n[connection]\nrequests_per_second = 100000\noutbox_bytes_max = 65536\n",
    );
    let mut shop = server.user("shop");
    let mut mei = server.user("mei");
    let cookie = shop.ok("openim.getmsg", &json!({ "Cookie": "" }))["Cookie"].clone();
    let text = "x".repeat(10_000);
    let mut sent = 0_u32;
    // More than sockets and outbox hold together.
    while server.metric("hawker_slow_closed_total") == 0 && sent < 5000 {
        sent += 1;
        mei.ok(SEND, &message("shop", sent, &text));
    }
    assert!(sent < 5000, "the reader that reads nothing is closed");
    let mut again = server.user("shop");
    let mut found = BTreeSet::new();
    let mut cookie = cookie;
    loop {
        let answer = again.ok("openim.getmsg", &json!({ "Cookie": cookie }));
        for item in answer["MsgList"].as_array().expect("a list") {
            assert!(found.insert(item["MsgRandom"].as_u64().expect("a number")), "once");
        }
        cookie = answer["Cookie"].clone();
        if answer["SyncFlag"] == 2 {
            assert_eq!(answer["C2CPairUnreadCount"], json!([{ "From_Account": "mei", "UnreadCount": sent }]));
            break;
        }
    }
    assert_eq!(found.len(), sent as usize);
}
