//! Reads everything, at start.

use crate::{Store, StoreError};
use hawker_core::change::{
    AccountRecord, Counters, MembershipRecord, RoomRecord, RoomSnapshot, SessionRecord, Snapshot,
};
use hawker_core::profile::RoomProfile;
use hawker_core::words::WordLists;
use hawker_core::{AccountId, AppId, RoomKey, SessionId, Time, UserId};
use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

impl Store {
    /// Everything that was kept. Sessions whose signature has ended are cleared away; orders that ended longer than
    /// `after_sale` ago are not in memory.
    pub fn load(&self, now: Time, after_sale: Duration) -> Result<Snapshot, StoreError> {
        let db = &self.connection;
        db.execute("DELETE FROM session WHERE expires_at <= ?1", [now.0 as i64])?;
        db.execute("DELETE FROM membership WHERE session NOT IN (SELECT id FROM session)", [])?;
        db.execute("DELETE FROM sanction WHERE until >= 0 AND until <= ?1", [now.0 as i64])?;
        let mut words = by_room(words(db)?);
        Ok(Snapshot {
            words: app_words(&mut words),
            accounts: accounts(db)?,
            sessions: sessions(db)?,
            memberships: memberships(db)?,
            rooms: rooms(db, words)?,
            direct: crate::direct::load(db, now)?,
            shops: crate::shop::load(db, now, after_sale)?,
        })
    }
}

pub(crate) fn all<T>(
    db: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row)?);
    }
    Ok(list)
}

pub(crate) fn number(row: &Row<'_>, at: usize) -> Result<u64, StoreError> {
    Ok(row.get::<_, i64>(at)? as u64)
}

pub(crate) fn time(row: &Row<'_>, at: usize) -> Result<Time, StoreError> {
    Ok(Time(number(row, at)?))
}

pub(crate) fn text(row: &Row<'_>, at: usize) -> Result<Arc<str>, StoreError> {
    Ok(row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?.into())
}

fn key(row: &Row<'_>, at: usize) -> Result<RoomKey, StoreError> {
    Ok(RoomKey::new(AppId(row.get(at)?), text(row, at + 1)?.as_ref()))
}

pub(crate) fn user(row: &Row<'_>, at: usize) -> Result<UserId, StoreError> {
    Ok(UserId::new(text(row, at)?))
}

pub(crate) fn parsed<T: DeserializeOwned>(row: &Row<'_>, at: usize, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(&text(row, at)?).map_err(|source| StoreError::Unreadable { what, source })
}

fn accounts(db: &Connection) -> Result<Vec<AccountRecord>, StoreError> {
    all(db, "SELECT id, app, user, profile, sigs_valid_from FROM account", |row| {
        Ok(AccountRecord {
            account: AccountId(number(row, 0)?),
            app: AppId(row.get(1)?),
            user: user(row, 2)?,
            profile: Arc::new(parsed(row, 3, "a profile")?),
            sigs_valid_from: time(row, 4)?,
        })
    })
}

fn sessions(db: &Connection) -> Result<Vec<SessionRecord>, StoreError> {
    all(db, "SELECT id, account, instance, since, expires_at FROM session", |row| {
        Ok(SessionRecord {
            session: SessionId(number(row, 0)?),
            account: AccountId(number(row, 1)?),
            instance: text(row, 2)?,
            since: time(row, 3)?,
            expires_at: time(row, 4)?,
        })
    })
}

fn memberships(db: &Connection) -> Result<Vec<MembershipRecord>, StoreError> {
    all(db, "SELECT session, app, room, joined_at, present FROM membership ORDER BY joined_at", |row| {
        Ok(MembershipRecord {
            session: SessionId(number(row, 0)?),
            room: key(row, 1)?,
            joined_at: time(row, 3)?,
            present: row.get(4)?,
        })
    })
}

fn words(db: &Connection) -> Result<Vec<(RoomKey, WordLists)>, StoreError> {
    all(db, "SELECT app, room, reject, mask FROM words", |row| {
        let lists = WordLists { reject: parsed(row, 2, "words")?, mask: parsed(row, 3, "words")? };
        Ok((key(row, 0)?, lists))
    })
}

/// The words that are of no room are the app's.
fn app_words(words: &mut HashMap<RoomKey, Vec<WordLists>>) -> Vec<(AppId, WordLists)> {
    let apps = words.extract_if(|room, _| room.room.as_str().is_empty());
    let mut apps: Vec<_> =
        apps.flat_map(|(room, lists)| lists.into_iter().map(move |one| (room.app, one))).collect();
    apps.sort_by_key(|(app, _)| *app);
    apps
}

