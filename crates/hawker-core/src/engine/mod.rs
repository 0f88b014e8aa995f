//! The loop around the rules, as a state machine: [`Input`] in, [`Output`] out.
//!
//! The engine owns all accounts, sessions and rooms of a process and takes one command at a time. It does no I/O:
//! whoever drives it feeds inputs ([`Engine::handle`]), closes a batch ([`Engine::seal`]) and carries out what
//! [`Engine::poll`] hands back.
//!
//! **Nothing is heard before it is kept.** What must survive a crash is gathered into numbered commits. An output
//! about a room waits until the last commit of that room is confirmed ([`Input::Committed`]), so a room's members
//! see one order and nothing that a crash could take back. Rooms without pending commits wait for nobody.
//!
//! A commit that fails is not an answer but an incident: the driver stops the process, and what is kept is loaded
//! again as after a crash.

mod direct;
mod gate;
mod news;
mod people;
mod presence;
mod rooms;
mod sessions;
mod shop;
mod timers;
mod words;

use crate::account::Account;
use crate::answer::Answer;
use crate::change::{Change, Snapshot};
use crate::command::Command;
use crate::direct::{Found, Notice, Query};
use crate::id::{AccountId, AppId, ConnId, RoomId, RoomKey, SessionId, UserId};
use crate::limits::Limits;
use crate::post::{Face, Posted};
use crate::refusal::Refusal;
use crate::rng::Rng;
use crate::room::{Actor, Room};
use crate::shop::{Shop, ShopLimits};
use crate::time::Time;
use crate::words::Words;
use gate::Gate;
pub use news::LEDGER_MARK;
use sessions::Session;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use timers::Timers;

/// Who asks, as the gateway knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// A connection, with the session token of the frame if it carried a good one.
    Conn {
        /// Which.
        conn: ConnId,
        /// The app it named when it connected.
        app: AppId,
        /// The session that its token names, and when that session began.
        token: Option<(SessionId, Time)>,
    },
    /// An administrator over HTTP, verified by the gateway.
    Admin {
        /// The app.
        app: AppId,
        /// The administrator.
        user: UserId,
    },
}

/// What goes in.
#[derive(Debug)]
pub enum Input<T> {
    /// Somebody asks something; the ticket comes back with the answer.
    Asked {
        /// Who.
        by: Caller,
        /// Where the answer goes.
        ticket: T,
        /// What.
        command: Command,
    },
    /// A connection is gone.
    Closed(ConnId),
    /// Everything up to this commit is kept.
    Committed(u64),
    /// What the store found for a question ([`Output::Look`]).
    Found(u64, Found),
}

/// Why a session is told to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KickReason {
    /// The same user logged in elsewhere.
    OtherLogin,
    /// An administrator ended it.
    Admin,
}

/// What comes out, to be carried out in this order.
#[derive(Debug)]
pub enum Output<T> {
    /// Answer this ticket.
    Reply {
        /// Whose question it was.
        ticket: T,
        /// The answer.
        answer: Result<Answer, Refusal>,
    },
    /// Bring this to everybody in its room.
    Deliver(Arc<Posted>),
    /// Bring this to one connection.
    Tell(ConnId, Arc<Posted>),
    /// From now on this connection hears this room, and first what it missed after a number.
    Subscribe {
        /// Who.
        conn: ConnId,
        /// What.
        room: RoomKey,
        /// The last number that it need not be told.
        after: u64,
        /// It asks for what is new (anonymous viewers) instead of being told.
        pull: bool,
    },
    /// This connection hears this room no longer.
    Unsubscribe(ConnId, RoomKey),
    /// The room is gone: forget who hears it.
    Forget(RoomKey),
    /// Bring this to one connection.
    Notify(ConnId, Arc<Notice>),
    /// Ask the store; the answer comes back with the number ([`Input::Found`]).
    Look(u64, Query),
    /// Tell a connection that its session is over.
    Kick(ConnId, KickReason),
    /// Keep this; confirm with [`Input::Committed`].
    Commit(u64, Vec<Change>),
}

