//! Which messages of a room have been delivered.
//!
//! After a lost connection the server repeats what may have been missed, and may repeat too much. The window remembers
//! the last [`WINDOW`] numbers exactly; what is older than that is taken for delivered.

/// How far back a late message is still recognised as new: far more than one flush of a busy room.
pub const WINDOW: u64 = 1024;
const WORDS: usize = (WINDOW / 64) as usize;

/// The numbers delivered so far, as a highest number and a window of bits below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    highest: u64,
    /// Bit `seq % WINDOW` is set if `seq`, within the window below `highest`, was delivered.
    bits: [u64; WORDS],
    /// Numbers up to here count as delivered: they are older than the join.
    floor: u64,
}

impl Seen {
    /// Everything up to `seq` counts as delivered.
    pub fn up_to(seq: u64) -> Seen {
        Seen { highest: seq, floor: seq, bits: [0; WORDS] }
    }

    /// The highest number delivered: where to resume from.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// Notes that `seq` is being delivered; `false` if it was before.
    pub fn insert(&mut self, seq: u64) -> bool {
        if seq <= self.floor || seq + WINDOW <= self.highest {
            return false;
        }
        if seq > self.highest {
            self.advance(seq);
        }
        let (word, bit) = place(seq);
        let new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        new
    }

    /// Moves the window up, forgetting what falls out of it.
    fn advance(&mut self, seq: u64) {
        if seq - self.highest >= WINDOW {
            self.bits = [0; WORDS];
        } else {
            for passed in self.highest + 1..=seq {
                let (word, bit) = place(passed);
                self.bits[word] &= !bit;
            }
        }
        self.highest = seq;
    }
}

fn place(seq: u64) -> (usize, u64) {
    let index = seq % WINDOW;
    ((index / 64) as usize, 1 << (index % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_new_once_in_any_order() {
        let mut seen = Seen::default();
        for (seq, new) in
            [(1, true), (2, true), (2, false), (5, true), (3, true), (3, false), (4, true), (1, false)]
        {
            assert_eq!(seen.insert(seq), new, "{seq}");
        }
        assert_eq!(seen.highest(), 5);
    }

    #[test]
    fn what_is_older_than_the_join_is_not_new() {
        let mut seen = Seen::up_to(100);
        assert!(!seen.insert(100));
        assert!(!seen.insert(7));
        assert!(seen.insert(101));
    }

    #[test]
    fn a_jump_forgets_the_window_but_not_the_order() {
        let mut seen = Seen::default();
        seen.insert(1);
        assert!(seen.insert(1 + 5 * WINDOW));
        assert!(!seen.insert(1), "older than the window");
        assert!(seen.insert(5 * WINDOW), "in the window and never delivered");
    }

    #[test]
    fn bits_are_not_confused_when_the_window_wraps() {
        let mut seen = Seen::default();
        for seq in 1..=3 * WINDOW {
            assert!(seen.insert(seq), "{seq}");
        }
        for seq in 2 * WINDOW..=3 * WINDOW {
            assert!(!seen.insert(seq), "{seq}");
        }
    }
}
