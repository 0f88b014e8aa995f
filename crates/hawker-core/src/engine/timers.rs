//! What the engine must do later.

use super::news::Crowd;
use crate::id::{AccountId, AppId, ConnId, RoomKey};
use crate::time::Time;
use std::collections::BTreeSet;

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
    /// Something is due in a shop.
    Shop(AppId),
    /// Tell rooms what is left of their goods.
    Stock(AppId),
    /// Tell a room of those who bought or claimed within the last second.
    Crowd(RoomKey, Crowd),
    /// Tell who came and went.
    Presence,
    /// The grace period of a user whose connection was lost then ends.
    Away(AccountId, Time),
}

/// A set: what is wanted again for the same time is wanted once, however often somebody asks for it.
#[derive(Default)]
pub(super) struct Timers(BTreeSet<(Time, Timer)>);

impl Timers {
    pub fn at(&mut self, time: Time, timer: Timer) {
        self.0.insert((time, timer));
    }

    pub fn due(&mut self, now: Time) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, timer)| timer)
    }

    pub fn next(&self) -> Option<Time> {
        self.0.first().map(|(time, _)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_twice_is_wanted_once_and_the_earliest_comes_first() {
        let mut timers = Timers::default();
        for _ in 0..3 {
            timers.at(Time(7), Timer::Away(AccountId(1), Time(5)));
            timers.at(Time(6), Timer::Likes(RoomKey::new(AppId(1), "r")));
        }
        assert_eq!((timers.due(Time(5)), timers.next()), (None, Some(Time(6))));
        assert_eq!(timers.due(Time(9)), Some(Timer::Likes(RoomKey::new(AppId(1), "r"))));
        assert_eq!(timers.due(Time(9)), Some(Timer::Away(AccountId(1), Time(5))));
        assert_eq!(timers.due(Time(9)), None);
    }
}
