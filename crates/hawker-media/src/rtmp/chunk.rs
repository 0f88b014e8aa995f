//! Chunks: messages in pieces, several at a time.
//!
//! Pieces are put together as they come, so nothing is held but the messages that have begun, and these are bounded one
//! by one and together.

use super::Violation;
use crate::flv::Kind;
use bytes::{BufMut, Bytes, BytesMut};

/// Bytes of one message. A key frame of 4K at a high bitrate is half of this.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Bytes of all messages of a connection that have begun.
pub const PARTIAL_BYTES_MAX: usize = 6 << 20;
/// Chunk streams of a connection. Encoders use four.
pub const STREAMS_MAX: usize = 16;
/// Bytes of a message that are set aside before they come.
const RESERVED_MAX: usize = 64 << 10;
/// Chunk size before anybody says another.
const CHUNK_BYTES: usize = 128;
/// What stands for a time that does not fit in 24 bits.
const LONG_TIME: u32 = 0xFF_FFFF;
/// Bytes of the longest head: three of the stream, eleven of the message, four of the time.
const HEAD_BYTES_MAX: usize = 18;

/// Chunk size of what this server sends: most frames are one chunk.
pub const OUT_CHUNK_BYTES: usize = 60_000;

/// A whole message.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: u8,
    /// The stream it belongs to.
    pub stream: u32,
    /// Milliseconds.
    pub at: u32,
    /// What it says.
    pub body: Bytes,
}

/// Puts messages together.
pub struct Reader {
    chunk_bytes: usize,
    streams: Vec<Stream>,
    /// Bytes of messages that have begun.
    partial_bytes: usize,
    head: [u8; HEAD_BYTES_MAX],
    head_bytes: usize,
    /// The chunk whose body comes next: its stream in `streams`, and how much is missing.
    body: Option<(usize, usize)>,
}

#[derive(Default)]
struct Stream {
    id: u32,
    /// The chunk before had a long time, so chunks without a head have one too.
    long_time: bool,
    delta: u32,
    at: u32,
    length: usize,
    kind: u8,
    message_stream: u32,
    /// What came of a message that is not whole.
    partial: BytesMut,
    /// A message has begun.
    begun: bool,
}

/// The head of a chunk that is whole.
struct Head {
    bytes: usize,
    format: u8,
    stream: u32,
}

impl Reader {
    /// Before the first chunk.
    pub fn new() -> Self {
        Self {
            chunk_bytes: CHUNK_BYTES,
            streams: Vec::new(),
            partial_bytes: 0,
            head: [0; HEAD_BYTES_MAX],
            head_bytes: 0,
            body: None,
        }
    }

    /// The peer's chunks are of this size from now on.
    pub fn set_chunk_bytes(&mut self, bytes: u32) -> Result<(), Violation> {
        match bytes {
            0 | 0x8000_0000.. => Err(Violation("a chunk size of nothing")),
            bytes => {
                self.chunk_bytes = bytes as usize;
                Ok(())
            }
        }
    }

