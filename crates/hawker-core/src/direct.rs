//! Direct messages: what two people of an app write to each other.
//!
//! Nothing of a conversation lives in the rules' memory. A message is decided here, kept, and brought to whoever is
//! connected; conversation lists, unread counts and histories are asked of the store ([`Query`], [`Found`]) when somebody wants
//! them. So a million accounts with conversations cost no more memory than a million without.
//!
//! What a store does with a direct [`Change`](crate::change::Change) is written there, and one property test holds every store
//! to it.

use crate::id::{AccountId, UserId};
use crate::post::{Draft, Element, Face};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The number of a direct message: larger than that of every one before, of whatever conversation.
///
/// It is the time in milliseconds and, in the low 16 bits, a running number. So one order serves histories, cursors,
/// read positions and retention, and a restart needs no counter: the next number is that of the next moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageNo(pub u64);

impl MessageNo {
    const RUNNING_BITS: u32 = 16;

    /// The number after `last`. A clock that was set back does not turn the order around.
    pub fn after(last: Self, now: Time) -> Self {
        Self::first_at(now).max(Self(last.0 + 1))
    }

    /// The smallest number of that moment. Stores have 63 bits, so later moments than those have the largest of them.
    pub fn first_at(time: Time) -> Self {
        Self(time.0.min(i64::MAX as u64 >> Self::RUNNING_BITS) << Self::RUNNING_BITS)
    }

    /// The largest number of that second.
    pub fn last_of_second(secs: u64) -> Self {
        Self(Self::first_at(Time::from_secs(secs.saturating_add(1))).0.saturating_sub(1))
    }

    /// When the message was taken.
    pub fn at(self) -> Time {
        Time(self.0 >> Self::RUNNING_BITS)
    }
}

/// What clients name a message by: both numbers are the sender's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct MessageKey {
    /// The sender's own number; says nothing about order.
    pub seq: u32,
    /// The sender's random number.
    pub random: u32,
    /// When the server took it, in seconds.
    pub secs: u64,
}

/// A direct message as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DirectMessage {
    /// Its number.
    pub no: MessageNo,
    /// The sender.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// The sender's own number.
    pub seq: u32,
    /// The sender's random number.
    pub random: u32,
    /// The sender's clock, in seconds; part of the message's id at the clients.
    pub sent_at: u64,
    /// What it says.
    pub elements: Arc<[Element]>,
    /// Application data beside the elements.
    pub cloud_data: Arc<str>,
    /// Size of elements and cloud data as JSON, in bytes.
    pub bytes: usize,
    /// What the sender wants done with it.
    pub wishes: Wishes,
    /// It was taken back.
    pub recalled: Option<Taker>,
}

impl DirectMessage {
    /// What clients name it by.
    pub fn key(&self) -> MessageKey {
        MessageKey { seq: self.seq, random: self.random, secs: self.no.at().secs() }
    }

    /// The other side of the conversation.
    pub fn peer_of(&self, account: AccountId) -> AccountId {
        if self.from == account { self.to } else { self.from }
    }
}

/// What the sender of a message wants done with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wishes {
    /// It counts as unread until it is read.
    pub counts: bool,
    /// It may be shown as the last message of the conversation.
    pub shows: bool,
    /// The sender would like to hear when it was read.
    pub receipt: bool,
    /// Only for who is connected now; not kept.
    pub online_only: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { counts: true, shows: true, receipt: false, online_only: false }
    }
}

/// Who took a message back, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taker {
    /// The account.
    pub by: AccountId,
    /// A number of its own in the order of messages: who has seen everything up to a smaller one has not heard of it.
    pub no: MessageNo,
}

