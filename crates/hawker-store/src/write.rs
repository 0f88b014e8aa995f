//! The writer: a thread that turns commits into transactions.

use crate::{Store, StoreError};
use hawker_core::change::{AccountRecord, Change, MembershipRecord, RoomRecord, SessionRecord};
use hawker_core::post::{Pin, Posted};
use hawker_core::words::WordLists;
use hawker_core::{AppId, RoomId, RoomKey, Time, UserId};
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
        for change in batch.iter().flatten() {
            write(&transaction, change, &mut spoken_in, &bounds)?;
        }
        for room in spoken_in {
            trim(&transaction, room, bounds.said_per_room_max)?;
        }
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
    bounds: &WriterBounds,
) -> Result<(), StoreError> {
    match change {
        Change::Account(record) => account(db, record),
        Change::Session(record) => session(db, record),
        Change::SessionEnded(id) => {
            run_sql(db, "DELETE FROM membership WHERE session = ?1", params![id.0 as i64])?;
            run_sql(db, "DELETE FROM session WHERE id = ?1", params![id.0 as i64])
        }
        Change::Membership(record) => membership(db, record),
        Change::MembershipEnded(id, room) => run_sql(
            db,
            "DELETE FROM membership WHERE session = ?1 AND app = ?2 AND room = ?3",
            params![id.0 as i64, room.app.0, room.room.as_str()],
        ),
        Change::Room(record) => self::room(db, record),
        Change::RoomGone(room) => room_gone(db, room),
        Change::Mute(room, user, until) => sanction(db, "mute", room, user, *until),
        Change::Ban(room, user, until) => sanction(db, "ban", room, user, *until),
        Change::Admin(room, user, admin) => self::admin(db, room, user, *admin),
        Change::MemberField(room, user, key, value) => member_field(db, room, user, key, value.as_deref()),
        Change::Tally(room, key, value) => tally(db, room, key, *value),
        Change::Attribute(room, key, value) => attribute(db, room, key, value.as_ref()),
        Change::Direct(change) => crate::direct::write(db, change, bounds),
        Change::Pinned(room, pin) => pinned(db, room, pin),
        Change::Unpinned(room, seq) => run_sql(
            db,
            "DELETE FROM pin WHERE app = ?1 AND room = ?2 AND seq = ?3",
            params![room.app.0, room.room.as_str(), *seq as i64],
        ),
        Change::Words(app, room, words) => self::words(db, *app, room.as_ref(), words.lists()),
        Change::Counters(room, counters) => run_sql(
            db,
            "UPDATE room SET likes = ?3, messages = ?4, peak = ?5 WHERE app = ?1 AND room = ?2",
            params![room.app.0, room.room.as_str(), counters.likes as i64, counters.messages as i64, counters.peak],
        ),
        Change::Said(posted) => {
            spoken_in.insert(&posted.room);
            said(db, posted)
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

fn account(db: &Transaction<'_>, record: &AccountRecord) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT INTO account (id, app, user, profile, sigs_valid_from) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, sigs_valid_from = excluded.sigs_valid_from",
        params![
            record.account.0 as i64,
            record.app.0,
            record.user.as_str(),
            json("a profile", &*record.profile)?,
            record.sigs_valid_from.0 as i64
        ],
    )
}

fn session(db: &Transaction<'_>, record: &SessionRecord) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO session (id, account, instance, since, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            record.session.0 as i64,
            record.account.0 as i64,
            &*record.instance,
            record.since.0 as i64,
            record.expires_at.0 as i64
        ],
    )
}

fn membership(db: &Transaction<'_>, record: &MembershipRecord) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO membership (session, app, room, joined_at, present) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            record.session.0 as i64,
            record.room.app.0,
            record.room.room.as_str(),
            record.joined_at.0 as i64,
            record.present
        ],
    )
}

fn room(db: &Transaction<'_>, record: &RoomRecord) -> Result<(), StoreError> {
    let profile = &record.profile;
    run_sql(
        db,
        "INSERT INTO room (app, room, name, introduction, notification, avatar, mute_all, fields, owner, created_at,
                           changed_at, info_seq, seq_ceiling, messages_per_second, attributes_changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (app, room) DO UPDATE SET
             name = excluded.name, introduction = excluded.introduction, notification = excluded.notification,
             avatar = excluded.avatar, mute_all = excluded.mute_all, fields = excluded.fields,
             owner = excluded.owner, changed_at = excluded.changed_at, info_seq = excluded.info_seq,
             seq_ceiling = excluded.seq_ceiling, messages_per_second = excluded.messages_per_second,
             attributes_changed = excluded.attributes_changed",
        params![
            record.key.app.0,
            record.key.room.as_str(),
            &*profile.name,
            &*profile.introduction,
            &*profile.notification,
            &*profile.avatar,
            profile.mute_all,
            json("the fields of a room", &profile.fields)?,
            record.owner.as_ref().map(UserId::as_str),
            record.created_at.0 as i64,
            record.changed_at.0 as i64,
            record.info_seq as i64,
            record.seq_ceiling as i64,
            record.messages_per_second,
            record.attributes_changed as i64
        ],
    )
}

