//! A publisher's connection from its first byte to what viewers are given.

use hawker_media::access;
use hawker_media::hls::Segmenter;
use hawker_media::relay::{Bounds, Cursor, Relay};
use hawker_media::rtmp::{Event, Session};

const BOUNDS: Bounds = Bounds { bytes_max: 4096, frames_max: 50, span_ms_max: 20_000 };

/// The first byte says how the rest is cut. Seeds begin after the handshake, which all bytes here have in front.
pub fn run(bytes: &[u8]) {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(access::with_key(text, "a key that nobody guesses", "room", 0).is_err());
    }
    let hello = [&[3][..], &[0; 2 * 1536]].concat();
    let sent = [&hello, bytes].concat();
    let whole = connection(&sent, sent.len());
    let pieces = connection(&sent, usize::from(*cut).max(1));
    assert_eq!(whole, pieces, "cut into pieces of {cut}");
}

/// Plays a connection; returns what a viewer was given in all.
fn connection(sent: &[u8], piece: usize) -> Vec<u8> {
    let mut session = Session::new([1; 32]);
    let mut relay = Relay::new(BOUNDS);
    let mut segmenter = Segmenter::new(0);
    let (mut viewer, mut to_segments) = (Cursor::default(), Cursor::default());
    let mut given = Vec::new();
    for mut piece in sent.chunks(piece) {
        while !piece.is_empty() {
            let Ok((used, event)) = session.take(piece) else { return given };
            piece = &piece[used..];
            match event {
                Some(Event::Media { kind, at, body }) => {
                    relay.push(kind, at, &body);
                    relay.read(&mut to_segments, usize::MAX).iter().for_each(|frame| segmenter.push(frame));
                    relay
                        .read(&mut viewer, usize::MAX)
                        .iter()
                        .for_each(|frame| given.extend_from_slice(&frame.rtmp()));
                }
                Some(Event::Publish(_) | Event::Play(_)) => session.accept(),
                Some(Event::Ended) | None => {}
            }
            assert!(relay.bytes() <= BOUNDS.bytes_max || relay.read(&mut relay.oldest(), usize::MAX).len() <= 4);
            session.output();
        }
    }
    segmenter.playlist("", "");
    given
}

/// A publisher who connects, says who it is and sends some frames.
pub fn seeds() -> Vec<Vec<u8>> {
    let message = |kind: u8, at: u8, body: &[u8]| {
        let head = [3, 0, 0, at, 0, 0, body.len() as u8, kind, 1, 0, 0, 0];
        let mut out = head.to_vec();
        for (number, part) in body.chunks(128).enumerate() {
            if number > 0 {
                out.push(0xC3);
            }
            out.extend_from_slice(part);
        }
        out
    };
    let connect = message(20, 0, b"\x02\0\x07connect\0\x3f\xf0\0\0\0\0\0\0\x03\0\x03app\x02\0\x04live\0\0\x09");
    let publish = message(20, 0, b"\x02\0\x07publish\0\0\0\0\0\0\0\0\0\x05\x02\0\x08room?a=1");
    let play = message(20, 0, b"\x02\0\x04play\0\0\0\0\0\0\0\0\0\x05\x02\0\x04room");
    let metadata = message(18, 0, b"\x02\0\x0d@setDataFrame\x02\0\x0aonMetaData\x08\0\0\0\0\0\0\x09");
    let avc =
        b"\x17\0\0\0\0\x01\x64\0\x1e\xff\xe1\0\x1a\x67\x64\0\x1e\xac\xd9\x40\xa0\x2f\xf9\x70\x11\0\0\x03\0\x01\
                \0\0\x03\0\x32\x0f\x16\x2d\x96\x01\0\x06\x68\xeb\xe3\xcb\x22\xc0";
    let mut frames = [message(9, 0, avc), message(8, 0, b"\xaf\0\x12\x10\x56\xe5\0")].concat();
    for at in 0..60_u8 {
        let first = if at % 20 == 0 { 0x17 } else { 0x27 };
        frames.extend(message(9, at.wrapping_mul(90), &[first, 1, 0, 0, 0, 0, 0, 0, 1, at]));
        frames.extend(message(8, at.wrapping_mul(90), &[0xAF, 1, at]));
    }
    let opus =
        [message(8, 0, b"\x90OpusOpusHead\x01\x02\0\0\0\0\0\0\0\0\0"), message(8, 9, b"\x91Opus\xfc\x01")].concat();
    let hevc = [message(9, 0, b"\x90hvc1\x01"), message(9, 0, b"\x91hvc1\0\0\0\0\0\0\x01\0")].concat();
    let publishing = [&[40][..], &connect, &publish].concat();
    vec![
        [&publishing[..], &metadata, &frames].concat(),
        [&publishing[..], &opus, &hevc].concat(),
        [&[7][..], &connect, &play].concat(),
        [&[99][..], b"key=abc&txSecret=a90c667c67d8586b295e13fa5b2d2a0f&txTime=6553FF10"].concat(),
    ]
}
