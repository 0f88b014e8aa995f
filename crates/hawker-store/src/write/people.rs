//! Rows of accounts and sessions.

use super::{json, run_sql};
use crate::StoreError;
use hawker_core::change::{AccountRecord, MembershipRecord, SessionRecord};
use rusqlite::{Transaction, params};

pub(super) fn account(db: &Transaction<'_>, record: &AccountRecord) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT INTO account (id, app, user, profile, sigs_valid_from) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, sigs_valid_from = excluded.sigs_valid_from",
        params![
            record.account.0 as i64,
            record.app.0,
            record.user.as_str(),
            json("a profile", &*record.profile)?,
            record.sigs_valid_from.0 as i64
        ],
    )
}

pub(super) fn session(db: &Transaction<'_>, record: &SessionRecord) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO session (id, account, instance, since, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            record.session.0 as i64,
            record.account.0 as i64,
            &*record.instance,
            record.since.0 as i64,
            record.expires_at.0 as i64
        ],
    )
}

pub(super) fn membership(db: &Transaction<'_>, record: &MembershipRecord) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO membership (session, app, room, joined_at, present) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            record.session.0 as i64,
            record.room.app.0,
            record.room.room.as_str(),
            record.joined_at.0 as i64,
            record.present
        ],
    )
}
