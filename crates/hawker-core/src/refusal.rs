//! Every way the rules say no. A refusal is an answer: it is expected, changes nothing and is never logged as
//! an error. Which number a wire gives it is the wire's business (`hawker-wire`).

use crate::Time;
use crate::shop::ShopRefusal;
use std::fmt;

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is logged in on this connection.
    NotLoggedIn,
    /// The session token is unknown, superseded, logged out or its signature has expired.
    SessionEnded,
    /// Another login of the same user took over.
    KickedByLogin,
    /// An administrator ended the session.
    KickedByAdmin,
    /// The UserSig was issued before the account was kicked.
    SignatureRevoked,
    /// Only an administrator of the app may do this.
    AdminsOnly,
    /// A field is missing, of the wrong type or out of range.
    BadParameter(&'static str),
    /// A text is longer than its limit, in bytes.
    TooLong {
        /// The field as the rules name it.
        field: &'static str,
        /// Its limit in bytes.
        limit: usize,
    },
    /// The message with its cloud data is larger than the limit, in bytes.
    MessageTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// More entries than one call or one room may have.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// No such room, or it was dismissed.
    RoomMissing,
    /// The room id is not a valid one.
    BadRoomId,
    /// The user id is not a valid one.
    BadUserId,
    /// Somebody else has a room of this id.
    RoomTaken,
    /// The same owner already has a room of this id.
    RoomTakenByYou,
    /// The type of group is not one that this server offers.
    NotALiveRoom,
    /// The sender is not in the room.
    NotMember,
    /// A viewer without an account tried to do more than watch.
    Anonymous,
    /// The role does not allow it.
    NotAllowed,
    /// The sender is muted.
    Muted {
        /// Until when; [`Time::NEVER`] for ever.
        until: Time,
    },
    /// Everybody but the host and the admins is muted.
    AllMuted,
    /// The user was banned from the room.
    Banned {
        /// Until when.
        until: Time,
    },
    /// The owner can dismiss the room, not leave it.
    OwnerCannotLeave,
    /// No account of this name.
    AccountMissing,
    /// The counter is the server's own.
    TallyReserved,
    /// The counter would leave the numbers that it can hold.
    TallyOverflow,
    /// The room does not remember a message of this number.
    MessageMissing,
    /// The message is too old to be recalled.
    RecallTooLate,
    /// The message is somebody else's.
    RecallNotAllowed,
    /// The user sends too often.
    TooOften,
    /// The receiver does not want to be written to by the sender.
    Blocked,
    /// No such direct message, or it is kept no longer.
    DirectMissing,
    /// The direct message was taken back already.
    AlreadyRecalled,
    /// The direct message is too old to be taken back.
    DirectRecallTooLate,
    /// Too much is being asked of the store, or it failed to answer: try again.
    Busy,
    /// Somebody else changed the attributes in between.
    AttributesChanged,
    /// An attribute that is to be deleted is not there.
    AttributeMissing,
    /// The room is in slow mode and the user has just spoken.
    SlowMode {
        /// When the user may speak again.
        until: Time,
    },
    /// The text holds a word that is not allowed.
    WordRejected,
    /// The message is pinned already.
    AlreadyPinned,
    /// A profile tag that does not exist.
    UnknownTag,
    /// A profile value of the wrong type.
    BadTagValue,
    /// The shop says no.
    Shop(ShopRefusal),
}

impl From<ShopRefusal> for Refusal {
    fn from(refusal: ShopRefusal) -> Self {
        Self::Shop(refusal)
    }
}

