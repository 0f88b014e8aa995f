//! Holds outputs back until what they tell of is kept.
//!
//! Commits are numbered from 1. An output names the commit it waits for; 0 waits for none. Outputs that may go are
//! handed out at once, the others as soon as their commit is kept, in the order in which they came. An output that
//! waits for a later commit holds nobody up but those of its own room: the commit that a room's outputs wait for
//! only ever grows, so none of them overtakes an earlier one.

use super::Output;
use crate::change::Change;
use std::collections::VecDeque;

pub(super) struct Gate<T> {
    ready: VecDeque<Output<T>>,
    held: VecDeque<(u64, Output<T>)>,
    /// What the open commit will keep.
    changes: Vec<Change>,
    /// What will be kept with the next commit, whenever that is: nobody waits for it.
    soon: Vec<Change>,
    open: u64,
    committed: u64,
}

impl<T> Default for Gate<T> {
    fn default() -> Self {
        Self {
            ready: VecDeque::new(),
            held: VecDeque::new(),
            changes: Vec::new(),
            soon: Vec::new(),
            open: 1,
            committed: 0,
        }
    }
}

impl<T> Gate<T> {
    /// To be kept before anybody hears of it. Returns the commit to wait for.
    pub fn keep(&mut self, change: Change) -> u64 {
        self.changes.push(change);
        self.open
    }

    /// To be kept, but nobody waits for it. Returns whether it is the first since the last commit.
    pub fn keep_soon(&mut self, change: Change) -> bool {
        self.soon.push(change);
        self.soon.len() == 1
    }

    /// Commits what nobody waits for.
    pub fn flush_soon(&mut self) {
        let soon = std::mem::take(&mut self.soon);
        self.changes.extend(soon);
    }

    /// The commit that what was gathered goes into; 0 if nothing was.
    pub fn pending(&self) -> u64 {
        if self.changes.is_empty() { 0 } else { self.open }
    }

    /// The last commit that anything went into: when it is kept, everything is.
    pub fn latest(&self) -> u64 {
        if self.changes.is_empty() { self.open - 1 } else { self.open }
    }

    pub fn out(&mut self, after: u64, output: Output<T>) {
        if after <= self.committed {
            self.ready.push_back(output);
        } else {
            self.held.push_back((after, output));
        }
    }

    pub fn seal(&mut self) {
        if self.changes.is_empty() {
            return;
        }
        self.flush_soon();
        self.ready.push_back(Output::Commit(self.open, std::mem::take(&mut self.changes)));
        self.open += 1;
    }

    pub fn committed(&mut self, commit: u64) {
        if commit <= self.committed {
            return;
        }
        self.committed = commit;
        // Not only from the front: an output of another room may wait longer, and what this room says next, which
        // may go at once, would overtake what is left behind.
        for (after, output) in std::mem::take(&mut self.held) {
            if after <= commit {
                self.ready.push_back(output);
            } else {
                self.held.push_back((after, output));
            }
        }
    }

    pub fn next(&mut self) -> Option<Output<T>> {
        self.ready.pop_front()
    }
}
