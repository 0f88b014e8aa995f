//! When to try again after a lost connection.

use std::time::Duration;

use super::random::Random;

/// How a lost connection is sought again: at a random moment within a window that doubles with every failure.
///
/// The randomness matters when a server restarts: all its viewers lose their connection in the same millisecond and
/// must not come back in the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconnectPolicy {
    /// The window of the first attempt.
    pub first: Duration,
    /// The window grows no further than this.
    pub max: Duration,
    /// After so many failures in a row the client stays down until the next request. With the default windows 500
    /// attempts last about an hour: longer than any restart, shorter than a forgotten process.
    pub attempts_max: u32,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        ReconnectPolicy { first: Duration::from_millis(300), max: Duration::from_secs(15), attempts_max: 500 }
    }
}

impl ReconnectPolicy {
    /// The pause before attempt number `attempt` (0 is the first), or `None` if there should be no more.
    pub fn pause(&self, attempt: u32, random: &mut Random) -> Option<Duration> {
        if attempt >= self.attempts_max {
            return None;
        }
        let window = self.first.saturating_mul(1u32 << attempt.min(16)).min(self.max);
        Some(window.mul_f64(random.unit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_stays_within_a_window_that_doubles_up_to_the_limit() {
        let policy =
            ReconnectPolicy { first: Duration::from_millis(100), max: Duration::from_secs(1), attempts_max: 40 };
        let mut random = Random::new(7);
        for (attempt, window) in [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1000), (39, 1000)] {
            for _ in 0..100 {
                assert!(policy.pause(attempt, &mut random).unwrap() < Duration::from_millis(window));
            }
        }
    }

    #[test]
    fn pauses_differ_between_clients() {
        let pause = |seed| ReconnectPolicy::default().pause(3, &mut Random::new(seed));
        assert_ne!(pause(1), pause(2));
    }

    #[test]
    fn attempts_end() {
        let policy = ReconnectPolicy { attempts_max: 2, ..ReconnectPolicy::default() };
        assert_eq!(policy.pause(2, &mut Random::new(1)), None);
    }
}
