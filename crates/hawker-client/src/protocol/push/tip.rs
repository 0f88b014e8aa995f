//! Tips and notices: what happened in a room beside its messages.

use serde::Deserialize;
use serde_json::Value;

use super::super::event::{
    AttributeChange, AttributesChange, CounterChange, Event, MemberMute, MemberTip, Notice, PinnedMessage,
    RemovalReason, RoomChange,
};
use super::{Item, RawMessage, room_message};
use crate::types::{Counter, CustomField, MemberCard, RoomId, UserId};

/// The body of a tip or a notice.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawTip {
    #[serde(alias = "Opt")]
    op_type: u64,
    #[serde(alias = "RT")]
    report_type: u64,
    #[serde(rename = "Operator_Account", alias = "O_Account")]
    operator: UserId,
    #[serde(rename = "List_Account", alias = "L_Account")]
    list: Vec<UserId>,
    msg_member_extra_info: Vec<MemberCard>,
    msg_operator_member_extra_info: MemberCard,
    online_member_info: Option<RawOnline>,
    member_num: Option<u64>,
    msg_group_new_info: RawGroupNewInfo,
    msg_member_info: Vec<RawMute>,
    member_list: Vec<RawMute>,
    group_counter_info: Vec<RawCounters>,
    #[serde(alias = "UDF")]
    user_defined_field: String,
    ban_duration: u64,
    ban_description: String,
    group_withdraw_info_array: Vec<RawRecall>,
    pinned_msg: Value,
    #[serde(rename = "SdkGroupMessageId")]
    unpinned_msg: RawRecall,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawOnline {
    #[serde(rename = "OnlineMemberNum", alias = "Num")]
    members: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawGroupNewInfo {
    group_name: Option<String>,
    group_introduction: Option<String>,
    group_notification: Option<String>,
    group_face_url: Option<String>,
    #[serde(rename = "Owner_Account")]
    owner: Option<UserId>,
    msg_app_defined_data: Vec<CustomField>,
    shutup_all: Option<Value>,
    group_attr_option: Option<RawAttributes>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawAttributes {
    group_attr_seq: u64,
    op_type: u64,
    group_attr_info: Vec<RawAttribute>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawAttribute {
    key: String,
    val: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawMute {
    #[serde(rename = "User_Account")]
    user: UserId,
    #[serde(rename = "ShutupTime")]
    secs: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawCounters {
    #[serde(rename = "Type")]
    kind: u64,
    group_counter: Vec<Counter>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawRecall {
    msg_seq: u64,
}

pub(super) fn tip_item(number: u64, value: &Value) -> Option<Item> {
    let raw = RawMessage::read(value)?;
    let tip = RawTip::deserialize(&raw.msg_body).ok()?;
    let events = if number == 5 { notice_events(&raw, &tip) } else { tip_events(&raw, tip) };
    Some(raw.item(events))
}

fn tip_events(raw: &RawMessage, tip: RawTip) -> Vec<Event> {
    if !tip.group_counter_info.is_empty() {
        return counter_events(raw, tip);
    }
    let members = |make: fn(MemberTip) -> Event, tip: RawTip| vec![make(member_tip(raw, tip))];
    match tip.op_type {
        1 => members(Event::MemberJoined, tip),
        2 => members(Event::MemberLeft, tip),
        3 => members(Event::MemberRemoved, tip),
        4 => members(Event::AdminSet, tip),
        5 => members(Event::AdminUnset, tip),
        6 => room_change(raw, tip),
        7 => vec![mute(raw, tip)],
        10 => members(Event::MemberBanned, tip),
        11 => members(Event::MemberUnbanned, tip),
        16 => pinned(raw, &tip).into_iter().collect(),
        17 => {
            let (room, by) = (raw.room(), tip.operator.clone());
            vec![Event::MessageUnpinned { room, by, seq: tip.unpinned_msg.msg_seq }]
        }
        _ => Vec::new(),
    }
}

fn member_tip(raw: &RawMessage, tip: RawTip) -> MemberTip {
    let members = affected(raw, &tip);
    MemberTip {
        room: raw.room(),
        seq: raw.msg_seq,
        by: tip.operator,
        members,
        online: tip.online_member_info.map(|online| online.members).or(tip.member_num),
    }
}

/// Who a tip is about, with names where the server gave any: beside the list, or in the tip's own envelope.
fn affected(raw: &RawMessage, tip: &RawTip) -> Vec<MemberCard> {
    if !tip.msg_member_extra_info.is_empty() {
        return tip.msg_member_extra_info.clone();
    }
    let ids = if tip.list.is_empty() { std::slice::from_ref(&tip.operator) } else { &tip.list[..] };
    ids.iter().map(|user| card(raw, tip, user)).collect()
}

fn card(raw: &RawMessage, tip: &RawTip, user: &UserId) -> MemberCard {
    let operator = &tip.msg_operator_member_extra_info;
    let mut card = MemberCard { user: user.clone(), ..MemberCard::default() };
    if operator.user == *user {
        card = operator.clone();
    } else if tip.operator == *user {
        card.nick = raw.group_info.nick.clone();
        card.avatar = raw.group_info.avatar.clone();
    }
    card
}

fn pinned(raw: &RawMessage, tip: &RawTip) -> Option<Event> {
    let message = room_message(&tip.pinned_msg)?;
    Some(Event::MessagePinned(PinnedMessage { by: tip.operator.clone(), time_secs: raw.msg_time_stamp, message }))
}

fn attributes(raw: &RawMessage, by: UserId, new: RawAttributes) -> Event {
    let change = match new.op_type {
        1 => AttributeChange::Replaced,
        3 => AttributeChange::Cleared,
        4 => AttributeChange::Deleted,
        _ => AttributeChange::Updated,
    };
    let attributes = new.group_attr_info.into_iter().map(|one| (one.key, one.val.unwrap_or_default())).collect();
    Event::AttributesChanged(AttributesChange { room: raw.room(), by, change, seq: new.group_attr_seq, attributes })
}

/// A tip that changes nothing this client shows gives no event.
fn room_change(raw: &RawMessage, tip: RawTip) -> Vec<Event> {
    let mut new = tip.msg_group_new_info;
    if let Some(changed) = new.group_attr_option.take() {
        return vec![attributes(raw, tip.operator, changed)];
    }
    let change = RoomChange {
        room: raw.room(),
        seq: raw.msg_seq,
        by: tip.operator,
        nick: raw.group_info.nick.clone(),
        avatar: raw.group_info.avatar.clone(),
        name: new.group_name,
        notification: new.group_notification,
        introduction: new.group_introduction,
        face_url: new.group_face_url,
        owner: new.owner,
        mute_all: new.shutup_all.as_ref().and_then(switch),
        custom: new.msg_app_defined_data,
    };
    let unchanged = RoomChange {
        room: change.room.clone(),
        seq: change.seq,
        by: change.by.clone(),
        nick: change.nick.clone(),
        avatar: change.avatar.clone(),
        ..RoomChange::default()
    };
    if change == unchanged { Vec::new() } else { vec![Event::ProfileChanged(change)] }
}

/// A switch as a word, a number or a boolean: the sources disagree.
fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::String(word) => Some(word == "On"),
        Value::Number(number) => Some(number.as_u64() != Some(0)),
        _ => None,
    }
}

fn mute(raw: &RawMessage, tip: RawTip) -> Event {
    let listed = if tip.msg_member_info.is_empty() { tip.member_list } else { tip.msg_member_info };
    let members = listed.into_iter().map(|mute| (mute.user, mute.secs)).collect();
    Event::MemberMuted(MemberMute { room: raw.room(), seq: raw.msg_seq, by: tip.operator, members })
}

fn counter_events(raw: &RawMessage, tip: RawTip) -> Vec<Event> {
    let mut events = Vec::new();
    for counters in tip.group_counter_info {
        let deleted = counters.kind == 1;
        events.extend(counters.group_counter.into_iter().map(|counter| {
            let value = (!deleted).then_some(counter.value);
            Event::CounterChanged(CounterChange { room: raw.room(), key: counter.key, value })
        }));
    }
    events
}

fn notice_events(raw: &RawMessage, tip: &RawTip) -> Vec<Event> {
    let room = raw.room();
    let removed = |reason| vec![Event::Removed { room: room.clone(), reason }];
    match tip.report_type {
        4 => removed(RemovalReason::Kicked),
        5 | 11 => vec![Event::Dismissed { room }],
        8 => removed(RemovalReason::LeftElsewhere),
        15 => recalled(room, tip),
        21 => removed(RemovalReason::Banned { secs: tip.ban_duration, text: tip.ban_description.clone() }),
        255 => {
            let (by, text) = (tip.operator.clone(), tip.user_defined_field.clone());
            vec![Event::Notice(Notice { room, by, text })]
        }
        _ => Vec::new(),
    }
}

fn recalled(room: RoomId, tip: &RawTip) -> Vec<Event> {
    let seqs: Vec<u64> = tip.group_withdraw_info_array.iter().map(|recall| recall.msg_seq).collect();
    if seqs.is_empty() { Vec::new() } else { vec![Event::Recalled { room, seqs }] }
}
