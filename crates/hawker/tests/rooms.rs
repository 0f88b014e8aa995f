//! The room over the wire: who is in it, what is said in which order, and who hears of what.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{APP, Item, Server, Wire};

const ROOM: &str = "live_42";
const SEND: &str = "group_open_http_svc.send_group_msg";
const MODIFY: &str = "group_open_http_svc.modify_group_base_info";

fn custom(data: &str, ext: &str) -> Value {
    json!([{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": data, "Desc": "", "Ext": ext } }])
}

fn text(text: &str) -> Value {
    json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }])
}

fn show(config: &str) -> (Server, Wire) {
    let server = Server::start(config);
    server.open_room(ROOM, "host");
    let host = server.member("host", ROOM);
    (server, host)
}

fn stats(wire: &mut Wire) -> Value {
    wire.ok("hawker_room.stats", &json!({ "GroupId": ROOM }))
}

/// Received, delivered and dropped of a class, from the room's books.
fn ledger(stats: &Value, class: &str) -> (u64, u64, u64) {
    let line = stats["Ledger"].as_array().unwrap().iter().find(|line| line["Class"] == class).unwrap();
    let dropped = line["Dropped"].as_array().unwrap().iter().map(|drop| drop["Count"].as_u64().unwrap()).sum();
    (line["Received"].as_u64().unwrap(), line["Delivered"].as_u64().unwrap(), dropped)
}

fn books_balance(stats: &Value) {
    for class in ["vital", "chat_high", "chat", "chat_low", "chat_lowest", "like", "tip"] {
        let (received, delivered, dropped) = ledger(stats, class);
        assert_eq!(received, delivered + dropped, "{class}: {stats}");
    }
}

fn increasing(items: &[Item]) {
    assert!(items.windows(2).all(|pair| pair[0].seq() < pair[1].seq()), "{items:?}");
}

#[test]
fn a_client_opens_a_room_and_is_its_owner_but_not_in_it() {
    let server = Server::start("");
    let mut host = server.user("host");
    let create = json!({
        "Type": "AVChatRoom", "Name": "Tea", "GroupId": ROOM, "Owner_Account": "host", "Introduction": "leaves",
        "Notification": "at eight", "FaceUrl": "http://localhost/p.png", "AppDefinedData": [{ "Key": "add_goods", "Value": "{}" }],
    });
    let opened = host.ok("group_open_http_svc.create_group", &create);
    assert_eq!((&opened["GroupId"], &opened["HugeGroupFlag"]), (&json!(ROOM), &json!(1)));
    let profile = host.profile(ROOM);
    assert_eq!(profile["Owner_Account"], "host");
    assert_eq!(profile["SelfInfo"]["Role"], "Owner");
    assert_eq!(profile["MemberNum"], 0, "the creator is not joined by itself");
    assert_eq!((&profile["Introduction"], &profile["Notification"]), (&json!("leaves"), &json!("at eight")));
    assert_eq!(profile["AppDefinedData"], json!([{ "Key": "add_goods", "Value": "{}" }]));
    assert_eq!(host.refused("group_open_http_svc.create_group", &create), 10025, "one's own room of this name");
    let mut other = server.user("other");
    let mut same = create.clone();
    same["Owner_Account"] = "other".into();
    assert_eq!(other.refused("group_open_http_svc.create_group", &same), 10021, "somebody else's");
    let made = other.ok("group_open_http_svc.create_group", &json!({ "Type": "AVChatRoom", "Name": "n" }));
    let made = made["GroupId"].as_str().unwrap();
    assert!(made.starts_with("@TGS#") && !made.starts_with("@TGS#_"), "{made}");
}

#[test]
fn a_room_opened_over_rest_has_the_owner_that_was_named() {
    let server = Server::start("");
    server.open_room(ROOM, "host");
    let mut host = server.member("host", ROOM);
    assert_eq!(host.profile(ROOM)["SelfInfo"]["Role"], "Owner");
    let info = server.rest_ok("group_open_http_svc/get_group_info", &json!({ "GroupIdList": [ROOM, "none"] }));
    assert_eq!(info["GroupInfo"][0]["Owner_Account"], "host");
    assert_eq!(info["GroupInfo"][1]["ErrorCode"], 10010);
    let nobody = json!({ "Type": "AVChatRoom", "Name": "n", "Owner_Account": "nobody" });
    assert_eq!(server.rest("group_open_http_svc/create_group", &nobody)["ErrorCode"], 10019);
}

