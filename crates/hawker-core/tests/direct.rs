//! Direct messages, whatever happens: nothing acknowledged is lost, nothing comes twice, every count is right.

#[path = "support/direct_store.rs"]
mod direct_store;

use direct_store::DirectStore;
use hawker_core::answer::Answer;
use hawker_core::change::{AccountRecord, Change, SessionRecord, Snapshot};
use hawker_core::command::{Command, Login};
use hawker_core::direct::{
    DirectAnswer, DirectCommand, Letter, MessageKey, Notice, Presence, PresenceCommand, Query, Reminding, Wishes,
};
use hawker_core::engine::{AppRules, Caller, Engine, Input, Output};
use hawker_core::limits::Limits;
use hawker_core::post::{Draft, Element, Meaning, Priority};
use hawker_core::{AccountId, AppId, ConnId, Refusal, SessionId, Time, UserId};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

const APP: AppId = AppId(7);
const USERS: usize = 3;

fn user(number: usize) -> UserId {
    format!("u{number}").into()
}

fn limits() -> Limits {
    Limits {
        direct_per_second_per_user: 1000,
        direct_marks_per_second_per_user: 1000,
        direct_sync_max: 1000,
        direct_page_max: 1000,
        ..Limits::default()
    }
}

/// What has happened to messages, in order. A message is named by its random number.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Sent { from: usize, to: usize, random: u32 },
    Read { who: usize, peer: usize },
    ReadAll { who: usize },
    Recalled { random: u32 },
    Deleted { who: usize, random: u32 },
}

/// A world with an engine, a store that confirms late, and a list of what has happened.
struct World {
    engine: Engine<u64>,
    now: Time,
    limits: Limits,
    accounts: BTreeMap<AccountId, AccountRecord>,
    sessions: BTreeMap<SessionId, SessionRecord>,
    direct: DirectStore,
    sealed: VecDeque<(u64, Vec<Change>)>,
    committed: u64,
    looks: VecDeque<(u64, Query)>,
    /// With the commit that each is in; earlier worlds' are 0.
    deeds: Vec<(u64, Deed)>,
    answers: BTreeMap<u64, Result<Answer, Refusal>>,
    /// What each ticket does when it is not refused.
    pending: BTreeMap<u64, Vec<Deed>>,
    told: Vec<(usize, Notice)>,
    tokens: Vec<(SessionId, Time)>,
    keys: BTreeMap<u32, MessageKey>,
    tickets: u64,
    conns: u64,
    seed: u64,
    /// Answers are compared with what the deeds say.
    compared: bool,
}

impl World {
    fn new(limits: Limits) -> Self {
        let mut world = Self {
            engine: Engine::new(Time(0), BTreeMap::new(), Snapshot::default(), 1),
            now: Time(1_700_000_000_000),
            limits,
            accounts: BTreeMap::new(),
            sessions: BTreeMap::new(),
            direct: DirectStore::default(),
            sealed: VecDeque::new(),
            committed: 0,
            looks: VecDeque::new(),
            deeds: Vec::new(),
            answers: BTreeMap::new(),
            pending: BTreeMap::new(),
            told: Vec::new(),
            tokens: Vec::new(),
            keys: BTreeMap::new(),
            tickets: 0,
            conns: 0,
            seed: 1,
            compared: false,
        };
        world.start();
        world
    }

    /// Starts from what is kept, and everybody logs in.
    fn start(&mut self) {
        let apps = BTreeMap::from([(APP, AppRules { limits: self.limits.clone(), ..AppRules::default() })]);
        let kept = Snapshot {
            accounts: self.accounts.values().cloned().collect(),
            sessions: self.sessions.values().cloned().collect(),
            direct: self.direct.snapshot(self.now),
            ..Snapshot::default()
        };
        self.seed += 1;
        self.engine = Engine::new(self.now, apps, kept, self.seed);
        (self.committed, self.conns) = (0, self.conns + 100);
        self.sealed.clear();
        self.looks.clear();
        self.pending.clear();
        self.deeds.iter_mut().for_each(|(commit, _)| *commit = 0);
        self.tokens.clear();
        for number in 0..USERS {
            let login = Login {
                app: APP,
                user: user(number),
                sig_issued_at: self.now,
                sig_expires_at: Time::NEVER,
                instance: "i".into(),
            };
            let ticket = self.ask_as(self.conn(number, None), Command::Login(login), Vec::new());
            self.settle();
            let Some(Ok(Answer::LoggedIn(login))) = self.answers.remove(&ticket) else { panic!("logs in") };
            self.tokens.push((login.session, login.since));
        }
    }

