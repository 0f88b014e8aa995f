//! Direct messages in tables: what a change does with them, and what is found for a query.

use crate::write::{json, run_sql};
use crate::{StoreError, WriterBounds};
use hawker_core::change::{DirectChange, DirectSnapshot};
use hawker_core::direct::{Conversation, DirectMessage, Found, MessageKey, MessageNo, Query, Reminding};
use hawker_core::{AccountId, Time};
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use std::time::Duration;

/// Messages that are forgotten in one go, so that a sweep does not make others wait.
const FORGET_AT_ONCE: usize = 5000;

/// Messages of this age are looked at when the server starts, to recognise what is sent again.
const RECENT: Duration = Duration::from_secs(300);

/// The visibility of a message `m` to the side of a conversation `c`.
const VISIBLE: &str = "m.no > c.cleared AND NOT (CASE WHEN c.account = m.low THEN m.gone_low ELSE m.gone_high END)";

/// The messages `m` of a conversation `c`.
const OF_PAIR: &str = "m.low = min(c.account, c.peer) AND m.high = max(c.account, c.peer)";

/// What the unread count of a conversation `c` counts.
const COUNTED: &str = "m.sender = c.peer AND m.counts AND m.recalled = 0 AND m.no > c.read_to";

pub(crate) fn write(db: &Connection, change: &DirectChange, bounds: &WriterBounds) -> Result<(), StoreError> {
    match change {
        DirectChange::Sent(message) => sent(db, message, bounds),
        DirectChange::Read(account, peer, up_to) => {
            let ids = params![id(*account), id(*peer), number(*up_to)];
            lower_unread(db, id(*account), id(*peer), number(*up_to))?;
            let sql = "UPDATE direct_conversation SET read_to = max(read_to, ?3) WHERE account = ?1 AND peer = ?2";
            run_sql(db, sql, ids)
        }
        // Nothing above the number is there yet.
        DirectChange::ReadAll(account, up_to) => run_sql(
            db,
            "UPDATE direct_conversation SET read_to = max(read_to, ?2), unread = 0
             WHERE account = ?1 AND newest > read_to",
            params![id(*account), number(*up_to)],
        ),
        DirectChange::Recalled(message) => recalled(db, message),
        DirectChange::Deleted(account, peer, numbers) => deleted(db, *account, *peer, numbers),
        DirectChange::Cleared(account, peer, up_to) => {
            let ids = params![id(*account), id(*peer), number(*up_to)];
            lower_unread(db, id(*account), id(*peer), number(*up_to))?;
            let sql = "UPDATE direct_conversation SET cleared = max(cleared, ?3) WHERE account = ?1 AND peer = ?2";
            run_sql(db, sql, ids)
        }
        DirectChange::Unlisted(account, peer) => run_sql(
            db,
            "UPDATE direct_conversation SET listed = 0, pinned = 0 WHERE account = ?1 AND peer = ?2",
            params![id(*account), id(*peer)],
        ),
        DirectChange::Pinned(account, peer, on) => {
            ensure(db, *account, *peer, bounds)?;
            run_sql(
                db,
                "UPDATE direct_conversation SET pinned = ?3, listed = listed OR ?3 WHERE account = ?1 AND peer = ?2",
                params![id(*account), id(*peer), on],
            )
        }
        DirectChange::Reminding(account, peer, how) => {
            ensure(db, *account, *peer, bounds)?;
            run_sql(
                db,
                "UPDATE direct_conversation SET remind = ?3 WHERE account = ?1 AND peer = ?2",
                params![id(*account), id(*peer), *how as i64],
            )
        }
        DirectChange::Blocked(account, peer, Some(since)) => run_sql(
            db,
            "INSERT OR IGNORE INTO blacklist (account, peer, since) VALUES (?1, ?2, ?3)",
            params![id(*account), id(*peer), since.0 as i64],
        ),
        DirectChange::Blocked(account, peer, None) => {
            run_sql(db, "DELETE FROM blacklist WHERE account = ?1 AND peer = ?2", params![id(*account), id(*peer)])
        }
        DirectChange::Forgotten(before) => forgotten(db, *before),
    }
}

