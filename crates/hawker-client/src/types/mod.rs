//! The words of the SDK: ids, messages, profiles.

pub(crate) mod direct;
mod media;
pub mod shop;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use direct::{
    Conversation, DirectMessage, DirectPage, DirectSent, HistoryCursor, MessageKey, Presence, UserStatus,
};
pub use media::{FileLink, Image, ImageSize, Location};

/// A room id as the server knows it (`GroupId` on the wire): 1 to 48 bytes of printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct RoomId(String);

/// A user id (`From_Account`, `userID`): 1 to 32 bytes of printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct UserId(String);

macro_rules! id {
    ($($name:ident),*) => { $(
        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl From<&str> for $name { fn from(id: &str) -> Self { $name(id.to_owned()) } }
        impl From<String> for $name { fn from(id: String) -> Self { $name(id) } }
        impl From<&$name> for $name { fn from(id: &$name) -> Self { id.clone() } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )* };
}
id!(RoomId, UserId);

/// How dear a message is to its sender when the room is over its budget. Orders, gifts and the like keep their own
/// class at the server whatever is said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub enum Priority {
    /// Gifts, red packets.
    High,
    /// Chat.
    #[default]
    Normal,
    /// Likes.
    Low,
    /// What nobody will miss.
    Lowest,
}

impl Priority {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Priority::High => "High",
            Priority::Normal => "Normal",
            Priority::Low => "Low",
            Priority::Lowest => "Lowest",
        }
    }

    /// Reads the word or the number 1 to 4; anything else is `Normal`, as in the official SDKs.
    pub(crate) fn from_wire(value: &Value) -> Priority {
        match (value.as_str(), value.as_u64()) {
            (Some("High"), _) | (_, Some(1)) => Priority::High,
            (Some("Low"), _) | (_, Some(3)) => Priority::Low,
            (Some("Lowest"), _) | (_, Some(4)) => Priority::Lowest,
            _ => Priority::Normal,
        }
    }
}

/// The payload of a custom message; the three texts mean what the application says they mean.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Custom {
    /// In live-selling rooms the name of the event, e.g. `SEND_GIFT`.
    pub data: String,
    /// Free text.
    pub desc: String,
    /// In live-selling rooms the value of the event.
    pub ext: String,
}

impl Custom {
    /// A custom message with `data` and `ext`, as the live-selling component sends them.
    pub fn new(data: impl Into<String>, ext: impl Into<String>) -> Custom {
        Custom { data: data.into(), desc: String::new(), ext: ext.into() }
    }
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Element {
    /// Plain text.
    Text(String),
    /// An application's own message.
    Custom(Custom),
    /// A sticker: its number in the application's set, and a text of the application.
    Face {
        /// Number in the application's set.
        index: i64,
        /// A text of the application.
        data: String,
    },
    /// A picture.
    Image(Image),
    /// A file.
    File(FileLink),
    /// A place.
    Location(Location),
    /// Any other kind, as it came (`TIMSoundElem`, …).
    Other {
        /// `MsgType` on the wire.
        kind: String,
        /// `MsgContent` on the wire.
        content: Value,
    },
}

/// A message to be sent: elements, priority and the application's own data. The server takes at most 12 KB.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outgoing {
    /// The parts, in order.
    pub elements: Vec<Element>,
    /// See [`Priority`].
    pub priority: Priority,
    /// Travels with the message unread (`CloudCustomData`).
    pub cloud_data: String,
}

impl Outgoing {
    /// A message of one element.
    pub fn new(element: Element) -> Outgoing {
        Outgoing { elements: vec![element], ..Outgoing::default() }
    }

    /// A text message.
    pub fn text(text: impl Into<String>) -> Outgoing {
        Outgoing::new(Element::Text(text.into()))
    }

    /// A custom message.
    pub fn custom(custom: Custom) -> Outgoing {
        Outgoing::new(Element::Custom(custom))
    }

    /// The same message with another priority.
    pub fn priority(mut self, priority: Priority) -> Outgoing {
        self.priority = priority;
        self
    }

    /// The same message with the application's own data beside it.
    pub fn cloud_data(mut self, data: impl Into<String>) -> Outgoing {
        self.cloud_data = data.into();
        self
    }
}

/// What the server said to a sent message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Sent {
    /// Its place in the room's order.
    #[serde(rename = "MsgSeq", default)]
    pub seq: u64,
    /// Server time, Unix seconds.
    #[serde(rename = "MsgTime", default)]
    pub time_secs: u64,
}