/// What somebody does with their conversations. Whose they are is said beside it.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectCommand {
    /// Write to somebody.
    Send {
        /// To whom.
        to: UserId,
        /// The sender's own number.
        seq: u32,
        /// What.
        draft: Draft,
        /// How.
        wishes: Wishes,
        /// The sender's own connection is brought it too.
        copy: bool,
    },
    /// Write the same to several (administrators).
    SendMany {
        /// To whom.
        to: Vec<UserId>,
        /// The sender's own number.
        seq: u32,
        /// What.
        draft: Draft,
        /// How.
        wishes: Wishes,
        /// The sender's own connection is brought it too.
        copy: bool,
    },
    /// The conversations, the one with the newest message first.
    Conversations {
        /// Where to go on.
        after: Option<(MessageNo, AccountId)>,
        /// How many, at most.
        limit: usize,
    },
    /// The unread counts, and what was said since this number if one is given.
    Sync {
        /// The newest number that the client knows of.
        after: Option<MessageNo>,
    },
    /// What was said in a conversation.
    History {
        /// With whom.
        peer: UserId,
        /// Where to go on, exclusive; `None` is from the end that one starts at.
        from: Option<MessageNo>,
        /// Where to end, inclusive.
        until: Option<MessageNo>,
        /// Towards newer ones.
        forward: bool,
        /// How many, at most.
        limit: usize,
    },
    /// What these wrote was read up to that second.
    Read {
        /// Who wrote it, and the second.
        reads: Vec<(UserId, u64)>,
    },
    /// All was read.
    ReadAll,
    /// Up to when these have read.
    ReadBy {
        /// Whom.
        peers: Vec<UserId>,
    },
    /// The unread counts.
    Unread {
        /// With whom; `None` is everybody.
        peers: Option<Vec<UserId>>,
    },
    /// Take a message back.
    Recall {
        /// To whom it was sent.
        to: UserId,
        /// Which.
        key: MessageKey,
    },
    /// Do not show these messages to me any more.
    Delete {
        /// With whom.
        peer: UserId,
        /// Which.
        keys: Vec<MessageKey>,
    },
    /// Do not show me what was said with this one so far.
    Clear {
        /// With whom.
        peer: UserId,
    },
    /// Take conversations off the list until something new is said.
    Drop {
        /// With whom.
        peers: Vec<UserId>,
        /// Do not show me what was said so far either.
        history: bool,
    },
    /// Pin conversations, or not.
    Pin {
        /// With whom.
        peers: Vec<UserId>,
        /// Pinned or not.
        on: bool,
    },
    /// How the client shows new messages of these.
    Remind {
        /// Of whom.
        peers: Vec<UserId>,
        /// How.
        how: Reminding,
    },
    /// How the client shows new messages, where it is not as usual.
    Reminders,
    /// Who must not write to me.
    Blacklist,
    /// Put users on the blacklist, or take them off.
    Block {
        /// Whom.
        users: Vec<UserId>,
        /// On or off.
        on: bool,
    },
}

/// How a client shows that something new was said. The server keeps it for the client and does nothing with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reminding {
    /// As usual.
    #[default]
    Notify,
    /// Not at all.
    Discard,
    /// Without a sound.
    Silent,
}

/// What is asked of the store. Everything in it was decided already: a query never refuses.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// A page of conversations that are on the list, newest message first.
    Conversations {
        /// Whose.
        account: AccountId,
        /// Where to go on.
        after: Option<(MessageNo, AccountId)>,
        /// How many, at most.
        limit: usize,
    },
    /// The unread counts, and what is new since a number.
    Sync {
        /// Whose.
        account: AccountId,
        /// Since when; `None` asks for no messages.
        after: Option<MessageNo>,
        /// How many messages, at most.
        limit: usize,
    },
    /// A page of a history.
    History {
        /// Who asks: what it deleted is not shown.
        account: AccountId,
        /// With whom.
        peer: AccountId,
        /// Where to go on, exclusive.
        from: Option<MessageNo>,
        /// Where to end, inclusive.
        until: Option<MessageNo>,
        /// Towards newer ones.
        forward: bool,
        /// How many, at most.
        limit: usize,
    },
    /// These messages between two, recalled or not.
    Find {
        /// Who asks: what it deleted is not found.
        account: AccountId,
        /// With whom.
        peer: AccountId,
        /// Which.
        keys: Vec<MessageKey>,
    },
    /// Up to where these have read what one wrote to them.
    ReadBy {
        /// Who wrote.
        account: AccountId,
        /// Who read.
        peers: Vec<AccountId>,
    },
    /// Conversations whose messages are not shown as usual.
    Reminders {
        /// Whose.
        account: AccountId,
    },
}

/// What the store found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// To [`Query::Conversations`]; one more than asked for says that there are more.
    Conversations(Vec<Conversation>),
    /// To [`Query::Sync`].
    Sync {
        /// What is new, oldest first; one more than asked for says that there is more.
        messages: Vec<DirectMessage>,
        /// Older messages that were taken back since.
        recalled: Vec<DirectMessage>,
        /// Unread counts that are not zero, by peer.
        unread: Vec<(AccountId, u32)>,
    },
    /// To [`Query::History`], in the order asked for; one more than asked for says that there are more.
    History(Vec<DirectMessage>),
    /// To [`Query::Find`]: those that are there.
    Messages(Vec<DirectMessage>),
    /// To [`Query::ReadBy`], in the order asked for; zero is "never".
    ReadBy(Vec<MessageNo>),
    /// To [`Query::Reminders`].
    Reminders(Vec<(AccountId, Reminding)>),
    /// The store could not read.
    Failed,
}

/// A conversation as one side sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// The other side.
    pub peer: AccountId,
    /// The number of its newest message, shown or not.
    pub newest: MessageNo,
    /// The newest message that is shown to this side.
    pub last: Option<DirectMessage>,
    /// How many are unread.
    pub unread: u32,
    /// Pinned.
    pub pinned: bool,
    /// Up to where the other side has read.
    pub peer_read_to: MessageNo,
}