    /// The peer gives up a message that has begun.
    pub fn abort(&mut self, id: u32) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == id) {
            self.partial_bytes -= stream.partial.len();
            stream.partial = BytesMut::new();
            stream.begun = false;
        }
    }

    /// Takes bytes until a message is whole; says how many were taken. None are left otherwise.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(usize, Option<Message>), Violation> {
        let mut used = 0;
        while used < bytes.len() {
            if let Some((at, missing)) = self.body {
                let taken = missing.min(bytes.len() - used);
                self.gather(at, &bytes[used..used + taken])?;
                used += taken;
                self.body = (taken < missing).then_some((at, missing - taken));
                if self.body.is_none()
                    && let Some(message) = self.whole(at)
                {
                    return Ok((used, Some(message)));
                }
            } else {
                self.head[self.head_bytes] = bytes[used];
                self.head_bytes += 1;
                used += 1;
                if let Some(head) = self.head()? {
                    self.head_bytes = 0;
                    let at = self.begin(&head)?;
                    let stream = &self.streams[at];
                    let missing = (stream.length - stream.partial.len()).min(self.chunk_bytes);
                    if missing > 0 {
                        self.body = Some((at, missing));
                    } else if let Some(message) = self.whole(at) {
                        return Ok((used, Some(message)));
                    }
                }
            }
        }
        Ok((used, None))
    }

    /// The head, when all of it is there.
    fn head(&self) -> Result<Option<Head>, Violation> {
        let head = &self.head[..self.head_bytes];
        let format = head[0] >> 6;
        let (stream, basic) = match (head[0] & 0x3F, head) {
            (0, [_, low, ..]) => (64 + u32::from(*low), 2),
            (1, [_, low, high, ..]) => (64 + u32::from(*low) + (u32::from(*high) << 8), 3),
            (0 | 1, _) => return Ok(None),
            (stream, _) => (u32::from(stream), 1),
        };
        let mut bytes = basic + [11, 7, 3, 0][usize::from(format)];
        let long_time = match format {
            3 => self.streams.iter().any(|known| known.id == stream && known.long_time),
            _ => match head.get(basic..basic + 3) {
                Some(time) => u24(time) == LONG_TIME,
                None => return Ok(None),
            },
        };
        bytes += if long_time { 4 } else { 0 };
        Ok((head.len() >= bytes).then_some(Head { bytes, format, stream }))
    }

    /// Does what a head says; returns where its stream stands.
    fn begin(&mut self, head: &Head) -> Result<usize, Violation> {
        let bytes = self.head;
        let at = match self.streams.iter().position(|stream| stream.id == head.stream) {
            Some(at) => at,
            None if head.format == 0 || head.format == 1 => {
                if self.streams.len() >= STREAMS_MAX {
                    return Err(Violation("too many chunk streams"));
                }
                self.streams.push(Stream { id: head.stream, ..Stream::default() });
                self.streams.len() - 1
            }
            None => return Err(Violation("a chunk that continues nothing")),
        };
        let stream = &mut self.streams[at];
        let basic = match bytes[0] & 0x3F {
            0 => 2,
            1 => 3,
            _ => 1,
        };
        let fields = &bytes[basic..head.bytes];
        let long = || u32::from_be_bytes([0, 1, 2, 3].map(|at| bytes[head.bytes - 4 + at]));
        if head.format == 3 {
            if !stream.begun {
                // A message with the head of the one before; its time is as much later.
                stream.at = stream.at.wrapping_add(stream.delta);
                stream.begin();
            }
            return Ok(at);
        }
        if stream.begun && !stream.partial.is_empty() {
            return Err(Violation("a message within a message"));
        }
        let time = u24(fields);
        stream.long_time = time == LONG_TIME;
        let time = if stream.long_time { long() } else { time };
        if head.format <= 1 {
            let length = u24(&fields[3..]) as usize;
            if length > MESSAGE_BYTES_MAX {
                return Err(Violation("a message that is too long"));
            }
            stream.length = length;
            stream.kind = fields[6];
        }
        if head.format == 0 {
            stream.message_stream = u32::from_le_bytes([fields[7], fields[8], fields[9], fields[10]]);
            (stream.at, stream.delta) = (time, 0);
        } else {
            (stream.at, stream.delta) = (stream.at.wrapping_add(time), time);
        }
        stream.begin();
        Ok(at)
    }

    fn gather(&mut self, at: usize, bytes: &[u8]) -> Result<(), Violation> {
        self.partial_bytes += bytes.len();
        if self.partial_bytes > PARTIAL_BYTES_MAX {
            return Err(Violation("too many messages at once"));
        }
        self.streams[at].partial.extend_from_slice(bytes);
        Ok(())
    }

    /// The message of a stream, if it is whole.
    fn whole(&mut self, at: usize) -> Option<Message> {
        let stream = &mut self.streams[at];
        if stream.partial.len() < stream.length {
            return None;
        }
        stream.begun = false;
        self.partial_bytes -= stream.partial.len();
        let body = std::mem::take(&mut stream.partial).freeze();
        Some(Message { kind: stream.kind, stream: stream.message_stream, at: stream.at, body })
    }
}

impl Stream {
    fn begin(&mut self) {
        self.begun = true;
        self.partial = BytesMut::with_capacity(self.length.min(RESERVED_MAX));
    }
}

fn u24(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}

/// Writes a message in chunks of a size. Each has a whole head, so it depends on nothing that was sent before.
pub fn write(out: &mut impl BufMut, chunk_bytes: usize, channel: u8, message: &Message) {
    let long = message.at >= LONG_TIME;
    let body = &message.body[..message.body.len().min(LONG_TIME as usize)];
    out.put_u8(channel);
    out.put_uint(message.at.min(LONG_TIME).into(), 3);
    out.put_uint(body.len() as u64, 3);
    out.put_u8(message.kind);
    out.put_u32_le(message.stream);
    for (number, piece) in body.chunks(chunk_bytes).enumerate() {
        if number > 0 {
            out.put_u8(0xC0 | channel);
        }
        // Nearly all peers expect it before every piece.
        if long {
            out.put_u32(message.at);
        }
        out.put_slice(piece);
    }
    if body.is_empty() && long {
        out.put_u32(message.at);
    }
}

/// The stream number of everything that this server plays: it gives out no other.
pub const PLAYED_STREAM: u32 = 1;

