//! Direct messages as a store keeps them, written down as plainly as they are defined: nothing is counted before it is asked for.

use hawker_core::change::{DirectChange, DirectSnapshot};
use hawker_core::direct::{Conversation, DirectMessage, Found, MessageNo, Query, Reminding};
use hawker_core::{AccountId, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

type Pair = (AccountId, AccountId);

/// One side of a conversation.
#[derive(Clone, Default)]
struct Side {
    listed: bool,
    newest: MessageNo,
    read_to: MessageNo,
    cleared: MessageNo,
    pinned: bool,
    remind: Reminding,
    deleted: BTreeSet<MessageNo>,
}

/// See the module.
#[derive(Clone, Default)]
pub struct DirectStore {
    messages: BTreeMap<MessageNo, DirectMessage>,
    sides: BTreeMap<Pair, Side>,
    blocks: BTreeMap<Pair, Time>,
    last: MessageNo,
}

impl DirectStore {
    pub fn apply(&mut self, change: DirectChange) {
        match change {
            DirectChange::Sent(message) => {
                let message = (*message).clone();
                self.last = self.last.max(message.no);
                for pair in [(message.from, message.to), (message.to, message.from)] {
                    let side = self.sides.entry(pair).or_default();
                    (side.listed, side.newest) = (true, message.no);
                }
                assert!(self.messages.insert(message.no, message).is_none(), "a number is given out once");
            }
            DirectChange::Read(account, peer, up_to) => {
                self.known(account, peer, |side| side.read_to = side.read_to.max(up_to));
            }
            DirectChange::ReadAll(account, up_to) => {
                let mine = self
                    .sides
                    .iter_mut()
                    .filter(|((whose, _), side)| *whose == account && side.newest > side.read_to);
                mine.for_each(|(_, side)| side.read_to = side.read_to.max(up_to));
            }
            DirectChange::Recalled(message) => {
                self.last = self.last.max(message.recalled.expect("was recalled").no);
                if let Some(kept) = self.messages.get_mut(&message.no) {
                    *kept = (*message).clone();
                }
            }
            DirectChange::Deleted(account, peer, numbers) => {
                self.known(account, peer, |side| side.deleted.extend(numbers));
            }
            DirectChange::Cleared(account, peer, up_to) => {
                self.known(account, peer, |side| side.cleared = side.cleared.max(up_to));
            }
            DirectChange::Unlisted(account, peer) => {
                self.known(account, peer, |side| (side.listed, side.pinned) = (false, false));
            }
            DirectChange::Pinned(account, peer, on) => {
                let side = self.sides.entry((account, peer)).or_default();
                (side.pinned, side.listed) = (on, side.listed || on);
            }
            DirectChange::Reminding(account, peer, how) => {
                self.sides.entry((account, peer)).or_default().remind = how;
            }
            DirectChange::Blocked(account, peer, Some(since)) => {
                self.blocks.entry((account, peer)).or_insert(since);
            }
            DirectChange::Blocked(account, peer, None) => drop(self.blocks.remove(&(account, peer))),
            DirectChange::Forgotten(before) => {
                let gone: BTreeSet<Pair> = self
                    .messages
                    .values()
                    .filter(|message| message.no < before)
                    .flat_map(|message| [(message.from, message.to), (message.to, message.from)])
                    .collect();
                self.messages.retain(|no, _| *no >= before);
                self.sides.retain(|pair, side| {
                    !gone.contains(pair) || side.newest >= before || side.remind != Reminding::Notify
                });
            }
        }
    }

    fn known(&mut self, account: AccountId, peer: AccountId, change: impl FnOnce(&mut Side)) {
        if let Some(side) = self.sides.get_mut(&(account, peer)) {
            change(side);
        }
    }

    pub fn snapshot(&self, now: Time) -> DirectSnapshot {
        let talkers: BTreeSet<_> = self.sides.keys().map(|(account, _)| *account).collect();
        let recent = MessageNo::first_at(now - Duration::from_secs(300));
        DirectSnapshot {
            last: self.last,
            oldest: self.messages.keys().next().copied().unwrap_or(MessageNo(self.last.0 + 1)),
            recent: self.messages.range(recent..).map(|(_, message)| message.clone()).collect(),
            talkers: talkers.into_iter().collect(),
            blocks: self.blocks.iter().map(|((account, peer), since)| (*account, *peer, *since)).collect(),
        }
    }

    /// Whether a message is here.
    pub fn keeps(&self, no: MessageNo) -> bool {
        self.messages.contains_key(&no)
    }

    /// Messages between two that one of them sees, oldest first.
    fn visible(&self, account: AccountId, peer: AccountId) -> Vec<&DirectMessage> {
        let side = self.sides.get(&(account, peer)).cloned().unwrap_or_default();
        let between = |message: &&DirectMessage| {
            [(message.from, message.to), (message.to, message.from)].contains(&(account, peer))
        };
        let messages = self.messages.values().filter(between);
        messages.filter(|message| message.no > side.cleared && !side.deleted.contains(&message.no)).collect()
    }

    fn unread(&self, account: AccountId, peer: AccountId) -> u32 {
        let Some(side) = self.sides.get(&(account, peer)) else { return 0 };
        let counted = |message: &&&DirectMessage| {
            message.from == peer && message.wishes.counts && message.recalled.is_none() && message.no > side.read_to
        };
        self.visible(account, peer).iter().filter(counted).count() as u32
    }

    fn peers(&self, account: AccountId) -> impl Iterator<Item = (AccountId, &Side)> {
        self.sides.iter().filter(move |((whose, _), _)| *whose == account).map(|((_, peer), side)| (*peer, side))
    }

    pub fn find(&self, query: &Query) -> Found {
        match query {
            Query::Conversations { account, after, limit } => {
                let one = |(peer, side): (AccountId, &Side)| Conversation {
                    peer,
                    newest: side.newest,
                    last: self.visible(*account, peer).into_iter().rfind(|message| message.wishes.shows).cloned(),
                    unread: self.unread(*account, peer),
                    pinned: side.pinned,
                    peer_read_to: self.sides.get(&(peer, *account)).map_or(MessageNo(0), |side| side.read_to),
                };
                let listed = self.peers(*account).filter(|(_, side)| side.listed);
                let mut all: Vec<_> = listed.map(one).collect();
                all.sort_by_key(|one| std::cmp::Reverse((one.newest, one.peer)));
                all.retain(|one| after.is_none_or(|after| (one.newest, one.peer) < after));
                all.truncate(limit + 1);
                Found::Conversations(all)
            }
            Query::Sync { account, after, limit } => {
                let unread = self.peers(*account).map(|(peer, _)| (peer, self.unread(*account, peer)));
                let unread = unread.filter(|(_, count)| *count > 0).collect();
                let (mut messages, mut recalled) = (Vec::new(), Vec::new());
                let all = self.peers(*account).flat_map(|(peer, _)| self.visible(*account, peer));
                for message in all.filter(|_| after.is_some()) {
                    let after = after.unwrap_or_default();
                    match message.recalled {
                        None if message.no > after => messages.push(message.clone()),
                        Some(taker) if taker.no > after && message.no <= after => recalled.push(message.clone()),
                        _ => {}
                    }
                }
                messages.sort_by_key(|message| message.no);
                messages.truncate(limit + 1);
                recalled.sort_by_key(|message| message.recalled.map(|taker| taker.no));
                recalled.truncate(*limit);
                Found::Sync { messages, recalled, unread }
            }
            Query::History { account, peer, from, until, forward, limit } => {
                let mut all: Vec<_> = self.visible(*account, *peer).into_iter().cloned().collect();
                if !forward {
                    all.reverse();
                }
                let beyond = |no: MessageNo, edge: MessageNo| if *forward { no > edge } else { no < edge };
                all.retain(|message| from.is_none_or(|from| beyond(message.no, from)));
                all.retain(|message| until.is_none_or(|until| !beyond(message.no, until)));
                all.truncate(limit + 1);
                Found::History(all)
            }
            Query::Find { account, peer, keys } => {
                // What was cleared is found, what was deleted is not.
                let deleted =
                    self.sides.get(&(*account, *peer)).map(|side| side.deleted.clone()).unwrap_or_default();
                let between = |message: &&DirectMessage| {
                    [(message.from, message.to), (message.to, message.from)].contains(&(*account, *peer))
                };
                let all: Vec<_> = self.messages.values().filter(between).collect();
                let of = |key| all.iter().filter(move |message| message.key() == key);
                let found = keys.iter().flat_map(|key| of(*key));
                Found::Messages(
                    found.filter(|message| !deleted.contains(&message.no)).map(|one| (*one).clone()).collect(),
                )
            }
            Query::ReadBy { account, peers } => {
                let read =
                    |peer: &AccountId| self.sides.get(&(*peer, *account)).map_or(MessageNo(0), |side| side.read_to);
                Found::ReadBy(peers.iter().map(read).collect())
            }
            Query::Reminders { account } => {
                let set = self.peers(*account).filter(|(_, side)| side.remind != Reminding::Notify);
                Found::Reminders(set.map(|(peer, side)| (peer, side.remind)).collect())
            }
        }
    }
}
