//! Frames, as a shard reads them: in pieces, put together, bounded.

use hawker_wire::ws::{self, Fragments, Message, Opcode};

const MAX: usize = 1000;

/// The first byte says how the rest is cut; the same bytes must give the same messages however they are cut.
pub fn run(bytes: &[u8]) {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let whole = read(bytes, bytes.len().max(1));
    let pieces = read(bytes, usize::from(*cut).max(1));
    assert_eq!(whole, pieces, "cut into pieces of {cut}");
    let _ = ws::frame_size(bytes);
}

/// What was read: messages, and the close code if the connection had to go.
fn read(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, Option<u16>) {
    let mut fragments = Fragments::default();
    let (mut buffer, mut messages) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match ws::parse(&mut buffer, MAX) {
                Err(violation) => return (messages, Some(violation.code)),
                Ok(None) => {
                    let needed = ws::frame_size(&buffer);
                    assert!(needed.is_none_or(|needed| needed > buffer.len()), "{needed:?} were enough");
                    break;
                }
                Ok(Some(frame)) => {
                    assert!(frame.start <= frame.end && frame.end <= buffer.len());
                    assert!(frame.end - frame.start <= MAX);
                    let payload = &buffer[frame.start..frame.end];
                    if matches!(frame.opcode, Opcode::Text | Opcode::Binary | Opcode::Continuation) {
                        match fragments.take(&frame, payload, MAX) {
                            Err(violation) => return (messages, Some(violation.code)),
                            Ok(Message::Incomplete) => {}
                            Ok(Message::Whole(message, _)) => messages.push(message.to_vec()),
                            Ok(Message::Joined(message, _)) => messages.push(message),
                        }
                    }
                    assert!(messages.last().is_none_or(|message| message.len() <= MAX));
                    buffer.drain(..frame.end);
                }
            }
        }
    }
    (messages, None)
}

/// Good frames of all kinds.
pub fn seeds() -> Vec<Vec<u8>> {
    let frame = |first: u8, payload: &[u8]| {
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&(long as u16).to_be_bytes());
            }
        }
        frame.extend_from_slice(&[1, 2, 3, 4]);
        frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ [1, 2, 3, 4][at % 4]));
        frame
    };
    let parts = [frame(0x01, b"{\"he"), frame(0x89, b"?"), frame(0x00, b"ad\":"), frame(0x80, b"{}}")].concat();
    let long = frame(0x82, &[b'x'; 300]);
    let all = [frame(0x81, b"{}"), frame(0x88, &[3, 232]), frame(0x8a, b""), long];
    let mut seeds: Vec<_> = all.into_iter().chain([parts]).map(|bytes| [vec![7], bytes].concat()).collect();
    seeds.push([vec![1, 0x82, 0xff], vec![0xff; 12]].concat());
    seeds
}
