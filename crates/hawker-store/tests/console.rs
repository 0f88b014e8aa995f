//! The tables of the console: users, sessions, the link, keys, the audit log.

use hawker_core::{AppId, Time};
use hawker_store::{AuditEntry, ConsoleTable, GivenAnswer, ListedRoom, NewApiKey, Store, UserAdded, UserRemoved};
use tempfile::TempDir;

const APP: AppId = AppId(1);

fn table() -> (TempDir, ConsoleTable) {
    let folder = tempfile::tempdir().unwrap();
    let table = Store::open(folder.path()).unwrap().console().unwrap();
    (folder, table)
}

#[test]
fn a_link_is_good_once_and_until_its_time() {
    let (_folder, table) = table();
    assert!(!table.is_set_up().unwrap());
    table.offer_link(&[1; 32], Time(100)).unwrap();
    assert_eq!(table.link(Time(99)).unwrap(), Some([1; 32]));
    assert_eq!(table.link(Time(100)).unwrap(), None);
    assert!(!table.set_up(&[1; 32], "mei", "hash", Time(100)).unwrap(), "too late");
    assert!(!table.set_up(&[2; 32], "mei", "hash", Time(50)).unwrap(), "another");
    assert!(!table.is_set_up().unwrap());
    assert!(table.set_up(&[1; 32], "mei", "hash", Time(50)).unwrap());
    assert!(!table.set_up(&[1; 32], "evil", "hash", Time(51)).unwrap(), "used up");
    assert!(table.is_set_up().unwrap());
    assert_eq!(table.password("mei").unwrap().as_deref(), Some("hash"));
    assert_eq!(table.password("evil").unwrap(), None);
}

#[test]
fn a_new_link_replaces_the_one_before_and_a_forgotten_password() {
    let (_folder, table) = table();
    table.add_user("mei", "forgotten", Time(1), 9).unwrap();
    table.open_session(&[7; 32], "mei", Time(1), 9).unwrap();
    table.offer_link(&[1; 32], Time::NEVER).unwrap();
    table.offer_link(&[2; 32], Time::NEVER).unwrap();
    assert!(!table.set_up(&[1; 32], "mei", "new", Time(2)).unwrap());
    assert!(table.set_up(&[2; 32], "mei", "new", Time(2)).unwrap());
    assert_eq!(table.password("mei").unwrap().as_deref(), Some("new"));
    assert_eq!(table.session(&[7; 32]).unwrap(), None, "who was in under the old password is out");
}

#[test]
fn names_are_taken_once_and_the_last_user_stays() {
    let (_folder, table) = table();
    assert_eq!(table.add_user("mei", "a", Time(1), 2).unwrap(), UserAdded::Done);
    assert_eq!(table.add_user("mei", "b", Time(1), 2).unwrap(), UserAdded::Taken);
    assert_eq!(table.add_user("lan", "b", Time(1), 2).unwrap(), UserAdded::Done);
    assert_eq!(table.add_user("hua", "b", Time(1), 2).unwrap(), UserAdded::Full);
    table.open_session(&[1; 32], "mei", Time(1), 9).unwrap();
    assert_eq!(table.remove_user("nobody").unwrap(), UserRemoved::Missing);
    assert_eq!(table.remove_user("mei").unwrap(), UserRemoved::Done);
    assert_eq!(table.session(&[1; 32]).unwrap(), None);
    assert_eq!(table.remove_user("lan").unwrap(), UserRemoved::LastOne);
    let names: Vec<_> = table.users().unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["lan"]);
}

#[test]
fn sessions_end_with_a_new_password_and_the_oldest_gives_way() {
    let (_folder, table) = table();
    table.add_user("mei", "a", Time(1), 9).unwrap();
    for number in 1..=4 {
        table.open_session(&[number; 32], "mei", Time(number.into()), 3).unwrap();
    }
    assert_eq!(table.session(&[1; 32]).unwrap(), None);
    table.touch_session(&[2; 32], Time(50)).unwrap();
    let session = table.session(&[2; 32]).unwrap().unwrap();
    assert_eq!((session.user.as_str(), session.made_at, session.used_at), ("mei", Time(2), Time(50)));
    assert!(table.set_password("mei", "b", &[3; 32]).unwrap());
    assert_eq!(table.session(&[2; 32]).unwrap(), None);
    assert!(table.session(&[3; 32]).unwrap().is_some(), "the one that changed it");
    table.clear_sessions(Time(4), Time(0)).unwrap();
    assert_eq!(table.session(&[3; 32]).unwrap(), None);
    assert!(!table.set_password("nobody", "b", &[3; 32]).unwrap());
}

