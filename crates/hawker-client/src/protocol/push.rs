//! What a push says: `EventArray` in, typed events out.
//!
//! Nothing here knows whether a message was seen before or whether its room is joined; that is the session's business.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::direct;
use super::event::{
    AttributeChange, AttributesChange, CounterChange, Event, KickReason, MemberMute, MemberTip, Notice,
    PinnedMessage, RemovalReason, RoomChange,
};
use crate::types::{
    Counter, Custom, CustomField, Element, MemberCard, Priority, Profile, RoomId, RoomMessage, UserId, UserStatus,
};

/// One thing a push contains.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// Something in a room, with its place in the room's order.
    Room {
        /// The room.
        room: RoomId,
        /// Its place in the room's order; 0 if it has none.
        seq: u64,
        /// Number and sender, by which a client knows its own message again.
        random: u32,
        /// Who sent it.
        from: UserId,
        /// What it says; empty if it is of a kind this client does not show.
        events: Vec<Event>,
    },
    /// The user is logged out.
    Kick(KickReason),
    /// A user's profile changed.
    Profile(Profile),
    /// A message between two users, as it came.
    Direct(Value),
    /// Something about messages between two users, or about other users.
    Told(Event),
}

/// Everything a push body contains, in order. What is not understood is left out.
pub fn items(body: &Value) -> Vec<Item> {
    let array = body.get("EventArray").and_then(Value::as_array);
    array.into_iter().flatten().flat_map(event_items).collect()
}

/// Items of one `EventArray` entry. The array's key says what it is; only room items need the number too.
fn event_items(entry: &Value) -> Vec<Item> {
    let number = entry.get("Event").or_else(|| entry.get("E")).and_then(Value::as_u64).unwrap_or(0);
    let list = |key: &str| entry.get(key).and_then(Value::as_array).into_iter().flatten();
    let mut found: Vec<Item> = list("GroupMsgArray").filter_map(message_item).collect();
    // Room messages are sorted within one entry, as the official SDKs do.
    found.sort_by_key(|item| if let Item::Room { seq, .. } = item { *seq } else { 0 });
    found.extend(list("GroupTips").filter_map(|tip| tip_item(number, tip)));
    found.extend(list("C2cMsgArray").cloned().map(Item::Direct));
    found.extend(list("C2cNotifyMsgArray").filter_map(kick_item));
    found.extend(list("C2cNotifyMsgArray").flat_map(direct::notices).map(Item::Told));
    found.extend(list("UserStatusList").filter_map(UserStatus::from_wire).map(Event::UserStatus).map(Item::Told));
    found.extend(list("ProfileDataMod").filter_map(profile_item));
    found
}

/// One entry of a pull reply: the push entry flattened, its number beside it.
pub(crate) fn pulled_item(entry: &Value) -> Option<Item> {
    let number = entry.get("Event").or_else(|| entry.get("E")).and_then(Value::as_u64)?;
    match number {
        3 | 17 => message_item(entry),
        _ => tip_item(number, entry),
    }
}

/// A room message as it comes from the wire; the short names are those of downsized pushes.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawMessage {
    #[serde(rename = "From_Account", alias = "F_Account")]
    from: UserId,
    to_group_id: RoomId,
    group_id: RoomId,
    #[serde(alias = "MS")]
    msg_seq: u64,
    #[serde(alias = "MR")]
    msg_random: u32,
    #[serde(alias = "MTS")]
    msg_time_stamp: u64,
    #[serde(alias = "MP")]
    msg_priority: Value,
    msg_body: Value,
    #[serde(alias = "CCD")]
    cloud_custom_data: String,
    #[serde(alias = "GInf")]
    group_info: RawGroupInfo,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawGroupInfo {
    #[serde(rename = "GroupId", alias = "GId")]
    room: RoomId,
    #[serde(rename = "From_AccountNick", alias = "F_NN")]
    nick: String,
    #[serde(rename = "From_AccountHeadurl", alias = "F_Hd")]
    avatar: String,
}

impl RawMessage {
    fn read(value: &Value) -> Option<RawMessage> {
        RawMessage::deserialize(value).ok()
    }

    /// The room is named in up to three places; pushes and pulls differ in which.
    fn room(&self) -> RoomId {
        [&self.to_group_id, &self.group_id, &self.group_info.room]
            .into_iter()
            .find(|room| !room.as_str().is_empty())
            .cloned()
            .unwrap_or_default()
    }

