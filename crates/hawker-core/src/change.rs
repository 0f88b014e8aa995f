//! What the store must keep. The rules say what changed; how it is laid out in tables is the store's business.

use crate::direct::{DirectMessage, MessageNo, Reminding};
use crate::id::{AccountId, AppId, RoomId, RoomKey, SessionId, UserId};
use crate::post::{Pin, Posted};
use crate::profile::Profile;
use crate::profile::RoomProfile;
use crate::shop::{ShopEvent, ShopSnapshot};
use crate::time::Time;
use crate::words::{WordLists, Words};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One durable change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An account is new or its record changed.
    Account(AccountRecord),
    /// A session began or its record changed.
    Session(SessionRecord),
    /// A session is over.
    SessionEnded(SessionId),
    /// A session is in a room, or would be if it came back (`present` false).
    Membership(MembershipRecord),
    /// A session is not in a room any more.
    MembershipEnded(SessionId, RoomKey),
    /// A room is new or its record changed.
    Room(Box<RoomRecord>),
    /// A room is gone with everything in it.
    RoomGone(RoomKey),
    /// A user is muted until then; zero lifts it.
    Mute(RoomKey, UserId, Time),
    /// A user is banned until then; zero lifts it.
    Ban(RoomKey, UserId, Time),
    /// A user is an admin of the room, or not.
    Admin(RoomKey, UserId, bool),
    /// A custom field of a member; `None` deletes it.
    MemberField(RoomKey, UserId, Arc<str>, Option<Arc<str>>),
    /// A counter of a room that its host keeps; `None` deletes it.
    Tally(RoomKey, Arc<str>, Option<i64>),
    /// A message is pinned.
    Pinned(RoomKey, Arc<Pin>),
    /// A message is not pinned any more.
    Unpinned(RoomKey, u64),
    /// Words that an app, or one of its rooms, refuses or masks.
    Words(AppId, Option<RoomId>, Arc<Words>),
    /// Numbers of a room. Kept soon, not before the answer.
    Counters(RoomKey, Counters),
    /// A message for newcomers. Kept soon, not before the answer.
    Said(Arc<Posted>),
    /// A message was taken back: newcomers are not shown it.
    Recalled(RoomKey, u64),
    /// An attribute of a room: value and number of the change; `None` deletes it.
    Attribute(RoomKey, Arc<str>, Option<(Arc<str>, u64)>),
    /// Something about direct messages.
    Direct(DirectChange),
    /// Something about a room that others than its members want to know, and when.
    RoomNews(RoomKey, Time, RoomNews),
    /// Something happened in the shop of an app, and when: to be kept with the state that follows from it.
    Shop(AppId, Time, ShopEvent),
}

/// What the world outside is told of a room.
#[derive(Clone, Debug, PartialEq)]
pub enum RoomNews {
    /// It was opened, under this name.
    Opened(Arc<str>),
    /// It was closed for good.
    Closed,
    /// The host says where the show is (`room_status`: waiting, live, paused, ended).
    Status(Arc<str>),
}

/// A durable change of direct messages. Both sides of a conversation have a record of it: whether it is on the list, its newest
/// message, the number up to which that side has read, its unread count. A record that is not there is made of zeros.
///
/// The **unread count** of a side is always the number of messages of the other side that count, are above its read
/// position, were not recalled and are visible to it. Reading, clearing or unlisting what has no record changes nothing. A message is **visible** to a side while it is kept, unless the side deleted it
/// or cleared the history up to or beyond it.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectChange {
    /// A message. Both sides have the conversation on the list now; the sender's other messages are untouched.
    Sent(Arc<DirectMessage>),
    /// A side has read up to this number; a smaller one than before changes nothing.
    Read(AccountId, AccountId, MessageNo),
    /// A side has read everything of everybody up to this number.
    ReadAll(AccountId, MessageNo),
    /// A message was taken back: the message as it is now.
    Recalled(Arc<DirectMessage>),
    /// A side does not want to see these any more.
    Deleted(AccountId, AccountId, Vec<MessageNo>),
    /// A side does not want to see what was said up to this number.
    Cleared(AccountId, AccountId, MessageNo),
    /// A side takes the conversation off its list.
    Unlisted(AccountId, AccountId),
    /// A side pins the conversation, or not.
    Pinned(AccountId, AccountId, bool),
    /// How a side shows new messages.
    Reminding(AccountId, AccountId, Reminding),
    /// The first does not want to be written to by the second, since then; `None` lifts it.
    Blocked(AccountId, AccountId, Option<Time>),
    /// Messages below this number are kept no longer; conversations without newer ones neither. Kept soon; a store may take several
    /// changes to get through them.
    Forgotten(MessageNo),
}

