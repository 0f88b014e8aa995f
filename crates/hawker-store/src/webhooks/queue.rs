//! From events to deliveries, and from deliveries to what became of them.

use super::WebhookTable;
use crate::{StoreError, millis, time};
use hawker_core::{AppId, Time};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

/// A delivery that is to be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its number.
    pub id: i64,
    /// Which event; 0 is a test.
    pub event: i64,
    /// What it belongs to.
    pub stream: String,
    /// What kind of event.
    pub kind: String,
    /// When it happened.
    pub at: Time,
    /// The object as it was then, as JSON.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Of which delivery.
    pub delivery: i64,
    /// When it ended.
    pub at: Time,
    /// The HTTP status; 0 if there was no answer.
    pub status: u16,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// What was answered, or why there was no answer.
    pub answer: String,
    /// What follows from it.
    pub verdict: Verdict,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// It is given up.
    Failed,
    /// It is tried again then.
    Again(Time),
}

impl WebhookTable {
    /// Queues what an endpoint wants to hear of the next so many events, as long as not more than `waiting_max`
    /// deliveries wait for it. Returns how many events were decided about.
    pub fn queue(
        &self,
        webhook: i64,
        now: Time,
        (events_max, waiting_max): (usize, usize),
        wants: impl Fn(&str) -> bool,
    ) -> Result<usize, StoreError> {
        if !self.has_news(webhook)? {
            return Ok(0);
        }
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let endpoint = db.query_row("SELECT app, read_to FROM webhook WHERE id = ?1", [webhook], |row| {
            Ok((AppId(row.get(0)?), row.get::<_, i64>(1)?))
        });
        let Some((app, read_to)) = endpoint.optional()? else { return Ok(0) };
        let mut room = waiting_max.saturating_sub(waiting(&db, webhook)?);
        let (mut decided, mut last) = (0, read_to);
        for (id, of, stream, kind) in events_after(&db, read_to, events_max)? {
            if of == app && wants(&kind) {
                if room == 0 {
                    break;
                }
                room -= 1;
                insert(&db, webhook, id, &stream, &kind, now)?;
            }
            (decided, last) = (decided + 1, id);
        }
        db.execute("UPDATE webhook SET read_to = ?2 WHERE id = ?1", [webhook, last])?;
        db.commit()?;
        Ok(decided)
    }