fn id(account: AccountId) -> i64 {
    account.0 as i64
}

/// Clients hand numbers in, too, and may hand in larger ones than there are.
fn number(no: MessageNo) -> i64 {
    no.0.min(i64::MAX as u64) as i64
}

fn pair(one: AccountId, other: AccountId) -> (i64, i64) {
    (id(one.min(other)), id(one.max(other)))
}

fn ensure(db: &Connection, account: AccountId, peer: AccountId, bounds: &WriterBounds) -> Result<(), StoreError> {
    let new = db
        .prepare_cached("INSERT OR IGNORE INTO direct_conversation (account, peer) VALUES (?1, ?2)")?
        .execute(params![id(account), id(peer)])?;
    if new > 0 { trim(db, account, bounds.conversations_per_account_max) } else { Ok(()) }
}

fn sent(db: &Connection, message: &DirectMessage, bounds: &WriterBounds) -> Result<(), StoreError> {
    let (low, high) = pair(message.from, message.to);
    run_sql(
        db,
        "INSERT INTO direct_message (no, low, high, sender, seq, random, counts, shows, message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            number(message.no),
            low,
            high,
            id(message.from),
            message.seq,
            message.random,
            message.wishes.counts,
            message.wishes.shows,
            json("a direct message", message)?
        ],
    )?;
    for (account, peer, unread) in
        [(message.from, message.to, false), (message.to, message.from, message.wishes.counts)]
    {
        let known = db
            .prepare_cached(
                "UPDATE direct_conversation SET listed = 1, newest = ?3, touched = ?3, unread = unread + ?4
                 WHERE account = ?1 AND peer = ?2",
            )?
            .execute(params![id(account), id(peer), number(message.no), unread])?;
        if known == 0 {
            run_sql(
                db,
                "INSERT INTO direct_conversation (account, peer, listed, newest, touched, unread)
                 VALUES (?1, ?2, 1, ?3, ?3, ?4)",
                params![id(account), id(peer), number(message.no), unread],
            )?;
            trim(db, account, bounds.conversations_per_account_max)?;
        }
    }
    Ok(())
}

/// The conversation that was silent longest gives way.
fn trim(db: &Connection, account: AccountId, keep: usize) -> Result<(), StoreError> {
    run_sql(
        db,
        "DELETE FROM direct_conversation WHERE account = ?1 AND peer IN (
             SELECT peer FROM direct_conversation WHERE account = ?1
             ORDER BY newest DESC, peer DESC LIMIT -1 OFFSET ?2)",
        params![id(account), keep as i64],
    )
}

/// What was unread up to a number will not be any more. To be called before what makes it so: every message is looked at once
/// in its life.
fn lower_unread(db: &Connection, account: i64, peer: i64, up_to: i64) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE direct_conversation AS c SET unread = unread - (
             SELECT count(*) FROM direct_message AS m WHERE {OF_PAIR} AND m.no <= ?3 AND {COUNTED} AND {VISIBLE})
         WHERE c.account = ?1 AND c.peer = ?2 AND c.unread > 0"
    );
    run_sql(db, &sql, params![account, peer, up_to])
}

/// The same for one message.
fn lower_unread_of(db: &Connection, account: i64, peer: i64, no: MessageNo) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE direct_conversation AS c SET unread = unread - (
             SELECT count(*) FROM direct_message AS m WHERE m.no = ?3 AND {COUNTED} AND {VISIBLE})
         WHERE c.account = ?1 AND c.peer = ?2 AND c.unread > 0"
    );
    run_sql(db, &sql, params![account, peer, number(no)])
}

