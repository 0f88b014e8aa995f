//! How long a session of the console lasts, and what goes with it.

use super::secret;
use hawker_core::Time;
use hawker_store::ConsoleSession;
use std::time::Duration;

/// A session ends when it was not used for so long.
const IDLE_MAX: Duration = Duration::from_secs(12 * 3600);
/// And in any case after so long.
const AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
/// That it was used is kept at most this often.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// When a session ends, if it is used no more.
pub fn ends_at(session: &ConsoleSession) -> Time {
    (session.used_at + IDLE_MAX).min(session.made_at + AGE_MAX)
}

/// Whether the use of a session now is worth keeping.
pub fn is_to_be_touched(session: &ConsoleSession, now: Time) -> bool {
    now.since(session.used_at) >= TOUCH_EVERY
}

/// Sessions that were used before this are over.
pub fn used_after(now: Time) -> Time {
    now - IDLE_MAX
}

/// Sessions that were made before this are over.
pub fn made_after(now: Time) -> Time {
    now - AGE_MAX
}

/// What a page of ours sends along when it changes something: it follows from the session's token, which no other page
/// can read.
pub fn csrf(token: &str) -> String {
    secret::derived("csrf", token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_session_ends_when_it_is_not_used_and_after_a_week() {
        let begun = Time::from_secs(1_000_000);
        let used = |after: Duration| ConsoleSession { user: String::new(), made_at: begun, used_at: begun + after };
        assert_eq!(ends_at(&used(Duration::ZERO)), begun + 12 * HOUR);
        assert_eq!(ends_at(&used(10 * HOUR)), begun + 22 * HOUR);
        assert_eq!(ends_at(&used(160 * HOUR)), begun + 168 * HOUR);
    }

    #[test]
    fn use_is_kept_once_a_minute() {
        let at = Time::from_secs(1_000_000);
        let session = ConsoleSession { user: String::new(), made_at: at, used_at: at };
        assert!(!is_to_be_touched(&session, at + Duration::from_secs(59)));
        assert!(is_to_be_touched(&session, at + Duration::from_secs(60)));
    }
}
