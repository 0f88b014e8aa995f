//! Direct messages: who writes what to whom, and what is asked of the store for it.
//!
//! What needs no look at old messages is decided at once. What does is decided in two steps: the question goes to the store, behind
//! the last commit, and is decided when the answer comes ([`Input::Found`](super::Input::Found)). In between others are served; a
//! decision made on what was found is one that may be made twice (a message that is taken back twice is taken back).

mod conclude;
mod look;
mod mark;
mod send;

use super::presence::More;
use super::{Caller, Engine, Output};
use crate::answer::Answer;
use crate::change::{Change, DirectChange, DirectSnapshot};
use crate::direct::{DirectAnswer, DirectCommand, DirectMessage, Letter, MessageNo, Notice, Query};
use crate::id::{AccountId, AppId, ConnId, UserId};
use crate::limits::Limits;
use crate::recent::Recent;
use crate::refusal::Refusal;
use crate::time::Time;
use look::{Lookups, Purpose};
use send::{Message, Sending};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How often messages that are too old are looked for.
pub(super) const FORGET_EVERY: Duration = Duration::from_secs(10);

/// What the engine holds of direct messages.
pub(super) struct Direct<T> {
    /// The largest number given out.
    last: MessageNo,
    /// What is below this number was told to be forgotten.
    forgotten: MessageNo,
    sent: Recent<Sending, MessageNo>,
    /// Who does not want to be written to by whom, since when.
    blocks: HashMap<AccountId, BTreeMap<AccountId, Time>>,
    lookups: Lookups<T>,
}

impl<T> Default for Direct<T> {
    fn default() -> Self {
        Self {
            last: MessageNo(0),
            forgotten: MessageNo(1),
            sent: Recent::default(),
            blocks: HashMap::new(),
            lookups: Lookups::default(),
        }
    }
}

impl<T> Direct<T> {
    fn next_number(&mut self, now: Time) -> MessageNo {
        self.last = MessageNo::after(self.last, now);
        self.last
    }
}

/// Who asks for something to be done with whose conversations.
struct Asking<'a> {
    now: Time,
    by: &'a Caller,
    app: AppId,
    account: AccountId,
    limits: Limits,
}

/// A command either has its answer, with the commit that it waits for, or has to look first.
enum Step {
    Answer(DirectAnswer, u64),
    Done(u64),
    Look(Query, Purpose),
}

impl<T> Engine<T> {
    pub(super) fn load_direct(&mut self, now: Time, kept: DirectSnapshot) {
        (self.direct.last, self.direct.forgotten) = (kept.last, kept.oldest);
        let limits = Limits::default();
        for message in kept.recent {
            let bounds = (limits.duplicate_window, limits.direct_duplicates_max);
            let key = (message.from, message.to, message.seq, message.random);
            self.direct.sent.remember(bounds, now, key, message.no.at(), message.no);
        }
        for account in kept.talkers {
            self.talks(account);
        }
        for (account, peer, since) in kept.blocks {
            self.direct.blocks.entry(account).or_default().insert(peer, since);
        }
    }

    /// Takes a command about direct messages; what has to look first is answered later.
    pub(super) fn direct_command(
        &mut self,
        now: Time,
        by: &Caller,
        ticket: T,
        of: Option<UserId>,
        what: DirectCommand,
    ) {
        match self.direct_step(now, by, of, what) {
            Ok(Step::Look(query, purpose)) => self.look(by.app(), ticket, query, purpose),
            step => self.answer_direct(ticket, step),
        }
    }

    fn answer_direct(&mut self, ticket: T, step: Result<Step, Refusal>) {
        let (answer, gate) = match step {
            Ok(Step::Answer(answer, gate)) => (Ok(Answer::Direct(answer)), gate),
            Ok(Step::Done(gate)) => (Ok(Answer::Done), gate),
            // Nobody looks twice.
            Ok(Step::Look(..)) => (Err(Refusal::Busy), 0),
            Err(refusal) => (Err(refusal), 0),
        };
        self.gate.out(gate, Output::Reply { ticket, answer });
    }

    fn direct_step(
        &mut self,
        now: Time,
        by: &Caller,
        of: Option<UserId>,
        what: DirectCommand,
    ) -> Result<Step, Refusal> {
        let account = self.whose(now, by, of, &what)?;
        let asking = Asking { now, by, app: by.app(), account, limits: self.limits(by.app()) };
        match what {
            DirectCommand::Send { to, seq, draft, wishes, copy } => {
                self.send_one(&asking, &to, Message { seq, draft, wishes, copy })
            }
            DirectCommand::SendMany { to, seq, draft, wishes, copy } => {
                self.send_many(&asking, to, Message { seq, draft, wishes, copy })
            }
            DirectCommand::Read { reads } => self.read(&asking, reads),
            DirectCommand::ReadAll => Ok(Step::Done(self.read_all(account))),
            DirectCommand::Clear { peer } => self.clear(&asking, &peer),
            DirectCommand::Drop { peers, history } => self.drop_conversations(&asking, peers, history),
            DirectCommand::Pin { peers, on } => self.each(&asking, peers, |engine, peer| {
                engine.keep_direct(DirectChange::Pinned(account, peer, on));
            }),
            DirectCommand::Remind { peers, how } => self.each(&asking, peers, |engine, peer| {
                engine.keep_direct(DirectChange::Reminding(account, peer, how));
            }),
            DirectCommand::Blacklist => Ok(self.blacklist(account)),
            DirectCommand::Block { users, on } => self.block(&asking, users, on),
            DirectCommand::Delete { peer, keys } => self.delete(&asking, &peer, keys),
            question => self.question(&asking, question),
        }
    }

