//! Direct messages in the database are what their definition says: whatever is done, the tables answer like a store that
//! counts nothing before it is asked.

#[path = "../../hawker-core/tests/support/direct_store.rs"]
#[allow(dead_code, reason = "the tests of the rules use the rest")]
mod direct_store;

use direct_store::DirectStore;
use hawker_core::change::{AccountRecord, Change, DirectChange};
use hawker_core::direct::{DirectMessage, Found, MessageNo, Query, Reminding, Taker, Wishes};
use hawker_core::post::Element;
use hawker_core::{AccountId, AppId, Time};
use hawker_store::{Reader, Store, Writer, WriterBounds};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

const NOW: u64 = 1_700_000_000_000;
const PEOPLE: u64 = 3;

/// What somebody does; numbers name people and messages, by age.
#[derive(Clone, Debug)]
enum Step {
    Send { from: u64, to: u64, counts: bool, shows: bool },
    Read { who: u64, peer: u64, at: usize },
    ReadAll { who: u64 },
    Recall { at: usize },
    Delete { who: u64, at: usize },
    Clear { who: u64, peer: u64, at: usize },
    Unlist { who: u64, peer: u64 },
    Pin { who: u64, peer: u64, on: bool },
    Remind { who: u64, peer: u64, how: u64 },
    Block { who: u64, peer: u64, on: bool },
    Forget { at: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, at) = (0..PEOPLE, 0..40_usize);
    let pair = (who.clone(), 1..PEOPLE).prop_map(|(who, other)| (who, (who + other) % PEOPLE));
    prop_oneof![
        8 => (pair.clone(), any::<bool>(), any::<bool>())
            .prop_map(|((from, to), counts, shows)| Step::Send { from, to, counts: counts || shows, shows }),
        2 => (pair.clone(), at.clone()).prop_map(|((who, peer), at)| Step::Read { who, peer, at }),
        1 => who.clone().prop_map(|who| Step::ReadAll { who }),
        2 => at.clone().prop_map(|at| Step::Recall { at }),
        2 => (who, at.clone()).prop_map(|(who, at)| Step::Delete { who, at }),
        1 => (pair.clone(), at.clone()).prop_map(|((who, peer), at)| Step::Clear { who, peer, at }),
        1 => pair.clone().prop_map(|(who, peer)| Step::Unlist { who, peer }),
        1 => (pair.clone(), any::<bool>()).prop_map(|((who, peer), on)| Step::Pin { who, peer, on }),
        1 => (pair.clone(), 0..3_u64).prop_map(|((who, peer), how)| Step::Remind { who, peer, how }),
        1 => (pair, any::<bool>()).prop_map(|((who, peer), on)| Step::Block { who, peer, on }),
        1 => at.prop_map(|at| Step::Forget { at }),
    ]
}

fn account(who: u64) -> AccountId {
    AccountId(100 + who)
}

/// Turns steps into changes, the way the rules would number them.
#[derive(Default)]
struct Author {
    last: MessageNo,
    messages: BTreeMap<MessageNo, DirectMessage>,
}

impl Author {
    fn next(&mut self) -> MessageNo {
        // Several in a second, some in the same millisecond.
        let now = Time(NOW + self.messages.len() as u64 / 2 * 300);
        self.last = MessageNo::after(self.last, now);
        self.last
    }

    fn at(&self, at: usize) -> MessageNo {
        self.messages.keys().rev().nth(at % self.messages.len().max(1)).copied().unwrap_or_default()
    }

    fn change(&mut self, step: &Step) -> Option<DirectChange> {
        Some(match *step {
            Step::Send { from, to, counts, shows } => {
                let no = self.next();
                let message = DirectMessage {
                    no,
                    from: account(from),
                    to: account(to),
                    seq: no.0 as u32 % 7,
                    random: no.0 as u32 % 3,
                    sent_at: 5,
                    elements: Arc::new([Element::Text(format!("n{}", no.0).into())]),
                    cloud_data: "".into(),
                    bytes: 60,
                    wishes: Wishes { counts, shows, ..Wishes::default() },
                    recalled: None,
                };
                self.messages.insert(no, message.clone());
                DirectChange::Sent(Arc::new(message))
            }
            Step::Read { who, peer, at } => DirectChange::Read(account(who), account(peer), self.at(at)),
            Step::ReadAll { who } => DirectChange::ReadAll(account(who), self.last),
            Step::Recall { at } => {
                let at = self.at(at);
                let no = self.next();
                let message = self.messages.get_mut(&at).filter(|message| message.recalled.is_none())?;
                message.recalled = Some(Taker { by: message.from, no });
                DirectChange::Recalled(Arc::new(message.clone()))
            }
            Step::Delete { who, at } => {
                let message = self.messages.get(&self.at(at))?;
                let me = account(who);
                if message.from != me && message.to != me {
                    return None;
                }
                DirectChange::Deleted(me, message.peer_of(me), vec![message.no])
            }
            Step::Clear { who, peer, at } => DirectChange::Cleared(account(who), account(peer), self.at(at)),
            Step::Unlist { who, peer } => DirectChange::Unlisted(account(who), account(peer)),
            Step::Pin { who, peer, on } => DirectChange::Pinned(account(who), account(peer), on),
            Step::Remind { who, peer, how } => {
                let how = [Reminding::Notify, Reminding::Discard, Reminding::Silent][how as usize];
                DirectChange::Reminding(account(who), account(peer), how)
            }
            Step::Block { who, peer, on } => {
                DirectChange::Blocked(account(who), account(peer), on.then_some(Time(NOW)))
            }
            Step::Forget { at } => {
                let before = self.at(at);
                self.messages.retain(|no, _| *no >= before);
                DirectChange::Forgotten(before)
            }
        })
    }
}