    /// What was not confirmed is lost.
    fn power_cut(&mut self) {
        let committed = self.committed;
        self.deeds.retain(|(commit, _)| *commit <= committed);
        self.start();
    }

    fn conn(&self, number: usize, token: Option<(SessionId, Time)>) -> Caller {
        Caller::Conn { conn: ConnId(self.conns + number as u64), app: APP, token }
    }

    fn ask(&mut self, who: usize, what: DirectCommand, deeds: Vec<Deed>) -> u64 {
        let by = self.conn(who, Some(self.tokens[who]));
        self.ask_as(by, Command::Direct { of: None, what }, deeds)
    }

    fn ask_as(&mut self, by: Caller, command: Command, deeds: Vec<Deed>) -> u64 {
        self.tickets += 1;
        self.pending.insert(self.tickets, deeds);
        self.engine.handle(self.now, Input::Asked { by, ticket: self.tickets, command });
        self.run();
        self.tickets
    }

    /// Takes what comes out; what was decided by now is in the commit that is sealed.
    fn run(&mut self) {
        self.engine.seal();
        let (mut commit, mut outputs) = (None, Vec::new());
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Commit(number, changes) => {
                    let decided = changes.iter().any(|change| matches!(change, Change::Direct(_)));
                    self.sealed.push_back((number, changes));
                    commit = commit.or(decided.then_some(number));
                }
                output => outputs.push(output),
            }
        }
        if let Some(commit) = commit {
            // One thing is asked at a time, so what was kept is what the last one did.
            if let Some((_, deeds)) = self.pending.pop_last() {
                self.deeds.extend(deeds.into_iter().map(|deed| (commit, deed)));
            }
        }
        outputs.into_iter().for_each(|output| self.take(output));
    }

    fn take(&mut self, output: Output<u64>) {
        match output {
            Output::Reply { ticket, answer } => drop(self.answers.insert(ticket, answer)),
            Output::Look(number, query) => self.looks.push_back((number, query)),
            Output::Notify(ConnId(conn), notice) => {
                let who = (conn - self.conns) as usize;
                if let Notice::Message(letter) = &*notice {
                    self.must_be_kept(letter);
                }
                self.told.push((who, (*notice).clone()));
            }
            _ => {}
        }
    }

    /// Nobody hears of a message before it is kept.
    fn must_be_kept(&self, letter: &Letter) {
        let kept = self.direct.keeps(letter.message.no) || letter.message.wishes.online_only;
        assert!(kept, "{letter:?} was told and is not kept");
    }

    fn confirm(&mut self) {
        let Some((number, changes)) = self.sealed.pop_front() else { return };
        for change in changes {
            match change {
                Change::Account(record) => drop(self.accounts.insert(record.account, record)),
                Change::Session(record) => drop(self.sessions.insert(record.session, record)),
                Change::SessionEnded(session) => drop(self.sessions.remove(&session)),
                Change::Direct(change) => self.direct.apply(change),
                change => panic!("nothing else is asked: {change:?}"),
            }
        }
        self.committed = number;
        self.engine.handle(self.now, Input::Committed(number));
        self.run();
    }

    /// Answers one question to the store; what is decided then is what its asker wanted.
    fn look(&mut self) {
        let Some((number, query)) = self.looks.pop_front() else { return };
        let found = self.direct.find(&query);
        let expected = self.expected(&query).filter(|_| self.compared);
        // The deeds of a question that is decided now are the last pending ones.
        self.engine.handle(self.now, Input::Found(number, found));
        let before: Vec<_> = self.answers.keys().copied().collect();
        self.run();
        let new = self.answers.iter().filter(|(ticket, _)| !before.contains(ticket));
        for (_, answer) in new {
            if let (Ok(answer), Some(expected)) = (answer, &expected) {
                assert_eq!(&seen(answer), expected, "{query:?}");
            }
        }
    }

    fn settle(&mut self) {
        while !self.sealed.is_empty() || !self.looks.is_empty() {
            self.confirm();
            self.look();
        }
    }

    fn number(&self, account: AccountId) -> usize {
        self.accounts[&account].user.as_str()[1..].parse().expect("a number")
    }

    /// What the answer to a query must say, from what is kept now.
    fn expected(&self, query: &Query) -> Option<Seen> {
        let deeds = self.deeds.iter().filter(|(commit, _)| *commit <= self.committed).map(|(_, deed)| deed);
        let deeds: Vec<_> = deeds.cloned().collect();
        match query {
            Query::Sync { account, .. } => Some(Seen::Unread(unread(&deeds, self.number(*account)))),
            Query::History { account, peer, from: None, .. } => {
                Some(Seen::History(history(&deeds, self.number(*account), self.number(*peer))))
            }
            _ => None,
        }
    }
}

