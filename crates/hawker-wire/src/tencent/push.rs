//! What is pushed: posts of a room as items, and frames around them (`wire-protocol.md` §2, §8 to §10).
//!
//! A post is written once. Nothing in it belongs to one receiver, so the same bytes go to every member; frames around
//! several items are put together once per flush.

use super::elements;
use crate::json::{self, Object};
use hawker_core::engine::KickReason;
use hawker_core::post::{AttributesHow, Face, MessageRef, Post, Posted, Priority, ProfileChange, Tallying};
use hawker_core::room::tallies::LIKES;
use std::fmt::Write;

/// A post as JSON, without the frame around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireItem {
    /// The kind of item, in the wire's numbers: 3 message, 4 and 6 tips, 5 notice.
    pub event: u8,
    /// One element of `GroupMsgArray` or `GroupTips`.
    pub json: Box<str>,
}

const SYSTEM: &str = "@TIM#SYSTEM";

/// Writes a post.
pub fn item(posted: &Posted) -> WireItem {
    let event = match &posted.post {
        Post::Message { .. } => 3,
        Post::Joined { .. } | Post::Left { .. } | Post::AdminChanged { .. } | Post::Banned { .. } => 4,
        Post::ProfileChanged { .. } | Post::Muted { .. } => 6,
        Post::LikesCounted { .. } | Post::Tallied { .. } | Post::TalliesDropped { .. } => 6,
        Post::Attributes { .. } => 6,
        Post::Pinned { .. } | Post::Unpinned { .. } => 6,
        Post::Notice { .. } | Post::Dismissed { .. } | Post::YouWereBanned { .. } | Post::Recalled { .. } => 5,
    };
    let json = match &posted.post {
        Post::Message { .. } => message(posted),
        _ => tip(posted),
    };
    WireItem { event, json: json.into() }
}

/// Writes a message as room members are pushed it.
pub(super) fn message(posted: &Posted) -> String {
    let Post::Message { from, priority, sent_at, client_seq, elements, cloud_data } = &posted.post else {
        unreachable!("only messages come here");
    };
    let mut tiny = itoa(from.account.0);
    json::object(|item| {
        item.text("From_Account", from.user.as_str()).text("ToGroupId", posted.room.room.as_str());
        item.text("TinyId", tiny.text()).number("MsgSeq", posted.seq).number("MsgRandom", posted.random);
        item.number("MsgTimeStamp", posted.at.secs()).number("MsgClientTime", *sent_at);
        item.number("ClientSeq", *client_seq).number("MsgPriority", priority_number(*priority));
        item.list("MsgBody", elements.iter(), elements::write);
        if !cloud_data.is_empty() {
            item.text("CloudCustomData", cloud_data);
        }
        item.object("GroupInfo", |info| group_info(info, posted, Some(from)));
    })
}

struct Digits([u8; 20], usize);

impl Digits {
    fn text(&mut self) -> &str {
        std::str::from_utf8(&self.0[self.1..]).expect("digits")
    }
}

fn itoa(mut number: u64) -> Digits {
    let mut digits = Digits([0; 20], 20);
    loop {
        digits.1 -= 1;
        digits.0[digits.1] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return digits;
        }
    }
}

fn group_info(info: &mut Object<'_>, posted: &Posted, about: Option<&Face>) {
    info.text("GroupId", posted.room.room.as_str()).text("GroupName", &posted.room_name);
    info.text("GroupType", "AVChatRoom");
    if let Some(face) = about {
        info.text("From_AccountNick", &face.nick).text("From_AccountHeadurl", &face.avatar);
    }
}

/// The numbers of priorities in pushes.
pub fn priority_number(priority: Priority) -> u32 {
    match priority {
        Priority::High => 1,
        Priority::Normal => 2,
        Priority::Low => 3,
        Priority::Lowest => 4,
    }
}

fn tip(posted: &Posted) -> String {
    let about = match &posted.post {
        Post::Joined { who, .. } | Post::Left { who, .. } => Some(who),
        Post::ProfileChanged { by, .. }
        | Post::Muted { by, .. }
        | Post::AdminChanged { by, .. }
        | Post::Banned { by, .. }
        | Post::Pinned { by, .. }
        | Post::Unpinned { by, .. }
        | Post::Recalled { by, .. } => Some(by),
        _ => None,
    };
    json::object(|item| {
        item.text("From_Account", SYSTEM).text("ToGroupId", posted.room.room.as_str());
        item.number("MsgSeq", posted.seq).number("MsgRandom", posted.random);
        item.number("MsgTimeStamp", posted.at.secs()).number("MsgClientTime", posted.at.secs());
        item.object("MsgBody", |body| tip_body(body, posted));
        item.object("GroupInfo", |info| group_info(info, posted, about));
        if let Post::Recalled { by, reason, .. } = &posted.post {
            // The official SDKs look for the reason here.
            item.object("RevokerInfo", |info| {
                info.text("Revoker_Account", by.user.as_str()).text("Reason", reason);
            });
        }
    })
}