#[test]
fn joining_twice_is_harmless_and_told_once() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let answer = mei.join(ROOM);
    assert_eq!((&answer["JoinedStatus"], &answer["HugeGroupFlag"]), (&json!("JoinedSuccess"), &json!(1)));
    assert_eq!(answer["LongPollingKey"], Value::Null, "members are pushed to");
    mei.say(ROOM, "here");
    let mut joins = 0;
    host.wait_for(|item| {
        joins += u32::from(item.op() == Some(1) && item.json["MsgBody"]["List_Account"] == json!(["mei"]));
        item.text() == Some("here")
    });
    assert_eq!(joins, 1);
    let count = host.ok("group_open_http_svc.get_online_member_num", &json!({ "GroupId": ROOM }));
    assert_eq!(count["OnlineMemberNum"], 2);
    assert_eq!(mei.hear("here").json["GroupInfo"]["GroupName"], "Tea", "the sender hears itself, once");
    assert!(mei.heard().iter().all(|item| item.text().is_none()));
}

#[test]
fn a_member_may_quit_and_the_owner_may_not() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    assert_eq!(host.refused("group_open_http_svc.quit_group", &json!({ "GroupId": ROOM })), 10009);
    mei.ok("group_open_http_svc.quit_group", &json!({ "GroupId": ROOM }));
    assert_eq!(mei.refused("group_open_http_svc.quit_group", &json!({ "GroupId": ROOM })), 10007);
    let tip = host.wait_for(|item| item.op() == Some(2));
    assert_eq!(tip.json["MsgBody"]["OnlineMemberInfo"]["OnlineMemberNum"], 1);
    mei.items.clear();
    host.say(ROOM, "after");
    host.hear("after");
    assert_eq!(mei.heard(), [], "who has quit hears nothing more");
    assert_eq!(mei.say_refused(ROOM, "hello"), 10007);
}

#[test]
fn a_dismissed_room_is_announced_and_gone() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let mut watcher = Watcher::start(&server);
    host.say(ROOM, "before");
    watcher.wait_for(|item| item["Event"] == 3);
    let poll = json!({ "Key": ROOM, "StartSeq": watcher.next });
    let held = watcher.wire.request("group_open_long_polling_http_noauth_svc.get_msg", &poll);
    watcher.wire.barrier();
    host.ok("group_open_http_svc.destroy_group", &json!({ "GroupId": ROOM }));
    for member in [&mut mei, &mut host] {
        let notice = member.wait_for(|item| item.event == 5);
        assert_eq!((notice.report(), notice.room()), (Some(5), ROOM));
    }
    assert_eq!(watcher.wire.reply(held)["RspMsgList"][0]["MsgBody"]["ReportType"], 5);
    assert_eq!(mei.say_refused(ROOM, "hello"), 10010);
    assert_eq!(mei.refused("group_open_http_svc.apply_join_group", &json!({ "GroupId": ROOM })), 10010);
    let poll = json!({ "Key": ROOM, "StartSeq": 0 });
    assert_eq!(watcher.wire.refused("group_open_long_polling_http_noauth_svc.get_msg", &poll), 10010);
    assert_eq!(mei.profile(ROOM)["ErrorCode"], 10010);
    server.open_room(ROOM, "host");
    mei.join(ROOM);
    mei.say(ROOM, "a new room of the old name");
}

/// A viewer without an account: it asks for what is new.
struct Watcher {
    wire: Wire,
    next: u64,
    waiting: std::collections::VecDeque<Value>,
}

impl Watcher {
    fn start(server: &Server) -> Self {
        let mut wire = Wire::open_as(server.addr, APP, "binfo", "anonymous");
        let join = json!({ "GroupId": ROOM, "WebPushFlag": 1 });
        let answer = wire.ok("group_open_http_noauth_svc.apply_join_group", &join);
        assert_eq!(answer["JoinedStatus"], "JoinedSuccess");
        assert!(answer["LongPollingKey"].is_string(), "a viewer without an account polls: {answer}");
        Self { wire, next: 0, waiting: Default::default() }
    }

    /// The next thing that happens, as polls carry it.
    fn item(&mut self) -> Value {
        while self.waiting.is_empty() {
            let poll = json!({ "USP": 1, "StartSeq": self.next, "HoldTime": 90, "Key": ROOM });
            let answer = self.wire.ok("group_open_long_polling_http_noauth_svc.get_msg", &poll);
            assert_eq!(answer["Gap"], Value::Null, "nothing was missed: {answer}");
            self.next = answer["NextSeq"].as_u64().unwrap();
            self.waiting.extend(answer["RspMsgList"].as_array().unwrap().iter().cloned());
        }
        self.waiting.pop_front().unwrap()
    }

    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let item = self.item();
            if wanted(&item) {
                return item;
            }
        }
    }
}

