//! The joined rooms: what was delivered in each, and polling for those who are not logged in.

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::cursor::Seen;
use super::super::event::{Event, GapKind, RemovalReason};
use super::super::push::{self, Item};
use super::{Error, Now, Session, Task, Ticket, Time};
use crate::types::{Outgoing, RoomId, RoomProfile, UserId};

/// So many own messages are known again when the server sends them back: more than can be under way at once.
const OWN_MAX: usize = 1024;

/// "No such room" at the server.
const ROOM_GONE: u32 = 10010;

/// The rooms and, across them, the numbers of the messages this client sent.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    rooms: BTreeMap<RoomId, Room>,
    own: VecDeque<u32>,
}

#[derive(Debug, Default)]
struct Room {
    seen: Seen,
    /// The place in the room's order at which the room was joined.
    joined_at: u64,
    anonymous: bool,
    /// In rooms that are polled; the others are pushed.
    pull: Option<Pull>,
}

#[derive(Debug, Default)]
struct Pull {
    key: String,
    /// The server's cursor: 0 means from the recent history.
    cursor: u64,
    /// When to ask again; `None` while a poll is under way.
    next_at: Option<Time>,
    /// Waits for the join on a new connection.
    ready: bool,
}

impl Rooms {
    pub(super) fn contains(&self, room: &RoomId) -> bool {
        self.rooms.contains_key(room)
    }

    pub(super) fn anonymous(&self) -> impl Iterator<Item = &RoomId> {
        self.rooms.iter().filter(|(_, room)| room.anonymous).map(|(id, _)| id)
    }

    pub(super) fn logged_in(&self) -> impl Iterator<Item = &RoomId> {
        self.rooms.iter().filter(|(_, room)| !room.anonymous).map(|(id, _)| id)
    }

    pub(super) fn forget_logged_in(&mut self) {
        self.rooms.retain(|_, room| room.anonymous);
    }

    /// Per room the last message delivered.
    pub(super) fn resume_json(&self) -> Value {
        let pushed = self.rooms.iter().filter(|(_, room)| !room.anonymous && room.pull.is_none());
        pushed.map(|(id, room)| json!({"GroupId": id, "MsgSeq": room.resume_from()})).collect()
    }

    pub(super) fn link_lost(&mut self) {
        for pull in self.rooms.values_mut().filter_map(|room| room.pull.as_mut()) {
            pull.ready = false;
        }
    }

    /// A user logged in again goes on polling; anonymous viewers have to join first.
    pub(super) fn restart_polls(&mut self, now: Now) {
        for pull in self.rooms.values_mut().filter(|room| !room.anonymous).filter_map(|room| room.pull.as_mut()) {
            pull.ready = true;
            pull.next_at = Some(now.at);
        }
    }

    /// When the next poll is due, if polls can be sent.
    pub(super) fn next_poll(&self, usable: bool) -> Option<Time> {
        let pulls = self.rooms.values().filter_map(|room| room.pull.as_ref());
        pulls.filter(|pull| usable && pull.ready).filter_map(|pull| pull.next_at).min()
    }

    fn remember_own(&mut self, random: u32) {
        if self.own.len() == OWN_MAX {
            self.own.pop_front();
        }
        self.own.push_back(random);
    }
}

impl Room {
    fn resume_from(&self) -> u64 {
        self.seen.highest().max(self.joined_at)
    }
}

/// The part of a join reply that matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct JoinReply {
    joined_status: String,
    /// Present: the room is to be polled.
    long_polling_key: Option<String>,
    rsp_msg_list: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PollReply {
    key: Option<String>,
    next_seq: u64,
    rsp_msg_list: Vec<Value>,
    gap: u64,
}

impl Session {
    // Joining

    pub(super) fn start_join(
        &mut self,
        now: Now,
        ticket: Option<Ticket>,
        room: RoomId,
        anonymous: bool,
    ) -> Result<(), Error> {
        let command = if anonymous {
            "group_open_http_noauth_svc.apply_join_group"
        } else {
            "group_open_http_svc.apply_join_group"
        };
        self.need_login(command)?;
        if !self.rooms.contains(&room) && self.rooms.rooms.len() >= self.config.limits.rooms_max {
            return Err(Error::TooManyRequests);
        }
        let body = json!({"GroupId": room, "WebPushFlag": 1, "HugeGroupHistoryMsgFlag": 1});
        self.enqueue(now, Task::Join { ticket, room, anonymous }, command, body, true);
        Ok(())
    }

