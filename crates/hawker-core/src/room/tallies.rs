//! Counters that those who run a room keep: seats left, orders taken, votes.
//!
//! They are numbers with a name. The likes are read beside them but belong to the server, which counts them itself.

use super::{Decision, Room, RoomEvent, check};
use crate::answer::Answer;
use crate::post::{Class, Post, Tallying};
use crate::refusal::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of the counter of likes.
pub const LIKES: &str = "likes";

impl Tallying {
    /// What a counter becomes; `None` if it cannot hold that.
    fn apply(self, value: i64, number: i64) -> Option<i64> {
        match self {
            Tallying::Set => Some(number),
            Tallying::Add => value.checked_add(number),
            Tallying::Subtract => value.checked_sub(number),
        }
    }
}

impl Room {
    /// The counters of these names (`None`: all), the likes first.
    pub(super) fn tallies(&self, keys: Option<&[Arc<str>]>) -> Answer {
        let likes = i64::try_from(self.counters.likes).unwrap_or(i64::MAX);
        let tallies = self.tallies.iter().map(|(key, value)| (key.clone(), *value));
        let all = std::iter::once((Arc::from(LIKES), likes)).chain(tallies);
        let tallies = all.filter(|(key, _)| keys.is_none_or(|keys| keys.contains(key))).collect();
        Answer::Tallies { tallies, seq: self.next_seq - 1 }
    }
}

impl Decision<'_, '_> {
    pub(super) fn tally(&mut self, how: Tallying, changes: &[(Arc<str>, i64)]) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        check::tallies("GroupCounter", changes.iter().map(|(key, _)| key), self.ctx.limits)?;
        let mut changed: BTreeMap<Arc<str>, i64> = BTreeMap::new();
        for (key, number) in changes {
            let before = changed.get(key).or_else(|| self.room.tallies.get(key)).copied().unwrap_or(0);
            changed.insert(key.clone(), how.apply(before, *number).ok_or(Refusal::TallyOverflow)?);
        }
        self.tallies_must_fit(&changed)?;
        let tallies: Vec<_> = changed.into_iter().collect();
        let set = tallies.iter().map(|(key, value)| RoomEvent::TallySet(key.clone(), Some(*value)));
        self.events.extend(set);
        self.post(Class::Vital, Post::Tallied { how, tallies: tallies.clone() });
        Ok(Answer::Tallies { tallies, seq: self.next_seq - 1 })
    }

    fn tallies_must_fit(&self, changed: &BTreeMap<Arc<str>, i64>) -> Result<(), Refusal> {
        let new = changed.keys().filter(|key| !self.room.tallies.contains_key(*key)).count();
        let limit = self.ctx.limits.tallies_max;
        if new > 0 && self.room.tallies.len() + new > limit {
            return Err(Refusal::TooMany { what: "counters", limit });
        }
        Ok(())
    }

    /// What is not there is taken away already.
    pub(super) fn drop_tallies(&mut self, keys: Option<Vec<Arc<str>>>) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        if let Some(keys) = &keys {
            check::tallies("GroupCounterKeys", keys.iter(), self.ctx.limits)?;
        }
        let named = |key: &&Arc<str>| keys.as_ref().is_none_or(|keys| keys.contains(key));
        let keys: Vec<_> = self.room.tallies.keys().filter(named).cloned().collect();
        if !keys.is_empty() {
            self.events.extend(keys.iter().map(|key| RoomEvent::TallySet(key.clone(), None)));
            self.post(Class::Vital, Post::TalliesDropped { keys });
        }
        Ok(Answer::Done)
    }
}