/// A message received in a room.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomMessage {
    /// The room it was sent to.
    pub room: RoomId,
    /// Its place in the room's order; tips and notices count in the same series.
    pub seq: u64,
    /// The sender's random number, by which doubles are known.
    pub random: u32,
    /// Server time, Unix seconds.
    pub time_secs: u64,
    /// Who sent it.
    pub from: UserId,
    /// The sender's name, empty if none is set.
    pub nick: String,
    /// URL of the sender's picture, empty if none is set.
    pub avatar: String,
    /// What was sent.
    pub elements: Vec<Element>,
    /// The class its sender asked for.
    pub priority: Priority,
    /// The application's own data (`CloudCustomData`).
    pub cloud_data: String,
    /// Sent by the logged-in user elsewhere. What this client itself sent does not come back as an event.
    pub own: bool,
    /// Older than the join: part of the recent messages a newcomer is shown.
    pub history: bool,
}

impl RoomMessage {
    /// The text of the message, if its first element is a text.
    pub fn text(&self) -> Option<&str> {
        match self.elements.first() {
            Some(Element::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The custom payload, if the message has one.
    pub fn custom(&self) -> Option<&Custom> {
        self.elements.iter().find_map(|element| match element {
            Element::Custom(custom) => Some(custom),
            _ => None,
        })
    }

    /// Likes are the first to go when a queue is full, here as at the server.
    pub(crate) fn is_like(&self) -> bool {
        self.custom().is_some_and(|custom| custom.data == "LIKE")
    }
}

/// A member as a tip or a member list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "RawMemberCard")]
pub struct MemberCard {
    /// Who.
    pub user: UserId,
    /// Name, empty if none is set.
    pub nick: String,
    /// URL of the picture, empty if none is set.
    pub avatar: String,
    /// When the member joined, Unix seconds; 0 where the server does not say (tips).
    pub joined_secs: u64,
}

/// Tips and lists name the same things differently, and lists name some of them twice.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawMemberCard {
    user_id: UserId,
    #[serde(rename = "Member_Account")]
    member_account: UserId,
    nick_name: String,
    image_url: String,
    face_url: String,
    avatar: String,
    join_time: u64,
}

impl From<RawMemberCard> for MemberCard {
    fn from(raw: RawMemberCard) -> MemberCard {
        let user = if raw.user_id.as_str().is_empty() { raw.member_account } else { raw.user_id };
        let avatars = [raw.image_url, raw.avatar, raw.face_url];
        let avatar = avatars.into_iter().find(|url| !url.is_empty()).unwrap_or_default();
        MemberCard { user, nick: raw.nick_name, avatar, joined_secs: raw.join_time }
    }
}

/// One page of the members of a room.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MemberPage {
    /// The members, newest first.
    #[serde(rename = "MemberList")]
    pub members: Vec<MemberCard>,
    /// Pass to the next call; 0 at the end.
    #[serde(rename = "NextTimestamp")]
    pub next: u64,
}

/// A room as its profile shows it (`getGroupProfile` of the web SDKs).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RoomProfile {
    /// The room.
    #[serde(rename = "GroupId")]
    pub room: RoomId,
    /// `AVChatRoom`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// At most 30 bytes.
    pub name: String,
    /// At most 240 bytes.
    pub introduction: String,
    /// The announcement, at most 300 bytes.
    pub notification: String,
    /// URL of the room's picture.
    pub face_url: String,
    /// The host.
    #[serde(rename = "Owner_Account")]
    pub owner: UserId,
    /// Unix seconds.
    #[serde(rename = "CreateTime")]
    pub created_secs: u64,
    /// The next place in the room's order; resuming starts from the one before.
    pub next_msg_seq: u64,
    /// Members now.
    pub member_num: u64,
    /// `On` while only owner and admins may speak.
    #[serde(rename = "ShutUpAllMember")]
    shut_up_all: String,
    /// Custom fields such as `add_goods` and `room_status`.
    #[serde(rename = "AppDefinedData")]
    pub custom: Vec<CustomField>,
    /// The asking user's own part; absent for those who are not members.
    #[serde(rename = "SelfInfo", deserialize_with = "members_only")]
    pub me: Option<SelfInfo>,
}

impl RoomProfile {
    /// Whether only owner and admins may speak.
    pub fn all_muted(&self) -> bool {
        self.shut_up_all == "On"
    }

    /// The value of a custom field; `None` if it was never set.
    pub fn custom_field(&self, key: &str) -> Option<&str> {
        self.custom.iter().find(|field| field.key == key).map(|field| field.value.as_str())
    }
}

/// A custom field of a room: key at most 16, value at most 512 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CustomField {
    /// `[A-Za-z0-9_]`, not starting with a digit.
    pub key: String,
    /// Any text.
    pub value: String,
}

impl CustomField {
    /// A field with its value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> CustomField {
        CustomField { key: key.into(), value: value.into() }
    }
}

/// The asking user's own part of a room profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SelfInfo {
    /// What the user may do.
    pub role: Role,
    /// Unix seconds; 0 if not a member.
    #[serde(rename = "JoinTime")]
    pub joined_secs: u64,
}

/// Servers describe strangers too, as `NotMember`.
fn members_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SelfInfo>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let is_member = value.get("Role").is_some_and(|role| role != "NotMember");
    Ok(is_member.then(|| SelfInfo::deserialize(value).unwrap_or_default()))
}

