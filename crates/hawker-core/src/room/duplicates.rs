//! Messages that a client sends twice.
//!
//! A client whose connection was cut sends what was not answered again on the next one. The sender and its random
//! number make the message recognisable; it is answered as the first time and delivered once.

use crate::answer::Answer;
use crate::id::AccountId;
use crate::limits::Limits;
use crate::time::Time;
use std::collections::{HashMap, VecDeque};

type Key = (AccountId, u32);

/// What became of a message when it came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    /// When it came.
    pub at: Time,
    /// Its number, or the last one given out if it was dropped.
    pub seq: u64,
    /// The room was over its budget. Sent again it stays dropped: a like must not be counted twice.
    pub dropped: bool,
}

impl Reception {
    pub(super) fn answer(self) -> Answer {
        Answer::Sent { at: self.at, seq: self.seq, dropped: self.dropped }
    }
}

/// What was sent lately, bounded in time and number; the oldest is forgotten first.
#[derive(Clone, Debug, Default)]
pub(super) struct Duplicates {
    seen: HashMap<Key, Reception>,
    oldest_first: VecDeque<(Key, Time)>,
}

impl Duplicates {
    /// What became of this message when it came first.
    pub fn find(&self, limits: &Limits, now: Time, key: &Key) -> Option<Reception> {
        self.seen.get(key).copied().filter(|first| now.since(first.at) < limits.duplicate_window)
    }

    /// Remembers a message, forgets what is too old or too much.
    pub fn remember(&mut self, limits: &Limits, now: Time, key: Key, reception: Reception) {
        while let Some((old, since)) = self.oldest_first.front().copied() {
            let outdated = now.since(since) >= limits.duplicate_window;
            if !outdated && self.oldest_first.len() < limits.duplicates_max {
                break;
            }
            self.oldest_first.pop_front();
            if self.seen.get(&old).is_some_and(|kept| kept.at == since) {
                self.seen.remove(&old);
            }
        }
        self.seen.insert(key, reception);
        self.oldest_first.push_back((key, reception.at));
    }
}
