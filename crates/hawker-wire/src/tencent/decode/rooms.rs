//! Commands about rooms: opening, joining, what they show of themselves, and their counters.

use super::{Asked, Field, Poll, Read, Shape, rules};
use crate::tencent::error::WireError;
use hawker_core::command::{Command, OpenRoom, RoomCommand};
use hawker_core::post::{ProfileChange, Tallying};
use hawker_core::{RoomId, UserId};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Read<'_> {
    pub(super) fn create_group(&self) -> Result<Asked, WireError> {
        let body: CreateGroup = self.body()?;
        if body.members.is_some_and(|members| !members.is_empty()) {
            return Err(WireError::new(10007, "MemberList is not for AVChatRoom"));
        }
        rules(Command::OpenRoom(OpenRoom {
            room: body.room.filter(|room| !room.is_empty()).map(RoomId::from),
            owner: body.owner.filter(|owner| !owner.is_empty()).map(UserId::from),
            live_room: body.kind == "AVChatRoom",
            name: body.name.into(),
            introduction: body.introduction.into(),
            notification: body.notification.into(),
            avatar: body.avatar.into(),
            fields: body.fields.into_iter().map(|field| (field.key.into(), field.value.into())).collect(),
        }))
    }

    pub(super) fn join(&self) -> Result<Asked, WireError> {
        let body: Join = self.body()?;
        let join = RoomCommand::Join { history: body.history == 1 };
        rules(Command::Room(body.room.into(), join))
    }

    pub(super) fn poll(&self) -> Result<Asked, WireError> {
        let body: PollBody = self.body()?;
        Ok(Asked::Poll(Poll { room: body.key.into(), start_seq: body.start_seq }))
    }

    pub(super) fn room_profiles(&self, shape: impl FnOnce(BTreeSet<String>) -> Shape) -> Result<Asked, WireError> {
        let body: RoomProfiles = self.body()?;
        let rooms = body.rooms.into_iter().map(RoomId::from).collect();
        let fields = body.filter.map(|filter| filter.base.into_iter().collect()).unwrap_or_default();
        Ok(Asked::Rules(Command::RoomProfiles { rooms }, shape(fields)))
    }

    pub(super) fn modify_group_base_info(&self) -> Result<Asked, WireError> {
        let body: ModifyGroup = self.body()?;
        let mut changes: Vec<ProfileChange> = Vec::new();
        for field in body.fields {
            let value = Some(field.value).filter(|value| !value.is_empty()).map(Arc::from);
            changes.push(ProfileChange::Field(field.key.into(), value));
        }
        changes.extend(body.name.map(|text| ProfileChange::Name(text.into())));
        changes.extend(body.introduction.map(|text| ProfileChange::Introduction(text.into())));
        changes.extend(body.notification.map(|text| ProfileChange::Notification(text.into())));
        changes.extend(body.avatar.map(|text| ProfileChange::Avatar(text.into())));
        match body.mute_all.as_deref() {
            None => {}
            Some("On") => changes.push(ProfileChange::MuteAll(true)),
            Some("Off") => changes.push(ProfileChange::MuteAll(false)),
            Some(_) => return Err(WireError::new(10004, "MuteAllMember is On or Off")),
        }
        rules(Command::Room(body.room.into(), RoomCommand::Change(changes)))
    }

    pub(super) fn set_budget(&self) -> Result<Asked, WireError> {
        let body: SetBudget = self.body()?;
        // Zero is no number of messages: it takes the room's own number away.
        let per_second = Some(body.per_second).filter(|per_second| *per_second > 0);
        rules(Command::Room(body.room.into(), RoomCommand::SetBudget(per_second)))
    }

    pub(super) fn update_counters(&self) -> Result<Asked, WireError> {
        let body: UpdateCounters = self.body()?;
        let how = match body.mode.as_str() {
            "Set" => Tallying::Set,
            "Increase" => Tallying::Add,
            "Decrease" => Tallying::Subtract,
            _ => return Err(WireError::new(10004, "Mode is Set, Increase or Decrease")),
        };
        let tallies = body.counters.into_iter().map(|counter| (counter.key.into(), counter.value)).collect();
        rules(Command::Room(body.room.into(), RoomCommand::Tally { how, tallies }))
    }

    /// The SDKs ask for all counters with an empty list.
    pub(super) fn get_counters(&self) -> Result<Asked, WireError> {
        let body: CounterKeys = self.body()?;
        let keys = body.keys.filter(|keys| !keys.is_empty());
        rules(Command::Room(body.room.into(), RoomCommand::Tallies { keys }))
    }

    /// Here an empty list is not all of them: whoever computed it did not mean that.
    pub(super) fn delete_counters(&self) -> Result<Asked, WireError> {
        let body: CounterKeys = self.body()?;
        rules(Command::Room(body.room.into(), RoomCommand::DropTallies { keys: body.keys }))
    }
}

#[derive(Deserialize)]
struct CreateGroup {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "GroupId")]
    room: Option<String>,
    #[serde(rename = "Owner_Account")]
    owner: Option<String>,
    #[serde(rename = "Introduction", default)]
    introduction: String,
    #[serde(rename = "Notification", default)]
    notification: String,
    #[serde(rename = "FaceUrl", default)]
    avatar: String,
    #[serde(rename = "AppDefinedData", default)]
    fields: Vec<Field>,
    #[serde(rename = "MemberList")]
    members: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Join {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "HugeGroupHistoryMsgFlag", default)]
    history: u32,
}

#[derive(Deserialize)]
struct PollBody {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "StartSeq", default)]
    start_seq: u64,
}

#[derive(Deserialize)]
struct RoomProfiles {
    #[serde(rename = "GroupIdList")]
    rooms: Vec<String>,
    #[serde(rename = "ResponseFilter")]
    filter: Option<ResponseFilter>,
}

#[derive(Deserialize)]
struct ResponseFilter {
    #[serde(rename = "GroupBaseInfoFilter", default)]
    base: Vec<String>,
}

#[derive(Deserialize)]
struct ModifyGroup {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Name")]
    name: Option<String>,
    #[serde(rename = "Introduction")]
    introduction: Option<String>,
    #[serde(rename = "Notification")]
    notification: Option<String>,
    #[serde(rename = "FaceUrl")]
    avatar: Option<String>,
    #[serde(rename = "MuteAllMember", alias = "ShutUpAllMember")]
    mute_all: Option<String>,
    #[serde(rename = "AppDefinedData", default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct SetBudget {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "MessagesPerSecond")]
    per_second: u32,
}

#[derive(Deserialize)]
struct UpdateCounters {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "GroupCounter")]
    counters: Vec<Counter>,
    #[serde(rename = "Mode")]
    mode: String,
}

#[derive(Deserialize)]
struct Counter {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value")]
    value: i64,
}

#[derive(Deserialize)]
struct CounterKeys {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "GroupCounterKeys")]
    keys: Option<Vec<Arc<str>>>,
}
