//! Time as the rules see it: handed in, never read.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};
use std::time::Duration;

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// Later than anything: used where something never ends (a mute "for ever").
    pub const NEVER: Time = Time(u64::MAX);

    /// From whole seconds since the epoch.
    pub fn from_secs(secs: u64) -> Self {
        Time(secs.saturating_mul(1000))
    }

    /// Whole seconds since the epoch, as every wire field counts them.
    pub fn secs(self) -> u64 {
        self.0 / 1000
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, by: Duration) -> Time {
        Time(self.0.saturating_add(by.as_millis().min(u64::MAX as u128) as u64))
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, by: Duration) -> Time {
        Time(self.0.saturating_sub(by.as_millis().min(u64::MAX as u128) as u64))
    }
}
