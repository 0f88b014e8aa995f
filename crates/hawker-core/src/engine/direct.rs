//! Direct messages: who writes what to whom, and what is asked of the store for it.
//!
//! What needs no look at old messages is decided at once. What does is decided in two steps: the question goes to the store, behind
//! the last commit, and is decided when the answer comes ([`Input::Found`](super::Input::Found)). In between others are served; a
//! decision made on what was found is one that may be made twice (a message that is taken back twice is taken back).

use super::{Caller, Engine, Output};
use crate::answer::Answer;
use crate::change::{Change, DirectChange, DirectSnapshot};
use crate::direct::{
    Conversation, DirectAnswer, DirectCommand, DirectMessage, Found, Letter, MessageKey, MessageNo, Notice, Query,
    Taker, Wishes,
};
use crate::id::{AccountId, AppId, ConnId, UserId};
use crate::limits::Limits;
use crate::post::{Class, Draft};
use crate::recent::Recent;
use crate::refusal::Refusal;
use crate::room::check;
use crate::time::Time;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How often messages that are too old are looked for.
pub(super) const FORGET_EVERY: Duration = Duration::from_secs(10);

/// Bytes of a conversation in a list beside names and last message.
const LISTED_BYTES: usize = 256;

/// A sync whose count may be outdated by a message that was brought meanwhile is asked again at most this often.
const SYNC_TRIES: u8 = 3;

/// Sender, receiver, the sender's own number and its random one.
type Sending = (AccountId, AccountId, u32, u32);

/// What the engine holds of direct messages.
pub(super) struct Direct<T> {
    /// The largest number given out.
    last: MessageNo,
    /// What is below this number was told to be forgotten.
    forgotten: MessageNo,
    sent: Recent<Sending, MessageNo>,
    /// Who does not want to be written to by whom, since when.
    blocks: HashMap<AccountId, BTreeMap<AccountId, Time>>,
    lookups: BTreeMap<u64, Lookup<T>>,
    next_lookup: u64,
    /// Accounts with a sync under way, and whether something was brought to them meanwhile.
    syncing: HashMap<AccountId, bool>,
}

impl<T> Default for Direct<T> {
    fn default() -> Self {
        Self {
            last: MessageNo(0),
            forgotten: MessageNo(1),
            sent: Recent::default(),
            blocks: HashMap::new(),
            lookups: BTreeMap::new(),
            next_lookup: 0,
            syncing: HashMap::new(),
        }
    }
}

/// A question whose answer waits for the store.
struct Lookup<T> {
    ticket: T,
    query: Query,
    purpose: Purpose,
    tries: u8,
}

/// What is done with what the store finds. The account is the one whose conversations they are.
#[derive(Clone)]
enum Purpose {
    Conversations {
        page: Page,
    },
    Sync {
        page: Page,
        up_to: MessageNo,
    },
    /// The counts only; with whom, if not everybody.
    Unread {
        peers: Option<Vec<UserId>>,
        app: AppId,
    },
    History {
        peer: AccountId,
        page: Page,
        forward: bool,
    },
    ReadBy,
    Reminders,
    Recall {
        by: AccountId,
        to: AccountId,
        app_admin: bool,
    },
    Delete {
        account: AccountId,
        peer: AccountId,
    },
}

/// How much one answer holds.
#[derive(Clone, Copy)]
struct Page {
    entries: usize,
    bytes: usize,
}

impl Page {
    fn new(entries: usize, limits: &Limits) -> Self {
        Self { entries, bytes: limits.direct_page_bytes_max }
    }

    /// Cuts off what is too much, but never everything. Returns whether something was.
    fn cut<E>(self, list: &mut Vec<E>, bytes_of: impl Fn(&E) -> usize) -> bool {
        let mut bytes = 0;
        let fits = |one: &E| {
            bytes += bytes_of(one);
            bytes <= self.bytes
        };
        let keep = list.iter().take(self.entries).map(fits).take_while(|fits| *fits).count();
        let before = list.len();
        list.truncate(keep.max(1));
        list.len() < before
    }
}

