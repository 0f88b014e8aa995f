//! What is known of the console: its users, their sessions, the keys of applications, and what was done with them.
//!
//! Like the files, this is no business of the rules: it is written over a connection of its own. Of cookies, links and
//! keys only hashes come here, of passwords what `argon2` made of them.

mod answers;
mod audit;
mod keys;
mod people;

pub use answers::GivenAnswer;
pub use audit::{AuditEntry, AuditRecord};
pub use keys::{ApiKeyRecord, NewApiKey};
pub use people::{ConsoleSession, ConsoleUser, UserAdded, UserRemoved};

use crate::{Store, StoreError, connect};
use rusqlite::Connection;
use std::sync::{Mutex, MutexGuard};

/// What is kept of a secret that only has to be recognised.
pub type SecretHash = [u8; 32];

/// The tables of the console. Calls block for a disk access.
pub struct ConsoleTable {
    writing: Mutex<Connection>,
    /// For what every request asks, which must not wait for a sync.
    reading: Mutex<Connection>,
}

impl Store {
    /// The tables of the console of this database.
    pub fn console(&self) -> Result<ConsoleTable, StoreError> {
        Ok(ConsoleTable { writing: Mutex::new(connect(&self.path)?), reading: Mutex::new(connect(&self.path)?) })
    }
}

impl ConsoleTable {
    fn writing(&self) -> MutexGuard<'_, Connection> {
        self.writing.lock().expect("nobody panics while holding the table")
    }

    fn reading(&self) -> MutexGuard<'_, Connection> {
        self.reading.lock().expect("nobody panics while holding the table")
    }
}
