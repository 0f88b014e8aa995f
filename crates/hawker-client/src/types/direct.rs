//! Messages between two users: a viewer asks the shop.

use serde::Deserialize;
use serde_json::Value;

use super::{Element, UserId};

/// How a message between two users is named afterwards: the sender's two numbers and the server's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey {
    /// The sender's own counter.
    pub seq: u64,
    /// The sender's random number.
    pub random: u32,
    /// Server time, Unix seconds.
    pub time_secs: u64,
}

impl std::fmt::Display for MessageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}_{}", self.seq, self.random, self.time_secs)
    }
}

/// A message between two users.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectMessage {
    /// How it is named.
    pub key: MessageKey,
    /// Who sent it.
    pub from: UserId,
    /// To whom.
    pub to: UserId,
    /// The sender's clock, Unix seconds.
    pub client_time_secs: u64,
    /// The sender's name, empty if none is set.
    pub nick: String,
    /// URL of the sender's picture, empty if none is set.
    pub avatar: String,
    /// What was sent; nothing if it was taken back.
    pub elements: Vec<Element>,
    /// The application's own data (`CloudCustomData`).
    pub cloud_data: String,
    /// Sent by the logged-in user.
    pub own: bool,
    /// It was taken back.
    pub recalled: bool,
}

impl DirectMessage {
    /// The text of the message, if its first element is a text.
    pub fn text(&self) -> Option<&str> {
        match self.elements.first() {
            Some(Element::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The other of the two.
    pub fn peer(&self) -> &UserId {
        if self.own { &self.to } else { &self.from }
    }
}

/// A conversation with another user, as the list of conversations shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// With whom.
    pub peer: UserId,
    /// The peer's name, empty if none is set.
    pub nick: String,
    /// URL of the peer's picture, empty if none is set.
    pub avatar: String,
    /// When something was last said, Unix seconds.
    pub time_secs: u64,
    /// What was said last, if that is still kept.
    pub last: Option<DirectMessage>,
    /// How many messages of the peer have not been read.
    pub unread: u64,
    /// Kept at the top of the list.
    pub pinned: bool,
    /// Up to when the peer has read what was sent to it, Unix seconds; 0: never.
    pub peer_read_secs: u64,
}

/// A piece of what was said between two users.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectPage {
    /// The messages, oldest first.
    pub messages: Vec<DirectMessage>,
    /// Where older ones begin; `None` if there are none.
    pub older: Option<HistoryCursor>,
}

/// A place in what was said between two users; the server's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryCursor {
    pub(crate) key: String,
    pub(crate) time_secs: u64,
}

/// Whether somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Connected and logged in.
    Online,
    /// Logged in, but without a connection.
    Offline,
    /// Not logged in.
    LoggedOut,
}

impl Presence {
    fn from_wire(status: u64) -> Presence {
        match status {
            1 => Presence::Online,
            2 => Presence::Offline,
            _ => Presence::LoggedOut,
        }
    }
}

/// Whether a user is there, and what the user says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserStatus {
    /// Who.
    pub user: UserId,
    /// There or not.
    pub presence: Presence,
    /// The user's own words, empty if none are set.
    pub text: String,
}

impl UserStatus {
    /// Reads an entry of `UserStatusList`; the words come in base64.
    pub(crate) fn from_wire(entry: &Value) -> Option<UserStatus> {
        use base64::Engine;
        let user = UserId::from(entry.get("To_Account")?.as_str()?);
        let presence = Presence::from_wire(entry.get("Status")?.as_u64()?);
        let text = entry.get("CustomStatus").and_then(Value::as_str).unwrap_or_default();
        let text = base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default();
        Some(UserStatus { user, presence, text: String::from_utf8_lossy(&text).into_owned() })
    }
}

/// What the server said to a sent message between two users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectSent {
    /// How it is named, for taking it back.
    pub key: MessageKey,
}

/// A message as it comes from the wire, pushed or asked for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct RawDirect {
    #[serde(rename = "From_Account")]
    from: UserId,
    #[serde(rename = "To_Account")]
    to: UserId,
    #[serde(rename = "From_AccountNick")]
    nick: String,
    #[serde(rename = "From_AccountHeadurl")]
    avatar: String,
    msg_seq: u64,
    msg_random: u32,
    #[serde(alias = "MsgTime")]
    msg_time_stamp: u64,
    msg_client_time: u64,
    msg_body: Value,
    cloud_custom_data: String,
    msg_flag_bits: u64,
}

/// The bit of `MsgFlagBits` that says that a message was taken back.
const RECALLED: u64 = 8;

impl RawDirect {
    /// The message as `me` sees it.
    pub(crate) fn message(
        self,
        me: Option<&UserId>,
        elements: impl FnOnce(&Value) -> Vec<Element>,
    ) -> DirectMessage {
        let recalled = self.msg_flag_bits & RECALLED != 0;
        DirectMessage {
            key: MessageKey { seq: self.msg_seq, random: self.msg_random, time_secs: self.msg_time_stamp },
            own: me == Some(&self.from),
            from: self.from,
            to: self.to,
            client_time_secs: self.msg_client_time,
            nick: self.nick,
            avatar: self.avatar,
            elements: if recalled { Vec::new() } else { elements(&self.msg_body) },
            cloud_data: self.cloud_custom_data,
            recalled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_status_comes_with_its_words_in_base64() {
        let entry = json!({"To_Account": "bob", "Status": 2, "CustomStatus": "5b+Z"});
        let want = UserStatus { user: "bob".into(), presence: Presence::Offline, text: "忙".into() };
        assert_eq!(UserStatus::from_wire(&entry), Some(want));
        assert_eq!(UserStatus::from_wire(&json!({"To_Account": "bob"})), None);
    }

    #[test]
    fn what_was_taken_back_says_nothing() {
        let raw = json!({"From_Account": "bob", "To_Account": "me", "MsgSeq": 1, "MsgRandom": 2, "MsgTimeStamp": 3,
            "MsgFlagBits": 8, "MsgBody": [1]});
        let raw = RawDirect::deserialize(raw).unwrap();
        let message = raw.message(Some(&"me".into()), |_| vec![Element::Text("x".into())]);
        assert!(message.recalled && message.elements.is_empty() && !message.own);
        assert_eq!((message.peer().as_str(), message.key.to_string()), ("bob", "1_2_3".to_owned()));
    }
}
