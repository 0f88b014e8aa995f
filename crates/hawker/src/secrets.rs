//! Secrets are generated, never defaulted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Random bytes from the operating system.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}

/// A key to sign with: 64 hexadecimal digits.
pub fn signing_key() -> String {
    bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name that nobody else has.
pub fn name() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<9>())
}
