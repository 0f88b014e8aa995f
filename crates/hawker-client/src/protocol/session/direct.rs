//! Messages between two users: each is delivered once, and those missed are asked for after a login.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::direct::message;
use super::super::event::Event;
use super::super::push;
use super::{Error, Now, Session, Task, Ticket};
use crate::types::{MessageKey, Outgoing, UserId};

const SYNC: &str = "openim.getmsg";

/// So many messages are known again when they come twice: more than one answer of the server holds.
const KNOWN_MAX: usize = 1024;

/// Where the logged-in user stands.
#[derive(Debug, Default)]
pub(super) struct Direct {
    /// The server's: up to where this client was told. Empty before the first answer.
    cookie: String,
    /// A question for what was missed got no good answer; it is asked again with the next hello.
    behind: bool,
    known: VecDeque<(UserId, MessageKey)>,
}

impl Direct {
    /// Notes a message. `false`: it was known.
    fn note(&mut self, from: UserId, key: MessageKey) -> bool {
        let message = (from, key);
        if self.known.contains(&message) {
            return false;
        }
        if self.known.len() >= KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back(message);
        true
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SyncReply {
    cookie: String,
    sync_flag: u64,
    msg_list: Vec<Value>,
    #[serde(rename = "C2CPairUnreadCount")]
    unread: Vec<RawUnread>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawUnread {
    #[serde(rename = "From_Account")]
    peer: UserId,
    #[serde(rename = "UnreadCount")]
    count: u64,
}

impl Session {
    /// Asks for what was said while nobody listened.
    pub(super) fn sync_direct(&mut self, now: Now) {
        let body = json!({"Cookie": self.direct.cookie, "SyncFlag": 0, "NeedAbstract": 1, "IsOnlineSync": 0,
            "NeedSignaling": 1});
        self.enqueue(now, Task::Sync, SYNC, body, true);
    }

    pub(super) fn synced(&mut self, now: Now, body: &Value) {
        let reply = SyncReply::deserialize(body).unwrap_or_default();
        // A server without such messages says so with an empty cookie.
        if reply.cookie.is_empty() {
            return;
        }
        let moved = std::mem::replace(&mut self.direct.cookie, reply.cookie) != self.direct.cookie;
        for value in &reply.msg_list {
            self.direct_item(value);
        }
        for RawUnread { peer, count } in reply.unread {
            self.emit(Event::Unread { peer, count });
        }
        // A server that says "there is more" and does not get any further would be asked for ever.
        if reply.sync_flag < 2 && moved {
            self.sync_direct(now);
        }
    }

    pub(super) fn sync_failed(&mut self) {
        self.direct.behind = true;
    }

    /// Asks again for what was asked for in vain.
    pub(super) fn catch_up(&mut self, now: Now) {
        if std::mem::take(&mut self.direct.behind) {
            self.sync_direct(now);
        }
    }

    pub(super) fn direct_item(&mut self, value: &Value) {
        let Some(message) = message(value, self.user()) else { return };
        if self.direct.note(message.from.clone(), message.key) {
            self.emit(Event::Direct(message));
        }
    }

    pub(super) fn start_send_direct(
        &mut self,
        now: Now,
        ticket: Ticket,
        to: &UserId,
        outgoing: &Outgoing,
    ) -> Result<(), Error> {
        const COMMAND: &str = "openim.sendmsg";
        self.need_login(COMMAND)?;
        self.need_no_brake(now, COMMAND)?;
        let random = self.random.message_number();
        let elements: Vec<Value> = outgoing.elements.iter().map(push::element_json).collect();
        let body = json!({
            "From_Account": self.user().map(UserId::as_str).unwrap_or_default(), "To_Account": to,
            "MsgSeq": self.next_seq, "MsgRandom": random, "MsgBody": elements,
            "CloudCustomData": outgoing.cloud_data, "MsgClientTime": now.unix_secs,
        });
        // Repeatable: the server takes a message with the same numbers only once.
        self.enqueue(now, Task::SendDirect { ticket, random }, COMMAND, body, true);
        Ok(())
    }

    /// The answer names the message, but not its random number.
    pub(super) fn sent_direct(&mut self, ticket: Ticket, random: u32, mut body: Value) {
        body["MsgRandom"] = json!(random);
        if let Some(user) = self.user().cloned() {
            let number = |key: &str| body.get(key).and_then(Value::as_u64).unwrap_or(0);
            let key = MessageKey { seq: number("MsgSeq"), random, time_secs: number("MsgTime") };
            // What this client sent does not come back to it as an event.
            self.direct.note(user, key);
        }
        self.done(Some(ticket), Ok(body));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_messages_are_known() {
        let mut direct = Direct::default();
        let key = |seq| MessageKey { seq, random: 1, time_secs: 1 };
        for seq in 0..2 * KNOWN_MAX as u64 {
            assert!(direct.note("me".into(), key(seq)));
        }
        assert_eq!(direct.known.len(), KNOWN_MAX);
        assert!(!direct.note("me".into(), key(2 * KNOWN_MAX as u64 - 1)), "the last ones");
        assert!(direct.note("me".into(), key(0)), "and not the first");
    }
}
