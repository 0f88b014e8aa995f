//! Signatures of what servers tell each other over HTTP: our webhooks, and notices of payment to us.
//!
//! The signature is over the time and the body, so an old notice that somebody recorded is refused when it comes again.

use hawker_core::Time;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The header with the time of a signature, in seconds since 1970.
pub const TIMESTAMP: &str = "hawker-timestamp";
/// The header with the signature.
pub const SIGNATURE: &str = "hawker-signature";
/// How far the clocks of the two sides may be apart.
pub const SKEW_MAX: Duration = Duration::from_secs(5 * 60);

/// The signature of a body at a time (seconds since 1970): `hex(hmac-sha256(secret, time + "." + body))`.
pub fn sign(secret: &str, secs: u64, body: &[u8]) -> String {
    let mac: [u8; 32] = mac(secret, &secs.to_string(), body).finalize().into_bytes().into();
    mac.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a body was signed with a secret, and lately. `timestamp` and `signature` are what the headers say.
pub fn is_signed(secret: &str, timestamp: &str, signature: &str, body: &[u8], now: Time) -> bool {
    let Ok(secs) = timestamp.parse::<u64>() else { return false };
    let lately = secs.abs_diff(now.secs()) <= SKEW_MAX.as_secs();
    let wanted = sign(secret, secs, body);
    lately && bool::from(wanted.as_bytes().ct_eq(signature.as_bytes()))
}

fn mac(secret: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_its_body_its_time_and_its_secret() {
        let now = Time::from_secs(1_700_000_000);
        let signature = sign("secret", 1_700_000_000, b"{}");
        // Computed with another implementation.
        assert_eq!(signature, "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163");
        let good = |secret, timestamp, body| is_signed(secret, timestamp, &signature, body, now);
        assert!(good("secret", "1700000000", b"{}"));
        assert!(!good("other", "1700000000", b"{}"));
        assert!(!good("secret", "1700000001", b"{}"));
        assert!(!good("secret", "1700000000", b"{ }"));
        assert!(!good("secret", "+1700000000", b"{ }"));
        assert!(!is_signed("secret", "1700000000", "", b"{}", now));
    }

    #[test]
    fn an_old_signature_is_refused() {
        let signature = sign("secret", 1_000_000, b"{}");
        let at = |secs| is_signed("secret", "1000000", &signature, b"{}", Time::from_secs(secs));
        assert!(at(1_000_300) && at(999_700));
        assert!(!at(1_000_301) && !at(999_699));
    }
}
