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

    /// Keeps keys for a room that has none; returns those that it has.
    pub fn keys_or_insert(
        &self,
        app: AppId,
        room: &RoomId,
        make: impl FnOnce() -> StreamKeys,
    ) -> Result<StreamKeys, StoreError> {
        if let Some(keys) = self.keys(app, room)? {
            return Ok(keys);
        }
        let keys = make();
        self.replace(app, room, &keys)?;
        Ok(keys)
    }

    /// Keeps keys instead of those that a room had.
    pub fn replace(&self, app: AppId, room: &RoomId, keys: &StreamKeys) -> Result<(), StoreError> {
        let db = self.db();
        let mut statement =
            db.prepare_cached("INSERT OR REPLACE INTO stream_key (app, room, push, play) VALUES (?1, ?2, ?3, ?4)")?;
        statement.execute(params![app.0, room.as_str(), keys.push, keys.play])?;
        Ok(())
    }
}
