//! One client's side of the protocol as a state machine.
//!
//! The parts: [`link`] keeps a connection and notices when it is dead, [`login`] keeps somebody logged in over
//! connections that come and go, [`room`] knows the joined rooms and what was delivered in each, [`direct`] the messages
//! between two users; this file matches replies to requests.

mod direct;
mod link;
mod login;
mod room;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::backoff::ReconnectPolicy;
use super::envelope::{self, Head};
use super::event::Event;
use super::push::{self, Item};
use super::random::Random;
use crate::error::Error;
use crate::types::{Outgoing, Profile, RoomId, UserId};
use direct::Direct;
use link::Link;
use login::Identity;
use room::Rooms;
pub(crate) use room::profile_request;

/// A moment, as time since the driver started. Only differences matter.
pub type Time = Duration;

/// The time at which something happens: for waiting, and for stamping messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Steady time.
    pub at: Time,
    /// Wall clock, Unix seconds.
    pub unix_secs: u64,
}

/// Every bound of a client. The defaults are those of the official SDKs where they have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A connection must be open, WebSocket upgrade included, within this time.
    pub connect_timeout: Duration,
    /// A frame must be handed to the operating system within this time, or the connection counts as dead.
    pub write_timeout: Duration,
    /// A request is given up after this time, waiting for a connection included.
    pub request_timeout: Duration,
    /// A login is given up after this time.
    pub login_timeout: Duration,
    /// After so long without a frame from the server a heartbeat is sent.
    pub heartbeat_after: Duration,
    /// A heartbeat not answered within this time means the connection is dead.
    pub heartbeat_timeout: Duration,
    /// Pause between two polls of an anonymous viewer.
    pub poll_pause: Duration,
    /// Pause after a poll that failed.
    pub poll_pause_after_error: Duration,
    /// So many requests may wait for an answer; further ones fail with [`Error::TooManyRequests`].
    pub requests_max: usize,
    /// So many rooms may be joined at once; joining a further one fails with [`Error::TooManyRequests`].
    pub rooms_max: usize,
    /// So many events of each weight may wait in the queue of one receiver; then the oldest light ones fall out, see
    /// [`Lagged`](super::Lagged).
    pub events_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(15),
            login_timeout: Duration::from_secs(90),
            heartbeat_after: Duration::from_secs(10),
            heartbeat_timeout: Duration::from_secs(5),
            poll_pause: Duration::from_millis(300),
            poll_pause_after_error: Duration::from_secs(2),
            requests_max: 1024,
            rooms_max: 256,
            events_max: 4096,
        }
    }
}

/// What a session needs to know before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `ws://host:port`, with a path prefix if the server is behind one.
    pub url: String,
    /// The app.
    pub sdk_app_id: u64,
    /// Take compressed frames.
    pub compress: bool,
    /// See [`Limits`].
    pub limits: Limits,
    /// See [`ReconnectPolicy`].
    pub reconnect: ReconnectPolicy,
}