#[test]
fn an_anonymous_viewer_receives_in_pull_mode_and_cannot_speak() {
    let (server, mut host) = show("[connection]\npoll_hold_secs = 1\n");
    let mut watcher = Watcher::start(&server);
    assert_eq!(stats(&mut host)["OnlineMemberNum"], 2, "viewers without an account count");
    for n in 0..5 {
        host.say(ROOM, &format!("number {n}"));
        let item = watcher.wait_for(|item| item["Event"] == 3);
        assert_eq!(item["MsgBody"][0]["MsgContent"]["Text"], format!("number {n}"));
        assert_eq!(item["GroupId"], ROOM);
    }
    let mut message = watcher.wire.text(ROOM, "let me in");
    message["From_Account"] = "".into();
    assert_eq!(watcher.wire.refused(SEND, &message), 10007);
    message["From_Account"] = "host".into();
    assert_eq!(watcher.wire.refused(SEND, &message), 10007);
    let fields = json!({ "GroupId": ROOM, "Member_Account": "host", "AppMemberDefinedData": [{ "Key": "a", "Value": "b" }] });
    assert_eq!(watcher.wire.refused("group_open_http_svc.modify_group_member_info", &fields), 10007);
    // A poll with nothing new is held, and answered before the client gives up.
    let answer = watcher
        .wire
        .ok("group_open_long_polling_http_noauth_svc.get_msg", &json!({ "Key": ROOM, "StartSeq": watcher.next }));
    assert_eq!((&answer["RspMsgList"], &answer["NextSeq"]), (&json!([]), &json!(watcher.next)));
    watcher.wire.cut();
    server.member("mei", ROOM);
    host.wait_for(|item| item.op() == Some(1) && item.json["MsgBody"]["List_Account"] == json!(["mei"]));
}

#[test]
fn a_viewer_that_comes_back_polls_on_from_its_cursor() {
    let (server, mut host) = show("");
    let mut watcher = Watcher::start(&server);
    host.say(ROOM, "one");
    watcher.wait_for(|item| item["MsgBody"][0]["MsgContent"]["Text"] == "one");
    let cursor = watcher.next;
    watcher.wire.cut();
    host.say(ROOM, "two");
    host.say(ROOM, "three");
    let mut back = Watcher { wire: Wire::open(server.addr), next: cursor, waiting: Default::default() };
    for want in ["two", "three"] {
        assert_eq!(back.wait_for(|item| item["Event"] == 3)["MsgBody"][0]["MsgContent"]["Text"], want);
    }
}

#[test]
fn a_watcher_that_logs_in_and_joins_on_the_same_socket_is_pushed_to_and_counted_once() {
    let (server, mut host) = show("");
    let mut watcher = Watcher::start(&server);
    host.say(ROOM, "before");
    watcher.wait_for(|item| item["Event"] == 3);
    let mut mei = watcher.wire;
    mei.login("mei");
    mei.join(ROOM);
    host.say(ROOM, "after");
    mei.hear("after");
    assert_eq!(stats(&mut host)["OnlineMemberNum"], 2);
}

#[test]
fn all_members_see_one_order_without_gap_or_double() {
    let (server, mut host) = show("[room]\nmessages_per_second = 1000\nmessages_per_second_per_user = 1000\n");
    let mut members: Vec<_> = (0..5).map(|n| server.member(&format!("user_{n}"), ROOM)).collect();
    host.say(ROOM, "begin");
    let begin = members.iter_mut().map(|member| member.hear("begin").seq()).max().unwrap();
    let mut asked = Vec::new();
    for round in 0..30 {
        for member in &mut members {
            let text = member.text(ROOM, &format!("{} says {round}", member.user));
            asked.push(member.request(SEND, &text));
        }
    }
    let mut told = BTreeMap::new();
    for (n, seq) in asked.into_iter().enumerate() {
        let answer = members[n % 5].reply(seq);
        assert_eq!(answer["ErrorCode"], 0, "{answer}");
        told.insert(answer["MsgSeq"].as_u64().unwrap(), n);
    }
    assert_eq!(told.len(), 150, "every message has its own number");
    host.say(ROOM, "end");
    let mut orders = Vec::new();
    for member in &mut members {
        let mut order = Vec::new();
        member.wait_for(|item| {
            if item.event == 3 && item.seq() > begin {
                order.push(item.clone());
            }
            item.text() == Some("end")
        });
        increasing(&order);
        orders.push(order.iter().map(|item| (item.seq(), item.text().map(str::to_owned))).collect::<Vec<_>>());
    }
    assert!(orders.iter().all(|order| *order == orders[0]));
    assert_eq!(orders[0].len(), 151);
    assert!(told.keys().zip(&orders[0]).all(|(told, (seq, _))| told == seq), "replies and pushes agree");
}