fn recalled(db: &Connection, message: &DirectMessage) -> Result<(), StoreError> {
    let Some(taker) = message.recalled else { return Ok(()) };
    lower_unread_of(db, id(message.to), id(message.from), message.no)?;
    run_sql(
        db,
        "UPDATE direct_message SET recalled = ?2, message = ?3 WHERE no = ?1",
        params![number(message.no), number(taker.no), json("a direct message", message)?],
    )?;
    for (account, peer) in [(message.from, message.to), (message.to, message.from)] {
        run_sql(
            db,
            "UPDATE direct_conversation SET touched = max(touched, ?3) WHERE account = ?1 AND peer = ?2",
            params![id(account), id(peer), number(taker.no)],
        )?;
    }
    Ok(())
}

fn deleted(db: &Connection, account: AccountId, peer: AccountId, numbers: &[MessageNo]) -> Result<(), StoreError> {
    let sql = if account < peer {
        "UPDATE direct_message SET gone_low = 1 WHERE no = ?1 AND low = ?2 AND high = ?3"
    } else {
        "UPDATE direct_message SET gone_high = 1 WHERE no = ?1 AND low = ?2 AND high = ?3"
    };
    let (low, high) = pair(account, peer);
    for no in numbers {
        lower_unread_of(db, id(account), id(peer), *no)?;
        run_sql(db, sql, params![number(*no), low, high])?;
    }
    Ok(())
}

/// What is below the number goes, some of it at a time, and conversations that have nothing newer with it.
fn forgotten(db: &Connection, before: MessageNo) -> Result<(), StoreError> {
    let end: Option<i64> = db
        .prepare_cached("SELECT max(no) FROM (SELECT no FROM direct_message WHERE no < ?1 ORDER BY no LIMIT ?2)")?
        .query_row(params![number(before), FORGET_AT_ONCE as i64], |row| row.get(0))?;
    let Some(end) = end else { return Ok(()) };
    let mut pairs = db.prepare_cached("SELECT DISTINCT low, high FROM direct_message WHERE no <= ?1")?;
    let pairs: Vec<(i64, i64)> =
        pairs.query_map([end], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (account, peer) in pairs.iter().flat_map(|(low, high)| [(*low, *high), (*high, *low)]) {
        lower_unread(db, account, peer, end)?;
        run_sql(
            db,
            "DELETE FROM direct_conversation WHERE account = ?1 AND peer = ?2 AND newest <= ?3 AND remind = 0",
            params![account, peer, end],
        )?;
    }
    run_sql(db, "DELETE FROM direct_message WHERE no <= ?1", params![end])
}

pub(crate) fn load(db: &Connection, now: Time) -> Result<DirectSnapshot, StoreError> {
    let largest = "SELECT max(coalesce((SELECT max(no) FROM direct_message), 0),
                              coalesce((SELECT max(touched) FROM direct_conversation), 0))";
    let last: i64 = db.query_row(largest, [], |row| row.get(0))?;
    let oldest: Option<i64> = db.query_row("SELECT min(no) FROM direct_message", [], |row| row.get(0))?;
    let oldest = MessageNo(oldest.unwrap_or(last + 1) as u64);
    let recent = number(MessageNo::first_at(now - RECENT));
    let mut statement =
        db.prepare("SELECT message FROM direct_message WHERE no >= ?1 ORDER BY no DESC LIMIT 65536")?;
    let mut recent = messages(&mut statement, params![recent])?;
    recent.reverse();
    let mut statement = db.prepare("SELECT DISTINCT account FROM direct_conversation ORDER BY account")?;
    let talkers = statement.query_map([], |row| account(row, 0))?.collect::<Result<_, _>>()?;
    let mut statement = db.prepare("SELECT account, peer, since FROM blacklist")?;
    let block = |row: &Row<'_>| Ok((account(row, 0)?, account(row, 1)?, Time(row.get::<_, i64>(2)? as u64)));
    let blocks = statement.query_map([], block)?.collect::<Result<_, _>>()?;
    Ok(DirectSnapshot { last: MessageNo(last as u64), oldest, recent, talkers, blocks })
}

