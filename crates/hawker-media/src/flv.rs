//! FLV: what its tags hold, and how they are written. RTMP carries the same bodies.
//!
//! Codecs beyond H.264 and AAC come as enhanced RTMP tells them (a FourCC); H.265 also under the number 12, an older
//! habit. What is not known is carried as it came.

use bytes::{BufMut, Bytes, BytesMut};

/// What a tag carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound.
    Audio = 8,
    /// Pictures.
    Video = 9,
    /// What is said of both.
    Data = 18,
}

/// What a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What a decoder needs before the first frame.
    Header,
    /// A frame that needs no other.
    Key,
    /// A frame that needs those before it, or sound.
    Frame,
    /// Something else that is carried along.
    Other,
}

/// How pictures or sound are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their own names")]
pub enum Codec {
    H264,
    H265,
    H266,
    Av1,
    Vp8,
    Vp9,
    Aac,
    Opus,
    Mp3,
    Flac,
    Ac3,
    Eac3,
    /// Something that we have no name for.
    Other,
}

impl Codec {
    fn of_fourcc(fourcc: &[u8]) -> Self {
        match fourcc {
            b"avc1" => Self::H264,
            b"hvc1" => Self::H265,
            b"vvc1" => Self::H266,
            b"av01" => Self::Av1,
            b"vp08" => Self::Vp8,
            b"vp09" => Self::Vp9,
            b"mp4a" => Self::Aac,
            b"Opus" => Self::Opus,
            b".mp3" => Self::Mp3,
            b"fLaC" => Self::Flac,
            b"ac-3" => Self::Ac3,
            b"ec-3" => Self::Eac3,
            _ => Self::Other,
        }
    }

    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::H264 => "H264",
            Self::H265 => "H265",
            Self::H266 => "H266",
            Self::Av1 => "AV1",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Aac => "AAC",
            Self::Opus => "OPUS",
            Self::Mp3 => "MP3",
            Self::Flac => "FLAC",
            Self::Ac3 => "AC3",
            Self::Eac3 => "EAC3",
            Self::Other => "OTHER",
        }
    }

    /// A decoder can do nothing with frames before their header.
    pub fn needs_header(self) -> bool {
        matches!(self, Self::H264 | Self::H265 | Self::H266 | Self::Av1 | Self::Aac)
    }

    /// Frames are told apart from when they are shown.
    fn has_composition_time(self) -> bool {
        matches!(self, Self::H264 | Self::H265 | Self::H266)
    }
}

/// What a body says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// How it is coded.
    pub codec: Codec,
    /// What it is for.
    pub role: Role,
    /// Milliseconds from decoding to showing.
    pub composition: i32,
    /// Where in the body the codec's own bytes begin.
    pub payload_at: usize,
}

/// Reads the beginning of a body. `None`: there is nothing in it.
pub fn meaning(kind: Kind, body: &[u8]) -> Option<Meaning> {
    match kind {
        Kind::Video => video(body),
        Kind::Audio => audio(body),
        Kind::Data => Some(Meaning { codec: Codec::Other, role: Role::Other, composition: 0, payload_at: 0 }),
    }
}

const KEY: u8 = 1;
const COMMAND: u8 = 5;

fn video(body: &[u8]) -> Option<Meaning> {
    let first = *body.first()?;
    let frame = (first >> 4) & 7;
    let coded = if frame == KEY { Role::Key } else { Role::Frame };
    if first & 0x80 == 0 {
        let codec = match first & 15 {
            7 => Codec::H264,
            12 => Codec::H265,
            _ => {
                let role = if frame == COMMAND { Role::Other } else { coded };
                return Some(Meaning { codec: Codec::Other, role, composition: 0, payload_at: 1 });
            }
        };
        let [_, packet, rest @ ..] = body else { return None };
        let role = match packet {
            0 => Role::Header,
            1 if frame != COMMAND => coded,
            _ => Role::Other,
        };
        return Some(Meaning { codec, role, composition: signed_u24(rest)?, payload_at: 5 });
    }
    let (packet, fourcc_at) = extended(body)?;
    let codec = Codec::of_fourcc(body.get(fourcc_at..fourcc_at + 4)?);
    let after = fourcc_at + 4;
    let other = Meaning { codec, role: Role::Other, composition: 0, payload_at: after };
    Some(match packet {
        _ if frame == COMMAND => other,
        0 => Meaning { role: Role::Header, ..other },
        1 if codec.has_composition_time() => {
            let composition = signed_u24(&body[after..])?;
            Meaning { role: coded, composition, payload_at: after + 3, ..other }
        }
        1 | 3 => Meaning { role: coded, ..other },
        // Several tracks in one: which of them is whose is the player's business.
        VIDEO_MULTITRACK => Meaning { codec: Codec::Other, role: coded, ..other },
        _ => other,
    })
}

fn audio(body: &[u8]) -> Option<Meaning> {
    let first = *body.first()?;
    let sound = |codec, role, payload_at| Some(Meaning { codec, role, composition: 0, payload_at });
    match first >> 4 {
        9 => {
            let (packet, fourcc_at) = extended(body)?;
            let codec = Codec::of_fourcc(body.get(fourcc_at..fourcc_at + 4)?);
            match packet {
                0 => sound(codec, Role::Header, fourcc_at + 4),
                1 => sound(codec, Role::Frame, fourcc_at + 4),
                AUDIO_MULTITRACK => sound(Codec::Other, Role::Frame, fourcc_at + 4),
                _ => sound(codec, Role::Other, fourcc_at + 4),
            }
        }
        10 => match body.get(1)? {
            0 => sound(Codec::Aac, Role::Header, 2),
            _ => sound(Codec::Aac, Role::Frame, 2),
        },
        2 | 14 => sound(Codec::Mp3, Role::Frame, 1),
        _ => sound(Codec::Other, Role::Frame, 1),
    }
}

