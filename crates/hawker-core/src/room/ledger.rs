//! The room's books: what was received, delivered and dropped, by class and reason.
//!
//! For every class `received = delivered + dropped` at any moment; a property test holds it. So an operator can
//! see what a full house cost, and nobody has to wonder where a message went.

use crate::post::Class;

/// Why a post was not delivered although nothing was wrong with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DropReason {
    /// The room was over its messages a second.
    Budget,
    /// The room was over its tips a second.
    TipBudget,
}

impl DropReason {
    /// All reasons.
    pub const ALL: [DropReason; 2] = [DropReason::Budget, DropReason::TipBudget];

    /// The name used in the ledger and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            DropReason::Budget => "budget",
            DropReason::TipBudget => "tip_budget",
        }
    }
}

/// The numbers of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Line {
    /// Posts that the rules took.
    pub received: u64,
    /// Posts handed to everybody in the room.
    pub delivered: u64,
    /// Posts dropped, by [`DropReason::ALL`].
    pub dropped: [u64; 2],
}

/// The numbers of one room since it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ledger {
    lines: [Line; 7],
}

impl Ledger {
    /// One class.
    pub fn line(&self, class: Class) -> &Line {
        &self.lines[class as usize]
    }

    /// A post was taken and goes to everybody.
    pub fn delivered(&mut self, class: Class) {
        let line = &mut self.lines[class as usize];
        line.received += 1;
        line.delivered += 1;
    }

    /// A post was taken and goes to nobody.
    pub fn dropped(&mut self, class: Class, reason: DropReason) {
        let line = &mut self.lines[class as usize];
        line.received += 1;
        line.dropped[reason as usize] += 1;
    }

    /// Every post is in one place: received is delivered plus dropped, for each class.
    pub fn balances(&self) -> bool {
        self.lines.iter().all(|line| line.received == line.delivered + line.dropped.iter().sum::<u64>())
    }
}
