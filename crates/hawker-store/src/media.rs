//! The keys of live video: one to push and one to play for each room that has asked for them.

use crate::{Store, StoreError, connect};
use hawker_core::{AppId, RoomId};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::{Mutex, MutexGuard};

/// The keys of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamKeys {
    /// Whoever has it may push.
    pub push: String,
    /// Signs addresses to play.
    pub play: String,
}

/// The table of keys. Calls block for a disk access.
pub struct MediaTable(Mutex<Connection>);

impl Store {
    /// The keys of live video of this database.
    pub fn media(&self) -> Result<MediaTable, StoreError> {
        Ok(MediaTable(Mutex::new(connect(&self.path)?)))
    }
}

impl MediaTable {
    fn db(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().expect("nobody panics while holding the table")
    }

    /// The keys of a room, if it ever had some.
    pub fn keys(&self, app: AppId, room: &RoomId) -> Result<Option<StreamKeys>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached("SELECT push, play FROM stream_key WHERE app = ?1 AND room = ?2")?;
        let keys = statement.query_row(params![app.0, room.as_str()], |row| {
            Ok(StreamKeys { push: row.get(0)?, play: row.get(1)? })
        });
        Ok(keys.optional()?)
    }

    /// Keeps keys for a room that has none. `false`: it has some, or there is no such room.
    pub fn insert(&self, app: AppId, room: &RoomId, keys: &StreamKeys) -> Result<bool, StoreError> {
        self.keep("INSERT OR IGNORE", app, room, keys)
    }

    /// Keeps keys instead of those that a room had. `false`: there is no such room.
    pub fn replace(&self, app: AppId, room: &RoomId, keys: &StreamKeys) -> Result<bool, StoreError> {
        self.keep("INSERT OR REPLACE", app, room, keys)
    }

    /// A key that outlived its room would open the next one of that name.
    fn keep(&self, how: &str, app: AppId, room: &RoomId, keys: &StreamKeys) -> Result<bool, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(&format!(
            "{how} INTO stream_key (app, room, push, play) SELECT ?1, ?2, ?3, ?4
             WHERE EXISTS (SELECT 1 FROM room WHERE app = ?1 AND room = ?2)"
        ))?;
        Ok(statement.execute(params![app.0, room.as_str(), keys.push, keys.play])? > 0)
    }
}
