//! UserSig, TLSSigAPIv2: who a client is, vouched for by whoever holds the app's secret
//! (`messages-and-limits.md` §9).

use crate::json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use hawker_core::{AppId, Time, UserId};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use std::fmt;
use std::io::{Read, Write};
use subtle::ConstantTimeEq;

/// A signature as text, in bytes: nothing that a good one holds comes near it.
pub const SIG_BYTES_MAX: usize = 4096;
/// A signature unpacked, in bytes.
const UNPACKED_BYTES_MAX: u64 = 8192;
/// How far a signer's clock may be ahead of ours, in seconds.
const CLOCK_SKEW_SECS: u64 = 300;

/// A signature that was checked and is good.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// Whom it names.
    pub user: UserId,
    /// When it was made.
    pub issued_at: Time,
    /// When it ends.
    pub expires_at: Time,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSig {
    /// It is empty.
    Empty,
    /// It cannot be read.
    Malformed,
    /// It names another app.
    OtherApp,
    /// The app does not exist.
    UnknownApp,
    /// It names another user.
    OtherUser,
    /// The signature does not fit the rest.
    Forged,
    /// It has ended.
    Expired,
}

impl BadSig {
    /// The official error number.
    pub fn code(self) -> u32 {
        match self {
            BadSig::Empty => 70002,
            BadSig::Malformed => 70003,
            BadSig::OtherApp => 70014,
            BadSig::UnknownApp => 70020,
            BadSig::OtherUser => 70013,
            BadSig::Forged => 70009,
            BadSig::Expired => 70001,
        }
    }
}

impl fmt::Display for BadSig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadSig::Empty => "UserSig is empty",
            BadSig::Malformed => "UserSig cannot be read",
            BadSig::OtherApp => "UserSig is for another SDKAppID",
            BadSig::UnknownApp => "unknown SDKAppID",
            BadSig::OtherUser => "UserSig is for another user",
            BadSig::Forged => "UserSig does not fit the key of the app",
            BadSig::Expired => "UserSig has expired",
        })
    }
}

#[derive(Deserialize)]
struct Parts {
    #[serde(rename = "TLS.ver")]
    version: String,
    #[serde(rename = "TLS.identifier")]
    identifier: String,
    #[serde(rename = "TLS.sdkappid")]
    app: u32,
    #[serde(rename = "TLS.time")]
    time: u64,
    #[serde(rename = "TLS.expire")]
    expire: u64,
    #[serde(rename = "TLS.userbuf", default)]
    userbuf: Option<String>,
    #[serde(rename = "TLS.sig")]
    sig: String,
}

/// Makes a signature that is good from `now` for `valid_secs`.
pub fn sign(app: AppId, secret: &str, user: &UserId, now: Time, valid_secs: u64) -> String {
    let user = user.as_str();
    let sig = STANDARD.encode(mac(app, secret, user, now.secs(), valid_secs, None));
    let text = json::object(|object| {
        object.text("TLS.ver", "2.0").text("TLS.identifier", user).number("TLS.sdkappid", app.0);
        object.number("TLS.expire", valid_secs).number("TLS.time", now.secs()).text("TLS.sig", &sig);
    });
    let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).expect("memory takes everything");
    let packed = packed.finish().expect("memory takes everything");
    STANDARD.encode(packed).replace('+', "*").replace('/', "-").replace('=', "_")
}

/// Checks a signature for a user of an app whose secret is known.
pub fn verify(app: AppId, secret: &str, user: &str, sig: &str, now: Time) -> Result<Verified, BadSig> {
    if sig.is_empty() {
        return Err(BadSig::Empty);
    }
    let parts = unpack(sig)?;
    if parts.app != app.0 {
        return Err(BadSig::OtherApp);
    }
    if parts.identifier != user {
        return Err(BadSig::OtherUser);
    }
    let given = STANDARD.decode(&parts.sig).map_err(|_| BadSig::Malformed)?;
    let right = mac(app, secret, user, parts.time, parts.expire, parts.userbuf.as_deref());
    if !bool::from(given.ct_eq(&right)) {
        return Err(BadSig::Forged);
    }
    let issued_at = Time::from_secs(parts.time);
    let expires_at = Time::from_secs(parts.time.saturating_add(parts.expire));
    if now > expires_at || parts.time > now.secs() + CLOCK_SKEW_SECS {
        return Err(BadSig::Expired);
    }
    Ok(Verified { user: UserId::from(user), issued_at, expires_at })
}

