//! What a client hears.

use crate::error::Error;
use crate::types::{
    CustomField, DirectMessage, MemberCard, MessageKey, Profile, RoomId, RoomMessage, UserId, UserStatus,
};

/// Something that happened, in a room or to the client itself.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A login succeeded; calls that need one may be made.
    Ready {
        /// Who is logged in.
        user: UserId,
    },
    /// Nobody is logged in any more.
    NotReady,
    /// The connection changed.
    NetState(NetState),
    /// The server logged the user out. `NotReady` follows.
    Kicked(KickReason),
    /// Somebody said something.
    Message(RoomMessage),
    /// Members came.
    MemberJoined(MemberTip),
    /// Members went.
    MemberLeft(MemberTip),
    /// Members were removed by an admin.
    MemberRemoved(MemberTip),
    /// Members became admins.
    AdminSet(MemberTip),
    /// Members are admins no longer.
    AdminUnset(MemberTip),
    /// Members were banned.
    MemberBanned(MemberTip),
    /// A ban was lifted.
    MemberUnbanned(MemberTip),
    /// Members were muted or may speak again.
    MemberMuted(MemberMute),
    /// The room's profile changed; only what changed is given.
    ProfileChanged(RoomChange),
    /// A counter of the room changed.
    CounterChanged(CounterChange),
    /// A message was pinned where everybody sees it.
    MessagePinned(PinnedMessage),
    /// A pinned message was taken off.
    MessageUnpinned {
        /// The room.
        room: RoomId,
        /// Who did it.
        by: UserId,
        /// The message's place in the room's order.
        seq: u64,
    },
    /// Attributes of the room changed.
    AttributesChanged(AttributesChange),
    /// Messages were taken back.
    Recalled {
        /// The room.
        room: RoomId,
        /// Their places in the room's order.
        seqs: Vec<u64>,
    },
    /// The application's server or the operator has something to say.
    Notice(Notice),
    /// The room is gone.
    Dismissed {
        /// The room.
        room: RoomId,
    },
    /// A message between two users, one of them the logged-in one.
    Direct(DirectMessage),
    /// A message between two users was taken back.
    DirectRecalled {
        /// Who had sent it.
        from: UserId,
        /// To whom.
        to: UserId,
        /// Which.
        key: MessageKey,
        /// Who took it back.
        by: UserId,
    },
    /// Another user has read what was sent to it, up to a time.
    PeerRead {
        /// Who.
        peer: UserId,
        /// Unix seconds; messages of this second are read too.
        up_to_secs: u64,
    },
    /// The logged-in user has read what another sent, on another connection.
    ReadElsewhere {
        /// Who had sent it.
        peer: UserId,
        /// Unix seconds; messages of this second are read too.
        up_to_secs: u64,
    },
    /// How many messages of a user are not read, as the server counts them; told after a login.
    Unread {
        /// Who sent them.
        peer: UserId,
        /// How many.
        count: u64,
    },
    /// Somebody whose status is subscribed to came, went, or says something else.
    UserStatus(UserStatus),
    /// The logged-in user is in the room no longer.
    Removed {
        /// The room.
        room: RoomId,
        /// Why.
        reason: RemovalReason,
    },
    /// The logged-in user's profile was changed elsewhere; only what changed is given.
    MyProfileChanged(Profile),
    /// Something was missed in a room and cannot be had again.
    Gap {
        /// The room.
        room: RoomId,
        /// The last message delivered before the gap.
        after_seq: u64,
        /// How it came about.
        kind: GapKind,
    },
    /// The server sent something that cannot be read. It was skipped.
    Fault(Error),
    /// This receiver was too slow: its queue was full and something fell out. Comes in the place of what fell out.
    Lagged(Lagged),
}

/// What falls out first when a receiver's queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Likes, joins, quits, counters: the newest replaces the others.
    Light,
    /// Messages and everything else said in a room.
    Heavy,
    /// The state of the client itself.
    Control,
}

impl Event {
    /// What falls out first when a receiver's queue is full.
    pub fn weight(&self) -> Weight {
        match self {
            Event::Message(message) if message.is_like() => Weight::Light,
            Event::MemberJoined(_) | Event::MemberLeft(_) | Event::CounterChanged(_) => Weight::Light,
            Event::Ready { .. }
            | Event::NotReady
            | Event::NetState(_)
            | Event::Kicked(_)
            | Event::Dismissed { .. }
            | Event::Removed { .. }
            | Event::Gap { .. }
            | Event::Fault(_)
            | Event::Lagged(_) => Weight::Control,
            _ => Weight::Heavy,
        }
    }
}

/// The state of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetState {
    /// There is a connection.
    Connected,
    /// It was lost, or is not there yet, and is being sought.
    Connecting,
    /// Given up until the next request.
    Disconnected,
}

