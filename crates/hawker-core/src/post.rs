//! What is said in a room: messages of people, tips about people, notices of the server.
//!
//! Everything that a room is told carries a number from the room's one sequence, so that all members see the
//! same order and one who comes back can name what it saw last.

use crate::id::{AccountId, RoomKey, UserId};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How dearly a post is held when there are more than the room can carry. First is dearest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Class {
    /// Orders, gifts, coupons, follows, pushed goods, notices, room status: never sacrificed.
    Vital,
    /// Chat whose sender asked for `High`.
    ChatHigh,
    /// Ordinary chat.
    ChatNormal,
    /// Chat whose sender asked for `Low`.
    ChatLow,
    /// Chat whose sender asked for `Lowest`.
    ChatLowest,
    /// Likes, and what is told again with its next change: their total, what is left of goods.
    Like,
    /// Join and quit tips.
    Tip,
}

impl Class {
    /// All classes, dearest first.
    pub const ALL: [Class; 7] = [
        Class::Vital,
        Class::ChatHigh,
        Class::ChatNormal,
        Class::ChatLow,
        Class::ChatLowest,
        Class::Like,
        Class::Tip,
    ];

    /// The name used in the ledger and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Class::Vital => "vital",
            Class::ChatHigh => "chat_high",
            Class::ChatNormal => "chat",
            Class::ChatLow => "chat_low",
            Class::ChatLowest => "chat_lowest",
            Class::Like => "like",
            Class::Tip => "tip",
        }
    }
}

/// The priority that a sender asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Priority {
    /// Shown before others when the room is over its budget.
    High,
    /// The default.
    #[default]
    Normal,
    /// Given up before ordinary chat.
    Low,
    /// Given up first among messages.
    Lowest,
}

/// What a message is about. The wire finds it out; the rules derive the class from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Meaning {
    /// Talk, and everything the server does not know.
    #[default]
    Chat,
    /// A like: counted exactly, shown when there is room.
    Like,
    /// A gift, a purchase, a claimed coupon, a follow, the end of a stream.
    Commerce,
}

impl Meaning {
    /// The class of a message with this meaning.
    pub fn class(self, asked: Priority) -> Class {
        match (self, asked) {
            (Meaning::Commerce, _) => Class::Vital,
            (Meaning::Like, _) => Class::Like,
            (Meaning::Chat, Priority::High) => Class::ChatHigh,
            (Meaning::Chat, Priority::Normal) => Class::ChatNormal,
            (Meaning::Chat, Priority::Low) => Class::ChatLow,
            (Meaning::Chat, Priority::Lowest) => Class::ChatLowest,
        }
    }
}

/// One part of a message (`messages-and-limits.md` §1).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Element {
    /// Plain text.
    Text(Box<str>),
    /// Application data.
    Custom {
        /// The data; live-selling components put the event's name here.
        data: Box<str>,
        /// A description.
        desc: Box<str>,
        /// An extension; live-selling components put the event's value here.
        ext: Box<str>,
        /// The sound of an offline push; carried, not used.
        sound: Box<str>,
    },
    /// A sticker.
    Face {
        /// Which one, as the application numbers them.
        index: i64,
        /// Application data.
        data: Box<str>,
    },
    /// Image, sound, file, video, location, merged messages: carried as they came.
    Other {
        /// The wire's name of the element.
        kind: Box<str>,
        /// Its content as the wire wrote it.
        content: Box<str>,
    },
}

/// A message that somebody wants to send.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// What it is about.
    pub meaning: Meaning,
    /// The priority asked for.
    pub priority: Priority,
    /// The sender's random number: with the sender it makes the message recognisable when sent twice.
    pub random: u32,
    /// The sender's clock, in seconds; part of the message's id at the clients.
    pub sent_at: u64,
    /// The sender's own counter.
    pub client_seq: u64,
    /// What it says.
    pub elements: Arc<[Element]>,
    /// Application data beside the elements.
    pub cloud_data: Arc<str>,
    /// Size of all of it as JSON, in bytes.
    pub bytes: usize,
}

/// Who a post is about or from, as others see them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Face {
    /// The account.
    pub account: AccountId,
    /// Its name in the app.
    pub user: UserId,
    /// Its nickname; may be empty.
    pub nick: Arc<str>,
    /// The address of its picture; may be empty.
    pub avatar: Arc<str>,
}

/// One change of a room's profile. Each gets a tip of its own, because old components read only the first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ProfileChange {
    /// The room's name.
    Name(Arc<str>),
    /// Its introduction.
    Introduction(Arc<str>),
    /// Its announcement.
    Notification(Arc<str>),
    /// Its picture.
    Avatar(Arc<str>),
    /// Whether everybody but host and admins is muted.
    MuteAll(bool),
    /// A custom field; `None` deletes it.
    Field(Arc<str>, Option<Arc<str>>),
}

