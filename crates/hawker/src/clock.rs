//! The one place where a clock is read.

use hawker_core::Time;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Wall-clock time that never runs backwards while the process lives.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    epoch_ms: u64,
}

impl Clock {
    /// Reads the wall clock once; from then on only the monotonic one.
    pub fn start() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), epoch_ms: epoch.as_millis() as u64 }
    }

    /// Now.
    pub fn now(&self) -> Time {
        Time(self.epoch_ms + self.started.elapsed().as_millis() as u64)
    }
}
