//! Login signatures (UserSig, algorithm TLSSigAPIv2).
//!
//! A signature proves to the server that whoever knows the app's secret lets this user in. Real shops make it on their
//! own back end; tests, benches and scripted viewers, which know the secret, make it here.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

/// Makes the UserSig of `user` for the app `app_id` with the app's `secret`.
///
/// `expire_secs` is how long it is valid from `now_secs` on (Unix seconds); the clock is the caller's. The result holds
/// only `A-Z a-z 0-9 * - _` and needs no escaping in a URL. Cannot fail: a secret of any length is usable.
///
/// ```
/// let sig = hawker_client::user_sig(1400000001, "secret", "viewer_001", 86_400, 1_700_000_000);
/// assert!(sig.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-_".contains(&b)));
/// ```
///
/// Source: the vendor's public TLSSigAPIv2 implementations.
pub fn user_sig(app_id: u64, secret: &str, user: &str, expire_secs: u64, now_secs: u64) -> String {
    let sig = signature(app_id, secret, user, expire_secs, now_secs);
    let document = json!({
        "TLS.ver": "2.0", "TLS.identifier": user, "TLS.sdkappid": app_id,
        "TLS.expire": expire_secs, "TLS.time": now_secs, "TLS.sig": sig,
    });
    url_safe(&STANDARD.encode(deflated(document.to_string().as_bytes())))
}

/// The four signed lines under HMAC-SHA256, in standard base64.
fn signature(app_id: u64, secret: &str, user: &str, expire_secs: u64, now_secs: u64) -> String {
    let text =
        format!("TLS.identifier:{user}\nTLS.sdkappid:{app_id}\nTLS.time:{now_secs}\nTLS.expire:{expire_secs}\n");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(bytes).expect("writing to memory cannot fail");
    zlib.finish().expect("writing to memory cannot fail")
}

/// The algorithm's own URL alphabet, which is not the usual one.
fn url_safe(base64: &str) -> String {
    base64.replace('+', "*").replace('/', "-").replace('=', "_")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;
    use serde_json::Value;

    use super::*;

    const SECRET: &str = "hawker-example-secret-key";
    const LEVEL_0: &str = "eAEBqwBU-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoidmlld2VyXzAwMSIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDAwMSwiVExTLmV4cGlyZSI6ODY0MDAsIlRMUy50aW1lIjoxNzAwMDAwMDAwLCJUTFMuc2lnIjoidWZkNEh2UENRSG42Y2NLYW5SREtNc240cEh2Y2NHaE5mK0x4ZU9DT2pwWT0ifaSDMpw_";
    const LEVEL_9: &str = "eNqrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwmWZqeWpRfEGBoZQ2eKU7MSCgswUJStDEwMIMITIpFYUZBalKllZmAElIEIlmblAAUNzqEKoaHFmOtDk0rQUE4*yAOdAjzyz5GTvxLwgF2-f4jyTAo*y5GT3DL80bZ*KVH9n-6yCSFulWgCkgzKc";

    fn opened(sig: &str) -> Value {
        let base64 = sig.replace('*', "+").replace('-', "/").replace('_', "=");
        let mut text = String::new();
        ZlibDecoder::new(&STANDARD.decode(base64).unwrap()[..]).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn signature_matches_the_test_vector() {
        let sig = signature(1400000001, SECRET, "viewer_001", 86400, 1700000000);
        assert_eq!(sig, "ufd4HvPCQHn6ccKanRDKMsn4pHvccGhNf+LxeOCOjpY=");
    }

    #[test]
    fn user_sig_holds_what_the_test_vectors_hold() {
        let ours = opened(&user_sig(1400000001, SECRET, "viewer_001", 86400, 1700000000));
        for vector in [LEVEL_0, LEVEL_9] {
            assert_eq!(ours, opened(vector));
        }
    }
}
