//! The envelope every frame travels in: `{"head":{…},"body":{…}}`.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A frame larger than this, also once inflated, is refused. The server's answers stay below 1 MiB; a flush of a
/// very busy room may be a few of those.
pub const FRAME_BYTES_MAX: usize = 8 << 20;

/// Why a frame of the server could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Larger than [`FRAME_BYTES_MAX`].
    #[error("a frame of more than {FRAME_BYTES_MAX} bytes")]
    TooLarge,
    /// Marked as compressed, but not a zlib or gzip stream.
    #[error("a compressed frame that cannot be inflated: {0}")]
    Deflate(String),
    /// Not JSON of the expected shape.
    #[error("a frame that is not an envelope: {0}")]
    Json(String),
}

/// The head of a request. What never changes is filled in by [`encode`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Head<'a> {
    /// `service.command`.
    pub servcmd: &'a str,
    /// Comes back in the reply.
    pub seq: u64,
    /// The app.
    pub sdkappid: u64,
    /// Unix seconds.
    pub reqtime: u64,
    /// User id, until the login succeeded.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub identifier: &'a str,
    /// UserSig, until the login succeeded.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub usersig: &'a str,
    /// Login token, from then on.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub a2: &'a str,
    /// The server's number of the user.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub tinyid: &'a str,
    /// The server's number of this login, 0 before.
    pub status_instid: u64,
}

#[derive(Serialize)]
struct FullHead<'a> {
    ver: &'static str,
    platform: u32,
    contenttype: &'static str,
    websdkappid: u32,
    websdkversion: &'static str,
    #[serde(flatten)]
    head: &'a Head<'a>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    head: FullHead<'a>,
    body: &'a Value,
}

/// A request as the bytes of a frame.
pub fn encode(head: &Head<'_>, body: &Value) -> Vec<u8> {
    let head = FullHead {
        ver: "v4",
        platform: 7,
        contenttype: "json",
        websdkappid: 537_048_168,
        websdkversion: "1.7.3",
        head,
    };
    serde_json::to_vec(&Envelope { head, body }).expect("an envelope is always JSON")
}

/// A reply or a push.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// `service.command`: of the request for a reply, of the push otherwise.
    pub servcmd: String,
    /// The request's number; pushes have none, or one that matches nothing.
    pub seq: u64,
    /// The body, always an object.
    pub body: Value,
}

#[derive(Deserialize)]
struct RawFrame {
    head: RawHead,
    #[serde(default)]
    body: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct RawHead {
    #[serde(default)]
    servcmd: String,
    #[serde(default)]
    seq: Value,
}

/// Reads a frame of the server, inflating it if it is marked as compressed (`COMP`, then zlib or gzip).
pub fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
    match bytes.strip_prefix(b"COMP") {
        Some(deflated) => parse(&inflate(deflated)?),
        None if bytes.len() > FRAME_BYTES_MAX => Err(FrameError::TooLarge),
        None => parse(bytes),
    }
}

fn parse(bytes: &[u8]) -> Result<Frame, FrameError> {
    let raw: RawFrame = serde_json::from_slice(bytes).map_err(|e| FrameError::Json(e.to_string()))?;
    Ok(Frame { servcmd: raw.head.servcmd, seq: raw.head.seq.as_u64().unwrap_or(0), body: raw.body.into() })
}

/// A gzip stream begins with its magic bytes; what does not is zlib.
fn inflate(deflated: &[u8]) -> Result<Vec<u8>, FrameError> {
    let limit = FRAME_BYTES_MAX as u64 + 1;
    let mut plain = Vec::new();
    let read = if deflated.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(deflated).take(limit).read_to_end(&mut plain)
    } else {
        ZlibDecoder::new(deflated).take(limit).read_to_end(&mut plain)
    };
    read.map_err(|e| FrameError::Deflate(e.to_string()))?;
    if plain.len() > FRAME_BYTES_MAX { Err(FrameError::TooLarge) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use serde_json::json;

    use super::*;

    const PLAIN: &[u8] = br#"{"head":{"servcmd":"heartbeat.alive","seq":7},"body":{"ErrorCode":0}}"#;

    #[test]
    fn request_carries_the_login_only_while_it_is_needed() {
        let head = Head {
            servcmd: "a.b",
            seq: 3,
            sdkappid: 14,
            a2: "token",
            tinyid: "144",
            status_instid: 1,
            ..Head::default()
        };
        let sent: Value = serde_json::from_slice(&encode(&head, &json!({"x": 1}))).unwrap();
        assert_eq!(sent["head"]["a2"], "token");
        assert_eq!(sent["head"]["ver"], "v4");
        assert_eq!(sent["head"].get("usersig"), None);
        assert_eq!(sent["body"]["x"], 1);
    }

    #[test]
    fn frames_are_read_plain_and_compressed() {
        let mut zlib = ZlibEncoder::new(b"COMP".to_vec(), Compression::fast());
        zlib.write_all(PLAIN).unwrap();
        let mut gzip = GzEncoder::new(b"COMP".to_vec(), Compression::fast());
        gzip.write_all(PLAIN).unwrap();
        for bytes in [PLAIN.to_vec(), zlib.finish().unwrap(), gzip.finish().unwrap()] {
            let frame = decode(&bytes).unwrap();
            assert_eq!((frame.servcmd.as_str(), frame.seq), ("heartbeat.alive", 7));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let no_object = br#"{"head":{"servcmd":"openim.sendmsg","seq":7},"body":[]}"#;
        for bytes in [&b"COMPxyz"[..], b"", b"[]", b"{}", b"\xff\xff", no_object] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_frame_that_inflates_without_end_is_refused() {
        let mut bomb = ZlibEncoder::new(b"COMP".to_vec(), Compression::best());
        for _ in 0..(FRAME_BYTES_MAX >> 20) + 1 {
            bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        assert_eq!(decode(&bomb.finish().unwrap()), Err(FrameError::TooLarge));
    }
}
