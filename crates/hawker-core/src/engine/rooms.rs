//! Rooms: opening, commands in them, and what follows from their events.

use super::sessions::{Place, Serve};
use super::timers::Timer;
use super::{Caller, Engine, Hosted, Output, key};
use crate::answer::{Answer, MemberView, RoomView};
use crate::change::{Change, MembershipRecord, RoomNews};
use crate::command::{OpenRoom, RoomCommand};
use crate::id::{AccountId, AppId, ConnId, RoomId, RoomKey, SessionId, UserId};
use crate::post::{Class, Post, ProfileChange};
use crate::refusal::Refusal;
use crate::room::{Actor, Context, Room, RoomEvent, check};
use crate::time::Time;
use std::sync::Arc;
use std::time::Duration;

/// What nobody waits for is kept at least this often.
const KEEP_SOON: Duration = Duration::from_millis(500);

/// The room field that says where the show is (seed 001).
const STATUS_FIELD: &str = "room_status";

/// What of an event the world outside is told.
fn news(event: &RoomEvent) -> Option<RoomNews> {
    match event {
        RoomEvent::Dismissed => Some(RoomNews::Closed),
        RoomEvent::Changed(ProfileChange::Field(key, status)) if &**key == STATUS_FIELD => {
            Some(RoomNews::Status(status.clone().unwrap_or_default()))
        }
        _ => None,
    }
}

impl<T> Engine<T> {
    pub(super) fn open_room(
        &mut self,
        now: Time,
        by: &Caller,
        mut open: OpenRoom,
    ) -> Result<(Answer, u64), Refusal> {
        let actor = self.member_actor(now, by)?;
        let app = by.app();
        let limits = self.limits(app);
        check::open_room(&open, &limits)?;
        if !actor.app_admin {
            let words = self.words(app);
            for text in [&mut open.name, &mut open.introduction, &mut open.notification] {
                *text = words.clean(text)?;
            }
        }
        let owner = self.owner_of(app, by, &actor, open.owner.take())?;
        if self.rooms_of_app.get(&app).copied().unwrap_or(0) >= limits.rooms_max {
            return Err(Refusal::TooMany { what: "rooms", limit: limits.rooms_max });
        }
        let owned = owner.as_ref().and_then(|owner| self.owned.get(&(app, owner.clone())));
        if owned.is_some_and(|owned| *owned as usize >= limits.rooms_per_owner_max) {
            return Err(Refusal::TooMany { what: "rooms of one owner", limit: limits.rooms_per_owner_max });
        }
        let key = self.room_key(app, open.room.take(), owner.as_ref())?;
        let room = Room::open(now, key.clone(), owner, &open, &limits);
        self.gate.keep(Change::RoomNews(key.clone(), now, RoomNews::Opened(open.name.clone())));
        let gate = self.gate.keep(Change::Room(Box::new(room.record())));
        self.host(room);
        self.rooms.get_mut(&key).expect("just opened").gate = gate;
        Ok((Answer::Opened { room: key.room }, gate))
    }

    fn owner_of(
        &self,
        app: AppId,
        by: &Caller,
        actor: &Actor,
        wanted: Option<UserId>,
    ) -> Result<Option<UserId>, Refusal> {
        match (by, wanted) {
            (Caller::Admin { .. }, None) => Ok(None),
            (Caller::Conn { .. }, None) => Ok(Some(actor.face.user.clone())),
            (_, Some(owner)) if owner == actor.face.user || actor.app_admin => {
                self.account(app, &owner).ok_or(Refusal::AccountMissing)?;
                Ok(Some(owner))
            }
            _ => Err(Refusal::NotAllowed),
        }
    }

    fn room_key(&mut self, app: AppId, wanted: Option<RoomId>, owner: Option<&UserId>) -> Result<RoomKey, Refusal> {
        let Some(room) = wanted else {
            loop {
                // Letters only after the mark: "@TGS#_" would make it a community to the official SDKs.
                let key = key(app, &RoomId::from(format!("@TGS#{:016X}", self.rng.next_u64())));
                if !self.rooms.contains_key(&key) {
                    return Ok(key);
                }
            }
        };
        check::chosen_room_id(&room)?;
        let key = key(app, &room);
        match self.rooms.get(&key) {
            None => Ok(key),
            Some(taken) if owner.is_some() && taken.room.owner() == owner => Err(Refusal::RoomTakenByYou),
            Some(_) => Err(Refusal::RoomTaken),
        }
    }

