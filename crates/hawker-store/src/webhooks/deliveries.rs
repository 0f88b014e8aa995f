//! Deliveries as a merchant sees them.

use super::{WebhookTable, queue};
use crate::{StoreError, time};
use hawker_core::{AppId, Time};
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It was not made yet.
    Waiting,
    /// It has arrived.
    Delivered,
    /// It was given up.
    Failed,
}

/// What became of a delivery that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits, under this number.
    As(i64),
    /// The app has no such endpoint, or no such delivery.
    Missing,
    /// Too many wait already.
    Full,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its number.
    pub id: i64,
    /// Which event; 0 is a test.
    pub event: i64,
    /// What it belongs to.
    pub stream: String,
    /// What kind of event.
    pub kind: String,
    /// When it happened.
    pub happened_at: Time,
    /// The object as it was then, as JSON.
    pub body: String,
    /// When the delivery was queued.
    pub made_at: Time,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` if it is not, or another of its stream comes first.
    pub next_at: Option<Time>,
    /// The HTTP status of the last attempt; 0 if there was no answer.
    pub status: u16,
    /// How long that took, in milliseconds.
    pub took: u64,
    /// What was answered, or why there was no answer.
    pub answer: String,
}

const LISTED: &str = "SELECT d.id, d.event, d.stream, d.kind, coalesce(e.at, d.made_at), coalesce(e.body, '{}'),
    d.made_at, d.state, d.attempts, d.next_at, d.status, d.took, d.answer
    FROM webhook_delivery AS d LEFT JOIN event AS e ON e.id = d.event";

impl DeliveryState {
    fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Delivered => 1,
            Self::Failed => 2,
        }
    }

    fn of_number(number: i64) -> Self {
        match number {
            0 => Self::Waiting,
            1 => Self::Delivered,
            _ => Self::Failed,
        }
    }
}

impl WebhookTable {
    /// Deliveries to an endpoint, the newest first, below a number, and not more than so many.
    pub fn deliveries(
        &self,
        webhook: i64,
        state: Option<DeliveryState>,
        below: i64,
        most: usize,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(&format!(
            "{LISTED} WHERE d.webhook = ?1 AND d.id < ?2 AND (?3 IS NULL OR d.state = ?3) ORDER BY d.id DESC LIMIT ?4"
        ))?;
        let state = state.map(DeliveryState::number);
        let rows = statement.query_map(params![webhook, below, state, most as i64], record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One delivery.
    pub fn delivery(&self, id: i64) -> Result<Option<DeliveryRecord>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(&format!("{LISTED} WHERE d.id = ?1"))?;
        Ok(statement.query_row([id], record).optional()?)
    }

    /// Queues a delivery that tells of nothing but itself, unless so many wait.
    pub fn test(&self, app: AppId, webhook: i64, now: Time, waiting_max: usize) -> Result<Queued, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there: bool = db.query_row(
            "SELECT EXISTS (SELECT 1 FROM webhook WHERE app = ?1 AND id = ?2)",
            params![app.0, webhook],
            |row| row.get(0),
        )?;
        if !there {
            return Ok(Queued::Missing);
        }
        if queue::waiting(&db, webhook)? >= waiting_max {
            return Ok(Queued::Full);
        }
        let id = queue::insert(&db, webhook, 0, &format!("webhook/{webhook}"), "webhook.test", now)?;
        db.commit()?;
        Ok(Queued::As(id))
    }

    /// Queues the same event once more, behind what waits in its stream, unless so many wait.
    pub fn resend(&self, app: AppId, delivery: i64, now: Time, waiting_max: usize) -> Result<Queued, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = db.query_row(
            "SELECT d.webhook, d.event, d.stream, d.kind FROM webhook_delivery AS d
             JOIN webhook AS w ON w.id = d.webhook WHERE w.app = ?1 AND d.id = ?2",
            params![app.0, delivery],
            |row| {
                let of: (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((of, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
            },
        );
        let Some(((webhook, event), stream, kind)) = found.optional()? else { return Ok(Queued::Missing) };
        if queue::waiting(&db, webhook)? >= waiting_max {
            return Ok(Queued::Full);
        }
        let id = queue::insert(&db, webhook, event, &stream, &kind, now)?;
        db.commit()?;
        Ok(Queued::As(id))
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    Ok(DeliveryRecord {
        id: row.get(0)?,
        event: row.get(1)?,
        stream: row.get(2)?,
        kind: row.get(3)?,
        happened_at: time(row.get(4)?),
        body: row.get(5)?,
        made_at: time(row.get(6)?),
        state: DeliveryState::of_number(row.get(7)?),
        attempts: row.get(8)?,
        next_at: row.get::<_, Option<i64>>(9)?.map(time),
        status: row.get(10)?,
        took: row.get::<_, i64>(11)? as u64,
        answer: row.get(12)?,
    })
}
