//! One live room: who is in it, who may do what, and what is said in which order.
//!
//! [`Room::decide`] says what follows from a command and changes nothing, so a refusal leaves no trace.
//! [`Room::apply`] makes an event true and cannot fail. The engine keeps the stored ones and hands the posts to
//! everybody.

mod apply;
mod attributes;
pub mod budget;
pub mod check;
mod decide;
mod duplicates;
mod filter;
pub mod ledger;
mod pins;
mod recall;
pub mod slow;
pub mod tallies;
mod view;

use crate::answer::{Answer, Role};
use crate::change::{Counters, RoomRecord, RoomSnapshot};
use crate::command::{OpenRoom, RoomCommand};
use crate::id::{AccountId, RoomKey, UserId};
use crate::limits::Limits;
use crate::post::{Class, Face, Pin, Post, Posted, ProfileChange};
use crate::profile::RoomProfile;
use crate::refusal::Refusal;
use crate::rng::Rng;
use crate::time::Time;
use crate::words::Words;
use budget::Budget;
use decide::Decision;
use duplicates::Duplicates;
pub use duplicates::Reception;
use ledger::{DropReason, Ledger};
use pins::Pins;
use recall::Memory;
use slow::SlowMode;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// The asker as others see it.
    pub face: Face,
    /// An administrator of the app may do everything that an owner may.
    pub app_admin: bool,
    /// Logged in, or only watching.
    pub anonymous: bool,
}

/// What a decision may use besides the room: time, chance and the limits.
pub struct Context<'a> {
    /// Now.
    pub now: Time,
    /// The bounds.
    pub limits: &'a Limits,
    /// Words that the app refuses or masks.
    pub words: &'a Words,
    /// Where random numbers come from.
    pub rng: &'a mut Rng,
}

/// What happened in a room.
#[derive(Clone, Debug, PartialEq)]
pub enum RoomEvent {
    /// Sequence numbers up to this one may be given out.
    CeilingRaised(u64),
    /// The profile changed.
    Changed(ProfileChange),
    /// Somebody is in the room now.
    Joined(Face),
    /// Somebody is not in the room any more.
    Left(AccountId),
    /// A user may not speak until then; zero lifts it.
    Muted(UserId, Time),
    /// A user may not be here until then; zero lifts it.
    Banned(UserId, Time),
    /// A user is an admin of the room, or not.
    AdminSet(UserId, bool),
    /// A custom field of a member; `None` deletes it.
    MemberFieldSet(UserId, Arc<str>, Option<Arc<str>>),
    /// A counter has this value; `None` deletes it.
    TallySet(Arc<str>, Option<i64>),
    /// An attribute has this value and number; `None` deletes it.
    AttributeSet(Arc<str>, Option<(Arc<str>, u64)>),
    /// The attributes have changed so often.
    AttributesChanged(u64),
    /// A message was taken back.
    Recalled(u64),
    /// A message is pinned.
    Pinned(Arc<Pin>),
    /// A message is not pinned any more.
    Unpinned(u64),
    /// The room refuses or masks these words.
    WordsSet(Arc<Words>),
    /// The room carries so many messages a second; `None` is what all rooms do.
    BudgetSet(Option<u32>),
    /// Somebody spoke: counts against that user's own rate.
    Spoke(AccountId),
    /// Somebody spoke while the room is in slow mode.
    TookTurn(AccountId),
    /// A message with this random number was taken, heard or not: it is recognised if it is sent again.
    Taken(AccountId, u32, Reception),
    /// Somebody liked.
    Liked,
    /// Everybody hears this.
    Posted(Arc<Posted>),
    /// Only this user hears this.
    Told(UserId, Arc<Posted>),
    /// Nobody hears this: the room was too full.
    Dropped(Class, DropReason),
    /// The room is closed.
    Dismissed,
}

/// A good decision: what will have happened, and what the asker is told.
#[derive(Debug, PartialEq)]
pub struct Verdict {
    /// To be applied in this order.
    pub events: Vec<RoomEvent>,
    /// The answer.
    pub answer: Answer,
}

