//! Frames around items, for the fan-out.

use crate::config::Config;
use bytes::Bytes;
use flate2::{Compression, write::ZlibEncoder};
use hawker_core::Time;
use hawker_fanout::{Encoded, Framer, Item, Variant};
use hawker_wire::tencent::push::{self, WireItem};
use hawker_wire::ws;
use std::io::Write;
use std::sync::Arc;

/// An encoded post as the fan-out carries it.
#[derive(Debug)]
pub struct Payload {
    /// Its bytes.
    pub wire: Arc<WireItem>,
    /// When it was said.
    pub at: Time,
}

impl Encoded for Payload {
    fn bytes(&self) -> usize {
        self.wire.json.len()
    }
}

/// Writes the chat wire's pushes as WebSocket frames.
pub struct PushFramer {
    compress_from: usize,
}

/// Items in one frame. A client handles a frame in one go; more come in the next frame of the same bytes.
const ITEMS_PER_FRAME_MAX: usize = 100;

/// What marks a compressed payload (`wire-protocol.md` §1).
const COMPRESSED: &[u8; 4] = b"COMP";

impl PushFramer {
    /// A framer as configured.
    pub fn new(config: &Config) -> Self {
        Self { compress_from: config.connection.compress_from_bytes }
    }
}

impl Framer<Payload> for PushFramer {
    fn frame(&self, items: &[Arc<Item<Payload>>], variant: Variant) -> Bytes {
        let mut out = Vec::new();
        for items in items.chunks(ITEMS_PER_FRAME_MAX) {
            let json = push::frame(items.iter().map(|item| &*item.payload.wire));
            let compress = variant.packed && !variant.text && self.compress_from > 0;
            if compress && json.len() >= self.compress_from {
                ws::message(&mut out, false, &compressed(json.as_bytes()));
            } else {
                ws::message(&mut out, variant.text, json.as_bytes());
            }
        }
        out.into()
    }
}

fn compressed(json: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(COMPRESSED.to_vec(), Compression::fast());
    packed.write_all(json).expect("memory takes everything");
    packed.finish().expect("memory takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::ZlibDecoder;
    use hawker_core::post::Class;
    use std::io::Read;

    fn item(text: &str) -> Arc<Item<Payload>> {
        let wire = Arc::new(WireItem { event: 3, json: format!("{{\"MsgBody\":\"{text}\"}}").into() });
        Arc::new(Item { seq: 1, class: Class::ChatNormal, payload: Payload { wire, at: Time(0) } })
    }

    /// The payload of the one frame that comes out, whose length is in two bytes.
    fn payload(text: &str, variant: Variant) -> Vec<u8> {
        let frame = PushFramer::new(&Config::default()).frame(&[item(text)], variant);
        assert_eq!(frame[0], if variant.text { 0x81 } else { 0x82 });
        assert_eq!(frame[1], 126);
        assert_eq!(usize::from(u16::from_be_bytes([frame[2], frame[3]])), frame.len() - 4);
        frame[4..].to_vec()
    }

    #[test]
    fn large_frames_are_compressed_for_those_who_can_take_it() {
        let long = "long ".repeat(1000);
        let plain = payload(&long, Variant { text: false, packed: false });
        let packed = payload(&long, Variant { text: false, packed: true });
        assert!(packed.starts_with(COMPRESSED) && packed.len() < plain.len() / 10);
        let mut unpacked = Vec::new();
        ZlibDecoder::new(&packed[COMPRESSED.len()..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
        assert_eq!(payload(&long, Variant { text: true, packed: true }), plain, "text frames stay text");
        let short = "short ".repeat(30);
        assert!(payload(&short, Variant { text: false, packed: true }).starts_with(b"{"), "not worth it");
    }
}
