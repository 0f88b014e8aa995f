//! When a delivery is tried again.

use hawker_core::Time;
use hawker_store::Verdict;
use std::time::Duration;

/// How patient we are with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// How often a delivery is tried.
    pub attempts_max: u32,
    /// Between the first attempt and the second; each wait is twice the one before.
    pub wait_first: Duration,
    /// No wait is longer.
    pub wait_max: Duration,
}

impl Schedule {
    /// What follows from an attempt that ended now, after so many before it. Whatever the endpoint says with a status
    /// of 200 to 299 means that it has taken the delivery.
    pub fn verdict(&self, status: u16, attempts_before: u32, now: Time) -> Verdict {
        if (200..300).contains(&status) {
            Verdict::Delivered
        } else if attempts_before + 1 >= self.attempts_max {
            Verdict::Failed
        } else {
            let doubled = 1_u32.checked_shl(attempts_before).unwrap_or(u32::MAX);
            Verdict::Again(now + self.wait_first.saturating_mul(doubled).min(self.wait_max))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WebhooksConfig;

    #[test]
    fn waits_grow_and_end() {
        let schedule = WebhooksConfig::default().schedule();
        let mut now = Time(0);
        let mut attempts = 0;
        while let Verdict::Again(at) = schedule.verdict(500, attempts, now) {
            assert!(at.since(now) <= schedule.wait_max);
            (now, attempts) = (at, attempts + 1);
        }
        assert_eq!(attempts + 1, schedule.attempts_max);
        let day = Duration::from_secs(24 * 3600);
        assert!((day * 9 / 10..=day).contains(&now.since(Time(0))), "about a day: {now:?}");
        assert_eq!(schedule.verdict(500, 0, Time(0)), Verdict::Again(Time(5000)));
        assert_eq!(schedule.verdict(500, 1, Time(0)), Verdict::Again(Time(10_000)));
    }

    #[test]
    fn every_status_but_two_hundred_and_something_is_a_failure() {
        let schedule = WebhooksConfig::default().schedule();
        for status in [200, 201, 204, 299] {
            assert_eq!(schedule.verdict(status, 0, Time(0)), Verdict::Delivered);
        }
        for status in [0, 199, 301, 302, 400, 404, 410, 500, 503] {
            assert!(matches!(schedule.verdict(status, 0, Time(0)), Verdict::Again(_)));
        }
        assert!(matches!(schedule.verdict(500, 40, Time(0)), Verdict::Failed));
    }
}
