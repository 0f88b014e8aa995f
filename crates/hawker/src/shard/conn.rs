//! One connection's slot.

use crate::framer::{Payload, PushFramer};
use crate::letters::RoomNo;
use crate::upgrade::Upgrade;
use bytes::Bytes;
use hawker_core::{AppId, ConnId, Time};
use hawker_fanout::{Outbox, OutboxBounds, Pushed, Variant};
use hawker_wire::ws::{self, Fragments};
use mio::net::TcpStream;
use smallvec::SmallVec;
use std::io::{self, Write};
use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It has not said yet what it wants.
    Handshake,
    /// It is a WebSocket.
    Open,
    /// It was told why it ends; what it still sends is thrown away until it has read that.
    Closing {
        /// So many more reads: it has a moment, not for ever.
        reads_left: u8,
    },
}

/// A room that a connection hears.
#[derive(Clone, Copy, Debug)]
pub struct Sub {
    /// Which.
    pub room: RoomNo,
    /// Its place among the members there, if it is pushed to; `None` if it polls.
    pub place: Option<u32>,
}

/// A long poll that waits for something to happen.
#[derive(Debug)]
pub struct Parked {
    /// The number of the request.
    pub seq: u64,
    /// The command, repeated in the reply.
    pub servcmd: Box<str>,
    /// The room's name.
    pub room: Box<str>,
    /// The room, once the connection is known to it.
    pub number: Option<RoomNo>,
    /// The next number wanted.
    pub start_seq: u64,
    /// When it is answered even if nothing happened.
    pub until: Time,
}

/// A queue that is there while the socket is full.
pub struct Blocked {
    pub queue: Outbox<Payload>,
    /// When something could be written last.
    pub progress_at: Time,
}

/// See the module. Kept small: there is one for each viewer.
pub struct Conn {
    pub stream: TcpStream,
    pub phase: Phase,
    pub variant: Variant,
    pub app: AppId,
    pub instance: Option<Arc<str>>,
    /// How its client reached this server; see [`Upgrade`].
    pub origin: Option<Arc<str>>,
    /// Bytes of a frame that is not complete; without capacity between frames.
    pub partial: Vec<u8>,
    pub fragments: Option<Box<Fragments>>,
    pub outbox: Option<Box<Blocked>>,
    pub subs: SmallVec<[Sub; 1]>,
    pub parked: Option<Box<Parked>>,
    pub known_to_hub: bool,
    pub in_flight: u16,
    pub warnings: u16,
    allowance: Allowance,
}

impl Conn {
    pub fn new(stream: TcpStream, phase: Phase, now: Time, rate: u32) -> Self {
        Self {
            stream,
            phase,
            variant: Variant { text: false, packed: false },
            app: AppId(0),
            instance: None,
            origin: None,
            partial: Vec::new(),
            fragments: None,
            outbox: None,
            subs: SmallVec::new(),
            parked: None,
            known_to_hub: false,
            in_flight: 0,
            warnings: 0,
            allowance: Allowance::new(now, rate),
        }
    }

    /// It is a WebSocket from now on.
    pub fn upgraded(&mut self, upgrade: Upgrade) {
        self.phase = Phase::Open;
        self.app = upgrade.app;
        self.instance = Some(upgrade.instance);
        self.origin = upgrade.origin;
        self.variant = upgrade.variant;
    }

    /// One more request; `false` if it comes too soon. Who has been quiet for a while is not held to what was before.
    pub fn may_ask(&mut self, now: Time, rate: u32) -> bool {
        let may = self.allowance.take(now, rate);
        if self.allowance.is_full(rate) {
            self.warnings = 0;
        }
        may
    }

    /// One frame of its own, as text or binary as it likes.
    pub fn text_frame(&self, json: &str) -> Vec<u8> {
        let mut frame = Vec::new();
        ws::message(&mut frame, self.variant.text, json.as_bytes());
        frame
    }