fn account(row: &Row<'_>, at: usize) -> rusqlite::Result<AccountId> {
    Ok(AccountId(row.get::<_, i64>(at)? as u64))
}

fn parse(json: &str) -> Result<DirectMessage, StoreError> {
    serde_json::from_str(json).map_err(|source| StoreError::Unreadable { what: "a direct message", source })
}

fn messages(
    statement: &mut Statement<'_>,
    params: impl rusqlite::Params,
) -> Result<Vec<DirectMessage>, StoreError> {
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(found)
}

/// Answers a query from what is committed.
pub(crate) fn find(db: &Connection, query: &Query) -> Result<Found, StoreError> {
    match query {
        Query::Conversations { account, after, limit } => conversations(db, *account, *after, *limit),
        Query::Sync { account, after, limit } => sync(db, *account, *after, *limit),
        Query::History { account, peer, from, until, forward, limit } => {
            let range = Range { from: *from, until: *until, forward: *forward, limit: *limit };
            history(db, *account, *peer, range)
        }
        Query::Find { account, peer, keys } => by_keys(db, *account, *peer, keys),
        Query::ReadBy { account, peers } => read_by(db, *account, peers),
        Query::Reminders { account } => reminders(db, *account),
    }
}

fn conversations(
    db: &Connection,
    account: AccountId,
    after: Option<(MessageNo, AccountId)>,
    limit: usize,
) -> Result<Found, StoreError> {
    let sql = format!(
        "SELECT c.peer, c.newest, c.unread, c.pinned,
                coalesce((SELECT o.read_to FROM direct_conversation AS o WHERE o.account = c.peer AND o.peer = c.account), 0),
                (SELECT m.message FROM direct_message AS m WHERE {OF_PAIR} AND m.shows AND {VISIBLE}
                 ORDER BY m.no DESC LIMIT 1)
         FROM direct_conversation AS c
         WHERE c.account = ?1 AND c.listed AND (c.newest, c.peer) < (?2, ?3)
         ORDER BY c.newest DESC, c.peer DESC LIMIT ?4"
    );
    let (newest, peer) = after.map_or((i64::MAX, i64::MAX), |(no, peer)| (number(no), id(peer)));
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id(account), newest, peer, limit as i64 + 1])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let last: Option<String> = row.get(5)?;
        found.push(Conversation {
            peer: self::account(row, 0)?,
            newest: MessageNo(row.get::<_, i64>(1)? as u64),
            unread: row.get(2)?,
            pinned: row.get(3)?,
            peer_read_to: MessageNo(row.get::<_, i64>(4)? as u64),
            last: last.as_deref().map(parse).transpose()?,
        });
    }
    Ok(Found::Conversations(found))
}

fn sync(db: &Connection, account: AccountId, after: Option<MessageNo>, limit: usize) -> Result<Found, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT peer, unread FROM direct_conversation WHERE account = ?1 AND unread > 0")?;
    let unread = statement.query_map(params![id(account)], |row| Ok((self::account(row, 0)?, row.get(1)?)))?;
    let unread = unread.collect::<Result<_, _>>()?;
    let Some(after) = after else {
        return Ok(Found::Sync { messages: Vec::new(), recalled: Vec::new(), unread });
    };
    let sql = format!(
        "SELECT m.message FROM direct_conversation AS c JOIN direct_message AS m ON {OF_PAIR}
         WHERE c.account = ?1 AND c.touched > ?2 AND m.no > ?2 AND m.recalled = 0 AND {VISIBLE}
         ORDER BY m.no LIMIT ?3"
    );
    let found = params![id(account), number(after), limit as i64 + 1];
    let messages = messages(&mut *db.prepare_cached(&sql)?, found)?;
    let sql = format!(
        "SELECT m.message FROM direct_conversation AS c JOIN direct_message AS m ON {OF_PAIR}
         WHERE c.account = ?1 AND c.touched > ?2 AND m.recalled > ?2 AND m.no <= ?2 AND {VISIBLE}
         ORDER BY m.recalled LIMIT ?3"
    );
    let found = params![id(account), number(after), limit as i64];
    let recalled = self::messages(&mut *db.prepare_cached(&sql)?, found)?;
    Ok(Found::Sync { messages, recalled, unread })
}

