//! Session tokens: only what this server wrote is taken, and it names what it was written for.

use hawker_core::{AppId, SessionId, Time};
use hawker_wire::token::TokenKey;

const APP: AppId = AppId(1_400_000_001);

fn key() -> TokenKey {
    TokenKey::new([7; 32])
}

/// The bytes as a token.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some((session, since)) = key().check(APP, text) {
        assert_eq!((session, since), (SessionId(42), Time(99)), "{text} was never given out");
        assert_eq!(key().issue(APP, session, since), text, "one session has one token");
    }
    assert_eq!(key().check(AppId(7), text), None, "{text} is good in another app");
}

/// A good token.
pub fn seeds() -> Vec<Vec<u8>> {
    vec![key().issue(APP, SessionId(42), Time(99)).into_bytes()]
}