    pub(super) fn joined(&mut self, now: Now, ticket: Option<Ticket>, id: RoomId, anonymous: bool, body: &Value) {
        let reply = JoinReply::deserialize(body).unwrap_or_default();
        if !reply.joined_status.is_empty() && reply.joined_status != "JoinedSuccess" {
            let error = Error::Answer { command: "apply_join_group".to_owned(), problem: reply.joined_status };
            return self.join_failed(ticket, &id, error);
        }
        let room = self.rooms.rooms.entry(id.clone()).or_default();
        room.anonymous = anonymous;
        room.pull = reply.long_polling_key.map(|key| Pull {
            key,
            cursor: room.pull.take().map_or(0, |pull| pull.cursor),
            next_at: Some(now.at),
            ready: true,
        });
        self.deliver_history(&reply.rsp_msg_list, ticket.is_some());
        if anonymous {
            self.done(ticket, Ok(Value::Null));
        } else {
            let body = profile_request(&id);
            self.enqueue(
                now,
                Task::JoinProfile { ticket, room: id },
                "group_open_http_svc.get_group_self_member_info",
                body,
                true,
            );
        }
    }

    fn deliver_history(&mut self, list: &[Value], history: bool) {
        for item in list.iter().filter_map(push::pulled_item) {
            self.room_item(item, history);
        }
    }

    /// The join is complete: only now will the room be pushed to this client.
    pub(super) fn join_profile(&mut self, ticket: Option<Ticket>, id: &RoomId, body: &Value) {
        let entry = body.get("GroupInfo").and_then(|list| list.get(0)).cloned().unwrap_or_default();
        let profile = RoomProfile::deserialize(&entry).unwrap_or_default();
        if let Some(room) = self.rooms.rooms.get_mut(id) {
            room.start_at(profile.next_msg_seq);
        }
        if ticket.is_none() {
            self.gap(id.clone(), GapKind::Rejoined);
        }
        self.done(ticket, Ok(entry));
    }

    pub(super) fn join_failed(&mut self, ticket: Option<Ticket>, room: &RoomId, error: Error) {
        self.rooms.rooms.remove(room);
        self.done(ticket, Err(error));
    }

    /// The session wanted back into a room and was not let in.
    pub(super) fn not_readmitted(&mut self, room: RoomId, error: &Error) {
        self.rooms.rooms.remove(&room);
        match error {
            Error::Refused { code: ROOM_GONE, .. } => self.emit(Event::Dismissed { room }),
            error => {
                self.emit(Event::Removed { room, reason: RemovalReason::NotReadmitted { code: error.code() } })
            }
        }
    }

    pub(super) fn gap(&mut self, room: RoomId, kind: GapKind) {
        let after_seq = self.rooms.rooms.get(&room).map_or(0, Room::resume_from);
        self.emit(Event::Gap { room, after_seq, kind });
    }

    /// An anonymous viewer just goes: no command exists, the server notices that the polling ends.
    pub(super) fn start_quit(&mut self, now: Now, ticket: Ticket, room: RoomId) -> Result<(), Error> {
        if self.rooms.rooms.get(&room).is_some_and(|room| room.anonymous) {
            self.rooms.rooms.remove(&room);
            self.done(Some(ticket), Ok(Value::Null));
            return Ok(());
        }
        self.need_login("quit_group")?;
        let body = json!({"GroupId": room});
        self.enqueue(now, Task::Quit { ticket, room }, "group_open_http_svc.quit_group", body, true);
        Ok(())
    }

    pub(super) fn has_quit(&mut self, ticket: Ticket, room: &RoomId, body: Value) {
        self.rooms.rooms.remove(room);
        self.done(Some(ticket), Ok(body));
    }

    // Speaking

    pub(super) fn start_send(
        &mut self,
        now: Now,
        ticket: Ticket,
        room: &RoomId,
        message: &Outgoing,
    ) -> Result<(), Error> {
        const COMMAND: &str = "group_open_http_svc.send_group_msg";
        self.need_login(COMMAND)?;
        self.need_no_brake(now, COMMAND)?;
        let random = self.random.message_number();
        self.rooms.remember_own(random);
        let body = self.message_json(now, room, message, random);
        // Repeatable: the server takes a message with the same number only once.
        self.enqueue(now, Task::Call(ticket), COMMAND, body, true);
        Ok(())
    }

    fn message_json(&mut self, now: Now, room: &RoomId, message: &Outgoing, random: u32) -> Value {
        let elements: Vec<Value> = message.elements.iter().map(push::element_json).collect();
        json!({
            "From_Account": self.user().map(UserId::as_str).unwrap_or_default(),
            "GroupId": room, "Random": random, "ClientSeq": self.next_seq,
            "MsgPriority": message.priority.as_str(), "MsgBody": elements,
            "CloudCustomData": message.cloud_data, "OnlineOnlyFlag": 0, "MsgClientTime": now.unix_secs,
        })
    }

    // Hearing

