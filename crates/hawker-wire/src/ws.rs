//! WebSocket frames (RFC 6455), the server's side.
//!
//! Frames are parsed in place in whatever buffer they arrived in; a connection that is between frames needs no
//! memory here. What leaves is a header before bytes that may be shared with thousands of other connections.

use base64::Engine as _;
use sha1::{Digest, Sha1};

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opcode {
    /// Goes on with a message.
    Continuation,
    /// Begins a text message.
    Text,
    /// Begins a binary message.
    Binary,
    /// Ends the connection.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

/// Close codes that this server uses (RFC 6455 §7.4 and the private range).
pub mod close {
    /// There is no more to come.
    pub const NORMAL: u16 = 1000;
    /// The server stops; come back in a moment.
    pub const RESTART: u16 = 1012;
    /// The client broke the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// Text that is not UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// Too many requests in spite of warnings.
    pub const POLICY: u16 = 1008;
    /// A frame or message over the limit.
    pub const TOO_BIG: u16 = 1009;
    /// The client reads too slowly for what it must not miss; it may come back and resume.
    pub const TOO_SLOW: u16 = 4001;
    /// The session was ended.
    pub const KICKED: u16 = 4002;
}

/// Why a connection must be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The close code.
    pub code: u16,
    /// The reason given to the client.
    pub reason: &'static str,
}

const fn violation(code: u16, reason: &'static str) -> Violation {
    Violation { code, reason }
}

/// One frame in a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The last frame of its message.
    pub fin: bool,
    /// What it is.
    pub opcode: Opcode,
    /// Where its payload begins in the buffer.
    pub start: usize,
    /// Where its payload and the frame end.
    pub end: usize,
}

/// Parses the frame at the beginning of `buffer` and unmasks its payload there. `None`: more bytes are needed.
pub fn parse(buffer: &mut [u8], payload_max: usize) -> Result<Option<Frame>, Violation> {
    let [first, second, ..] = *buffer else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err(violation(close::PROTOCOL, "no extension was agreed on"));
    }
    let fin = first & 0x80 != 0;
    let opcode = match first & 0x0f {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        _ => return Err(violation(close::PROTOCOL, "unknown kind of frame")),
    };
    if second & 0x80 == 0 {
        return Err(violation(close::PROTOCOL, "frames from a client must be masked"));
    }
    let (length, mask_at) = match second & 0x7f {
        126 if buffer.len() < 4 => return Ok(None),
        126 => (u64::from(u16::from_be_bytes([buffer[2], buffer[3]])), 4),
        127 if buffer.len() < 10 => return Ok(None),
        127 => (u64::from_be_bytes(buffer[2..10].try_into().expect("eight bytes")), 10),
        short => (u64::from(short), 2),
    };
    let control = matches!(opcode, Opcode::Close | Opcode::Ping | Opcode::Pong);
    if control && (length > 125 || !fin) {
        return Err(violation(close::PROTOCOL, "a control frame is short and whole"));
    }
    if length > payload_max as u64 {
        return Err(violation(close::TOO_BIG, "the frame is too large"));
    }
    let start = mask_at + 4;
    let end = start + length as usize;
    if buffer.len() < end {
        return Ok(None);
    }
    let mask: [u8; 4] = buffer[mask_at..start].try_into().expect("four bytes");
    unmask(&mut buffer[start..end], mask);
    Ok(Some(Frame { fin, opcode, start, end }))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let word = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let plain = u64::from_ne_bytes((&*chunk).try_into().expect("eight bytes")) ^ word;
        chunk.copy_from_slice(&plain.to_ne_bytes());
    }
    for (at, byte) in chunks.into_remainder().iter_mut().enumerate() {
        *byte ^= mask[at & 3];
    }
}

/// Bytes that the frame at the beginning of `buffer` will need in all, if its header is there.
pub fn frame_size(buffer: &[u8]) -> Option<usize> {
    let length = match *buffer.get(1)? & 0x7f {
        126 => 8 + usize::from(u16::from_be_bytes([*buffer.get(2)?, *buffer.get(3)?])),
        // Whatever a stranger claims, up to the largest number there is.
        127 => {
            (u64::from_be_bytes(buffer.get(2..10)?.try_into().expect("eight bytes")) as usize).saturating_add(14)
        }
        short => 6 + usize::from(short),
    };
    Some(length)
}

/// A message put together from its frames. Whole messages in one frame, which is all that the known SDKs send,
/// never touch it.
#[derive(Debug, Default)]
pub struct Fragments {
    parts: Vec<u8>,
    text: Option<bool>,
}

/// A data message.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// It is all there.
    Whole(&'a [u8], bool),
    /// It was put together.
    Joined(Vec<u8>, bool),
    /// There is more to come.
    Incomplete,
}

