//! Being logged in, over connections that come and go.
//!
//! A login gives a token; on a new connection the token is shown instead of the signature, together with the last
//! message delivered in each room, so that the server can send what was missed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::envelope::Head;
use super::super::event::{Event, GapKind, KickReason};
use super::direct::Direct;
use super::room::Rooms;
use super::{Error, Now, Session, Task, Ticket};
use crate::types::{RoomId, UserId};

const LOGIN: &str = "im_open_status.wslogin";
const LOGOUT: &str = "im_open_status.wslogout";

/// A hello is said at least this often, if the server wants any.
const HELLO_SECS_MAX: u64 = 3600;

/// Who this client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    Nobody,
    LoggingIn { user: UserId, user_sig: String },
    User(Login),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    user: UserId,
    /// Kept for the day the token is refused.
    user_sig: String,
    token: Token,
    /// The token is refused; the signature is being tried.
    retrying: bool,
}

/// What a login gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
struct Token {
    #[serde(rename = "A2Key")]
    a2: String,
    #[serde(rename = "TinyId")]
    tiny_id: String,
    #[serde(rename = "InstId")]
    instance: u64,
    #[serde(rename = "HelloInterval")]
    hello_secs: Option<u64>,
}

impl Identity {
    pub(super) fn user(&self) -> Option<&UserId> {
        match self {
            Identity::User(login) => Some(&login.user),
            _ => None,
        }
    }

    pub(super) fn is_somebody(&self) -> bool {
        *self != Identity::Nobody
    }

    /// The part of a request's head that says who is asking.
    pub(super) fn head(&self) -> Head<'_> {
        match self {
            Identity::Nobody => Head::default(),
            Identity::LoggingIn { user, user_sig } => {
                Head { identifier: user.as_str(), usersig: user_sig, ..Head::default() }
            }
            Identity::User(login) if login.retrying => {
                Head { identifier: login.user.as_str(), usersig: &login.user_sig, ..Head::default() }
            }
            Identity::User(login) => Head {
                a2: &login.token.a2,
                tinyid: &login.token.tiny_id,
                status_instid: login.token.instance,
                ..Head::default()
            },
        }
    }

    pub(super) fn hello_interval(&self) -> Option<Duration> {
        match self {
            Identity::User(login) => {
                let secs = login.token.hello_secs.filter(|secs| *secs > 0);
                secs.map(|secs| Duration::from_secs(secs.min(HELLO_SECS_MAX)))
            }
            _ => None,
        }
    }
}

/// What the server says about a room of a returning client.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resumed {
    group_id: RoomId,
    status: String,
}

impl Session {
    pub(super) fn start_login(
        &mut self,
        now: Now,
        ticket: Ticket,
        user: UserId,
        user_sig: String,
    ) -> Result<(), Error> {
        if self.identity.is_somebody() {
            return Err(Error::RepeatedLogin);
        }
        self.identity = Identity::LoggingIn { user, user_sig };
        self.set_unusable();
        self.enqueue(now, Task::Login(ticket), LOGIN, login_body(None), true);
        Ok(())
    }

    fn set_unusable(&mut self) {
        if let super::Link::Up { usable, .. } = &mut self.link {
            *usable = false;
        }
    }

    pub(super) fn logged_in(&mut self, now: Now, ticket: Ticket, body: Value) {
        let Identity::LoggingIn { user, user_sig } = self.identity.clone() else {
            return;
        };
        match read_token(&body) {
            Ok(token) => {
                self.identity = Identity::User(Login { user: user.clone(), user_sig, token, retrying: false });
                self.now_usable(now, self.identity.hello_interval());
                self.emit(Event::Ready { user });
                self.done(Some(ticket), Ok(body));
                self.sync_direct(now);
            }
            Err(error) => self.login_failed(now, ticket, error),
        }
    }

    /// The login under way will not be answered.
    pub(super) fn cancel_login(&mut self) {
        if let Identity::LoggingIn { .. } = self.identity {
            self.identity = Identity::Nobody;
        }
    }

    pub(super) fn login_failed(&mut self, now: Now, ticket: Ticket, error: Error) {
        self.identity = Identity::Nobody;
        self.done(Some(ticket), Err(error));
        self.now_usable(now, None);
    }

    /// On a new connection: shows the token, and what was delivered in each room.
    pub(super) fn log_in_again(&mut self, now: Now) {
        if let Identity::User(_) = &self.identity {
            self.set_unusable();
            let body = login_body(Some(&self.rooms));
            self.enqueue(now, Task::Relogin { fresh: false }, LOGIN, body, false);
        }
    }

