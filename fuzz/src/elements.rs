//! `MsgBody`: what is read is written so that it reads the same.

use crate::commands::pushed;
use hawker_core::command::{Command, RoomCommand};
use hawker_core::post::Draft;
use hawker_core::{AppId, Time};
use hawker_wire::tencent::decode::{Asked, Context, Via, decode};

/// The elements of a message, as JSON.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(draft) = read(text) else { return };
    let again = read(&body_of(&pushed(&draft))).expect("what is written can be read");
    assert_eq!((&again.meaning, &again.elements), (&draft.meaning, &draft.elements));
}

/// The elements of an item that is pushed, as they were written.
fn body_of(item: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Item {
        #[serde(rename = "MsgBody")]
        body: Box<serde_json::value::RawValue>,
    }
    let item: Item = serde_json::from_str(item).expect("an item is JSON");
    item.body.get().to_owned()
}

fn read(elements: &str) -> Option<Draft> {
    let body = format!(r#"{{"GroupId":"r","Random":1,"MsgBody":{elements}}}"#);
    let ctx = Context { via: Via::Socket, app: AppId(7), now: Time(0) };
    match decode(ctx, "group_open_http_svc.send_group_msg", &body) {
        Ok(Asked::Rules(Command::Room(_, RoomCommand::Send(draft)), _)) => Some(draft),
        _ => None,
    }
}

/// One of each kind.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        r#"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi \"\\\u00e9\ud83c\udf39"}}]"#,
        r#"[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"LIKE","Desc":"d","Ext":"e","Sound":"s"}}]"#,
        r#"[{"MsgType":"TIMFaceElem","MsgContent":{"Index":-9223372036854775808,"Data":"d"}}]"#,
        r#"[{"MsgType":"TIMImageElem","MsgContent":{"UUID":"u","ImageInfoArray":[{"Type":1,"URL":"http://localhost"}]}}]"#,
        r#"[{"MsgType":"TIMLocationElem","MsgContent":{"Desc":"d","Latitude":1.5,"Longitude":-0.0}},{"MsgType":"TIMTextElem","MsgContent":{"Text":""}}]"#,
        "[]",
    ]
    .map(|seed| seed.as_bytes().to_vec())
    .into()
}