    /// Whether there are events that were not decided about.
    fn has_news(&self, webhook: i64) -> Result<bool, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM event WHERE id > (SELECT read_to FROM webhook WHERE id = ?1))",
        )?;
        Ok(statement.query_row([webhook], |row| row.get(0))?)
    }

    /// What is to be delivered to an endpoint now, what has waited longest first, and not more than so many.
    pub fn due(&self, webhook: i64, now: Time, most: usize) -> Result<Vec<Due>, StoreError> {
        let db = self.reading();
        let mut statement = db.prepare_cached(
            "SELECT d.id, d.event, d.stream, d.kind, coalesce(e.at, d.made_at), coalesce(e.body, '{}'), d.attempts
             FROM webhook_delivery AS d LEFT JOIN event AS e ON e.id = d.event
             WHERE d.webhook = ?1 AND d.next_at <= ?2 ORDER BY d.next_at, d.id LIMIT ?3",
        )?;
        let rows = statement.query_map(params![webhook, millis(now), most as i64], |row| {
            Ok(Due {
                id: row.get(0)?,
                event: row.get(1)?,
                stream: row.get(2)?,
                kind: row.get(3)?,
                at: time(row.get(4)?),
                body: row.get(5)?,
                attempts: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps what became of attempts. What came behind a delivery that is done with is due then.
    pub fn conclude(&self, outcomes: &[Outcome]) -> Result<(), StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for outcome in outcomes {
            conclude(&db, outcome)?;
        }
        db.commit()?;
        Ok(())
    }

    /// Forgets deliveries that are done with and older than this, and then events that nobody needs: not an order's
    /// history, no delivery, no endpoint that has yet to decide. Not more than so many of each; returns how many went.
    pub fn clear(&self, made_before: Time, most: usize) -> Result<usize, StoreError> {
        let mut db = self.writing();
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deliveries = db.execute(
            "DELETE FROM webhook_delivery WHERE id IN
             (SELECT id FROM webhook_delivery WHERE state <> 0 AND made_at < ?1 LIMIT ?2)",
            params![millis(made_before), most as i64],
        )?;
        let events = db.execute(
            "DELETE FROM event WHERE id IN
             (SELECT id FROM event WHERE at < ?1 AND stream NOT LIKE 'order/%'
              AND id <= coalesce((SELECT min(read_to) FROM webhook WHERE active), id)
              AND NOT EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.event = event.id) LIMIT ?2)",
            params![millis(made_before), most as i64],
        )?;
        db.commit()?;
        Ok(deliveries + events)
    }
}

/// Number, app, stream and kind of the events after one.
type Heads = Vec<(i64, AppId, String, String)>;

fn events_after(db: &Transaction<'_>, after: i64, most: usize) -> Result<Heads, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, app, stream, kind FROM event WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let rows = statement.query_map(params![after, most as i64], |row| {
        Ok((row.get(0)?, AppId(row.get(1)?), row.get(2)?, row.get(3)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many deliveries to an endpoint wait.
pub(super) fn waiting(db: &Transaction<'_>, webhook: i64) -> Result<usize, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT count(*) FROM webhook_delivery WHERE webhook = ?1 AND state = 0")?;
    Ok(statement.query_row([webhook], |row| row.get::<_, i64>(0))? as usize)
}

/// Queues a delivery: due now, unless another of its stream waits.
pub(super) fn insert(
    db: &Transaction<'_>,
    webhook: i64,
    event: i64,
    stream: &str,
    kind: &str,
    now: Time,
) -> Result<i64, StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT INTO webhook_delivery (webhook, event, stream, kind, made_at, next_at) VALUES (?1, ?2, ?3, ?4, ?5,
         CASE WHEN EXISTS (SELECT 1 FROM webhook_delivery WHERE webhook = ?1 AND stream = ?3 AND state = 0)
         THEN NULL ELSE ?5 END)",
    )?;
    statement.execute(params![webhook, event, stream, kind, millis(now)])?;
    Ok(db.last_insert_rowid())
}

fn conclude(db: &Transaction<'_>, outcome: &Outcome) -> Result<(), StoreError> {
    let (state, next_at) = match outcome.verdict {
        Verdict::Delivered => (1, None),
        Verdict::Failed => (2, None),
        Verdict::Again(at) => (0, Some(millis(at))),
    };
    let mut statement = db.prepare_cached(
        "UPDATE webhook_delivery SET state = ?2, next_at = ?3, attempts = attempts + 1, status = ?4, took = ?5,
         answer = ?6 WHERE id = ?1 AND state = 0 RETURNING webhook, stream",
    )?;
    let Outcome { delivery, at, status, took, answer, .. } = outcome;
    let concluded = statement
        .query_row(params![delivery, state, next_at, status, *took as i64, answer], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    // The endpoint may be gone meanwhile.
    let Some((webhook, stream)) = concluded else { return Ok(()) };
    let mut statement = db.prepare_cached("UPDATE webhook SET last_status = ?2, last_at = ?3 WHERE id = ?1")?;
    statement.execute(params![webhook, status, millis(*at)])?;
    if state != 0 {
        let mut statement = db.prepare_cached(
            "UPDATE webhook_delivery SET next_at = ?3 WHERE id =
             (SELECT min(id) FROM webhook_delivery WHERE webhook = ?1 AND stream = ?2 AND state = 0)",
        )?;
        statement.execute(params![webhook, stream, millis(*at)])?;
    }
    Ok(())
}