struct Range {
    from: Option<MessageNo>,
    until: Option<MessageNo>,
    forward: bool,
    limit: usize,
}

fn history(db: &Connection, account: AccountId, peer: AccountId, range: Range) -> Result<Found, StoreError> {
    let (above, below, order) = if range.forward {
        (range.from.map_or(-1, number), range.until.map_or(i64::MAX, |no| number(no).saturating_add(1)), "ASC")
    } else {
        (range.until.map_or(-1, |no| number(no) - 1), range.from.map_or(i64::MAX, number), "DESC")
    };
    let sql = format!(
        "SELECT m.message FROM (SELECT ?1 AS account, ?2 AS peer, coalesce((SELECT cleared FROM direct_conversation
                                WHERE account = ?1 AND peer = ?2), 0) AS cleared) AS c
         JOIN direct_message AS m ON m.low = ?3 AND m.high = ?4
         WHERE m.no > ?5 AND m.no < ?6 AND {VISIBLE} ORDER BY m.no {order} LIMIT ?7"
    );
    let (low, high) = pair(account, peer);
    let found = params![id(account), id(peer), low, high, above, below, range.limit as i64 + 1];
    Ok(Found::History(messages(&mut *db.prepare_cached(&sql)?, found)?))
}

fn by_keys(db: &Connection, account: AccountId, peer: AccountId, keys: &[MessageKey]) -> Result<Found, StoreError> {
    let gone = if account < peer { "gone_low" } else { "gone_high" };
    let sql = format!(
        "SELECT message FROM direct_message WHERE low = ?1 AND high = ?2 AND no >= ?3 AND no <= ?4
                AND seq = ?5 AND random = ?6 AND NOT {gone}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let (low, high) = pair(account, peer);
    let mut found = Vec::new();
    for key in keys {
        let first = number(MessageNo::first_at(Time::from_secs(key.secs)));
        let last = number(MessageNo::last_of_second(key.secs));
        found.extend(messages(&mut statement, params![low, high, first, last, key.seq, key.random])?);
    }
    Ok(Found::Messages(found))
}

fn read_by(db: &Connection, account: AccountId, peers: &[AccountId]) -> Result<Found, StoreError> {
    let sql = "SELECT read_to FROM direct_conversation WHERE account = ?1 AND peer = ?2";
    let mut statement = db.prepare_cached(sql)?;
    let mut numbers = Vec::new();
    for peer in peers {
        let no: Option<i64> = statement.query_row(params![id(*peer), id(account)], |row| row.get(0)).optional()?;
        numbers.push(MessageNo(no.unwrap_or(0) as u64));
    }
    Ok(Found::ReadBy(numbers))
}

fn reminders(db: &Connection, account: AccountId) -> Result<Found, StoreError> {
    let sql = "SELECT peer, remind FROM direct_conversation WHERE account = ?1 AND remind > 0 ORDER BY peer";
    let mut statement = db.prepare_cached(sql)?;
    let one = |row: &Row<'_>| {
        let how = match row.get::<_, i64>(1)? {
            1 => Reminding::Discard,
            2 => Reminding::Silent,
            _ => Reminding::Notify,
        };
        Ok((self::account(row, 0)?, how))
    };
    let found = statement.query_map(params![id(account)], one)?.collect::<Result<_, _>>()?;
    Ok(Found::Reminders(found))
}