/// What matters of an answer.
#[derive(Debug, PartialEq)]
enum Seen {
    Unread(BTreeMap<String, u32>),
    History(Vec<(u32, bool)>),
    Other,
}

fn seen(answer: &Answer) -> Seen {
    match answer {
        Answer::Direct(DirectAnswer::Synced { unread, .. }) => {
            Seen::Unread(unread.iter().map(|(user, count)| (user.to_string(), *count)).collect())
        }
        Answer::Direct(DirectAnswer::History { messages, .. }) => {
            Seen::History(messages.iter().map(|one| (one.message.random, one.message.recalled.is_some())).collect())
        }
        _ => Seen::Other,
    }
}

fn history(deeds: &[Deed], who: usize, peer: usize) -> Vec<(u32, bool)> {
    let between = deeds.iter().filter_map(|deed| match *deed {
        Deed::Sent { from, to, random } if (from, to) == (who, peer) || (to, from) == (who, peer) => Some(random),
        _ => None,
    });
    let between = between.filter(|random| !deeds.contains(&Deed::Deleted { who, random: *random }));
    between.map(|random| (random, deeds.contains(&Deed::Recalled { random }))).collect()
}

fn unread(deeds: &[Deed], who: usize) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for deed in deeds {
        match *deed {
            Deed::Sent { from, to, random } if to == who => {
                counts.entry(user(from).to_string()).or_default().push(random);
            }
            Deed::Read { who: reader, peer } if reader == who => drop(counts.remove(user(peer).as_str())),
            Deed::ReadAll { who: reader } if reader == who => counts.clear(),
            Deed::Recalled { random } => counts.values_mut().for_each(|all| all.retain(|one| *one != random)),
            Deed::Deleted { who: by, random } if by == who => {
                counts.values_mut().for_each(|all| all.retain(|one| *one != random));
            }
            _ => {}
        }
    }
    let counts = counts.into_iter().map(|(peer, all)| (peer, all.len() as u32));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn draft(random: u32) -> Draft {
    Draft {
        meaning: Meaning::Chat,
        priority: Priority::Normal,
        random,
        sent_at: 5,
        client_seq: 0,
        elements: Arc::new([Element::Text("hi".into())]),
        cloud_data: "".into(),
        bytes: 60,
    }
}

fn send(to: usize, random: u32) -> DirectCommand {
    DirectCommand::Send { to: user(to), seq: 1, draft: draft(random), wishes: Wishes::default(), copy: false }
}

fn all_of(peer: usize) -> DirectCommand {
    DirectCommand::History { peer: user(peer), from: None, until: None, forward: false, limit: 1000 }
}

#[derive(Clone, Debug)]
enum Step {
    Send {
        from: usize,
        to: usize,
    },
    /// The client was not answered, or believes so.
    SendAgain {
        back: usize,
    },
    Read {
        who: usize,
        peer: usize,
    },
    ReadAll {
        who: usize,
    },
    Recall {
        back: usize,
    },
    Delete {
        who: usize,
        back: usize,
    },
    Sync {
        who: usize,
    },
    History {
        who: usize,
        peer: usize,
    },
    Confirm,
    Look,
    Pass {
        ms: u64,
    },
    PowerCut,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..USERS;
    let pair = (who.clone(), 1..USERS).prop_map(|(who, other)| (who, (who + other) % USERS));
    prop_oneof![
        6 => pair.clone().prop_map(|(from, to)| Step::Send { from, to }),
        2 => (0..6_usize).prop_map(|back| Step::SendAgain { back }),
        2 => pair.clone().prop_map(|(who, peer)| Step::Read { who, peer }),
        1 => who.clone().prop_map(|who| Step::ReadAll { who }),
        2 => (0..6_usize).prop_map(|back| Step::Recall { back }),
        2 => (who.clone(), 0..6_usize).prop_map(|(who, back)| Step::Delete { who, back }),
        2 => who.prop_map(|who| Step::Sync { who }),
        2 => pair.prop_map(|(who, peer)| Step::History { who, peer }),
        6 => Just(Step::Confirm),
        5 => Just(Step::Look),
        2 => (0..2000_u64).prop_map(|ms| Step::Pass { ms }),
        1 => Just(Step::PowerCut),
    ]
}