    fn item(&self, events: Vec<Event>) -> Item {
        Item::Room {
            room: self.room(),
            seq: self.msg_seq,
            random: self.msg_random,
            from: self.from.clone(),
            events,
        }
    }
}

fn message_item(value: &Value) -> Option<Item> {
    let raw = RawMessage::read(value)?;
    Some(raw.item(vec![Event::Message(raw.message())]))
}

/// A room message as it was pushed, found in an answer.
pub(crate) fn room_message(value: &Value) -> Option<RoomMessage> {
    Some(RawMessage::read(value)?.message())
}

impl RawMessage {
    fn message(&self) -> RoomMessage {
        let raw = self;
        RoomMessage {
            room: raw.room(),
            seq: raw.msg_seq,
            random: raw.msg_random,
            time_secs: raw.msg_time_stamp,
            from: raw.from.clone(),
            nick: raw.group_info.nick.clone(),
            avatar: raw.group_info.avatar.clone(),
            elements: elements(&raw.msg_body),
            priority: Priority::from_wire(&raw.msg_priority),
            cloud_data: raw.cloud_custom_data.clone(),
            own: false,
            history: false,
        }
    }
}

pub(super) fn elements(body: &Value) -> Vec<Element> {
    body.as_array().into_iter().flatten().map(element).collect()
}

fn element(value: &Value) -> Element {
    let kind = text(value, "MsgType");
    let content = value.get("MsgContent").cloned().unwrap_or_default();
    match kind.as_str() {
        "TIMTextElem" => Element::Text(text(&content, "Text")),
        "TIMCustomElem" => Element::Custom(Custom::deserialize(&content).unwrap_or_default()),
        "TIMFaceElem" => {
            let index = content.get("Index").and_then(Value::as_i64).unwrap_or(0);
            Element::Face { index, data: text(&content, "Data") }
        }
        "TIMImageElem" => known(kind, content, Element::Image),
        "TIMFileElem" => known(kind, content, Element::File),
        "TIMLocationElem" => known(kind, content, Element::Location),
        _ => Element::Other { kind, content },
    }
}

/// What does not look as it should is handed on as it came.
fn known<T: DeserializeOwned>(kind: String, content: Value, make: fn(T) -> Element) -> Element {
    match T::deserialize(&content) {
        Ok(read) => make(read),
        Err(_) => Element::Other { kind, content },
    }
}

/// An element as it goes to the wire.
pub(crate) fn element_json(element: &Element) -> Value {
    use serde_json::json;
    match element {
        Element::Text(text) => json!({"MsgType": "TIMTextElem", "MsgContent": {"Text": text}}),
        Element::Custom(custom) => json!({"MsgType": "TIMCustomElem", "MsgContent": custom}),
        Element::Face { index, data } => {
            json!({"MsgType": "TIMFaceElem", "MsgContent": {"Index": index, "Data": data}})
        }
        Element::Image(image) => json!({"MsgType": "TIMImageElem", "MsgContent": image}),
        Element::File(file) => json!({"MsgType": "TIMFileElem", "MsgContent": file}),
        Element::Location(place) => json!({"MsgType": "TIMLocationElem", "MsgContent": place}),
        Element::Other { kind, content } => json!({"MsgType": kind, "MsgContent": content}),
    }
}

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