fn room_gone(db: &Transaction<'_>, room: &RoomKey) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM room WHERE app = ?1 AND room = ?2",
        "DELETE FROM membership WHERE app = ?1 AND room = ?2",
        "DELETE FROM sanction WHERE app = ?1 AND room = ?2",
        "DELETE FROM room_admin WHERE app = ?1 AND room = ?2",
        "DELETE FROM member_field WHERE app = ?1 AND room = ?2",
        "DELETE FROM counter WHERE app = ?1 AND room = ?2",
        "DELETE FROM attribute WHERE app = ?1 AND room = ?2",
        "DELETE FROM said WHERE app = ?1 AND room = ?2",
        "DELETE FROM pin WHERE app = ?1 AND room = ?2",
        "DELETE FROM words WHERE app = ?1 AND room = ?2",
    ] {
        run_sql(db, sql, params![room.app.0, room.room.as_str()])?;
    }
    Ok(())
}

fn sanction(
    db: &Transaction<'_>,
    kind: &str,
    room: &RoomKey,
    user: &UserId,
    until: Time,
) -> Result<(), StoreError> {
    let (app, room, user) = (room.app.0, room.room.as_str(), user.as_str());
    if until == Time::default() {
        return run_sql(
            db,
            "DELETE FROM sanction WHERE app = ?1 AND room = ?2 AND user = ?3 AND kind = ?4",
            params![app, room, user, kind],
        );
    }
    run_sql(
        db,
        "INSERT OR REPLACE INTO sanction (app, room, user, kind, until) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![app, room, user, kind, until.0 as i64],
    )
}

fn admin(db: &Transaction<'_>, room: &RoomKey, user: &UserId, admin: bool) -> Result<(), StoreError> {
    let sql = if admin {
        "INSERT OR REPLACE INTO room_admin (app, room, user) VALUES (?1, ?2, ?3)"
    } else {
        "DELETE FROM room_admin WHERE app = ?1 AND room = ?2 AND user = ?3"
    };
    run_sql(db, sql, params![room.app.0, room.room.as_str(), user.as_str()])
}

fn member_field(
    db: &Transaction<'_>,
    room: &RoomKey,
    user: &UserId,
    key: &str,
    value: Option<&str>,
) -> Result<(), StoreError> {
    let (app, room, user) = (room.app.0, room.room.as_str(), user.as_str());
    match value {
        Some(value) => run_sql(
            db,
            "INSERT OR REPLACE INTO member_field (app, room, user, key, value) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![app, room, user, key, value],
        ),
        None => run_sql(
            db,
            "DELETE FROM member_field WHERE app = ?1 AND room = ?2 AND user = ?3 AND key = ?4",
            params![app, room, user, key],
        ),
    }
}

fn tally(db: &Transaction<'_>, room: &RoomKey, key: &str, value: Option<i64>) -> Result<(), StoreError> {
    let (app, room) = (room.app.0, room.room.as_str());
    match value {
        Some(value) => run_sql(
            db,
            "INSERT OR REPLACE INTO counter (app, room, key, value) VALUES (?1, ?2, ?3, ?4)",
            params![app, room, key, value],
        ),
        None => {
            run_sql(db, "DELETE FROM counter WHERE app = ?1 AND room = ?2 AND key = ?3", params![app, room, key])
        }
    }
}

fn attribute(
    db: &Transaction<'_>,
    room: &RoomKey,
    key: &str,
    value: Option<&(std::sync::Arc<str>, u64)>,
) -> Result<(), StoreError> {
    let (app, room) = (room.app.0, room.room.as_str());
    match value {
        Some((value, no)) => run_sql(
            db,
            "INSERT OR REPLACE INTO attribute (app, room, key, value, no) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![app, room, key, &**value, *no as i64],
        ),
        None => {
            run_sql(db, "DELETE FROM attribute WHERE app = ?1 AND room = ?2 AND key = ?3", params![app, room, key])
        }
    }
}

fn pinned(db: &Transaction<'_>, room: &RoomKey, pin: &Pin) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO pin (app, room, seq, pin) VALUES (?1, ?2, ?3, ?4)",
        params![room.app.0, room.room.as_str(), pin.message.seq as i64, json("a pinned message", pin)?],
    )
}

fn words(db: &Transaction<'_>, app: AppId, room: Option<&RoomId>, lists: &WordLists) -> Result<(), StoreError> {
    // No room is called nothing.
    let room = room.map_or("", RoomId::as_str);
    if lists.is_empty() {
        return run_sql(db, "DELETE FROM words WHERE app = ?1 AND room = ?2", params![app.0, room]);
    }
    run_sql(
        db,
        "INSERT OR REPLACE INTO words (app, room, reject, mask) VALUES (?1, ?2, ?3, ?4)",
        params![app.0, room, json("words", &lists.reject)?, json("words", &lists.mask)?],
    )
}

/// A message of a room that is gone by now is not kept: the room's row is the witness.
fn said(db: &Transaction<'_>, posted: &Posted) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO said (app, room, seq, posted)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM room WHERE app = ?1 AND room = ?2)",
        params![posted.room.app.0, posted.room.room.as_str(), posted.seq as i64, json("a message", posted)?],
    )
}

fn trim(db: &Transaction<'_>, room: &RoomKey, keep: usize) -> Result<(), StoreError> {
    run_sql(
        db,
        "DELETE FROM said WHERE app = ?1 AND room = ?2 AND seq <=
             (SELECT seq FROM said WHERE app = ?1 AND room = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)",
        params![room.app.0, room.room.as_str(), keep as i64],
    )
}