/// Everything that can be asked about these messages.
fn queries(author: &Author) -> Vec<Query> {
    let mut queries = Vec::new();
    let mut edges: Vec<_> = author.messages.keys().step_by(3).copied().collect();
    // Clients may hand in any number.
    edges.push(MessageNo(u64::MAX));
    for who in 0..PEOPLE {
        let account = self::account(who);
        for limit in [1, 100] {
            queries.push(Query::Conversations { account, after: None, limit });
        }
        queries.push(Query::Sync { account, after: None, limit: 100 });
        queries.push(Query::Reminders { account });
        queries.push(Query::ReadBy { account, peers: (0..PEOPLE).map(self::account).collect() });
        for edge in &edges {
            queries.push(Query::Sync { account, after: Some(*edge), limit: 2 });
            queries.push(Query::Conversations { account, after: Some((*edge, account)), limit: 2 });
        }
        for peer in (0..PEOPLE).filter(|peer| *peer != who).map(self::account) {
            let keys = author.messages.values().map(DirectMessage::key).collect();
            queries.push(Query::Find { account, peer, keys });
            for forward in [false, true] {
                queries.push(Query::History { account, peer, from: None, until: None, forward, limit: 100 });
                for edge in &edges {
                    let (from, until) = (Some(*edge), author.messages.keys().next().copied());
                    queries.push(Query::History { account, peer, from, until, forward, limit: 2 });
                }
            }
        }
    }
    queries
}

/// Writes the changes like a server, and closes.
fn write(folder: &Path, bounds: WriterBounds, changes: Vec<Change>) {
    let writer = Writer::start(Store::open(folder).unwrap(), bounds, |result| assert!(result.unwrap() > 0));
    for (number, change) in changes.into_iter().enumerate() {
        assert!(writer.commit(number as u64 + 1, vec![change]));
    }
    writer.finish();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_tables_answer_like_the_definition(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let (mut author, mut model) = (Author::default(), DirectStore::default());
        let changes: Vec<_> = steps.iter().filter_map(|step| author.change(step)).collect();
        changes.iter().for_each(|change| model.apply(change.clone()));
        write(folder.path(), WriterBounds::default(), changes.into_iter().map(Change::Direct).collect());
        let store = Store::open(folder.path()).unwrap();
        for query in queries(&author) {
            prop_assert_eq!(sorted(store.find(&query).unwrap()), sorted(model.find(&query)), "{:?}", query);
        }
        let (kept, wanted) = (store.load(Time(NOW), Duration::from_secs(30 * 24 * 3600)).unwrap().direct, model.snapshot(Time(NOW)));
        prop_assert_eq!(kept.recent, wanted.recent);
        prop_assert_eq!(kept.talkers, wanted.talkers);
        prop_assert_eq!(kept.blocks, wanted.blocks);
        prop_assert_eq!(kept.oldest > kept.last, wanted.oldest > wanted.last);
    }
}

/// The order of unread counts and of messages with the same key says nothing.
fn sorted(mut found: Found) -> Found {
    match &mut found {
        Found::Sync { unread, .. } => unread.sort(),
        Found::Messages(messages) => messages.sort_by_key(|message| message.no),
        _ => {}
    }
    found
}

#[test]
fn the_conversation_that_was_silent_longest_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut author = Author::default();
    let mut changes = Vec::new();
    for to in [1, 2, 3, 1, 4] {
        changes.extend(author.change(&Step::Send { from: 0, to, counts: true, shows: true }).map(Change::Direct));
    }
    let bounds = WriterBounds { conversations_per_account_max: 3, ..WriterBounds::default() };
    write(folder.path(), bounds, changes);
    let store = Store::open(folder.path()).unwrap();
    let query = Query::Conversations { account: account(0), after: None, limit: 10 };
    let Found::Conversations(list) = store.find(&query).unwrap() else { panic!("asked for conversations") };
    let peers: Vec<_> = list.iter().map(|one| one.peer.0).collect();
    assert_eq!(peers, [104, 101, 103]);
}

#[test]
fn the_reader_sees_what_is_committed_and_answers_by_number() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (found, answers) = channel();
    let reader =
        Reader::start(&store, 4, move |number, result| found.send((number, result.unwrap())).unwrap()).unwrap();
    let (done, kept) = channel();
    let writer = Writer::start(store, WriterBounds::default(), move |result| done.send(result.unwrap()).unwrap());
    let mut author = Author::default();
    for number in 1..=20 {
        let account_of = AccountRecord {
            account: account(number),
            app: AppId(7),
            user: format!("u{number}").into(),
            profile: Arc::default(),
            sigs_valid_from: Time(0),
        };
        let sent = author.change(&Step::Send { from: 0, to: 1, counts: true, shows: true }).unwrap();
        assert!(writer.commit(number, vec![Change::Account(account_of), Change::Direct(sent)]));
        while kept.recv().unwrap() < number {}
        assert!(reader.look(number, Query::Sync { account: account(1), after: None, limit: 0 }));
        let wanted = Found::Sync { messages: vec![], recalled: vec![], unread: vec![(account(0), number as u32)] };
        assert_eq!(answers.recv().unwrap(), (number, wanted));
    }
    reader.finish();
    writer.finish();
}
