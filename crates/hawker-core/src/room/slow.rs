//! Slow mode: everybody but those who run the room waits a while between two messages.
//!
//! It is a custom field of the room, so whoever may change the room's profile turns it on with any SDK, and everybody
//! sees that it is on.

use super::Decision;
use crate::answer::Role;
use crate::id::AccountId;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::time::Time;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// The custom field that turns it on: seconds between two messages of one member.
pub const SLOW_MODE: &str = "slow_mode";

/// When members spoke last, while slow mode is on.
#[derive(Clone, Debug, Default)]
pub(super) struct SlowMode {
    pause: Duration,
    spoke: HashMap<AccountId, Time>,
    /// Those who may speak again are forgotten when there are this many.
    tidy_at: usize,
}

const TIDY_AT_LEAST: usize = 256;

impl SlowMode {
    /// As the fields of a room say.
    pub fn of(fields: &BTreeMap<Arc<str>, Arc<str>>) -> Self {
        Self { pause: pause(fields.get(SLOW_MODE).map_or("", |value| value)), ..Self::default() }
    }

    /// The pause was changed. Who spoke lately is remembered: the new pause counts from then.
    pub fn set(&mut self, value: &str) {
        self.pause = pause(value);
        if self.pause.is_zero() {
            self.spoke = HashMap::new();
        }
    }

    /// When somebody may speak again; in the past if at once.
    fn again_at(&self, account: AccountId) -> Time {
        self.spoke.get(&account).map_or(Time::default(), |at| *at + self.pause)
    }

    pub fn is_on(&self) -> bool {
        !self.pause.is_zero()
    }

    pub fn spoke(&mut self, now: Time, account: AccountId) {
        if self.spoke.len() >= self.tidy_at.max(TIDY_AT_LEAST) {
            let pause = self.pause;
            self.spoke.retain(|_, at| *at + pause > now);
            self.tidy_at = self.spoke.len() * 2;
        }
        self.spoke.insert(account, now);
    }
}

fn pause(value: &str) -> Duration {
    Duration::from_secs(value.parse().unwrap_or(0))
}

/// The value of the field: empty or a number of seconds within the limit.
pub(super) fn check(value: &str, limits: &Limits) -> Result<(), Refusal> {
    let good = value.is_empty() || value.parse::<u32>().is_ok_and(|secs| secs <= limits.slow_mode_secs_max);
    if good { Ok(()) } else { Err(Refusal::BadParameter(SLOW_MODE)) }
}

impl Decision<'_, '_> {
    /// Whether the slow mode of the room concerns who asks.
    pub(super) fn is_slowed(&self) -> bool {
        self.room.slow.is_on() && !self.by.app_admin && self.room.role(&self.by.face.user) == Role::Member
    }

    pub(super) fn not_in_a_hurry(&self) -> Result<(), Refusal> {
        let until = self.room.slow.again_at(self.by.face.account);
        if self.is_slowed() && until > self.ctx.now { Err(Refusal::SlowMode { until }) } else { Ok(()) }
    }
}
