//! Secrets that only have to be recognised: tokens of sessions, links, API keys. A hash of each is kept.
//!
//! They are random and long, so nobody guesses them and a fast hash is good enough.

use crate::secrets;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hawker_store::SecretHash;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What API keys begin with, so that they are recognised where they should not be.
const API_KEY: &str = "hk_";

/// A new secret.
pub fn new() -> String {
    URL_SAFE_NO_PAD.encode(secrets::bytes::<32>())
}

/// A new key of an application.
pub fn new_api_key() -> String {
    format!("{API_KEY}{}", new())
}

/// What is kept of a secret.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret).into()
}

/// Another secret that follows from one, and from which that cannot be told.
pub fn derived(purpose: &str, secret: &str) -> String {
    let digest = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(secret).finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

/// Whether two are the same, without telling by the time how much of them is.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_new_and_what_follows_from_them_is_something_else() {
        let secret = new();
        assert_ne!(secret, new());
        assert!(secret.len() == 43 && new_api_key().starts_with("hk_"));
        assert_eq!(derived("csrf", &secret), derived("csrf", &secret));
        assert_ne!(derived("csrf", &secret), derived("csrg", &secret));
        assert_ne!(derived("csrf", &secret), secret);
        assert!(same(b"a", b"a") && !same(b"a", b"b") && !same(b"a", b"ab"));
    }
}
