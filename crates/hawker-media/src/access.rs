//! Who may push and play a stream: its key, or an address that was signed with the key and ends.
//!
//! The signed form is Tencent's, which Chinese tools already make: `txTime` is the end in seconds since 1970, in
//! hexadecimal digits, and `txSecret` is the MD5 of key, stream name and `txTime`. Keys are compared in constant time.

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// Digits of `txTime` at most: those of 64 bits.
const TIME_DIGITS_MAX: usize = 16;

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No key and no signature was given.
    Missing,
    /// They are not those of the stream.
    Wrong,
    /// The signature has ended.
    Expired,
}

impl std::fmt::Display for Denied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "a key is needed",
            Self::Wrong => "the key is wrong",
            Self::Expired => "the signed address has ended",
        })
    }
}

/// Whether the parameters of an address give the key itself (`key=`) or a signature made with it.
pub fn with_key(query: &str, key: &str, stream: &str, now_secs: u64) -> Result<(), Denied> {
    match parameter(query, "key") {
        Some(given) => same(given, key),
        None => signed(query, key, stream, now_secs),
    }
}

/// Whether the parameters of an address give a signature that is still good.
pub fn signed(query: &str, key: &str, stream: &str, now_secs: u64) -> Result<(), Denied> {
    let (Some(secret), Some(time)) = (parameter(query, "txSecret"), parameter(query, "txTime")) else {
        return Err(Denied::Missing);
    };
    // Before the time is looked at: whoever has no key learns nothing else.
    same(secret, &tx_secret(key, stream, time))?;
    let digits = (1..=TIME_DIGITS_MAX).contains(&time.len()) && time.bytes().all(|digit| digit.is_ascii_hexdigit());
    let until = u64::from_str_radix(time, 16).ok().filter(|_| digits).ok_or(Denied::Wrong)?;
    if now_secs < until { Ok(()) } else { Err(Denied::Expired) }
}

/// The parameters of a signed address.
pub fn sign(key: &str, stream: &str, until_secs: u64) -> String {
    let time = format!("{until_secs:X}");
    format!("txSecret={}&txTime={time}", tx_secret(key, stream, &time))
}

fn tx_secret(key: &str, stream: &str, time: &str) -> String {
    let digest = Md5::new().chain_update(key).chain_update(stream).chain_update(time).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn same(given: &str, wanted: &str) -> Result<(), Denied> {
    if bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) { Ok(()) } else { Err(Denied::Wrong) }
}

/// The first parameter of a name.
pub fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split(['&', '?']).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: u64 = 1_700_003_600;
    const SIGNED: &str = "txSecret=a90c667c67d8586b295e13fa5b2d2a0f&txTime=6553FF10";

    #[test]
    fn the_signature_is_the_one_that_other_tools_make() {
        assert_eq!(sign("mykey", "stream1", UNTIL), SIGNED);
        assert_eq!(signed(SIGNED, "mykey", "stream1", UNTIL - 1), Ok(()));
        assert_eq!(with_key(SIGNED, "mykey", "stream1", UNTIL - 1), Ok(()));
        assert_eq!(with_key(&format!("a=1&{SIGNED}&b"), "mykey", "stream1", UNTIL - 1), Ok(()));
    }

    #[test]
    fn everything_else_is_refused_and_says_why() {
        for (query, stream, now, want) in [
            ("", "stream1", 0, Denied::Missing),
            ("txTime=6553FF10", "stream1", 0, Denied::Missing),
            (SIGNED, "stream1", UNTIL, Denied::Expired),
            (SIGNED, "stream2", 0, Denied::Wrong),
            ("key=mykey2", "stream1", 0, Denied::Wrong),
            ("key=", "stream1", 0, Denied::Wrong),
            ("txSecret=A90C667C67D8586B295E13FA5B2D2A0F&txTime=6553FF10", "stream1", 0, Denied::Wrong),
            (&format!("key=wrong&{SIGNED}"), "stream1", 0, Denied::Wrong),
        ] {
            assert_eq!(with_key(query, "mykey", stream, now), Err(want), "{query}");
        }
        // Signed well, but no time.
        for time in ["", "+1", "zz", "11111111111111111", " 1"] {
            let query = format!("txSecret={}&txTime={time}", tx_secret("mykey", "s", time));
            assert_eq!(with_key(&query, "mykey", "s", 0), Err(Denied::Wrong), "{time:?}");
        }
    }

    #[test]
    fn the_play_signature_is_not_the_key_itself() {
        assert_eq!(signed("key=mykey", "mykey", "s", 0), Err(Denied::Missing));
        assert_eq!(with_key("key=mykey", "mykey", "s", 0), Ok(()));
    }
}