/// Sound, pictures or data as all players of a stream are sent it.
pub fn message(kind: Kind, at: u32, body: Bytes) -> Bytes {
    let channel = match kind {
        Kind::Audio => 4,
        Kind::Data => 5,
        Kind::Video => 6,
    };
    let pieces = body.len() / OUT_CHUNK_BYTES + 1;
    let mut out = BytesMut::with_capacity(HEAD_BYTES_MAX + body.len() + 5 * pieces);
    write(&mut out, OUT_CHUNK_BYTES, channel, &Message { kind: kind as u8, stream: PLAYED_STREAM, at, body });
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(reader: &mut Reader, mut bytes: &[u8], piece: usize) -> Result<Vec<Message>, Violation> {
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            let (used, message) = reader.take(&bytes[..piece.min(bytes.len())])?;
            messages.extend(message);
            bytes = &bytes[used..];
        }
        Ok(messages)
    }

    fn sent(kind: u8, at: u32, body: &[u8]) -> Message {
        Message { kind, stream: 1, at, body: Bytes::copy_from_slice(body) }
    }

    #[test]
    fn what_is_written_is_read_however_it_is_cut() {
        let messages =
            [sent(9, 0, &[7; 1000]), sent(8, 0xFF_FFFF, &[1; 300]), sent(18, u32::MAX, b""), sent(9, 5, b"x")];
        let mut bytes = Vec::new();
        messages.iter().for_each(|message| write(&mut bytes, 128, 6, message));
        for piece in [1, 2, 3, 17, 128, 5000] {
            assert_eq!(all(&mut Reader::new(), &bytes, piece).unwrap(), messages, "{piece}");
        }
    }

    #[test]
    fn short_heads_take_from_the_one_before() {
        let bytes = [
            &[0x06, 0, 0, 10, 0, 0, 1, 9, 1, 0, 0, 0, b'a'][..],
            &[0x86, 0, 0, 5, b'b'],
            &[0xC6, b'c'],
            &[0x46, 0, 0, 1, 0, 0, 2, 8, b'd', b'd'],
        ];
        let messages = all(&mut Reader::new(), &bytes.concat(), 100).unwrap();
        assert_eq!(messages, [sent(9, 10, b"a"), sent(9, 15, b"b"), sent(9, 20, b"c"), sent(8, 21, b"dd")]);
    }

    #[test]
    fn channels_are_interleaved_and_given_up() {
        let long = [7; 200];
        let mut video = Vec::new();
        write(&mut video, 128, 6, &sent(9, 1, &long));
        let mut audio = Vec::new();
        write(&mut audio, 128, 4, &sent(8, 1, b"sound"));
        let (first, rest) = video.split_at(12 + 128);
        let mut reader = Reader::new();
        assert_eq!(
            all(&mut reader, &[first, &audio, rest].concat(), 50).unwrap(),
            [sent(8, 1, b"sound"), sent(9, 1, &long)]
        );
        assert_eq!(all(&mut reader, first, 50).unwrap(), []);
        reader.abort(6);
        assert_eq!(reader.partial_bytes, 0);
        assert_eq!(all(&mut reader, &video, 50).unwrap(), [sent(9, 1, &long)]);
    }

    #[test]
    fn far_channels_have_longer_heads() {
        for basic in [&[0x00, 200][..], &[0x01, 200, 3]] {
            let bytes = [basic, &[0, 0, 1, 0, 0, 1, 9, 1, 0, 0, 0, b'a']].concat();
            assert_eq!(all(&mut Reader::new(), &bytes, 1).unwrap(), [sent(9, 1, b"a")]);
        }
    }

    #[test]
    fn what_would_cost_too_much_is_refused() {
        let head = |channel: u8, length: u32| {
            let [_, a, b, c] = length.to_be_bytes();
            vec![channel, 0, 0, 0, a, b, c, 9, 1, 0, 0, 0]
        };
        let refused = |bytes: &[u8]| all(&mut Reader::new(), bytes, 1000).unwrap_err();
        assert_eq!(refused(&head(3, 5 << 20)), Violation("a message that is too long"));
        let crowd: Vec<u8> = (2..40).flat_map(|channel| [head(channel, 1), vec![0]].concat()).collect();
        assert_eq!(refused(&crowd), Violation("too many chunk streams"));
        assert_eq!(refused(&[0xC7, 0]), Violation("a chunk that continues nothing"));
        let within = [head(3, 200), vec![0; 128], head(3, 200)].concat();
        assert_eq!(refused(&within), Violation("a message within a message"));
        // Each of two messages is within its bound, both together are not.
        let mut reader = Reader::new();
        reader.set_chunk_bytes(1 << 20).unwrap();
        let piece = |first: Vec<u8>| [first, vec![0; 1 << 20]].concat();
        for channel in [3, 4] {
            let three = [piece(head(channel, 4 << 20)), piece(vec![0xC0 | channel]), piece(vec![0xC0 | channel])];
            all(&mut reader, &three.concat(), 65536).unwrap();
        }
        assert_eq!(all(&mut reader, &piece(vec![0xC3]), 65536), Err(Violation("too many messages at once")));
        assert!(reader.set_chunk_bytes(0).is_err() && reader.set_chunk_bytes(u32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn nothing_breaks_it_and_it_holds_little(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 0..20),
            chunk in 1_u32..100_000,
        ) {
            let mut reader = Reader::new();
            reader.set_chunk_bytes(chunk).unwrap();
            for piece in pieces {
                let Ok(_) = all(&mut reader, &piece, 64) else { break };
                prop_assert!(reader.streams.len() <= STREAMS_MAX);
                let held: usize = reader.streams.iter().map(|stream| stream.partial.len()).sum();
                prop_assert_eq!(held, reader.partial_bytes);
                prop_assert!(held <= PARTIAL_BYTES_MAX);
            }
        }
    }
}