    pub(super) fn room_profiles(
        &mut self,
        now: Time,
        by: &Caller,
        rooms: Vec<RoomId>,
    ) -> Result<(Answer, u64), Refusal> {
        let actor = self.actor(now, by)?;
        let limit = self.limits(by.app()).rooms_per_call_max;
        if rooms.len() > limit {
            return Err(Refusal::TooMany { what: "rooms", limit });
        }
        let mut gate = 0;
        let mut view = |room: RoomId| -> Result<RoomView, (RoomId, Refusal)> {
            match self.rooms.get(&key(by.app(), &room)) {
                None => Err((room, Refusal::RoomMissing)),
                Some(hosted) => {
                    gate = gate.max(hosted.gate);
                    Ok(hosted.room.view(&actor))
                }
            }
        };
        let views = rooms.into_iter().map(&mut view).collect();
        // A joiner asks for the profile of its room: from then on it can be pushed to.
        let session = by.conn().and_then(|conn| self.conns.get(&conn)).and_then(|conn| conn.session);
        self.serve_next = session.map(|id| (id, Serve::Joined)).or(self.serve_next);
        Ok((Answer::RoomProfiles(views), gate))
    }

    pub(super) fn room_command(
        &mut self,
        now: Time,
        by: &Caller,
        room: RoomId,
        command: RoomCommand,
    ) -> Result<(Answer, u64), Refusal> {
        check::room_id(&room)?;
        let mut actor = self.actor(now, by)?;
        let key = key(by.app(), &room);
        let hosted = self.rooms.get(&key).ok_or(Refusal::RoomMissing)?;
        let gate = hosted.gate;
        let command = match command {
            RoomCommand::SendAs(user, draft) => {
                actor = self.speak_as(by, &actor, &user)?;
                RoomCommand::Send(draft)
            }
            // These show profiles of many people: wait for whatever is being kept.
            RoomCommand::Members { page } => return Ok((self.members(now, &key, page), self.gate.latest())),
            RoomCommand::MemberRecords { users } => return self.member_records(now, &key, users),
            RoomCommand::Admins => return Ok((self.admins(&key), self.gate.latest())),
            RoomCommand::Join { .. } | RoomCommand::Watch => {
                self.place_must_be_free(by, &key)?;
                command
            }
            command => command,
        };
        let limits = self.limits(key.app);
        let words = self.words(key.app);
        let mut ctx = Context { now, limits: &limits, words: &words, rng: &mut self.rng };
        let verdict = self.rooms[&key].room.decide(&mut ctx, &actor, command)?;
        let newly = verdict.events.iter().any(|event| matches!(event, RoomEvent::Joined(_)));
        if !verdict.events.is_empty() {
            self.wait_for_account(&key, actor.face.account);
        }
        let gate = self.apply(now, &key, verdict.events).max(gate);
        let gate = match &verdict.answer {
            Answer::Joined { next_seq, .. } => self.take_place(now, by, &key, *next_seq, newly).max(gate),
            Answer::Watching { .. } => {
                self.start_watching(by, &key);
                gate
            }
            _ => gate,
        };
        Ok((verdict.answer, gate))
    }

    /// An administrator may send in the name of anybody with an account; everybody else only in one's own.
    fn speak_as(&self, by: &Caller, actor: &Actor, user: &UserId) -> Result<Actor, Refusal> {
        if *user == actor.face.user {
            return Ok(actor.clone());
        }
        if !matches!(by, Caller::Admin { .. }) {
            return Err(Refusal::NotAllowed);
        }
        let account = self.account(by.app(), user).ok_or(Refusal::AccountMissing)?;
        Ok(Actor { face: account.face(), app_admin: true, anonymous: false })
    }

    fn place_must_be_free(&self, by: &Caller, room: &RoomKey) -> Result<(), Refusal> {
        let Some(conn) = by.conn() else { return Err(Refusal::NotAllowed) };
        let limit = self.limits(room.app).rooms_per_session_max;
        let Some(state) = self.conns.get(&conn) else { return Ok(()) };
        let session = state.session.and_then(|id| self.sessions.get(&id));
        let in_rooms = session.map_or(0, |session| session.rooms.len() - usize::from(session.is_in(room)));
        let watching = state.watching.iter().filter(|watched| *watched != room).count();
        if in_rooms.max(watching) >= limit {
            return Err(Refusal::TooMany { what: "rooms at once", limit });
        }
        Ok(())
    }

