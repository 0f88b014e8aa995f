//! Who is there, and who is told of it.
//!
//! A user is there while its session has a connection, and for the grace period after that. Changes are gathered and told together, at
//! most once in a while: a phone on a train does not ring every time.

use super::timers::Timer;
use super::{Caller, Engine, Output};
use crate::answer::Answer;
use crate::direct::{Notice, Presence, PresenceCommand, PresenceOf};
use crate::id::{AccountId, AppId, SessionId, UserId};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::room::budget::Budget;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What only some sessions have.
pub(super) struct More {
    /// Direct messages that it may send.
    pub writing: Budget,
    /// Conversations that it may read, pin and so on.
    pub marking: Budget,
    /// What the user says about being there.
    pub text: Arc<str>,
    /// Whose presence it is told of.
    pub subscriptions: BTreeSet<AccountId>,
}

impl More {
    pub fn new(now: Time, limits: &Limits) -> Self {
        Self {
            writing: Budget::new(now, limits.direct_per_second_per_user),
            marking: Budget::new(now, limits.direct_marks_per_second_per_user),
            text: "".into(),
            subscriptions: BTreeSet::new(),
        }
    }
}

/// Who is told of whom.
#[derive(Default)]
pub(super) struct Subscribers {
    of: HashMap<AccountId, BTreeSet<SessionId>>,
    /// Accounts whose presence may have changed since it was told, and what was told.
    changed: BTreeMap<AccountId, (Presence, Arc<str>)>,
}

impl<T> Engine<T> {
    pub(super) fn presence_command(
        &mut self,
        now: Time,
        by: &Caller,
        command: PresenceCommand,
    ) -> Result<(Answer, u64), Refusal> {
        let app = by.app();
        let limits = self.limits(app);
        if let PresenceCommand::Of(users) = command {
            self.member_actor(now, by)?;
            return self.presence_of(now, app, users, &limits);
        }
        let account = self.member_actor(now, by)?.face.account;
        let id = self.accounts.get(&account).and_then(|account| account.session).ok_or(Refusal::NotAllowed)?;
        match command {
            PresenceCommand::Say(text) => self.say_presence(now, account, id, text, &limits),
            PresenceCommand::Subscribe(users) => self.subscribe_presence(now, app, id, users, &limits),
            PresenceCommand::Unsubscribe(users) => self.unsubscribe_presence(app, id, users, &limits),
            PresenceCommand::Of(_) => Ok((Answer::Done, 0)),
        }
    }

    fn presence_of(
        &self,
        now: Time,
        app: AppId,
        users: Vec<UserId>,
        limits: &Limits,
    ) -> Result<(Answer, u64), Refusal> {
        at_most(users.len(), limits.accounts_per_call_max)?;
        let (known, missing): (Vec<_>, Vec<_>) =
            users.into_iter().partition(|user| self.account(app, user).is_some());
        let one = |user: UserId| {
            let (presence, text) = self
                .account(app, &user)
                .map_or((Presence::LoggedOut, "".into()), |known| self.presence(now, known.id));
            PresenceOf { user, presence, text }
        };
        Ok((Answer::Presence(known.into_iter().map(one).collect(), missing), 0))
    }

    /// Whether a user is there at this moment, and what it says about it.
    fn presence(&self, now: Time, account: AccountId) -> (Presence, Arc<str>) {
        let nothing: Arc<str> = "".into();
        let Some(account) = self.accounts.get(&account) else { return (Presence::LoggedOut, nothing) };
        let Some(session) = account.session.and_then(|id| self.sessions.get(&id)) else {
            return (Presence::LoggedOut, nothing);
        };
        let grace = self.limits(account.app).grace;
        if session.conn.is_none() && session.lost_at + grace <= now {
            return (Presence::Offline, nothing);
        }
        (Presence::Online, session.more.as_ref().map_or(nothing, |more| more.text.clone()))
    }