#[test]
fn over_the_budget_lower_classes_are_dropped_and_the_books_balance() {
    let (server, mut host) = show("[room]\nmessages_per_second = 10\nmessages_per_second_per_user = 1000\n");
    let mut mei = server.member("mei", ROOM);
    let mut dropped = BTreeMap::<&str, u64>::new();
    let mut vital = Vec::new();
    for n in 0..40 {
        for (at, priority) in ["High", "Normal", "Low", "Lowest"].into_iter().enumerate() {
            let body = json!({
                "GroupId": ROOM, "Random": n * 10 + at, "MsgPriority": priority, "MsgBody": text(priority),
                "From_Account": "host",
            });
            let answer = server.rest_ok("group_open_http_svc/send_group_msg", &body);
            if answer["MsgDropReason"] == "MsgFreqCtrl" {
                *dropped.entry(priority).or_default() += 1;
            }
        }
        if n % 4 == 0 {
            let gift = host.message(ROOM, "Lowest", &custom("SEND_GIFT", &n.to_string()));
            vital.push(host.ok(SEND, &gift)["MsgSeq"].as_u64().unwrap());
        }
    }
    assert!(dropped["Lowest"] > 0 && dropped["Normal"] > 0, "{dropped:?}");
    let stats = stats(&mut host);
    books_balance(&stats);
    for (class, priority) in
        [("chat_high", "High"), ("chat", "Normal"), ("chat_low", "Low"), ("chat_lowest", "Lowest")]
    {
        let (received, _, lost) = ledger(&stats, class);
        assert_eq!((received, lost), (40, dropped.get(priority).copied().unwrap_or(0)), "{class}");
    }
    assert_eq!(ledger(&stats, "vital"), (10, 10, 0), "a gift is never dropped for chat");
    let mut delivered = 0;
    let mut gifts = Vec::new();
    let last = *vital.last().unwrap();
    mei.wait_for(|item| {
        delivered += u64::from(item.text().is_some());
        if item.json["MsgBody"][0]["MsgContent"]["Data"] == "SEND_GIFT" {
            gifts.push(item.seq());
        }
        item.seq() == last
    });
    assert_eq!(gifts, vital);
    let after_last = mei.heard().iter().filter(|item| item.text().is_some()).count() as u64;
    assert_eq!(delivered + after_last, 160 - dropped.values().sum::<u64>(), "all that was not dropped arrives");
    // A client is told nothing of drops, as by the vendor.
    let answer = (0..20).map(|_| {
        let lowest = mei.message(ROOM, "Lowest", &text("x"));
        mei.ok(SEND, &lowest)
    });
    assert!(answer.into_iter().all(|answer| answer["MsgDropReason"] == Value::Null));
    let seen_by_members = self::stats(&mut mei);
    assert_eq!(seen_by_members["Ledger"], Value::Null, "the books are for those who run the room");
}

#[test]
fn likes_are_counted_exactly_whether_shown_or_not() {
    let (server, mut host) = show(
        "[room]\nmessages_per_second = 5\nmessages_per_second_per_user = 1000\n\
         [connection]\nrequests_per_second = 1000\n",
    );
    let mut mei = server.member("mei", ROOM);
    let mut asked = Vec::new();
    for _ in 0..90 {
        let like = mei.message(ROOM, "Normal", &custom("LIKE", "1"));
        asked.push(mei.request(SEND, &like));
        if asked.len() % 30 == 0 {
            asked.drain(..).for_each(|seq| assert_eq!(mei.reply(seq)["ErrorCode"], 0));
        }
    }
    let stats = stats(&mut host);
    let (received, delivered, dropped) = ledger(&stats, "like");
    assert!(dropped > 0, "the room was over its budget");
    assert!(received >= 90 && delivered < 90, "{stats}");
    books_balance(&stats);
    assert_eq!(stats["LikeCount"], 90);
    let counter =
        host.ok("group_open_http_svc.get_group_counter", &json!({ "GroupId": ROOM, "GroupCounterKeys": [] }));
    assert_eq!(counter["GroupCounter"], json!([{ "Key": "likes", "Value": 90 }]));
    let told = host.wait_for(|item| item.json["MsgBody"]["GroupCounterInfo"][0]["GroupCounter"][0]["Value"] == 90);
    assert_eq!(told.event, 6);
}

