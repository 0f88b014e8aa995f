//! The reader: a thread with a connection of its own that answers what is asked of old direct messages.
//!
//! It sees what was committed before it began to look, and never makes the writer wait.

use crate::{Store, StoreError, direct};
use hawker_core::direct::{Found, Query};
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Prepared statements that are kept; every query has a few.
const STATEMENTS_KEPT: usize = 32;

/// Hands queries to the reading thread.
pub struct Reader {
    queue: Option<SyncSender<(u64, Query)>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Starts the thread for the database of a store. At most `waiting_max` queries may wait; who asks more waits, so whoever
    /// asks keeps count. `found` is called there with the number of each query and what was found.
    pub fn start(
        store: &Store,
        waiting_max: usize,
        mut found: impl FnMut(u64, Result<Found, StoreError>) + Send + 'static,
    ) -> Result<Self, StoreError> {
        let db = open(store.path().to_owned())?;
        let (queue, queries): (_, Receiver<(u64, Query)>) = sync_channel(waiting_max);
        let run = move || {
            while let Ok((number, query)) = queries.recv() {
                found(number, direct::find(&db, &query));
            }
        };
        let thread = std::thread::Builder::new().name("reader".into()).spawn(run)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Asks. `false`: the reader has stopped.
    pub fn look(&self, number: u64, query: Query) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.send((number, query)).is_ok())
    }

    /// Answers what was asked and ends.
    pub fn finish(mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A connection that can only read.
pub(crate) fn open(path: PathBuf) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "query_only", true)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(db)
}