/// What the engine needs to know of an app.
#[derive(Clone, Debug, Default)]
pub struct AppRules {
    /// Users who may do everything.
    pub admins: HashSet<UserId>,
    /// Bounds of this app.
    pub limits: Limits,
    /// Bounds and terms of its shop.
    pub shop: ShopLimits,
    /// Words that it refuses or masks; set from what was kept.
    pub words: Arc<Words>,
}

/// A room with what the engine holds beside its rules.
struct Hosted {
    room: Room,
    /// The last commit that concerns this room.
    gate: u64,
    watchers: HashSet<ConnId>,
    /// Its counters changed since they were kept.
    counters_dirty: bool,
    likes_timer: bool,
}

/// A connection that has asked something.
#[derive(Default)]
struct Conn {
    session: Option<SessionId>,
    watching: Vec<RoomKey>,
}

/// All state of the rules in one process.
pub struct Engine<T> {
    apps: BTreeMap<AppId, AppRules>,
    rng: Rng,
    accounts: HashMap<AccountId, Account>,
    names: HashMap<(AppId, UserId), AccountId>,
    next_account: u64,
    sessions: HashMap<SessionId, Session>,
    conns: HashMap<ConnId, Conn>,
    rooms: HashMap<RoomKey, Hosted>,
    owned: HashMap<(AppId, UserId), u32>,
    rooms_of_app: HashMap<AppId, usize>,
    direct: direct::Direct<T>,
    subscribers: presence::Subscribers,
    shops: BTreeMap<AppId, shop::Stall>,
    bursts: HashMap<(RoomKey, news::Crowd), news::Burst>,
    timers: Timers,
    gate: Gate<T>,
    /// Set while a command is answered: what follows right behind the answer.
    serve_next: Option<(SessionId, sessions::Serve)>,
    watch_next: Option<(ConnId, RoomKey)>,
}

/// Numbers of the whole engine, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Accounts known.
    pub accounts: usize,
    /// Sessions that can come back or are here.
    pub sessions: usize,
    /// Rooms open.
    pub rooms: usize,
}

/// The vendor's account numbers look like this; some clients parse them as such.
const FIRST_ACCOUNT: u64 = 144_115_200_000_000_001;

impl<T> Engine<T> {
    /// Starts from what was kept. The seed decides every random number.
    pub fn new(now: Time, apps: BTreeMap<AppId, AppRules>, kept: Snapshot, seed: u64) -> Self {
        let mut engine = Self {
            apps,
            rng: Rng::new(seed),
            accounts: HashMap::new(),
            names: HashMap::new(),
            next_account: FIRST_ACCOUNT,
            sessions: HashMap::new(),
            conns: HashMap::new(),
            rooms: HashMap::new(),
            owned: HashMap::new(),
            rooms_of_app: HashMap::new(),
            direct: direct::Direct::default(),
            subscribers: presence::Subscribers::default(),
            shops: BTreeMap::new(),
            bursts: HashMap::new(),
            timers: Timers::default(),
            gate: Gate::default(),
            serve_next: None,
            watch_next: None,
        };
        engine.load(now, kept);
        engine.timers.at(now + sessions::EXPIRY_LOOK, timers::Timer::Expiry);
        engine.timers.at(now + direct::FORGET_EVERY, timers::Timer::Forget);
        engine
    }

    fn load(&mut self, now: Time, kept: Snapshot) {
        for record in kept.accounts {
            self.next_account = self.next_account.max(record.account.0 + 1);
            self.names.insert((record.app, record.user.clone()), record.account);
            self.accounts.insert(record.account, Account::load(record));
        }
        for (app, lists) in kept.words {
            if let Some(rules) = self.apps.get_mut(&app) {
                rules.words = Arc::new(Words::restored(lists));
            }
        }
        let mut said: HashMap<RoomKey, Vec<(Time, u64)>> = HashMap::new();
        for snapshot in kept.rooms {
            let numbers = snapshot.said.iter().map(|posted| (posted.at, posted.seq)).collect();
            said.insert(snapshot.record.key.clone(), numbers);
            let limits = self.limits(snapshot.record.key.app);
            self.host(Room::load(now, snapshot, &limits));
        }
        for record in kept.sessions {
            self.restore_session(now, record);
        }
        for record in kept.memberships {
            let before = said.get(&record.room).into_iter().flatten().filter(|(at, _)| *at < record.joined_at);
            let floor = before.map(|(_, seq)| *seq).max().unwrap_or(0);
            self.restore_membership(now, record, floor);
        }
        self.load_direct(now, kept.direct);
        let mut shops = kept.shops;
        for app in self.apps.keys().copied().collect::<Vec<_>>() {
            let kept = shops.remove(&app).unwrap_or_default();
            let shop = Shop::load(&self.shop_limits(app), now, kept);
            self.open_stall(now, app, shop);
        }
    }

