//! Session tokens (the wire's `A2Key`): they name a session and prove that this server gave them out.
//!
//! A token outlives its socket and a restart of the server. It holds the session's number and when it began, so an
//! old token can never name a newer session, and a keyed signature over both, so it cannot be made up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hawker_core::{AppId, SessionId, Time};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Length of a token as text, in bytes.
pub const TOKEN_BYTES: usize = 43;

/// Signs and checks tokens with the server's own key.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// The key as it is kept.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Writes a token.
    pub fn issue(&self, app: AppId, session: SessionId, since: Time) -> String {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&session.0.to_be_bytes());
        bytes[8..16].copy_from_slice(&since.0.to_be_bytes());
        let mac = self.mac(app, &bytes[..16]);
        bytes[16..].copy_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token; `None` if this server did not write it for this app.
    pub fn check(&self, app: AppId, token: &str) -> Option<(SessionId, Time)> {
        if token.len() != TOKEN_BYTES {
            return None;
        }
        let mut bytes = [0; 32];
        let read = URL_SAFE_NO_PAD.decode_slice(token, &mut bytes).ok()?;
        let good = read == 32 && bool::from(self.mac(app, &bytes[..16]).ct_eq(&bytes[16..]));
        let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        good.then(|| (SessionId(number(0)), Time(number(8))))
    }

    fn mac(&self, app: AppId, what: &[u8]) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(b"session");
        mac.update(&app.0.to_be_bytes());
        mac.update(what);
        mac.finalize().into_bytes()[..16].try_into().expect("sixteen bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_app_and_key_only() {
        let key = TokenKey::new([7; 32]);
        let token = key.issue(AppId(1), SessionId(42), Time(99));
        assert_eq!(key.check(AppId(1), &token), Some((SessionId(42), Time(99))));
        assert_eq!(key.check(AppId(2), &token), None);
        assert_eq!(TokenKey::new([8; 32]).check(AppId(1), &token), None);
        let mut forged = token.into_bytes();
        forged[3] ^= 1;
        assert_eq!(key.check(AppId(1), std::str::from_utf8(&forged).unwrap()), None);
        assert_eq!(key.check(AppId(1), "short"), None);
    }
}