/// Why the server logged the user out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KickReason {
    /// The same user logged in elsewhere on the same kind of device.
    MultipleAccount,
    /// The same user logged in on another device.
    MultipleDevice,
    /// By a call of the app's server.
    ByServer,
    /// The UserSig, or the token got for it, is valid no longer.
    SignatureExpired,
}

impl KickReason {
    /// The official web SDK code of calls made after such a kick.
    pub fn code(self) -> u32 {
        match self {
            KickReason::MultipleDevice => 3002,
            KickReason::MultipleAccount => 3003,
            KickReason::SignatureExpired => 3004,
            KickReason::ByServer => 3006,
        }
    }
}

impl std::fmt::Display for KickReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            KickReason::MultipleAccount => "the same user logged in elsewhere",
            KickReason::MultipleDevice => "the same user logged in on another device",
            KickReason::ByServer => "by the app's server",
            KickReason::SignatureExpired => "the signature expired",
        })
    }
}

/// A tip about members.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemberTip {
    /// The room.
    pub room: RoomId,
    /// Its place in the room's order.
    pub seq: u64,
    /// Who did it; for joining and quitting the member itself.
    pub by: UserId,
    /// Whom it is about.
    pub members: Vec<MemberCard>,
    /// Members in the room now, where the tip says so.
    pub online: Option<u64>,
}

/// A tip about muted members.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberMute {
    /// The room.
    pub room: RoomId,
    /// Its place in the room's order.
    pub seq: u64,
    /// Who did it.
    pub by: UserId,
    /// Who, and for how many seconds; 0: may speak again.
    pub members: Vec<(UserId, u64)>,
}

/// What changed in a room's profile; `None` means unchanged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoomChange {
    /// The room.
    pub room: RoomId,
    /// Its place in the room's order.
    pub seq: u64,
    /// Who did it.
    pub by: UserId,
    /// That user's name.
    pub nick: String,
    /// URL of that user's picture.
    pub avatar: String,
    /// The room's name.
    pub name: Option<String>,
    /// The announcement.
    pub notification: Option<String>,
    /// The introduction.
    pub introduction: Option<String>,
    /// URL of the room's picture.
    pub face_url: Option<String>,
    /// The host.
    pub owner: Option<UserId>,
    /// Only owner and admins may speak.
    pub mute_all: Option<bool>,
    /// Custom fields that changed.
    pub custom: Vec<CustomField>,
}

/// A message that is pinned in its room.
#[derive(Debug, Clone, PartialEq)]
pub struct PinnedMessage {
    /// Who pinned it.
    pub by: UserId,
    /// When, Unix seconds.
    pub time_secs: u64,
    /// The message.
    pub message: RoomMessage,
}

/// How attributes of a room changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeChange {
    /// All of them are new.
    Replaced,
    /// Some have a new value.
    Updated,
    /// All are gone.
    Cleared,
    /// Some are gone.
    Deleted,
}

/// Attributes of a room that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributesChange {
    /// The room.
    pub room: RoomId,
    /// Who did it.
    pub by: UserId,
    /// How.
    pub change: AttributeChange,
    /// The number of the change; each is one more than the one before.
    pub seq: u64,
    /// Keys and values; those that are gone have none.
    pub attributes: Vec<(String, String)>,
}

/// A counter's new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterChange {
    /// The room.
    pub room: RoomId,
    /// Which counter, e.g. `likes`.
    pub key: String,
    /// Its value now; `None` if the counter was deleted.
    pub value: Option<i64>,
}

/// A notice of the app's server (`send_group_system_notification`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The room.
    pub room: RoomId,
    /// Who caused it.
    pub by: UserId,
    /// What it says; the live-selling component expects `{"type","msg"}`.
    pub text: String,
}

/// Why a user is in a room no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemovalReason {
    /// Removed by an admin.
    Kicked,
    /// Banned.
    Banned {
        /// For how many seconds.
        secs: u64,
        /// What the admin gave as reason.
        text: String,
    },
    /// Left on another device of the same user.
    LeftElsewhere,
    /// The membership ended while the client was away, and it was not let in again.
    NotReadmitted {
        /// The official code of the refusal.
        code: u32,
    },
}

/// How a gap came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapKind {
    /// The server's memory of the room did not reach back far enough.
    TooLarge,
    /// The membership had ended while the client was away; the room was joined again.
    Rejoined,
}

/// What fell out of a receiver's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lagged {
    /// Likes, joins, quits, counters.
    pub light: u64,
    /// Messages and everything else said in a room: only when nothing lighter was left to drop.
    pub heavy: u64,
    /// States of the client itself.
    pub control: u64,
}