#[test]
fn keys_are_found_by_hash_and_belong_to_an_app() {
    let (_folder, table) = table();
    let key = NewApiKey {
        app: APP,
        hash: [5; 32],
        name: "till".into(),
        scopes: "orders:read".into(),
        created_at: Time(9),
    };
    let id = table.add_key(&key, 1).unwrap().unwrap();
    assert_eq!(
        table.add_key(&NewApiKey { hash: [6; 32], ..key.clone() }, 1).unwrap(),
        None,
        "as many as there may be"
    );
    table.touch_key(id, Time(10)).unwrap();
    let found = table.key(&[5; 32]).unwrap().unwrap();
    assert_eq!((found.id, found.name.as_str(), found.used_at), (id, "till", Time(10)));
    assert_eq!(table.key(&[6; 32]).unwrap(), None);
    assert_eq!(table.keys(APP).unwrap(), [found]);
    assert_eq!(table.keys(AppId(2)).unwrap(), []);
    assert!(!table.remove_key(AppId(2), id).unwrap());
    assert!(table.remove_key(APP, id).unwrap());
    assert_eq!(table.key(&[5; 32]).unwrap(), None);
}

#[test]
fn the_audit_log_is_read_in_pages_and_trimmed() {
    let (_folder, table) = table();
    for at in 1..=5 {
        let entry = AuditEntry {
            app: APP,
            at: Time(at),
            who: "mei".into(),
            what: "goods.created".into(),
            about: at.to_string(),
            origin: "127.0.0.1".into(),
        };
        table.enter(&entry, 5).unwrap();
    }
    let page = table.audit(APP, i64::MAX, 2).unwrap();
    assert_eq!(page.iter().map(|record| record.entry.at.0).collect::<Vec<_>>(), [5, 4]);
    let page = table.audit(APP, page[1].id, 9).unwrap();
    assert_eq!(page.iter().map(|record| record.entry.at.0).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(table.audit(AppId(2), i64::MAX, 9).unwrap(), []);
    let last = page[0].entry.clone();
    table.enter(&last, 2).unwrap();
    assert_eq!(table.audit(APP, i64::MAX, 9).unwrap().len(), 2, "the oldest go");
}

#[test]
fn lists_are_searched_and_read_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let listing = store.listing().unwrap();
    let db = rusqlite::Connection::open(store.path()).unwrap();
    for (room, name, at) in [("a", "Tea", 1), ("b", "100%", 2), ("c", "Tea set", 2), ("d", "x", 3)] {
        db.execute(
            "INSERT INTO room (app, room, name, introduction, notification, avatar, mute_all, fields, created_at,
             changed_at, info_seq, seq_ceiling) VALUES (1, ?1, ?2, '', '', '', 0, '{}', ?3, 0, 0, 0)",
            rusqlite::params![room, name, at],
        )
        .unwrap();
    }
    let rooms = |text: &str, behind: Option<&ListedRoom>, most| {
        let found = listing.rooms(APP, text, behind, most).unwrap();
        found.iter().map(|room| room.room.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rooms("", None, 9), ["d", "c", "b", "a"]);
    let last = listing.rooms(APP, "", None, 2).unwrap().pop().unwrap();
    assert_eq!(rooms("", Some(&last), 9), ["b", "a"]);
    assert_eq!(rooms("tea", None, 9), ["c", "a"]);
    assert_eq!(rooms("%", None, 9), ["b"], "nothing in a text is special");
    assert!(rooms("_", None, 9).is_empty());
    for (id, user, profile) in [(1, "mei", r#"{"nick":"小美","avatar":"/p"}"#), (2, "lan", "{}"), (3, "zoe", "{}")]
    {
        let sql = "INSERT INTO account (id, app, user, profile, sigs_valid_from) VALUES (?1, 1, ?2, ?3, 0)";
        db.execute(sql, rusqlite::params![id, user, profile]).unwrap();
    }
    let users = |text: &str, behind: &str| listing.users(APP, text, behind, 2).unwrap();
    assert_eq!(users("", "").iter().map(|user| user.user.as_str()).collect::<Vec<_>>(), ["lan", "mei"]);
    assert_eq!(users("", "mei")[0].user.as_str(), "zoe");
    let found = users("小", "");
    assert_eq!((found.len(), found[0].nick.as_str(), found[0].avatar.as_str()), (1, "小美", "/p"));
}

#[test]
fn answers_are_kept_for_their_time() {
    let (_folder, table) = table();
    let answer = GivenAnswer { request: [1; 32], status: 201, body: b"{}".to_vec() };
    table.keep_answer("user mei", "k", &answer, Time(10), Time(0)).unwrap();
    assert_eq!(table.answer("user mei", "k", Time(10)).unwrap(), Some(answer.clone()));
    assert_eq!(table.answer("user mei", "k", Time(11)).unwrap(), None, "too old");
    assert_eq!(table.answer("user lan", "k", Time(0)).unwrap(), None);
    table.keep_answer("user mei", "l", &answer, Time(20), Time(15)).unwrap();
    assert_eq!(table.answer("user mei", "k", Time(0)).unwrap(), None, "forgotten");
}
