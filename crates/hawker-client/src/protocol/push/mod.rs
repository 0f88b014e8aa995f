//! What a push says: `EventArray` in, typed events out.
//!
//! Nothing here knows whether a message was seen before or whether its room is joined; that is the session's business.

mod tip;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::direct;
use super::event::{Event, KickReason};
use crate::types::{Custom, Element, Priority, Profile, RoomId, RoomMessage, UserId, UserStatus};
use tip::tip_item;

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

    use super::super::event::{AttributeChange, AttributesChange};
    use super::*;
    use crate::types::CustomField;

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