#[test]
fn likes_and_counters_survive_a_stop() {
    let (mut server, mut host) = show("");
    for _ in 0..7 {
        let like = host.message(ROOM, "Normal", &custom("LIKE", "1"));
        host.ok(SEND, &like);
    }
    host.say(ROOM, "the last word");
    server.stop();
    server.start_again();
    let answer = server.rest_ok("hawker_room/stats", &json!({ "GroupId": ROOM }));
    assert_eq!((&answer["LikeCount"], &answer["MsgCount"]), (&json!(7), &json!(1)));
    let mut mei = server.user("mei");
    let joined =
        mei.ok("group_open_http_svc.apply_join_group", &json!({ "GroupId": ROOM, "HugeGroupHistoryMsgFlag": 1 }));
    assert_eq!(joined["RspMsgList"][0]["MsgBody"], text("the last word"));
}

#[test]
fn a_lost_connection_is_a_quit_only_after_the_grace_period() {
    let (server, mut host) = show("[room]\ngrace_secs = 1\n");
    let mut mei = server.member("mei", ROOM);
    let joined =
        host.wait_for(|item| item.op() == Some(1) && item.json["MsgBody"]["List_Account"] == json!(["mei"]));
    assert_eq!(joined.json["MsgBody"]["OnlineMemberInfo"]["OnlineMemberNum"], 2);
    mei.cut();
    let quit = host.wait_for(|item| item.op() == Some(2));
    assert_eq!(quit.json["MsgBody"]["List_Account"], json!(["mei"]));
    let stayed = quit.json["MsgTimeStamp"].as_u64().unwrap() - joined.json["MsgTimeStamp"].as_u64().unwrap();
    assert!(stayed >= 1, "not before the grace period is over");
    // The session remembers where it was: coming back is coming in again.
    assert_eq!(mei.come_back(server.addr, None)["ErrorCode"], 0);
    host.wait_for(|item| item.op() == Some(1) && item.json["MsgBody"]["List_Account"] == json!(["mei"]));
    host.say(ROOM, "welcome back");
    mei.hear("welcome back");
}

#[test]
fn who_comes_back_within_the_grace_period_never_left() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    for _ in 0..3 {
        mei.cut();
        mei.come_back(server.addr, None);
    }
    mei.say(ROOM, "I was here all the time");
    let mut quits = 0;
    host.wait_for(|item| {
        quits += u32::from(item.op() == Some(2));
        item.text() == Some("I was here all the time")
    });
    assert_eq!(quits, 0);
}

#[test]
fn each_changed_field_gets_its_own_tip() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let change = json!({
        "GroupId": ROOM, "Name": "Green tea", "Notification": "now", "Introduction": "fresh", "FaceUrl": "http://localhost/p",
        "AppDefinedData": [{ "Key": "add_goods", "Value": "{\"id\":1}" }, { "Key": "room_status", "Value": "live" }],
    });
    host.ok(MODIFY, &change);
    host.say(ROOM, "done");
    let mut tips = Vec::new();
    mei.wait_for(|item| {
        if item.op() == Some(6) {
            assert_eq!(item.json["MsgBody"]["Operator_Account"], "host");
            tips.push(item.json["MsgBody"]["MsgGroupNewInfo"].clone());
        }
        item.text() == Some("done")
    });
    assert_eq!(
        tips,
        [
            json!({ "MsgAppDefinedData": [{ "Key": "add_goods", "Value": "{\"id\":1}" }] }),
            json!({ "MsgAppDefinedData": [{ "Key": "room_status", "Value": "live" }] }),
            json!({ "GroupName": "Green tea" }),
            json!({ "GroupIntroduction": "fresh" }),
            json!({ "GroupNotification": "now" }),
            json!({ "GroupFaceUrl": "http://localhost/p" }),
        ]
    );
    // The same goods again mean "look here": a tip, although nothing is different.
    let again = json!({ "GroupId": ROOM, "AppDefinedData": [{ "Key": "add_goods", "Value": "{\"id\":1}" }] });
    host.ok(MODIFY, &again);
    mei.wait_for(|item| item.op() == Some(6));
    let away = json!({ "GroupId": ROOM, "AppDefinedData": [{ "Key": "add_goods", "Value": "" }] });
    server.rest_ok("group_open_http_svc/modify_group_base_info", &away);
    let tip = mei.wait_for(|item| item.op() == Some(6));
    assert_eq!(
        tip.json["MsgBody"]["MsgGroupNewInfo"]["MsgAppDefinedData"],
        json!([{ "Key": "add_goods", "Value": "" }])
    );
    assert_eq!(mei.profile(ROOM)["AppDefinedData"], json!([{ "Key": "room_status", "Value": "live" }]));
}