impl World {
    /// A message that was acknowledged, by age.
    fn sent(&self, back: usize) -> Option<(usize, usize, u32)> {
        let sent = self.deeds.iter().rev().filter_map(|(_, deed)| match *deed {
            Deed::Sent { from, to, random } => Some((from, to, random)),
            _ => None,
        });
        sent.collect::<Vec<_>>().get(back).copied()
    }

    fn key(&self, random: u32) -> Option<MessageKey> {
        self.keys.get(&random).copied()
    }

    fn step(&mut self, step: &Step, random: u32) {
        match *step {
            Step::Send { from, to } => {
                self.ask(from, send(to, random), vec![Deed::Sent { from, to, random }]);
            }
            Step::SendAgain { back } => {
                if let Some((from, to, random)) = self.sent(back) {
                    let before = self.deeds.len();
                    self.ask(from, send(to, random), Vec::new());
                    assert_eq!(self.deeds.len(), before, "sent twice, kept once");
                }
            }
            Step::Read { who, peer } => {
                let reads = vec![(user(peer), self.now.secs())];
                self.ask(who, DirectCommand::Read { reads }, vec![Deed::Read { who, peer }]);
            }
            Step::ReadAll { who } => drop(self.ask(who, DirectCommand::ReadAll, vec![Deed::ReadAll { who }])),
            // What has to be looked for is decided at once here, so that what is kept is what was asked.
            Step::Recall { back } => {
                self.settle();
                let Some((from, to, random)) = self.sent(back) else { return };
                let Some(key) = self.key(random) else { return };
                self.ask(from, DirectCommand::Recall { to: user(to), key }, vec![Deed::Recalled { random }]);
                self.look();
            }
            Step::Delete { who, back } => {
                self.settle();
                let Some((from, to, random)) = self.sent(back) else { return };
                let Some(key) = self.key(random) else { return };
                if who != from && who != to {
                    return;
                }
                let peer = user(if who == from { to } else { from });
                let what = DirectCommand::Delete { peer, keys: vec![key] };
                self.ask(who, what, vec![Deed::Deleted { who, random }]);
                self.look();
            }
            Step::Sync { who } => drop(self.ask(who, DirectCommand::Sync { after: None }, Vec::new())),
            Step::History { who, peer } => drop(self.ask(who, all_of(peer), Vec::new())),
            Step::Confirm => self.confirm(),
            Step::Look => self.look(),
            Step::Pass { ms } => {
                self.now = self.now + Duration::from_millis(ms);
                self.engine.tick(self.now);
                self.run();
            }
            Step::PowerCut => self.power_cut(),
        }
        self.remember_keys();
    }

