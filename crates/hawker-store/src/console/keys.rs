//! The keys of applications.

use super::{ConsoleTable, SecretHash};
use crate::{StoreError, millis, time};
use hawker_core::{AppId, Time};
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};

/// A key that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    /// The app that it acts in.
    pub app: AppId,
    /// The hash of the key.
    pub hash: SecretHash,
    /// What its merchant calls it.
    pub name: String,
    /// What it may do, as words with blanks between them.
    pub scopes: String,
    /// When it was made.
    pub created_at: Time,
}

/// A key that is kept; what it is nobody knows any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// Its number.
    pub id: i64,
    /// The app that it acts in.
    pub app: AppId,
    /// What its merchant calls it.
    pub name: String,
    /// What it may do, as words with blanks between them.
    pub scopes: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was used last, as far as that was kept; 0 is never.
    pub used_at: Time,
}

const COLUMNS: &str = "id, app, name, scopes, created_at, used_at";

impl ConsoleTable {
    /// Keeps a key, of which an app may have so many. `None`: it has them.
    pub fn add_key(&self, key: &NewApiKey, most: usize) -> Result<Option<i64>, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there: i64 =
            db.query_row("SELECT count(*) FROM api_key WHERE app = ?1", [key.app.0], |row| row.get(0))?;
        if there as usize >= most {
            return Ok(None);
        }
        db.execute(
            "INSERT INTO api_key (app, hash, name, scopes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![key.app.0, key.hash, key.name, key.scopes, millis(key.created_at)],
        )?;
        let id = db.last_insert_rowid();
        db.commit()?;
        Ok(Some(id))
    }

    /// The key with a hash.
    pub fn key(&self, hash: &SecretHash) -> Result<Option<ApiKeyRecord>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM api_key WHERE hash = ?1"))?;
        Ok(statement.query_row([hash], record).optional()?)
    }

    /// The keys of an app, the newest first.
    pub fn keys(&self, app: AppId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        let db = self.reading();
        let mut statement =
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM api_key WHERE app = ?1 ORDER BY id DESC"))?;
        let rows = statement.query_map([app.0], record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A key was used.
    pub fn touch_key(&self, id: i64, now: Time) -> Result<(), StoreError> {
        let db = self.writing();
        let mut statement = db.prepare_cached("UPDATE api_key SET used_at = ?2 WHERE id = ?1")?;
        statement.execute([id, millis(now)])?;
        Ok(())
    }

    /// Takes a key away. `false`: there is none.
    pub fn remove_key(&self, app: AppId, id: i64) -> Result<bool, StoreError> {
        let gone = self.writing().execute("DELETE FROM api_key WHERE app = ?1 AND id = ?2", params![app.0, id])?;
        Ok(gone == 1)
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<ApiKeyRecord> {
    Ok(ApiKeyRecord {
        id: row.get(0)?,
        app: AppId(row.get(1)?),
        name: row.get(2)?,
        scopes: row.get(3)?,
        created_at: time(row.get(4)?),
        used_at: time(row.get(5)?),
    })
}
