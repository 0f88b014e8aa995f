//! What is known of the files that users sent. The bytes are elsewhere (`hawker-files`).
//!
//! Files are no business of the rules, so their table is not written by the writer but over a connection of its own:
//! a row when a file begins to be stored, a mark when it is, a delete when it is gone. Each is one small
//! transaction, so the writer never waits longer for one than for a sync of its own.

use crate::{Store, StoreError, connect};
use hawker_core::file::{FileId, FileKind, SHOP};
use hawker_core::{AppId, Time, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::{Mutex, MutexGuard};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// Its name.
    pub file: FileId,
    /// The app.
    pub app: AppId,
    /// Who sent it.
    pub user: UserId,
    /// What it is shown as.
    pub kind: FileKind,
    /// How its address ends, without the dot.
    pub extension: String,
    /// What its user calls it.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// Bytes of the original.
    pub bytes: u64,
    /// Bytes of the original and of what was made of it.
    pub bytes_in_all: u64,
    /// A hash of the original.
    pub sha256: [u8; 32],
    /// Width of a picture, in pixels, as it is shown; 0 for everything else.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// The media type of the smaller versions of a picture; empty if there are none.
    pub small_media: String,
    /// When it was sent.
    pub made_at: Time,
}

/// What one user has stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The app.
    pub app: AppId,
    /// The user.
    pub user: UserId,
    /// Bytes kept.
    pub bytes: u64,
    /// Bytes of them that were sent since the moment asked for.
    pub since: u64,
}

/// The table of files. Calls block for a disk access.
pub struct FileTable {
    /// For changes, and for what the server asks itself.
    writing: Mutex<Connection>,
    /// For downloads, which must not wait for a sync.
    reading: Mutex<Connection>,
}

const COLUMNS: &str = "id, app, user, kind, extension, name, media, bytes, bytes_in_all, sha256, width, height, \
                       small_media, made_at";

impl Store {
    /// The table of files of this database.
    pub fn files(&self) -> Result<FileTable, StoreError> {
        Ok(FileTable { writing: Mutex::new(connect(&self.path)?), reading: Mutex::new(connect(&self.path)?) })
    }
}

impl FileTable {
    fn writing(&self) -> MutexGuard<'_, Connection> {
        self.writing.lock().expect("nobody panics while holding the table")
    }

    /// A file begins to be stored. `false`: there is one of this name.
    pub fn begin(&self, record: &FileRecord) -> Result<bool, StoreError> {
        let sql = format!(
            "INSERT OR IGNORE INTO file ({COLUMNS}, stored)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0)"
        );
        let new = self.writing().prepare_cached(&sql)?.execute(params![
            record.file.to_string(),
            record.app.0,
            record.user.as_str(),
            record.kind.number(),
            record.extension,
            record.name,
            record.media,
            record.bytes as i64,
            record.bytes_in_all as i64,
            record.sha256,
            record.width,
            record.height,
            record.small_media,
            record.made_at.0 as i64,
        ])?;
        Ok(new == 1)
    }

    /// All of a file is stored: from now on it is there.
    pub fn stored(&self, file: FileId) -> Result<(), StoreError> {
        self.writing().prepare_cached("UPDATE file SET stored = 1 WHERE id = ?1")?.execute([file.to_string()])?;
        Ok(())
    }

    /// A file is gone.
    pub fn remove(&self, file: FileId) -> Result<(), StoreError> {
        self.writing().prepare_cached("DELETE FROM file WHERE id = ?1")?.execute([file.to_string()])?;
        Ok(())
    }

    /// A file that is stored.
    pub fn find(&self, file: FileId) -> Result<Option<FileRecord>, StoreError> {
        let db = self.reading.lock().expect("nobody panics while holding the table");
        let sql = format!("SELECT {COLUMNS} FROM file WHERE id = ?1 AND stored = 1");
        Ok(db.prepare_cached(&sql)?.query_row([file.to_string()], record).optional()?)
    }

    /// Files that users sent before a moment, the oldest first, and not more than so many. Those of the shop are none.
    pub fn older_than(&self, moment: Time, most: usize) -> Result<Vec<FileRecord>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM file WHERE made_at < ?1 AND stored = 1 AND user <> '{SHOP}' ORDER BY made_at LIMIT ?2"
        );
        let db = self.writing();
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params![moment.0 as i64, most as i64], record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Files that were being stored when the server ended.
    pub fn unfinished(&self) -> Result<Vec<FileRecord>, StoreError> {
        let db = self.writing();
        let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM file WHERE stored = 0"))?;
        let rows = statement.query_map([], record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What each user has stored, and how much of it was sent since a moment.
    pub fn usage(&self, moment: Time) -> Result<Vec<Usage>, StoreError> {
        let db = self.writing();
        let mut statement = db.prepare(
            "SELECT app, user, sum(bytes_in_all), sum(CASE WHEN made_at >= ?1 THEN bytes_in_all ELSE 0 END)
             FROM file WHERE stored = 1 GROUP BY app, user",
        )?;
        let rows = statement.query_map([moment.0 as i64], |row| {
            Ok(Usage {
                app: AppId(row.get(0)?),
                user: UserId::from(row.get::<_, String>(1)?),
                bytes: row.get::<_, i64>(2)? as u64,
                since: row.get::<_, i64>(3)? as u64,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<FileRecord> {
    let unreadable = |at: usize, kind| rusqlite::Error::InvalidColumnType(at, "a file".into(), kind);
    let id = FileId::parse(row.get_ref(0)?.as_str()?);
    let kind = FileKind::of_number(row.get(3)?);
    Ok(FileRecord {
        file: id.ok_or_else(|| unreadable(0, rusqlite::types::Type::Text))?,
        app: AppId(row.get(1)?),
        user: UserId::from(row.get::<_, String>(2)?),
        kind: kind.ok_or_else(|| unreadable(3, rusqlite::types::Type::Integer))?,
        extension: row.get(4)?,
        name: row.get(5)?,
        media: row.get(6)?,
        bytes: row.get::<_, i64>(7)? as u64,
        bytes_in_all: row.get::<_, i64>(8)? as u64,
        sha256: row.get(9)?,
        width: row.get(10)?,
        height: row.get(11)?,
        small_media: row.get(12)?,
        made_at: Time(row.get::<_, i64>(13)? as u64),
    })
}