    fn host(&mut self, room: Room) {
        let key = room.key().clone();
        *self.rooms_of_app.entry(key.app).or_default() += 1;
        if let Some(owner) = room.owner() {
            *self.owned.entry((key.app, owner.clone())).or_default() += 1;
        }
        let hosted = Hosted { room, gate: 0, watchers: HashSet::new(), counters_dirty: false, likes_timer: false };
        self.rooms.insert(key, hosted);
    }

    /// Takes one input. What follows is handed out by [`Engine::poll`].
    pub fn handle(&mut self, now: Time, input: Input<T>) {
        match input {
            Input::Asked { by, ticket, command } => self.asked(now, by, ticket, command),
            Input::Closed(conn) => self.closed(now, conn),
            Input::Committed(commit) => self.gate.committed(commit),
            Input::Found(number, found) => self.found(now, number, found),
        }
    }

    /// Time passed: grace periods end, settled joiners are served, counters are told and kept.
    pub fn tick(&mut self, now: Time) {
        while let Some(timer) = self.timers.due(now) {
            self.ring(now, timer);
        }
    }

    /// When [`Engine::tick`] has something to do next.
    pub fn wake_at(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Closes the batch: what was gathered to be kept becomes one commit.
    pub fn seal(&mut self) {
        self.gate.seal();
    }

    /// Nothing more will come: closes the last batch, with what nobody waited for.
    ///
    /// Rooms give back the numbers that they did not use, so that the next start goes on where this one ended and
    /// knows that nothing is missing in between.
    pub fn finish(&mut self) {
        let mut closed: Vec<_> = self.rooms.values_mut().filter_map(|hosted| hosted.room.close_books()).collect();
        closed.sort_by(|one, other| one.key.cmp(&other.key));
        for record in closed {
            self.gate.keep(Change::Room(Box::new(record)));
        }
        self.flush_soon();
        self.gate.seal();
    }

    /// What is to be carried out next.
    pub fn poll(&mut self) -> Option<Output<T>> {
        self.gate.next()
    }

    /// Numbers for metrics.
    pub fn census(&self) -> Census {
        Census { accounts: self.accounts.len(), sessions: self.sessions.len(), rooms: self.rooms.len() }
    }

    /// The rooms as they are, for metrics and tests.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values().map(|hosted| &hosted.room)
    }

    fn asked(&mut self, now: Time, by: Caller, ticket: T, command: Command) {
        if let Command::Direct { of, what } = command {
            return self.direct_command(now, &by, ticket, of, what);
        }
        let outcome = self.answer(now, &by, command);
        match outcome {
            Ok((answer, gate)) => self.gate.out(gate, Output::Reply { ticket, answer: Ok(answer) }),
            Err(refusal) => self.gate.out(0, Output::Reply { ticket, answer: Err(refusal) }),
        }
        self.after_reply(now, &by);
    }