/// What is in memory of direct messages.
#[derive(Clone, Debug)]
pub struct DirectSnapshot {
    /// The largest number given out.
    pub last: MessageNo,
    /// The smallest number of a message that is kept; above `last` if there is none.
    pub oldest: MessageNo,
    /// Messages of the last minutes, oldest first: one that is sent again is recognised.
    pub recent: Vec<DirectMessage>,
    /// Accounts that have a conversation.
    pub talkers: Vec<AccountId>,
    /// Who does not want to be written to by whom, since when.
    pub blocks: Vec<(AccountId, AccountId, Time)>,
}

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRecord {
    /// Its number.
    pub account: AccountId,
    /// Its app.
    pub app: AppId,
    /// Its name.
    pub user: UserId,
    /// Its profile.
    pub profile: Arc<Profile>,
    /// UserSigs issued before this are void.
    pub sigs_valid_from: Time,
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRecord {
    /// Its number.
    pub session: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The client instance.
    pub instance: Arc<str>,
    /// When it began.
    pub since: Time,
    /// When its signature ends.
    pub expires_at: Time,
}

/// A membership as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct MembershipRecord {
    /// The session.
    pub session: SessionId,
    /// The room.
    pub room: RoomKey,
    /// Since when.
    pub joined_at: Time,
    /// In the room, or given up after the grace period.
    pub present: bool,
}

/// A room as it is kept, without what has rows of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomRecord {
    /// Which.
    pub key: RoomKey,
    /// Its profile.
    pub profile: RoomProfile,
    /// Its owner.
    pub owner: Option<UserId>,
    /// When it was opened.
    pub created_at: Time,
    /// When its profile changed last.
    pub changed_at: Time,
    /// How often its profile changed.
    pub info_seq: u64,
    /// No number above this was given out: a restart goes on from here.
    pub seq_ceiling: u64,
    /// Messages a second of this room, if it has a number of its own.
    pub messages_per_second: Option<u32>,
    /// How often its attributes have changed.
    pub attributes_changed: u64,
}

/// Numbers of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counters {
    /// All likes.
    pub likes: u64,
    /// All messages delivered.
    pub messages: u64,
    /// The most viewers at once.
    pub peak: u32,
}

/// Everything that was kept, as the rules are started from it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// All accounts.
    pub accounts: Vec<AccountRecord>,
    /// All sessions.
    pub sessions: Vec<SessionRecord>,
    /// All memberships.
    pub memberships: Vec<MembershipRecord>,
    /// All rooms.
    pub rooms: Vec<RoomSnapshot>,
    /// Of direct messages, what is in memory.
    pub direct: DirectSnapshot,
    /// The shop of each app.
    pub shops: BTreeMap<AppId, ShopSnapshot>,
    /// Words that each app refuses or masks.
    pub words: Vec<(AppId, WordLists)>,
}

/// A room with everything that was kept of it.
#[derive(Clone, Debug)]
pub struct RoomSnapshot {
    /// Its record.
    pub record: RoomRecord,
    /// Who is muted until when.
    pub mutes: BTreeMap<UserId, Time>,
    /// Who is banned until when.
    pub bans: BTreeMap<UserId, Time>,
    /// Its admins.
    pub admins: Vec<UserId>,
    /// Custom fields of members.
    pub member_fields: BTreeMap<UserId, BTreeMap<Arc<str>, Arc<str>>>,
    /// Its pinned messages, in the order in which they were pinned.
    pub pins: Vec<Arc<Pin>>,
    /// Words that it refuses or masks.
    pub words: WordLists,
    /// Counters that its host keeps.
    pub tallies: BTreeMap<Arc<str>, i64>,
    /// Its attributes: value and number of the change that made it.
    pub attributes: BTreeMap<Arc<str>, (Arc<str>, u64)>,
    /// Its numbers.
    pub counters: Counters,
    /// What was said last, oldest first.
    pub said: Vec<Arc<Posted>>,
}

impl Default for DirectSnapshot {
    fn default() -> Self {
        let (last, oldest) = (MessageNo(0), MessageNo(1));
        Self { last, oldest, recent: Vec::new(), talkers: Vec::new(), blocks: Vec::new() }
    }
}

impl RoomSnapshot {
    /// A room of which nothing but its record is kept.
    pub fn new(record: RoomRecord) -> Self {
        Self {
            record,
            mutes: BTreeMap::new(),
            bans: BTreeMap::new(),
            admins: Vec::new(),
            member_fields: BTreeMap::new(),
            pins: Vec::new(),
            words: WordLists::default(),
            tallies: BTreeMap::new(),
            attributes: BTreeMap::new(),
            counters: Counters::default(),
            said: Vec::new(),
        }
    }
}
