//! The connection: sought, kept alive, found dead, sought again.

use super::super::event::{Event, NetState};
use super::{Error, Now, Output, Pending, Session, Task, Time};
use crate::types::RoomId;
use serde_json::json;
use std::time::Duration;

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    /// Being opened.
    Connecting { attempt: u32 },
    /// Lost; tried again at `retry_at`, or with the next request.
    Down { attempt: u32, retry_at: Option<Time> },
    /// Open.
    Up {
        /// When the server was last heard.
        heard_at: Time,
        /// When the next `wshello` is due, if the server wants any.
        hello_at: Option<Time>,
        /// Who should be logged in on it is.
        usable: bool,
        /// Failures before this connection; forgotten with the first frame once it is usable.
        attempt: u32,
    },
}

impl Session {
    pub(super) fn is_up(&self) -> bool {
        matches!(self.link, Link::Up { .. })
    }

    pub(super) fn is_usable(&self) -> bool {
        matches!(self.link, Link::Up { usable: true, .. })
    }

    /// Asks for a connection. Path and query are those of a browser that takes binary frames.
    pub(super) fn connect(&mut self) {
        let config = &self.config;
        let compress = if config.compress { "&compress=gzip" } else { "" };
        let url = format!(
            "{}/binfo?sdkappid={}&instanceid={}&random={}&platform=7&host=unknown&version=-1&sdkversion=2.27.6{compress}",
            config.url.trim_end_matches('/'),
            config.sdk_app_id,
            self.instance,
            self.random.message_number(),
        );
        self.outputs.push_back(Output::Connect { url });
    }

    pub(super) fn opened(&mut self, now: Now) {
        let attempt = match self.link {
            Link::Connecting { attempt } => attempt,
            _ => 0,
        };
        let usable = !self.identity.is_somebody();
        self.link = Link::Up { heard_at: now.at, hello_at: None, usable, attempt };
        self.emit(Event::NetState(NetState::Connected));
        self.enqueue(now, Task::Heartbeat, "heartbeat.alive", json!({}), false);
        self.log_in_again(now);
        self.rejoin_anonymously(now);
        self.send_waiting(now);
    }

    /// The one who should be logged in on this connection is; everything may go out.
    pub(super) fn now_usable(&mut self, now: Now, hello: Option<Duration>) {
        if let Link::Up { usable, hello_at, .. } = &mut self.link {
            *usable = true;
            *hello_at = hello.map(|interval| now.at + interval);
        }
        self.send_waiting(now);
    }

    pub(super) fn heard(&mut self, now: Now) {
        if let Link::Up { heard_at, attempt, usable, .. } = &mut self.link {
            *heard_at = now.at;
            // A server that answers and then refuses the login has not served yet.
            if *usable {
                *attempt = 0;
            }
        }
    }

    /// The connection is gone, or could not be opened.
    pub(super) fn lost(&mut self, now: Now, reason: &str) {
        let attempt = match self.link {
            Link::Connecting { attempt } => attempt + 1,
            Link::Up { attempt, usable, .. } => attempt + u32::from(!usable),
            Link::Down { .. } => return,
        };
        self.end_with_connection();
        self.interrupt();
        self.rooms.link_lost();
        match self.config.reconnect.pause(attempt, &mut self.random) {
            Some(pause) => self.seek(now, attempt, pause),
            None => self.give_up(attempt, reason),
        }
    }

    /// This side drops the connection.
    pub(super) fn drop_link(&mut self, now: Now, reason: &str) {
        if self.is_up() {
            self.outputs.push_back(Output::Disconnect);
            self.lost(now, reason);
        }
    }

    fn seek(&mut self, now: Now, attempt: u32, pause: Duration) {
        if self.is_up() || attempt <= 1 {
            self.emit(Event::NetState(NetState::Connecting));
        }
        self.link = Link::Down { attempt, retry_at: Some(now.at + pause) };
    }

    fn give_up(&mut self, attempt: u32, reason: &str) {
        self.link = Link::Down { attempt, retry_at: None };
        self.emit(Event::NetState(NetState::Disconnected));
        for (_, pending) in std::mem::take(&mut self.pending) {
            self.done(pending.task.ticket(), Err(Error::Disconnected { reason: reason.to_owned() }));
        }
        self.cancel_login();
    }

    /// A request starts a client again that had given up.
    pub(super) fn revive(&mut self) {
        if matches!(self.link, Link::Down { retry_at: None, .. }) {
            self.link = Link::Connecting { attempt: 0 };
            self.emit(Event::NetState(NetState::Connecting));
            self.connect();
        }
    }

    /// Heartbeats and polls mean nothing on another connection.
    fn end_with_connection(&mut self) {
        self.pending.retain(|_, pending| !pending.task.ends_with_connection());
    }

    /// What was sent and not answered is sent again later, unless that could do it twice.
    fn interrupt(&mut self) {
        let lost = |pending: &Pending| pending.sent && !pending.repeatable;
        let seqs: Vec<u64> = self.pending.iter().filter(|(_, p)| lost(p)).map(|(seq, _)| *seq).collect();
        for seq in seqs {
            let pending = self.pending.remove(&seq).expect("just seen");
            let error = Error::Interrupted { command: pending.command };
            self.done(pending.task.ticket(), Err(error));
        }
        for pending in self.pending.values_mut() {
            pending.sent = false;
        }
    }

    /// Sends heartbeats and hellos that are due, and starts the next attempt to connect.
    pub(super) fn keep_alive(&mut self, now: Now) {
        match self.link {
            Link::Down { attempt, retry_at: Some(at) } if at <= now.at => {
                self.link = Link::Connecting { attempt };
                self.connect();
            }
            Link::Up { heard_at, hello_at, .. } => {
                if heard_at + self.config.limits.heartbeat_after <= now.at && !self.has_heartbeat() {
                    self.enqueue(now, Task::Heartbeat, "heartbeat.alive", json!({}), false);
                }
                if hello_at.is_some_and(|at| at <= now.at) {
                    self.say_hello(now);
                }
            }
            _ => {}
        }
    }

    fn say_hello(&mut self, now: Now) {
        let interval = self.identity.hello_interval();
        if let Link::Up { hello_at, .. } = &mut self.link {
            *hello_at = interval.map(|interval| now.at + interval);
        }
        self.enqueue(now, Task::Hello, "im_open_status.wshello", json!({"is_web_uniapp": 0}), false);
    }

    fn has_heartbeat(&self) -> bool {
        self.pending.values().any(|pending| pending.task == Task::Heartbeat)
    }

    /// When this part wants to be woken.
    pub(super) fn link_wakes(&self) -> impl Iterator<Item = Time> {
        let (first, second) = match &self.link {
            Link::Connecting { .. } => (None, None),
            Link::Down { retry_at, .. } => (*retry_at, None),
            Link::Up { heard_at, hello_at, .. } => {
                let quiet = (!self.has_heartbeat()).then(|| *heard_at + self.config.limits.heartbeat_after);
                (quiet, *hello_at)
            }
        };
        first.into_iter().chain(second)
    }

    /// Anonymous viewers are strangers on the new connection and join again.
    fn rejoin_anonymously(&mut self, now: Now) {
        let rooms: Vec<RoomId> = self.rooms.anonymous().cloned().collect();
        for room in rooms {
            // Cannot fail: only a full table or a missing login refuse a join.
            let _ = self.start_join(now, None, room, true);
        }
    }
}