#[test]
fn a_member_keeps_the_hosts_it_follows_in_its_own_field() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let follow = |user: &str, value: &str| json!({ "GroupId": ROOM, "Member_Account": user, "AppMemberDefinedData": [{ "Key": "attent", "Value": value }] });
    let modify = "group_open_http_svc.modify_group_member_info";
    mei.ok(modify, &follow("mei", "host"));
    let ask = json!({ "GroupId": ROOM, "Member_List_Account": ["mei"] });
    let seen = host.ok("group_open_http_svc.get_specified_group_member_info", &ask);
    assert_eq!(seen["MemberList"][0]["AppMemberDefinedData"], json!([{ "Key": "attent", "Value": "host" }]));
    assert_eq!(mei.refused(modify, &follow("host", "mei")), 10007, "not that of another");
    assert_eq!(mei.refused(modify, &follow("mei", &"x".repeat(513))), 10004);
    mei.ok(modify, &follow("mei", ""));
    let seen = host.ok("group_open_http_svc.get_specified_group_member_info", &ask);
    assert_eq!(seen["MemberList"][0]["AppMemberDefinedData"], json!([]));
}

#[test]
fn messages_carry_the_nick_and_picture_of_their_sender() {
    let (server, mut host) = show("");
    let mut mei = server.user("mei");
    let profile = json!({ "From_Account": "mei", "ProfileItem": [
        { "Tag": "Tag_Profile_IM_Nick", "Value": "小美" },
        { "Tag": "Tag_Profile_IM_Image", "Value": "http://localhost/mei.png" },
    ] });
    mei.ok("profile.portrait_set", &profile);
    mei.join(ROOM);
    let tip = host.wait_for(|item| item.op() == Some(1) && item.json["MsgBody"]["List_Account"] == json!(["mei"]));
    assert_eq!(tip.json["MsgBody"]["MsgMemberExtraInfo"][0]["NickName"], "小美");
    mei.say(ROOM, "hello");
    let heard = host.hear("hello");
    assert_eq!(heard.json["GroupInfo"]["From_AccountNick"], "小美");
    assert_eq!(heard.json["GroupInfo"]["From_AccountHeadurl"], "http://localhost/mei.png");
    assert_eq!((&heard.json["From_Account"], &heard.json["MsgClientTime"]), (&json!("mei"), &json!(1_700_000_000)));
    let found = host.ok("profile.portrait_get_all", &json!({ "UserItem": [{ "To_Account": "mei" }] }));
    assert!(found["UserProfileItem"][0]["ProfileItem"].to_string().contains("小美"), "{found}");
}

#[test]
fn muting_one_reaches_the_one_and_lifting_it_too() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let mut other = server.member("other", ROOM);
    let mute = |secs: u64| json!({ "GroupId": ROOM, "Members_Account": ["mei"], "MuteTime": secs });
    server.rest_ok("group_open_http_svc/forbid_send_msg", &mute(60));
    let tip = mei.wait_for(|item| item.op() == Some(7));
    assert_eq!(tip.json["MsgBody"]["MsgMemberInfo"], json!([{ "User_Account": "mei", "ShutupTime": 60 }]));
    assert_eq!(mei.say_refused(ROOM, "quiet"), 10017);
    other.say(ROOM, "I may");
    mei.hear("I may");
    let list = host.ok("group_open_http_svc.get_group_muted_account", &json!({ "GroupId": ROOM }));
    assert_eq!(list["MutedAccountList"][0]["Member_Account"], "mei");
    // Leaving and coming back does not help.
    mei.ok("group_open_http_svc.quit_group", &json!({ "GroupId": ROOM }));
    mei.join(ROOM);
    assert_eq!(mei.say_refused(ROOM, "quiet"), 10017);
    host.ok("group_open_http_svc.forbid_send_msg", &mute(0));
    mei.wait_for(|item| item.op() == Some(7) && item.json["MsgBody"]["MsgMemberInfo"][0]["ShutupTime"] == 0);
    mei.say(ROOM, "at last");
}

