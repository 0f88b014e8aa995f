//! What those who run a room do in it: words, pins, slow mode, attributes, bans.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Client;
use super::calls::parse;
use crate::error::Error;
use crate::protocol::{PinnedMessage, room_message};
use crate::types::{RoomId, RoomProfile, RoomUpdate, UserId};

/// Words that a room refuses or masks, at most 200 of 64 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Words {
    /// A message with one of these is refused (80001).
    pub reject: Vec<String>,
    /// These are shown as stars.
    pub mask: Vec<String>,
}

/// The attributes of a room, with the numbers by which the server knows who changes what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// The number of the last change.
    pub seq: u64,
    /// Key, value, and the number of the change that gave it.
    pub values: BTreeMap<String, (String, u64)>,
}

impl Attributes {
    /// The value of an attribute.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|(value, _)| value.as_str())
    }
}

impl Client {
    // Pinned messages

    /// Pins a message where everybody sees it.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin, 10030 (not among the last 100 messages), 10070 (ten are
    /// pinned), 10071 (pinned already).
    pub async fn pin_message(&self, room: impl Into<RoomId>, seq: u64) -> Result<(), Error> {
        let body = json!({"GroupId": room.into(), "MsgSeq": seq, "Pinner_Account": self.me()?});
        self.call("group_open_http_svc.pin_message", body, false).await.map(drop)
    }

    /// Takes a pinned message off.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin, 10030 if it is not pinned.
    pub async fn unpin_message(&self, room: impl Into<RoomId>, seq: u64) -> Result<(), Error> {
        let body = json!({"GroupId": room.into(), "MsgSeq": seq, "UnPinner_Account": self.me()?});
        self.call("group_open_http_svc.unpin_message", body, false).await.map(drop)
    }

    /// The pinned messages of a room, in the order in which they were pinned.
    pub async fn pinned_messages(&self, room: impl Into<RoomId>) -> Result<Vec<PinnedMessage>, Error> {
        let reply =
            self.call("group_open_http_svc.get_pinned_messages", json!({"GroupId": room.into()}), true).await?;
        let list = reply.get("PinnedMsgList").and_then(Value::as_array).into_iter().flatten();
        let read = |value: &Value| {
            let by = UserId::from(value.get("Pinner_Account")?.as_str()?);
            let time_secs = value.get("PinTime").and_then(Value::as_u64).unwrap_or(0);
            Some(PinnedMessage { by, time_secs, message: room_message(value)? })
        };
        Ok(list.filter_map(read).collect())
    }

    // Words and pauses

    /// The words that a room refuses or masks, beside those of the app.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin.
    pub async fn room_words(&self, room: impl Into<RoomId>) -> Result<Words, Error> {
        self.ask("hawker_room.get_words", json!({"GroupId": room.into()}), true).await
    }

    /// Sets them, both lists whole.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin, 10004 for too many, too long or empty words.
    pub async fn set_room_words(&self, room: impl Into<RoomId>, words: &Words) -> Result<(), Error> {
        let body = json!({"GroupId": room.into(), "Reject": words.reject, "Mask": words.mask});
        self.call("hawker_room.set_words", body, true).await.map(drop)
    }

    /// Has viewers wait so long between two chat messages, in whole seconds, at most an hour; zero lifts it.
    ///
    /// # Errors
    /// As [`update_room_profile`](Client::update_room_profile).
    pub async fn set_slow_mode(&self, room: impl Into<RoomId>, pause: Duration) -> Result<(), Error> {
        let value = if pause.is_zero() { String::new() } else { pause.as_secs().to_string() };
        self.update_room_profile(room, RoomUpdate::field("slow_mode", value)).await
    }

    /// Lets banned users in again.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin.
    pub async fn unban(&self, room: impl Into<RoomId>, users: &[UserId]) -> Result<(), Error> {
        let body = json!({"GroupId": room.into(), "Members_Account": users});
        self.call("group_open_http_svc.unban_group_member", body, true).await.map(drop)
    }

