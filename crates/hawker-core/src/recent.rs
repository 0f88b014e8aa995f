//! What happened lately, by key: bounded in time and number, the oldest is forgotten first.

use crate::time::Time;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug)]
pub struct Recent<K, V> {
    seen: HashMap<K, (Time, V)>,
    oldest_first: VecDeque<(K, Time)>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { seen: HashMap::new(), oldest_first: VecDeque::new() }
    }
}

impl<K: Copy + Eq + Hash, V: Copy> Recent<K, V> {
    /// What is remembered of this key, if it happened within the window.
    pub fn find(&self, window: Duration, now: Time, key: &K) -> Option<V> {
        self.seen.get(key).filter(|(since, _)| now.since(*since) < window).map(|(_, value)| *value)
    }

    /// Remembers what happened at a time, forgets what is too old by now or too much.
    pub fn remember(&mut self, (window, max): (Duration, usize), now: Time, key: K, at: Time, value: V) {
        while let Some((old, since)) = self.oldest_first.front().copied() {
            if now.since(since) < window && self.oldest_first.len() < max {
                break;
            }
            self.oldest_first.pop_front();
            if self.seen.get(&old).is_some_and(|(kept, _)| *kept == since) {
                self.seen.remove(&old);
            }
        }
        self.seen.insert(key, (at, value));
        self.oldest_first.push_back((key, at));
    }
}