fn rooms(db: &Connection, mut words: HashMap<RoomKey, Vec<WordLists>>) -> Result<Vec<RoomSnapshot>, StoreError> {
    let mut mutes = by_room(sanctions(db, "mute")?);
    let mut bans = by_room(sanctions(db, "ban")?);
    let mut admins =
        by_room(all(db, "SELECT app, room, user FROM room_admin", |row| Ok((key(row, 0)?, user(row, 2)?)))?);
    let fields = all(db, "SELECT app, room, user, key, value FROM member_field", |row| {
        Ok((key(row, 0)?, (user(row, 2)?, text(row, 3)?, text(row, 4)?)))
    })?;
    let mut fields = by_room(fields);
    let tallies = all(db, "SELECT app, room, key, value FROM counter", |row| {
        Ok((key(row, 0)?, (text(row, 2)?, row.get::<_, i64>(3)?)))
    })?;
    let mut tallies = by_room(tallies);
    let attributes = all(db, "SELECT app, room, key, value, no FROM attribute", |row| {
        Ok((key(row, 0)?, (text(row, 2)?, (text(row, 3)?, number(row, 4)?))))
    })?;
    let mut attributes = by_room(attributes);
    let said = all(db, "SELECT app, room, posted FROM said ORDER BY app, room, seq", |row| {
        Ok((key(row, 0)?, Arc::new(parsed(row, 2, "a message")?)))
    })?;
    let mut said = by_room(said);
    let pins = all(db, "SELECT app, room, pin FROM pin ORDER BY id", |row| {
        Ok((key(row, 0)?, Arc::new(parsed(row, 2, "a pinned message")?)))
    })?;
    let mut pins = by_room(pins);
    let records = all(
        db,
        "SELECT app, room, name, introduction, notification, avatar, mute_all, fields, owner, created_at,
                changed_at, info_seq, seq_ceiling, likes, messages, peak,
                messages_per_second, attributes_changed FROM room",
        |row| Ok((record(row)?, counters(row)?)),
    )?;
    let snapshot = |(record, counters): (RoomRecord, Counters)| {
        let key = record.key.clone();
        let mut member_fields: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (user, field, value) in fields.remove(&key).unwrap_or_default() {
            member_fields.entry(user).or_default().insert(field, value);
        }
        RoomSnapshot {
            record,
            mutes: mutes.remove(&key).unwrap_or_default().into_iter().collect(),
            bans: bans.remove(&key).unwrap_or_default().into_iter().collect(),
            admins: admins.remove(&key).unwrap_or_default(),
            member_fields,
            tallies: tallies.remove(&key).unwrap_or_default().into_iter().collect(),
            attributes: attributes.remove(&key).unwrap_or_default().into_iter().collect(),
            pins: pins.remove(&key).unwrap_or_default(),
            words: words.remove(&key).and_then(|mut lists| lists.pop()).unwrap_or_default(),
            counters,
            said: said.remove(&key).unwrap_or_default(),
        }
    };
    Ok(records.into_iter().map(snapshot).collect())
}

fn by_room<T>(rows: Vec<(RoomKey, T)>) -> HashMap<RoomKey, Vec<T>> {
    let mut rooms: HashMap<_, Vec<_>> = HashMap::new();
    for (room, row) in rows {
        rooms.entry(room).or_default().push(row);
    }
    rooms
}

/// A user and until when.
type Sanction = (UserId, Time);

fn sanctions(db: &Connection, kind: &str) -> Result<Vec<(RoomKey, Sanction)>, StoreError> {
    let sql = format!("SELECT app, room, user, until FROM sanction WHERE kind = '{kind}'");
    all(db, &sql, |row| Ok((key(row, 0)?, (user(row, 2)?, time(row, 3)?))))
}

fn record(row: &Row<'_>) -> Result<RoomRecord, StoreError> {
    let owner = row.get::<_, Option<String>>(8)?;
    Ok(RoomRecord {
        key: key(row, 0)?,
        profile: RoomProfile {
            name: text(row, 2)?,
            introduction: text(row, 3)?,
            notification: text(row, 4)?,
            avatar: text(row, 5)?,
            mute_all: row.get(6)?,
            fields: parsed(row, 7, "the fields of a room")?,
        },
        owner: owner.map(UserId::from),
        created_at: time(row, 9)?,
        changed_at: time(row, 10)?,
        info_seq: number(row, 11)?,
        seq_ceiling: number(row, 12)?,
        messages_per_second: row.get(16)?,
        attributes_changed: number(row, 17)?,
    })
}

fn counters(row: &Row<'_>) -> Result<Counters, StoreError> {
    Ok(Counters { likes: number(row, 13)?, messages: number(row, 14)?, peak: row.get(15)? })
}
