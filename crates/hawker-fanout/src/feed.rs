//! One room at one shard: who hears it there, and what has not left yet.

use crate::Item;
use hawker_core::Time;
use hawker_core::post::Class;
use std::sync::Arc;
use std::time::Duration;

/// How a feed spreads its rounds. A round costs its members' number of sends, so a big room that would flush at
/// every message could keep a core busy alone: after a round it rests for as long as the round took. Likes and tips
/// are worth less than that: they wait longer for company, so that a crowd pouring into a full room does not cost
/// the crowd that is there a round for each. Rounds of small rooms take no time, so there nobody waits.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// A rest lasts this many times the round before it.
    pub rest_factor: u32,
    /// It never lasts longer than this.
    pub rest_max: Duration,
    /// The same when nothing but likes and tips is waiting.
    pub cheap_rest_factor: u32,
    /// It never lasts longer than this.
    pub cheap_rest_max: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rest_factor: 1,
            rest_max: Duration::from_millis(100),
            cheap_rest_factor: 30,
            cheap_rest_max: Duration::from_secs(1),
        }
    }
}

/// A room's members at one shard, named by `K`, and the items that wait for the next round.
#[derive(Debug)]
pub struct Feed<P, K> {
    members: Vec<K>,
    waiting: Vec<Arc<Item<P>>>,
    /// Something dearer than likes and tips is waiting.
    dear_waiting: bool,
    rests_until: Time,
    cheap_rests_until: Time,
}

impl<P, K: Copy> Default for Feed<P, K> {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            waiting: Vec::new(),
            dear_waiting: false,
            rests_until: Time::default(),
            cheap_rests_until: Time::default(),
        }
    }
}

impl<P, K: Copy> Feed<P, K> {
    /// Adds a member and returns its place, which it must remember.
    pub fn add(&mut self, member: K) -> usize {
        self.members.push(member);
        self.members.len() - 1
    }

    /// Removes the member at a place. The last one takes that place over, and must be told.
    pub fn remove(&mut self, place: usize) -> Option<K> {
        self.members.swap_remove(place);
        self.members.get(place).copied()
    }

    /// Everybody who hears the room here.
    pub fn members(&self) -> &[K] {
        &self.members
    }

    /// An item for everybody.
    pub fn push(&mut self, item: Arc<Item<P>>) {
        self.dear_waiting |= item.class < Class::Like;
        self.waiting.push(item);
    }

    /// Items that wait for the next round.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the next round may begin: at once after silence, otherwise when the rest is over. `None`: nothing waits.
    pub fn due_at(&self) -> Option<Time> {
        let until = if self.dear_waiting { self.rests_until } else { self.cheap_rests_until };
        (!self.waiting.is_empty()).then_some(until)
    }

    /// Begins a round: takes what has gathered.
    pub fn take(&mut self) -> Vec<Arc<Item<P>>> {
        self.dear_waiting = false;
        std::mem::take(&mut self.waiting)
    }

    /// A round that took `took` is over.
    pub fn rest(&mut self, now: Time, took: Duration, pace: Pace) {
        self.rests_until = now + (took * pace.rest_factor).min(pace.rest_max);
        self.cheap_rests_until = now + (took * pace.cheap_rest_factor).min(pace.cheap_rest_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_message_after_silence_leaves_at_once_and_the_next_after_a_rest() {
        let item = |seq| Arc::new(Item { seq, class: Class::ChatNormal, payload: () });
        let mut feed: Feed<(), u32> = Feed::default();
        let pace = Pace::default();
        assert_eq!(feed.due_at(), None);
        feed.push(item(1));
        assert!(feed.due_at().unwrap() <= Time(1000));
        assert_eq!(feed.take().len(), 1);
        feed.rest(Time(1000), Duration::from_millis(30), pace);
        feed.push(item(2));
        feed.push(item(3));
        assert_eq!(feed.due_at(), Some(Time(1030)));
        feed.rest(Time(2000), Duration::from_secs(5), pace);
        assert_eq!(feed.due_at(), Some(Time(2100)), "never later than the pace allows");
    }

    #[test]
    fn tips_wait_for_company_unless_something_dearer_goes() {
        let item = |class| Arc::new(Item { seq: 1, class, payload: () });
        let mut feed: Feed<(), u32> = Feed::default();
        feed.rest(Time(1000), Duration::from_millis(20), Pace::default());
        feed.push(item(Class::Tip));
        feed.push(item(Class::Like));
        assert_eq!(feed.due_at(), Some(Time(1600)));
        feed.push(item(Class::ChatLowest));
        assert_eq!(feed.due_at(), Some(Time(1020)));
        assert_eq!(feed.take().len(), 3);
        feed.push(item(Class::Tip));
        assert_eq!(feed.due_at(), Some(Time(1600)));
    }

    #[test]
    fn who_takes_over_a_place_is_named() {
        let mut feed: Feed<(), u32> = Feed::default();
        assert_eq!((feed.add(10), feed.add(11), feed.add(12)), (0, 1, 2));
        assert_eq!(feed.remove(0), Some(12));
        assert_eq!(feed.members(), [12, 11]);
        assert_eq!(feed.remove(1), None);
    }
}