    fn say_presence(
        &mut self,
        now: Time,
        account: AccountId,
        id: SessionId,
        text: Arc<str>,
        limits: &Limits,
    ) -> Result<(Answer, u64), Refusal> {
        if text.len() > limits.presence_text_bytes_max {
            return Err(Refusal::TooLong { field: "CustomStatus", limit: limits.presence_text_bytes_max });
        }
        let app = self.accounts.get(&account).map_or(AppId(0), |account| account.app);
        let text = self.words(app).clean(&text)?;
        self.presence_changes(now, account);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.more(now, limits).text = text;
        }
        Ok((Answer::Done, 0))
    }

    fn subscribe_presence(
        &mut self,
        now: Time,
        app: AppId,
        id: SessionId,
        users: Vec<UserId>,
        limits: &Limits,
    ) -> Result<(Answer, u64), Refusal> {
        if users.is_empty() {
            return Err(Refusal::BadParameter("To_Account"));
        }
        at_most(users.len(), limits.presence_subscriptions_per_call_max)?;
        let (known, missing): (Vec<_>, Vec<_>) =
            users.into_iter().partition(|user| self.account(app, user).is_some());
        let known: BTreeSet<_> =
            known.iter().filter_map(|user| self.account(app, user)).map(|one| one.id).collect();
        let session = self.sessions.get_mut(&id).ok_or(Refusal::SessionEnded)?;
        let subscriptions = &mut session.more(now, limits).subscriptions;
        let limit = limits.presence_subscriptions_max;
        if subscriptions.union(&known).count() > limit {
            return Err(Refusal::TooMany { what: "subscriptions", limit });
        }
        subscriptions.extend(known.iter().copied());
        for account in known {
            self.subscribers.of.entry(account).or_default().insert(id);
            self.watch_for_absence(account);
        }
        Ok((Answer::Presence(Vec::new(), missing), 0))
    }

    fn unsubscribe_presence(
        &mut self,
        app: AppId,
        id: SessionId,
        users: Option<Vec<UserId>>,
        limits: &Limits,
    ) -> Result<(Answer, u64), Refusal> {
        let Some(users) = users else {
            self.end_subscriptions(id);
            return Ok((Answer::Presence(Vec::new(), Vec::new()), 0));
        };
        at_most(users.len(), limits.presence_subscriptions_per_call_max)?;
        let mut missing = Vec::new();
        for user in users {
            let Some(account) = self.account(app, &user).map(|account| account.id) else {
                missing.push(user);
                continue;
            };
            if let Some(more) = self.sessions.get_mut(&id).and_then(|session| session.more.as_mut()) {
                more.subscriptions.remove(&account);
            }
            self.unsubscribe_from(account, id);
        }
        Ok((Answer::Presence(Vec::new(), missing), 0))
    }

    fn unsubscribe_from(&mut self, account: AccountId, id: SessionId) {
        if let Some(of) = self.subscribers.of.get_mut(&account) {
            of.remove(&id);
            if of.is_empty() {
                self.subscribers.of.remove(&account);
            }
        }
    }

    /// A session wants to be told of nobody any more.
    pub(super) fn end_subscriptions(&mut self, id: SessionId) {
        let more = self.sessions.get_mut(&id).and_then(|session| session.more.as_mut());
        let subscriptions = more.map(|more| std::mem::take(&mut more.subscriptions)).unwrap_or_default();
        for account in subscriptions {
            self.unsubscribe_from(account, id);
        }
    }

    /// To be called before the presence of an account may change: what it was is remembered and compared later.
    pub(super) fn presence_changes(&mut self, now: Time, account: AccountId) {
        if !self.subscribers.of.contains_key(&account) || self.subscribers.changed.contains_key(&account) {
            return;
        }
        let before = self.presence(now, account);
        if self.subscribers.changed.is_empty() {
            let app = self.accounts.get(&account).map_or(AppId(0), |account| account.app);
            let every = self.limits(app).presence_notice_every;
            self.timers.at(now + every, Timer::Presence);
        }
        self.subscribers.changed.insert(account, before);
    }

    /// If the user has subscribers and no connection: looks again when its grace period is over.
    pub(super) fn watch_for_absence(&mut self, account: AccountId) {
        let session = self.accounts.get(&account).and_then(|account| account.session);
        let session = session.and_then(|id| self.sessions.get(&id)).filter(|session| session.conn.is_none());
        if let Some(session) = session.filter(|_| self.subscribers.of.contains_key(&account)) {
            let grace = self.accounts.get(&account).map(|account| self.limits(account.app).grace);
            self.timers.at(session.lost_at + grace.unwrap_or_default(), Timer::Away(account, session.lost_at));
        }
    }

    /// A connection was lost: when the grace period is over the user is away, unless it is back.
    pub(super) fn presence_grace_over(&mut self, now: Time, account: AccountId, lost_at: Time) {
        let session = self.accounts.get(&account).and_then(|account| account.session);
        let session = session.and_then(|id| self.sessions.get(&id));
        let still_away = session.is_some_and(|session| session.conn.is_none() && session.lost_at == lost_at);
        if still_away && self.subscribers.of.contains_key(&account) {
            let text =
                session.and_then(|session| session.more.as_ref()).map_or("".into(), |more| more.text.clone());
            self.subscribers.changed.entry(account).or_insert((Presence::Online, text));
            self.tell_presence(now);
        }
    }

    /// Tells the subscribers what has changed.
    pub(super) fn tell_presence(&mut self, now: Time) {
        let mut news: BTreeMap<SessionId, Vec<PresenceOf>> = BTreeMap::new();
        for (account, before) in std::mem::take(&mut self.subscribers.changed) {
            let after = self.presence(now, account);
            if after == before {
                continue;
            }
            let one = PresenceOf { user: self.user_of(account), presence: after.0, text: after.1 };
            for id in self.subscribers.of.get(&account).into_iter().flatten() {
                news.entry(*id).or_default().push(one.clone());
            }
        }
        let gate = self.gate.latest();
        for (id, changes) in news {
            if let Some(conn) = self.sessions.get(&id).and_then(|session| session.conn) {
                self.gate.out(gate, Output::Notify(conn, Arc::new(Notice::Presence(changes))));
            }
        }
    }
}

fn at_most(count: usize, limit: usize) -> Result<(), Refusal> {
    if count > limit { Err(Refusal::TooMany { what: "accounts", limit }) } else { Ok(()) }
}