/// How a counter is changed by a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Tallying {
    /// It becomes the number.
    Set,
    /// The number is added; a counter that is not there counts from zero.
    Add,
    /// The number is taken away.
    Subtract,
}

/// How attributes of a room changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AttributesHow {
    /// These are all there are now.
    Replaced,
    /// These are new or have new values.
    Modified,
    /// There are none any more.
    Cleared,
    /// These are gone.
    Deleted,
}

/// A message as it is named afterwards: what clients find it by.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MessageRef {
    /// Its number in the room.
    pub seq: u64,
    /// The sender's random number.
    pub random: u32,
    /// The sender's clock, in seconds.
    pub sent_at: u64,
    /// The sender's account.
    pub account: AccountId,
    /// The sender's name.
    pub user: UserId,
}

/// A message that is pinned in its room.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Pin {
    /// Who pinned it.
    pub by: UserId,
    /// When.
    pub at: Time,
    /// The message.
    pub message: Arc<Posted>,
}

/// What a room is told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Post {
    /// Somebody said something.
    Message {
        /// The sender.
        from: Face,
        /// The priority asked for.
        priority: Priority,
        /// The sender's clock, in seconds.
        sent_at: u64,
        /// The sender's own counter.
        client_seq: u64,
        /// What was said.
        elements: Arc<[Element]>,
        /// Application data beside the elements.
        cloud_data: Arc<str>,
    },
    /// Somebody came.
    Joined {
        /// Who.
        who: Face,
        /// Viewers now.
        online: u32,
    },
    /// Somebody left.
    Left {
        /// Who.
        who: Face,
        /// Viewers now.
        online: u32,
    },
    /// The room's profile changed.
    ProfileChanged {
        /// Who changed it.
        by: Face,
        /// What changed.
        change: ProfileChange,
    },
    /// Members were muted or may speak again.
    Muted {
        /// Who did it.
        by: Face,
        /// Whom.
        users: Vec<UserId>,
        /// For how many seconds; 0 lifts it.
        secs: u32,
    },
    /// A member became an admin of the room or is one no longer.
    AdminChanged {
        /// Who did it.
        by: Face,
        /// Whom.
        users: Vec<UserId>,
        /// Admin now, or not.
        admin: bool,
    },
    /// Members were banned from the room, or may come back.
    Banned {
        /// Who did it.
        by: Face,
        /// Whom.
        users: Vec<UserId>,
        /// For how many seconds; 0 lifts it.
        secs: u32,
    },
    /// The number of likes.
    LikesCounted {
        /// All likes since the room was opened.
        total: u64,
    },
    /// Counters that the host keeps have new values.
    Tallied {
        /// How they came to them.
        how: Tallying,
        /// The counters.
        tallies: Vec<(Arc<str>, i64)>,
    },
    /// Counters that the host kept are gone.
    TalliesDropped {
        /// Which.
        keys: Vec<Arc<str>>,
    },
    /// Attributes changed.
    Attributes {
        /// The number of the change.
        main: u64,
        /// How.
        how: AttributesHow,
        /// Name, value (empty for those that are gone) and number of each.
        attributes: Vec<(Arc<str>, Arc<str>, u64)>,
    },
    /// Messages were taken back.
    Recalled {
        /// Who did it.
        by: Face,
        /// Which.
        messages: Vec<MessageRef>,
        /// Why, in the words of who did it; may be empty.
        reason: Arc<str>,
    },
    /// A message was pinned.
    Pinned {
        /// Who did it.
        by: Face,
        /// The message.
        message: Arc<Posted>,
    },
    /// A pinned message was taken off.
    Unpinned {
        /// Who did it.
        by: Face,
        /// The message.
        message: Arc<Posted>,
    },
    /// A notice that an administrator sent over REST.
    Notice {
        /// The administrator.
        by: UserId,
        /// What it says.
        content: Arc<str>,
    },
    /// The room is closed for good.
    Dismissed {
        /// Who did it.
        by: UserId,
    },
    /// To one person: you were banned.
    YouWereBanned {
        /// Who did it.
        by: UserId,
        /// For how many seconds.
        secs: u32,
        /// Why, in the words of who did it.
        reason: Arc<str>,
    },
}

/// A post with its place in the room.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// The room.
    pub room: RoomKey,
    /// The room's name at the time.
    pub room_name: Arc<str>,
    /// Its number: larger than that of everything said before.
    pub seq: u64,
    /// The sender's random number, or one of the server's.
    pub random: u32,
    /// When the server took it.
    pub at: Time,
    /// How dearly it is held.
    pub class: Class,
    /// What is said.
    pub post: Post,
}

impl Posted {
    /// How clients name it afterwards, if it is a message.
    pub fn message_ref(&self) -> Option<MessageRef> {
        let Post::Message { from, sent_at, .. } = &self.post else { return None };
        Some(MessageRef {
            seq: self.seq,
            random: self.random,
            sent_at: *sent_at,
            account: from.account,
            user: from.user.clone(),
        })
    }
}