/// What a member may do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Role {
    /// The host: everything.
    Owner,
    /// Mutes, bans, speaks while all are muted.
    Admin,
    /// Reads and speaks.
    #[default]
    #[serde(other)]
    Member,
}

/// A room to be created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewRoom {
    /// At most 30 bytes.
    pub name: String,
    /// `None`: the server makes one up.
    pub id: Option<RoomId>,
    /// At most 240 bytes.
    pub introduction: String,
    /// The announcement, at most 300 bytes.
    pub notification: String,
    /// URL of the room's picture, at most 100 bytes.
    pub avatar: String,
    /// Custom fields from the beginning.
    pub custom: Vec<CustomField>,
}

/// Changes to a room's profile; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomUpdate {
    /// At most 30 bytes.
    pub name: Option<String>,
    /// The announcement, at most 300 bytes.
    pub notification: Option<String>,
    /// At most 240 bytes.
    pub introduction: Option<String>,
    /// URL of the room's picture, at most 100 bytes.
    pub avatar: Option<String>,
    /// Only owner and admins may speak.
    pub mute_all: Option<bool>,
    /// Custom fields to set; others keep their value. The first is the one old components hear about.
    pub custom: Vec<CustomField>,
}

impl RoomUpdate {
    /// An update of one custom field.
    pub fn field(key: &str, value: impl Into<String>) -> RoomUpdate {
        RoomUpdate { custom: vec![CustomField::new(key, value)], ..RoomUpdate::default() }
    }
}

/// A user's profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Whose it is.
    pub user: UserId,
    /// At most 500 bytes.
    pub nick: String,
    /// URL of a picture, at most 500 bytes.
    pub avatar: String,
    /// All other fields that are set: tag (`Tag_Profile_IM_…`, `Tag_Profile_Custom_…`) and value as text.
    pub other: Vec<(String, String)>,
}

/// Changes to one's own profile; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileUpdate {
    /// At most 500 bytes.
    pub nick: Option<String>,
    /// URL of a picture, at most 500 bytes.
    pub avatar: Option<String>,
    /// Further fields by tag.
    pub other: Vec<(String, String)>,
}

/// How many are in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OnlineCount {
    /// Members now.
    #[serde(rename = "OnlineMemberNum")]
    pub members: u64,
    /// Ask again after so many seconds.
    #[serde(rename = "ExpireTime")]
    pub expire_secs: u64,
}

/// A counter of a room and its value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Counter {
    /// At most 128 bytes. `likes` is the server's own.
    pub key: String,
    /// Any 64-bit integer.
    pub value: i64,
}

/// What a room has seen (`hawker_room.stats`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RoomStats {
    /// Members now.
    #[serde(rename = "OnlineMemberNum")]
    pub online: u64,
    /// The most members at one time since the room was opened.
    #[serde(rename = "PeakMemberNum")]
    pub peak: u64,
    /// Likes, shown or not.
    #[serde(rename = "LikeCount")]
    pub likes: u64,
    /// Messages.
    #[serde(rename = "MsgCount")]
    pub messages: u64,
    /// What became of the messages, by class. Empty unless the asker is the owner or an admin.
    pub ledger: Vec<LedgerLine>,
}

/// What became of one class of messages: `received = delivered + Σ dropped`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LedgerLine {
    /// E.g. `chat`, `like`.
    pub class: String,
    /// Came in.
    pub received: u64,
    /// Went out.
    pub delivered: u64,
    /// Did not go out, by reason.
    pub dropped: Vec<DroppedCount>,
}

/// How many messages were dropped for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DroppedCount {
    /// E.g. `budget`.
    pub reason: String,
    /// How many.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn member_cards_are_read_from_tips_and_lists() {
        let want = MemberCard { user: "u".into(), nick: "N".into(), avatar: "h".into(), joined_secs: 0 };
        let tip = json!({"UserId": "u", "NickName": "N", "ImageUrl": "h"});
        let list = json!({"Member_Account": "u", "NickName": "N", "Avatar": "h", "FaceUrl": "h", "Role": "Member"});
        for value in [tip, list] {
            assert_eq!(MemberCard::deserialize(value).unwrap(), want);
        }
    }

    #[test]
    fn strangers_have_no_part_in_a_room() {
        for (own, want) in [
            (json!({"Role": "NotMember", "JoinTime": 0}), None),
            (json!({"Role": "Owner", "JoinTime": 5}), Some(SelfInfo { role: Role::Owner, joined_secs: 5 })),
        ] {
            let profile = RoomProfile::deserialize(json!({"GroupId": "r", "SelfInfo": own})).unwrap();
            assert_eq!(profile.me, want);
        }
        assert_eq!(RoomProfile::deserialize(json!({"GroupId": "r"})).unwrap().me, None);
    }
}
