//! What was done over the console and by applications, and by whom.

use super::ConsoleTable;
use crate::{StoreError, millis, time};
use hawker_core::{AppId, Time};
use rusqlite::{TransactionBehavior, params};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The app.
    pub app: AppId,
    /// When.
    pub at: Time,
    /// A user of the console, or a key.
    pub who: String,
    /// What, as a stable name.
    pub what: String,
    /// To what.
    pub about: String,
    /// The address that it came from.
    pub origin: String,
}

/// An entry and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Grows.
    pub id: i64,
    /// The entry.
    pub entry: AuditEntry,
}

impl ConsoleTable {
    /// Enters what was done. Of all entries so many are kept.
    pub fn enter(&self, entry: &AuditEntry, most: usize) -> Result<(), StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let AuditEntry { app, at, who, what, about, origin } = entry;
        db.execute(
            "INSERT INTO audit (app, at, who, what, about, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![app.0, millis(*at), who, what, about, origin],
        )?;
        db.execute("DELETE FROM audit WHERE id <= ?1", [db.last_insert_rowid() - most as i64])?;
        db.commit()?;
        Ok(())
    }

    /// What was done in an app, the newest first, below a number, and not more than so many.
    pub fn audit(&self, app: AppId, below: i64, most: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(
            "SELECT id, at, who, what, about, origin FROM audit WHERE app = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        )?;
        let rows = statement.query_map(params![app.0, below, most as i64], |row| {
            let entry = AuditEntry {
                app,
                at: time(row.get(1)?),
                who: row.get(2)?,
                what: row.get(3)?,
                about: row.get(4)?,
                origin: row.get(5)?,
            };
            Ok(AuditRecord { id: row.get(0)?, entry })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
