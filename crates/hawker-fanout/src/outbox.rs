//! What one connection still has to be sent.
//!
//! A phone on a train drains slowly and the room does not wait, so this is bounded. When it is full likes go first,
//! then tips, then chat; an order or a gift is never dropped: if what must not be dropped does not fit, the
//! connection is closed, and the client comes back and resumes.
//!
//! A connection that keeps up has no outbox at all.

use crate::{Encoded, Framer, Item, Variant};
use bytes::Bytes;
use hawker_core::post::Class;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bounds of one outbox.
#[derive(Clone, Copy, Debug)]
pub struct OutboxBounds {
    /// Bytes waiting, beside the frame that is half-way into the socket.
    pub bytes_max: usize,
    /// Entries waiting.
    pub entries_max: usize,
}

impl Default for OutboxBounds {
    fn default() -> Self {
        Self { bytes_max: 256 * 1024, entries_max: 1024 }
    }
}

/// The order in which classes are given up. What is not named is never given up.
const GIVEN_UP: [Class; 6] =
    [Class::Like, Class::Tip, Class::ChatLowest, Class::ChatLow, Class::ChatNormal, Class::ChatHigh];

#[derive(Debug)]
enum Entry<P> {
    Item(Arc<Item<P>>),
    /// A reply or a control frame: belongs to this connection alone and is never given up.
    Frame(Bytes),
}

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It waits, unless it was itself given up.
    Queued,
    /// What must not be dropped does not fit: close the connection.
    Full,
}

/// The queue of a connection whose socket is full.
#[derive(Debug)]
pub struct Outbox<P> {
    /// The rest of what was being written: a frame cannot be given up half-way.
    partial: Bytes,
    entries: VecDeque<Entry<P>>,
    bytes: usize,
    bounds: OutboxBounds,
}

impl<P: Encoded> Outbox<P> {
    /// An outbox for a connection that could not take all of `partial`.
    pub fn new(bounds: OutboxBounds, partial: Bytes) -> Self {
        Self { partial, entries: VecDeque::new(), bytes: 0, bounds }
    }

    /// Queues an item of a room. What is given up for it, itself perhaps, is told to `on_drop` by class.
    pub fn push_item(&mut self, item: &Arc<Item<P>>, on_drop: &mut impl FnMut(Class)) -> Pushed {
        self.bytes += item.payload.bytes();
        self.entries.push_back(Entry::Item(item.clone()));
        self.make_room(on_drop)
    }

    /// Queues a frame of this connection's own.
    pub fn push_frame(&mut self, frame: Bytes, on_drop: &mut impl FnMut(Class)) -> Pushed {
        self.bytes += frame.len();
        self.entries.push_back(Entry::Frame(frame));
        self.make_room(on_drop)
    }

    fn over(&self) -> bool {
        self.bytes > self.bounds.bytes_max || self.entries.len() > self.bounds.entries_max
    }

    fn make_room(&mut self, on_drop: &mut impl FnMut(Class)) -> Pushed {
        for class in GIVEN_UP {
            // Newest first: what is told in order loses its end, not its beginning.
            let mut at = self.entries.len();
            while self.over() && at > 0 {
                at -= 1;
                if matches!(&self.entries[at], Entry::Item(item) if item.class == class)
                    && let Some(Entry::Item(item)) = self.entries.remove(at)
                {
                    self.bytes -= item.payload.bytes();
                    on_drop(class);
                }
            }
        }
        if self.over() { Pushed::Full } else { Pushed::Queued }
    }

    /// Bytes to write next; `None` when all is written and the outbox can go.
    pub fn next(&mut self, framer: &impl Framer<P>, variant: Variant) -> Option<&Bytes> {
        if self.partial.is_empty() {
            self.partial = self.assemble(framer, variant)?;
        }
        Some(&self.partial)
    }

    /// So much of [`Outbox::next`] was written.
    pub fn written(&mut self, bytes: usize) {
        let _ = self.partial.split_to(bytes);
    }