fn tip_body(body: &mut Object<'_>, posted: &Posted) {
    match &posted.post {
        Post::Message { .. } => {}
        Post::Joined { who, online } => came_or_went(body, 1, who, *online),
        Post::Left { who, online } => came_or_went(body, 2, who, *online),
        Post::AdminChanged { by, users, admin } => {
            operated(body, if *admin { 4 } else { 5 }, by);
            body.list("List_Account", users, |out, user| json::string(out, user.as_str()));
        }
        Post::Banned { by, users, secs } => {
            operated(body, if *secs > 0 { 10 } else { 11 }, by);
            body.list("List_Account", users, |out, user| json::string(out, user.as_str()));
            body.number("BanDuration", *secs);
        }
        Post::ProfileChanged { by, change } => {
            operated(body, 6, by);
            body.object("MsgGroupNewInfo", |info| profile_change(info, change));
        }
        Post::Muted { by, users, secs } => {
            operated(body, 7, by);
            body.list("List_Account", users, |out, user| json::string(out, user.as_str()));
            body.list("MsgMemberInfo", users, |out, user| {
                json::object_into(out, |info| {
                    info.text("User_Account", user.as_str()).number("ShutupTime", *secs);
                });
            });
        }
        Post::Pinned { by, message } => {
            operated(body, 16, by);
            body.raw("PinnedMsg", &self::message(message));
        }
        Post::Unpinned { by, message } => {
            operated(body, 17, by);
            body.object("SdkGroupMessageId", |info| unpinned(info, message));
        }
        Post::LikesCounted { total } => counted(body, posted.seq, 2, [(LIKES, Some((*total).into()))]),
        Post::Tallied { how, tallies } => {
            let kind = if *how == Tallying::Set { 0 } else { 2 };
            counted(body, posted.seq, kind, tallies.iter().map(|(key, value)| (&**key, Some((*value).into()))));
        }
        Post::Attributes { main, how, attributes } => {
            body.number("OpType", 6).object("MsgGroupNewInfo", |info| {
                info.object("GroupAttrOption", |option| attributes_changed(option, *main, *how, attributes));
            });
        }
        Post::TalliesDropped { keys } => counted(body, posted.seq, 1, keys.iter().map(|key| (&**key, None))),
        Post::Recalled { by, messages, reason } => {
            body.number("ReportType", 15).text("Operator_Account", by.user.as_str());
            body.list("GroupWithdrawInfoArray", messages, |out, message| {
                json::object_into(out, |info| recalled(info, posted, message, by, reason));
            });
        }
        Post::Notice { by, content } => {
            body.number("ReportType", 255).text("Operator_Account", by.as_str());
            body.text("UserDefinedField", content);
        }
        Post::Dismissed { by } => {
            body.number("ReportType", 5).text("Operator_Account", by.as_str());
        }
        Post::YouWereBanned { by, secs, reason } => {
            body.number("ReportType", 21).text("Operator_Account", by.as_str());
            body.number("BanDuration", *secs).text("BanDescription", reason);
        }
    }
}

fn came_or_went(body: &mut Object<'_>, op: u32, who: &Face, online: u32) {
    operated(body, op, who);
    body.list("List_Account", [who.user.as_str()], json::string);
    body.number("GroupJoinType", 1).number("MemberNum", online);
    body.list("MsgMemberExtraInfo", [who], |out, who| json::object_into(out, |info| extra_info(info, who)));
    body.object("OnlineMemberInfo", |info| {
        info.number("OnlineMemberNum", online).number("ExpireTime", 10);
    });
}

fn operated(body: &mut Object<'_>, op: u32, by: &Face) {
    body.number("OpType", op).text("Operator_Account", by.user.as_str());
    body.object("MsgOperatorMemberExtraInfo", |info| extra_info(info, by));
}

fn extra_info(info: &mut Object<'_>, face: &Face) {
    info.text("UserId", face.user.as_str()).text("NickName", &face.nick).text("ImageUrl", &face.avatar);
}

fn profile_change(info: &mut Object<'_>, change: &ProfileChange) {
    match change {
        ProfileChange::Name(text) => info.text("GroupName", text),
        ProfileChange::Introduction(text) => info.text("GroupIntroduction", text),
        ProfileChange::Notification(text) => info.text("GroupNotification", text),
        ProfileChange::Avatar(text) => info.text("GroupFaceUrl", text),
        ProfileChange::MuteAll(on) => info.text("ShutupAll", if *on { "On" } else { "Off" }),
        ProfileChange::Field(key, value) => info.list("MsgAppDefinedData", [()], |out, ()| {
            json::object_into(out, |field| {
                field.text("Key", key).text("Value", value.as_deref().unwrap_or(""));
            });
        }),
    };
}

