//! Commands about what is said in a room.

use super::{Asked, Read, rules};
use crate::tencent::elements::{self, RawElement};
use crate::tencent::error::WireError;
use hawker_core::command::{Command, RoomCommand};
use hawker_core::post::{Draft, Priority};
use hawker_core::{RoomId, UserId};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

impl Read<'_> {
    pub(super) fn send_group_msg(&self) -> Result<Asked, WireError> {
        let body: SendGroupMsg<'_> = self.body()?;
        let raw: Vec<RawElement<'_>> = serde_json::from_str(body.elements.get())
            .map_err(|error| WireError::new(10004, format!("MsgBody: {error}")))?;
        let elements = elements::read(&raw)?;
        let priority = match body.priority.as_deref() {
            None | Some("Normal") => Priority::Normal,
            Some("High") => Priority::High,
            Some("Low") => Priority::Low,
            Some("Lowest") => Priority::Lowest,
            Some(_) => return Err(WireError::new(10004, "MsgPriority is High, Normal, Low or Lowest")),
        };
        let draft = Draft {
            meaning: elements::meaning(&elements),
            priority,
            random: body.random,
            sent_at: body.client_time.unwrap_or(self.ctx.now.secs()),
            client_seq: body.client_seq,
            bytes: body.elements.get().len() + body.cloud_data.len(),
            elements: elements.into(),
            cloud_data: body.cloud_data.into(),
        };
        let command = match body.from {
            Some(from) => RoomCommand::SendAs(UserId::from(&*from), draft),
            None => RoomCommand::Send(draft),
        };
        Ok(Asked::Rules(Command::Room(RoomId::from(&*body.room), command), self.sent_shape()))
    }

    pub(super) fn notify(&self) -> Result<Asked, WireError> {
        let body: Notification = self.body()?;
        if body.to.is_some_and(|to| !to.is_empty()) {
            return Err(WireError::new(10004, "ToMembers_Account is not for AVChatRoom"));
        }
        rules(Command::Room(body.room.into(), RoomCommand::Notify { content: body.content.into() }))
    }

    pub(super) fn recall(&self) -> Result<Asked, WireError> {
        let body: Recall = self.body()?;
        let seqs = body.messages.into_iter().map(|message| message.seq).collect();
        rules(Command::Room(body.room.into(), RoomCommand::Recall { seqs, reason: body.reason.into() }))
    }
}

#[derive(Deserialize)]
struct SendGroupMsg<'a> {
    #[serde(rename = "GroupId", borrow)]
    room: Cow<'a, str>,
    #[serde(rename = "From_Account", borrow)]
    from: Option<Cow<'a, str>>,
    #[serde(rename = "Random")]
    random: u32,
    #[serde(rename = "MsgPriority", borrow)]
    priority: Option<Cow<'a, str>>,
    #[serde(rename = "MsgBody", borrow)]
    elements: &'a RawValue,
    #[serde(rename = "CloudCustomData", default)]
    cloud_data: String,
    #[serde(rename = "MsgClientTime")]
    client_time: Option<u64>,
    #[serde(rename = "ClientSeq", default)]
    client_seq: u64,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Content")]
    content: String,
    #[serde(rename = "ToMembers_Account")]
    to: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Recall {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "MsgSeqList")]
    messages: Vec<OneMessage>,
    #[serde(rename = "Reason", default)]
    reason: String,
}

#[derive(Deserialize)]
struct OneMessage {
    #[serde(rename = "MsgSeq")]
    seq: u64,
}
