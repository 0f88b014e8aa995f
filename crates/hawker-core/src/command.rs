//! What can be asked of the rules, whichever wire it came over.

use crate::direct::{DirectCommand, PresenceCommand};
use crate::id::{AppId, RoomId, SessionId, UserId};
use crate::post::{Draft, ProfileChange, Tallying};
use crate::shop::ShopRequest;
use crate::time::Time;
use crate::words::{WordLists, Words};
use std::sync::Arc;

/// Something asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Log in with a UserSig whose signature the gateway has verified.
    Login(Login),
    /// Come back with a session token whose signature the gateway has verified.
    Relogin(Relogin),
    /// End the session.
    Logout,
    /// "I am still here"; tells the client when its session has ended.
    Hello,
    /// Change one's own profile, or anybody's for an administrator.
    SetProfile {
        /// Whose; `None` is one's own.
        user: Option<UserId>,
        /// What to change.
        items: Vec<ProfileItem>,
    },
    /// Read profiles.
    Profiles {
        /// Whose.
        users: Vec<UserId>,
    },
    /// Make sure that an account exists (administrators).
    ImportAccount {
        /// Its name.
        user: UserId,
        /// Its nickname, if it should be set.
        nick: Option<Arc<str>>,
        /// Its picture, if it should be set.
        avatar: Option<Arc<str>>,
    },
    /// Make an account for somebody who gives nothing but a name (administrators).
    AddGuest {
        /// The account's name, made by the server.
        user: UserId,
        /// The name that the guest wants to be seen under.
        nick: Arc<str>,
    },
    /// End somebody's session and void the UserSigs issued so far (administrators).
    KickAccount {
        /// Whose.
        user: UserId,
    },
    /// Set the words that the app refuses or masks (administrators).
    SetWords(Arc<Words>),
    /// The words that the app refuses or masks (administrators).
    Words,
    /// Say who is asking.
    Whoami,
    /// Something of the shop.
    Shop(Box<ShopRequest>),
    /// Open a room.
    OpenRoom(OpenRoom),
    /// Read the profiles of rooms, with one's own role in each.
    RoomProfiles {
        /// Which.
        rooms: Vec<RoomId>,
    },
    /// Something about one room.
    Room(RoomId, RoomCommand),
    /// Something about direct messages.
    Direct {
        /// Whose conversations; `None` is one's own.
        of: Option<UserId>,
        /// What.
        what: DirectCommand,
    },
    /// Something about who is there.
    Presence(PresenceCommand),
}

/// See [`Command::Login`].
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// The app.
    pub app: AppId,
    /// The user that the signature names.
    pub user: UserId,
    /// When the signature was made.
    pub sig_issued_at: Time,
    /// When it ends.
    pub sig_expires_at: Time,
    /// The client instance, as it named itself when it connected.
    pub instance: Arc<str>,
}

/// See [`Command::Relogin`].
#[derive(Clone, Debug, PartialEq)]
pub struct Relogin {
    /// The session that the token names.
    pub session: SessionId,
    /// Per room, the last sequence number that the client delivered; `None` if it does not say.
    pub resume: Option<Vec<(RoomId, u64)>>,
}

/// One profile value. Tags are the wire's names without their prefix (`Nick`, `Image`, `Custom_Level`, …).
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileItem {
    /// Which value.
    pub tag: Arc<str>,
    /// What to.
    pub value: ProfileValue,
}

/// A profile value is text or a number, by tag.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum ProfileValue {
    /// Text.
    Text(Arc<str>),
    /// A 32-bit number.
    Number(u32),
}

/// See [`Command::OpenRoom`].
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OpenRoom {
    /// The wanted id; `None` lets the server make one.
    pub room: Option<RoomId>,
    /// The owner; `None` is the caller (or nobody, for an administrator).
    pub owner: Option<UserId>,
    /// The kind of group; anything but a live room is refused.
    pub live_room: bool,
    /// Its name.
    pub name: Arc<str>,
    /// Its introduction.
    pub introduction: Arc<str>,
    /// Its announcement.
    pub notification: Arc<str>,
    /// Its picture.
    pub avatar: Arc<str>,
    /// Its custom fields.
    pub fields: Vec<(Arc<str>, Arc<str>)>,
}