/// A notice of counters. `GroupCounterSeq` may only grow, whatever was counted: the post's own number does.
fn counted<'a>(
    body: &mut Object<'_>,
    seq: u64,
    kind: u32,
    counters: impl IntoIterator<Item = (&'a str, Option<i128>)>,
) {
    body.list("GroupCounterInfo", [counters], |out, counters| {
        json::object_into(out, |info| {
            info.number("Type", kind).number("GroupCounterSeq", seq);
            info.list("GroupCounter", counters, |out, (key, value)| counter(out, key, value));
        });
    });
}

/// One counter; one that is gone has no value.
pub(super) fn counter(out: &mut String, key: &str, value: Option<i128>) {
    json::object_into(out, |counter| {
        counter.text("Key", key);
        if let Some(value) = value {
            counter.number("Value", value);
        }
    });
}

fn attributes_changed(
    option: &mut Object<'_>,
    main: u64,
    how: AttributesHow,
    attributes: &[(std::sync::Arc<str>, std::sync::Arc<str>, u64)],
) {
    let kind = match how {
        AttributesHow::Replaced => 1,
        AttributesHow::Modified => 2,
        AttributesHow::Cleared => 3,
        AttributesHow::Deleted => 4,
    };
    option.number("GroupAttrSeq", main).number("PushChangedAttrValFlag", 1).number("OpType", kind);
    option.list("GroupAttrInfo", attributes, |out, (key, value, no)| {
        json::object_into(out, |one| {
            one.text("Key", key).text("Val", value).number("SubKeySeq", *no);
        });
    });
}

fn unpinned(info: &mut Object<'_>, message: &Posted) {
    let Some(named) = message.message_ref() else { return };
    info.number("MsgSeq", named.seq).number("MsgRandom", named.random);
    info.number("MsgClientTime", named.sent_at).number("ServerTime", message.at.secs());
    info.text("SenderTinyId", itoa(named.account.0).text());
}

fn recalled(info: &mut Object<'_>, posted: &Posted, message: &MessageRef, by: &Face, reason: &str) {
    info.text("GroupId", posted.room.room.as_str()).number("MsgSeq", message.seq);
    info.number("MsgRandom", message.random).text("TinyId", itoa(message.account.0).text());
    info.number("MsgClientTime", message.sent_at).text("From_Account", message.user.as_str());
    info.object("RevokerInfo", |revoker| {
        revoker.text("Revoker_Account", by.user.as_str()).text("NickName", &by.nick).text("ImageUrl", &by.avatar);
    });
    info.text("Reason", reason);
}

/// Writes the frame around items, in their order. Neighbours of one kind share an array, so a client hears of
/// them in one event.
pub fn frame<'a>(items: impl IntoIterator<Item = &'a WireItem>) -> String {
    const BEFORE: &str = r#"{"head":{"servcmd":"im_open_push.msg_push"},"body":{"EventArray":["#;
    const AFTER: &str = r#"],"NeedAck":0}}"#;
    let mut out = String::with_capacity(1024);
    out.push_str(BEFORE);
    let mut open = None;
    for item in items {
        match open {
            Some(event) if event == item.event => out.push(','),
            before => {
                out.push_str(if before.is_some() { "]},{\"Event\":" } else { "{\"Event\":" });
                write!(out, "{}", item.event).expect("a string takes everything");
                out.push_str(match item.event {
                    3 => ",\"GroupMsgArray\":[",
                    super::direct::MESSAGE => ",\"C2cMsgArray\":[",
                    super::direct::NOTICE => ",\"C2cNotifyMsgArray\":[",
                    super::direct::PRESENCE => ",\"UserStatusList\":[",
                    _ => ",\"GroupTips\":[",
                });
            }
        }
        open = Some(item.event);
        out.push_str(&item.json);
    }
    if open.is_some() {
        out.push_str("]}");
    }
    out.push_str(AFTER);
    out
}

/// Writes an item as polls and histories carry it: flat, with its kind and room inside.
pub fn flat(out: &mut String, room: &str, item: &WireItem) {
    out.push_str("{\"Event\":");
    out.push((b'0' + item.event) as char);
    out.push_str(",\"GroupId\":");
    json::string(out, room);
    out.push(',');
    out.push_str(&item.json[1..]);
}

/// Tells a session that it is over.
pub fn kick(reason: KickReason) -> String {
    let kick_type = match reason {
        KickReason::OtherLogin => 1,
        KickReason::Admin => 3,
    };
    format!(
        r#"{{"head":{{"servcmd":"im_open_status.stat_forceoffline"}},"body":{{"EventArray":[{{"Event":10,"C2cNotifyMsgArray":[{{"KickoutMsgNotify":{{"KickType":{kick_type},"NewInstInfo":{{}}}}}}]}}]}}}}"#
    )
}
