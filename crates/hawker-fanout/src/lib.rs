//! Brings an event to every connection that may see it. Start at [`Feed`].
//!
//! An event becomes an [`Item`] once, wherever it happened. Each shard of connections keeps a [`Feed`] per room; what
//! gathered there since its last round leaves as one [`Batch`], whose bytes are put together once per variant and
//! shared by all connections that take it. A connection needs memory of its own only while it cannot keep up: then
//! it has an [`Outbox`], bounded, from which likes fall first and nothing vital ever.
//!
//! How bytes look is not known here: the encoder is handed in ([`Framer`]).
//!
//! *Invariant: an item is encoded once per room, and framed once per flush and variant, never once per viewer.*

mod batch;
mod feed;
mod outbox;
mod ring;

pub use batch::{Batch, Framer, Variant};
pub use feed::{Feed, Pace};
pub use outbox::{Outbox, OutboxBounds, Pushed};
pub use ring::{Ring, RingBounds};

use hawker_core::post::Class;

/// Something encoded whose size is known.
pub trait Encoded {
    /// Its size in bytes.
    fn bytes(&self) -> usize;
}

/// One event of a room, encoded.
#[derive(Debug)]
pub struct Item<P> {
    /// Its number in the room.
    pub seq: u64,
    /// How dearly it is held.
    pub class: Class,
    /// Its bytes, in the encoder's terms.
    pub payload: P,
}
