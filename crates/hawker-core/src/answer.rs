//! What the rules answer. Each wire writes it in its own spelling.

use crate::direct::{DirectAnswer, PresenceOf};
use crate::id::{AccountId, AppId, RoomId, SessionId, UserId};
use crate::post::{Class, Pin, Posted};
use crate::refusal::Refusal;
use crate::room::ledger::Ledger;
use crate::shop::ShopAnswer;
use crate::time::Time;
use crate::words::Words;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The good answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done, nothing more to say.
    Done,
    /// Logged in, or back again.
    LoggedIn(LoggedIn),
    /// Profiles, in the order asked for.
    Profiles(Vec<(UserId, Option<Arc<crate::profile::Profile>>)>),
    /// Who is asking.
    Account {
        /// The app.
        app: AppId,
        /// The user.
        user: UserId,
    },
    /// The room is open.
    Opened {
        /// Its id.
        room: RoomId,
    },
    /// Room profiles, in the order asked for.
    RoomProfiles(Vec<Result<RoomView, (RoomId, Refusal)>>),
    /// In the room.
    Joined {
        /// The app.
        app: AppId,
        /// The room.
        room: RoomId,
        /// Whether the client asked for what was said before.
        history: bool,
        /// Next number of the room at that moment: everything from here on is live.
        next_seq: u64,
    },
    /// Watching without an account.
    Watching {
        /// The room.
        room: RoomId,
        /// Next number of the room.
        next_seq: u64,
    },
    /// The message was taken.
    Sent {
        /// When.
        at: Time,
        /// Its number in the room; the last one given if the message was dropped.
        seq: u64,
        /// The room was over its budget and the message was not delivered.
        dropped: bool,
    },
    /// How many are watching.
    OnlineCount(u32),
    /// Members, newest first.
    Members {
        /// This page.
        members: Vec<MemberView>,
        /// Where the next page starts; 0 is the end.
        next_page: u64,
        /// All members of the room.
        total: u32,
    },
    /// Records of some members.
    MemberRecords(Vec<MemberView>),
    /// Admins of the room.
    Admins(Vec<(UserId, Arc<str>, Arc<str>)>),
    /// Muted users and until when.
    MutedUsers(Vec<(UserId, Time)>),
    /// Banned users and until when.
    BannedUsers {
        /// This page.
        banned: Vec<(UserId, Time)>,
        /// So many to leave out for the next page; 0 is the end.
        next: usize,
    },
    /// Counters and their values.
    Tallies {
        /// The counters.
        tallies: Vec<(Arc<str>, i64)>,
        /// The last number that the room had given out when they had these values.
        seq: u64,
    },
    /// How recalling each of these messages went.
    Recalled(Vec<(u64, Result<(), Refusal>)>),
    /// Pinned messages, in the order in which they were pinned.
    Pins(Vec<Arc<Pin>>),
    /// Messages that the room still holds.
    Messages(Vec<Arc<Posted>>),
    /// Words that are refused or masked.
    Words(Arc<Words>),
    /// Numbers of the show.
    Stats(Stats),
    /// About direct messages.
    Direct(DirectAnswer),
    /// Of the shop.
    Shop(Box<ShopAnswer>),
    /// Whether users are there, and which of those asked for have no account.
    Presence(Vec<PresenceOf>, Vec<UserId>),
    /// Attributes of a room.
    Attributes {
        /// How often they have changed.
        main: u64,
        /// Those asked for or changed: name, value, number of the change that made it.
        attributes: Vec<(Arc<str>, Arc<str>, u64)>,
    },
}

/// See [`Answer::LoggedIn`].
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedIn {
    /// The app.
    pub app: AppId,
    /// The account's number.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// When the session was made: part of the token, so that an old token cannot name a newer session.
    pub since: Time,
    /// When the signature ends.
    pub expires_at: Time,
    /// Now.
    pub now: Time,
    /// What the user says about being there.
    pub presence_text: Arc<str>,
    /// Per room that the client wanted to resume, how that went.
    pub resumed: Vec<(RoomId, Resumption)>,
}

/// How coming back to a room went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// Still (or again) a member; what was said after this number follows, if the room still remembers it.
    Member {
        /// The last number that the client delivered.
        after: u64,
    },
    /// No member any more.
    NotMember,
}

/// The role of a user in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May watch and talk.
    Member,
    /// May also mute, and talk while everybody is muted.
    Admin,
    /// The host.
    Owner,
}

/// A room as one caller sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomView {
    /// Its id.
    pub room: RoomId,
    /// Its profile.
    pub profile: crate::profile::RoomProfile,
    /// Its owner, if it has one.
    pub owner: Option<UserId>,
    /// When it was opened.
    pub created_at: Time,
    /// When its profile changed last.
    pub changed_at: Time,
    /// When something was said last.
    pub spoke_at: Time,
    /// How often its profile changed.
    pub info_seq: u64,
    /// The number that comes next.
    pub next_seq: u64,
    /// Viewers now, with and without an account.
    pub online: u32,
    /// The caller's role, if the caller is a member, the owner or an admin.
    pub role: Option<Role>,
    /// When the caller joined.
    pub joined_at: Option<Time>,
}

/// A member as others see it.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    /// Who.
    pub user: UserId,
    /// Nickname.
    pub nick: Arc<str>,
    /// Picture.
    pub avatar: Arc<str>,
    /// Role.
    pub role: Role,
    /// Since when; zero if not in the room.
    pub joined_at: Time,
    /// Muted until; zero if not.
    pub muted_until: Time,
    /// Custom fields.
    pub fields: BTreeMap<Arc<str>, Arc<str>>,
}

/// See [`Answer::Stats`].
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Viewers now.
    pub online: u32,
    /// The most there were at once.
    pub peak: u32,
    /// Likes.
    pub likes: u64,
    /// Messages delivered (without likes and tips).
    pub messages: u64,
    /// What was received, delivered and dropped; for those who run the room.
    pub ledger: Option<Box<Ledger>>,
}

impl Stats {
    /// Delivered posts of a class, from the ledger.
    pub fn delivered(&self, class: Class) -> u64 {
        self.ledger.as_ref().map_or(0, |ledger| ledger.line(class).delivered)
    }
}
