//! Webhooks: who is told of what, and what became of it.
//!
//! An endpoint has a cursor in the table of events. What it wants to hear becomes a delivery in the transaction that moves
//! the cursor, so no event is lost or queued twice. Of each stream only the oldest waiting delivery is due; when it is
//! done with, the next one is, in the same transaction.

mod deliveries;
mod queue;

pub use deliveries::{DeliveryRecord, DeliveryState, Queued};
pub use queue::{Due, Outcome, Verdict};

use crate::{Store, StoreError, connect, millis, time};
use hawker_core::{AppId, Time};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::sync::{Mutex, MutexGuard};

/// An endpoint that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// The app whose events it hears.
    pub app: AppId,
    /// Where it listens.
    pub url: String,
    /// Which events, as patterns with blanks between them.
    pub events: String,
    /// Whether it is told anything.
    pub active: bool,
    /// The key of its signatures.
    pub secret: String,
    /// When it was made.
    pub created_at: Time,
}

/// An endpoint as its merchant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Its number.
    pub id: i64,
    /// Where it listens.
    pub url: String,
    /// Which events, as patterns with blanks between them.
    pub events: String,
    /// Whether it is told anything.
    pub active: bool,
    /// When it was made.
    pub created_at: Time,
    /// Deliveries that wait.
    pub waiting: u64,
    /// The HTTP status of the last attempt; 0 if there was no answer.
    pub last_status: u16,
    /// When that was; 0 is never.
    pub last_at: Time,
}

/// An endpoint as the courier sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its number.
    pub id: i64,
    /// The app whose events it hears.
    pub app: AppId,
    /// Where it listens.
    pub url: String,
    /// Which events, as patterns with blanks between them.
    pub events: String,
    /// The key of its signatures.
    pub secret: String,
}

/// The tables of webhooks. Calls block for a disk access.
pub struct WebhookTable {
    writing: Mutex<Connection>,
    reading: Mutex<Connection>,
}

impl Store {
    /// The tables of webhooks of this database.
    pub fn webhooks(&self) -> Result<WebhookTable, StoreError> {
        Ok(WebhookTable { writing: Mutex::new(connect(&self.path)?), reading: Mutex::new(connect(&self.path)?) })
    }
}

/// The number of the newest event.
const NEWEST_EVENT: &str = "coalesce((SELECT max(id) FROM event), 0)";

const LISTED: &str = "SELECT id, url, events, active, created_at,
    (SELECT count(*) FROM webhook_delivery AS d WHERE d.webhook = webhook.id AND d.state = 0), last_status, last_at
    FROM webhook";

impl WebhookTable {
    fn writing(&self) -> MutexGuard<'_, Connection> {
        self.writing.lock().expect("nobody panics while holding the table")
    }

    fn reading(&self) -> MutexGuard<'_, Connection> {
        self.reading.lock().expect("nobody panics while holding the table")
    }

    /// Keeps an endpoint, of which an app may have so many. It hears what happens from now on. `None`: the app has them.
    pub fn add(&self, new: &NewWebhook, most: usize) -> Result<Option<i64>, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there: i64 =
            db.query_row("SELECT count(*) FROM webhook WHERE app = ?1", [new.app.0], |row| row.get(0))?;
        if there as usize >= most {
            return Ok(None);
        }
        db.execute(
            &format!(
                "INSERT INTO webhook (app, url, events, active, secret, created_at, read_to)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, {NEWEST_EVENT})"
            ),
            params![new.app.0, new.url, new.events, new.active, new.secret, millis(new.created_at)],
        )?;
        let id = db.last_insert_rowid();
        db.commit()?;
        Ok(Some(id))
    }

    /// Changes an endpoint. One that is turned on hears what happens from now on. `false`: there is none.
    pub fn change(&self, app: AppId, id: i64, url: &str, events: &str, active: bool) -> Result<bool, StoreError> {
        let changed = self.writing().execute(
            &format!(
                "UPDATE webhook SET url = ?3, events = ?4, active = ?5,
                 read_to = CASE WHEN active = 0 AND ?5 THEN {NEWEST_EVENT} ELSE read_to END
                 WHERE app = ?1 AND id = ?2"
            ),
            params![app.0, id, url, events, active],
        )?;
        Ok(changed == 1)
    }

    /// Takes an endpoint away, with its deliveries. `false`: there is none.
    pub fn remove(&self, app: AppId, id: i64) -> Result<bool, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let gone = db.execute("DELETE FROM webhook WHERE app = ?1 AND id = ?2", params![app.0, id])?;
        if gone == 1 {
            db.execute("DELETE FROM webhook_delivery WHERE webhook = ?1", [id])?;
        }
        db.commit()?;
        Ok(gone == 1)
    }

    /// The endpoints of an app, the newest first.
    pub fn list(&self, app: AppId) -> Result<Vec<WebhookRecord>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(&format!("{LISTED} WHERE app = ?1 ORDER BY id DESC"))?;
        let rows = statement.query_map([app.0], listed)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One endpoint.
    pub fn find(&self, app: AppId, id: i64) -> Result<Option<WebhookRecord>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(&format!("{LISTED} WHERE app = ?1 AND id = ?2"))?;
        Ok(statement.query_row(params![app.0, id], listed).optional()?)
    }

    /// The endpoints of all apps that are to be told something.
    pub fn active(&self) -> Result<Vec<Endpoint>, StoreError> {
        let db = self.reading();
        let mut statement =
            db.prepare_cached("SELECT id, app, url, events, secret FROM webhook WHERE active ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(Endpoint {
                id: row.get(0)?,
                app: AppId(row.get(1)?),
                url: row.get(2)?,
                events: row.get(3)?,
                secret: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<WebhookRecord> {
    Ok(WebhookRecord {
        id: row.get(0)?,
        url: row.get(1)?,
        events: row.get(2)?,
        active: row.get(3)?,
        created_at: time(row.get(4)?),
        waiting: row.get::<_, i64>(5)? as u64,
        last_status: row.get(6)?,
        last_at: time(row.get(7)?),
    })
}
