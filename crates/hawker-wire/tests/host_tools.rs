//! Counters and recalls as they come in and go out.

use hawker_core::answer::Answer;
use hawker_core::command::{Command, RoomCommand};
use hawker_core::post::{Class, Face, MessageRef, Post, Posted, Tallying};
use hawker_core::{AccountId, AppId, Refusal, RoomKey, Time};
use hawker_wire::tencent::decode::{Asked, Context, Shape, Via, decode};
use hawker_wire::tencent::error::{Family, wire_error};
use hawker_wire::tencent::push::{self, WireItem};
use hawker_wire::tencent::reply::{self, Extras};
use insta::assert_snapshot;
use std::sync::Arc;

const APP: AppId = AppId(7);

fn item(post: Post) -> WireItem {
    push::item(&Posted {
        room: RoomKey::new(APP, "live_42"),
        room_name: "Tea".into(),
        seq: 12,
        random: 99,
        at: Time(1_700_000_000_500),
        class: Class::Vital,
        post,
    })
}

fn asked(command: &str, body: &str) -> Result<RoomCommand, u32> {
    let mut both = [Via::Socket, Via::Http].into_iter().map(|via| {
        match decode(Context { via, app: APP, now: Time(0) }, &format!("group_open_http_svc.{command}"), body) {
            Ok(Asked::Rules(Command::Room(room, command), Shape::Plain)) if room.as_str() == "r" => Ok(command),
            Ok(other) => panic!("{command}: {other:?}"),
            Err(error) => Err(error.code),
        }
    });
    let (socket, http) = (both.next().unwrap(), both.next().unwrap());
    assert_eq!(socket, http, "one table for both");
    socket
}

fn answered(answer: &Answer) -> String {
    reply::body(answer, &Shape::Plain, &Extras::default())
}

fn keys(keys: &[&str]) -> Option<Vec<Arc<str>>> {
    Some(keys.iter().map(|key| Arc::from(*key)).collect())
}