const AUDIO_MULTITRACK: u8 = 5;
const VIDEO_MULTITRACK: u8 = 6;
const MOD_EX: u8 = 7;

/// Packet type of an extended body and where its FourCC stands, behind what modifies it.
fn extended(body: &[u8]) -> Option<(u8, usize)> {
    let (mut packet, mut at) = (body.first()? & 15, 1);
    while packet == MOD_EX {
        let mut length = usize::from(*body.get(at)?) + 1;
        at += 1;
        if length == 256 {
            length = usize::from(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?])) + 1;
            at += 2;
        }
        packet = body.get(at + length)? & 15;
        at += length + 1;
    }
    Some((packet, at))
}

fn signed_u24(bytes: &[u8]) -> Option<i32> {
    let [a, b, c, ..] = bytes else { return None };
    Some(i32::from_be_bytes([*a, *b, *c, 0]) >> 8)
}

/// Bytes before a body.
pub const TAG_HEAD_BYTES: usize = 11;
/// Bytes behind it.
pub const TAG_TAIL_BYTES: usize = 4;

/// How a file or an endless answer begins. Players wait for both tracks if both are announced, so this must be true.
pub fn file_head(audio: bool, video: bool) -> Bytes {
    let flags = u8::from(audio) << 2 | u8::from(video);
    Bytes::copy_from_slice(&[b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0])
}

/// A whole tag.
pub fn tag(kind: Kind, at_ms: u32, body: &[u8]) -> Bytes {
    let length = body.len().min(0xFF_FFFF);
    let mut out = BytesMut::with_capacity(TAG_HEAD_BYTES + length + TAG_TAIL_BYTES);
    out.put_u8(kind as u8);
    out.put_uint(length as u64, 3);
    out.put_uint(u64::from(at_ms & 0xFF_FFFF), 3);
    out.put_u8((at_ms >> 24) as u8);
    out.put_uint(0, 3);
    out.put_slice(&body[..length]);
    out.put_u32((TAG_HEAD_BYTES + length) as u32);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, body: &[u8]) -> Option<(Codec, Role, i32, usize)> {
        meaning(kind, body).map(|it| (it.codec, it.role, it.composition, it.payload_at))
    }

    #[test]
    fn what_encoders_send_is_understood() {
        for (body, want) in [
            (&[0x17, 0, 0, 0, 0, 1][..], (Codec::H264, Role::Header, 0, 5)),
            (&[0x17, 1, 0, 0, 80, 1], (Codec::H264, Role::Key, 80, 5)),
            (&[0x27, 1, 0xFF, 0xFF, 0xFE], (Codec::H264, Role::Frame, -2, 5)),
            (&[0x17, 2, 0, 0, 0], (Codec::H264, Role::Other, 0, 5)),
            (&[0x1C, 0, 0, 0, 0], (Codec::H265, Role::Header, 0, 5)),
            (&[0x12, 1], (Codec::Other, Role::Key, 0, 1)),
            (b"\x90hvc1\x01", (Codec::H265, Role::Header, 0, 5)),
            (b"\x91hvc1\x00\x00\x28\x00", (Codec::H265, Role::Key, 40, 8)),
            (b"\xA3hvc1\x00", (Codec::H265, Role::Frame, 0, 5)),
            (b"\x91av01\x12", (Codec::Av1, Role::Key, 0, 5)),
            (b"\x94hvc1\x02", (Codec::H265, Role::Other, 0, 5)),
            (b"\x91zzzz", (Codec::Other, Role::Key, 0, 5)),
            // A nanosecond offset stands before the FourCC.
            (b"\x97\x02\x00\x00\x01\x03avc1", (Codec::H264, Role::Key, 0, 10)),
        ] {
            assert_eq!(read(Kind::Video, body), Some(want), "{}", body.escape_ascii());
        }
        for (body, want) in [
            (&[0xAF, 0, 0x12, 0x10][..], (Codec::Aac, Role::Header, 0, 2)),
            (&[0xAF, 1, 1], (Codec::Aac, Role::Frame, 0, 2)),
            (&[0x2F, 1], (Codec::Mp3, Role::Frame, 0, 1)),
            (b"\x90OpusOpusHead", (Codec::Opus, Role::Header, 0, 5)),
            (b"\x91Opus\x01", (Codec::Opus, Role::Frame, 0, 5)),
        ] {
            assert_eq!(read(Kind::Audio, body), Some(want), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn what_is_cut_off_is_nothing() {
        for body in [&b""[..], b"\x17", b"\x17\x01\0\0", b"\x90hvc", b"\x91hvc1\0\0", b"\x97", b"\x97\xFF\xFF"] {
            assert_eq!(meaning(Kind::Video, body), None, "{}", body.escape_ascii());
        }
        for body in [&b""[..], b"\xAF", b"\x90Opu"] {
            assert_eq!(meaning(Kind::Audio, body), None, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn a_tag_is_written_as_the_format_says() {
        assert_eq!(&file_head(true, false)[..], b"FLV\x01\x04\0\0\0\x09\0\0\0\0");
        let wrote = tag(Kind::Video, 0x0102_0304, b"abc");
        assert_eq!(&wrote[..], b"\x09\0\0\x03\x02\x03\x04\x01\0\0\0abc\0\0\0\x0E");
    }
}
