//! What is written is what is read after a start, whatever came in whatever order.

#[path = "../../hawker-core/tests/support/store.rs"]
#[allow(dead_code, reason = "the property tests of the rules use the rest")]
mod memory;

mod migrations {
    refinery::embed_migrations!("migrations");
}

use hawker_core::change::{AccountRecord, Change, Counters, MembershipRecord, RoomRecord, SessionRecord, Snapshot};
use hawker_core::command::ProfileValue;
use hawker_core::post::{Class, Element, Face, Post, Posted, Priority};
use hawker_core::profile::Profile;
use hawker_core::profile::RoomProfile;
use hawker_core::{AccountId, AppId, RoomKey, SessionId, Time, UserId};
use hawker_store::{Store, StoreError, Writer, WriterBounds};
use memory::MemoryStore;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

const NOW: Time = Time(1_700_000_000_000);
/// The largest id that fits into the table's numbers.
const LARGEST: u64 = (1 << 63) - 1;

fn room(room: usize) -> RoomKey {
    RoomKey::new(AppId(u32::MAX), format!("room '{room}'"))
}

fn user(user: usize) -> UserId {
    UserId::from(format!("user \"{user}\""))
}

fn account(number: usize, nick: &str) -> Change {
    let more = BTreeMap::from([
        (Arc::from("Level"), ProfileValue::Number(u32::MAX)),
        (Arc::from("Custom_Shop"), ProfileValue::Text("茶 \u{1F339}".into())),
    ]);
    let profile = Profile { nick: nick.into(), avatar: "".into(), more: Some(Box::new(more)) };
    Change::Account(AccountRecord {
        account: AccountId(LARGEST - number as u64),
        app: AppId(u32::MAX),
        user: user(number),
        profile: Arc::new(profile),
        sigs_valid_from: NOW,
    })
}

fn session(number: usize, expires_at: Time) -> Change {
    Change::Session(SessionRecord {
        session: SessionId(LARGEST - number as u64),
        account: AccountId(LARGEST - number as u64),
        instance: "instance".into(),
        since: NOW,
        expires_at,
    })
}

fn membership(number: usize, key: RoomKey, present: bool) -> Change {
    let session = SessionId(LARGEST - number as u64);
    Change::Membership(MembershipRecord { session, room: key, joined_at: NOW, present })
}

fn room_record(key: RoomKey, name: &str) -> Change {
    Change::Room(Box::new(RoomRecord {
        key,
        profile: RoomProfile {
            name: name.into(),
            introduction: "it's".into(),
            notification: "\u{0}".into(),
            avatar: "".into(),
            mute_all: name.starts_with('a'),
            fields: BTreeMap::from([("add_goods".into(), "{\"id\":\"1\"}".into())]),
        },
        owner: (name.len() > 1).then(|| user(1)),
        created_at: NOW,
        changed_at: NOW,
        info_seq: 1,
        seq_ceiling: 10_000,
        messages_per_second: (name.len() > 2).then_some(u32::MAX),
        attributes_changed: name.len() as u64,
    }))
}

fn said(key: RoomKey, seq: u64) -> Change {
    let from = Face { account: AccountId(7), user: user(1), nick: "n".into(), avatar: "".into() };
    let elements = [
        Element::Text("hi".into()),
        Element::Face { index: i64::MIN, data: "".into() },
        Element::Custom { data: "d".into(), desc: "".into(), ext: "".into(), sound: "".into() },
        Element::Other { kind: "TIMImageElem".into(), content: "{ \"a\": 1.50 }".into() },
    ];
    Change::Said(Arc::new(Posted {
        room: key,
        room_name: "n".into(),
        seq,
        random: u32::MAX,
        at: NOW,
        class: Class::ChatNormal,
        post: Post::Message {
            from,
            priority: Priority::Lowest,
            sent_at: 1,
            client_seq: 2,
            elements: elements.into(),
            cloud_data: "c".into(),
        },
    }))
}