    pub(super) fn relogged_in(&mut self, now: Now, fresh: bool, body: &Value) {
        let Identity::User(login) = &mut self.identity else {
            return;
        };
        login.retrying = false;
        match read_token(body) {
            Ok(token) => login.token = token,
            // A returning client keeps its token; the reply need not repeat it.
            Err(error) if fresh => return self.relogin_failed(now, fresh, error),
            Err(_) => {}
        }
        self.rooms.restart_polls(now);
        self.now_usable(now, self.identity.hello_interval());
        self.sync_direct(now);
        if fresh {
            self.rejoin(now);
        } else {
            self.resume(now, body);
        }
    }

    /// The token is not taken: the signature may still be. If that fails too, the user is out.
    pub(super) fn relogin_failed(&mut self, now: Now, fresh: bool, error: Error) {
        match error {
            Error::Refused { code: 70001 | 20002, .. } if !fresh => self.token_refused(now),
            Error::Refused { code: 70000..=70100 | 20002, .. } => self.kicked(now, KickReason::SignatureExpired),
            error => self.drop_link(now, &error.to_string()),
        }
    }

    pub(super) fn token_refused(&mut self, now: Now) {
        let Identity::User(login) = &mut self.identity else {
            return;
        };
        if std::mem::replace(&mut login.retrying, true) {
            return;
        }
        self.set_unusable();
        self.enqueue(now, Task::Relogin { fresh: true }, LOGIN, login_body(None), false);
    }

    /// Acts on what the server says about each room; rooms it does not mention it has kept as they were.
    fn resume(&mut self, now: Now, body: &Value) {
        let entries = body.get("Resume").and_then(Value::as_array).into_iter().flatten();
        for entry in entries.filter_map(|entry| Resumed::deserialize(entry).ok()) {
            let room = entry.group_id;
            match entry.status.as_str() {
                "GapTooLarge" => self.gap(room, GapKind::TooLarge),
                "NotMember" => self.rejoin_room(now, room),
                _ => {}
            }
        }
    }

    /// A new login is a member of nothing.
    fn rejoin(&mut self, now: Now) {
        let rooms: Vec<RoomId> = self.rooms.logged_in().cloned().collect();
        for room in rooms {
            self.rejoin_room(now, room);
        }
    }

    fn rejoin_room(&mut self, now: Now, room: RoomId) {
        if self.rooms.contains(&room) {
            // Cannot fail: the room has its place in the table and the user is logged in.
            let _ = self.start_join(now, None, room, false);
        }
    }

    pub(super) fn start_logout(&mut self, now: Now, ticket: Ticket) -> Result<(), Error> {
        if !matches!(self.identity, Identity::User(_)) {
            return Err(Error::NotLoggedIn);
        }
        self.enqueue(now, Task::Logout(ticket), LOGOUT, json!({"wslogout_type": 0}), true);
        Ok(())
    }

    /// Also when the server did not answer: the user wants out.
    pub(super) fn logged_out(&mut self, now: Now, ticket: Ticket) {
        self.forget_user(now, &Error::LoggedOut);
        self.done(Some(ticket), Ok(Value::Null));
    }

    pub(super) fn kicked(&mut self, now: Now, reason: KickReason) {
        if !matches!(self.identity, Identity::User(_)) {
            return;
        }
        if matches!(reason, KickReason::MultipleAccount | KickReason::MultipleDevice) {
            self.enqueue(now, Task::Ignore, LOGOUT, json!({"wslogout_type": 1}), false);
        }
        self.emit(Event::Kicked(reason));
        self.forget_user(now, &Error::Kicked(reason));
    }

    fn forget_user(&mut self, now: Now, why: &Error) {
        self.identity = Identity::Nobody;
        self.rooms.forget_logged_in();
        self.direct = Direct::default();
        self.emit(Event::NotReady);
        for (seq, pending) in std::mem::take(&mut self.pending) {
            match pending.task {
                Task::Heartbeat | Task::Ignore => {
                    self.pending.insert(seq, pending);
                }
                task => self.done(task.ticket(), Err(why.clone())),
            }
        }
        self.now_usable(now, None);
    }
}

fn read_token(body: &Value) -> Result<Token, Error> {
    let problem = match Token::deserialize(body) {
        Ok(token) if token.a2.is_empty() => "no A2Key".to_owned(),
        Ok(token) if token.tiny_id.is_empty() => "no TinyId".to_owned(),
        Ok(token) => return Ok(token),
        Err(error) => error.to_string(),
    };
    Err(Error::Answer { command: LOGIN.to_owned(), problem })
}

/// `Resume` is our own addition; servers that do not know it ignore it.
fn login_body(rooms: Option<&Rooms>) -> Value {
    let mut body = json!({"State": "Online", "is_web_uniapp": 0, "InstType": 0});
    if let Some(rooms) = rooms {
        body["Resume"] = rooms.resume_json();
    }
    body
}