/// What one connection is told that belongs to no room.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Somebody wrote.
    Message(Box<Letter>),
    /// What was sent to this reader was read up to that second.
    ReadBy {
        /// The reader.
        reader: UserId,
        /// The second.
        secs: u64,
    },
    /// What this one wrote was read up to that second, by oneself but not here.
    ReadElsewhere {
        /// Who wrote.
        peer: UserId,
        /// The second.
        secs: u64,
    },
    /// A message was taken back.
    Recalled(Box<Letter>),
    /// Whether users are there.
    Presence(Vec<PresenceOf>),
}

/// A message with the names that go with its accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The message.
    pub message: DirectMessage,
    /// The sender.
    pub from: Face,
    /// The receiver.
    pub to: UserId,
    /// Who took it back, if somebody did.
    pub taken_by: Option<UserId>,
    /// It goes to another connection of its sender.
    pub copy: bool,
}

/// Bytes of a letter on the wire beside the message and the names in it.
const LETTER_BYTES: usize = 512;

impl Letter {
    /// About how many bytes it is on the wire.
    pub fn bytes(&self) -> usize {
        LETTER_BYTES + self.message.bytes + self.from.nick.len() + self.from.avatar.len()
    }
}

/// Good answers about direct messages.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectAnswer {
    /// The message was taken.
    Sent {
        /// What it is named by.
        key: MessageKey,
        /// To whom it could not be sent, and why.
        failed: Vec<(UserId, Refusal)>,
        /// How many it was sent to.
        sent: usize,
    },
    /// A page of conversations.
    Conversations {
        /// The conversations and the other side of each.
        conversations: Vec<(Face, Conversation, Option<Letter>)>,
        /// Where the next page starts.
        next: Option<(MessageNo, AccountId)>,
    },
    /// Unread counts and what is new.
    Synced {
        /// What the client knows of now.
        up_to: MessageNo,
        /// There is more.
        more: bool,
        /// What is new, oldest first.
        messages: Vec<Letter>,
        /// What was taken back.
        recalled: Vec<Letter>,
        /// Unread counts that are not zero.
        unread: Vec<(UserId, u32)>,
    },
    /// A page of a history, oldest first.
    History {
        /// The other side.
        peer: UserId,
        /// The messages.
        messages: Vec<Letter>,
        /// Where to go on; `None` when there is nothing more.
        next: Option<MessageNo>,
        /// The second of the message at the end where it goes on.
        last_secs: u64,
    },
    /// Up to which second each has read; 0 is "never".
    ReadBy(Vec<u64>),
    /// Unread counts, in the order asked for.
    Unread {
        /// All of them.
        total: u64,
        /// Those asked for.
        of: Vec<(UserId, u32)>,
    },
    /// How it went with each.
    Each(Vec<(UserId, Result<(), Refusal>)>),
    /// What is not shown as usual.
    Reminders(Vec<(UserId, Reminding)>),
    /// The blacklist, and since when each is on it.
    Blacklist(Vec<(UserId, Time)>),
}

/// Whether a user is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Presence {
    /// Connected, or cut a moment ago.
    Online,
    /// Logged in, but not connected.
    Offline,
    /// Not logged in.
    LoggedOut,
}

/// See [`Notice::Presence`].
#[derive(Clone, Debug, PartialEq)]
pub struct PresenceOf {
    /// Who.
    pub user: UserId,
    /// Whether.
    pub presence: Presence,
    /// What the user says about it; empty while away.
    pub text: Arc<str>,
}

/// What can be asked about who is there.
#[derive(Clone, Debug, PartialEq)]
pub enum PresenceCommand {
    /// Say something about oneself.
    Say(Arc<str>),
    /// Whether these are there.
    Of(Vec<UserId>),
    /// Be told when that changes.
    Subscribe(Vec<UserId>),
    /// Not any more; `None` is all of them.
    Unsubscribe(Option<Vec<UserId>>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_and_tell_the_time() {
        let first = MessageNo::after(MessageNo(0), Time(1_700_000_000_123));
        assert_eq!(first.at(), Time(1_700_000_000_123));
        let same_moment = MessageNo::after(first, Time(1_700_000_000_123));
        assert!(same_moment > first && same_moment.at() == first.at());
        let clock_set_back = MessageNo::after(same_moment, Time(1_600_000_000_000));
        assert!(clock_set_back > same_moment);
        assert!(MessageNo::first_at(Time::NEVER).0 <= i64::MAX as u64);
        let end = MessageNo::last_of_second(1_700_000_000);
        assert!(first < end && MessageNo::after(end, Time(0)).at() == Time(1_700_000_001_000));
        assert!(MessageNo::last_of_second(u64::MAX).0 <= i64::MAX as u64);
    }
}