/// Writes each list of changes as a commit, and waits until all are confirmed.
fn write(folder: &Path, bounds: WriterBounds, commits: Vec<Vec<Change>>) {
    let last = commits.len() as u64;
    let (tell, told) = channel();
    let writer = Writer::start(Store::open(folder).expect("opened"), bounds, move |done| {
        tell.send(done.expect("written")).expect("somebody listens");
    });
    for (number, changes) in commits.into_iter().enumerate() {
        assert!(writer.commit(number as u64 + 1, changes));
    }
    writer.finish();
    assert_eq!(told.iter().last().unwrap_or(0), last, "the last commit is confirmed");
}

fn load(folder: &Path, now: Time) -> Snapshot {
    Store::open(folder).expect("opened").load(now, Duration::from_secs(30 * 24 * 3600)).expect("loaded")
}

/// A snapshot as text, its lists in order.
fn text(mut snapshot: Snapshot) -> String {
    snapshot.accounts.sort_by_key(|one| one.account);
    snapshot.sessions.sort_by_key(|one| one.session);
    snapshot.memberships.sort_by(|one, other| (one.session, &one.room).cmp(&(other.session, &other.room)));
    snapshot.rooms.sort_by(|one, other| one.record.key.cmp(&other.record.key));
    snapshot.rooms.iter_mut().for_each(|room| room.admins.sort());
    format!("{snapshot:#?}")
}

/// A change, and the room that must be open for it, if one must.
fn change() -> impl Strategy<Value = (Option<usize>, Change)> {
    let until = prop_oneof![Just(Time::default()), Just(Time(NOW.0 + 60_000)), Just(Time::NEVER)];
    let (rooms, users) = (0..3_usize, 0..3_usize);
    let in_room = (rooms.clone(), users.clone(), until, any::<bool>(), 0..5_u64);
    prop_oneof![
        2 => (users.clone(), "[a-z小]{0,4}").prop_map(|(number, nick)| (None, account(number, &nick))),
        2 => users.clone().prop_map(|number| (None, session(number, Time(NOW.0 + 1000)))),
        1 => users.clone().prop_map(|number| (None, Change::SessionEnded(SessionId(LARGEST - number as u64)))),
        2 => (users.clone(), rooms.clone(), any::<bool>())
            .prop_map(|(number, at, present)| (Some(at), membership(number, room(at), present))),
        1 => (users, rooms.clone())
            .prop_map(|(number, at)| (None, Change::MembershipEnded(SessionId(LARGEST - number as u64), room(at)))),
        3 => (rooms.clone(), "[a-z']{1,4}").prop_map(|(at, name)| (None, room_record(room(at), &name))),
        1 => rooms.prop_map(|at| (None, Change::RoomGone(room(at)))),
        12 => (in_room, 0..8_usize).prop_map(|((at, who, until, yes, n), kind)| {
            let key = format!("key_{n}");
            let change = match kind {
                0 => Change::Mute(room(at), user(who), until),
                1 => Change::Ban(room(at), user(who), until),
                2 => Change::Admin(room(at), user(who), yes),
                3 => Change::MemberField(room(at), user(who), key.into(), yes.then(|| "it's".into())),
                4 => Change::Tally(room(at), key.into(), yes.then_some(i64::MIN)),
                6 => Change::Attribute(room(at), key.into(), yes.then(|| ("it's".into(), LARGEST - n))),
                5 => Change::Counters(room(at), Counters { likes: LARGEST, messages: n, peak: u32::MAX }),
                _ => Change::Recalled(room(at), n),
            };
            (Some(at), change)
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_read_after_a_start(
        commits in prop::collection::vec(prop::collection::vec(change(), 1..6), 1..20),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut memory = MemoryStore::default();
        let mut next_seq = 1;
        let mut kept = Vec::new();
        for changes in commits {
            let mut commit = Vec::new();
            for (needs, change) in changes {
                let open = memory.snapshot(NOW).rooms.into_iter().map(|room| room.record.key).collect::<Vec<_>>();
                if needs.is_some_and(|at| !open.contains(&room(at))) {
                    continue;
                }
                memory.apply(change.clone());
                commit.push(change);
                if let Some(at) = needs {
                    let said = said(room(at), next_seq);
                    next_seq += 1;
                    memory.apply(said.clone());
                    commit.push(said);
                }
            }
            kept.push(commit);
        }
        let bounds = WriterBounds { said_per_room_max: 1000, ..WriterBounds::default() };
        write(folder.path(), bounds, kept);
        prop_assert_eq!(text(load(folder.path(), NOW)), text(memory.snapshot(NOW)));
    }
}

#[test]
fn a_new_folder_is_empty_and_opening_it_again_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..3 {
        assert_eq!(text(load(folder.path(), NOW)), text(Snapshot::default()));
    }
    assert!(folder.path().join(hawker_store::FILE_NAME).exists());
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = rusqlite::Connection::open(folder.path().join(hawker_store::FILE_NAME)).expect("opened");
    migrations::migrations::runner().set_target(refinery::Target::Version(1)).run(&mut first).expect("migrated");
    first
        .execute_batch(
            "INSERT INTO room (app, room, name, introduction, notification, avatar, mute_all, fields, owner,
                               created_at, changed_at, info_seq, seq_ceiling, likes)
             VALUES (7, 'r', 'Tea', '', '', '', 1, '{}', 'host', 1, 2, 3, 10000, 42);
             INSERT INTO sanction (app, room, user, kind, until) VALUES (7, 'r', 'mei', 'mute', -1);",
        )
        .expect("written");
    drop(first);
    for _ in 0..2 {
        let kept = load(folder.path(), NOW);
        let room = &kept.rooms[0];
        assert_eq!((&*room.record.profile.name, room.record.seq_ceiling, room.counters.likes), ("Tea", 10_000, 42));
        assert_eq!(room.mutes, BTreeMap::from([(UserId::from("mei"), Time::NEVER)]));
        assert_eq!((room.record.messages_per_second, room.tallies.len()), (None, 0));
    }
}

#[test]
fn only_one_server_writes_and_others_may_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Store::open(folder.path()).expect("opened");
    assert!(matches!(Store::open(folder.path()), Err(StoreError::InUse)));
    assert!(Store::open_beside(folder.path()).is_ok());
    drop(first);
    assert!(Store::open(folder.path()).is_ok());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(hawker_store::FILE_NAME), "nonsense ".repeat(1000)).expect("a file");
    assert!(matches!(Store::open(folder.path()), Err(StoreError::Database(_))));
}