#[test]
fn counter_commands_are_read() {
    let update =
        |mode: &str| format!(r#"{{"GroupId":"r","GroupCounter":[{{"Key":"a","Value":-2}}],"Mode":"{mode}"}}"#);
    let tally = |how| Ok(RoomCommand::Tally { how, tallies: vec![("a".into(), -2)] });
    assert_eq!(asked("update_group_counter", &update("Set")), tally(Tallying::Set));
    assert_eq!(asked("update_group_counter", &update("Increase")), tally(Tallying::Add));
    assert_eq!(asked("update_group_counter", &update("Decrease")), tally(Tallying::Subtract));
    for (command, body, want) in [
        ("get_group_counter", r#"{"GroupId":"r"}"#, RoomCommand::Tallies { keys: None }),
        ("get_group_counter", r#"{"GroupId":"r","GroupCounterKeys":[]}"#, RoomCommand::Tallies { keys: None }),
        (
            "get_group_counter",
            r#"{"GroupId":"r","GroupCounterKeys":["a"],"BytesKey":"r"}"#,
            RoomCommand::Tallies { keys: keys(&["a"]) },
        ),
        ("delete_group_counter", r#"{"GroupId":"r"}"#, RoomCommand::DropTallies { keys: None }),
        (
            "delete_group_counter",
            r#"{"GroupId":"r","GroupCounterKeys":[]}"#,
            RoomCommand::DropTallies { keys: keys(&[]) },
        ),
        (
            "delete_group_counter",
            r#"{"GroupId":"r","GroupCounterKeys":["a"]}"#,
            RoomCommand::DropTallies { keys: keys(&["a"]) },
        ),
    ] {
        assert_eq!(asked(command, body), Ok(want), "{command} {body}");
    }
}

#[test]
fn recalls_are_read() {
    for (body, seqs, reason) in [
        (r#"{"GroupId":"r","MsgSeqList":[{"MsgSeq":7}],"TopicId":""}"#, vec![7], ""),
        (r#"{"GroupId":"r","MsgSeqList":[{"MsgSeq":7},{"MsgSeq":9}],"Reason":"abuse"}"#, vec![7, 9], "abuse"),
    ] {
        assert_eq!(asked("group_msg_recall", body), Ok(RoomCommand::Recall { seqs, reason: reason.into() }));
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (command, body) in [
        ("update_group_counter", r#"{"GroupId":"r","GroupCounter":[{"Key":"a","Value":1}]}"#),
        ("update_group_counter", r#"{"GroupId":"r","GroupCounter":[{"Key":"a","Value":1}],"Mode":"Add"}"#),
        ("update_group_counter", r#"{"GroupId":"r","GroupCounter":[{"Key":"a","Value":1.5}],"Mode":"Set"}"#),
        ("update_group_counter", r#"{"GroupId":"r","GroupCounter":[{"Key":"a","Value":"1"}],"Mode":"Set"}"#),
        (
            "update_group_counter",
            r#"{"GroupId":"r","GroupCounter":[{"Key":"a","Value":9223372036854775808}],"Mode":"Set"}"#,
        ),
        ("update_group_counter", r#"{"GroupId":"r","Mode":"Set"}"#),
        ("get_group_counter", r#"{"GroupId":"r","GroupCounterKeys":"a"}"#),
        ("delete_group_counter", r#"{"GroupCounterKeys":["a"]}"#),
        ("group_msg_recall", r#"{"GroupId":"r"}"#),
        ("group_msg_recall", r#"{"GroupId":"r","MsgSeqList":[7]}"#),
        ("group_msg_recall", r#"{"GroupId":"r","MsgSeqList":[{"MsgSeq":-1}]}"#),
    ] {
        assert_eq!(asked(command, body), Err(10004), "{command} {body}");
    }
}

#[test]
fn refusals_have_the_official_numbers() {
    for (refusal, code) in [
        (Refusal::TooMany { what: "counters", limit: 20 }, 10063),
        (Refusal::TallyReserved, 10004),
        (Refusal::TallyOverflow, 10004),
        (Refusal::TooLong { field: "Key", limit: 128 }, 10004),
        (Refusal::MessageMissing, 10030),
        (Refusal::RecallTooLate, 10031),
        (Refusal::RecallNotAllowed, 10032),
    ] {
        assert_eq!(wire_error(&refusal, Family::Group).code, code, "{refusal}");
    }
}

#[test]
fn notices_of_counters_leave_like_this() {
    let tallies = vec![("seats".into(), -3), ("votes".into(), i64::MAX)];
    let set = item(Post::Tallied { how: Tallying::Set, tallies: tallies.clone() });
    assert_eq!(set.event, 6);
    assert_snapshot!(set.json, @r#"{"From_Account":"@TIM#SYSTEM","ToGroupId":"live_42","MsgSeq":12,"MsgRandom":99,"MsgTimeStamp":1700000000,"MsgClientTime":1700000000,"MsgBody":{"GroupCounterInfo":[{"Type":0,"GroupCounterSeq":12,"GroupCounter":[{"Key":"seats","Value":-3},{"Key":"votes","Value":9223372036854775807}]}]},"GroupInfo":{"GroupId":"live_42","GroupName":"Tea","GroupType":"AVChatRoom"}}"#);
    for how in [Tallying::Add, Tallying::Subtract] {
        let updated = item(Post::Tallied { how, tallies: tallies.clone() });
        assert_eq!(updated.json, set.json.replace(r#""Type":0"#, r#""Type":2"#).into());
    }
    let likes = item(Post::LikesCounted { total: u64::MAX });
    assert_snapshot!(likes.json, @r#"{"From_Account":"@TIM#SYSTEM","ToGroupId":"live_42","MsgSeq":12,"MsgRandom":99,"MsgTimeStamp":1700000000,"MsgClientTime":1700000000,"MsgBody":{"GroupCounterInfo":[{"Type":2,"GroupCounterSeq":12,"GroupCounter":[{"Key":"likes","Value":18446744073709551615}]}]},"GroupInfo":{"GroupId":"live_42","GroupName":"Tea","GroupType":"AVChatRoom"}}"#);
    let dropped = item(Post::TalliesDropped { keys: keys(&["seats", "a\"b"]).unwrap() });
    assert_eq!(dropped.event, 6);
    assert_snapshot!(dropped.json, @r#"{"From_Account":"@TIM#SYSTEM","ToGroupId":"live_42","MsgSeq":12,"MsgRandom":99,"MsgTimeStamp":1700000000,"MsgClientTime":1700000000,"MsgBody":{"GroupCounterInfo":[{"Type":1,"GroupCounterSeq":12,"GroupCounter":[{"Key":"seats"},{"Key":"a\"b"}]}]},"GroupInfo":{"GroupId":"live_42","GroupName":"Tea","GroupType":"AVChatRoom"}}"#);
}

#[test]
fn the_notice_of_a_recall_leaves_like_this() {
    let by = Face {
        account: AccountId(1),
        user: "host".into(),
        nick: "Hana".into(),
        avatar: "https://p.example/h".into(),
    };
    let message =
        MessageRef { seq: 7, random: 5, sent_at: 1_699_999_999, account: AccountId(2), user: "mei".into() };
    let notice = item(Post::Recalled { by, messages: vec![message], reason: "abuse".into() });
    assert_eq!(notice.event, 5);
    assert_snapshot!(notice.json, @r#"{"From_Account":"@TIM#SYSTEM","ToGroupId":"live_42","MsgSeq":12,"MsgRandom":99,"MsgTimeStamp":1700000000,"MsgClientTime":1700000000,"MsgBody":{"ReportType":15,"Operator_Account":"host","GroupWithdrawInfoArray":[{"GroupId":"live_42","MsgSeq":7,"MsgRandom":5,"TinyId":"2","MsgClientTime":1699999999,"From_Account":"mei","RevokerInfo":{"Revoker_Account":"host","NickName":"Hana","ImageUrl":"https://p.example/h"},"Reason":"abuse"}]},"GroupInfo":{"GroupId":"live_42","GroupName":"Tea","GroupType":"AVChatRoom","From_AccountNick":"Hana","From_AccountHeadurl":"https://p.example/h"},"RevokerInfo":{"Revoker_Account":"host","Reason":"abuse"}}"#);
}

#[test]
fn answers_are_written_like_this() {
    let tallies = vec![("likes".into(), 3), ("seats".into(), -1)];
    assert_snapshot!(answered(&Answer::Tallies { tallies, seq: 12 }), @r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","GroupCounter":[{"Key":"likes","Value":3},{"Key":"seats","Value":-1}],"GroupCounterSeq":12}"#);
    let outcomes = vec![
        (7, Ok(())),
        (8, Err(Refusal::MessageMissing)),
        (9, Err(Refusal::RecallTooLate)),
        (10, Err(Refusal::RecallNotAllowed)),
    ];
    assert_snapshot!(answered(&Answer::Recalled(outcomes)), @r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RecallRetList":[{"MsgSeq":7,"RetCode":0},{"MsgSeq":8,"RetCode":10030},{"MsgSeq":9,"RetCode":10031},{"MsgSeq":10,"RetCode":10032}]}"#);
}
