//! What the engine must do later.

use crate::id::{AccountId, ConnId, RoomKey};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something to look at when its time has come. Each is checked again then: what became of it in between is not
/// tracked, an outdated timer finds nothing to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// The grace period of a member without a connection ends.
    Grace(AccountId, RoomKey),
    /// A joiner did not ask for the room's profile: serve it anyway.
    Settle(ConnId),
    /// Look for sessions whose signature has ended.
    Expiry,
    /// Tell a room its likes.
    Likes(RoomKey),
    /// Keep what nobody waits for.
    Flush,
    /// Have old direct messages forgotten.
    Forget,
    /// Tell who came and went.
    Presence,
    /// The grace period of a user whose connection was lost then ends.
    Away(AccountId, Time),
}

#[derive(Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Time, Timer)>>);

impl Timers {
    pub fn at(&mut self, time: Time, timer: Timer) {
        self.0.push(Reverse((time, timer)));
    }

    pub fn due(&mut self, now: Time) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, timer))| timer)
    }

    pub fn next(&self) -> Option<Time> {
        self.0.peek().map(|Reverse((time, _))| *time)
    }
}