    fn assemble(&mut self, framer: &impl Framer<P>, variant: Variant) -> Option<Bytes> {
        match self.entries.pop_front()? {
            Entry::Frame(frame) => {
                self.bytes -= frame.len();
                Some(frame)
            }
            Entry::Item(first) => {
                let mut items = vec![first];
                while matches!(self.entries.front(), Some(Entry::Item(_))) {
                    if let Some(Entry::Item(item)) = self.entries.pop_front() {
                        items.push(item);
                    }
                }
                self.bytes -= items.iter().map(|item| item.payload.bytes()).sum::<usize>();
                Some(framer.frame(&items, variant))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Sized(usize);

    impl Encoded for Sized {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    struct Numbers;

    impl Framer<Sized> for Numbers {
        fn frame(&self, items: &[Arc<Item<Sized>>], _: Variant) -> Bytes {
            items.iter().map(|item| item.seq as u8).collect()
        }
    }

    const PLAIN: Variant = Variant { text: true, packed: false };

    fn item(seq: u64, class: Class) -> Arc<Item<Sized>> {
        Arc::new(Item { seq, class, payload: Sized(10) })
    }

    fn drain(outbox: &mut Outbox<Sized>) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(bytes) = outbox.next(&Numbers, PLAIN) {
            let bytes = bytes.clone();
            all.extend_from_slice(&bytes);
            outbox.written(bytes.len());
        }
        all
    }

    #[test]
    fn likes_fall_first_then_tips_then_chat_and_gifts_never() {
        let bounds = OutboxBounds { bytes_max: 40, entries_max: 100 };
        let mut outbox = Outbox::new(bounds, Bytes::new());
        let mut dropped = Vec::new();
        for (seq, class) in [
            (1, Class::ChatNormal),
            (2, Class::Like),
            (3, Class::Tip),
            (4, Class::Vital),
            (5, Class::Vital),
            (6, Class::Vital),
            (7, Class::Like),
        ] {
            let pushed = outbox.push_item(&item(seq, class), &mut |class| dropped.push(class));
            assert_eq!(pushed, Pushed::Queued);
        }
        assert_eq!(drain(&mut outbox), [1, 4, 5, 6]);
        assert_eq!(dropped, [Class::Like, Class::Tip, Class::Like]);
    }

    #[test]
    fn when_only_vital_things_wait_the_connection_must_go() {
        let mut outbox = Outbox::new(OutboxBounds { bytes_max: 20, entries_max: 100 }, Bytes::new());
        for (seq, want) in [(1, Pushed::Queued), (2, Pushed::Queued), (3, Pushed::Full)] {
            assert_eq!(outbox.push_item(&item(seq, Class::Vital), &mut |_| {}), want);
        }
    }

    #[test]
    fn a_frame_half_way_into_the_socket_is_finished_first() {
        let mut outbox = Outbox::new(OutboxBounds::default(), Bytes::from_static(b"\xff\xfe"));
        outbox.push_item(&item(1, Class::ChatNormal), &mut |_| {});
        outbox.push_frame(Bytes::from_static(b"\x09"), &mut |_| {});
        outbox.push_item(&item(2, Class::ChatNormal), &mut |_| {});
        assert_eq!(drain(&mut outbox), [0xff, 0xfe, 1, 9, 2]);
    }

    proptest! {
        #[test]
        fn what_was_pushed_is_delivered_or_counted_as_dropped_and_in_order(
            classes in proptest::collection::vec(0usize..7, 0..200),
            room in 5usize..50,
        ) {
            let bounds = OutboxBounds { bytes_max: room * 10, entries_max: 1000 };
            let mut outbox = Outbox::new(bounds, Bytes::new());
            let (mut pushed, mut dropped) = (0, 0);
            for (seq, class) in classes.iter().enumerate() {
                let one = item(seq as u64, Class::ALL[*class]);
                match outbox.push_item(&one, &mut |_| dropped += 1) {
                    Pushed::Queued => pushed += 1,
                    Pushed::Full => return Ok(()),
                }
                prop_assert!(outbox.bytes <= bounds.bytes_max);
            }
            let delivered = drain(&mut outbox);
            prop_assert_eq!(delivered.len() + dropped, pushed);
            prop_assert!(delivered.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