/// Names a request until it is answered; chosen by the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What is asked of a session.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// Log in.
    Login {
        /// Who.
        user: UserId,
        /// With which signature.
        user_sig: String,
    },
    /// Log out; rooms are left.
    Logout,
    /// Join a room; answered with the room's profile (`GroupInfo` entry).
    Join {
        /// Which.
        room: RoomId,
        /// Without a login: only receives, by polling.
        anonymous: bool,
    },
    /// Leave a room.
    Quit {
        /// Which.
        room: RoomId,
    },
    /// Say something in a room.
    Send {
        /// Where.
        room: RoomId,
        /// What.
        message: Outgoing,
    },
    /// Say something to another user.
    SendDirect {
        /// To whom.
        to: UserId,
        /// What.
        message: Outgoing,
    },
    /// Anything else.
    Call {
        /// `service.command`.
        command: String,
        /// Its body.
        body: Value,
        /// Doing it twice is the same as doing it once, so it may be sent again on a new connection.
        repeatable: bool,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<'a> {
    /// The connection asked for by [`Output::Connect`] is open.
    Opened,
    /// It could not be opened, or was lost.
    Closed {
        /// What the operating system or the server said.
        reason: String,
    },
    /// The server sent a frame.
    Frame(&'a [u8]),
    /// Somebody wants something.
    Request(Ticket, Request),
    /// Nobody waits for the answer any more.
    Abandoned(Ticket),
    /// It is time; see [`Session::wake_at`].
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Open a connection and say [`Input::Opened`] or [`Input::Closed`].
    Connect {
        /// Where to.
        url: String,
    },
    /// Drop the connection; nothing is to be said about it afterwards.
    Disconnect,
    /// Send a frame.
    Send(Vec<u8>),
    /// Tell the receivers.
    Event(Event),
    /// Answer a request: with the body of the reply.
    Done(Ticket, Result<Value, Error>),
}

/// What a reply will be used for.
#[derive(Debug, Clone, PartialEq)]
enum Task {
    Call(Ticket),
    Login(Ticket),
    /// After a reconnect; `fresh` when the token was refused and the signature is tried again.
    Relogin {
        fresh: bool,
    },
    Logout(Ticket),
    /// Without a ticket: the session joins again on its own, the membership having ended meanwhile.
    Join {
        ticket: Option<Ticket>,
        room: RoomId,
        anonymous: bool,
    },
    JoinProfile {
        ticket: Option<Ticket>,
        room: RoomId,
    },
    Quit {
        ticket: Ticket,
        room: RoomId,
    },
    SendDirect {
        ticket: Ticket,
        random: u32,
    },
    /// Messages between two users that were missed.
    Sync,
    Heartbeat,
    Hello,
    Poll {
        room: RoomId,
    },
    /// The reply is of no interest.
    Ignore,
}

impl Task {
    fn ticket(&self) -> Option<Ticket> {
        match self {
            Task::Call(ticket) | Task::Login(ticket) | Task::Logout(ticket) => Some(*ticket),
            Task::Quit { ticket, .. } | Task::SendDirect { ticket, .. } => Some(*ticket),
            Task::Join { ticket, .. } | Task::JoinProfile { ticket, .. } => *ticket,
            _ => None,
        }
    }

    /// Belongs to one connection and ends with it.
    fn ends_with_connection(&self) -> bool {
        matches!(
            self,
            Task::Heartbeat | Task::Hello | Task::Poll { .. } | Task::Relogin { .. } | Task::Ignore | Task::Sync
        )
    }

    /// Goes out before the login is done, because it is the login or does not need one.
    fn goes_first(&self) -> bool {
        matches!(self, Task::Login(_) | Task::Relogin { .. } | Task::Heartbeat | Task::Ignore)
    }
}

#[derive(Debug, Clone)]
struct Pending {
    task: Task,
    command: String,
    body: Value,
    waits_since: Time,
    deadline: Time,
    sent: bool,
    repeatable: bool,
}

/// How many commands the server may hold back at once; further wishes are ignored.
const BRAKES_MAX: usize = 64;
/// And for how long at the most.
const BRAKE_SECS_MAX: u64 = 3600;

/// One client's side of the protocol: told what happened ([`Session::handle`]), it says what is to be done
/// ([`Session::poll`]) and when it wants to be woken ([`Session::wake_at`]).
#[derive(Debug)]
pub struct Session {
    config: Config,
    random: Random,
    /// Stable over reconnects; the server knows a page by it.
    instance: String,
    link: Link,
    identity: Identity,
    rooms: Rooms,
    direct: Direct,
    /// Requests without a final answer, by the `seq` they carry.
    pending: BTreeMap<u64, Pending>,
    next_seq: u64,
    /// Commands the server asked to hold back, and until when.
    brakes: BTreeMap<String, Time>,
    outputs: VecDeque<Output>,
}

impl Session {
    /// A session that will connect as soon as it is first polled. All its randomness comes from `seed`.
    pub fn new(config: Config, seed: u64) -> Session {
        let mut random = Random::new(seed);
        let instance = format!("{:016x}{:016x}", random.next_u64(), random.next_u64());
        let next_seq = random.below(1 << 30);
        let mut session = Session {
            config,
            random,
            instance,
            link: Link::Connecting { attempt: 0 },
            identity: Identity::Nobody,
            rooms: Rooms::default(),
            direct: Direct::default(),
            pending: BTreeMap::new(),
            next_seq,
            brakes: BTreeMap::new(),
            outputs: VecDeque::new(),
        };
        session.connect();
        session
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        match input {
            Input::Opened => self.opened(now),
            Input::Closed { reason } => self.lost(now, &reason),
            Input::Frame(bytes) => self.frame(now, bytes),
            Input::Request(ticket, request) => self.request(now, ticket, request),
            Input::Abandoned(ticket) => self.abandon(now, ticket),
            Input::Tick => {}
        }
        self.expire(now);
        self.keep_alive(now);
        self.poll_rooms(now);
    }

    /// What is to be done now; call until it returns `None`.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due, if nothing happens before.
    pub fn wake_at(&self) -> Option<Time> {
        let deadlines = self.pending.values().map(|pending| pending.deadline);
        deadlines.chain(self.link_wakes()).chain(self.rooms.next_poll(self.is_usable())).min()
    }

    /// Who is logged in.
    pub fn user(&self) -> Option<&UserId> {
        self.identity.user()
    }

    /// Requests without a final answer.
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn done(&mut self, ticket: Option<Ticket>, result: Result<Value, Error>) {
        if let Some(ticket) = ticket {
            self.outputs.push_back(Output::Done(ticket, result));
        }
    }

    // Requests

    fn request(&mut self, now: Now, ticket: Ticket, request: Request) {
        self.revive();
        if let Err(error) = self.admit(now, ticket, request) {
            self.done(Some(ticket), Err(error));
        }
    }

    fn admit(&mut self, now: Now, ticket: Ticket, request: Request) -> Result<(), Error> {
        if self.pending.len() >= self.config.limits.requests_max {
            return Err(Error::TooManyRequests);
        }
        match request {
            Request::Login { user, user_sig } => self.start_login(now, ticket, user, user_sig),
            Request::Logout => self.start_logout(now, ticket),
            Request::Join { room, anonymous } => self.start_join(now, Some(ticket), room, anonymous),
            Request::Quit { room } => self.start_quit(now, ticket, room),
            Request::Send { room, message } => self.start_send(now, ticket, &room, &message),
            Request::SendDirect { to, message } => self.start_send_direct(now, ticket, &to, &message),
            Request::Call { command, body, repeatable } => {
                self.need_login(&command)?;
                self.need_no_brake(now, &command)?;
                self.enqueue(now, Task::Call(ticket), &command, body, repeatable);
                Ok(())
            }
        }
    }

    /// Commands of a `…_noauth_svc` are the only ones for strangers.
    fn need_login(&self, command: &str) -> Result<(), Error> {
        let open = matches!(self.identity, Identity::Nobody) && !command.contains("_noauth_");
        if open { Err(Error::NotLoggedIn) } else { Ok(()) }
    }

    fn need_no_brake(&mut self, now: Now, command: &str) -> Result<(), Error> {
        self.brakes.retain(|_, until| *until > now.at);
        match self.brakes.get(command) {
            Some(until) => Err(Error::HeldBack { command: command.to_owned(), left: *until - now.at }),
            None => Ok(()),
        }
    }

    /// Notes a request and sends it if the connection is ready for it.
    fn enqueue(&mut self, now: Now, task: Task, command: &str, body: Value, repeatable: bool) {
        let limits = &self.config.limits;
        let patience = match task {
            Task::Login(_) | Task::Relogin { .. } => limits.login_timeout,
            Task::Heartbeat => limits.heartbeat_timeout,
            _ => limits.request_timeout,
        };
        let seq = self.next_seq;
        self.next_seq += 1;
        let deadline = now.at + patience;
        let command = command.to_owned();
        let pending = Pending { task, command, body, waits_since: now.at, deadline, sent: false, repeatable };
        self.pending.insert(seq, pending);
        self.send_waiting(now);
    }

    /// Sends what waits and may go out now, oldest first.
    fn send_waiting(&mut self, now: Now) {
        if !self.is_up() {
            return;
        }
        let usable = self.is_usable();
        let ready = |pending: &Pending| !pending.sent && (usable || pending.task.goes_first());
        let seqs: Vec<u64> = self.pending.iter().filter(|(_, p)| ready(p)).map(|(seq, _)| *seq).collect();
        for seq in seqs {
            self.transmit(now, seq);
        }
    }

    fn transmit(&mut self, now: Now, seq: u64) {
        let Some(pending) = self.pending.get_mut(&seq) else {
            return;
        };
        pending.sent = true;
        let head = Head {
            servcmd: &pending.command,
            seq,
            sdkappid: self.config.sdk_app_id,
            reqtime: now.unix_secs,
            ..self.identity.head()
        };
        self.outputs.push_back(Output::Send(envelope::encode(&head, &pending.body)));
    }

    /// Without a ticket the answer goes nowhere. What was not sent yet need not be.
    fn abandon(&mut self, now: Now, ticket: Ticket) {
        let unsent = |pending: &Pending| !pending.sent && pending.task.ticket() == Some(ticket);
        let Some(seq) = self.pending.iter().find(|(_, p)| unsent(p)).map(|(seq, _)| *seq) else {
            return;
        };
        let pending = self.pending.remove(&seq).expect("just seen");
        if let Task::Login(_) = pending.task {
            self.cancel_login();
            self.now_usable(now, None);
        }
    }

    /// Gives up what has waited too long.
    fn expire(&mut self, now: Now) {
        let late = |pending: &Pending| pending.deadline <= now.at;
        let seqs: Vec<u64> = self.pending.iter().filter(|(_, p)| late(p)).map(|(seq, _)| *seq).collect();
        for seq in seqs {
            let pending = self.pending.remove(&seq).expect("just seen");
            self.expired(now, pending);
        }
    }

    fn expired(&mut self, now: Now, pending: Pending) {
        let after = pending.deadline - pending.waits_since;
        let error = Error::Timeout { command: pending.command, after };
        match pending.task {
            Task::Heartbeat => self.drop_link(now, "a heartbeat was not answered"),
            Task::Relogin { .. } => self.drop_link(now, "a login was not answered"),
            task => self.failed(now, task, error),
        }
    }

    /// What follows when a request gets no good answer.
    fn failed(&mut self, now: Now, task: Task, error: Error) {
        match task {
            Task::Login(ticket) => self.login_failed(now, ticket, error),
            Task::Relogin { fresh } => self.relogin_failed(now, fresh, error),
            Task::Logout(ticket) => self.logged_out(now, ticket),
            Task::Join { ticket: None, room, .. } | Task::JoinProfile { ticket: None, room } => {
                self.not_readmitted(room, &error);
            }
            Task::JoinProfile { ticket, room } => self.join_failed(ticket, &room, error),
            Task::Poll { room } => self.poll_failed(now, &room),
            Task::Sync => self.sync_failed(),
            task => self.done(task.ticket(), Err(error)),
        }
    }

    // Frames

    fn frame(&mut self, now: Now, bytes: &[u8]) {
        self.heard(now);
        let frame = match envelope::decode(bytes) {
            Ok(frame) => frame,
            Err(error) => return self.emit(Event::Fault(error.into())),
        };
        let answers = self.pending.get(&frame.seq).is_some_and(|p| p.sent && p.command == frame.servcmd);
        if answers {
            let pending = self.pending.remove(&frame.seq).expect("just seen");
            self.reply(now, pending, frame.body);
        } else {
            self.pushed(now, &frame.servcmd, &frame.body);
        }
    }

    fn reply(&mut self, now: Now, pending: Pending, body: Value) {
        let code = body.get("ErrorCode").and_then(Value::as_u64).unwrap_or(0) as u32;
        if code == 0 {
            return self.succeeded(now, pending, body);
        }
        let text = body.get("ErrorInfo").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(reason) = push::kick_reason(&body).filter(|_| code == 1002) {
            return self.kicked(now, reason);
        }
        let is_login = matches!(pending.task, Task::Login(_) | Task::Relogin { .. });
        self.failed(now, pending.task, Error::Refused { command: pending.command, code, text });
        // In any other reply these two mean that the login itself is void.
        if matches!(code, 70001 | 20002) && !is_login {
            self.token_refused(now);
        }
    }

    fn succeeded(&mut self, now: Now, pending: Pending, body: Value) {
        match pending.task {
            Task::Login(ticket) => self.logged_in(now, ticket, body),
            Task::Relogin { fresh } => self.relogged_in(now, fresh, &body),
            Task::Logout(ticket) => self.logged_out(now, ticket),
            Task::Join { ticket, room, anonymous } => self.joined(now, ticket, room, anonymous, &body),
            Task::JoinProfile { ticket, room } => self.join_profile(ticket, &room, &body),
            Task::Quit { ticket, room } => self.has_quit(ticket, &room, body),
            Task::SendDirect { ticket, random } => self.sent_direct(ticket, random, body),
            Task::Sync => self.synced(now, &body),
            Task::Hello => self.catch_up(now),
            Task::Heartbeat | Task::Ignore => {}
            Task::Poll { room } => self.polled(now, &room, &body),
            Task::Call(ticket) => self.done(Some(ticket), Ok(body)),
        }
    }

    fn pushed(&mut self, now: Now, servcmd: &str, body: &Value) {
        match servcmd {
            "OverLoadPush.notify2" => self.brake(now, body),
            "StatSvc.KickOther" => self.log_in_again(now),
            _ => {}
        }
        for item in push::items(body) {
            match item {
                Item::Room { .. } => self.room_item(item, false),
                Item::Kick(reason) => self.kicked(now, reason),
                Item::Profile(profile) => self.profile_changed(profile),
                Item::Direct(value) => self.direct_item(&value),
                Item::Told(event) => self.emit(event),
            }
        }
        if body.get("NeedAck").and_then(Value::as_u64) == Some(1) {
            let data = body.get("SessionData").cloned().unwrap_or_default();
            self.enqueue(now, Task::Ignore, "openim.ws_msg_push_ack", json!({ "SessionData": data }), false);
        }
    }

    /// The server asks to hold a command back for a while.
    fn brake(&mut self, now: Now, body: &Value) {
        let command = body.get("OverLoadServCmd").and_then(Value::as_str);
        let secs = body.get("DelaySecs").and_then(Value::as_u64).unwrap_or(0).min(BRAKE_SECS_MAX);
        if let Some(command) = command.filter(|_| self.brakes.len() < BRAKES_MAX) {
            self.brakes.insert(command.to_owned(), now.at + Duration::from_secs(secs));
        }
    }

    fn profile_changed(&mut self, profile: Profile) {
        if self.user() == Some(&profile.user) {
            self.emit(Event::MyProfileChanged(profile));
        }
    }
}

#[cfg(test)]
mod tests;