    /// Writes as much as the socket takes.
    pub fn send_now(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                Ok(0) if !bytes.is_empty() => return Err(io::ErrorKind::WriteZero.into()),
                done => return done,
            }
        }
    }

    /// Queues what the socket did not take.
    pub fn block(&mut self, rest: Bytes, bounds: OutboxBounds, now: Time) {
        self.outbox = Some(Box::new(Blocked { queue: Outbox::new(bounds, rest), progress_at: now }));
    }

    /// Sends a frame of this connection's own, or queues it. `Full`: the connection must go.
    pub fn send_frame(&mut self, frame: Bytes, bounds: OutboxBounds, now: Time) -> io::Result<Sent> {
        if let Some(blocked) = &mut self.outbox {
            return Ok(match blocked.queue.push_frame(frame, &mut |_| {}) {
                Pushed::Queued => Sent::Later,
                Pushed::Full => Sent::Full,
            });
        }
        let written = self.send_now(&frame)?;
        if written == frame.len() {
            return Ok(Sent::Now);
        }
        self.block(frame.slice(written..), bounds, now);
        Ok(Sent::Blocked)
    }

    /// The socket takes bytes again. `true`: all is written and the outbox is gone.
    pub fn drain(&mut self, framer: &PushFramer, now: Time) -> io::Result<bool> {
        let Some(mut blocked) = self.outbox.take() else { return Ok(true) };
        while let Some(bytes) = blocked.queue.next(framer, self.variant) {
            let bytes = bytes.clone();
            let written = self.send_now(&bytes)?;
            blocked.queue.written(written);
            if written > 0 {
                blocked.progress_at = now;
            }
            if written < bytes.len() {
                self.outbox = Some(blocked);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The subscription to a room.
    pub fn sub(&mut self, room: RoomNo) -> Option<&mut Sub> {
        self.subs.iter_mut().find(|sub| sub.room == room)
    }
}

/// What became of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// It is in the socket.
    Now,
    /// It waits behind others.
    Later,
    /// The socket is full from now on.
    Blocked,
    /// Nothing more can wait.
    Full,
}

/// Requests that a connection may make: a bucket of two seconds' worth, in thousandths.
struct Allowance {
    left: u32,
    at_ms: u32,
}

impl Allowance {
    fn new(now: Time, rate: u32) -> Self {
        Self { left: rate.saturating_mul(2000), at_ms: now.0 as u32 }
    }

    /// Nothing but the last request has been taken from it.
    fn is_full(&self, rate: u32) -> bool {
        u64::from(self.left) + 1000 >= (u64::from(rate) * 2000).min(u32::MAX.into())
    }

    fn take(&mut self, now: Time, rate: u32) -> bool {
        let passed = (now.0 as u32).wrapping_sub(self.at_ms);
        self.at_ms = now.0 as u32;
        let brought = u64::from(passed) * u64::from(rate);
        let full = u64::from(rate) * 2000;
        let left = (u64::from(self.left) + brought).min(full).min(u32::MAX.into()) as u32;
        let may = left >= 1000;
        self.left = if may { left - 1000 } else { left };
        may
    }
}

/// All connections of a shard. An id names shard, generation and slot, so an id that is outdated finds nobody.
pub struct Conns {
    shard: u64,
    slots: slab::Slab<(u32, Conn)>,
    generation: u32,
}

const SLOT_BITS: u32 = 26;
const GENERATION_BITS: u32 = 30;

impl Conns {
    pub fn new(shard: usize) -> Self {
        Self { shard: shard as u64, slots: slab::Slab::new(), generation: 0 }
    }

    pub fn next_slot(&self) -> usize {
        self.slots.vacant_key()
    }

    pub fn insert(&mut self, conn: Conn) -> ConnId {
        self.generation = (self.generation + 1) & ((1 << GENERATION_BITS) - 1);
        let slot = self.slots.insert((self.generation, conn));
        self.id(slot, self.generation)
    }

    fn id(&self, slot: usize, generation: u32) -> ConnId {
        ConnId(self.shard << 56 | u64::from(generation) << SLOT_BITS | slot as u64)
    }

    pub fn slot(&self, id: ConnId) -> usize {
        (id.0 & ((1 << SLOT_BITS) - 1)) as usize
    }

    /// The slot of a connection that still exists.
    pub fn find(&self, id: ConnId) -> Option<usize> {
        let slot = self.slot(id);
        let generation = (id.0 >> SLOT_BITS) as u32 & ((1 << GENERATION_BITS) - 1);
        (self.slots.get(slot)?.0 == generation).then_some(slot)
    }

    pub fn id_of(&self, slot: usize) -> ConnId {
        self.id(slot, self.slots[slot].0)
    }

    pub fn get_mut(&mut self, slot: usize) -> Option<&mut Conn> {
        self.slots.get_mut(slot).map(|(_, conn)| conn)
    }

    pub fn remove(&mut self, slot: usize) -> Option<(ConnId, Conn)> {
        let (generation, conn) = self.slots.try_remove(slot)?;
        Some((self.id(slot, generation), conn))
    }

    pub fn slots(&self) -> Vec<usize> {
        self.slots.iter().map(|(slot, _)| slot).collect()
    }
}

impl Index<usize> for Conns {
    type Output = Conn;
    fn index(&self, slot: usize) -> &Conn {
        &self.slots[slot].1
    }
}

impl IndexMut<usize> for Conns {
    fn index_mut(&mut self, slot: usize) -> &mut Conn {
        &mut self.slots[slot].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_may_ask_at_its_rate_and_twice_as_much_in_a_burst() {
        let mut allowance = Allowance::new(Time(0), 10);
        let in_a_burst = (0..100).filter(|_| allowance.take(Time(0), 10)).count();
        assert_eq!(in_a_burst, 20);
        let in_the_next_second = (0..100).filter(|ms| allowance.take(Time(ms * 10), 10)).count();
        assert!((9..=10).contains(&in_the_next_second), "{in_the_next_second}");
    }
}