fn tip_item(number: u64, value: &Value) -> Option<Item> {
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

fn kick_item(value: &Value) -> Option<Item> {
    kick_reason(value.get("KickoutMsgNotify")?).map(Item::Kick)
}

/// `KickType` as in pushes and in the reply 1002 to a hello.
pub(crate) fn kick_reason(value: &Value) -> Option<KickReason> {
    match value.get("KickType")?.as_u64()? {
        1 => Some(KickReason::MultipleAccount),
        2 => Some(KickReason::MultipleDevice),
        3 => Some(KickReason::ByServer),
        _ => None,
    }
}

fn profile_item(value: &Value) -> Option<Item> {
    let user = UserId::from(value.get("Profile_Account")?.as_str()?);
    Some(Item::Profile(profile(user, value.get("ProfileList")?)))
}

/// A profile from its list of tags. Pushes say `ValueBytes` where replies say `Value`.
pub(crate) fn profile(user: UserId, list: &Value) -> Profile {
    let mut profile = Profile { user, ..Profile::default() };
    for field in list.as_array().into_iter().flatten() {
        let tag = text(field, "Tag");
        let value = field.get("Value").or_else(|| field.get("ValueBytes")).map(plain).unwrap_or_default();
        match tag.as_str() {
            "Tag_Profile_IM_Nick" => profile.nick = value,
            "Tag_Profile_IM_Image" => profile.avatar = value,
            _ => profile.other.push((tag, value)),
        }
    }
    profile
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn only_event(body: Value) -> Event {
        match items(&body).pop() {
            Some(Item::Room { mut events, .. }) => events.pop().expect("an event"),
            other => panic!("{other:?}"),
        }
    }

    fn tip(number: u64, body: Value) -> Value {
        json!({"EventArray": [{"Event": number, "GroupTips": [{
            "From_Account": "@TIM#SYSTEM", "ToGroupId": "r", "MsgSeq": 8, "MsgRandom": 1, "MsgBody": body,
            "GroupInfo": {"GroupId": "r", "From_AccountNick": "Bobby", "From_AccountHeadurl": "http://a/b"}}]}]})
    }

    #[test]
    fn message_is_read_with_long_and_short_names() {
        let long = json!({"EventArray": [{"Event": 3, "GroupMsgArray": [{"From_Account": "u", "ToGroupId": "r",
            "MsgSeq": 7, "MsgRandom": 63, "MsgTimeStamp": 17, "MsgPriority": 3, "CloudCustomData": "c",
            "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}],
            "GroupInfo": {"GroupId": "r", "From_AccountNick": "N", "From_AccountHeadurl": "h"}}]}]});
        let short = json!({"EventArray": [{"E": 3, "GroupMsgArray": [{"F_Account": "u", "ToGroupId": "r",
            "MS": 7, "MR": 63, "MTS": 17, "MP": 3, "CCD": "c",
            "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}],
            "GInf": {"GId": "r", "F_NN": "N", "F_Hd": "h"}}]}]});
        assert_eq!(items(&long), items(&short));
        let Event::Message(message) = only_event(long) else { panic!() };
        assert_eq!(message.text(), Some("hi"));
        assert_eq!((message.seq, message.random, message.time_secs), (7, 63, 17));
        assert_eq!((message.nick.as_str(), message.avatar.as_str()), ("N", "h"));
        assert_eq!(message.priority, Priority::Low);
    }

    #[test]
    fn messages_of_one_entry_are_sorted() {
        let one = |seq| json!({"ToGroupId": "r", "MsgSeq": seq, "MsgBody": []});
        let body = json!({"EventArray": [{"Event": 3, "GroupMsgArray": [one(9), one(7), one(8)]}]});
        let seqs: Vec<u64> =
            items(&body).iter().map(|item| if let Item::Room { seq, .. } = item { *seq } else { 0 }).collect();
        assert_eq!(seqs, [7, 8, 9]);
    }

    #[test]
    fn join_tip_names_the_member() {
        let Event::MemberJoined(tip) = only_event(tip(
            4,
            json!({"OpType": 1, "Operator_Account": "bob",
            "List_Account": ["bob"], "OnlineMemberInfo": {"OnlineMemberNum": 2, "ExpireTime": 10}}),
        )) else {
            panic!()
        };
        assert_eq!(tip.members[0].user, "bob".into());
        assert_eq!(tip.members[0].nick, "Bobby");
        assert_eq!(tip.online, Some(2));
    }

    #[test]
    fn member_tips_by_operation() {
        for (op, name) in [
            (1, "MemberJoined"),
            (2, "MemberLeft"),
            (3, "MemberRemoved"),
            (4, "AdminSet"),
            (5, "AdminUnset"),
            (10, "MemberBanned"),
            (11, "MemberUnbanned"),
        ] {
            let event = only_event(tip(4, json!({"OpType": op, "Operator_Account": "a", "List_Account": ["b"]})));
            assert!(format!("{event:?}").starts_with(name), "{op}: {event:?}");
        }
    }

    #[test]
    fn changed_fields_are_told_apart_from_unchanged_ones() {
        let Event::ProfileChanged(change) = only_event(tip(
            6,
            json!({"OpType": 6, "Operator_Account": "a",
            "MsgGroupNewInfo": {"MsgAppDefinedData": [{"Key": "add_goods", "Value": "{}"}]}}),
        )) else {
            panic!()
        };
        assert_eq!(change.custom, [CustomField::new("add_goods", "{}")]);
        assert_eq!(change.notification, None);
    }

    #[test]
    fn attributes_that_changed() {
        let event = only_event(tip(
            6,
            json!({"OpType": 6, "Operator_Account": "a", "MsgGroupNewInfo": {"GroupAttrOption": {"GroupAttrSeq": 2,
                "OpType": 4, "GroupAttrInfo": [{"Key": "lot"}]}}}),
        ));
        let change = AttributesChange {
            room: "r".into(),
            by: "a".into(),
            change: AttributeChange::Deleted,
            seq: 2,
            attributes: vec![("lot".to_owned(), String::new())],
        };
        assert_eq!(event, Event::AttributesChanged(change));
    }

    #[test]
    fn messages_that_are_pinned_and_taken_off() {
        let pinned = json!({"OpType": 16, "Operator_Account": "host", "PinnedMsg": {"From_Account": "u",
            "ToGroupId": "r", "MsgSeq": 3, "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "where?"}}]}});
        let Event::MessagePinned(pin) = only_event(tip(6, pinned)) else { panic!() };
        assert_eq!((pin.by, pin.message.seq, pin.message.text()), ("host".into(), 3, Some("where?")));
        let off = only_event(tip(
            6,
            json!({"OpType": 17, "Operator_Account": "host",
            "SdkGroupMessageId": {"MsgSeq": 3}}),
        ));
        assert_eq!(off, Event::MessageUnpinned { room: "r".into(), by: "host".into(), seq: 3 });
    }

    #[test]
    fn pictures_files_and_places_and_what_does_not_look_like_one() {
        let read = |kind: &str, content: Value| element(&json!({"MsgType": kind, "MsgContent": content}));
        let image = read(
            "TIMImageElem",
            json!({"UUID": "u", "ImageFormat": 3, "ImageInfoArray": [
            {"Type": 1, "Size": 9, "Width": 4, "Height": 2, "URL": "http://h/a"}, {"Type": 3, "URL": "http://h/t"}]}),
        );
        let Element::Image(image) = image else { panic!() };
        assert_eq!(image.thumbnail().unwrap().url, "http://h/t");
        assert_eq!(element(&element_json(&Element::Image(image.clone()))), Element::Image(image));
        let odd = read("TIMImageElem", json!({"ImageInfoArray": "none"}));
        assert!(matches!(odd, Element::Other { kind, .. } if kind == "TIMImageElem"));
        let place = read("TIMLocationElem", json!({"Desc": "shop", "Latitude": 31.2, "Longitude": 121.5}));
        assert!(matches!(place, Element::Location(place) if place.desc == "shop"));
    }

    #[test]
    fn mute_counter_and_notices() {
        let event =
            only_event(tip(6, json!({"OpType": 7, "MsgMemberInfo": [{"User_Account": "u", "ShutupTime": 60}]})));
        assert!(matches!(event, Event::MemberMuted(mute) if mute.members == [("u".into(), 60)]));
        let event = only_event(tip(
            6,
            json!({"GroupCounterInfo": [{"Type": 2, "GroupCounter": [{"Key": "likes", "Value": 5}]}]}),
        ));
        assert!(matches!(event, Event::CounterChanged(change) if change.value == Some(5) && change.key == "likes"));
        for (kind, name) in [(4, "Removed"), (5, "Dismissed"), (21, "Removed"), (255, "Notice")] {
            let event = only_event(tip(5, json!({"ReportType": kind, "UserDefinedField": "x"})));
            assert!(format!("{event:?}").starts_with(name), "{kind}: {event:?}");
        }
    }

    #[test]
    fn kick_and_profile_are_known_by_the_arrays_name() {
        let body = json!({"EventArray": [
            {"Event": 10, "C2cNotifyMsgArray": [{"KickoutMsgNotify": {"KickType": 1, "NewInstInfo": {}}}]},
            {"Event": 7, "ProfileDataMod": [{"Profile_Account": "u", "ProfileList": [
                {"Tag": "Tag_Profile_IM_Nick", "ValueBytes": "N"}]}]}]});
        let found = items(&body);
        assert_eq!(found[0], Item::Kick(KickReason::MultipleAccount));
        assert!(matches!(&found[1], Item::Profile(profile) if profile.nick == "N"));
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        for body in
            [json!({}), json!({"EventArray": 3}), json!({"EventArray": [{}, {"Event": 3, "GroupMsgArray": [5]}]})]
        {
            assert_eq!(items(&body), [], "{body}");
        }
    }
}
