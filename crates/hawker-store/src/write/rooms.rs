//! Rows of rooms.

use super::{json, run_sql};
use crate::StoreError;
use hawker_core::change::RoomRecord;
use hawker_core::post::{Pin, Posted};
use hawker_core::words::WordLists;
use hawker_core::{AppId, RoomId, RoomKey, Time, UserId};
use rusqlite::{Transaction, params};

pub(super) fn room(db: &Transaction<'_>, record: &RoomRecord) -> Result<(), StoreError> {
    let profile = &record.profile;
    run_sql(
        db,
        "INSERT INTO room (app, room, name, introduction, notification, avatar, mute_all, fields, owner, created_at,
                           changed_at, info_seq, seq_ceiling, messages_per_second, attributes_changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (app, room) DO UPDATE SET
             name = excluded.name, introduction = excluded.introduction, notification = excluded.notification,
             avatar = excluded.avatar, mute_all = excluded.mute_all, fields = excluded.fields,
             owner = excluded.owner, changed_at = excluded.changed_at, info_seq = excluded.info_seq,
             seq_ceiling = excluded.seq_ceiling, messages_per_second = excluded.messages_per_second,
             attributes_changed = excluded.attributes_changed",
        params![
            record.key.app.0,
            record.key.room.as_str(),
            &*profile.name,
            &*profile.introduction,
            &*profile.notification,
            &*profile.avatar,
            profile.mute_all,
            json("the fields of a room", &profile.fields)?,
            record.owner.as_ref().map(UserId::as_str),
            record.created_at.0 as i64,
            record.changed_at.0 as i64,
            record.info_seq as i64,
            record.seq_ceiling as i64,
            record.messages_per_second,
            record.attributes_changed as i64
        ],
    )
}

pub(super) fn room_gone(db: &Transaction<'_>, room: &RoomKey) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM room WHERE app = ?1 AND room = ?2",
        "DELETE FROM membership WHERE app = ?1 AND room = ?2",
        "DELETE FROM sanction WHERE app = ?1 AND room = ?2",
        "DELETE FROM room_admin WHERE app = ?1 AND room = ?2",
        "DELETE FROM member_field WHERE app = ?1 AND room = ?2",
        "DELETE FROM counter WHERE app = ?1 AND room = ?2",
        "DELETE FROM attribute WHERE app = ?1 AND room = ?2",
        "DELETE FROM said WHERE app = ?1 AND room = ?2",
        "DELETE FROM pin WHERE app = ?1 AND room = ?2",
        "DELETE FROM words WHERE app = ?1 AND room = ?2",
    ] {
        run_sql(db, sql, params![room.app.0, room.room.as_str()])?;
    }
    Ok(())
}

pub(super) fn sanction(
    db: &Transaction<'_>,
    kind: &str,
    room: &RoomKey,
    user: &UserId,
    until: Time,
) -> Result<(), StoreError> {
    let (app, room, user) = (room.app.0, room.room.as_str(), user.as_str());
    if until == Time::default() {
        return run_sql(
            db,
            "DELETE FROM sanction WHERE app = ?1 AND room = ?2 AND user = ?3 AND kind = ?4",
            params![app, room, user, kind],
        );
    }
    run_sql(
        db,
        "INSERT OR REPLACE INTO sanction (app, room, user, kind, until) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![app, room, user, kind, until.0 as i64],
    )
}

pub(super) fn admin(db: &Transaction<'_>, room: &RoomKey, user: &UserId, admin: bool) -> Result<(), StoreError> {
    let sql = if admin {
        "INSERT OR REPLACE INTO room_admin (app, room, user) VALUES (?1, ?2, ?3)"
    } else {
        "DELETE FROM room_admin WHERE app = ?1 AND room = ?2 AND user = ?3"
    };
    run_sql(db, sql, params![room.app.0, room.room.as_str(), user.as_str()])
}

pub(super) fn member_field(
    db: &Transaction<'_>,
    room: &RoomKey,
    user: &UserId,
    key: &str,
    value: Option<&str>,
) -> Result<(), StoreError> {
    let (app, room, user) = (room.app.0, room.room.as_str(), user.as_str());
    match value {
        Some(value) => run_sql(
            db,
            "INSERT OR REPLACE INTO member_field (app, room, user, key, value) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![app, room, user, key, value],
        ),
        None => run_sql(
            db,
            "DELETE FROM member_field WHERE app = ?1 AND room = ?2 AND user = ?3 AND key = ?4",
            params![app, room, user, key],
        ),
    }
}

pub(super) fn tally(db: &Transaction<'_>, room: &RoomKey, key: &str, value: Option<i64>) -> Result<(), StoreError> {
    let (app, room) = (room.app.0, room.room.as_str());
    match value {
        Some(value) => run_sql(
            db,
            "INSERT OR REPLACE INTO counter (app, room, key, value) VALUES (?1, ?2, ?3, ?4)",
            params![app, room, key, value],
        ),
        None => {
            run_sql(db, "DELETE FROM counter WHERE app = ?1 AND room = ?2 AND key = ?3", params![app, room, key])
        }
    }
}

pub(super) fn attribute(
    db: &Transaction<'_>,
    room: &RoomKey,
    key: &str,
    value: Option<&(std::sync::Arc<str>, u64)>,
) -> Result<(), StoreError> {
    let (app, room) = (room.app.0, room.room.as_str());
    match value {
        Some((value, no)) => run_sql(
            db,
            "INSERT OR REPLACE INTO attribute (app, room, key, value, no) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![app, room, key, &**value, *no as i64],
        ),
        None => {
            run_sql(db, "DELETE FROM attribute WHERE app = ?1 AND room = ?2 AND key = ?3", params![app, room, key])
        }
    }
}

pub(super) fn pinned(db: &Transaction<'_>, room: &RoomKey, pin: &Pin) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO pin (app, room, seq, pin) VALUES (?1, ?2, ?3, ?4)",
        params![room.app.0, room.room.as_str(), pin.message.seq as i64, json("a pinned message", pin)?],
    )
}

pub(super) fn words(
    db: &Transaction<'_>,
    app: AppId,
    room: Option<&RoomId>,
    lists: &WordLists,
) -> Result<(), StoreError> {
    // No room is called nothing.
    let room = room.map_or("", RoomId::as_str);
    if lists.is_empty() {
        return run_sql(db, "DELETE FROM words WHERE app = ?1 AND room = ?2", params![app.0, room]);
    }
    run_sql(
        db,
        "INSERT OR REPLACE INTO words (app, room, reject, mask) VALUES (?1, ?2, ?3, ?4)",
        params![app.0, room, json("words", &lists.reject)?, json("words", &lists.mask)?],
    )
}

/// A message of a room that is gone by now is not kept: the room's row is the witness.
pub(super) fn said(db: &Transaction<'_>, posted: &Posted) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO said (app, room, seq, posted)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM room WHERE app = ?1 AND room = ?2)",
        params![posted.room.app.0, posted.room.room.as_str(), posted.seq as i64, json("a message", posted)?],
    )
}

pub(super) fn trim(db: &Transaction<'_>, room: &RoomKey, keep: usize) -> Result<(), StoreError> {
    run_sql(
        db,
        "DELETE FROM said WHERE app = ?1 AND room = ?2 AND seq <=
             (SELECT seq FROM said WHERE app = ?1 AND room = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)",
        params![room.app.0, room.room.as_str(), keep as i64],
    )
}
