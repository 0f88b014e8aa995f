//! Passwords, as argon2id makes them hard to guess.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::ops::RangeInclusive;

/// How long a password may be, in characters.
pub const LENGTH: RangeInclusive<usize> = 10..=200;

/// The hash of nobody's password, with the parameters of all others: it is checked when a name is unknown, which must
/// not answer sooner than a known one.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cyBwYXNzd29yZA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is kept of a password.
pub fn hash(password: &str) -> String {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.expect("the parameters are good, and there are random numbers").to_string()
}

/// Whether this is the password of which `hash` was kept. Without a hash it is not, and that takes as long.
pub fn is(password: &str, hash: Option<&str>) -> bool {
    let same = Argon2::default().verify_password(password.as_bytes(), hash.unwrap_or(NOBODYS)).is_ok();
    same && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_is_right() {
        let hash = hash("correct horse");
        assert!(is("correct horse", Some(&hash)));
        assert!(!is("correct horsf", Some(&hash)));
        assert!(!is("correct horse", None));
        assert!(!is("correct horse", Some("what is this")));
    }

    #[test]
    fn nobodys_password_takes_as_long_as_anybodys() {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(NOBODYS), parameters(&hash("correct horse")));
        assert!(Argon2::default().verify_password(b"", NOBODYS).is_err_and(|error| {
            error.to_string() == Argon2::default().verify_password(b"", hash("x").as_str()).unwrap_err().to_string()
        }));
    }
}
