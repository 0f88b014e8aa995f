//! Messages that a client sends twice.
//!
//! A client whose connection was cut sends what was not answered again on the next one. The sender and its random
//! number make the message recognisable; it is answered as the first time and delivered once.

use crate::answer::Answer;
use crate::id::AccountId;
use crate::limits::Limits;
use crate::recent::Recent;
use crate::time::Time;

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

/// What was sent into one room lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Duplicates(Recent<Key, Reception>);

impl Duplicates {
    /// What became of this message when it came first.
    pub fn find(&self, limits: &Limits, now: Time, key: &Key) -> Option<Reception> {
        self.0.find(limits.duplicate_window, now, key)
    }

    /// Remembers a message, forgets what is too old or too much.
    pub fn remember(&mut self, limits: &Limits, now: Time, key: Key, reception: Reception) {
        let bounds = (limits.duplicate_window, limits.duplicates_max);
        self.0.remember(bounds, now, key, reception.at, reception);
    }
}
