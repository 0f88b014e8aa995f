//! What the console lists: rooms, users, what was said last.
//!
//! Read from what is committed, over a connection of its own: however long a list is, the rules do not wait for it.
//! What changes every moment (who is there, how many) is not here but asked of the rules.

use crate::{Store, StoreError, millis, read, time};
use hawker_core::post::Posted;
use hawker_core::{AppId, RoomId, RoomKey, Time, UserId};
use rusqlite::{Connection, params};
use std::sync::{Mutex, MutexGuard};

/// A room in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRoom {
    /// Its id.
    pub room: RoomId,
    /// When it was opened.
    pub created_at: Time,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    /// The name.
    pub user: UserId,
    /// The nickname.
    pub nick: String,
    /// The address of the picture.
    pub avatar: String,
}

/// See the module. Calls block for a disk access.
pub struct Listing(Mutex<Connection>);

impl Store {
    /// The lists of this database.
    pub fn listing(&self) -> Result<Listing, StoreError> {
        Ok(Listing(Mutex::new(read::open(self.path.clone())?)))
    }
}

impl Listing {
    fn db(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().expect("nobody panics while holding the lists")
    }

    /// Rooms with a text in id or name, the newest first, behind one of them, and not more than so many.
    pub fn rooms(
        &self,
        app: AppId,
        text: &str,
        behind: Option<&ListedRoom>,
        most: usize,
    ) -> Result<Vec<ListedRoom>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(
            "SELECT room, created_at FROM room WHERE app = ?1
             AND (?2 = '%%' OR room LIKE ?2 ESCAPE '\\' OR name LIKE ?2 ESCAPE '\\')
             AND (created_at, room) < (?3, ?4) ORDER BY created_at DESC, room DESC LIMIT ?5",
        )?;
        let (at, room) = behind.map_or((i64::MAX, ""), |last| (millis(last.created_at), last.room.as_str()));
        let rows = statement.query_map(params![app.0, pattern(text), at, room, most as i64], |row| {
            Ok(ListedRoom { room: RoomId::from(row.get::<_, String>(0)?), created_at: time(row.get(1)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Users with a text in name or nickname, by name, behind one of them, and not more than so many.
    pub fn users(&self, app: AppId, text: &str, behind: &str, most: usize) -> Result<Vec<ListedUser>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(
            "SELECT user, profile ->> 'nick' AS nick, profile ->> 'avatar' FROM account WHERE app = ?1 AND user > ?3
             AND (?2 = '%%' OR user LIKE ?2 ESCAPE '\\' OR nick LIKE ?2 ESCAPE '\\') ORDER BY user LIMIT ?4",
        )?;
        let rows = statement.query_map(params![app.0, pattern(text), behind, most as i64], |row| {
            let text = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(at)?.unwrap_or_default());
            Ok(ListedUser { user: UserId::from(text(0)?), nick: text(1)?, avatar: text(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What was said in a room, as far as it is kept, the newest first, and not more than so many.
    pub fn said(&self, room: &RoomKey, most: usize) -> Result<Vec<Posted>, StoreError> {
        let db = self.db();
        let mut statement =
            db.prepare_cached("SELECT posted FROM said WHERE app = ?1 AND room = ?2 ORDER BY seq DESC LIMIT ?3")?;
        let rows = statement
            .query_map(params![room.app.0, room.room.as_str(), most as i64], |row| row.get::<_, String>(0))?;
        let unreadable = |source| StoreError::Unreadable { what: "a message", source };
        rows.map(|posted| serde_json::from_str(&posted?).map_err(unreadable)).collect()
    }
}

/// For `LIKE`: the text anywhere, and nothing in it is special.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