/// A command either has its answer, or has to look first.
enum Step {
    Answer(DirectAnswer, u64),
    Done(u64),
    Look(Query, Purpose),
}

impl<T> Engine<T> {
    pub(super) fn load_direct(&mut self, now: Time, kept: DirectSnapshot) {
        (self.direct.last, self.direct.forgotten) = (kept.last, kept.oldest);
        for message in kept.recent {
            let limits = Limits::default();
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

    fn talks(&mut self, account: AccountId) {
        if let Some(account) = self.accounts.get_mut(&account) {
            account.talks = true;
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
            Err(refusal) => self.gate.out(0, Output::Reply { ticket, answer: Err(refusal) }),
            Ok(Step::Done(gate)) => self.gate.out(gate, Output::Reply { ticket, answer: Ok(Answer::Done) }),
            Ok(Step::Answer(answer, gate)) => {
                self.gate.out(gate, Output::Reply { ticket, answer: Ok(Answer::Direct(answer)) });
            }
            Ok(Step::Look(query, purpose)) => self.look(by.app(), Lookup { ticket, query, purpose, tries: 0 }),
        }
    }

    fn look(&mut self, app: AppId, lookup: Lookup<T>) {
        if self.direct.lookups.len() >= self.limits(app).lookups_max {
            let refused = Output::Reply { ticket: lookup.ticket, answer: Err(Refusal::Busy) };
            return self.gate.out(0, refused);
        }
        self.ask_store(lookup);
    }

    fn ask_store(&mut self, lookup: Lookup<T>) {
        if let Query::Sync { account, .. } = &lookup.query {
            self.direct.syncing.insert(*account, false);
        }
        let number = self.direct.next_lookup;
        self.direct.next_lookup += 1;
        // Behind everything that is being kept: one who asks sees what one did.
        self.gate.out(self.gate.latest(), Output::Look(number, lookup.query.clone()));
        self.direct.lookups.insert(number, lookup);
    }

    fn direct_step(
        &mut self,
        now: Time,
        by: &Caller,
        of: Option<UserId>,
        what: DirectCommand,
    ) -> Result<Step, Refusal> {
        let account = self.whose(now, by, of, &what)?;
        let app = by.app();
        let limits = self.limits(app);
        match what {
            DirectCommand::Send { to, seq, mut draft, wishes, copy } => {
                self.take_draft(by, account, &mut draft, &limits)?;
                let no = self.send(now, by, account, &to, seq, &draft, wishes, copy)?;
                let key = MessageKey { seq, random: draft.random, secs: no.at().secs() };
                Ok(Step::Answer(DirectAnswer::Sent { key, failed: Vec::new(), sent: 1 }, self.gate.latest()))
            }
            DirectCommand::SendMany { to, seq, mut draft, wishes, copy } => {
                self.take_draft(by, account, &mut draft, &limits)?;
                self.send_many(now, by, account, to, seq, &draft, wishes, copy)
            }
            DirectCommand::Conversations { after, limit } => {
                let limit = entries(limit, &limits)?;
                let query = Query::Conversations { account, after, limit };
                let purpose = Purpose::Conversations { page: Page::new(limit, &limits) };
                Ok(self.unless_silent(account, query, purpose, || DirectAnswer::Conversations {
                    conversations: Vec::new(),
                    next: None,
                }))
            }
            DirectCommand::Sync { after } => Ok(self.sync(account, after, &limits)),
            DirectCommand::Unread { peers } => {
                check_users(peers.as_deref().unwrap_or(&[]), &limits)?;
                let query = Query::Sync { account, after: None, limit: 0 };
                Ok(Step::Look(query, Purpose::Unread { peers, app }))
            }
            DirectCommand::History { peer, from, until, forward, limit } => {
                let limit = entries(limit, &limits)?;
                let peer = self.account(app, &peer).ok_or(Refusal::AccountMissing)?.id;
                let query = Query::History { account, peer, from, until, forward, limit };
                let page = Page::new(limit, &limits);
                Ok(Step::Look(query, Purpose::History { peer, page, forward }))
            }
            DirectCommand::Read { reads } => self.read(by, account, reads, &limits),
            DirectCommand::ReadAll => Ok(Step::Done(self.read_all(account))),
            DirectCommand::ReadBy { peers } => {
                check_users(&peers, &limits)?;
                let nobody = AccountId(0);
                let peers = peers.iter().map(|user| self.account(app, user).map_or(nobody, |peer| peer.id));
                let query = Query::ReadBy { account, peers: peers.collect() };
                Ok(Step::Look(query, Purpose::ReadBy))
            }
            DirectCommand::Recall { to, key } => {
                let to = self.account(app, &to).ok_or(Refusal::AccountMissing)?.id;
                let query = Query::Find { account, peer: to, keys: vec![key] };
                let app_admin = matches!(by, Caller::Admin { .. });
                Ok(Step::Look(query, Purpose::Recall { by: account, to, app_admin }))
            }
            DirectCommand::Delete { peer, keys } => {
                if keys.is_empty() {
                    return Err(Refusal::BadParameter("MsgKeyList"));
                }
                entries(keys.len(), &limits)?;
                let peer = self.account(app, &peer).ok_or(Refusal::AccountMissing)?.id;
                Ok(Step::Look(Query::Find { account, peer, keys }, Purpose::Delete { account, peer }))
            }
            DirectCommand::Clear { peer } => {
                let peer = self.account(app, &peer).ok_or(Refusal::AccountMissing)?.id;
                let last = self.direct.last;
                Ok(Step::Done(self.keep_direct(DirectChange::Cleared(account, peer, last))))
            }
            DirectCommand::Drop { peers, history } => {
                let last = self.direct.last;
                self.each(app, peers, &limits, |engine, peer| {
                    if history {
                        engine.keep_direct(DirectChange::Cleared(account, peer, last));
                    }
                    engine.keep_direct(DirectChange::Read(account, peer, last));
                    engine.keep_direct(DirectChange::Unlisted(account, peer));
                })
            }
            DirectCommand::Pin { peers, on } => self.each(app, peers, &limits, |engine, peer| {
                engine.keep_direct(DirectChange::Pinned(account, peer, on));
            }),
            DirectCommand::Remind { peers, how } => self.each(app, peers, &limits, |engine, peer| {
                engine.keep_direct(DirectChange::Reminding(account, peer, how));
            }),
            DirectCommand::Reminders => {
                let query = Query::Reminders { account };
                Ok(self.unless_silent(account, query, Purpose::Reminders, || DirectAnswer::Reminders(Vec::new())))
            }
            DirectCommand::Blacklist => {
                let blocks = self.direct.blocks.get(&account).into_iter().flatten();
                let names = blocks.map(|(peer, since)| (self.user_of(*peer), *since)).collect();
                Ok(Step::Answer(DirectAnswer::Blacklist(names), self.gate.latest()))
            }
            DirectCommand::Block { users, on } => self.block(now, app, account, users, on, &limits),
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

    /// Every direct message comes through here before anything is decided about it. The words that the app does not
    /// want concern everybody but its administrators.
    fn take_draft(&self, by: &Caller, from: AccountId, draft: &mut Draft, limits: &Limits) -> Result<(), Refusal> {
        check::draft(draft, limits)?;
        let of_app = |rules: &super::AppRules| rules.admins.contains(&self.user_of(from));
        if matches!(by, Caller::Admin { .. }) || self.apps.get(&by.app()).is_some_and(of_app) {
            return Ok(());
        }
        self.words(by.app()).clean_message(&mut draft.elements)
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one command")]
    fn send(
        &mut self,
        now: Time,
        by: &Caller,
        from: AccountId,
        to: &UserId,
        seq: u32,
        draft: &Draft,
        wishes: Wishes,
        copy: bool,
    ) -> Result<MessageNo, Refusal> {
        let app = by.app();
        let limits = self.limits(app);
        let to = self.account(app, to).ok_or(Refusal::AccountMissing)?.id;
        if to == from {
            return Err(Refusal::BadParameter("To_Account"));
        }
        let key = (from, to, seq, draft.random);
        if let Some(first) = self.direct.sent.find(limits.duplicate_window, now, &key) {
            return Ok(first);
        }
        if !matches!(by, Caller::Admin { .. }) {
            if self.direct.blocks.get(&to).is_some_and(|blocked| blocked.contains_key(&from)) {
                return Err(Refusal::Blocked);
            }
            self.spend_writing(now, from, &limits)?;
        }
        let no = MessageNo::after(self.direct.last, now);
        self.direct.last = no;
        let bounds = (limits.duplicate_window, limits.direct_duplicates_max);
        self.direct.sent.remember(bounds, now, key, now, no);
        let message = DirectMessage {
            no,
            from,
            to,
            seq,
            random: draft.random,
            sent_at: draft.sent_at,
            elements: draft.elements.clone(),
            cloud_data: draft.cloud_data.clone(),
            bytes: draft.bytes,
            wishes,
            recalled: None,
        };
        if !wishes.online_only {
            self.keep_direct(DirectChange::Sent(Arc::new(message.clone())));
            [from, to].into_iter().for_each(|account| self.talks(account));
        }
        self.bring(by, message, copy);
        Ok(no)
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one command")]
    fn send_many(
        &mut self,
        now: Time,
        by: &Caller,
        from: AccountId,
        to: Vec<UserId>,
        seq: u32,
        draft: &Draft,
        wishes: Wishes,
        copy: bool,
    ) -> Result<Step, Refusal> {
        let limits = self.limits(by.app());
        if to.is_empty() {
            return Err(Refusal::BadParameter("To_Account"));
        }
        check_users(&to, &limits)?;
        let (mut failed, mut sent) = (Vec::new(), 0);
        let mut secs = now.secs();
        for user in to {
            match self.send(now, by, from, &user, seq, draft, wishes, copy) {
                Ok(no) => (sent, secs) = (sent + 1, no.at().secs()),
                Err(refusal) => failed.push((user, refusal)),
            }
        }
        let key = MessageKey { seq, random: draft.random, secs };
        Ok(Step::Answer(DirectAnswer::Sent { key, failed, sent }, self.gate.latest()))
    }

    fn spend_writing(&mut self, now: Time, from: AccountId, limits: &Limits) -> Result<(), Refusal> {
        let rate = limits.direct_per_second_per_user;
        let session = self.accounts.get(&from).and_then(|account| account.session);
        let Some(session) = session.and_then(|id| self.sessions.get_mut(&id)) else {
            return Err(Refusal::NotLoggedIn);
        };
        let writing = &mut session.more(now, limits).writing;
        if !writing.admits(now, rate, Class::ChatHigh) {
            return Err(Refusal::TooOften);
        }
        writing.spend(now, rate);
        Ok(())
    }

    fn keep_direct(&mut self, change: DirectChange) -> u64 {
        self.gate.keep(Change::Direct(change))
    }

    /// Brings a message to the receiver, and to the sender's own connection if it came from elsewhere.
    fn bring(&mut self, by: &Caller, message: DirectMessage, copy: bool) {
        if let Some(outdated) = self.direct.syncing.get_mut(&message.to) {
            *outdated = true;
        }
        let letter = self.letter(message);
        let gate = self.gate.latest();
        let (from, to) = (letter.message.from, letter.message.to);
        if let Some(conn) = self.conn_of_account(from).filter(|conn| copy && by.conn() != Some(*conn)) {
            let copy = Letter { copy: true, ..letter.clone() };
            self.gate.out(gate, Output::Notify(conn, Arc::new(Notice::Message(Box::new(copy)))));
        }
        if let Some(conn) = self.conn_of_account(to) {
            self.gate.out(gate, Output::Notify(conn, Arc::new(Notice::Message(Box::new(letter)))));
        }
    }

    fn letter(&self, message: DirectMessage) -> Letter {
        let from = self.accounts.get(&message.from).map_or_else(super::nobody, |account| account.face());
        let taken_by = message.recalled.map(|taker| self.user_of(taker.by));
        Letter { from, to: self.user_of(message.to), message, taken_by, copy: false }
    }

    fn letters(&self, messages: Vec<DirectMessage>) -> Vec<Letter> {
        messages.into_iter().map(|message| self.letter(message)).collect()
    }

    pub(super) fn user_of(&self, account: AccountId) -> UserId {
        self.accounts.get(&account).map_or_else(|| UserId::from(""), |account| account.user.clone())
    }

    pub(super) fn conn_of_account(&self, account: AccountId) -> Option<ConnId> {
        self.sessions.get(&self.accounts.get(&account)?.session?)?.conn
    }

    /// Who has no conversation has nothing to look for.
    fn unless_silent(
        &self,
        account: AccountId,
        query: Query,
        purpose: Purpose,
        nothing: impl FnOnce() -> DirectAnswer,
    ) -> Step {
        let talks = self.accounts.get(&account).is_some_and(|account| account.talks);
        if talks { Step::Look(query, purpose) } else { Step::Answer(nothing(), 0) }
    }

    fn sync(&self, account: AccountId, after: Option<MessageNo>, limits: &Limits) -> Step {
        let (up_to, limit) = (self.direct.last, limits.direct_sync_max);
        let query = Query::Sync { account, after, limit };
        let page = Page::new(limit, limits);
        self.unless_silent(account, query, Purpose::Sync { page, up_to }, || DirectAnswer::Synced {
            up_to,
            more: false,
            messages: Vec::new(),
            recalled: Vec::new(),
            unread: Vec::new(),
        })
    }

    fn read(
        &mut self,
        by: &Caller,
        account: AccountId,
        reads: Vec<(UserId, u64)>,
        limits: &Limits,
    ) -> Result<Step, Refusal> {
        if reads.is_empty() {
            return Err(Refusal::BadParameter("C2CMsgReadedItem"));
        }
        entries(reads.len(), limits)?;
        let peers = reads.iter().map(|(peer, _)| self.account(by.app(), peer).map(|peer| peer.id));
        let peers: Vec<_> = peers.collect::<Option<_>>().ok_or(Refusal::AccountMissing)?;
        let me = self.user_of(account);
        for (peer, (user, secs)) in peers.into_iter().zip(reads) {
            // What comes later in the same second is not read yet.
            let up_to = MessageNo::last_of_second(secs).min(self.direct.last);
            let secs = secs.min(up_to.at().secs());
            let gate = self.keep_direct(DirectChange::Read(account, peer, up_to));
            if let Some(conn) = self.conn_of_account(peer) {
                let notice = Notice::ReadBy { reader: me.clone(), secs };
                self.gate.out(gate, Output::Notify(conn, Arc::new(notice)));
            }
            if let Some(conn) = self.conn_of_account(account).filter(|conn| by.conn() != Some(*conn)) {
                self.gate.out(gate, Output::Notify(conn, Arc::new(Notice::ReadElsewhere { peer: user, secs })));
            }
        }
        Ok(Step::Done(self.gate.latest()))
    }

    /// Those who wrote are not told: to find them all would cost a look at every conversation. They see it when they ask.
    fn read_all(&mut self, account: AccountId) -> u64 {
        let last = self.direct.last;
        self.keep_direct(DirectChange::ReadAll(account, last))
    }

    /// Does something with each of some users, and says which there were not.
    fn each(
        &mut self,
        app: AppId,
        peers: Vec<UserId>,
        limits: &Limits,
        mut act: impl FnMut(&mut Self, AccountId),
    ) -> Result<Step, Refusal> {
        if peers.is_empty() {
            return Err(Refusal::BadParameter("To_Account"));
        }
        entries(peers.len(), limits)?;
        let mut outcomes = Vec::new();
        for user in peers {
            let peer = self.account(app, &user).map(|peer| peer.id).ok_or(Refusal::AccountMissing);
            let outcome = peer.map(|peer| act(self, peer));
            outcomes.push((user, outcome));
        }
        Ok(Step::Answer(DirectAnswer::Each(outcomes), self.gate.latest()))
    }

    fn block(
        &mut self,
        now: Time,
        app: AppId,
        account: AccountId,
        users: Vec<UserId>,
        on: bool,
        limits: &Limits,
    ) -> Result<Step, Refusal> {
        let new = users.iter().filter_map(|user| self.account(app, user)).map(|peer| peer.id);
        let blocked = self.direct.blocks.get(&account);
        let new = new.filter(|peer| blocked.is_none_or(|blocked| !blocked.contains_key(peer))).count();
        if on && blocked.map_or(0, BTreeMap::len) + new > limits.blacklist_max {
            return Err(Refusal::TooMany { what: "users on a blacklist", limit: limits.blacklist_max });
        }
        let since = on.then_some(now);
        self.each(app, users, limits, |engine, peer| {
            let blocked = engine.direct.blocks.entry(account).or_default();
            match since {
                Some(since) => drop(blocked.entry(peer).or_insert(since)),
                None => drop(blocked.remove(&peer)),
            }
            if blocked.is_empty() {
                engine.direct.blocks.remove(&account);
            }
            engine.keep_direct(DirectChange::Blocked(account, peer, since));
        })
    }

    /// What the store found: the answer, or the decision that waited for it.
    pub(super) fn found(&mut self, now: Time, number: u64, found: Found) {
        let Some(lookup) = self.direct.lookups.remove(&number) else { return };
        if let Query::Sync { account, .. } = &lookup.query
            && self.direct.syncing.remove(account).unwrap_or(false)
            && lookup.tries < SYNC_TRIES
        {
            // A message was brought meanwhile: the client counts it, and a count from before would take it away.
            return self.ask_store(Lookup { tries: lookup.tries + 1, ..lookup });
        }
        let Lookup { ticket, purpose, .. } = lookup;
        let (answer, gate) = match self.conclude(now, purpose, found) {
            Ok(Step::Answer(answer, gate)) => (Ok(Answer::Direct(answer)), gate),
            Ok(Step::Done(gate)) => (Ok(Answer::Done), gate),
            Ok(Step::Look(..)) => (Err(Refusal::Busy), 0),
            Err(refusal) => (Err(refusal), 0),
        };
        self.gate.out(gate, Output::Reply { ticket, answer });
    }

    fn conclude(&mut self, now: Time, purpose: Purpose, found: Found) -> Result<Step, Refusal> {
        let answer = match (purpose, found) {
            (Purpose::Conversations { page }, Found::Conversations(list)) => self.conversations(page, list),
            (Purpose::Sync { page, up_to }, Found::Sync { messages, recalled, unread }) => {
                self.synced(page, up_to, messages, recalled, unread)
            }
            (Purpose::Unread { peers, app }, Found::Sync { unread, .. }) => self.unread(app, peers, unread),
            (Purpose::History { peer, page, forward }, Found::History(messages)) => {
                self.history(peer, page, forward, messages)
            }
            (Purpose::ReadBy, Found::ReadBy(numbers)) => {
                DirectAnswer::ReadBy(numbers.into_iter().map(|no| no.at().secs()).collect())
            }
            (Purpose::Reminders, Found::Reminders(list)) => {
                DirectAnswer::Reminders(list.into_iter().map(|(peer, how)| (self.user_of(peer), how)).collect())
            }
            (Purpose::Recall { by, to, app_admin }, Found::Messages(messages)) => {
                return self.recall_direct(now, by, to, app_admin, messages);
            }
            (Purpose::Delete { account, peer }, Found::Messages(messages)) => {
                let numbers: Vec<_> = messages.into_iter().map(|message| message.no).collect();
                if numbers.is_empty() {
                    return Ok(Step::Done(0));
                }
                return Ok(Step::Done(self.keep_direct(DirectChange::Deleted(account, peer, numbers))));
            }
            _ => return Err(Refusal::Busy),
        };
        Ok(Step::Answer(answer, 0))
    }

    fn conversations(&self, page: Page, list: Vec<Conversation>) -> DirectAnswer {
        let with_names = |mut conversation: Conversation| {
            let face = self.accounts.get(&conversation.peer).map_or_else(super::nobody, |peer| peer.face());
            let last = conversation.last.take().map(|message| self.letter(message));
            (face, conversation, last)
        };
        let mut conversations: Vec<_> = list.into_iter().map(with_names).collect();
        // A text is there twice: as the message and in a word.
        let more = page.cut(&mut conversations, |(face, _, last)| {
            let last = last.as_ref().map_or(0, Letter::bytes);
            face.nick.len() + face.avatar.len() + 2 * last.max(LISTED_BYTES)
        });
        let next = conversations.last().filter(|_| more).map(|(_, last, _)| (last.newest, last.peer));
        DirectAnswer::Conversations { conversations, next }
    }

    fn synced(
        &self,
        page: Page,
        up_to: MessageNo,
        messages: Vec<DirectMessage>,
        recalled: Vec<DirectMessage>,
        unread: Vec<(AccountId, u32)>,
    ) -> DirectAnswer {
        let mut messages = self.letters(messages);
        let more = page.cut(&mut messages, Letter::bytes);
        let up_to = messages.last().filter(|_| more).map_or(up_to, |last| last.message.no);
        DirectAnswer::Synced {
            up_to,
            more,
            messages,
            recalled: self.letters(recalled),
            unread: unread.into_iter().map(|(peer, count)| (self.user_of(peer), count)).collect(),
        }
    }

    fn unread(&self, app: AppId, peers: Option<Vec<UserId>>, unread: Vec<(AccountId, u32)>) -> DirectAnswer {
        let total = unread.iter().map(|(_, count)| u64::from(*count)).sum();
        let counts: HashMap<_, _> = unread.into_iter().collect();
        let count = |user: UserId| {
            let account = self.account(app, &user).map(|account| account.id);
            let count = account.and_then(|account| counts.get(&account)).copied().unwrap_or(0);
            (user, count)
        };
        DirectAnswer::Unread { total, of: peers.into_iter().flatten().map(count).collect() }
    }

    fn history(&self, peer: AccountId, page: Page, forward: bool, messages: Vec<DirectMessage>) -> DirectAnswer {
        let mut messages = self.letters(messages);
        let more = page.cut(&mut messages, Letter::bytes);
        let end = messages.last().map(|last| last.message.no);
        if !forward {
            messages.reverse();
        }
        DirectAnswer::History {
            peer: self.user_of(peer),
            messages,
            next: end.filter(|_| more),
            last_secs: end.map_or(0, |no| no.at().secs()),
        }
    }

    fn recall_direct(
        &mut self,
        now: Time,
        by: AccountId,
        to: AccountId,
        app_admin: bool,
        messages: Vec<DirectMessage>,
    ) -> Result<Step, Refusal> {
        // The same numbers may have been given to a message in the other direction.
        let message = messages.into_iter().find(|message| message.from == by && message.to == to);
        let message = message.ok_or(Refusal::DirectMissing)?;
        if message.recalled.is_some() {
            return Err(Refusal::AlreadyRecalled);
        }
        let app = self.accounts.get(&by).ok_or(Refusal::AccountMissing)?.app;
        if !app_admin && now.since(message.no.at()) > self.limits(app).direct_recall_window {
            return Err(Refusal::DirectRecallTooLate);
        }
        let no = MessageNo::after(self.direct.last, now);
        self.direct.last = no;
        let message = DirectMessage { recalled: Some(Taker { by, no }), ..message };
        let gate = self.keep_direct(DirectChange::Recalled(Arc::new(message.clone())));
        let notice = Arc::new(Notice::Recalled(Box::new(self.letter(message))));
        if let Some(outdated) = self.direct.syncing.get_mut(&to) {
            *outdated = true;
        }
        // The sender's own client knows by the answer; over REST it hears it like the receiver.
        let sender = Some(by).filter(|_| app_admin);
        let hearers = sender.into_iter().chain([to]).filter_map(|account| self.conn_of_account(account));
        for conn in hearers.collect::<Vec<_>>() {
            self.gate.out(gate, Output::Notify(conn, notice.clone()));
        }
        Ok(Step::Done(gate))
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