/// Somebody in the room.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub user: UserId,
    /// Since when.
    pub joined_at: Time,
    speaking: Budget,
}

/// One live room.
#[derive(Clone, Debug)]
pub struct Room {
    key: RoomKey,
    profile: RoomProfile,
    owner: Option<UserId>,
    created_at: Time,
    changed_at: Time,
    spoke_at: Time,
    info_seq: u64,
    next_seq: u64,
    seq_ceiling: u64,
    /// Messages a second of this room, if it has a number of its own.
    messages_per_second: Option<u32>,
    admins: BTreeSet<UserId>,
    mutes: BTreeMap<UserId, Time>,
    bans: BTreeMap<UserId, Time>,
    member_fields: BTreeMap<UserId, BTreeMap<Arc<str>, Arc<str>>>,
    members: HashMap<AccountId, Member>,
    /// Members by when they came, for the list.
    by_arrival: BTreeSet<(Time, AccountId)>,
    watchers: u32,
    budget: Budget,
    tip_budget: Budget,
    ledger: Ledger,
    counters: Counters,
    tallies: BTreeMap<Arc<str>, i64>,
    attributes: BTreeMap<Arc<str>, (Arc<str>, u64)>,
    attributes_changed: u64,
    attribute_budget: Budget,
    duplicates: Duplicates,
    memory: Memory,
    pins: Pins,
    slow: SlowMode,
    words: Arc<Words>,
    likes_told: u64,
}

impl Room {
    /// A new room. The caller has checked `open` and that the id is free.
    pub fn open(now: Time, key: RoomKey, owner: Option<UserId>, open: &OpenRoom, limits: &Limits) -> Self {
        let profile = RoomProfile {
            name: open.name.clone(),
            introduction: open.introduction.clone(),
            notification: open.notification.clone(),
            avatar: open.avatar.clone(),
            mute_all: false,
            fields: open.fields.iter().cloned().collect(),
        };
        let record = RoomRecord {
            key,
            profile,
            owner,
            created_at: now,
            changed_at: now,
            info_seq: 1,
            seq_ceiling: limits.seq_block,
            messages_per_second: None,
            attributes_changed: 0,
        };
        let mut room = Self::load(now, RoomSnapshot::new(record), limits);
        room.next_seq = 1;
        room
    }

    /// A room as it was kept. Numbers go on above everything that was ever given out.
    pub fn load(now: Time, kept: RoomSnapshot, limits: &Limits) -> Self {
        let RoomSnapshot {
            record,
            mutes,
            bans,
            admins,
            member_fields,
            pins,
            words,
            tallies,
            attributes,
            counters,
            said,
        } = kept;
        Self {
            slow: SlowMode::of(&record.profile.fields),
            key: record.key,
            profile: record.profile,
            owner: record.owner,
            created_at: record.created_at,
            changed_at: record.changed_at,
            spoke_at: said.last().map_or(record.created_at, |last| last.at),
            info_seq: record.info_seq,
            next_seq: record.seq_ceiling + 1,
            seq_ceiling: record.seq_ceiling,
            admins: admins.into_iter().collect(),
            mutes,
            bans,
            member_fields,
            members: HashMap::new(),
            by_arrival: BTreeSet::new(),
            watchers: 0,
            messages_per_second: record.messages_per_second,
            budget: Budget::new(now, record.messages_per_second.unwrap_or(limits.messages_per_second)),
            tip_budget: Budget::new(now, limits.tips_per_second),
            ledger: Ledger::default(),
            counters,
            tallies,
            attributes,
            attributes_changed: record.attributes_changed,
            attribute_budget: Budget::new(now, attributes::WRITES_PER_SECOND),
            duplicates: Duplicates::default(),
            memory: Memory::of(limits, &said),
            pins: Pins::of(limits, pins, &said),
            words: Arc::new(Words::restored(words)),
            likes_told: counters.likes,
        }
    }

