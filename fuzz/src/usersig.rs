//! Signatures: nothing that was not signed is taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::ZlibEncoder};
use hawker_core::{AppId, Time, UserId};
use hawker_wire::usersig::{Verified, sign, verify};
use std::io::Write;

const APP: AppId = AppId(1_400_000_001);
const KEY: &str = "a key that nobody guesses";
const NOW: Time = Time(1_700_000_000_000);

/// The bytes as a signature, and as what is inside of one.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        must_be_ours(text);
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory takes everything");
    let packed = packed.finish().expect("memory takes everything");
    must_be_ours(&STANDARD.encode(packed).replace('+', "*").replace('/', "-").replace('=', "_"));
}

/// Only what was signed is taken; how it was packed is not signed.
fn must_be_ours(sig: &str) {
    match verify(APP, KEY, "host", sig, NOW) {
        Ok(verified) => {
            let signed = Verified { user: "host".into(), issued_at: NOW, expires_at: Time(NOW.0 + 60_000) };
            assert_eq!(verified, signed, "{sig} was never signed");
        }
        Err(bad) => assert!((70_001..=70_020).contains(&bad.code()) && !bad.to_string().is_empty()),
    }
}

/// A good signature and what is inside.
pub fn seeds() -> Vec<Vec<u8>> {
    let good = sign(APP, KEY, &UserId::from("host"), NOW, 60);
    let inside = r#"{"TLS.ver":"2.0","TLS.identifier":"host","TLS.sdkappid":1400000001,"TLS.expire":60,"TLS.time":1700000000,"TLS.userbuf":"AAEC","TLS.sig":"ufd4HvPCQHn6ccKanRDKMsn4pHvccGhNf+LxeOCOjpY="}"#;
    vec![good.into_bytes(), inside.as_bytes().to_vec()]
}