impl Refusal {
    /// A stable name for logs, metrics and our own API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotLoggedIn => "not_logged_in",
            Self::SessionEnded => "session_ended",
            Self::KickedByLogin => "kicked_by_login",
            Self::KickedByAdmin => "kicked_by_admin",
            Self::SignatureRevoked => "signature_revoked",
            Self::AdminsOnly => "admins_only",
            Self::BadParameter(_) => "bad_parameter",
            Self::TooLong { .. } => "too_long",
            Self::MessageTooLong { .. } => "message_too_long",
            Self::TooMany { .. } => "too_many",
            Self::RoomMissing => "room_missing",
            Self::BadRoomId => "bad_room_id",
            Self::BadUserId => "bad_user_id",
            Self::RoomTaken => "room_taken",
            Self::RoomTakenByYou => "room_taken_by_you",
            Self::NotALiveRoom => "not_a_live_room",
            Self::NotMember => "not_member",
            Self::Anonymous => "anonymous",
            Self::NotAllowed => "not_allowed",
            Self::Muted { .. } => "muted",
            Self::AllMuted => "all_muted",
            Self::Banned { .. } => "banned",
            Self::OwnerCannotLeave => "owner_cannot_leave",
            Self::AccountMissing => "account_missing",
            Self::TallyReserved => "tally_reserved",
            Self::TallyOverflow => "tally_overflow",
            Self::MessageMissing => "message_missing",
            Self::RecallTooLate => "recall_too_late",
            Self::RecallNotAllowed => "recall_not_allowed",
            Self::TooOften => "too_often",
            Self::Blocked => "blocked",
            Self::DirectMissing => "direct_missing",
            Self::AlreadyRecalled => "already_recalled",
            Self::DirectRecallTooLate => "direct_recall_too_late",
            Self::Busy => "busy",
            Self::AttributesChanged => "attributes_changed",
            Self::AttributeMissing => "attribute_missing",
            Self::SlowMode { .. } => "slow_mode",
            Self::WordRejected => "word_rejected",
            Self::AlreadyPinned => "already_pinned",
            Self::UnknownTag => "unknown_tag",
            Self::BadTagValue => "bad_tag_value",
            Self::Shop(refusal) => refusal.code(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoggedIn => write!(f, "log in first"),
            Self::SessionEnded => write!(f, "the login has ended, log in again"),
            Self::KickedByLogin => write!(f, "the account was logged in elsewhere"),
            Self::KickedByAdmin => write!(f, "the account was logged out by an administrator"),
            Self::SignatureRevoked => write!(f, "the UserSig was issued before the account was kicked"),
            Self::AdminsOnly => write!(f, "only an administrator of the app may do this"),
            Self::BadParameter(field) => write!(f, "{field} is missing or not valid"),
            Self::TooLong { field, limit } => write!(f, "{field} is longer than {limit} bytes"),
            Self::MessageTooLong { limit } => write!(f, "the message is longer than {limit} bytes"),
            Self::TooMany { what, limit } => write!(f, "at most {limit} {what}"),
            Self::RoomMissing => write!(f, "the room does not exist or was dismissed"),
            Self::BadRoomId => write!(f, "the room id is not valid"),
            Self::BadUserId => write!(f, "the user id is not valid"),
            Self::RoomTaken => write!(f, "the room id is taken"),
            Self::RoomTakenByYou => write!(f, "you already have a room of this id"),
            Self::NotALiveRoom => write!(f, "only AVChatRoom is offered"),
            Self::NotMember => write!(f, "not a member of the room"),
            Self::Anonymous => write!(f, "a viewer who is not logged in can only watch"),
            Self::NotAllowed => write!(f, "the role does not allow it"),
            Self::Muted { until } if *until == Time::NEVER => write!(f, "muted"),
            Self::Muted { until } => write!(f, "muted until {}", until.secs()),
            Self::AllMuted => write!(f, "everybody is muted"),
            Self::Banned { until } => write!(f, "banned from the room until {}", until.secs()),
            Self::OwnerCannotLeave => write!(f, "the owner cannot leave the room, only dismiss it"),
            Self::AccountMissing => write!(f, "the account does not exist"),
            Self::TallyReserved => write!(f, "the counter likes belongs to the server, which counts likes itself"),
            Self::TallyOverflow => write!(f, "the counter would leave the range of 64-bit numbers"),
            Self::MessageMissing => write!(f, "the room does not remember a message of this number"),
            Self::RecallTooLate => write!(f, "the message is too old to be recalled"),
            Self::RecallNotAllowed => write!(f, "the message is somebody else's"),
            Self::TooOften => write!(f, "too many messages, slow down"),
            Self::Blocked => write!(f, "the receiver does not want to hear from the sender"),
            Self::DirectMissing => write!(f, "there is no such message, or it is kept no longer"),
            Self::AlreadyRecalled => write!(f, "the message was taken back already"),
            Self::DirectRecallTooLate => write!(f, "the message is too old to be taken back"),
            Self::Busy => write!(f, "the server is busy, try again"),
            Self::AttributesChanged => write!(f, "the attributes have changed in between, read them again"),
            Self::AttributeMissing => write!(f, "an attribute that is to be deleted is not there"),
            Self::SlowMode { until } => write!(f, "the room is in slow mode, speak again at {}", until.secs()),
            Self::WordRejected => write!(f, "the text holds a word that is not allowed"),
            Self::AlreadyPinned => write!(f, "the message is pinned already"),
            Self::UnknownTag => write!(f, "unknown profile tag"),
            Self::BadTagValue => write!(f, "the profile value has the wrong type"),
            Self::Shop(refusal) => refusal.fmt(f),
        }
    }
}
