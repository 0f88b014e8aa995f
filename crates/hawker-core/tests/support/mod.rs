//! A world around the engine: clients that hold tokens, a store that confirms late and loses what was not confirmed
//! when the power goes, and a watcher of everything that must hold.
#![allow(dead_code, reason = "each test file uses its own part of this")]

mod store;

use hawker_core::answer::{Answer, Role};
use hawker_core::change::Change;
use hawker_core::command::{Command, Login, OpenRoom, ProfileItem, ProfileValue, Relogin, RoomCommand};
use hawker_core::engine::{AppRules, Caller, Engine, Input, Output};
use hawker_core::limits::Limits;
use hawker_core::post::{Class, Draft, Element, Meaning, Post, Posted, Priority, ProfileChange, Tallying};
use hawker_core::room::Room;
use hawker_core::{AppId, ConnId, Refusal, RoomKey, SessionId, Time, UserId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use store::MemoryStore;

/// The app of the world.
pub const APP: AppId = AppId(7);
/// Client slots; each holds one connection at a time.
pub const SLOTS: usize = 5;
/// Users.
pub const USERS: usize = 4;
/// Rooms.
pub const ROOMS: usize = 2;

/// Something that happens in the world. Numbers name slots, users and rooms.
#[derive(Clone, Debug)]
pub enum Step {
    Login { slot: usize, user: usize },
    Relogin { slot: usize, seen: Option<u64> },
    Logout { slot: usize },
    Close { slot: usize },
    Hello { slot: usize },
    Nick { slot: usize },
    Profiles { slot: usize },
    Info { slot: usize },
    Open { slot: usize, room: usize },
    Room { slot: usize, room: usize, what: What },
    Admin { room: usize, what: What },
    SendAs { user: usize, room: usize, say: Say, times: usize },
    Kick { user: usize },
    Pass { ms: u64 },
    Confirm { commits: usize },
    PowerCut,
}

/// What is asked of a room.
#[derive(Clone, Debug)]
pub enum What {
    Join,
    Watch,
    Quit,
    Dismiss,
    Say(Say),
    Again,
    Mute { user: usize, secs: u32 },
    Ban { users: Vec<usize>, secs: u32 },
    Admins { user: usize, admin: bool },
    Name,
    Field { key: usize, filled: bool },
    MuteAll { on: bool },
    MemberField { filled: bool },
    Notify,
    Online,
    Members,
    Tally { key: usize, by: i64 },
    DropTallies,
    Tallies,
    Recall { back: u64 },
    Budget { per_second: Option<u32> },
    Stats,
    TooLong,
}

/// What is said.
#[derive(Clone, Debug)]
pub struct Say {
    pub meaning: Meaning,
    pub priority: Priority,
}

/// A slot as its client sees it.
#[derive(Clone, Debug, Default)]
struct Slot {
    generation: u64,
    token: Option<(SessionId, Time)>,
    /// A login was sent and not answered: a client waits for the answer.
    waits: bool,
    last_said: Option<(RoomKey, Draft)>,
}

/// A question that has not been answered yet.
#[derive(Debug)]
struct Open {
    slot: Option<usize>,
    generation: u64,
    /// The user, if it is a login.
    login: Option<usize>,
    /// The commit that keeps what follows from it.
    commit: u64,
    /// How many are online, if that is what was asked.
    online: Option<u32>,
    /// What was said, by whom, if something was.
    said: Option<(Place, Sender, Draft)>,
}

/// A room, and which of those that had this name one after the other.
type Place = (RoomKey, u64);
/// Whose message: a user's, or the administrator's.
type Sender = Option<usize>;

/// What a room looked like when a number was given out.
#[derive(Clone, Debug)]
struct Before {
    room: Room,
    now: Time,
    commit: u64,
    /// If time only passed: whose membership is in that commit.
    about: Option<BTreeSet<UserId>>,
    by_admin: bool,
}

/// See the module.
pub struct World {
    pub engine: Engine<u64>,
    pub now: Time,
    /// Everything that came out, as text: two runs can be compared.
    pub transcript: Vec<String>,
    seed: u64,
    store: MemoryStore,
    sealed: VecDeque<(u64, Vec<Change>)>,
    committed: u64,
    slots: Vec<Slot>,
    open: BTreeMap<u64, Open>,
    next_ticket: u64,
    next_random: u32,
    nicks: u32,
    /// The user of each session that a client was told of.
    sessions: BTreeMap<SessionId, usize>,
    /// Sessions that somebody has tried to end.
    ended: BTreeSet<SessionId>,
    /// The last question per user that ends earlier sessions, answered yet or not.
    ends_earlier: BTreeMap<usize, u64>,
    /// Commits that keep a nickname.
    nick_commits: BTreeMap<String, u64>,
    watchers: BTreeSet<(usize, RoomKey)>,
    /// Who hears which room.
    hears: BTreeSet<(ConnId, RoomKey)>,
    given_out: BTreeMap<(Place, u64), Before>,
    /// How many rooms of a name were closed, by the rules and as far as it was told.
    closed: BTreeMap<RoomKey, u64>,
    closed_told: BTreeMap<RoomKey, u64>,
    highest: BTreeMap<RoomKey, u64>,
    likes: BTreeMap<Place, u64>,
    taken: BTreeSet<(Place, Sender, u32)>,
}

/// Limits so small that every bound is met.
pub fn limits() -> Limits {
    Limits {
        messages_per_second: 10,
        messages_per_second_per_user: 4,
        tips_per_second: 2,
        grace: Duration::from_secs(2),
        restart_grace: Duration::from_secs(4),
        seq_block: 5,
        admins_max: 2,
        sanctions_max: 3,
        rooms_per_session_max: 1,
        ..Limits::default()
    }
}

pub fn room_key(room: usize) -> RoomKey {
    RoomKey::new(APP, format!("room_{room}"))
}

pub fn user_id(user: usize) -> UserId {
    UserId::from(format!("user_{user}"))
}

fn apps() -> BTreeMap<AppId, AppRules> {
    let rules =
        AppRules { admins: [UserId::from("administrator")].into(), limits: limits(), ..AppRules::default() };
    [(APP, rules)].into()
}

impl World {
    /// A world with its users and rooms; the first user owns the rooms.
    pub fn new(seed: u64) -> Self {
        let now = Time(1_700_000_000_000);
        let mut world = Self {
            engine: Engine::new(now, apps(), Default::default(), seed),
            now,
            transcript: Vec::new(),
            seed,
            store: MemoryStore::default(),
            sealed: VecDeque::new(),
            committed: 0,
            slots: vec![Slot::default(); SLOTS],
            open: BTreeMap::new(),
            next_ticket: 0,
            next_random: 100,
            nicks: 0,
            sessions: BTreeMap::new(),
            ended: BTreeSet::new(),
            ends_earlier: BTreeMap::new(),
            nick_commits: BTreeMap::new(),
            watchers: BTreeSet::new(),
            hears: BTreeSet::new(),
            given_out: BTreeMap::new(),
            closed: BTreeMap::new(),
            closed_told: BTreeMap::new(),
            highest: BTreeMap::new(),
            likes: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        for user in 0..USERS {
            world.ask_admin(Command::ImportAccount { user: user_id(user), nick: None, avatar: None });
        }
        for room in 0..ROOMS {
            world.ask_admin(open_room(room, Some(user_id(0))));
        }
        world.confirm(usize::MAX);
        world
    }

    /// Lets everything happen, then confirms what is left.
    pub fn run(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
            self.must_hold();
        }
        self.confirm(usize::MAX);
        self.must_hold();
        assert!(self.open.is_empty(), "every question is answered once: {:?}", self.open);
        for room in self.engine.rooms() {
            let likes = self.likes.get(&self.place(room.key())).copied().unwrap_or(0);
            assert_eq!(room.counters().likes, likes, "every like is counted once, shown or not");
        }
        let live: BTreeSet<_> = (0..SLOTS).map(|slot| self.conn(slot)).collect();
        for (conn, room) in &self.hears {
            assert!(live.contains(conn), "{conn} is closed and still hears {room:?}");
            assert!(self.engine.rooms().any(|open| open.key() == room), "{room:?} is gone and still heard");
        }
    }

    fn step(&mut self, step: &Step) {
        match step.clone() {
            Step::Login { slot, user } => self.login(slot, user),
            Step::Relogin { slot, seen } => {
                let Some((session, _)) = self.slots[slot].token else { return };
                let resume = seen.map(|seen| (0..ROOMS).map(|room| (room_key(room).room, seen)).collect());
                self.ask_slot(slot, Command::Relogin(Relogin { session, resume }));
            }
            Step::Logout { slot } => {
                self.ended.extend(self.slots[slot].token.map(|(session, _)| session));
                self.ask_slot(slot, Command::Logout);
                if !self.slots[slot].waits {
                    self.slots[slot].token = None;
                }
            }
            Step::Close { slot } => self.close(slot),
            Step::Hello { slot } => self.ask_slot(slot, Command::Hello),
            Step::Nick { slot } => self.nick(slot),
            Step::Profiles { slot } => {
                self.ask_slot(slot, Command::Profiles { users: (0..USERS).map(user_id).collect() })
            }
            Step::Info { slot } => {
                self.ask_slot(
                    slot,
                    Command::RoomProfiles { rooms: (0..ROOMS).map(|room| room_key(room).room).collect() },
                );
            }
            Step::Open { slot, room } => self.ask_slot(slot, open_room(room, None)),
            Step::Room { slot, room, what } => self.room(slot, &room_key(room), &what),
            Step::Admin { room, what } => {
                let key = room_key(room);
                if let Some(command) = self.room_command(None, &key, &what) {
                    self.ask_admin(Command::Room(key.room, command));
                }
            }
            Step::SendAs { user, room, say, times } => {
                for _ in 0..times {
                    let draft = self.draft(&say);
                    self.ask_admin(Command::Room(room_key(room).room, RoomCommand::SendAs(user_id(user), draft)));
                }
            }
            Step::Kick { user } => {
                self.end_sessions_of(user);
                self.ask_admin(Command::KickAccount { user: user_id(user) });
            }
            Step::Pass { ms } => self.pass(ms),
            Step::Confirm { commits } => self.confirm(commits),
            Step::PowerCut => self.power_cut(),
        }
    }

    // What clients do.

    fn caller(&self, slot: usize) -> Caller {
        Caller::Conn { conn: self.conn(slot), app: APP, token: self.slots[slot].token }
    }

    fn conn(&self, slot: usize) -> ConnId {
        ConnId(slot as u64 + self.slots[slot].generation * SLOTS as u64)
    }

    fn login(&mut self, slot: usize, user: usize) {
        if self.slots[slot].waits {
            return;
        }
        // Whoever was logged in as this user before is pushed out.
        self.end_sessions_of(user);
        self.slots[slot].token = None;
        self.slots[slot].waits = true;
        let login = Login {
            app: APP,
            user: user_id(user),
            sig_issued_at: self.now,
            sig_expires_at: self.now + Duration::from_secs(60),
            instance: format!("instance_{slot}").into(),
        };
        self.ask_as(Some(slot), self.caller(slot), Command::Login(login), Some(user));
    }

    fn end_sessions_of(&mut self, user: usize) {
        let sessions = self.sessions.iter().filter(|(_, whose)| **whose == user).map(|(session, _)| *session);
        self.ended.extend(sessions);
        self.ends_earlier.insert(user, self.next_ticket + 1);
    }

    fn nick(&mut self, slot: usize) {
        self.nicks += 1;
        let nick = format!("nick_{}", self.nicks);
        let items = vec![ProfileItem { tag: "Nick".into(), value: ProfileValue::Text(nick.as_str().into()) }];
        // Noted before anything that shows it can come out.
        self.nick_commits.insert(nick, self.last_sealed() + 1);
        self.ask_slot(slot, Command::SetProfile { user: None, items });
    }

    fn room(&mut self, slot: usize, key: &RoomKey, what: &What) {
        if self.slots[slot].waits {
            return;
        }
        let Some(command) = self.room_command(Some(slot), key, what) else { return };
        if let RoomCommand::Send(draft) = &command {
            self.slots[slot].last_said = Some((key.clone(), draft.clone()));
        }
        self.ask_slot(slot, Command::Room(key.room.clone(), command));
    }

    fn room_command(&mut self, slot: Option<usize>, key: &RoomKey, what: &What) -> Option<RoomCommand> {
        let mark = self.next_ticket;
        Some(match what.clone() {
            What::Join => RoomCommand::Join { history: false },
            What::Watch => RoomCommand::Watch,
            What::Quit => RoomCommand::Quit,
            What::Dismiss => RoomCommand::Dismiss,
            What::Say(say) => RoomCommand::Send(self.draft(&say)),
            What::Again => {
                let (said_in, draft) = self.slots[slot?].last_said.clone()?;
                (said_in == *key).then_some(RoomCommand::Send(draft))?
            }
            What::Mute { user, secs } => RoomCommand::Mute { users: vec![user_id(user)], secs },
            What::Ban { users, secs } => {
                RoomCommand::Ban { users: users.into_iter().map(user_id).collect(), secs, reason: "".into() }
            }
            What::Admins { user, admin } => RoomCommand::SetAdmins { users: vec![user_id(user)], admin },
            What::Name => RoomCommand::Change(vec![ProfileChange::Name(format!("n{mark}").into())]),
            What::Field { key, filled } => {
                let value = filled.then(|| format!("v{mark}").into());
                RoomCommand::Change(vec![ProfileChange::Field(format!("key_{key}").into(), value)])
            }
            What::MuteAll { on } => RoomCommand::Change(vec![ProfileChange::MuteAll(on)]),
            What::MemberField { filled } => {
                let value = if filled { "host" } else { "" };
                RoomCommand::SetMemberFields { user: None, fields: vec![("attent".into(), value.into())] }
            }
            What::Notify => RoomCommand::Notify { content: "notice".into() },
            What::Online => RoomCommand::OnlineCount,
            What::Members => RoomCommand::Members { page: 0 },
            What::Tally { key, by } => {
                RoomCommand::Tally { how: Tallying::Add, tallies: vec![(format!("counter_{key}").into(), by)] }
            }
            What::DropTallies => RoomCommand::DropTallies { keys: None },
            What::Tallies => RoomCommand::Tallies { keys: None },
            What::Recall { back } => {
                let room = self.engine.rooms().find(|room| room.key() == key)?;
                RoomCommand::Recall { seqs: vec![room.next_seq().saturating_sub(back)], reason: "".into() }
            }
            What::Budget { per_second } => RoomCommand::SetBudget(per_second),
            What::Stats => RoomCommand::Stats,
            What::TooLong => RoomCommand::Change(vec![
                ProfileChange::Introduction("fine".into()),
                ProfileChange::Notification("x".repeat(1000).into()),
            ]),
        })
    }

    fn draft(&mut self, say: &Say) -> Draft {
        self.next_random += 1;
        Draft {
            meaning: say.meaning,
            priority: say.priority,
            random: self.next_random,
            sent_at: 1,
            client_seq: 1,
            elements: Arc::new([Element::Text("hello".into())]),
            cloud_data: "".into(),
            bytes: 10,
        }
    }

    fn close(&mut self, slot: usize) {
        let conn = self.conn(slot);
        let before = self.rooms();
        self.engine.handle(self.now, Input::Closed(conn));
        self.watchers.retain(|(watcher, _)| *watcher != slot);
        let state = &mut self.slots[slot];
        state.generation += 1;
        // A login whose answer never arrives: the client logs in anew.
        state.waits = false;
        let (_, outputs) = self.settle(&before, false, false);
        self.take_all(outputs);
    }

    fn pass(&mut self, ms: u64) {
        self.now = Time(self.now.0 + ms);
        let before = self.rooms();
        self.engine.tick(self.now);
        let (_, outputs) = self.settle(&before, false, false);
        self.take_all(outputs);
    }

    // Questions.

    fn ask_slot(&mut self, slot: usize, command: Command) {
        if !self.slots[slot].waits {
            self.ask_as(Some(slot), self.caller(slot), command, None);
        }
    }

    fn ask_admin(&mut self, command: Command) {
        let by = Caller::Admin { app: APP, user: "administrator".into() };
        self.ask_as(None, by, command, None);
    }

    fn ask_as(&mut self, slot: Option<usize>, by: Caller, command: Command, login: Option<usize>) {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        let before = self.rooms();
        let user = slot.and_then(|slot| self.slots[slot].token);
        let user = user.and_then(|(session, _)| self.sessions.get(&session)).copied();
        let said = self.said(&command, user);
        let by_admin = slot.is_none();
        self.engine.handle(self.now, Input::Asked { by, ticket, command: command.clone() });
        let (commit, outputs) = self.settle(&before, true, by_admin);
        let refusal = outputs.iter().find_map(|output| match output {
            Output::Reply { ticket: answered, answer: Err(refusal) } if *answered == ticket => {
                Some(refusal.clone())
            }
            _ => None,
        });
        match &refusal {
            Some(refusal) => self.refused(&before, &command, user, refusal, commit, &outputs),
            None => self.accepted(&before, slot, user, &command),
        }
        let online = match &command {
            Command::Room(room, RoomCommand::OnlineCount) => self.online(&RoomKey { app: APP, room: room.clone() }),
            _ => None,
        };
        let generation = slot.map_or(0, |slot| self.slots[slot].generation);
        self.open.insert(ticket, Open { slot, generation, login, commit, online, said });
        self.take_all(outputs);
    }

    fn said(&self, command: &Command, user: Option<usize>) -> Option<(Place, Sender, Draft)> {
        let Command::Room(room, command) = command else { return None };
        let place = self.place(&RoomKey { app: APP, room: room.clone() });
        match command {
            RoomCommand::Send(draft) => Some((place, user, draft.clone())),
            RoomCommand::SendAs(named, draft) => {
                Some((place, (0..USERS).find(|user| user_id(*user) == *named), draft.clone()))
            }
            _ => None,
        }
    }

    fn place(&self, key: &RoomKey) -> Place {
        (key.clone(), self.closed.get(key).copied().unwrap_or(0))
    }

    fn rooms(&self) -> BTreeMap<RoomKey, Room> {
        self.engine.rooms().map(|room| (room.key().clone(), room.clone())).collect()
    }

    fn online(&self, key: &RoomKey) -> Option<u32> {
        let room = self.engine.rooms().find(|room| room.key() == key)?;
        let watchers = self.watchers.iter().filter(|(_, watched)| watched == key).count();
        Some((room.members().count() + watchers) as u32)
    }

    fn last_sealed(&self) -> u64 {
        self.sealed.back().map_or(self.committed, |(commit, _)| *commit)
    }

    /// Closes the batch. Returns the commit that keeps what happened (0: nothing had to be kept) and what came out
    /// beside it; notes which numbers were given out.
    fn settle(&mut self, before: &BTreeMap<RoomKey, Room>, asked: bool, by_admin: bool) -> (u64, Vec<Output<u64>>) {
        self.engine.seal();
        let mut outputs = Vec::new();
        let mut commit = 0;
        let mut changed: BTreeMap<RoomKey, BTreeSet<UserId>> = BTreeMap::new();
        while let Some(output) = self.engine.poll() {
            if let Output::Commit(number, changes) = output {
                assert_eq!(number, self.last_sealed() + 1, "commits are numbered one by one");
                self.transcript.push(format!("{number}: {changes:?}"));
                // Messages for newcomers and the room's numbers are kept soon: nobody waits for them.
                let soon = |change: &Change| matches!(change, Change::Counters(..) | Change::Said(_));
                if !changes.iter().all(soon) {
                    commit = number;
                }
                for change in changes.iter().filter(|change| !soon(change)) {
                    if let Some(room) = room_of(change) {
                        changed.entry(room).or_default().extend(self.member_of(change));
                    }
                }
                self.sealed.push_back((number, changes));
            } else {
                outputs.push(output);
            }
        }
        let after = self.rooms();
        for (key, room) in before {
            // The last words of a room that is gone have their numbers too.
            let next = after.get(key).map_or(room.next_seq() + 1, Room::next_seq);
            let commit = if changed.contains_key(key) { commit } else { 0 };
            let about = changed.get(key).filter(|_| !asked).cloned();
            for seq in room.next_seq()..next {
                let before = Before { room: room.clone(), now: self.now, commit, about: about.clone(), by_admin };
                self.given_out.insert((self.place(key), seq), before);
            }
            if !after.contains_key(key) {
                *self.closed.entry(key.clone()).or_default() += 1;
                self.watchers.retain(|(_, watched)| watched != key);
            }
        }
        (commit, outputs)
    }

    /// Whose membership a change is about.
    fn member_of(&self, change: &Change) -> Option<UserId> {
        let session = match change {
            Change::Membership(record) => record.session,
            Change::MembershipEnded(session, _) => *session,
            _ => return None,
        };
        self.sessions.get(&session).map(|user| user_id(*user))
    }

    /// A refusal changes nothing and tells nobody but who asked; and who may speak is refused only for haste.
    fn refused(
        &self,
        before: &BTreeMap<RoomKey, Room>,
        command: &Command,
        user: Option<usize>,
        refusal: &Refusal,
        commit: u64,
        outputs: &[Output<u64>],
    ) {
        assert_eq!(commit, 0, "{command:?} was refused with {refusal:?} and something was kept");
        assert_eq!(format!("{before:?}"), format!("{:?}", self.rooms_like(before)), "{command:?}: {refusal:?}");
        let told =
            |output: &&Output<u64>| matches!(output, Output::Deliver(_) | Output::Tell(..) | Output::Forget(_));
        assert!(!outputs.iter().any(|output| told(&output)), "{command:?} was refused and told");
        if let (Command::Room(room, RoomCommand::Send(_)), Some(user)) = (command, user) {
            let room = before.get(&RoomKey { app: APP, room: room.clone() });
            let fair = matches!(refusal, Refusal::TooOften | Refusal::SessionEnded);
            assert!(fair || !room.is_some_and(|room| may_speak(room, &user_id(user), self.now)), "{refusal:?}");
        }
    }

    /// The rooms in the order of a map that was made before: hash maps inside keep the order that they had.
    fn rooms_like(&self, before: &BTreeMap<RoomKey, Room>) -> BTreeMap<RoomKey, Room> {
        let after = self.rooms();
        assert!(after.keys().eq(before.keys()), "a refusal opened or closed a room");
        after
    }

    fn accepted(
        &mut self,
        before: &BTreeMap<RoomKey, Room>,
        slot: Option<usize>,
        user: Option<usize>,
        command: &Command,
    ) {
        let (Command::Room(room, command), Some(slot)) = (command, slot) else { return };
        let key = RoomKey { app: APP, room: room.clone() };
        let watched = (slot, key.clone());
        match command {
            RoomCommand::Watch => {
                let now = self.engine.rooms().find(|room| *room.key() == key).expect("accepted");
                if now.online() > before[&key].online() {
                    assert!(self.watchers.insert(watched), "who watches is counted once");
                } else {
                    // A member is counted already, or when it is taken back after its grace period.
                    assert!(user.is_some() || self.watchers.contains(&watched), "who watches is counted");
                }
            }
            RoomCommand::Join { .. } => drop(self.watchers.remove(&watched)),
            _ => {}
        }
    }

    // What comes out.

    fn take_all(&mut self, outputs: Vec<Output<u64>>) {
        outputs.into_iter().for_each(|output| self.take(output));
    }

    fn take(&mut self, output: Output<u64>) {
        self.transcript.push(format!("{output:?}"));
        match output {
            Output::Reply { ticket, answer } => self.answered(ticket, answer),
            Output::Deliver(posted) => self.told(&posted),
            Output::Tell(_, posted) => self.told(&posted),
            Output::Subscribe { conn, room, .. } => {
                assert!(self.hears.insert((conn, room.clone())), "{conn} is made to hear {room:?} twice");
            }
            Output::Unsubscribe(conn, room) => drop(self.hears.remove(&(conn, room))),
            Output::Forget(room) => {
                self.hears.retain(|(_, heard)| *heard != room);
                self.highest.remove(&room);
                *self.closed_told.entry(room).or_default() += 1;
            }
            Output::Look(number, query) => {
                let found = self.store.direct.find(&query);
                self.engine.handle(self.now, Input::Found(number, found));
            }
            Output::Kick(..) | Output::Notify(..) => {}
            Output::Commit(..) => unreachable!("taken by settle"),
        }
    }

    fn answered(&mut self, ticket: u64, answer: Result<Answer, Refusal>) {
        let open = self.open.remove(&ticket).expect("every question is answered once");
        let Ok(answer) = answer else { return self.login_refused(&open) };
        // These make a member who was away come in again, which the answer does not tell of.
        let beside = matches!(answer, Answer::RoomProfiles(_))
            || (open.login.is_none() && matches!(answer, Answer::LoggedIn(_)));
        assert!(beside || open.commit <= self.committed, "{answer:?} was told before it was kept");
        if let Some((place, sender, draft)) = open.said
            && self.taken.insert((place.clone(), sender, draft.random))
            && draft.meaning == Meaning::Like
        {
            *self.likes.entry(place).or_default() += 1;
        }
        match answer {
            Answer::LoggedIn(login) => {
                if let (Some(user), Some(slot)) = (open.login, open.slot) {
                    self.sessions.insert(login.session, user);
                    if self.ends_earlier[&user] > ticket {
                        self.ended.insert(login.session);
                    }
                    if self.slots[slot].generation == open.generation {
                        self.slots[slot].waits = false;
                        self.slots[slot].token = Some((login.session, login.since));
                    }
                }
            }
            Answer::OnlineCount(count) => {
                assert_eq!(Some(count), open.online, "members and watchers, no more and no less")
            }
            Answer::Profiles(profiles) => {
                let nicks =
                    profiles.iter().filter_map(|(_, profile)| profile.as_ref()).map(|profile| &profile.nick);
                nicks.for_each(|nick| self.nick_is_kept(nick));
            }
            Answer::Members { members, .. } => members.iter().for_each(|member| self.nick_is_kept(&member.nick)),
            _ => {}
        }
    }

    fn login_refused(&mut self, open: &Open) {
        if let (Some(slot), Some(_)) = (open.slot, open.login) {
            self.slots[slot].waits = false;
        }
    }

    fn nick_is_kept(&self, nick: &str) {
        let commit = self.nick_commits.get(nick).copied().unwrap_or(0);
        assert!(commit <= self.committed, "{nick} was shown before it was kept");
    }

    fn told(&mut self, posted: &Posted) {
        let key = posted.room.clone();
        let highest = self.highest.entry(key.clone()).or_default();
        assert!(posted.seq > *highest, "{key:?}: {} was told after {highest}", posted.seq);
        *highest = posted.seq;
        let place = (key.clone(), self.closed_told.get(&key).copied().unwrap_or(0));
        let before = self.given_out.get(&(place, posted.seq)).expect("every number was given out by a step");
        // The total of likes is told when its time has come, and tells of nothing that happens at the same time.
        let tells = match &posted.post {
            Post::LikesCounted { .. } => false,
            // When time passes, some go whose going was kept before, at the same time as others do.
            Post::Left { who, .. } => before.about.as_ref().is_none_or(|about| about.contains(&who.user)),
            _ => true,
        };
        assert!(!tells || before.commit <= self.committed, "{posted:?} was told before it was kept");
        match &posted.post {
            Post::Message { from, .. } => {
                self.nick_is_kept(&from.nick);
                let allowed = before.by_admin || may_speak(&before.room, &from.user, before.now);
                assert!(allowed, "{} got through in {:?}", from.user, before.room);
            }
            Post::Joined { who, .. } | Post::Left { who, .. } => self.nick_is_kept(&who.nick),
            _ => {}
        }
    }

    /// What must hold at any moment.
    fn must_hold(&self) {
        for room in self.engine.rooms() {
            assert!(room.ledger().balances(), "{:?}", room.ledger());
            assert_eq!(room.ledger().line(Class::Vital).dropped, [0, 0], "nothing vital is dropped");
            assert!(room.next_seq() - 1 <= room.record().seq_ceiling, "numbers are promised before they are used");
            assert_eq!(Some(room.online()), self.online(room.key()));
            assert!(room.counters().peak >= room.online());
            for user in (0..USERS).map(user_id) {
                let banned = room.banned_until(&user, self.now) > Time::default();
                assert!(!(banned && is_member(room, &user)), "{user} is banned and in the room");
            }
        }
    }

    // The store.

    fn confirm(&mut self, commits: usize) {
        for _ in 0..commits {
            let Some((commit, changes)) = self.sealed.pop_front() else { return };
            changes.into_iter().for_each(|change| self.store.apply(change));
            self.committed = commit;
            self.engine.handle(self.now, Input::Committed(commit));
            let before = self.rooms();
            let (_, outputs) = self.settle(&before, false, false);
            self.take_all(outputs);
        }
    }

    /// What was not confirmed is lost; what was told must still be true.
    fn power_cut(&mut self) {
        self.seed += 1;
        self.engine = Engine::new(self.now, apps(), self.store.snapshot(self.now), self.seed);
        self.sealed.clear();
        self.committed = 0;
        self.open.clear();
        self.watchers.clear();
        self.hears.clear();
        self.given_out.clear();
        self.taken.clear();
        self.nick_commits.clear();
        self.closed = self.closed_told.clone();
        for slot in 0..SLOTS {
            self.slots[slot].generation += 1;
            self.slots[slot].waits = false;
        }
        for room in self.engine.rooms() {
            let told = self.highest.get(room.key()).copied().unwrap_or(0);
            assert!(room.next_seq() > told, "{:?}: {told} was told and would be given out again", room.key());
            // Counters are kept soon, not before the answer.
            let place = (room.key().clone(), self.closed.get(room.key()).copied().unwrap_or(0));
            let likes = self.likes.entry(place).or_default();
            assert!(room.counters().likes <= *likes);
            *likes = room.counters().likes;
        }
        let kept = self.store.snapshot(self.now).sessions;
        for session in self.sessions.keys().filter(|session| !self.ended.contains(session)) {
            let ends = kept.iter().find(|kept| kept.session == *session).map(|kept| kept.expires_at);
            assert!(ends.is_some() || self.store.has_expired(*session, self.now), "{session} was told and is lost");
        }
    }
}

/// The room that a change is about.
fn room_of(change: &Change) -> Option<RoomKey> {
    match change {
        Change::Account(_)
        | Change::Session(_)
        | Change::SessionEnded(_)
        | Change::Words(_, None, _)
        | Change::Shop(..)
        | Change::Direct(_) => None,
        Change::RoomNews(room, ..) => Some(room.clone()),
        Change::Words(app, Some(room), _) => Some(RoomKey { app: *app, room: room.clone() }),
        Change::Membership(record) => Some(record.room.clone()),
        Change::Room(record) => Some(record.key.clone()),
        Change::Said(posted) => Some(posted.room.clone()),
        Change::MembershipEnded(_, room)
        | Change::RoomGone(room)
        | Change::Mute(room, ..)
        | Change::Ban(room, ..)
        | Change::Admin(room, ..)
        | Change::MemberField(room, ..)
        | Change::Tally(room, ..)
        | Change::Attribute(room, ..)
        | Change::Recalled(room, _)
        | Change::Pinned(room, _)
        | Change::Unpinned(room, _)
        | Change::Counters(room, _) => Some(room.clone()),
    }
}

fn is_member(room: &Room, user: &UserId) -> bool {
    room.members().any(|account| room.member(account).is_some_and(|member| member.user == *user))
}

fn may_speak(room: &Room, user: &UserId, now: Time) -> bool {
    let muted = room.muted_until(user, now) > Time::default();
    let all_muted = room.record().profile.mute_all && room.role(user) == Role::Member;
    is_member(room, user) && !muted && !all_muted
}

fn open_room(room: usize, owner: Option<UserId>) -> Command {
    let room = Some(room_key(room).room);
    Command::OpenRoom(OpenRoom { room, owner, live_room: true, name: "Tea".into(), ..OpenRoom::default() })
}
