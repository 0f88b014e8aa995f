//! The keys of live video.

use hawker_core::{AppId, RoomId};
use hawker_store::{FILE_NAME, MediaTable, Store, StreamKeys};
use rusqlite::Connection;

const APP: AppId = AppId(1);

fn keys(name: &str) -> StreamKeys {
    StreamKeys { push: format!("push {name}"), play: format!("play {name}") }
}

/// A database with one room, and a connection of its own to it.
fn with_room() -> (tempfile::TempDir, MediaTable, Connection, RoomId) {
    let folder = tempfile::tempdir().unwrap();
    let table = Store::open(folder.path()).unwrap().media().unwrap();
    let db = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    open_room(&db);
    (folder, table, db, RoomId::from("tea"))
}

fn open_room(db: &Connection) {
    db.execute(
        "INSERT INTO room (app, room, name, introduction, notification, avatar, mute_all, fields, created_at, changed_at,
                           info_seq, seq_ceiling) VALUES (1, 'tea', '', '', '', '', 0, '{}', 0, 0, 0, 0)",
        [],
    )
    .unwrap();
}

#[test]
fn a_room_has_the_keys_that_it_was_given_last() {
    let (_folder, table, _db, room) = with_room();
    assert_eq!(table.keys(APP, &room).unwrap(), None);
    assert!(table.insert(APP, &room, &keys("a")).unwrap());
    assert!(!table.insert(APP, &room, &keys("b")).unwrap());
    assert_eq!(table.keys(APP, &room).unwrap(), Some(keys("a")));
    assert!(table.replace(APP, &room, &keys("c")).unwrap());
    assert_eq!(table.keys(APP, &room).unwrap(), Some(keys("c")));
    assert_eq!(table.keys(AppId(2), &room).unwrap(), None);
}

#[test]
fn keys_do_not_outlive_their_room() {
    let (_folder, table, db, room) = with_room();
    table.insert(APP, &room, &keys("a")).unwrap();
    db.execute("DELETE FROM room", []).unwrap();
    assert_eq!(table.keys(APP, &room).unwrap(), None);
    assert!(!table.insert(APP, &room, &keys("b")).unwrap());
    assert!(!table.replace(APP, &room, &keys("b")).unwrap());
    open_room(&db);
    assert_eq!(table.keys(APP, &room).unwrap(), None);
}
