//! What was said last in a room, for those who come back and those who poll.

use crate::{Encoded, Item};
use std::collections::VecDeque;
use std::sync::Arc;

/// Bounds of a ring. The vendor keeps about two minutes for clients that poll; at 40 messages a second the default
/// keeps 12 seconds of a full house and minutes of an ordinary one.
#[derive(Clone, Copy, Debug)]
pub struct RingBounds {
    /// Items.
    pub items_max: usize,
    /// Their bytes.
    pub bytes_max: usize,
}

impl Default for RingBounds {
    fn default() -> Self {
        Self { items_max: 500, bytes_max: 1 << 20 }
    }
}

/// The last items of a room; the oldest fall out.
#[derive(Debug)]
pub struct Ring<P> {
    items: VecDeque<Arc<Item<P>>>,
    bytes: usize,
    bounds: RingBounds,
    /// The number of the newest item that fell out, or that there was before the ring began.
    lost: u64,
}

impl<P: Encoded> Ring<P> {
    /// An empty ring of a room whose numbers up to `lost` nobody can be told any more.
    pub fn new(bounds: RingBounds, lost: u64) -> Self {
        Self { items: VecDeque::new(), bytes: 0, bounds, lost }
    }

    /// Adds the newest item.
    pub fn push(&mut self, item: Arc<Item<P>>) {
        self.bytes += item.payload.bytes();
        self.items.push_back(item);
        while self.items.len() > self.bounds.items_max || self.bytes > self.bounds.bytes_max {
            let Some(oldest) = self.items.pop_front() else { break };
            self.bytes -= oldest.payload.bytes();
            self.lost = oldest.seq;
        }
    }

    /// Takes an item out that is not to be told again.
    pub fn remove(&mut self, seq: u64) {
        let at = self.items.binary_search_by_key(&seq, |item| item.seq);
        if let Some(item) = at.ok().and_then(|at| self.items.remove(at)) {
            self.bytes -= item.payload.bytes();
        }
    }

    /// Everything after a number, oldest first.
    pub fn after(&self, seq: u64) -> impl ExactSizeIterator<Item = &Arc<Item<P>>> + DoubleEndedIterator + Clone {
        let from = self.items.partition_point(|item| item.seq <= seq);
        self.items.range(from..)
    }

    /// Whether [`Ring::after`] is all that there was after this number.
    pub fn reaches(&self, seq: u64) -> bool {
        seq >= self.lost
    }

    /// The number of the newest item, if there is one.
    pub fn newest(&self) -> Option<u64> {
        self.items.back().map(|item| item.seq)
    }

    /// The newest item that fell out.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hawker_core::post::Class;

    impl Encoded for u8 {
        fn bytes(&self) -> usize {
            usize::from(*self)
        }
    }

    fn item(seq: u64) -> Arc<Item<u8>> {
        Arc::new(Item { seq, class: Class::ChatNormal, payload: 10 })
    }

    #[test]
    fn a_returner_gets_all_that_it_missed_or_is_told_that_it_cannot() {
        let mut ring = Ring::new(RingBounds { items_max: 3, bytes_max: 1000 }, 100);
        for seq in [101, 103, 104, 107] {
            ring.push(item(seq));
        }
        let after = |seq| ring.after(seq).map(|item| item.seq).collect::<Vec<_>>();
        assert_eq!(after(103), [104, 107]);
        assert_eq!(after(101), [103, 104, 107]);
        assert_eq!(after(200), Vec::<u64>::new());
        assert!(ring.reaches(101));
        assert!(!ring.reaches(100));
    }

    #[test]
    fn what_was_taken_out_is_told_to_nobody_and_missed_by_nobody() {
        let mut ring = Ring::new(RingBounds { items_max: 100, bytes_max: 25 }, 0);
        [3, 5].into_iter().for_each(|seq| ring.push(item(seq)));
        ring.remove(3);
        ring.remove(4);
        ring.push(item(6));
        assert_eq!(ring.after(0).map(|item| item.seq).collect::<Vec<_>>(), [5, 6], "its bytes are free");
        assert!(ring.reaches(0));
    }

    #[test]
    fn a_ring_is_bounded_in_bytes() {
        let mut ring = Ring::new(RingBounds { items_max: 100, bytes_max: 25 }, 0);
        for seq in 1..=5 {
            ring.push(item(seq));
        }
        assert_eq!(ring.after(0).map(|item| item.seq).collect::<Vec<_>>(), [4, 5]);
    }
}
