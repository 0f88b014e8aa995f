//! A small seeded generator (SplitMix64), so that a run can be repeated from its seed.
//!
//! Nothing secret hangs on it: session tokens carry a keyed signature of their own, and ids only have to be
//! different from each other.

/// The state of the generator.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Starts a sequence; equal seeds give equal sequences.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The next 32 bits, never below 16: small numbers mean "not numbered" to the official SDKs.
    pub fn message_random(&mut self) -> u32 {
        (self.next_u64() >> 33) as u32 | 16
    }
}