fn unpack(sig: &str) -> Result<Parts, BadSig> {
    if sig.len() > SIG_BYTES_MAX {
        return Err(BadSig::Malformed);
    }
    let standard = |byte: u8| match byte {
        b'*' => b'+',
        b'-' => b'/',
        b'_' => b'=',
        other => other,
    };
    let text: Vec<u8> = sig.bytes().map(standard).collect();
    let packed = STANDARD.decode(text).map_err(|_| BadSig::Malformed)?;
    let mut json = Vec::with_capacity(512);
    let unpacked = ZlibDecoder::new(&packed[..]).take(UNPACKED_BYTES_MAX).read_to_end(&mut json);
    unpacked.map_err(|_| BadSig::Malformed)?;
    let parts: Parts = serde_json::from_slice(&json).map_err(|_| BadSig::Malformed)?;
    if parts.version == "2.0" { Ok(parts) } else { Err(BadSig::Malformed) }
}

fn mac(app: AppId, secret: &str, user: &str, time: u64, expire: u64, userbuf: Option<&str>) -> [u8; 32] {
    let mut text = format!("TLS.identifier:{user}\nTLS.sdkappid:{app}\nTLS.time:{time}\nTLS.expire:{expire}\n");
    if let Some(userbuf) = userbuf {
        text.push_str("TLS.userbuf:");
        text.push_str(userbuf);
        text.push('\n');
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: AppId = AppId(1_400_000_001);
    const KEY: &str = "hawker-example-secret-key";
    const NOW: Time = Time(1_700_000_000_000);

    #[test]
    fn the_reference_vectors_are_accepted() {
        for sig in [
            "eAEBqwBU-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoidmlld2VyXzAwMSIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDAwMSwiVExTLmV4cGlyZSI6ODY0MDAsIlRMUy50aW1lIjoxNzAwMDAwMDAwLCJUTFMuc2lnIjoidWZkNEh2UENRSG42Y2NLYW5SREtNc240cEh2Y2NHaE5mK0x4ZU9DT2pwWT0ifaSDMpw_",
            "eNqrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwmWZqeWpRfEGBoZQ2eKU7MSCgswUJStDEwMIMITIpFYUZBalKllZmAElIEIlmblAAUNzqEKoaHFmOtDk0rQUE4*yAOdAjzyz5GTvxLwgF2-f4jyTAo*y5GT3DL80bZ*KVH9n-6yCSFulWgCkgzKc",
        ] {
            let good = verify(APP, KEY, "viewer_001", sig, NOW).unwrap();
            assert_eq!((good.issued_at, good.expires_at.secs()), (NOW, 1_700_086_400));
        }
    }

    #[test]
    fn a_userbuf_is_signed_too() {
        let with = STANDARD.encode(mac(APP, KEY, "viewer_001", 1_700_000_000, 86_400, Some("AAECaGF3a2Vy")));
        assert_eq!(with, "4U5Ek1NBUscb5cwVSdpccQwnd/V00RzfD2VImV9pcMA=");
    }

    #[test]
    fn each_fault_has_its_own_code() {
        let sig = sign(APP, KEY, &"host".into(), NOW, 60);
        let later = Time(NOW.0 + 61_000);
        let bomb = {
            let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(&vec![b' '; 1 << 20]).unwrap();
            STANDARD.encode(packed.finish().unwrap()).replace('+', "*").replace('/', "-").replace('=', "_")
        };
        for (app, key, user, sig, now, want) in [
            (APP, KEY, "host", "", NOW, 70002),
            (APP, KEY, "host", "x", NOW, 70003),
            (APP, KEY, "host", "****", NOW, 70003),
            (APP, KEY, "host", &bomb, NOW, 70003),
            (APP, KEY, "host", &"A".repeat(5000), NOW, 70003),
            (APP, KEY, "guest", &sig, NOW, 70013),
            (AppId(1), KEY, "host", &sig, NOW, 70014),
            (APP, "other key", "host", &sig, NOW, 70009),
            (APP, KEY, "host", &sig, later, 70001),
        ] {
            assert_eq!(verify(app, key, user, sig, now).unwrap_err().code(), want);
        }
        assert!(verify(APP, KEY, "host", &sig, NOW).is_ok());
    }
}
