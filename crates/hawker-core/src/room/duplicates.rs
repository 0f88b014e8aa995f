//! Messages that a client sends twice.
//!
//! A client whose connection was cut sends what was not answered again on the next one. The sender and its random
//! number make the message recognisable; it is answered as the first time and delivered once.

use crate::id::AccountId;
use crate::limits::Limits;
use crate::time::Time;
use std::collections::{HashMap, VecDeque};

type Key = (AccountId, u32);

/// What was sent lately, bounded in time and number; the oldest is forgotten first.
#[derive(Clone, Debug, Default)]
pub(super) struct Duplicates {
    seen: HashMap<Key, (u64, Time)>,
    oldest_first: VecDeque<(Key, Time)>,
}

impl Duplicates {
    /// The number and time that this message got when it came first.
    pub fn find(&self, limits: &Limits, now: Time, key: &Key) -> Option<(u64, Time)> {
        self.seen.get(key).copied().filter(|(_, at)| now.since(*at) < limits.duplicate_window)
    }

    /// Remembers a message, forgets what is too old or too much.
    pub fn remember(&mut self, limits: &Limits, now: Time, key: Key, seq: u64, at: Time) {
        while let Some((old, since)) = self.oldest_first.front().copied() {
            let outdated = now.since(since) >= limits.duplicate_window;
            if !outdated && self.oldest_first.len() < limits.duplicates_max {
                break;
            }
            self.oldest_first.pop_front();
            if self.seen.get(&old).is_some_and(|(_, kept)| *kept == since) {
                self.seen.remove(&old);
            }
        }
        self.seen.insert(key, (seq, at));
        self.oldest_first.push_back((key, at));
    }
}