    /// The session is in the room now; its connection is served when it has asked for the room's profile. Returns
    /// the commit to wait for.
    fn take_place(&mut self, now: Time, by: &Caller, room: &RoomKey, next_seq: u64, newly: bool) -> u64 {
        let Some(conn) = by.conn() else { return 0 };
        let Some(id) = self.conns.get(&conn).and_then(|state| state.session) else { return 0 };
        self.stop_watching(conn, room);
        let settle = self.limits(room.app).join_settle;
        let Some(session) = self.sessions.get_mut(&id) else { return 0 };
        let mut gate = 0;
        match session.place(room) {
            Some(Place { after: None, .. }) => {}
            Some(place) => {
                (place.after, place.floor, place.returning) = (Some(next_seq - 1), next_seq - 1, false);
            }
            None => {
                session.rooms.push(Place {
                    room: room.clone(),
                    after: Some(next_seq - 1),
                    floor: next_seq - 1,
                    returning: false,
                });
                // A member from an earlier session: the room has no event that tells of the new one.
                if !newly {
                    gate = self.keep_membership(id, room, true);
                }
            }
        }
        self.timers.at(now + settle, Timer::Settle(conn));
        gate
    }

    fn keep_membership(&mut self, session: SessionId, room: &RoomKey, present: bool) -> u64 {
        let account = self.sessions[&session].account;
        let member = self.rooms.get(room).and_then(|hosted| hosted.room.member(account));
        let joined_at = member.map_or(Time::default(), |member| member.joined_at);
        let record = MembershipRecord { session, room: room.clone(), joined_at, present };
        self.gate.keep(Change::Membership(record))
    }

    fn start_watching(&mut self, by: &Caller, room: &RoomKey) {
        let Some(conn) = by.conn() else { return };
        // A member hears the room already, and is counted.
        let session = self.conns.get(&conn).and_then(|state| state.session);
        if session.and_then(|id| self.sessions.get(&id)).is_some_and(|session| session.is_in(room)) {
            return;
        }
        let Some(hosted) = self.rooms.get_mut(room) else { return };
        if hosted.watchers.insert(conn) {
            hosted.room.watch(true);
            self.conns.entry(conn).or_default().watching.push(room.clone());
            self.watch_next = Some((conn, room.clone()));
        }
    }

    /// A watcher that logged in and joined is pushed to from now on, and counted once.
    fn stop_watching(&mut self, conn: ConnId, room: &RoomKey) {
        let Some(hosted) = self.rooms.get_mut(room) else { return };
        if hosted.watchers.remove(&conn) {
            hosted.room.watch(false);
            let gate = hosted.gate;
            if let Some(state) = self.conns.get_mut(&conn) {
                state.watching.retain(|watched| watched != room);
            }
            self.gate.out(gate, Output::Unsubscribe(conn, room.clone()));
        }
    }

    /// What an answer makes possible comes right behind it: nothing is pushed to a joiner before its answer.
    pub(super) fn after_reply(&mut self, now: Time, by: &Caller) {
        if let Some((conn, room)) = self.watch_next.take()
            && let Some(hosted) = self.rooms.get(&room)
        {
            self.gate.out(hosted.gate, Output::Subscribe { conn, room, after: 0, pull: true });
        }
        if let (Some((id, which)), Some(_)) = (self.serve_next.take(), by.conn()) {
            self.serve(now, id, which);
        }
    }