    /// Clients learn from the answer what their message is named by.
    fn remember_keys(&mut self) {
        for answer in self.answers.values() {
            if let Ok(Answer::Direct(DirectAnswer::Sent { key, .. })) = answer {
                self.keys.insert(key.random, *key);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_acknowledged_is_lost_or_doubled_and_every_count_is_right(
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(limits());
        world.compared = true;
        for (random, step) in steps.iter().enumerate() {
            world.step(step, random as u32);
        }
        world.power_cut();
        // What was acknowledged is there, in the order in which it was sent, for both sides.
        let acknowledged: Vec<_> = world.keys.keys().copied().collect();
        let kept: Vec<_> = (0..world.deeds.len()).filter_map(|back| world.sent(back)).map(|(.., random)| random).collect();
        prop_assert!(acknowledged.iter().all(|random| kept.contains(random)), "{:?} {:?}", acknowledged, kept);
        for who in 0..USERS {
            world.ask(who, DirectCommand::Sync { after: None }, Vec::new());
            for peer in (0..USERS).filter(|peer| *peer != who) {
                world.ask(who, all_of(peer), Vec::new());
            }
        }
        world.settle();
        // Nobody was told of a message twice.
        let mut told: Vec<_> = world.told.iter().filter_map(|(who, notice)| match notice {
            Notice::Message(letter) => Some((*who, letter.message.random)),
            _ => None,
        }).collect();
        let count = told.len();
        told.sort_unstable();
        told.dedup();
        prop_assert_eq!(told.len(), count);
    }
}

fn answer(world: &mut World, who: usize, what: DirectCommand) -> Result<Answer, Refusal> {
    let ticket = world.ask(who, what, Vec::new());
    world.settle();
    world.answers.remove(&ticket).expect("answered")
}

fn told(world: &mut World, who: usize) -> Vec<Notice> {
    let told = std::mem::take(&mut world.told);
    told.into_iter().filter(|(whom, _)| *whom == who).map(|(_, notice)| notice).collect()
}

#[test]
fn who_may_write_to_whom() {
    let mut world = World::new(Limits { direct_per_second_per_user: 2, blacklist_max: 1, ..Limits::default() });
    let to_self = answer(&mut world, 0, send(0, 1));
    assert_eq!(to_self, Err(Refusal::BadParameter("To_Account")));
    assert_eq!(answer(&mut world, 0, send(9, 1)), Err(Refusal::AccountMissing));
    let empty = Draft { elements: Arc::new([]), ..draft(1) };
    let empty = DirectCommand::Send { to: user(1), seq: 1, draft: empty, wishes: Wishes::default(), copy: false };
    assert_eq!(answer(&mut world, 0, empty), Err(Refusal::BadParameter("MsgBody")));
    let long = Draft { bytes: 12 * 1024 + 1, ..draft(1) };
    let long = DirectCommand::Send { to: user(1), seq: 1, draft: long, wishes: Wishes::default(), copy: false };
    assert_eq!(answer(&mut world, 0, long), Err(Refusal::MessageTooLong { limit: 12 * 1024 }));

    let block =
        |users: &[usize], on| DirectCommand::Block { users: users.iter().map(|one| user(*one)).collect(), on };
    assert!(matches!(answer(&mut world, 1, block(&[0, 2], true)), Err(Refusal::TooMany { .. })));
    answer(&mut world, 1, block(&[0], true)).unwrap();
    assert_eq!(answer(&mut world, 0, send(1, 2)), Err(Refusal::Blocked));
    world.power_cut();
    assert_eq!(answer(&mut world, 0, send(1, 2)), Err(Refusal::Blocked), "the blacklist is kept");
    answer(&mut world, 1, block(&[0], false)).unwrap();
    answer(&mut world, 0, send(1, 3)).unwrap();
    let in_a_burst: Vec<_> = (10..20).map(|random| answer(&mut world, 0, send(1, random))).collect();
    assert!(in_a_burst.contains(&Err(Refusal::TooOften)), "{in_a_burst:?}");
    let someone_else = Command::Direct { of: Some(user(1)), what: send(2, 9) };
    let by = world.conn(0, Some(world.tokens[0]));
    let ticket = world.ask_as(by, someone_else, Vec::new());
    assert_eq!(world.answers[&ticket], Err(Refusal::BadParameter("From_Account")));
    let stranger = world.conn(50, None);
    let ticket = world.ask_as(stranger, Command::Direct { of: None, what: send(2, 9) }, Vec::new());
    assert_eq!(world.answers[&ticket], Err(Refusal::NotLoggedIn));
}

#[test]
fn who_marks_without_end_is_refused_and_nobody_is_told() {
    let mut world = World::new(Limits { direct_marks_per_second_per_user: 3, ..Limits::default() });
    answer(&mut world, 0, send(1, 1)).unwrap();
    let read = || DirectCommand::Read { reads: vec![(user(0), 1_700_000_000); 3] };
    told(&mut world, 0);
    answer(&mut world, 1, read()).unwrap();
    assert_eq!(told(&mut world, 0).len(), 3);
    let pin = DirectCommand::Pin { peers: vec![user(0)], on: true };
    let silence = DirectCommand::Remind { peers: vec![user(0)], how: Reminding::Silent };
    let block = DirectCommand::Block { users: vec![user(0)], on: true };
    let drop = DirectCommand::Drop { peers: vec![user(0)], history: true };
    let delete = DirectCommand::Delete { peer: user(0), keys: vec![MessageKey { seq: 1, random: 1, secs: 1 }] };
    let clear = DirectCommand::Clear { peer: user(0) };
    for mark in [read(), pin.clone(), silence, block.clone(), drop, delete, clear] {
        assert_eq!(answer(&mut world, 1, mark.clone()), Err(Refusal::TooOften), "{mark:?}");
    }
    assert_eq!(told(&mut world, 0), [], "a refusal tells nobody");
    answer(&mut world, 0, send(1, 2)).expect("nor does it block anybody");
    world.now = world.now + Duration::from_secs(1);
    answer(&mut world, 1, pin).unwrap();
    world.now = world.now + Duration::from_secs(1);
    answer(&mut world, 0, DirectCommand::Block { users: vec![user(1)], on: true }).unwrap();
    answer(&mut world, 1, read()).unwrap();
    assert_eq!(told(&mut world, 0), [], "who is blocked is not heard of");
}

#[test]
fn a_message_is_taken_back_by_its_sender_within_its_time() {
    let mut world = World::new(limits());
    let Ok(Answer::Direct(DirectAnswer::Sent { key, .. })) = answer(&mut world, 0, send(1, 1)) else {
        panic!("sent")
    };
    let recall = |to: usize, key| DirectCommand::Recall { to: user(to), key };
    assert_eq!(answer(&mut world, 1, recall(0, key)), Err(Refusal::DirectMissing), "only its sender");
    assert_eq!(answer(&mut world, 0, recall(2, key)), Err(Refusal::DirectMissing), "not to that one");
    let other = MessageKey { random: 2, ..key };
    assert_eq!(answer(&mut world, 0, recall(1, other)), Err(Refusal::DirectMissing));
    told(&mut world, 1);
    assert_eq!(answer(&mut world, 0, recall(1, key)), Ok(Answer::Done));
    assert!(matches!(&told(&mut world, 1)[..], [Notice::Recalled(letter)] if letter.taken_by == Some(user(0))));
    assert_eq!(answer(&mut world, 0, recall(1, key)), Err(Refusal::AlreadyRecalled));

    let Ok(Answer::Direct(DirectAnswer::Sent { key, .. })) = answer(&mut world, 0, send(1, 3)) else {
        panic!("sent")
    };
    world.now = world.now + Duration::from_secs(121);
    assert_eq!(answer(&mut world, 0, recall(1, key)), Err(Refusal::DirectRecallTooLate));
    let admin = Caller::Admin { app: APP, user: "administrator".into() };
    let what = Command::Direct { of: Some(user(0)), what: recall(1, key) };
    let ticket = world.ask_as(admin, what, Vec::new());
    world.settle();
    assert_eq!(world.answers[&ticket], Ok(Answer::Done), "administrators may at any time");
}

#[test]
fn what_is_only_for_those_who_are_connected_is_kept_nowhere() {
    let mut world = World::new(limits());
    let wishes = Wishes { online_only: true, ..Wishes::default() };
    let what = DirectCommand::Send { to: user(1), seq: 1, draft: draft(1), wishes, copy: false };
    answer(&mut world, 0, what).unwrap();
    assert!(matches!(&told(&mut world, 1)[..], [Notice::Message(_)]));
    let Ok(Answer::Direct(DirectAnswer::History { messages, .. })) = answer(&mut world, 1, all_of(0)) else {
        panic!()
    };
    assert_eq!(messages, []);
}

#[test]
fn old_messages_are_forgotten() {
    let mut world = World::new(Limits { direct_age_max: Duration::from_secs(3600), ..limits() });
    answer(&mut world, 0, send(1, 1)).unwrap();
    world.now = world.now + Duration::from_secs(3500);
    answer(&mut world, 0, send(1, 2)).unwrap();
    for secs in [200, 20, 20] {
        world.now = world.now + Duration::from_secs(secs);
        world.engine.tick(world.now);
        world.run();
        world.settle();
    }
    let Ok(Answer::Direct(DirectAnswer::History { messages, .. })) = answer(&mut world, 1, all_of(0)) else {
        panic!()
    };
    let left: Vec<_> = messages.iter().map(|one| one.message.random).collect();
    assert_eq!(left, [2]);
}

#[test]
fn a_count_knows_of_what_was_brought_meanwhile_however_often_it_is_asked_for() {
    let mut world = World::new(limits());
    answer(&mut world, 0, send(1, 1)).unwrap();
    let [_, second] = [0; 2].map(|_| world.ask(1, DirectCommand::Sync { after: None }, Vec::new()));
    world.look();
    let (number, query) = world.looks.pop_front().expect("asked twice");
    let before = world.direct.find(&query);
    world.ask(0, send(1, 2), Vec::new());
    world.confirm();
    world.engine.handle(world.now, Input::Found(number, before));
    world.run();
    world.settle();
    assert_eq!(seen(world.answers[&second].as_ref().unwrap()), Seen::Unread([("u0".into(), 2)].into()));
}

#[test]
fn the_store_is_asked_only_so_much_at_once() {
    let mut world = World::new(Limits { lookups_max: 2, ..limits() });
    answer(&mut world, 0, send(1, 1)).unwrap();
    let tickets: Vec<_> = (0..3).map(|_| world.ask(0, all_of(1), Vec::new())).collect();
    assert_eq!(world.answers.get(&tickets[2]), Some(&Err(Refusal::Busy)));
    world.settle();
    assert!(tickets[..2].iter().all(|ticket| world.answers[ticket].is_ok()));
    assert!(answer(&mut world, 0, all_of(1)).is_ok());
}

fn presence(world: &mut World, who: usize, command: PresenceCommand) -> Result<Answer, Refusal> {
    let by = world.conn(who, Some(world.tokens[who]));
    let ticket = world.ask_as(by, Command::Presence(command), Vec::new());
    world.settle();
    world.answers.remove(&ticket).expect("answered")
}

/// Lets time pass second by second; what presence 0 is told of 1.
fn watch(world: &mut World, secs: u64) -> Vec<(Presence, String)> {
    for _ in 0..secs {
        world.now = world.now + Duration::from_secs(1);
        world.engine.tick(world.now);
        world.run();
        world.settle();
    }
    let news = told(world, 0).into_iter().flat_map(|notice| match notice {
        Notice::Presence(news) => news,
        _ => Vec::new(),
    });
    news.map(|one| (one.presence, one.text.to_string())).collect()
}

#[test]
fn subscribers_are_told_who_comes_and_goes() {
    let mut world = World::new(Limits { presence_subscriptions_max: 1, ..limits() });
    let subscribe = |users: &[usize]| PresenceCommand::Subscribe(users.iter().map(|one| user(*one)).collect());
    assert!(matches!(presence(&mut world, 0, subscribe(&[1, 2])), Err(Refusal::TooMany { .. })));
    assert_eq!(presence(&mut world, 0, subscribe(&[1, 9])), Ok(Answer::Presence(vec![], vec![user(9)])));
    let long = "x".repeat(257);
    assert!(matches!(presence(&mut world, 1, PresenceCommand::Say(long.into())), Err(Refusal::TooLong { .. })));
    for text in ["tea", "coffee", "tea"] {
        presence(&mut world, 1, PresenceCommand::Say(text.into())).unwrap();
    }
    assert_eq!(watch(&mut world, 2), [(Presence::Online, "tea".to_owned())], "once, with the last");
    // A tunnel is nobody's business; somebody who stays away is away.
    world.engine.handle(world.now, Input::Closed(ConnId(world.conns + 1)));
    assert_eq!(watch(&mut world, 25), []);
    assert_eq!(watch(&mut world, 10), [(Presence::Offline, String::new())]);
    answer(&mut world, 1, all_of(0)).unwrap();
    assert_eq!(watch(&mut world, 2), [(Presence::Online, "tea".to_owned())]);
    let by = world.conn(1, Some(world.tokens[1]));
    world.ask_as(by, Command::Logout, Vec::new());
    assert_eq!(watch(&mut world, 2), [(Presence::LoggedOut, String::new())]);
    presence(&mut world, 0, PresenceCommand::Unsubscribe(None)).unwrap();
    presence(&mut world, 0, subscribe(&[2])).expect("there is room again");
}
