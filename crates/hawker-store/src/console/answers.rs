//! Answers to writes that came with a key of their own.

use super::{ConsoleTable, SecretHash};
use crate::{StoreError, millis};
use hawker_core::Time;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAnswer {
    /// A hash of what was asked.
    pub request: SecretHash,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl ConsoleTable {
    /// What was answered to somebody's key since a moment.
    pub fn answer(&self, who: &str, key: &str, since: Time) -> Result<Option<GivenAnswer>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(
            "SELECT request, status, body FROM api_answer WHERE who = ?1 AND key = ?2 AND at >= ?3",
        )?;
        let answer = statement.query_row(params![who, key, millis(since)], |row| {
            Ok(GivenAnswer { request: row.get(0)?, status: row.get(1)?, body: row.get(2)? })
        });
        Ok(answer.optional()?)
    }

    /// Keeps an answer, and forgets those that were given before a moment.
    pub fn keep_answer(
        &self,
        who: &str,
        key: &str,
        answer: &GivenAnswer,
        now: Time,
        forget: Time,
    ) -> Result<(), StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        db.execute("DELETE FROM api_answer WHERE at < ?1", [millis(forget)])?;
        db.execute(
            "INSERT OR REPLACE INTO api_answer (who, key, request, status, body, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![who, key, answer.request, answer.status, answer.body, millis(now)],
        )?;
        db.commit()?;
        Ok(())
    }
}