#[test]
fn what_a_server_makes_for_itself_is_made_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    assert_eq!(store.meta_or_insert("key", || vec![1]).expect("kept"), [1]);
    assert_eq!(store.meta_or_insert("key", || vec![2]).expect("kept"), [1]);
    store.insert_app(7, "secret").expect("kept");
    assert!(store.insert_app(7, "another").is_err(), "an app is made once");
    drop(store);
    let store = Store::open(folder.path()).expect("opened");
    assert_eq!(store.meta_or_insert("key", || vec![3]).expect("kept"), [1]);
    assert_eq!(store.apps().expect("read"), [(7, "secret".to_owned())]);
}

#[test]
fn what_has_ended_is_cleared_away_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let soon = Time(NOW.0 + 1000);
    let commit = vec![
        account(1, "n"),
        session(1, soon),
        session(2, Time(NOW.0 + 3000)),
        room_record(room(1), "tea"),
        membership(1, room(1), true),
        membership(2, room(1), true),
        Change::Mute(room(1), user(1), soon),
        Change::Mute(room(1), user(2), Time::NEVER),
        Change::Ban(room(1), user(3), soon),
    ];
    write(folder.path(), WriterBounds::default(), vec![commit]);
    let kept = load(folder.path(), Time(NOW.0 + 2000));
    assert_eq!(kept.sessions.iter().map(|one| one.session.0).collect::<Vec<_>>(), [LARGEST - 2]);
    assert_eq!(kept.memberships.len(), 1);
    assert_eq!(kept.rooms[0].mutes, BTreeMap::from([(user(2), Time::NEVER)]), "for ever is for ever");
    assert!(kept.rooms[0].bans.is_empty());
    assert_eq!(load(folder.path(), NOW).sessions.len(), 1, "cleared away for good");
}