    /// What follows from a command. Nothing has happened yet, so a refusal leaves no trace.
    pub fn decide(&self, ctx: &mut Context<'_>, by: &Actor, command: RoomCommand) -> Result<Verdict, Refusal> {
        let mut draft = Decision::new(self, ctx, by);
        let answer = match command {
            RoomCommand::Join { history } => draft.join(history)?,
            RoomCommand::Watch => Answer::Watching { room: self.key.room.clone(), next_seq: self.next_seq },
            RoomCommand::Quit => draft.quit()?,
            RoomCommand::Dismiss => draft.dismiss()?,
            RoomCommand::Send(message) => draft.send(message)?,
            RoomCommand::SendAs(..) => return Err(Refusal::AdminsOnly),
            RoomCommand::Change(changes) => draft.change(changes)?,
            RoomCommand::Mute { users, secs } => draft.mute(users, secs)?,
            RoomCommand::Ban { users, secs, reason } => draft.ban(users, secs, reason)?,
            RoomCommand::SetAdmins { users, admin } => draft.set_admins(users, admin)?,
            RoomCommand::SetMemberFields { user, fields } => draft.set_member_fields(user, fields)?,
            RoomCommand::Notify { content } => draft.notify(content)?,
            RoomCommand::SetBudget(per_second) => draft.set_budget(per_second)?,
            RoomCommand::OnlineCount => Answer::OnlineCount(self.online()),
            RoomCommand::Tally { how, tallies } => draft.tally(how, &tallies)?,
            RoomCommand::DropTallies { keys } => draft.drop_tallies(keys)?,
            RoomCommand::Tallies { keys } => self.tallies(keys.as_deref()),
            RoomCommand::Recall { seqs, reason } => draft.recall(seqs, reason)?,
            RoomCommand::SetAttributes { attributes, replace, known } => {
                draft.set_attributes(attributes, replace, known)?
            }
            RoomCommand::DropAttributes { keys, known } => draft.drop_attributes(keys, known)?,
            RoomCommand::Attributes => self.attributes(),
            RoomCommand::Pin { seq } => draft.pin(seq)?,
            RoomCommand::Unpin { seq } => draft.unpin(seq)?,
            RoomCommand::Pins => Answer::Pins(self.pins.pinned().to_vec()),
            RoomCommand::Messages { seqs } => self.messages(&seqs, draft.ctx.limits)?,
            RoomCommand::SetWords(lists) => draft.set_words(lists)?,
            RoomCommand::Words => {
                draft.must_run_the_room()?;
                Answer::Words(self.words.clone())
            }
            RoomCommand::Stats => Answer::Stats(self.stats(by)),
            RoomCommand::MutedUsers => {
                draft.must_run_the_room()?;
                Answer::MutedUsers(self.muted(draft.ctx.now))
            }
            RoomCommand::BannedUsers { skip, limit } => {
                draft.must_run_the_room()?;
                let most = draft.ctx.limits.bans_page_max;
                self.banned(draft.ctx.now, skip, if limit == 0 { most } else { limit.min(most) })
            }
            // Lists of people need their profiles, which the room does not hold: the engine answers these.
            RoomCommand::Members { .. } | RoomCommand::MemberRecords { .. } | RoomCommand::Admins => Answer::Done,
        };
        Ok(Verdict { events: draft.events, answer })
    }

    /// Somebody's connection is gone for good: the others may hear "quit".
    pub fn lose(&self, ctx: &mut Context<'_>, who: &Actor) -> Vec<RoomEvent> {
        let mut draft = Decision::new(self, ctx, who);
        draft.leave();
        draft.events
    }

    /// The shop says something here: whoever is muted or in a hurry, it has happened.
    pub fn announce(&self, ctx: &mut Context<'_>, by: &Actor, class: Class, post: Post) -> Vec<RoomEvent> {
        let mut draft = Decision::new(self, ctx, by);
        draft.post(class, post);
        draft.events
    }