#[test]
fn a_mute_ends_by_itself() {
    let (server, mut host) = show("[connection]\nrequests_per_second = 100000\n");
    let mut mei = server.member("mei", ROOM);
    host.ok(
        "group_open_http_svc.forbid_send_msg",
        &json!({ "GroupId": ROOM, "Members_Account": ["mei"], "MuteTime": 1 }),
    );
    assert_eq!(mei.say_refused(ROOM, "quiet"), 10017);
    let by = std::time::Instant::now() + support::DEADLINE;
    loop {
        let message = mei.text(ROOM, "may I now?");
        match mei.ask(SEND, &message)["ErrorCode"].as_i64() {
            Some(0) => break,
            Some(10017) => assert!(std::time::Instant::now() < by, "the mute never ended"),
            other => panic!("{other:?}"),
        }
    }
    host.hear("may I now?");
}

#[test]
fn muting_all_spares_host_and_admins_and_reaches_everybody() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let mut helper = server.member("helper", ROOM);
    let admin = |what: u32| json!({ "GroupId": ROOM, "CommandType": what, "Admin_Account": ["helper"] });
    server.rest_ok("group_open_http_svc/modify_admin", &admin(1));
    let tip = helper.wait_for(|item| item.op() == Some(4));
    assert_eq!(tip.json["MsgBody"]["List_Account"], json!(["helper"]));
    host.ok(MODIFY, &json!({ "GroupId": ROOM, "ShutUpAllMember": "On" }));
    let tip = mei.wait_for(|item| item.op() == Some(6));
    assert_eq!(tip.json["MsgBody"]["MsgGroupNewInfo"], json!({ "ShutupAll": "On" }));
    assert_eq!(mei.say_refused(ROOM, "quiet"), 10017);
    assert_eq!(mei.profile(ROOM)["ShutUpAllMember"], "On");
    helper.say(ROOM, "admins may");
    host.say(ROOM, "hosts may");
    mei.hear("hosts may");
    host.ok("group_open_http_svc.modify_admin", &admin(2));
    helper.wait_for(|item| item.op() == Some(5));
    assert_eq!(helper.say_refused(ROOM, "no more"), 10017);
    host.ok(MODIFY, &json!({ "GroupId": ROOM, "MuteAllMember": "Off" }));
    mei.wait_for(|item| item.op() == Some(6));
    mei.say(ROOM, "at last");
}

#[test]
fn a_notice_over_rest_reaches_everybody_as_kind_255() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let mut watcher = Watcher::start(&server);
    let notice = json!({ "GroupId": ROOM, "Content": "{\"type\":\"coupon\"}" });
    server.rest_ok("group_open_http_svc/send_group_system_notification", &notice);
    for member in [&mut mei, &mut host] {
        let heard = member.wait_for(|item| item.event == 5);
        assert_eq!(heard.report(), Some(255));
        assert_eq!(heard.json["MsgBody"]["UserDefinedField"], "{\"type\":\"coupon\"}");
    }
    watcher.wait_for(|item| item["MsgBody"]["ReportType"] == 255);
    let to_some = json!({ "GroupId": ROOM, "Content": "x", "ToMembers_Account": ["mei"] });
    assert_eq!(server.rest("group_open_http_svc/send_group_system_notification", &to_some)["ErrorCode"], 10004);
    assert_eq!(stats(&mut host)["Ledger"][0]["Class"], "vital");
}

#[test]
fn a_newcomer_is_shown_what_was_said_but_no_likes() {
    let (server, mut host) = show("[room]\nhistory_messages = 3\n");
    for n in 0..5 {
        host.say(ROOM, &format!("number {n}"));
        let like = host.message(ROOM, "Normal", &custom("LIKE", "1"));
        host.ok(SEND, &like);
    }
    let mut mei = server.user("mei");
    let join = json!({ "GroupId": ROOM, "WebPushFlag": 1, "HugeGroupHistoryMsgFlag": 1 });
    let joined = mei.ok("group_open_http_svc.apply_join_group", &join);
    let words: Vec<_> =
        joined["RspMsgList"].as_array().unwrap().iter().map(|item| item["MsgBody"].clone()).collect();
    assert_eq!(words, [text("number 2"), text("number 3"), text("number 4")]);
    assert!(
        joined["RspMsgList"].as_array().unwrap().iter().all(|item| item["Event"] == 3 && item["ToGroupId"] == ROOM)
    );
    let mut unasked = server.user("unasked");
    let joined = unasked.ok("group_open_http_svc.apply_join_group", &json!({ "GroupId": ROOM }));
    assert_eq!(joined["RspMsgList"], Value::Null);
}