    /// Starts pushing to a session whatever it is in and not yet served.
    pub(super) fn serve(&mut self, now: Time, id: SessionId, which: Serve) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(conn) = session.conn else { return };
        let account = session.account;
        let due = session.rooms.iter_mut().filter(|place| which == Serve::All || !place.returning);
        let waiting: Vec<_> = due.filter_map(|place| Some((place.room.clone(), place.after.take()?))).collect();
        for (room, after) in waiting {
            match self.take_back(now, account, &room) {
                Ok(gate) => self.gate.out(gate, Output::Subscribe { conn, room, after, pull: false }),
                Err(()) => self.give_up(id, &room),
            }
        }
    }

    /// A member whose grace period was over comes in again.
    fn take_back(&mut self, now: Time, account: AccountId, room: &RoomKey) -> Result<u64, ()> {
        let actor = self.account_actor(account);
        let limits = self.limits(room.app);
        let hosted = self.rooms.get(room).ok_or(())?;
        if hosted.room.member(account).is_some() {
            return Ok(hosted.gate);
        }
        let words = self.words(room.app);
        let mut ctx = Context { now, limits: &limits, words: &words, rng: &mut self.rng };
        let join = RoomCommand::Join { history: false };
        let verdict = hosted.room.decide(&mut ctx, &actor, join).map_err(drop)?;
        self.wait_for_account(room, account);
        Ok(self.apply(now, room, verdict.events))
    }

    fn give_up(&mut self, id: SessionId, room: &RoomKey) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.rooms.retain(|place| place.room != *room);
            self.gate.keep(Change::MembershipEnded(id, room.clone()));
        }
    }

    /// A member is out, whatever it was in for.
    pub(super) fn leave(&mut self, now: Time, account: AccountId, room: &RoomKey) {
        let actor = self.account_actor(account);
        let limits = self.limits(room.app);
        let Some(hosted) = self.rooms.get(room) else { return };
        let words = self.words(room.app);
        let mut ctx = Context { now, limits: &limits, words: &words, rng: &mut self.rng };
        let events = hosted.room.lose(&mut ctx, &actor);
        self.wait_for_account(room, account);
        self.apply(now, room, events);
    }

    /// What a room is told names somebody: the room waits until that account is kept as it is named.
    pub(super) fn wait_for_account(&mut self, room: &RoomKey, account: AccountId) {
        let kept_in = self.accounts.get(&account).map_or(0, |account| account.kept_in);
        if let Some(hosted) = self.rooms.get_mut(room) {
            hosted.gate = hosted.gate.max(kept_in);
        }
    }

    /// Makes the events of one room true, has them kept and told. Returns the commit that the room waits for.
    pub(super) fn apply(&mut self, now: Time, room: &RoomKey, events: Vec<RoomEvent>) -> u64 {
        let limits = self.limits(room.app);
        let members: Vec<_> = if events.contains(&RoomEvent::Dismissed) {
            self.rooms.get(room).map(|hosted| hosted.room.members().collect()).unwrap_or_default()
        } else {
            Vec::new()
        };
        for event in &events {
            let Some(hosted) = self.rooms.get_mut(room) else { return 0 };
            hosted.room.apply(now, &limits, event);
            if let Some(news) = news(event) {
                self.gate.keep(Change::RoomNews(room.clone(), now, news));
            }
            if let Some(commit) = self.keep(room, event) {
                self.rooms.get_mut(room).expect("still here").gate = commit;
            }
        }
        let gate = self.rooms[room].gate;
        for event in events {
            self.tell(now, room, gate, event, &members);
        }
        gate
    }

    /// What must be kept of an event; the commit that it goes into, if somebody has to wait for it.
    fn keep(&mut self, room: &RoomKey, event: &RoomEvent) -> Option<u64> {
        let change = match event {
            RoomEvent::CeilingRaised(_)
            | RoomEvent::Changed(_)
            | RoomEvent::BudgetSet(_)
            | RoomEvent::AttributesChanged(_) => Change::Room(Box::new(self.rooms[room].room.record())),
            RoomEvent::Joined(who) => {
                let session = self.accounts.get(&who.account).and_then(|account| account.session)?;
                return Some(self.keep_membership(session, room, true));
            }
            RoomEvent::Left(account) => return self.keep_leaving(*account, room),
            RoomEvent::Muted(user, until) => Change::Mute(room.clone(), user.clone(), *until),
            RoomEvent::Banned(user, until) => Change::Ban(room.clone(), user.clone(), *until),
            RoomEvent::AdminSet(user, admin) => Change::Admin(room.clone(), user.clone(), *admin),
            RoomEvent::MemberFieldSet(user, key, value) => {
                Change::MemberField(room.clone(), user.clone(), key.clone(), value.clone())
            }
            RoomEvent::AttributeSet(key, value) => Change::Attribute(room.clone(), key.clone(), value.clone()),
            RoomEvent::Pinned(pin) => Change::Pinned(room.clone(), pin.clone()),
            RoomEvent::Unpinned(seq) => Change::Unpinned(room.clone(), *seq),
            RoomEvent::WordsSet(words) => Change::Words(room.app, Some(room.room.clone()), words.clone()),
            RoomEvent::TallySet(key, value) => Change::Tally(room.clone(), key.clone(), *value),
            RoomEvent::Recalled(seq) => {
                // What was said and is not kept yet goes before: kept after, it would be there again.
                self.gate.flush_soon();
                Change::Recalled(room.clone(), *seq)
            }
            RoomEvent::Dismissed => Change::RoomGone(room.clone()),
            RoomEvent::Spoke(_)
            | RoomEvent::TookTurn(_)
            | RoomEvent::Taken(..)
            | RoomEvent::Liked
            | RoomEvent::Posted(_)
            | RoomEvent::Told(..)
            | RoomEvent::Dropped(..) => return None,
        };
        Some(self.gate.keep(change))
    }

    /// Who leaves while connected is out. A session that lost its connection remembers the room and is taken back.
    fn keep_leaving(&mut self, account: AccountId, room: &RoomKey) -> Option<u64> {
        let id = self.accounts.get(&account)?.session?;
        let session = self.sessions.get_mut(&id)?;
        if !session.is_in(room) {
            return None;
        }
        let Some(conn) = session.conn else { return Some(self.keep_membership(id, room, false)) };
        let served = session.place(room).is_some_and(|place| place.after.is_none());
        session.rooms.retain(|place| place.room != *room);
        let commit = self.gate.keep(Change::MembershipEnded(id, room.clone()));
        if served {
            self.gate.out(commit, Output::Unsubscribe(conn, room.clone()));
        }
        Some(commit)
    }

    fn tell(&mut self, now: Time, room: &RoomKey, gate: u64, event: RoomEvent, members: &[AccountId]) {
        match event {
            RoomEvent::Posted(posted) => {
                if matches!(posted.post, Post::Message { .. }) && posted.class != Class::Like {
                    self.keep_soon(now, Change::Said(posted.clone()));
                }
                self.counters_changed(now, room);
                self.gate.out(gate, Output::Deliver(posted));
            }
            RoomEvent::Told(user, posted) => {
                if let Some(conn) = self.conn_of(room.app, &user) {
                    self.gate.out(gate, Output::Tell(conn, posted));
                }
            }
            RoomEvent::Liked => self.liked(now, room),
            RoomEvent::Dismissed => {
                self.room_gone(room, gate, members);
                self.shop_leaves(now, room);
            }
            _ => {}
        }
    }

    fn conn_of(&self, app: AppId, user: &UserId) -> Option<ConnId> {
        self.sessions.get(&self.account(app, user)?.session?)?.conn
    }

    fn liked(&mut self, now: Time, room: &RoomKey) {
        self.counters_changed(now, room);
        let every = self.limits(room.app).counter_notice_every;
        let hosted = self.rooms.get_mut(room).expect("liked in it");
        if !std::mem::replace(&mut hosted.likes_timer, true) {
            self.timers.at(now + every, Timer::Likes(room.clone()));
        }
    }

    fn counters_changed(&mut self, now: Time, room: &RoomKey) {
        let hosted = self.rooms.get_mut(room).expect("something happened in it");
        if !std::mem::replace(&mut hosted.counters_dirty, true) {
            let counters = Change::Counters(room.clone(), hosted.room.counters());
            self.keep_soon(now, counters);
        }
    }

    pub(super) fn keep_soon(&mut self, now: Time, change: Change) {
        if self.gate.keep_soon(change) {
            self.timers.at(now + KEEP_SOON, Timer::Flush);
        }
    }

    pub(super) fn flush_soon(&mut self) {
        let dirty = self.rooms.values_mut().filter_map(|hosted| {
            let dirty = std::mem::take(&mut hosted.counters_dirty);
            dirty.then(|| (hosted.room.key().clone(), hosted.room.counters()))
        });
        let mut dirty: Vec<_> = dirty.collect();
        // Not in the order of a hash map: the same inputs give the same run.
        dirty.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (room, counters) in dirty {
            self.gate.keep_soon(Change::Counters(room, counters));
        }
        self.gate.flush_soon();
    }

    fn room_gone(&mut self, room: &RoomKey, gate: u64, members: &[AccountId]) {
        self.gate.out(gate, Output::Forget(room.clone()));
        for account in members {
            let session = self.accounts.get(account).and_then(|account| account.session);
            if let Some(session) = session.and_then(|id| self.sessions.get_mut(&id)) {
                session.rooms.retain(|place| place.room != *room);
            }
        }
        let Some(Hosted { room: gone, watchers, .. }) = self.rooms.remove(room) else { return };
        for conn in watchers {
            if let Some(state) = self.conns.get_mut(&conn) {
                state.watching.retain(|watched| watched != room);
            }
        }
        if let Some(count) = self.rooms_of_app.get_mut(&room.app) {
            *count -= 1;
        }
        let owner = gone.owner().map(|owner| (room.app, owner.clone()));
        if let Some(count) = owner.and_then(|owner| self.owned.get_mut(&owner)) {
            *count -= 1;
        }
    }

    pub(super) fn ring(&mut self, now: Time, timer: Timer) {
        match timer {
            Timer::Grace(account, room) => self.grace_over(now, account, &room),
            Timer::Settle(conn) => {
                if let Some(id) = self.conns.get(&conn).and_then(|state| state.session) {
                    self.serve(now, id, Serve::All);
                }
            }
            Timer::Expiry => self.end_expired_sessions(now),
            Timer::Likes(room) => self.tell_likes(now, &room),
            Timer::Flush => self.flush_soon(),
            Timer::Forget => self.forget_direct(now),
            Timer::Presence => self.tell_presence(now),
            Timer::Shop(app) => self.shop_due(now, app),
            Timer::Stock(app) => self.tell_stock(now, app),
            Timer::Crowd(room, crowd) => self.burst_over(now, room, crowd),
            Timer::Away(account, lost_at) => self.presence_grace_over(now, account, lost_at),
        }
    }

    fn tell_likes(&mut self, now: Time, room: &RoomKey) {
        let limits = self.limits(room.app);
        let teller = self.admin_actor(room.app, &UserId::from(""));
        let words = self.words(room.app);
        let Some(hosted) = self.rooms.get_mut(room) else { return };
        hosted.likes_timer = false;
        let mut ctx = Context { now, limits: &limits, words: &words, rng: &mut self.rng };
        let events = hosted.room.tell_likes(&mut ctx, &teller);
        self.apply(now, room, events);
        // The room was too full to be told: the total is told as soon as there is room.
        let hosted = self.rooms.get_mut(room).expect("just told");
        if hosted.room.likes_untold() && !std::mem::replace(&mut hosted.likes_timer, true) {
            self.timers.at(now + limits.counter_notice_every, Timer::Likes(room.clone()));
        }
    }

    fn member_view(&self, now: Time, room: &Room, user: &UserId) -> MemberView {
        let account = self.account(room.key().app, user);
        let member = account.and_then(|account| room.member(account.id));
        let profile = account.map(|account| account.profile.clone()).unwrap_or_default();
        MemberView {
            user: user.clone(),
            nick: profile.nick.clone(),
            avatar: profile.avatar.clone(),
            role: room.role(user),
            joined_at: member.map_or(Time::default(), |member| member.joined_at),
            muted_until: room.muted_until(user, now),
            fields: room.member_fields(user),
        }
    }

    fn members(&self, now: Time, room: &RoomKey, page: u64) -> Answer {
        let limits = self.limits(room.app);
        let room = &self.rooms[room].room;
        let from = usize::try_from(page).unwrap_or(usize::MAX).min(limits.members_listed_max);
        let to = (from + limits.members_page).min(limits.members_listed_max);
        let newest = room.newest_members().skip(from).take(to - from);
        let users = newest.filter_map(|id| room.member(id)).map(|member| &member.user);
        let members: Vec<_> = users.map(|user| self.member_view(now, room, user)).collect();
        let total = room.members().count();
        let more = from + members.len() < total.min(limits.members_listed_max);
        let next_page = if more { (from + members.len()) as u64 } else { 0 };
        Answer::Members { members, next_page, total: total as u32 }
    }

    fn member_records(&self, now: Time, room: &RoomKey, users: Vec<UserId>) -> Result<(Answer, u64), Refusal> {
        check::users(&users, &self.limits(room.app))?;
        let hosted = &self.rooms[room];
        let views = users.iter().map(|user| self.member_view(now, &hosted.room, user)).collect();
        Ok((Answer::MemberRecords(views), self.gate.latest()))
    }

    fn admins(&self, room: &RoomKey) -> Answer {
        let face = |user: &UserId| {
            let profile = self.account(room.app, user).map(|account| account.profile.clone()).unwrap_or_default();
            (user.clone(), Arc::clone(&profile.nick), Arc::clone(&profile.avatar))
        };
        Answer::Admins(self.rooms[room].room.admins().map(face).collect())
    }
}