    /// A room as everybody may see it, by its id; without one's own part in it.
    ///
    /// # Errors
    /// Refused with 10010 if there is no such room.
    pub async fn find_room(&self, room: impl Into<RoomId>) -> Result<RoomProfile, Error> {
        const COMMAND: &str = "group_open_http_svc.get_group_public_info";
        let filter = json!({"GroupBasePublicInfoFilter": ["Type", "Name", "Introduction", "Notification", "FaceUrl",
            "Owner_Account", "CreateTime", "NextMsgSeq", "MemberNum"]});
        let body = json!({"GroupIdList": [room.into()], "ResponseFilter": filter});
        let reply = self.call(COMMAND, body, true).await?;
        let entry = reply.get("GroupInfo").and_then(|list| list.get(0)).cloned().unwrap_or_default();
        super::calls::refused_entry(COMMAND, &entry)?;
        parse(COMMAND, entry)
    }

    // Attributes

    /// The attributes of a room.
    pub async fn attributes(&self, room: impl Into<RoomId>) -> Result<Attributes, Error> {
        #[derive(Deserialize)]
        struct Entry {
            key: String,
            #[serde(default)]
            value: String,
            #[serde(default)]
            seq: u64,
        }
        #[derive(Deserialize)]
        struct Reply {
            #[serde(rename = "AttrMainSeq", default)]
            seq: u64,
            #[serde(rename = "GroupAttrAry", default)]
            list: Vec<Entry>,
        }
        let body = json!({"GroupId": room.into(), "GroupType": 1});
        let reply: Reply = self.ask("group_open_attr_http_svc.get_group_attr", body, true).await?;
        let values = reply.list.into_iter().map(|entry| (entry.key, (entry.value, entry.seq))).collect();
        Ok(Attributes { seq: reply.seq, values })
    }

    /// Gives a room new attributes in place of those it has.
    ///
    /// # Errors
    /// Refused with 10047 (more than 16), 10045 or 10046 (key or value too long), 10048 (too much in all).
    pub async fn replace_attributes(&self, room: impl Into<RoomId>, values: &[(&str, &str)]) -> Result<(), Error> {
        self.change_attributes("set_group_attr", room.into(), attribute_list(values, None)).await
    }

    /// Sets some attributes of a room. With `known`, what was read before, it is refused (10056) if somebody else has
    /// changed one of them since.
    ///
    /// # Errors
    /// As [`replace_attributes`](Client::replace_attributes).
    pub async fn update_attributes(
        &self,
        room: impl Into<RoomId>,
        values: &[(&str, &str)],
        known: Option<&Attributes>,
    ) -> Result<(), Error> {
        let mut body = attribute_list(values, known);
        if known.is_some() {
            body["AttrControl"] = json!(["RaceConflict"]);
        }
        self.change_attributes("modify_group_attr", room.into(), body).await
    }

    /// Takes attributes of a room away.
    ///
    /// # Errors
    /// Refused with 10050 if there is no such attribute.
    pub async fn delete_attributes(&self, room: impl Into<RoomId>, keys: &[&str]) -> Result<(), Error> {
        let values: Vec<_> = keys.iter().map(|key| (*key, "")).collect();
        self.change_attributes("delete_group_attr", room.into(), attribute_list(&values, None)).await
    }

    /// Takes all attributes of a room away.
    pub async fn clear_attributes(&self, room: impl Into<RoomId>) -> Result<(), Error> {
        self.change_attributes("clear_group_attr", room.into(), json!({})).await
    }

    async fn change_attributes(&self, command: &str, room: RoomId, mut body: Value) -> Result<(), Error> {
        body["GroupId"] = json!(room);
        self.call(&format!("group_open_http_svc.{command}"), body, false).await.map(drop)
    }
}

fn attribute_list(values: &[(&str, &str)], known: Option<&Attributes>) -> Value {
    let seq = |key: &str| known.and_then(|known| known.values.get(key)).map_or(0, |(_, seq)| *seq);
    let list: Vec<_> =
        values.iter().map(|(key, value)| json!({"key": key, "value": value, "seq": seq(key)})).collect();
    json!({"GroupAttr": list, "AttrMainSeq": known.map_or(0, |known| known.seq)})
}