    /// The shop shows something in a field of the room.
    pub fn show(&self, ctx: &mut Context<'_>, by: &Actor, change: ProfileChange) -> Vec<RoomEvent> {
        let mut draft = Decision::new(self, ctx, by);
        if draft.changes_something(&change) {
            draft.events.push(RoomEvent::Changed(change.clone()));
            draft.post(Class::Vital, Post::ProfileChanged { by: by.face.clone(), change });
        }
        draft.events
    }

    /// The notice of the number of likes, if it grew since it was told.
    pub fn tell_likes(&self, ctx: &mut Context<'_>, by: &Actor) -> Vec<RoomEvent> {
        let mut draft = Decision::new(self, ctx, by);
        if self.counters.likes != self.likes_told {
            draft.post(Class::Like, Post::LikesCounted { total: self.counters.likes });
        }
        draft.events
    }

    /// Gives back the numbers that were promised to the store and not used; the record to keep, if there were any.
    pub fn close_books(&mut self) -> Option<RoomRecord> {
        let last = self.next_seq - 1;
        (std::mem::replace(&mut self.seq_ceiling, last) != last).then(|| self.record())
    }

    /// Its id among all apps.
    pub fn key(&self) -> &RoomKey {
        &self.key
    }

    /// Its owner.
    pub fn owner(&self) -> Option<&UserId> {
        self.owner.as_ref()
    }

    /// Its numbers.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Its books.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The number that comes next.
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// How many messages a second it carries.
    pub fn messages_per_second(&self, limits: &Limits) -> u32 {
        self.messages_per_second.unwrap_or(limits.messages_per_second)
    }

    /// The likes changed since everybody was told.
    pub fn likes_untold(&self) -> bool {
        self.counters.likes != self.likes_told
    }

    /// Viewers now, with and without an account.
    pub fn online(&self) -> u32 {
        self.members.len() as u32 + self.watchers
    }

    /// One more viewer without an account, or one less.
    pub fn watch(&mut self, came: bool) {
        self.watchers = if came { self.watchers + 1 } else { self.watchers.saturating_sub(1) };
        self.counters.peak = self.counters.peak.max(self.online());
    }

    /// Puts a member back who was there before a restart; nobody is told.
    pub fn restore_member(&mut self, who: &Face, joined_at: Time, limits: &Limits) {
        self.apply_join(joined_at, limits, who);
    }

    /// A member.
    pub fn member(&self, account: AccountId) -> Option<&Member> {
        self.members.get(&account)
    }

    /// Members, newest first.
    pub fn newest_members(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.by_arrival.iter().rev().map(|(_, account)| *account)
    }

    /// All members.
    pub fn members(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.members.keys().copied()
    }

    /// The admins of the room.
    pub fn admins(&self) -> impl Iterator<Item = &UserId> {
        self.admins.iter()
    }

    /// A user's role here, member or not.
    pub fn role(&self, user: &UserId) -> Role {
        if self.owner.as_ref() == Some(user) {
            Role::Owner
        } else if self.admins.contains(user) {
            Role::Admin
        } else {
            Role::Member
        }
    }

    /// Until when a user is muted; zero if not.
    pub fn muted_until(&self, user: &UserId, now: Time) -> Time {
        self.mutes.get(user).copied().filter(|until| *until > now).unwrap_or_default()
    }

    /// Until when a user is banned; zero if not.
    pub fn banned_until(&self, user: &UserId, now: Time) -> Time {
        self.bans.get(user).copied().filter(|until| *until > now).unwrap_or_default()
    }

    /// Custom fields of a member.
    pub fn member_fields(&self, user: &UserId) -> BTreeMap<Arc<str>, Arc<str>> {
        self.member_fields.get(user).cloned().unwrap_or_default()
    }

    /// The room as it is kept.
    pub fn record(&self) -> RoomRecord {
        RoomRecord {
            key: self.key.clone(),
            profile: self.profile.clone(),
            owner: self.owner.clone(),
            created_at: self.created_at,
            changed_at: self.changed_at,
            info_seq: self.info_seq,
            seq_ceiling: self.seq_ceiling,
            messages_per_second: self.messages_per_second,
            attributes_changed: self.attributes_changed,
        }
    }
}