    /// Carries a command to its owner. With the answer comes the commit that it has to wait for.
    fn answer(&mut self, now: Time, by: &Caller, command: Command) -> Result<(Answer, u64), Refusal> {
        match command {
            Command::Login(login) => self.login(now, by, login),
            Command::Relogin(relogin) => self.relogin(now, by, relogin),
            Command::Logout => Ok((self.logout(now, by), self.gate.pending())),
            Command::Hello => self.actor(now, by).map(|_| (Answer::Done, 0)),
            Command::SetProfile { user, items } => self.set_profile(now, by, user, &items),
            Command::Profiles { users } => self.profiles(by, users),
            Command::ImportAccount { user, nick, avatar } => self.import_account(by, user, nick, avatar),
            Command::AddGuest { user, nick } => self.add_guest(by, user, &nick),
            Command::KickAccount { user } => self.kick_account(now, by, user),
            Command::SetWords(words) => self.set_words(now, by, words),
            Command::Words => self.app_words(now, by),
            Command::Whoami => self.whoami(now, by),
            Command::OpenRoom(open) => self.open_room(now, by, open),
            Command::RoomProfiles { rooms } => self.room_profiles(now, by, rooms),
            Command::Room(room, command) => self.room_command(now, by, room, command),
            Command::Presence(command) => self.presence_command(now, by, command),
            Command::Shop(request) => self.shop_command(now, by, *request),
            Command::Direct { .. } => unreachable!("has its own way to its answer"),
        }
    }

    /// Who a caller is. A frame that carries a token is bound to its session here.
    fn actor(&mut self, now: Time, by: &Caller) -> Result<Actor, Refusal> {
        match by {
            Caller::Admin { app, user } => Ok(self.admin_actor(*app, user)),
            Caller::Conn { conn, app, token: Some((session, since)) } => {
                let account = self.bind(now, *conn, *app, *session, *since)?;
                Ok(self.account_actor(account))
            }
            // Some commands of the SDKs carry no token: they are the socket's.
            Caller::Conn { conn, token: None, .. } => {
                let session = self.conns.get(conn).and_then(|state| state.session);
                let session = session.and_then(|id| self.sessions.get(&id));
                match session.filter(|session| session.expires_at > now) {
                    Some(session) => Ok(self.account_actor(session.account)),
                    None => Ok(Actor { face: nobody(), app_admin: false, anonymous: true }),
                }
            }
        }
    }

    /// The same for commands that need an account.
    fn member_actor(&mut self, now: Time, by: &Caller) -> Result<Actor, Refusal> {
        let actor = self.actor(now, by)?;
        if actor.anonymous { Err(Refusal::NotLoggedIn) } else { Ok(actor) }
    }

    /// Who asks; anonymous viewers are nobody.
    fn whoami(&mut self, now: Time, by: &Caller) -> Result<(Answer, u64), Refusal> {
        let actor = self.actor(now, by)?;
        if actor.anonymous {
            return Err(Refusal::Anonymous);
        }
        Ok((Answer::Account { app: by.app(), user: actor.face.user }, 0))
    }

    fn admin_actor(&self, app: AppId, user: &UserId) -> Actor {
        let account = self.names.get(&(app, user.clone())).and_then(|id| self.accounts.get(id));
        let face = account.map_or_else(|| Face { user: user.clone(), ..nobody() }, Account::face);
        Actor { face, app_admin: true, anonymous: false }
    }

    fn account_actor(&self, account: AccountId) -> Actor {
        let account = &self.accounts[&account];
        let app_admin = self.apps.get(&account.app).is_some_and(|rules| rules.admins.contains(&account.user));
        Actor { face: account.face(), app_admin, anonymous: false }
    }

    fn limits(&self, app: AppId) -> Limits {
        self.apps.get(&app).map(|rules| rules.limits.clone()).unwrap_or_default()
    }

    fn words(&self, app: AppId) -> Arc<Words> {
        self.apps.get(&app).map(|rules| rules.words.clone()).unwrap_or_default()
    }

    fn account(&self, app: AppId, user: &UserId) -> Option<&Account> {
        self.accounts.get(self.names.get(&(app, user.clone()))?)
    }
}

impl Caller {
    fn app(&self) -> AppId {
        match self {
            Caller::Conn { app, .. } | Caller::Admin { app, .. } => *app,
        }
    }

    fn conn(&self) -> Option<ConnId> {
        match self {
            Caller::Conn { conn, .. } => Some(*conn),
            Caller::Admin { .. } => None,
        }
    }
}

/// The face of a viewer without an account. No account has the number zero.
fn nobody() -> Face {
    Face { account: AccountId(0), user: UserId::from(""), nick: "".into(), avatar: "".into() }
}

fn key(app: AppId, room: &RoomId) -> RoomKey {
    RoomKey { app, room: room.clone() }
}
