//! Users of the console, their sessions, and the link that lets the first of them in.

use super::{ConsoleTable, SecretHash};
use crate::{StoreError, millis, time};
use hawker_core::Time;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

/// A user of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleUser {
    /// The name.
    pub name: String,
    /// Since when there is one of this name.
    pub created_at: Time,
}

/// A session of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSession {
    /// Whose.
    pub user: String,
    /// When it began.
    pub made_at: Time,
    /// When it was used last, as far as that was kept.
    pub used_at: Time,
}

/// What became of a new user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAdded {
    /// There is one now.
    Done,
    /// There was one of this name.
    Taken,
    /// There are as many as there may be.
    Full,
}

/// What became of a user that was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserRemoved {
    /// Gone.
    Done,
    /// There was none.
    Missing,
    /// The last one stays: nobody could get in any more.
    LastOne,
}

impl ConsoleTable {
    /// Makes a link good; the one before is good no longer.
    pub fn offer_link(&self, token: &SecretHash, good_until: Time) -> Result<(), StoreError> {
        self.writing().execute(
            "INSERT OR REPLACE INTO console_link (only_one, token, good_until) VALUES (1, ?1, ?2)",
            params![token, millis(good_until)],
        )?;
        Ok(())
    }

    /// The link that is good now.
    pub fn link(&self, now: Time) -> Result<Option<SecretHash>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached("SELECT token FROM console_link WHERE good_until > ?1")?;
        Ok(statement.query_row([millis(now)], |row| row.get(0)).optional()?)
    }

    /// Uses a link up: there is a user of this name with this password afterwards, and nobody is logged in under it.
    /// `false`: the link is not good (any more).
    pub fn set_up(&self, link: &SecretHash, name: &str, password: &str, now: Time) -> Result<bool, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let used = db
            .execute("DELETE FROM console_link WHERE token = ?1 AND good_until > ?2", params![link, millis(now)])?;
        if used == 0 {
            return Ok(false);
        }
        db.execute(
            "INSERT INTO console_user (name, password, created_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET password = excluded.password",
            params![name, password, millis(now)],
        )?;
        db.execute("DELETE FROM console_session WHERE user = ?1", [name])?;
        db.commit()?;
        Ok(true)
    }

    /// Whether there is anybody who could log in.
    pub fn is_set_up(&self) -> Result<bool, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM console_user)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Adds a user, of whom there may be so many.
    pub fn add_user(&self, name: &str, password: &str, now: Time, most: usize) -> Result<UserAdded, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if count_users(&db)? >= most {
            return Ok(UserAdded::Full);
        }
        let added = db.execute(
            "INSERT OR IGNORE INTO console_user (name, password, created_at) VALUES (?1, ?2, ?3)",
            params![name, password, millis(now)],
        )?;
        db.commit()?;
        Ok(if added == 1 { UserAdded::Done } else { UserAdded::Taken })
    }

    /// Everybody, by name.
    pub fn users(&self) -> Result<Vec<ConsoleUser>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached("SELECT name, created_at FROM console_user ORDER BY name")?;
        let rows =
            statement.query_map([], |row| Ok(ConsoleUser { name: row.get(0)?, created_at: time(row.get(1)?) }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes a user away, with all sessions.
    pub fn remove_user(&self, name: &str) -> Result<UserRemoved, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let removed = db.execute("DELETE FROM console_user WHERE name = ?1", [name])?;
        if removed == 0 {
            return Ok(UserRemoved::Missing);
        }
        if count_users(&db)? == 0 {
            return Ok(UserRemoved::LastOne);
        }
        db.execute("DELETE FROM console_session WHERE user = ?1", [name])?;
        db.commit()?;
        Ok(UserRemoved::Done)
    }

    /// The hash of a user's password.
    pub fn password(&self, name: &str) -> Result<Option<String>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached("SELECT password FROM console_user WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Changes a password and ends the user's other sessions. `false`: there is no such user (any more).
    pub fn set_password(&self, name: &str, password: &str, session: &SecretHash) -> Result<bool, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let set = db.execute("UPDATE console_user SET password = ?2 WHERE name = ?1", [name, password])?;
        db.execute("DELETE FROM console_session WHERE user = ?1 AND token <> ?2", params![name, session])?;
        db.commit()?;
        Ok(set == 1)
    }

    /// Begins a session, of which a user may have so many: the oldest gives way.
    pub fn open_session(&self, token: &SecretHash, user: &str, now: Time, most: usize) -> Result<(), StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        db.execute(
            "INSERT INTO console_session (token, user, made_at, used_at) VALUES (?1, ?2, ?3, ?3)",
            params![token, user, millis(now)],
        )?;
        db.execute(
            "DELETE FROM console_session WHERE user = ?1 AND token NOT IN
             (SELECT token FROM console_session WHERE user = ?1 ORDER BY made_at DESC LIMIT ?2)",
            params![user, most as i64],
        )?;
        db.commit()?;
        Ok(())
    }

    /// A session, whether it is still good or not.
    pub fn session(&self, token: &SecretHash) -> Result<Option<ConsoleSession>, StoreError> {
        let db = self.reading();
        let mut statement =
            db.prepare_cached("SELECT user, made_at, used_at FROM console_session WHERE token = ?1")?;
        let session = statement.query_row([token], |row| {
            Ok(ConsoleSession { user: row.get(0)?, made_at: time(row.get(1)?), used_at: time(row.get(2)?) })
        });
        Ok(session.optional()?)
    }

    /// A session was used.
    pub fn touch_session(&self, token: &SecretHash, now: Time) -> Result<(), StoreError> {
        let db = self.writing();
        let mut statement = db.prepare_cached("UPDATE console_session SET used_at = ?2 WHERE token = ?1")?;
        statement.execute(params![token, millis(now)])?;
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&self, token: &SecretHash) -> Result<(), StoreError> {
        self.writing().execute("DELETE FROM console_session WHERE token = ?1", [token])?;
        Ok(())
    }

    /// Forgets sessions that were used last, or began, before these moments.
    pub fn clear_sessions(&self, used_before: Time, made_before: Time) -> Result<(), StoreError> {
        self.writing().execute(
            "DELETE FROM console_session WHERE used_at < ?1 OR made_at < ?2",
            [millis(used_before), millis(made_before)],
        )?;
        Ok(())
    }
}

fn count_users(db: &Transaction<'_>) -> Result<usize, StoreError> {
    Ok(db.query_row("SELECT count(*) FROM console_user", [], |row| row.get::<_, i64>(0))? as usize)
}
