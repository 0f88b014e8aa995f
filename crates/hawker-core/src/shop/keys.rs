//! Idempotency keys: a write that is asked for twice happens once.

use super::command::ShopCommand;
use super::limits::ShopLimits;
use super::refusal::ShopRefusal;
use super::{Show, check};
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::time::Time;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A key that was used.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedKey {
    /// By whom: keys of different users have nothing to do with each other.
    pub user: UserId,
    /// The key.
    pub key: Arc<str>,
    /// Of the command that it was used for.
    pub fingerprint: u64,
    /// What the answer showed.
    pub show: Show,
    /// When.
    pub at: Time,
}

/// The keys of the last day.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    used: HashMap<(UserId, Arc<str>), (u64, Show)>,
    by_age: VecDeque<(Time, (UserId, Arc<str>))>,
}

impl Keys {
    /// What a key was used for, if it was: the same command is answered again, another is refused.
    pub fn find(&self, user: &UserId, key: &Arc<str>, command: &ShopCommand) -> Result<Option<&Show>, Refusal> {
        match self.used.get(&(user.clone(), key.clone())) {
            None => Ok(None),
            Some((known, show)) if *known == fingerprint(command) => Ok(Some(show)),
            Some(_) => Err(ShopRefusal::KeyReused.into()),
        }
    }

    /// Remembers a key. The oldest gives way when there are too many.
    pub fn put(&mut self, limits: &ShopLimits, used: &UsedKey) {
        let name = (used.user.clone(), used.key.clone());
        self.used.insert(name.clone(), (used.fingerprint, used.show.clone()));
        self.by_age.push_back((used.at, name));
        while self.by_age.len() > limits.keys_max {
            self.drop_oldest();
        }
    }

    /// Forgets the keys from before.
    pub fn forget(&mut self, before: Time) {
        while self.by_age.front().is_some_and(|(at, _)| *at < before) {
            self.drop_oldest();
        }
    }

    /// When the oldest was used.
    pub fn oldest(&self) -> Option<Time> {
        self.by_age.front().map(|(at, _)| *at)
    }

    fn drop_oldest(&mut self) {
        if let Some((_, name)) = self.by_age.pop_front() {
            self.used.remove(&name);
        }
    }
}

pub(super) fn check_key(key: &str, limits: &ShopLimits) -> Result<(), Refusal> {
    check::text("key", key, 1, limits.key_bytes_max)
}

/// Tells commands apart, the same in every version of the compiler: keys outlive a restart.
pub(super) fn fingerprint(command: &ShopCommand) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    command.hash(&mut hasher);
    hasher.finish()
}

/// FNV-1a.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
