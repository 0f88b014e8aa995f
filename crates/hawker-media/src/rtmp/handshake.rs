//! The handshake: one byte and one packet each way, then each packet back.
//!
//! The simple form is answered, also to those who offer the digest form: they all take it.

use super::Violation;

const VERSION: u8 = 3;
/// Bytes of each packet.
pub const PACKET_BYTES: usize = 1536;

/// Where the handshake stands; holds at most one packet.
pub struct Handshake {
    taken: Vec<u8>,
    answered: bool,
}

impl Handshake {
    /// Before the first byte.
    pub fn new() -> Self {
        Self { taken: Vec::new(), answered: false }
    }

    /// Takes bytes; says how many, and whether that was the last. Our packets are written behind theirs at once: some
    /// clients wait for that before they send their second.
    pub fn take(
        &mut self,
        bytes: &[u8],
        ours: &[u8; PACKET_BYTES],
        out: &mut Vec<u8>,
    ) -> Result<(usize, bool), Violation> {
        if self.taken.is_empty() && !self.answered && bytes.first().is_some_and(|version| *version != VERSION) {
            return Err(Violation("not RTMP"));
        }
        let wanted = if self.answered { PACKET_BYTES } else { 1 + PACKET_BYTES };
        let taken = (wanted - self.taken.len()).min(bytes.len());
        self.taken.extend_from_slice(&bytes[..taken]);
        if self.taken.len() < wanted {
            return Ok((taken, false));
        }
        if self.answered {
            self.taken = Vec::new();
            return Ok((taken, true));
        }
        out.push(VERSION);
        out.extend_from_slice(ours);
        out.extend_from_slice(&self.taken[1..]);
        self.taken.clear();
        self.answered = true;
        Ok((taken, false))
    }
}
