//! Keeps what the rules say must be kept.
//!
//! One SQLite file in WAL mode with full synchronisation: when a commit is confirmed it has survived `kill -9` and
//! a power cut. One thread writes; whatever has gathered while it was busy goes into one transaction, so the cost
//! of a sync is shared by all who wait for it. The rules are started from [`Store::load`] and hold everything that
//! is asked for often in memory. Direct messages are too many for that: one thread reads them beside the writer, over a
//! connection that can only read.

mod console;
mod direct;
mod files;
mod listing;
mod load;
mod media;
mod read;
mod shop;
mod webhooks;
mod write;

pub use console::{
    ApiKeyRecord, AuditEntry, AuditRecord, ConsoleSession, ConsoleTable, ConsoleUser, GivenAnswer, NewApiKey,
    SecretHash, UserAdded, UserRemoved,
};
pub use files::{FileRecord, FileTable, Usage};
pub use listing::{ListedRoom, ListedUser, Listing};
pub use media::{MediaTable, StreamKeys};
pub use read::Reader;
pub use shop::{Entry, KeptCoupon, KeptGoods, LowStock, OrderFilter, RoomTakings, ShopTable, Takings};
pub use webhooks::{
    DeliveryRecord, DeliveryState, Due, Endpoint, NewWebhook, Outcome, Queued, Verdict, WebhookRecord, WebhookTable,
};
pub use write::{Writer, WriterBounds};

use hawker_core::Time;
use rusqlite::{Connection, OptionalExtension, params};
use std::fs::File;
use std::path::{Path, PathBuf};

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The folder cannot be used.
    #[error("data folder: {0}")]
    Folder(#[from] std::io::Error),
    /// Another server has it open.
    #[error("another server is using this data folder")]
    InUse,
    /// The database is from another version of the server.
    #[error("migration: {0}")]
    Migration(#[from] refinery::Error),
    /// Something kept is nothing that this server would have written.
    #[error("{0} in the database is not one")]
    Strange(&'static str),
    /// Something kept cannot be understood.
    #[error("{what} in the database cannot be read: {source}")]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

/// The database of one server.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Held while a server writes: two servers over one folder would give out the same numbers.
    _lock: Option<File>,
}

/// The file's name within the data folder.
pub const FILE_NAME: &str = "hawker.db";

impl Store {
    /// Opens the database in a folder for a server, making or migrating it as needed. Only one server may.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|_| StoreError::InUse)?;
        Ok(Self { _lock: Some(lock), ..Self::open_beside(folder)? })
    }

    /// Opens it for a moment, beside a server that may be running.
    pub fn open_beside(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        let mut connection = connect(&path)?;
        connection.pragma_update(None, "cache_size", -16_000)?;
        migrations::migrations::runner().run(&mut connection)?;
        Ok(Self { connection, path, _lock: None })
    }

    /// Answers a query from what is committed, here and now.
    pub fn find(&self, query: &hawker_core::direct::Query) -> Result<hawker_core::direct::Found, StoreError> {
        direct::find(&self.connection, query)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A value that the server made for itself at first start, made now if there is none.
    pub fn meta_or_insert(&self, key: &str, make: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let kept = self
            .connection
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
            .optional()?;
        if let Some(value) = kept {
            return Ok(value);
        }
        let value = make();
        self.connection.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", params![key, value])?;
        Ok(value)
    }

    /// The apps that the server made for itself.
    pub fn apps(&self) -> Result<Vec<(u32, String)>, StoreError> {
        let mut statement = self.connection.prepare("SELECT id, secret FROM app ORDER BY id")?;
        let apps = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(apps.collect::<Result<_, _>>()?)
    }

    /// Keeps an app that the server made for itself.
    pub fn insert_app(&self, id: u32, secret: &str) -> Result<(), StoreError> {
        self.connection.execute("INSERT INTO app (id, secret) VALUES (?1, ?2)", params![id, secret])?;
        Ok(())
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// A moment as it is kept; what never comes is as late as can be.
fn millis(time: Time) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// A moment that was kept.
fn time(millis: i64) -> Time {
    Time(millis as u64)
}