#[test]
fn a_room_that_is_gone_leaves_nothing_behind_for_the_next_of_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let everything = vec![
        session(1, Time(NOW.0 + 1000)),
        room_record(room(1), "tea"),
        membership(1, room(1), true),
        Change::Mute(room(1), user(1), Time::NEVER),
        Change::Ban(room(1), user(1), Time::NEVER),
        Change::Admin(room(1), user(1), true),
        Change::MemberField(room(1), user(1), "attent".into(), Some("host".into())),
        Change::Tally(room(1), "seats".into(), Some(3)),
        Change::Counters(room(1), Counters { likes: 1, messages: 2, peak: 3 }),
        said(room(1), 1),
    ];
    let again = vec![Change::RoomGone(room(1)), said(room(1), 2), room_record(room(1), "coffee")];
    write(folder.path(), WriterBounds::default(), vec![everything, again]);
    let kept = load(folder.path(), NOW);
    let fresh = tempfile::tempdir().expect("a folder");
    let only = vec![session(1, Time(NOW.0 + 1000)), room_record(room(1), "coffee")];
    write(fresh.path(), WriterBounds::default(), vec![only]);
    assert_eq!(text(kept), text(load(fresh.path(), NOW)));
}

#[test]
fn only_the_last_messages_of_each_room_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let bounds = WriterBounds { said_per_room_max: 3, ..WriterBounds::default() };
    let mut commits = vec![vec![room_record(room(1), "tea"), room_record(room(2), "milk")]];
    commits.extend((1..=20).map(|seq| vec![said(room(1), seq * 7)]));
    commits.push(vec![said(room(2), 5)]);
    write(folder.path(), bounds, commits);
    let mut kept = load(folder.path(), NOW);
    kept.rooms.sort_by(|one, other| one.record.key.cmp(&other.record.key));
    let seqs = |at: usize| kept.rooms[at].said.iter().map(|said| said.seq).collect::<Vec<_>>();
    assert_eq!((seqs(0), seqs(1)), (vec![126, 133, 140], vec![5]));
}

#[test]
fn commits_that_wait_share_a_transaction_and_are_confirmed_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (tell, told) = channel();
    let bounds = WriterBounds { commits_waiting_max: 4, commits_per_transaction_max: 3, ..WriterBounds::default() };
    let writer = Writer::start(Store::open(folder.path()).expect("opened"), bounds, move |done| {
        tell.send(done.expect("written")).expect("somebody listens");
    });
    for number in 1..=50 {
        assert!(writer.commit(number, vec![account(number as usize, "n")]));
    }
    writer.finish();
    let confirmed: Vec<_> = told.iter().collect();
    assert!(confirmed.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 3), "{confirmed:?}");
    assert_eq!(confirmed.last(), Some(&50));
    assert_eq!(load(folder.path(), NOW).accounts.len(), 50);
}

#[test]
fn a_store_that_fails_says_so_and_takes_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let (tell, told) = channel();
    let writer = Writer::start(Store::open(folder.path()).expect("opened"), WriterBounds::default(), move |done| {
        tell.send(done.is_ok()).expect("somebody listens");
    });
    // Two accounts of one name: the rules never do that, the table refuses it.
    let Change::Account(mut twin) = account(1, "n") else { unreachable!() };
    twin.account = AccountId(1);
    writer.commit(1, vec![account(1, "n")]);
    assert!(told.recv().expect("an answer"));
    writer.commit(2, vec![account(2, "n"), Change::Account(twin)]);
    assert!(!told.recv().expect("an answer"), "the failure is told");
    assert!(told.recv().is_err(), "the thread has ended");
    assert!(!writer.commit(3, vec![account(3, "n")]));
    drop(writer);
    assert_eq!(load(folder.path(), NOW).accounts.len(), 1, "a commit is kept whole or not at all");
}
