//! The writer: a thread that turns commits into transactions.

mod people;
mod rooms;

use crate::shop::Sums;
use crate::{Store, StoreError};
use hawker_core::RoomKey;
use hawker_core::change::Change;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bounds of the writer.
#[derive(Clone, Copy, Debug)]
pub struct WriterBounds {
    /// Commits that may wait. When full, whoever hands in the next one waits: the rules slow down to the speed of
    /// the disk instead of running ahead of it.
    pub commits_waiting_max: usize,
    /// Commits that share one transaction.
    pub commits_per_transaction_max: usize,
    /// While commits keep coming, a transaction begins at most this often: those that gather share its sync. The
    /// first one after a pause does not wait.
    pub transaction_every: Duration,
    /// Messages of one room that are kept for newcomers.
    pub said_per_room_max: usize,
    /// Conversations of one account; the one that was silent longest gives way.
    pub conversations_per_account_max: usize,
}

impl Default for WriterBounds {
    fn default() -> Self {
        Self {
            commits_waiting_max: 256,
            commits_per_transaction_max: 256,
            transaction_every: Duration::from_millis(4),
            said_per_room_max: 50,
            conversations_per_account_max: 500,
        }
    }
}

/// Hands commits to the writing thread.
pub struct Writer {
    queue: Option<SyncSender<(u64, Vec<Change>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `done` is called there: with the number of the last commit of each transaction once it is
    /// on disk, or with the error that ended the thread.
    pub fn start(
        store: Store,
        bounds: WriterBounds,
        mut done: impl FnMut(Result<u64, StoreError>) + Send + 'static,
    ) -> Self {
        let (queue, commits) = sync_channel(bounds.commits_waiting_max);
        let run = move || {
            let Store { mut connection, _lock, .. } = store;
            connection.set_prepared_statement_cache_capacity(64);
            if let Err(error) = run(&mut connection, bounds, &commits, &mut done) {
                done(Err(error));
            }
        };
        let thread = std::thread::Builder::new().name("store".into()).spawn(run).expect("a thread");
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// Hands in a commit; waits while too many are waiting. `false`: the writer has stopped.
    pub fn commit(&self, number: u64, changes: Vec<Change>) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.send((number, changes)).is_ok())
    }

    /// Writes what was handed in and ends.
    pub fn finish(mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(
    connection: &mut Connection,
    bounds: WriterBounds,
    commits: &Receiver<(u64, Vec<Change>)>,
    done: &mut impl FnMut(Result<u64, StoreError>),
) -> Result<(), StoreError> {
    let mut next_at = Instant::now();
    while let Ok((mut last, changes)) = commits.recv() {
        let mut batch = vec![changes];
        while batch.len() < bounds.commits_per_transaction_max {
            let wait = next_at.saturating_duration_since(Instant::now());
            let Ok((number, changes)) = commits.recv_timeout(wait) else { break };
            last = number;
            batch.push(changes);
        }
        next_at = Instant::now() + bounds.transaction_every;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut spoken_in = BTreeSet::new();
        let mut sums = Sums::default();
        for change in batch.iter().flatten() {
            write(&transaction, change, &mut spoken_in, &mut sums, &bounds)?;
        }
        for room in spoken_in {
            rooms::trim(&transaction, room, bounds.said_per_room_max)?;
        }
        sums.flush(&transaction)?;
        transaction.commit()?;
        done(Ok(last));
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn write<'c>(
    db: &Transaction<'_>,
    change: &'c Change,
    spoken_in: &mut BTreeSet<&'c RoomKey>,
    sums: &mut Sums,
    bounds: &WriterBounds,
) -> Result<(), StoreError> {
    match change {
        Change::Account(record) => people::account(db, record),
        Change::Session(record) => people::session(db, record),
        Change::SessionEnded(id) => {
            run_sql(db, "DELETE FROM membership WHERE session = ?1", params![id.0 as i64])?;
            run_sql(db, "DELETE FROM session WHERE id = ?1", params![id.0 as i64])
        }
        Change::Membership(record) => people::membership(db, record),
        Change::MembershipEnded(id, room) => run_sql(
            db,
            "DELETE FROM membership WHERE session = ?1 AND app = ?2 AND room = ?3",
            params![id.0 as i64, room.app.0, room.room.as_str()],
        ),
        Change::Room(record) => rooms::room(db, record),
        Change::RoomGone(room) => rooms::room_gone(db, room),
        Change::Mute(room, user, until) => rooms::sanction(db, "mute", room, user, *until),
        Change::Ban(room, user, until) => rooms::sanction(db, "ban", room, user, *until),
        Change::Admin(room, user, admin) => rooms::admin(db, room, user, *admin),
        Change::MemberField(room, user, key, value) => rooms::member_field(db, room, user, key, value.as_deref()),
        Change::Tally(room, key, value) => rooms::tally(db, room, key, *value),
        Change::Attribute(room, key, value) => rooms::attribute(db, room, key, value.as_ref()),
        Change::Direct(change) => crate::direct::write(db, change, bounds),
        Change::RoomNews(room, at, news) => crate::shop::room_news(db, room, *at, news),
        Change::Shop(app, at, event) => sums.write(db, *app, *at, event),
        Change::Pinned(room, pin) => rooms::pinned(db, room, pin),
        Change::Unpinned(room, seq) => run_sql(
            db,
            "DELETE FROM pin WHERE app = ?1 AND room = ?2 AND seq = ?3",
            params![room.app.0, room.room.as_str(), *seq as i64],
        ),
        Change::Words(app, room, words) => rooms::words(db, *app, room.as_ref(), words.lists()),
        Change::Counters(room, counters) => run_sql(
            db,
            "UPDATE room SET likes = ?3, messages = ?4, peak = ?5 WHERE app = ?1 AND room = ?2",
            params![room.app.0, room.room.as_str(), counters.likes as i64, counters.messages as i64, counters.peak],
        ),
        Change::Said(posted) => {
            spoken_in.insert(&posted.room);
            rooms::said(db, posted)
        }
        Change::Recalled(room, seq) => run_sql(
            db,
            "DELETE FROM said WHERE app = ?1 AND room = ?2 AND seq = ?3",
            params![room.app.0, room.room.as_str(), *seq as i64],
        ),
    }
}

pub(crate) fn run_sql(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
    db.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

pub(crate) fn json(what: &'static str, value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Unreadable { what, source })
}