    /// Whose conversations a command is about. An administrator over HTTP says it; everybody else has only their own.
    fn whose(
        &mut self,
        now: Time,
        by: &Caller,
        of: Option<UserId>,
        what: &DirectCommand,
    ) -> Result<AccountId, Refusal> {
        let Caller::Admin { app, user } = by else {
            let actor = self.member_actor(now, by)?;
            if of.is_some_and(|of| of != actor.face.user) || matches!(what, DirectCommand::SendMany { .. }) {
                return Err(Refusal::BadParameter("From_Account"));
            }
            return Ok(actor.face.account);
        };
        let sends = matches!(what, DirectCommand::Send { .. } | DirectCommand::SendMany { .. });
        match of {
            Some(of) if of != *user => Ok(self.account(*app, &of).ok_or(Refusal::BadParameter("From_Account"))?.id),
            // An administrator needs no account until it writes to somebody.
            _ if sends => Ok(self.ensure_account(*app, user).0),
            _ => Ok(self.account(*app, user).ok_or(Refusal::BadParameter("From_Account"))?.id),
        }
    }

    /// Has what is too old forgotten.
    pub(super) fn forget_direct(&mut self, now: Time) {
        let kept_for = self.apps.values().map(|rules| rules.limits.direct_age_max).max();
        let before = MessageNo::first_at(now - kept_for.unwrap_or_else(|| Limits::default().direct_age_max));
        // Where nothing was written there is nothing to forget.
        if self.direct.forgotten <= self.direct.last && self.direct.forgotten < before {
            self.direct.forgotten = before;
            self.keep_soon(now, Change::Direct(DirectChange::Forgotten(before)));
        }
        self.timers.at(now + FORGET_EVERY, super::timers::Timer::Forget);
    }

    fn keep_direct(&mut self, change: DirectChange) -> u64 {
        self.gate.keep(Change::Direct(change))
    }

    fn talks(&mut self, account: AccountId) {
        if let Some(account) = self.accounts.get_mut(&account) {
            account.talks = true;
        }
    }

    fn peer(&self, app: AppId, user: &UserId) -> Result<AccountId, Refusal> {
        self.account(app, user).map(|peer| peer.id).ok_or(Refusal::AccountMissing)
    }

    /// What the session of who asks may still do.
    fn more(&mut self, asking: &Asking<'_>) -> Result<&mut More, Refusal> {
        let session = self.accounts.get(&asking.account).and_then(|account| account.session);
        let session = session.and_then(|id| self.sessions.get_mut(&id)).ok_or(Refusal::NotLoggedIn)?;
        Ok(session.more(asking.now, &asking.limits))
    }

    fn has_blocked(&self, account: AccountId, peer: AccountId) -> bool {
        self.direct.blocks.get(&account).is_some_and(|blocked| blocked.contains_key(&peer))
    }

    fn letter(&self, message: DirectMessage) -> Letter {
        let from = self.accounts.get(&message.from).map_or_else(super::nobody, |account| account.face());
        let taken_by = message.recalled.map(|taker| self.user_of(taker.by));
        Letter { from, to: self.user_of(message.to), message, taken_by, copy: false }
    }

    fn letters(&self, messages: Vec<DirectMessage>) -> Vec<Letter> {
        messages.into_iter().map(|message| self.letter(message)).collect()
    }

    /// Brings a notice to an account that is connected, behind a commit.
    fn notify(&mut self, gate: u64, account: AccountId, notice: Arc<Notice>) {
        if let Some(conn) = self.conn_of_account(account) {
            self.gate.out(gate, Output::Notify(conn, notice));
        }
    }

    /// The same, unless it is that account's connection which asks: it knows.
    fn notify_elsewhere(&mut self, gate: u64, asking: &Asking<'_>, account: AccountId, notice: Arc<Notice>) {
        if self.conn_of_account(account) != asking.by.conn() {
            self.notify(gate, account, notice);
        }
    }

    pub(super) fn user_of(&self, account: AccountId) -> UserId {
        self.accounts.get(&account).map_or_else(|| UserId::from(""), |account| account.user.clone())
    }

    pub(super) fn conn_of_account(&self, account: AccountId) -> Option<ConnId> {
        self.sessions.get(&self.accounts.get(&account)?.session?)?.conn
    }
}

/// So many entries of something: 1 to [`Limits::direct_page_max`].
fn entries(size: usize, limits: &Limits) -> Result<usize, Refusal> {
    match size {
        0 => Err(Refusal::BadParameter("MaxCnt")),
        size if size > limits.direct_page_max => {
            Err(Refusal::TooMany { what: "entries in one call", limit: limits.direct_page_max })
        }
        size => Ok(size),
    }
}

fn check_users(users: &[UserId], limits: &Limits) -> Result<(), Refusal> {
    if users.len() > limits.accounts_per_call_max {
        return Err(Refusal::TooMany { what: "accounts", limit: limits.accounts_per_call_max });
    }
    Ok(())
}