/// What can be asked of a room.
#[derive(Clone, Debug, PartialEq)]
pub enum RoomCommand {
    /// Come in.
    Join {
        /// The client wants what was said before.
        history: bool,
    },
    /// Watch without an account.
    Watch,
    /// Leave.
    Quit,
    /// Close the room for good.
    Dismiss,
    /// Say something.
    Send(Draft),
    /// Say something in somebody's name (administrators).
    SendAs(UserId, Draft),
    /// Change the room's profile.
    Change(Vec<ProfileChange>),
    /// Mute or unmute.
    Mute {
        /// Whom.
        users: Vec<UserId>,
        /// For how many seconds; 0 lifts it, `u32::MAX` is for ever.
        secs: u32,
    },
    /// Remove and keep out, or let in again.
    Ban {
        /// Whom.
        users: Vec<UserId>,
        /// For how many seconds; 0 lifts it.
        secs: u32,
        /// Why.
        reason: Arc<str>,
    },
    /// Make somebody an admin of the room, or not.
    SetAdmins {
        /// Whom.
        users: Vec<UserId>,
        /// Admin or not.
        admin: bool,
    },
    /// Set custom fields of a member; an empty value deletes.
    SetMemberFields {
        /// Whose; `None` is one's own.
        user: Option<UserId>,
        /// What to.
        fields: Vec<(Arc<str>, Arc<str>)>,
    },
    /// Tell everybody in the room (administrators).
    Notify {
        /// What.
        content: Arc<str>,
    },
    /// How many messages a second the room carries; `None` is what all rooms do (administrators).
    SetBudget(Option<u32>),
    /// How many are watching.
    OnlineCount,
    /// Who is in the room, newest first.
    Members {
        /// Where to go on; 0 starts.
        page: u64,
    },
    /// The records of some members.
    MemberRecords {
        /// Whose.
        users: Vec<UserId>,
    },
    /// The admins of the room.
    Admins,
    /// Who is muted.
    MutedUsers,
    /// Who is banned, in the order of their names.
    BannedUsers {
        /// So many are left out at the beginning.
        skip: usize,
        /// At most so many; 0 is as many as one answer holds.
        limit: usize,
    },
    /// Change counters; each is set to its number, or changed by it.
    Tally {
        /// How.
        how: Tallying,
        /// Which, and the number.
        tallies: Vec<(Arc<str>, i64)>,
    },
    /// Take counters away.
    DropTallies {
        /// Which; `None` is all.
        keys: Option<Vec<Arc<str>>>,
    },
    /// The counters, the likes among them.
    Tallies {
        /// Which; `None` is all.
        keys: Option<Vec<Arc<str>>>,
    },
    /// Take messages back.
    Recall {
        /// Their numbers.
        seqs: Vec<u64>,
        /// Why; may be empty.
        reason: Arc<str>,
    },
    /// Pin a message where everybody sees it.
    Pin {
        /// Its number.
        seq: u64,
    },
    /// Take a pinned message off.
    Unpin {
        /// Its number.
        seq: u64,
    },
    /// The pinned messages.
    Pins,
    /// Some messages that the room still holds.
    Messages {
        /// Their numbers.
        seqs: Vec<u64>,
    },
    /// Set the words that this room refuses or masks, beside those of the app.
    SetWords(WordLists),
    /// The words that this room refuses or masks.
    Words,
    /// Numbers of the show.
    Stats,
    /// Change attributes.
    SetAttributes {
        /// Which, and what to.
        attributes: Vec<AttributeWrite>,
        /// Those that are not named go.
        replace: bool,
        /// The room's attributes as the writer knows them; refused if they have changed since.
        known: Option<u64>,
    },
    /// Take attributes away.
    DropAttributes {
        /// Which; `None` is all.
        keys: Option<Vec<AttributeWrite>>,
        /// As in [`RoomCommand::SetAttributes`].
        known: Option<u64>,
    },
    /// The attributes.
    Attributes,
}

/// One attribute of a room that somebody wants to change.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeWrite {
    /// Its name.
    pub key: Arc<str>,
    /// What to; empty when it is taken away.
    pub value: Arc<str>,
    /// Its number as the writer knows it, 0 for one that the writer does not know; refused if it has changed since.
    pub known: Option<u64>,
}
