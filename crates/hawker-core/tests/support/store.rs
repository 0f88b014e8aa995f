//! A store in memory: what a database would keep of the changes that were committed.

use direct_store::DirectStore;
use hawker_core::change::{AccountRecord, Change, MembershipRecord, RoomSnapshot, SessionRecord, Snapshot};
use hawker_core::words::WordLists;
use hawker_core::{AccountId, AppId, RoomKey, SessionId, Time, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;

#[path = "direct_store.rs"]
pub mod direct_store;

#[derive(Default)]
pub struct MemoryStore {
    accounts: BTreeMap<AccountId, AccountRecord>,
    sessions: BTreeMap<SessionId, SessionRecord>,
    memberships: BTreeMap<(SessionId, RoomKey), MembershipRecord>,
    rooms: BTreeMap<RoomKey, RoomSnapshot>,
    pub direct: DirectStore,
    words: BTreeMap<AppId, WordLists>,
    /// Every session that was ever kept, with its end.
    ends: BTreeMap<SessionId, Time>,
}

impl MemoryStore {
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Account(record) => drop(self.accounts.insert(record.account, record)),
            Change::Session(record) => {
                self.ends.insert(record.session, record.expires_at);
                self.sessions.insert(record.session, record);
            }
            Change::SessionEnded(session) => {
                self.sessions.remove(&session);
                self.memberships.retain(|(kept, _), _| *kept != session);
            }
            Change::Membership(record) => {
                self.memberships.insert((record.session, record.room.clone()), record);
            }
            Change::MembershipEnded(session, room) => drop(self.memberships.remove(&(session, room))),
            Change::Room(record) => match self.rooms.get_mut(&record.key) {
                Some(room) => room.record = *record,
                None => {
                    let room = RoomSnapshot::new(*record);
                    self.rooms.insert(room.record.key.clone(), room);
                }
            },
            Change::RoomGone(room) => {
                self.rooms.remove(&room);
                self.memberships.retain(|(_, kept), _| *kept != room);
            }
            Change::Mute(room, user, until) => self.in_room(&room, |room| set_until(&mut room.mutes, user, until)),
            Change::Ban(room, user, until) => self.in_room(&room, |room| set_until(&mut room.bans, user, until)),
            Change::Admin(room, user, admin) => self.in_room(&room, |room| {
                room.admins.retain(|kept| *kept != user);
                if admin {
                    room.admins.push(user);
                }
            }),
            Change::MemberField(room, user, key, value) => self.in_room(&room, |room| {
                let fields = room.member_fields.entry(user).or_default();
                match value {
                    Some(value) => drop(fields.insert(key, value)),
                    None => drop(fields.remove(&key)),
                }
                room.member_fields.retain(|_, fields| !fields.is_empty());
            }),
            Change::Tally(room, key, value) => self.in_room(&room, |room| match value {
                Some(value) => drop(room.tallies.insert(key, value)),
                None => drop(room.tallies.remove(&key)),
            }),
            Change::Attribute(room, key, value) => self.in_room(&room, |room| match value {
                Some(value) => drop(room.attributes.insert(key, value)),
                None => drop(room.attributes.remove(&key)),
            }),
            // Shops have a store of their own in their tests; what is only told is no state.
            Change::Shop(..) | Change::RoomNews(..) => {}
            Change::Direct(change) => self.direct.apply(change),
            Change::Pinned(room, pin) => self.in_room(&room, |room| room.pins.push(pin)),
            Change::Unpinned(room, seq) => {
                self.in_room(&room, |room| room.pins.retain(|pin| pin.message.seq != seq));
            }
            Change::Words(app, None, words) => drop(self.words.insert(app, words.lists().clone())),
            Change::Words(app, Some(room), words) => {
                self.in_room(&RoomKey { app, room }, |room| room.words = words.lists().clone());
            }
            Change::Recalled(room, seq) => self.in_room(&room, |room| room.said.retain(|said| said.seq != seq)),
            Change::Counters(room, counters) => self.in_room(&room, |room| room.counters = counters),
            Change::Said(posted) => self.in_room(&posted.room.clone(), |room| room.said.push(Arc::clone(&posted))),
        }
    }

    fn in_room(&mut self, room: &RoomKey, change: impl FnOnce(&mut RoomSnapshot)) {
        if let Some(room) = self.rooms.get_mut(room) {
            change(room);
        }
    }

    /// What a server is started from.
    pub fn snapshot(&self, now: Time) -> Snapshot {
        let good = |session: &SessionId| self.sessions.get(session).is_some_and(|kept| kept.expires_at > now);
        Snapshot {
            accounts: self.accounts.values().cloned().collect(),
            sessions: self.sessions.values().filter(|kept| kept.expires_at > now).cloned().collect(),
            memberships: self.memberships.values().filter(|kept| good(&kept.session)).cloned().collect(),
            rooms: self.rooms.values().cloned().collect(),
            direct: self.direct.snapshot(now),
            shops: BTreeMap::new(),
            words: self.words.iter().map(|(app, lists)| (*app, lists.clone())).collect(),
        }
    }

    /// Whether a session was kept once and is over by its own signature.
    pub fn has_expired(&self, session: SessionId, now: Time) -> bool {
        self.ends.get(&session).is_some_and(|end| *end <= now)
    }
}

fn set_until(sanctions: &mut BTreeMap<UserId, Time>, user: UserId, until: Time) {
    if until == Time::default() {
        sanctions.remove(&user);
    } else {
        sanctions.insert(user, until);
    }
}