impl Fragments {
    /// Takes the payload of a data frame; the flag of the result says whether the message is text.
    pub fn take<'a>(
        &mut self,
        frame: &Frame,
        payload: &'a [u8],
        message_max: usize,
    ) -> Result<Message<'a>, Violation> {
        let begins = frame.opcode != Opcode::Continuation;
        match (begins, self.text) {
            (true, Some(_)) => return Err(violation(close::PROTOCOL, "the last message is not finished")),
            (false, None) => return Err(violation(close::PROTOCOL, "nothing to go on with")),
            (true, None) if frame.fin => return Ok(Message::Whole(payload, frame.opcode == Opcode::Text)),
            (true, None) => self.text = Some(frame.opcode == Opcode::Text),
            (false, Some(_)) => {}
        }
        if self.parts.len() + payload.len() > message_max {
            return Err(violation(close::TOO_BIG, "the message is too large"));
        }
        self.parts.extend_from_slice(payload);
        if !frame.fin {
            return Ok(Message::Incomplete);
        }
        let text = self.text.take().unwrap_or(false);
        Ok(Message::Joined(std::mem::take(&mut self.parts), text))
    }
}

/// Writes a whole message as one unmasked frame.
pub fn message(out: &mut Vec<u8>, text: bool, payload: &[u8]) {
    out.reserve(payload.len() + 10);
    header(out, if text { 1 } else { 2 }, payload.len());
    out.extend_from_slice(payload);
}

/// The code that answers a client's close frame: its own, if it may stand in a frame at all.
pub fn close_answer(payload: &[u8]) -> u16 {
    match payload {
        [] => 1000,
        [high, low, ..] => match u16::from_be_bytes([*high, *low]) {
            code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => code,
            _ => close::PROTOCOL,
        },
        [_] => close::PROTOCOL,
    }
}

/// Writes a close frame.
pub fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason.as_bytes()[..reason.len().min(123)];
    let mut out = Vec::with_capacity(reason.len() + 4);
    header(&mut out, 8, reason.len() + 2);
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(reason);
    out
}

/// Writes a pong with the ping's payload.
pub fn pong(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 2);
    header(&mut out, 10, payload.len());
    out.extend_from_slice(payload);
    out
}

fn header(out: &mut Vec<u8>, opcode: u8, length: usize) {
    out.push(0x80 | opcode);
    match length {
        0..=125 => out.push(length as u8),
        126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// The answer to a client's `Sec-WebSocket-Key`.
pub fn accept_key(key: &str) -> String {
    let digest = Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    base64::engine::general_purpose::STANDARD.encode(digest)
}

/// The response that turns an HTTP connection into a WebSocket.
pub fn switching_protocols(key: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        accept_key(key)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        header(&mut out, 0, payload.len());
        out[0] = first;
        out[1] |= 0x80;
        let mask = [1, 2, 3, 4];
        out.extend_from_slice(&mask);
        out.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
        out
    }

    #[test]
    fn the_key_of_the_rfc_is_answered_as_in_the_rfc() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn what_breaks_the_protocol_is_closed_with_a_reason() {
        for (name, mut bytes, want) in [
            ("reserved bit", masked(0xc1, b"x"), close::PROTOCOL),
            ("unknown opcode", masked(0x83, b"x"), close::PROTOCOL),
            ("unmasked", vec![0x81, 1, b'x'], close::PROTOCOL),
            ("long ping", masked(0x89, &[0; 126]), close::PROTOCOL),
            ("ping in parts", masked(0x09, b"x"), close::PROTOCOL),
            ("too large", masked(0x82, &[0; 2000]), close::TOO_BIG),
        ] {
            assert_eq!(parse(&mut bytes, 1000).unwrap_err().code, want, "{name}");
        }
    }

    #[test]
    fn a_message_in_parts_is_put_together_and_bounded() {
        let mut fragments = Fragments::default();
        let part = |opcode, fin| Frame { fin, opcode, start: 0, end: 0 };
        assert_eq!(fragments.take(&part(Opcode::Text, false), b"ab", 5), Ok(Message::Incomplete));
        assert_eq!(
            fragments.take(&part(Opcode::Continuation, true), b"cd", 5),
            Ok(Message::Joined(b"abcd".to_vec(), true))
        );
        assert!(fragments.take(&part(Opcode::Continuation, true), b"cd", 5).is_err());
        assert_eq!(fragments.take(&part(Opcode::Text, false), b"abc", 5), Ok(Message::Incomplete));
        let too_big = fragments.take(&part(Opcode::Continuation, true), b"def", 5);
        assert_eq!(too_big.unwrap_err().code, close::TOO_BIG);
    }

    proptest! {
        #[test]
        fn frames_are_found_wherever_the_bytes_are_cut(
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            cut in any::<proptest::sample::Index>(),
        ) {
            let whole = masked(0x82, &payload);
            let cut = cut.index(whole.len());
            prop_assert_eq!(parse(&mut whole.clone()[..cut], 1000).unwrap(), None);
            let mut bytes = whole.clone();
            let frame = parse(&mut bytes, 1000).unwrap().unwrap();
            prop_assert_eq!(&bytes[frame.start..frame.end], &payload[..]);
            prop_assert_eq!(frame_size(&whole), Some(whole.len()));
        }

        #[test]
        fn no_bytes_make_the_parser_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&mut bytes, 40);
        }
    }
}