#[test]
fn a_message_sent_twice_is_delivered_once() {
    let (server, mut host) = show("");
    let mut mei = server.member("mei", ROOM);
    let message = mei.text(ROOM, "once");
    let first = mei.ok(SEND, &message);
    // The connection was cut before the answer came: the client sends it again on the next one.
    mei.cut();
    mei.come_back(server.addr, None);
    let second = mei.ok(SEND, &message);
    assert_eq!((&first["MsgSeq"], &first["MsgTime"]), (&second["MsgSeq"], &second["MsgTime"]));
    mei.say(ROOM, "next");
    let mut times = 0;
    host.wait_for(|item| {
        times += u32::from(item.text() == Some("once"));
        item.text() == Some("next")
    });
    assert_eq!(times, 1);
}

#[test]
fn who_resumes_gets_what_it_missed_exactly_once_and_in_order() {
    let (server, mut host) = show(
        "[room]\nmessages_per_second_per_user = 1000\nmessages_per_second = 1000\n\
         [connection]\nrequests_per_second = 1000\n",
    );
    let mut mei = server.member("mei", ROOM);
    let mut seen = host.say(ROOM, "first");
    mei.hear("first");
    let mut said = 0;
    for round in 0..5 {
        mei.cut();
        for _ in 0..20 {
            said += 1;
            host.say(ROOM, &format!("number {said}"));
        }
        let answer = mei.come_back(server.addr, Some(&[(ROOM, seen), ("nowhere", 7)]));
        assert_eq!(
            answer["Resume"],
            json!([
                { "GroupId": ROOM, "Status": "Resumed" }, { "GroupId": "nowhere", "Status": "NotMember" },
            ]),
            "{round}"
        );
        said += 1;
        host.say(ROOM, &format!("number {said}"));
        for want in said - 20..=said {
            let item = mei.wait_for(|item| item.event == 3);
            assert_eq!(item.text(), Some(&*format!("number {want}")));
            assert!(item.seq() > seen);
            seen = item.seq();
        }
    }
}

#[test]
fn who_comes_back_too_late_is_told_of_the_gap_and_gets_what_is_left() {
    let (server, mut host) = show("[room]\nring_messages = 10\nmessages_per_second_per_user = 1000\n");
    let mut mei = server.member("mei", ROOM);
    let seen = host.say(ROOM, "first");
    mei.hear("first");
    mei.cut();
    for n in 0..30 {
        let vital = host.message(ROOM, "High", &custom("SEND_GIFT", &n.to_string()));
        host.ok(SEND, &vital);
    }
    let answer = mei.come_back(server.addr, Some(&[(ROOM, seen)]));
    assert_eq!(answer["Resume"], json!([{ "GroupId": ROOM, "Status": "GapTooLarge" }]));
    let left: Vec<_> = (0..10).map(|_| mei.wait_for(|item| item.event == 3)).collect();
    increasing(&left);
    assert_eq!(left.last().unwrap().json["MsgBody"], custom("SEND_GIFT", "29"));
}

#[test]
fn who_comes_back_without_saying_what_it_saw_gets_an_overlap() {
    let (server, mut host) = show("[room]\nmessages_per_second_per_user = 1000\n");
    let mut mei = server.member("mei", ROOM);
    for n in 0..10 {
        host.say(ROOM, &format!("before {n}"));
    }
    mei.hear("before 9");
    mei.cut();
    for n in 0..10 {
        host.say(ROOM, &format!("missed {n}"));
    }
    mei.items.clear();
    mei.come_back(server.addr, None);
    let mut again = Vec::new();
    mei.wait_for(|item| {
        again.push(item.clone());
        item.text() == Some("missed 9")
    });
    increasing(&again);
    for n in 0..10 {
        let times = again.iter().filter(|item| item.text() == Some(&*format!("missed {n}"))).count();
        assert_eq!(times, 1, "what was missed comes, once");
    }
    assert!(
        again.iter().any(|item| item.text() == Some("before 9")),
        "with an overlap that clients drop by number"
    );
}

#[test]
fn a_page_may_read_a_room_before_it_connects() {
    let (server, _host) = show("");
    let (status, body) = support::rest::get(server.addr, &format!("/api/v1/rooms/{ROOM}"));
    let room: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &room["name"], &room["host"]["userID"]), (200, &json!("Tea"), &json!("host")));
    assert_eq!(support::rest::get(server.addr, "/api/v1/rooms/none").0, 404);
}
