//! One live room: who is in it, who may do what, and what is said in which order.
//!
//! [`Room::decide`] says what follows from a command and changes nothing, so a refusal leaves no trace.
//! [`Room::apply`] makes an event true and cannot fail. The engine keeps the stored ones and hands the posts to
//! everybody.

pub mod budget;
pub mod check;
mod duplicates;
pub mod ledger;
mod recall;
pub mod tallies;

use crate::answer::{Answer, Role, RoomView, Stats};
use crate::change::{Counters, RoomRecord, RoomSnapshot};
use crate::command::{OpenRoom, RoomCommand};
use crate::id::{AccountId, RoomKey, UserId};
use crate::limits::Limits;
use crate::post::{Class, Draft, Face, Post, Posted, ProfileChange};
use crate::refusal::Refusal;
use crate::rng::Rng;
use crate::time::Time;
use budget::Budget;
use duplicates::Duplicates;
pub use duplicates::Reception;
use ledger::{DropReason, Ledger};
use recall::Memory;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// What everybody may read of a room.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RoomProfile {
    /// Its name.
    pub name: Arc<str>,
    /// Its introduction.
    pub introduction: Arc<str>,
    /// Its announcement.
    pub notification: Arc<str>,
    /// Its picture.
    pub avatar: Arc<str>,
    /// Everybody but the host and the admins is muted.
    pub mute_all: bool,
    /// Custom fields, such as `add_goods` and `room_status`.
    pub fields: BTreeMap<Arc<str>, Arc<str>>,
}

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
    /// A message was taken back.
    Recalled(u64),
    /// Somebody spoke: counts against that user's own rate.
    Spoke(AccountId),
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
    duplicates: Duplicates,
    memory: Memory,
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
        };
        let mut room = Self::load(
            now,
            RoomSnapshot {
                record,
                mutes: BTreeMap::new(),
                bans: BTreeMap::new(),
                admins: Vec::new(),
                member_fields: BTreeMap::new(),
                tallies: BTreeMap::new(),
                counters: Counters::default(),
                said: Vec::new(),
            },
            limits,
        );
        room.next_seq = 1;
        room
    }

    /// A room as it was kept. Numbers go on above everything that was ever given out.
    pub fn load(now: Time, kept: RoomSnapshot, limits: &Limits) -> Self {
        let RoomSnapshot { record, mutes, bans, admins, member_fields, tallies, counters, said } = kept;
        Self {
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
            budget: Budget::new(now, limits.messages_per_second),
            tip_budget: Budget::new(now, limits.tips_per_second),
            ledger: Ledger::default(),
            counters,
            tallies,
            duplicates: Duplicates::default(),
            memory: Memory::of(limits, &said),
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
            RoomCommand::OnlineCount => Answer::OnlineCount(self.online()),
            RoomCommand::Tally { how, tallies } => draft.tally(how, &tallies)?,
            RoomCommand::DropTallies { keys } => draft.drop_tallies(keys)?,
            RoomCommand::Tallies { keys } => self.tallies(keys.as_deref()),
            RoomCommand::Recall { seqs, reason } => draft.recall(seqs, reason)?,
            RoomCommand::Stats => Answer::Stats(self.stats(by)),
            RoomCommand::MutedUsers => {
                draft.must_run_the_room()?;
                Answer::MutedUsers(self.muted(draft.ctx.now))
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

    /// The notice of the number of likes, if it grew since it was told.
    pub fn tell_likes(&self, ctx: &mut Context<'_>, by: &Actor) -> Vec<RoomEvent> {
        let mut draft = Decision::new(self, ctx, by);
        if self.counters.likes != self.likes_told {
            draft.post(Class::Like, Post::LikesCounted { total: self.counters.likes });
        }
        draft.events
    }

    /// Makes an event true. Cannot fail.
    pub fn apply(&mut self, now: Time, limits: &Limits, event: &RoomEvent) {
        match event {
            RoomEvent::CeilingRaised(ceiling) => self.seq_ceiling = *ceiling,
            RoomEvent::Changed(change) => self.apply_change(now, change),
            RoomEvent::Joined(who) => self.apply_join(now, limits, who),
            RoomEvent::Left(account) => {
                if let Some(member) = self.members.remove(account) {
                    self.by_arrival.remove(&(member.joined_at, *account));
                }
            }
            RoomEvent::Muted(user, until) => set_until(&mut self.mutes, user, *until),
            RoomEvent::Banned(user, until) => set_until(&mut self.bans, user, *until),
            RoomEvent::AdminSet(user, true) => drop(self.admins.insert(user.clone())),
            RoomEvent::AdminSet(user, false) => drop(self.admins.remove(user)),
            RoomEvent::MemberFieldSet(user, key, value) => self.apply_member_field(user, key, value.clone()),
            RoomEvent::TallySet(key, Some(value)) => drop(self.tallies.insert(key.clone(), *value)),
            RoomEvent::TallySet(key, None) => drop(self.tallies.remove(key)),
            RoomEvent::Recalled(seq) => self.memory.forget(*seq),
            RoomEvent::Spoke(account) => {
                if let Some(member) = self.members.get_mut(account) {
                    member.speaking.spend(now, limits.messages_per_second_per_user);
                }
            }
            RoomEvent::Taken(account, random, reception) => {
                self.duplicates.remember(limits, now, (*account, *random), *reception);
            }
            RoomEvent::Liked => self.counters.likes += 1,
            RoomEvent::Posted(posted) => self.apply_post(now, limits, posted),
            RoomEvent::Told(_, posted) => self.next_seq = posted.seq + 1,
            RoomEvent::Dropped(class, reason) => self.ledger.dropped(*class, *reason),
            RoomEvent::Dismissed => {
                self.members.clear();
                self.by_arrival.clear();
            }
        }
    }

    fn apply_change(&mut self, now: Time, change: &ProfileChange) {
        let profile = &mut self.profile;
        match change.clone() {
            ProfileChange::Name(text) => profile.name = text,
            ProfileChange::Introduction(text) => profile.introduction = text,
            ProfileChange::Notification(text) => profile.notification = text,
            ProfileChange::Avatar(text) => profile.avatar = text,
            ProfileChange::MuteAll(on) => profile.mute_all = on,
            ProfileChange::Field(key, Some(value)) => drop(profile.fields.insert(key, value)),
            ProfileChange::Field(key, None) => drop(profile.fields.remove(&key)),
        }
        self.info_seq += 1;
        self.changed_at = now;
    }

    fn apply_join(&mut self, now: Time, limits: &Limits, who: &Face) {
        let speaking = Budget::new(now, limits.messages_per_second_per_user);
        let member = Member { user: who.user.clone(), joined_at: now, speaking };
        if let Some(old) = self.members.insert(who.account, member) {
            self.by_arrival.remove(&(old.joined_at, who.account));
        }
        self.by_arrival.insert((now, who.account));
        self.counters.peak = self.counters.peak.max(self.online());
    }

    fn apply_member_field(&mut self, user: &UserId, key: &Arc<str>, value: Option<Arc<str>>) {
        let fields = self.member_fields.entry(user.clone()).or_default();
        match value {
            Some(value) => drop(fields.insert(key.clone(), value)),
            None => drop(fields.remove(key)),
        }
        if fields.is_empty() {
            self.member_fields.remove(user);
        }
    }

    fn apply_post(&mut self, now: Time, limits: &Limits, posted: &Posted) {
        self.next_seq = posted.seq + 1;
        self.spoke_at = now;
        self.ledger.delivered(posted.class);
        self.budget.spend(now, limits.messages_per_second);
        match &posted.post {
            Post::Joined { .. } | Post::Left { .. } => self.tip_budget.spend(now, limits.tips_per_second),
            Post::LikesCounted { total } => self.likes_told = *total,
            Post::Message { .. } => {
                if posted.class != Class::Like {
                    self.counters.messages += 1;
                }
                self.memory.remember(limits, posted);
            }
            _ => {}
        }
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
        }
    }

    /// The room as one user sees it.
    pub fn view(&self, by: &Actor) -> RoomView {
        let member = self.members.get(&by.face.account);
        let role = self.role(&by.face.user);
        RoomView {
            room: self.key.room.clone(),
            profile: self.profile.clone(),
            owner: self.owner.clone(),
            created_at: self.created_at,
            changed_at: self.changed_at,
            spoke_at: self.spoke_at,
            info_seq: self.info_seq,
            next_seq: self.next_seq,
            online: self.online(),
            role: (member.is_some() || role != Role::Member).then_some(role),
            joined_at: member.map(|member| member.joined_at),
        }
    }

    fn muted(&self, now: Time) -> Vec<(UserId, Time)> {
        self.mutes.iter().filter(|(_, until)| **until > now).map(|(user, until)| (user.clone(), *until)).collect()
    }

    fn stats(&self, by: &Actor) -> Stats {
        Stats {
            online: self.online(),
            peak: self.counters.peak,
            likes: self.counters.likes,
            messages: self.counters.messages,
            ledger: (by.app_admin || self.role(&by.face.user) != Role::Member)
                .then(|| Box::new(self.ledger.clone())),
        }
    }
}

fn set_until(sanctions: &mut BTreeMap<UserId, Time>, user: &UserId, until: Time) {
    if until == Time::default() {
        sanctions.remove(user);
    } else {
        sanctions.insert(user.clone(), until);
    }
}

/// A decision being made: the events so far, and the next number to give out.
struct Decision<'a, 'c> {
    room: &'a Room,
    ctx: &'a mut Context<'c>,
    by: &'a Actor,
    events: Vec<RoomEvent>,
    next_seq: u64,
    ceiling: u64,
}

impl<'a, 'c> Decision<'a, 'c> {
    fn new(room: &'a Room, ctx: &'a mut Context<'c>, by: &'a Actor) -> Self {
        Self { room, ctx, by, events: Vec::new(), next_seq: room.next_seq, ceiling: room.seq_ceiling }
    }

    fn join(&mut self, history: bool) -> Result<Answer, Refusal> {
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        let until = self.room.banned_until(&self.by.face.user, self.ctx.now);
        if until > Time::default() {
            return Err(Refusal::Banned { until });
        }
        if self.room.member(self.by.face.account).is_none() {
            let online = self.room.online() + 1;
            self.events.push(RoomEvent::Joined(self.by.face.clone()));
            self.tip(Post::Joined { who: self.by.face.clone(), online });
        }
        // The joiner hears its own tip with the rest of the backlog only if it wants history.
        let (app, room) = (self.room.key.app, self.room.key.room.clone());
        Ok(Answer::Joined { app, room, history, next_seq: self.next_seq })
    }

    fn quit(&mut self) -> Result<Answer, Refusal> {
        if self.room.owner.as_ref() == Some(&self.by.face.user) && !self.by.anonymous {
            return Err(Refusal::OwnerCannotLeave);
        }
        if self.room.member(self.by.face.account).is_none() {
            return Err(Refusal::NotMember);
        }
        self.leave();
        Ok(Answer::Done)
    }

    fn leave(&mut self) {
        if self.room.member(self.by.face.account).is_some() {
            let online = self.room.online() - 1;
            self.events.push(RoomEvent::Left(self.by.face.account));
            self.tip(Post::Left { who: self.by.face.clone(), online });
        }
    }

    fn dismiss(&mut self) -> Result<Answer, Refusal> {
        if !self.by.app_admin && self.room.role(&self.by.face.user) != Role::Owner {
            return Err(Refusal::NotAllowed);
        }
        self.post(Class::Vital, Post::Dismissed { by: self.by.face.user.clone() });
        self.events.push(RoomEvent::Dismissed);
        Ok(Answer::Done)
    }

    fn send(&mut self, message: Draft) -> Result<Answer, Refusal> {
        check::draft(&message, self.ctx.limits)?;
        let key = (self.by.face.account, message.random);
        if let Some(first) = self.room.duplicates.find(self.ctx.limits, self.ctx.now, &key) {
            return Ok(first.answer());
        }
        self.may_speak()?;
        let class = message.meaning.class(message.priority);
        self.events.push(RoomEvent::Spoke(self.by.face.account));
        if class == Class::Like {
            self.events.push(RoomEvent::Liked);
        }
        let post = Post::Message {
            from: self.by.face.clone(),
            priority: message.priority,
            sent_at: message.sent_at,
            client_seq: message.client_seq,
            elements: message.elements,
            cloud_data: message.cloud_data,
        };
        let sent = self.admit(class, message.random, post);
        let seq = sent.unwrap_or_else(|| self.next_seq.saturating_sub(1));
        let reception = Reception { at: self.ctx.now, seq, dropped: sent.is_none() };
        self.events.push(RoomEvent::Taken(key.0, key.1, reception));
        Ok(reception.answer())
    }

    fn may_speak(&self) -> Result<(), Refusal> {
        if self.by.app_admin {
            return Ok(());
        }
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        let member = self.room.member(self.by.face.account).ok_or(Refusal::NotMember)?;
        let until = self.room.muted_until(&self.by.face.user, self.ctx.now);
        if until > Time::default() {
            return Err(Refusal::Muted { until });
        }
        if self.room.profile.mute_all && self.room.role(&self.by.face.user) == Role::Member {
            return Err(Refusal::AllMuted);
        }
        self.not_too_often(member)
    }

    fn not_too_often(&self, member: &Member) -> Result<(), Refusal> {
        let rate = self.ctx.limits.messages_per_second_per_user;
        let admits = member.speaking.admits(self.ctx.now, rate, Class::ChatHigh);
        if admits { Ok(()) } else { Err(Refusal::TooOften) }
    }

    fn change(&mut self, changes: Vec<ProfileChange>) -> Result<Answer, Refusal> {
        self.must_own_the_room()?;
        changes.iter().try_for_each(|change| check::profile_change(change, self.ctx.limits))?;
        self.fields_must_fit(&changes)?;
        for change in changes {
            if self.changes_something(&change) {
                self.events.push(RoomEvent::Changed(change.clone()));
                self.post(Class::Vital, Post::ProfileChanged { by: self.by.face.clone(), change });
            }
        }
        Ok(Answer::Done)
    }

    /// A field that is set to what it is still gets its tip: pushing the same goods again means "look here". Only
    /// taking away what is not there is nothing.
    fn changes_something(&self, change: &ProfileChange) -> bool {
        match change {
            ProfileChange::Field(key, None) => self.room.profile.fields.contains_key(key),
            ProfileChange::MuteAll(on) => *on != self.room.profile.mute_all,
            _ => true,
        }
    }

    fn fields_must_fit(&self, changes: &[ProfileChange]) -> Result<(), Refusal> {
        let mut keys: BTreeSet<&str> = self.room.profile.fields.keys().map(|key| &**key).collect();
        for change in changes {
            match change {
                ProfileChange::Field(key, Some(_)) => drop(keys.insert(key)),
                ProfileChange::Field(key, None) => drop(keys.remove(&**key)),
                _ => {}
            }
        }
        let limit = self.ctx.limits.room_fields_max;
        if keys.len() > limit { Err(Refusal::TooMany { what: "custom fields", limit }) } else { Ok(()) }
    }

    fn mute(&mut self, users: Vec<UserId>, secs: u32) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        check::users(&users, self.ctx.limits)?;
        self.must_outrank(&users)?;
        self.sanctions_must_fit(&self.room.mutes, &users, secs)?;
        let until = self.until(secs);
        self.events.extend(users.iter().map(|user| RoomEvent::Muted(user.clone(), until)));
        self.post(Class::Vital, Post::Muted { by: self.by.face.clone(), users, secs });
        Ok(Answer::Done)
    }

    fn ban(&mut self, users: Vec<UserId>, secs: u32, reason: Arc<str>) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        check::users(&users, self.ctx.limits)?;
        self.must_outrank(&users)?;
        self.sanctions_must_fit(&self.room.bans, &users, secs)?;
        let until = self.until(secs);
        for user in &users {
            self.events.push(RoomEvent::Banned(user.clone(), until));
            if secs > 0 {
                let post = Post::YouWereBanned { by: self.by.face.user.clone(), secs, reason: reason.clone() };
                let told = self.stamp(Class::Vital, post, None);
                self.events.push(RoomEvent::Told(user.clone(), told));
            }
        }
        if secs > 0 {
            let out = self.room.members.iter().filter(|(_, member)| users.contains(&member.user));
            let mut left: Vec<_> = out.map(|(account, _)| *account).collect();
            // Not in the order of a hash map: the same inputs give the same run.
            left.sort_unstable();
            self.events.extend(left.into_iter().map(RoomEvent::Left));
        }
        self.post(Class::Vital, Post::Banned { by: self.by.face.clone(), users, secs });
        Ok(Answer::Done)
    }

    fn set_admins(&mut self, users: Vec<UserId>, admin: bool) -> Result<Answer, Refusal> {
        self.must_own_the_room()?;
        check::users(&users, self.ctx.limits)?;
        if users.iter().any(|user| self.room.owner.as_ref() == Some(user)) {
            return Err(Refusal::NotAllowed);
        }
        let users: Vec<_> = users.into_iter().filter(|user| self.room.admins.contains(user) != admin).collect();
        let limit = self.ctx.limits.admins_max;
        if admin && self.room.admins.len() + users.len() > limit {
            return Err(Refusal::TooMany { what: "admins", limit });
        }
        if !users.is_empty() {
            self.events.extend(users.iter().map(|user| RoomEvent::AdminSet(user.clone(), admin)));
            self.post(Class::Vital, Post::AdminChanged { by: self.by.face.clone(), users, admin });
        }
        Ok(Answer::Done)
    }

    fn set_member_fields(
        &mut self,
        user: Option<UserId>,
        fields: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Answer, Refusal> {
        let user = user.unwrap_or_else(|| self.by.face.user.clone());
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        if user != self.by.face.user {
            self.must_run_the_room()?;
        }
        check::user_id(&user)?;
        fields.iter().try_for_each(|(key, value)| check::member_field(key, value, self.ctx.limits))?;
        let mut after = self.room.member_fields(&user);
        after.extend(fields.iter().cloned());
        after.retain(|_, value| !value.is_empty());
        let limit = self.ctx.limits.member_fields_max;
        if after.len() > limit {
            return Err(Refusal::TooMany { what: "member custom fields", limit });
        }
        let set = fields.into_iter().map(|(key, value)| {
            RoomEvent::MemberFieldSet(user.clone(), key, Some(value).filter(|value| !value.is_empty()))
        });
        self.events.extend(set);
        Ok(Answer::Done)
    }

    fn notify(&mut self, content: Arc<str>) -> Result<Answer, Refusal> {
        if !self.by.app_admin {
            return Err(Refusal::AdminsOnly);
        }
        let limit = self.ctx.limits.notice_bytes_max;
        if content.len() > limit {
            return Err(Refusal::TooLong { field: "Content", limit });
        }
        self.post(Class::Vital, Post::Notice { by: self.by.face.user.clone(), content });
        Ok(Answer::Done)
    }

    fn must_own_the_room(&self) -> Result<(), Refusal> {
        let owner = !self.by.anonymous && self.room.role(&self.by.face.user) == Role::Owner;
        if self.by.app_admin || owner { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    fn must_run_the_room(&self) -> Result<(), Refusal> {
        let runs = !self.by.anonymous && self.room.role(&self.by.face.user) > Role::Member;
        if self.by.app_admin || runs { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// Nobody mutes or bans the host, oneself, or (without being the host) an admin.
    fn must_outrank(&self, users: &[UserId]) -> Result<(), Refusal> {
        let own = if self.by.app_admin { Role::Owner } else { self.room.role(&self.by.face.user) };
        let outranked = |user: &UserId| match self.room.role(user) {
            Role::Owner => self.by.app_admin && *user != self.by.face.user,
            role => role < own,
        };
        if users.iter().all(outranked) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// Sanctions that are over make room for new ones; only those in force count against the bound.
    fn sanctions_must_fit(
        &self,
        kept: &BTreeMap<UserId, Time>,
        users: &[UserId],
        secs: u32,
    ) -> Result<(), Refusal> {
        let limit = self.ctx.limits.sanctions_max;
        if secs == 0 || kept.len() + users.len() <= limit {
            return Ok(());
        }
        let now = self.ctx.now;
        let in_force = kept.values().filter(|until| **until > now).count();
        if in_force + users.len() > limit {
            return Err(Refusal::TooMany { what: "sanctions in one room", limit });
        }
        Ok(())
    }

    fn until(&self, secs: u32) -> Time {
        match secs {
            0 => Time::default(),
            u32::MAX => Time::NEVER,
            secs => self.ctx.now + Duration::from_secs(secs.into()),
        }
    }

    /// A join or quit tip: everybody hears it if there is room.
    fn tip(&mut self, post: Post) {
        let rate = self.ctx.limits.tips_per_second;
        if self.room.tip_budget.admits(self.ctx.now, rate, Class::ChatHigh) {
            let random = self.ctx.rng.message_random();
            self.admit(Class::Tip, random, post);
        } else {
            self.events.push(RoomEvent::Dropped(Class::Tip, DropReason::TipBudget));
        }
    }

    /// Something that is always delivered, or that nobody would miss twice.
    fn post(&mut self, class: Class, post: Post) {
        let random = self.ctx.rng.message_random();
        self.admit(class, random, post);
    }

    fn admit(&mut self, class: Class, random: u32, post: Post) -> Option<u64> {
        if !self.room.budget.admits(self.ctx.now, self.ctx.limits.messages_per_second, class) {
            self.events.push(RoomEvent::Dropped(class, DropReason::Budget));
            return None;
        }
        let posted = self.stamp(class, post, Some(random));
        let seq = posted.seq;
        self.events.push(RoomEvent::Posted(posted));
        Some(seq)
    }

    /// Gives a post its place. Numbers are promised to the store a block at a time, before one is used.
    fn stamp(&mut self, class: Class, post: Post, random: Option<u32>) -> Arc<Posted> {
        if self.next_seq > self.ceiling {
            self.ceiling += self.ctx.limits.seq_block;
            self.events.push(RoomEvent::CeilingRaised(self.ceiling));
        }
        let seq = self.next_seq;
        self.next_seq += 1;
        Arc::new(Posted {
            room: self.room.key.clone(),
            room_name: self.room.profile.name.clone(),
            seq,
            random: random.unwrap_or_else(|| self.ctx.rng.message_random()),
            at: self.ctx.now,
            class,
            post,
        })
    }
}
