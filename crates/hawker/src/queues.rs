//! The two queues between the threads: everybody's questions to the hub, and the hub's answers to each shard.

use crate::letters::{Ticket, ToShard};
use hawker_core::engine::Input;
use mio::Waker;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Questions to the rules. Bounded: who asks when it is full waits, which slows its own sockets down.
pub struct Inbox {
    state: Mutex<InboxState>,
    arrived: Condvar,
    taken: Condvar,
    bound: usize,
    committed: AtomicU64,
}

#[derive(Default)]
struct InboxState {
    waiting: Vec<Input<Ticket>>,
    stopping: bool,
    failed: bool,
    knocked: bool,
}

/// What the hub finds in its inbox.
pub struct Taken {
    /// Questions, in their order.
    pub inputs: Vec<Input<Ticket>>,
    /// The last commit that is on disk.
    pub committed: u64,
    /// No more will come: finish and end.
    pub stopping: bool,
    /// The store failed: end at once.
    pub failed: bool,
}

impl Inbox {
    /// An empty inbox.
    pub fn new(bound: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            taken: Condvar::new(),
            bound,
            committed: AtomicU64::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, InboxState> {
        self.state.lock().expect("nobody panics while holding the inbox")
    }

    /// Asks; waits while too many are waiting. After a stop nothing is taken any more.
    pub fn ask(&self, inputs: &mut Vec<Input<Ticket>>) {
        if inputs.is_empty() {
            return;
        }
        let mut state = self.lock();
        while state.waiting.len() >= self.bound && !state.stopping {
            state = self.taken.wait(state).expect("nobody panics while holding the inbox");
        }
        if state.stopping {
            inputs.clear();
        } else {
            state.waiting.append(inputs);
        }
        drop(state);
        self.arrived.notify_one();
    }

    /// A commit is on disk.
    pub fn committed(&self, commit: u64) {
        self.committed.store(commit, SeqCst);
        self.lock().knocked = true;
        self.arrived.notify_one();
    }

    /// The store failed.
    pub fn fail(&self) {
        let mut state = self.lock();
        state.failed = true;
        state.stopping = true;
        drop(state);
        self.arrived.notify_one();
        self.taken.notify_all();
    }

    /// No more questions.
    pub fn stop(&self) {
        self.lock().stopping = true;
        self.arrived.notify_one();
        self.taken.notify_all();
    }

    /// Waits for something, at most this long.
    pub fn take(&self, wait: Duration) -> Taken {
        let mut state = self.lock();
        if state.waiting.is_empty() && !state.knocked && !state.stopping {
            let idle = |state: &mut InboxState| state.waiting.is_empty() && !state.knocked && !state.stopping;
            let waited = self.arrived.wait_timeout_while(state, wait, idle);
            state = waited.expect("nobody panics while holding the inbox").0;
        }
        let inputs = std::mem::take(&mut state.waiting);
        state.knocked = false;
        let taken = Taken {
            inputs,
            committed: self.committed.load(SeqCst),
            stopping: state.stopping,
            failed: state.failed,
        };
        drop(state);
        self.taken.notify_all();
        taken
    }
}

/// What a shard is told. Replies are bounded by the requests that its connections may have waiting, items by the
/// budgets of their rooms.
pub struct Mailbox {
    letters: Mutex<Vec<ToShard>>,
    waker: Waker,
}

impl Mailbox {
    /// An empty mailbox that wakes this shard.
    pub fn new(waker: Waker) -> Self {
        Self { letters: Mutex::default(), waker }
    }

    /// Puts letters in and wakes the shard if it may be asleep.
    pub fn put(&self, letters: &mut Vec<ToShard>) {
        if letters.is_empty() {
            return;
        }
        let mut waiting = self.letters.lock().expect("nobody panics while holding a mailbox");
        let asleep = waiting.is_empty();
        waiting.append(letters);
        drop(waiting);
        if asleep {
            let _ = self.waker.wake();
        }
    }

    /// Takes all letters.
    pub fn take(&self) -> Vec<ToShard> {
        std::mem::take(&mut *self.letters.lock().expect("nobody panics while holding a mailbox"))
    }
}
