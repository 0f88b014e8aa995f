//! What one notes about one's own conversations, decided at once: read, cleared, taken off the list, blocked.

use super::look::Purpose;
use super::{Asking, Step, entries};
use crate::change::DirectChange;
use crate::direct::{DirectAnswer, MessageKey, MessageNo, Notice, Query};
use crate::engine::{Caller, Engine};
use crate::id::{AccountId, UserId};
use crate::post::Class;
use crate::refusal::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;

impl<T> Engine<T> {
    pub(super) fn read(&mut self, asking: &Asking<'_>, reads: Vec<(UserId, u64)>) -> Result<Step, Refusal> {
        if reads.is_empty() {
            return Err(Refusal::BadParameter("C2CMsgReadedItem"));
        }
        entries(reads.len(), &asking.limits)?;
        let peers = reads.iter().map(|(user, _)| self.peer(asking.app, user)).collect::<Result<Vec<_>, _>>()?;
        self.may_mark(asking, reads.len())?;
        for (peer, (user, secs)) in peers.into_iter().zip(reads) {
            self.read_one(asking, peer, user, secs);
        }
        Ok(Step::Done(self.gate.latest()))
    }

    fn read_one(&mut self, asking: &Asking<'_>, peer: AccountId, user: UserId, secs: u64) {
        // What comes later in the same second is not read yet.
        let up_to = MessageNo::last_of_second(secs).min(self.direct.last);
        let secs = secs.min(up_to.at().secs());
        let gate = self.keep_direct(DirectChange::Read(asking.account, peer, up_to));
        let reader = self.user_of(asking.account);
        if !self.has_blocked(peer, asking.account) {
            self.notify(gate, peer, Arc::new(Notice::ReadBy { reader, secs }));
        }
        let elsewhere = Arc::new(Notice::ReadElsewhere { peer: user, secs });
        self.notify_elsewhere(gate, asking, asking.account, elsewhere);
    }

    /// Those who wrote are not told: to find them all would cost a look at every conversation. They see it when they ask.
    pub(super) fn read_all(&mut self, account: AccountId) -> u64 {
        let last = self.direct.last;
        self.keep_direct(DirectChange::ReadAll(account, last))
    }

    pub(super) fn clear(&mut self, asking: &Asking<'_>, peer: &UserId) -> Result<Step, Refusal> {
        let peer = self.peer(asking.app, peer)?;
        self.may_mark(asking, 1)?;
        let last = self.direct.last;
        Ok(Step::Done(self.keep_direct(DirectChange::Cleared(asking.account, peer, last))))
    }

    pub(super) fn drop_conversations(
        &mut self,
        asking: &Asking<'_>,
        peers: Vec<UserId>,
        history: bool,
    ) -> Result<Step, Refusal> {
        let (account, last) = (asking.account, self.direct.last);
        self.each(asking, peers, |engine, peer| {
            if history {
                engine.keep_direct(DirectChange::Cleared(account, peer, last));
            }
            engine.keep_direct(DirectChange::Read(account, peer, last));
            engine.keep_direct(DirectChange::Unlisted(account, peer));
        })
    }

    /// Which messages these are, the store has to find first.
    pub(super) fn delete(
        &mut self,
        asking: &Asking<'_>,
        peer: &UserId,
        keys: Vec<MessageKey>,
    ) -> Result<Step, Refusal> {
        if keys.is_empty() {
            return Err(Refusal::BadParameter("MsgKeyList"));
        }
        entries(keys.len(), &asking.limits)?;
        let (account, peer) = (asking.account, self.peer(asking.app, peer)?);
        self.may_mark(asking, keys.len())?;
        Ok(Step::Look(Query::Find { account, peer, keys }, Purpose::Delete { account, peer }))
    }

    /// Spends so many of the marks that a user has; a call of several may run into debt. An administrator has its own
    /// reasons.
    fn may_mark(&mut self, asking: &Asking<'_>, count: usize) -> Result<(), Refusal> {
        if matches!(asking.by, Caller::Admin { .. }) {
            return Ok(());
        }
        let rate = asking.limits.direct_marks_per_second_per_user;
        let marking = &mut self.more(asking)?.marking;
        if !marking.admits(asking.now, rate, Class::ChatHigh) {
            return Err(Refusal::TooOften);
        }
        (0..count).for_each(|_| marking.spend(asking.now, rate));
        Ok(())
    }

    /// Does something with each of some users, and says which there were not.
    pub(super) fn each(
        &mut self,
        asking: &Asking<'_>,
        peers: Vec<UserId>,
        mut act: impl FnMut(&mut Self, AccountId),
    ) -> Result<Step, Refusal> {
        if peers.is_empty() {
            return Err(Refusal::BadParameter("To_Account"));
        }
        entries(peers.len(), &asking.limits)?;
        self.may_mark(asking, peers.len())?;
        let mut outcomes = Vec::new();
        for user in peers {
            let outcome = self.peer(asking.app, &user).map(|peer| act(self, peer));
            outcomes.push((user, outcome));
        }
        Ok(Step::Answer(DirectAnswer::Each(outcomes), self.gate.latest()))
    }

    pub(super) fn blacklist(&self, account: AccountId) -> Step {
        let blocks = self.direct.blocks.get(&account).into_iter().flatten();
        let names = blocks.map(|(peer, since)| (self.user_of(*peer), *since)).collect();
        Step::Answer(DirectAnswer::Blacklist(names), self.gate.latest())
    }

    pub(super) fn block(&mut self, asking: &Asking<'_>, users: Vec<UserId>, on: bool) -> Result<Step, Refusal> {
        if on {
            self.room_on_blacklist(asking, &users)?;
        }
        let account = asking.account;
        let since = on.then_some(asking.now);
        self.each(asking, users, |engine, peer| {
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

    fn room_on_blacklist(&self, asking: &Asking<'_>, users: &[UserId]) -> Result<(), Refusal> {
        let limit = asking.limits.blacklist_max;
        let blocked = self.direct.blocks.get(&asking.account);
        let peers = users.iter().filter_map(|user| self.account(asking.app, user)).map(|peer| peer.id);
        let new = peers.filter(|peer| blocked.is_none_or(|blocked| !blocked.contains_key(peer))).count();
        if blocked.map_or(0, BTreeMap::len) + new > limit {
            return Err(Refusal::TooMany { what: "users on a blacklist", limit });
        }
        Ok(())
    }
}