    /// Delivers what a room says, once.
    pub(super) fn room_item(&mut self, item: Item, history: bool) {
        let Item::Room { room: id, seq, random, from, events } = item else {
            return;
        };
        let mine = self.identity.user() == Some(&from);
        let sent_here = mine && self.rooms.own.contains(&random);
        let Some(room) = self.rooms.rooms.get_mut(&id) else {
            return;
        };
        if is_numbered(seq, random) && !room.seen.insert(seq) {
            return;
        }
        if sent_here && !history {
            return;
        }
        for event in events {
            self.room_event(&id, mark(event, mine, history));
        }
    }

    fn room_event(&mut self, id: &RoomId, event: Event) {
        if matches!(event, Event::Dismissed { .. } | Event::Removed { .. }) {
            self.rooms.rooms.remove(id);
        }
        self.emit(event);
    }

    // Polling

    /// Sends the polls that are due.
    pub(super) fn poll_rooms(&mut self, now: Now) {
        if !self.is_usable() {
            return;
        }
        let due = |pull: &Pull| pull.ready && pull.next_at.is_some_and(|at| at <= now.at);
        let rooms = self.rooms.rooms.iter().filter(|(_, room)| room.pull.as_ref().is_some_and(due));
        let rooms: Vec<RoomId> = rooms.map(|(id, _)| id.clone()).collect();
        for room in rooms {
            self.poll_room(now, room);
        }
    }

    fn poll_room(&mut self, now: Now, id: RoomId) {
        let Some(room) = self.rooms.rooms.get_mut(&id) else {
            return;
        };
        let Some(pull) = &mut room.pull else { return };
        pull.next_at = None;
        let body = json!({"USP": 1, "StartSeq": pull.cursor, "HoldTime": 90, "Key": pull.key, "DownsizeFlag": 0});
        let service = if room.anonymous {
            "group_open_long_polling_http_noauth_svc"
        } else {
            "group_open_long_polling_http_svc"
        };
        self.enqueue(now, Task::Poll { room: id }, &format!("{service}.get_msg"), body, false);
    }

    pub(super) fn polled(&mut self, now: Now, id: &RoomId, body: &Value) {
        let reply = PollReply::deserialize(body).unwrap_or_default();
        if reply.gap == 1 {
            self.gap(id.clone(), GapKind::TooLarge);
        }
        let first = self.schedule_poll(now, id, reply.next_seq, reply.key);
        self.deliver_history(&reply.rsp_msg_list, first);
    }

    /// Whether this was the first poll of the room, which brings the recent history.
    fn schedule_poll(&mut self, now: Now, id: &RoomId, next_seq: u64, key: Option<String>) -> bool {
        let pause = self.config.limits.poll_pause;
        let Some(pull) = self.rooms.rooms.get_mut(id).and_then(|room| room.pull.as_mut()) else {
            return false;
        };
        let first = pull.cursor == 0;
        pull.cursor = next_seq.max(pull.cursor);
        pull.key = key.filter(|key| !key.is_empty()).unwrap_or_else(|| std::mem::take(&mut pull.key));
        pull.next_at = Some(now.at + pause);
        first
    }

    pub(super) fn poll_failed(&mut self, now: Now, id: &RoomId) {
        let pause = self.config.limits.poll_pause_after_error;
        if let Some(pull) = self.rooms.rooms.get_mut(id).and_then(|room| room.pull.as_mut()) {
            pull.next_at = Some(now.at + pause);
        }
    }
}

impl Room {
    /// Takes note of where the room's order stands. An order that stands below what was delivered belongs to a new
    /// room of the same name.
    fn start_at(&mut self, next_seq: u64) {
        if next_seq == 0 {
            return;
        }
        if next_seq <= self.seen.highest() {
            self.seen = Seen::default();
        }
        self.joined_at = next_seq - 1;
    }
}

/// Notices to a single user may come without a place in the order: 0, or the pairs 1/1 and 2/2.
fn is_numbered(seq: u64, random: u32) -> bool {
    seq != 0 && !(seq <= 2 && seq == u64::from(random))
}

fn mark(mut event: Event, mine: bool, history: bool) -> Event {
    if let Event::Message(message) = &mut event {
        message.own = mine;
        message.history = history;
    }
    event
}

/// What a room's profile is asked with.
pub(crate) fn profile_request(room: &RoomId) -> Value {
    json!({"GroupIdList": [room], "ResponseFilter": {
        "GroupBaseInfoFilter": ["Type", "Name", "Introduction", "Notification", "FaceUrl", "Owner_Account", "CreateTime",
            "InfoSeq", "NextMsgSeq", "MemberNum", "ShutUpAllMember"],
        "MemberInfoFilter": ["Role", "JoinTime", "MsgSeq"]}})
}
