//! How much a room can carry, and who gives way when that is not enough.
//!
//! A bucket fills at the room's rate and holds one second of it. Each class may only drink down to a mark of its
//! own: tips stop when the bucket is half empty, likes soon after, ordinary chat leaves a tenth for those who
//! asked for high priority, and what is vital is never refused (it may run the bucket into debt, which chat then
//! pays). So what exceeds the budget is dropped lowest class first and newest first, without holding anything
//! back to compare it.

use crate::post::Class;
use crate::time::Time;

/// One message, in the unit that the bucket counts. Rates are per second and time is in milliseconds, so a
/// thousandth of a message is what one millisecond brings at a rate of one.
const MESSAGE: i64 = 1000;

/// A token bucket that says no earlier to the lower classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    left: i64,
    at: Time,
}

impl Budget {
    /// A full bucket.
    pub fn new(now: Time, per_second: u32) -> Self {
        Self { left: capacity(per_second), at: now }
    }

    /// Whether a post of this class may be delivered now.
    pub fn admits(&self, now: Time, per_second: u32, class: Class) -> bool {
        class == Class::Vital || self.filled(now, per_second) - MESSAGE >= mark(class, per_second)
    }

    /// Takes one message out. Vital ones may run it into debt, at most one second's worth.
    pub fn spend(&mut self, now: Time, per_second: u32) {
        self.left = (self.filled(now, per_second) - MESSAGE).max(-capacity(per_second));
        self.at = self.at.max(now);
    }

    fn filled(&self, now: Time, per_second: u32) -> i64 {
        let brought = now.since(self.at).as_millis().min(60_000) as i64 * i64::from(per_second);
        (self.left + brought).min(capacity(per_second))
    }
}

fn capacity(per_second: u32) -> i64 {
    // At least one whole message, or a rate of one could never be spent.
    (i64::from(per_second) * MESSAGE).max(MESSAGE)
}

/// What a class must leave in the bucket, as a share of it.
fn mark(class: Class, per_second: u32) -> i64 {
    let percent = match class {
        Class::Vital | Class::ChatHigh => 0,
        Class::ChatNormal => 10,
        Class::ChatLow => 20,
        Class::ChatLowest => 30,
        Class::Like => 40,
        Class::Tip => 50,
    };
    // A small budget has no room for a reserve: whoever comes first may have it.
    if per_second < 10 { 0 } else { capacity(per_second) * percent / 100 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn admitted(class: Class, offered: u32, per_second: u32) -> u32 {
        let mut budget = Budget::new(Time(0), per_second);
        (0..offered)
            .filter(|_| {
                let yes = budget.admits(Time(0), per_second, class);
                if yes {
                    budget.spend(Time(0), per_second);
                }
                yes
            })
            .count() as u32
    }

    #[test]
    fn in_a_burst_the_lower_classes_are_cut_first() {
        for (class, want) in [
            (Class::Vital, 100),
            (Class::ChatHigh, 40),
            (Class::ChatNormal, 36),
            (Class::ChatLow, 32),
            (Class::ChatLowest, 28),
            (Class::Like, 24),
            (Class::Tip, 20),
        ] {
            assert_eq!(admitted(class, 100, 40), want, "{class:?}");
        }
    }

    #[test]
    fn a_steady_stream_of_any_class_gets_the_whole_rate() {
        for class in [Class::ChatNormal, Class::Like, Class::Tip] {
            let mut budget = Budget::new(Time(0), 40);
            let mut passed = 0;
            for ms in 0..10_000 {
                let now = Time(ms);
                if budget.admits(now, 40, class) {
                    budget.spend(now, 40);
                    passed += 1;
                }
            }
            assert!((400..=440).contains(&passed), "{class:?}: {passed}");
        }
    }

    #[test]
    fn chat_pays_for_what_is_vital() {
        let mut budget = Budget::new(Time(0), 40);
        for _ in 0..80 {
            budget.spend(Time(0), 40);
        }
        assert!(!budget.admits(Time(0) + Duration::from_secs(1), 40, Class::ChatNormal));
        assert!(budget.admits(Time(0), 40, Class::Vital));
        assert!(budget.admits(Time(0) + Duration::from_secs(2), 40, Class::ChatNormal));
    }

    #[test]
    fn a_rate_of_one_lets_one_through() {
        assert_eq!(admitted(Class::ChatNormal, 5, 1), 1);
    }
}
