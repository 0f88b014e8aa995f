//! Configuration of webhooks.

use super::section;
use crate::webhooks::Schedule;
use serde::Deserialize;
use std::time::Duration;

section! {
    /// Endpoints that are told what happens.
    WebhooksConfig {
        /// Endpoints may have addresses of private networks and of this machine.
        allow_private: bool = false,
        /// Endpoints of one app.
        endpoints_max: usize = 20,
        /// How often a delivery is tried. With the waits as they are, the last attempt is a day after the first.
        attempts_max: u32 = 16,
        /// Milliseconds between the first attempt and the second; each wait is twice the one before.
        wait_first_ms: u64 = 5000,
        /// Seconds of the longest wait.
        wait_secs_max: u64 = 21_600,
        /// Seconds that an endpoint may take for an answer.
        answer_secs: u64 = 10,
        /// Deliveries that are on their way to one endpoint at once, each of another stream.
        at_once_max: usize = 4,
        /// Deliveries that may wait for one endpoint; what happens then is queued later.
        waiting_max: usize = 10_000,
        /// Days that deliveries, and events other than those of orders, are kept.
        days_kept: u32 = 30,
    }
}

/// What each number must be at least, and may be at most: a wait of years would overflow.
const BOUNDS: [(&str, u64, u64); 7] = [
    ("webhooks.attempts_max", 1, 100),
    ("webhooks.wait_first_ms", 1, 3_600_000),
    ("webhooks.wait_secs_max", 1, 86_400),
    ("webhooks.answer_secs", 1, 60),
    ("webhooks.at_once_max", 1, 100),
    ("webhooks.waiting_max", 1, 1_000_000),
    ("webhooks.days_kept", 2, 3650),
];

impl WebhooksConfig {
    /// What types cannot say.
    pub fn check(&self) -> Result<(), String> {
        let values = [
            u64::from(self.attempts_max),
            self.wait_first_ms,
            self.wait_secs_max,
            self.answer_secs,
            self.at_once_max as u64,
            self.waiting_max as u64,
            u64::from(self.days_kept),
        ];
        for ((name, least, most), value) in BOUNDS.into_iter().zip(values) {
            if !(least..=most).contains(&value) {
                return Err(format!("{name} must be {least} to {most}"));
            }
        }
        Ok(())
    }

    /// When deliveries are tried again.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            attempts_max: self.attempts_max,
            wait_first: Duration::from_millis(self.wait_first_ms),
            wait_max: Duration::from_secs(self.wait_secs_max),
        }
    }
}
