//! Questions that wait for the store.

use super::{Asking, Step, check_users, entries};
use crate::direct::{DirectAnswer, DirectCommand, Found, MessageNo, Query};
use crate::engine::{Caller, Engine, Output};
use crate::id::{AccountId, AppId, UserId};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::time::Time;
use std::collections::{BTreeMap, HashMap};

/// A sync whose count may be outdated by a message that was brought meanwhile is asked again at most this often.
const SYNC_TRIES: u8 = 3;

/// A question whose answer waits for the store.
struct Lookup<T> {
    ticket: T,
    query: Query,
    purpose: Purpose,
    tries: u8,
    /// The last number that there was when it was asked.
    asked_at: MessageNo,
}

/// All questions under way.
pub(super) struct Lookups<T> {
    waiting: BTreeMap<u64, Lookup<T>>,
    next: u64,
    /// Accounts with syncs under way: how many, and the last number that they were brought meanwhile.
    syncing: HashMap<AccountId, (usize, MessageNo)>,
}

impl<T> Default for Lookups<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), next: 0, syncing: HashMap::new() }
    }
}

impl<T> Lookups<T> {
    /// An account was brought something with this number: it knows more than a sync that was asked for before.
    pub fn brought(&mut self, account: AccountId, no: MessageNo) {
        if let Some((_, last)) = self.syncing.get_mut(&account) {
            *last = no;
        }
    }

    fn add(&mut self, lookup: Lookup<T>) -> u64 {
        if let Query::Sync { account, .. } = &lookup.query {
            self.syncing.entry(*account).or_default().0 += 1;
        }
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, lookup);
        number
    }

    /// The question of this number, and whether something was brought meanwhile that its answer may not count.
    fn take(&mut self, number: u64) -> Option<(Lookup<T>, bool)> {
        let lookup = self.waiting.remove(&number)?;
        let Query::Sync { account, .. } = &lookup.query else { return Some((lookup, false)) };
        let (under_way, brought) = self.syncing.get_mut(account)?;
        let outdated = *brought > lookup.asked_at;
        *under_way -= 1;
        if *under_way == 0 {
            self.syncing.remove(account);
        }
        Some((lookup, outdated))
    }
}

/// What is done with what the store finds. The account is the one whose conversations they are.
pub(super) enum Purpose {
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
pub(super) struct Page {
    entries: usize,
    bytes: usize,
}

impl Page {
    fn new(entries: usize, limits: &Limits) -> Self {
        Self { entries, bytes: limits.direct_page_bytes_max }
    }

    /// Cuts off what is too much, but never everything. Returns whether something was.
    pub fn cut<E>(self, list: &mut Vec<E>, bytes_of: impl Fn(&E) -> usize) -> bool {
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

impl<T> Engine<T> {
    /// What is to be asked of the store for a command that is a question, or changes what the store has to find first.
    pub(super) fn question(&self, asking: &Asking<'_>, what: DirectCommand) -> Result<Step, Refusal> {
        let Asking { app, account, limits, .. } = asking;
        let (app, account) = (*app, *account);
        match what {
            DirectCommand::Conversations { after, limit } => self.list(asking, after, limit),
            DirectCommand::Sync { after } => Ok(self.sync(asking, after)),
            DirectCommand::Unread { peers } => {
                check_users(peers.as_deref().unwrap_or(&[]), limits)?;
                let query = Query::Sync { account, after: None, limit: 0 };
                Ok(Step::Look(query, Purpose::Unread { peers, app }))
            }
            DirectCommand::History { peer, from, until, forward, limit } => {
                let limit = entries(limit, limits)?;
                let peer = self.peer(app, &peer)?;
                let query = Query::History { account, peer, from, until, forward, limit };
                Ok(Step::Look(query, Purpose::History { peer, page: Page::new(limit, limits), forward }))
            }
            DirectCommand::ReadBy { peers } => {
                check_users(&peers, limits)?;
                let nobody = AccountId(0);
                let peers = peers.iter().map(|user| self.peer(app, user).unwrap_or(nobody)).collect();
                Ok(Step::Look(Query::ReadBy { account, peers }, Purpose::ReadBy))
            }
            DirectCommand::Reminders => {
                let query = Query::Reminders { account };
                Ok(self.unless_silent(account, query, Purpose::Reminders, || DirectAnswer::Reminders(Vec::new())))
            }
            DirectCommand::Recall { to, key } => {
                let to = self.peer(app, &to)?;
                let query = Query::Find { account, peer: to, keys: vec![key] };
                let app_admin = matches!(asking.by, Caller::Admin { .. });
                Ok(Step::Look(query, Purpose::Recall { by: account, to, app_admin }))
            }
            _ => unreachable!("decided without a question"),
        }
    }

    fn list(
        &self,
        asking: &Asking<'_>,
        after: Option<(MessageNo, AccountId)>,
        limit: usize,
    ) -> Result<Step, Refusal> {
        let limit = entries(limit, &asking.limits)?;
        let query = Query::Conversations { account: asking.account, after, limit };
        let purpose = Purpose::Conversations { page: Page::new(limit, &asking.limits) };
        let nothing = || DirectAnswer::Conversations { conversations: Vec::new(), next: None };
        Ok(self.unless_silent(asking.account, query, purpose, nothing))
    }

    fn sync(&self, asking: &Asking<'_>, after: Option<MessageNo>) -> Step {
        let (up_to, limit) = (self.direct.last, asking.limits.direct_sync_max);
        let query = Query::Sync { account: asking.account, after, limit };
        let page = Page::new(limit, &asking.limits);
        self.unless_silent(asking.account, query, Purpose::Sync { page, up_to }, || DirectAnswer::Synced {
            up_to,
            more: false,
            messages: Vec::new(),
            recalled: Vec::new(),
            unread: Vec::new(),
        })
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

    pub(super) fn look(&mut self, app: AppId, ticket: T, query: Query, purpose: Purpose) {
        if self.direct.lookups.waiting.len() >= self.limits(app).lookups_max {
            return self.gate.out(0, Output::Reply { ticket, answer: Err(Refusal::Busy) });
        }
        self.ask_store(Lookup { ticket, query, purpose, tries: 0, asked_at: MessageNo(0) });
    }

    fn ask_store(&mut self, lookup: Lookup<T>) {
        let query = lookup.query.clone();
        let number = self.direct.lookups.add(Lookup { asked_at: self.direct.last, ..lookup });
        // Behind everything that is being kept: one who asks sees what one did.
        self.gate.out(self.gate.latest(), Output::Look(number, query));
    }

    /// What the store found: the answer, or the decision that waited for it.
    pub(in crate::engine) fn found(&mut self, now: Time, number: u64, found: Found) {
        let Some((lookup, outdated)) = self.direct.lookups.take(number) else { return };
        if outdated && lookup.tries < SYNC_TRIES {
            // A message was brought meanwhile: the client counts it, and a count from before would take it away.
            return self.ask_store(Lookup { tries: lookup.tries + 1, ..lookup });
        }
        let step = self.conclude(now, lookup.purpose, found);
        self.answer_direct(lookup.ticket, step);
    }
}
