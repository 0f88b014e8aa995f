//! Logins, and what becomes of them when connections come and go.
//!
//! A session belongs to an account and outlives its connections: the official SDKs never join a room again by
//! themselves after a cut, so membership hangs on the session. A session without a connection keeps its rooms for
//! a grace period; then the others hear "quit", but the session still remembers where it was and is taken back in
//! when it returns.

use super::presence::More;
use super::timers::Timer;
use super::{Caller, Engine, KickReason, Output};
use crate::answer::{Answer, LoggedIn, Resumption};
use crate::change::{Change, MembershipRecord, SessionRecord};
use crate::command::{Login, Relogin};
use crate::id::{AccountId, AppId, ConnId, RoomId, RoomKey, SessionId};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::room::check;
use crate::time::Time;
use std::sync::Arc;
use std::time::Duration;

/// A client that does not say what it has seen is told this much again: it drops what it knows by number, and
/// remembers the last 200.
const OVERLAP: u64 = 100;

/// How often sessions whose signature has ended are looked for. Commands of such a session are refused at once; this
/// is how long it may go on listening.
pub(super) const EXPIRY_LOOK: Duration = Duration::from_secs(5);

/// One login.
pub(super) struct Session {
    pub account: AccountId,
    pub instance: Arc<str>,
    pub since: Time,
    pub expires_at: Time,
    pub conn: Option<ConnId>,
    /// When the connection was lost, if it is.
    pub lost_at: Time,
    pub rooms: Vec<Place>,
    /// What only some sessions have.
    pub more: Option<Box<More>>,
}

/// A room that a session is in.
pub(super) struct Place {
    pub room: RoomKey,
    /// Where its connection is served from when it is ready; `None` while it is being served.
    pub after: Option<u64>,
    /// What was said up to here was said before it came in: it is not told that as news.
    pub floor: u64,
    /// It was here before its connection was cut: served when it logs in again and says what it has seen. One that
    /// has just joined is served when it asks for the room's profile.
    pub returning: bool,
}

/// Which of a session's rooms are served.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Serve {
    /// Those that it has just joined.
    Joined,
    /// Those that it came back to as well.
    All,
}

impl Session {
    pub(super) fn more(&mut self, now: Time, limits: &Limits) -> &mut More {
        self.more.get_or_insert_with(|| Box::new(More::new(now, limits)))
    }

    pub(super) fn place(&mut self, room: &RoomKey) -> Option<&mut Place> {
        self.rooms.iter_mut().find(|place| place.room == *room)
    }

    pub(super) fn is_in(&self, room: &RoomKey) -> bool {
        self.rooms.iter().any(|place| place.room == *room)
    }
}

impl<T> Engine<T> {
    pub(super) fn login(&mut self, now: Time, by: &Caller, login: Login) -> Result<(Answer, u64), Refusal> {
        let Some(conn) = by.conn() else { return Err(Refusal::NotAllowed) };
        check::user_id(&login.user)?;
        let known = self.account(login.app, &login.user);
        if known.is_some_and(|account| login.sig_issued_at < account.sigs_valid_from) {
            return Err(Refusal::SignatureRevoked);
        }
        let (account, _) = self.ensure_account(login.app, &login.user);
        self.presence_changes(now, account);
        self.supersede(now, account, conn, &login.instance);
        self.detach_conn(now, conn);
        let (session, gate) = self.begin_session(now, account, conn, login);
        Ok((self.logged_in(now, session, Vec::new()), gate))
    }

    /// A second login of the same user ends the first; only another instance is told so.
    fn supersede(&mut self, now: Time, account: AccountId, conn: ConnId, instance: &str) {
        let Some(old) = self.accounts[&account].session else { return };
        let same_client = self.sessions.get(&old).is_some_and(|session| &*session.instance == instance);
        let grace = self.limits(self.accounts[&account].app).grace;
        let old_conn = self.end_session(now, old, grace);
        if let Some(old_conn) = old_conn.filter(|old_conn| *old_conn != conn && !same_client) {
            // At once, although the login is not kept yet: what the old client asks next is refused at once too, and a
            // client that hears the refusal first takes its signature for expired.
            self.gate.out(0, Output::Kick(old_conn, KickReason::OtherLogin));
        }
    }

    fn begin_session(&mut self, now: Time, account: AccountId, conn: ConnId, login: Login) -> (SessionId, u64) {
        let id = SessionId(self.rng.next_u64() >> 1);
        let record = SessionRecord {
            session: id,
            account,
            instance: login.instance.clone(),
            since: now,
            expires_at: login.sig_expires_at,
        };
        let session = Session {
            account,
            instance: login.instance,
            since: now,
            expires_at: login.sig_expires_at,
            conn: Some(conn),
            lost_at: now,
            rooms: Vec::new(),
            more: None,
        };
        self.sessions.insert(id, session);
        self.accounts.get_mut(&account).expect("made sure by login").session = Some(id);
        self.conns.entry(conn).or_default().session = Some(id);
        (id, self.gate.keep(Change::Session(record)))
    }

    pub(super) fn relogin(&mut self, now: Time, by: &Caller, relogin: Relogin) -> Result<(Answer, u64), Refusal> {
        let Caller::Conn { conn, app, token: Some((id, since)) } = by else { return Err(Refusal::NotLoggedIn) };
        self.bind(now, *conn, *app, *id, *since)?;
        let app = *app;
        let mut resumed = Vec::new();
        for (room, seen) in relogin.resume.into_iter().flatten().take(self.limits(app).rooms_per_session_max) {
            let how = self.resume(now, *id, &super::key(app, &room), seen);
            resumed.push((room, how));
        }
        self.serve_next = Some((*id, Serve::All));
        Ok((self.logged_in(now, *id, resumed), 0))
    }

    /// Notes where a session goes on in a room that it is still in.
    fn resume(&mut self, now: Time, id: SessionId, room: &RoomKey, seen: u64) -> Resumption {
        if !self.may_be_in(now, id, room) {
            return Resumption::NotMember;
        }
        let place = self.sessions.get_mut(&id).and_then(|session| session.place(room));
        match place {
            Some(Place { after: Some(after), .. }) => {
                *after = seen;
                Resumption::Member { after: seen }
            }
            // Served already: the connection never went away.
            Some(Place { after: None, .. }) => Resumption::Member { after: seen },
            None => Resumption::NotMember,
        }
    }

    fn may_be_in(&self, now: Time, id: SessionId, room: &RoomKey) -> bool {
        let Some(session) = self.sessions.get(&id) else { return false };
        let user = &self.accounts[&session.account].user;
        let welcome =
            self.rooms.get(room).is_some_and(|hosted| hosted.room.banned_until(user, now) == Time::default());
        welcome && session.is_in(room)
    }

    fn logged_in(&self, now: Time, id: SessionId, resumed: Vec<(RoomId, Resumption)>) -> Answer {
        let session = &self.sessions[&id];
        Answer::LoggedIn(LoggedIn {
            app: self.accounts[&session.account].app,
            account: session.account,
            session: id,
            since: session.since,
            expires_at: session.expires_at,
            now,
            presence_text: session.more.as_ref().map_or_else(|| "".into(), |more| more.text.clone()),
            resumed,
        })
    }

    pub(super) fn logout(&mut self, now: Time, by: &Caller) -> Answer {
        // A superseded session logs out after it was told to go: that is no error, and it must not take down the
        // session that replaced it.
        if let Caller::Conn { token: Some((id, since)), .. } = by
            && self.sessions.get(id).is_some_and(|session| session.since == *since)
        {
            self.end_session(now, *id, Duration::ZERO);
        }
        Answer::Done
    }

    /// Binds a connection to the session that its token names.
    pub(super) fn bind(
        &mut self,
        now: Time,
        conn: ConnId,
        app: AppId,
        id: SessionId,
        since: Time,
    ) -> Result<AccountId, Refusal> {
        let session = self.sessions.get(&id).filter(|session| session.since == since);
        let session = session.filter(|session| self.accounts[&session.account].app == app);
        let session = session.filter(|session| session.expires_at > now).ok_or(Refusal::SessionEnded)?;
        let account = session.account;
        if session.conn != Some(conn) {
            self.attach(now, conn, id);
        }
        Ok(account)
    }

    fn attach(&mut self, now: Time, conn: ConnId, id: SessionId) {
        self.presence_changes(now, self.sessions[&id].account);
        self.detach_session(now, id);
        self.detach_conn(now, conn);
        self.conns.entry(conn).or_default().session = Some(id);
        let settle = self.limits(self.accounts[&self.sessions[&id].account].app).join_settle;
        self.sessions.get_mut(&id).expect("bound").conn = Some(conn);
        // The client logs in again in a moment and says what it has seen; one that does not is served anyway.
        self.timers.at(now + settle, Timer::Settle(conn));
    }

    /// A connection leaves its session, which goes on without it.
    fn detach_conn(&mut self, now: Time, conn: ConnId) {
        if let Some(id) = self.conns.get_mut(&conn).and_then(|state| state.session.take()) {
            self.detach_session(now, id);
        }
    }

    fn detach_session(&mut self, now: Time, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(conn) = session.conn.take() else { return };
        session.lost_at = now;
        let account = session.account;
        let mut left = Vec::new();
        for place in &mut session.rooms {
            if place.after.is_none() {
                let next = self.rooms.get(&place.room).map_or(0, |hosted| hosted.room.next_seq());
                place.after = Some(next.saturating_sub(1 + OVERLAP).max(place.floor));
                place.returning = true;
                left.push(place.room.clone());
            }
        }
        let rooms: Vec<_> = session.rooms.iter().map(|place| place.room.clone()).collect();
        if let Some(state) = self.conns.get_mut(&conn) {
            state.session = None;
        }
        for room in left {
            let gate = self.rooms.get(&room).map_or(0, |hosted| hosted.gate);
            self.gate.out(gate, Output::Unsubscribe(conn, room));
        }
        let grace = self.limits(self.accounts[&account].app).grace;
        for room in rooms {
            self.timers.at(now + grace, Timer::Grace(account, room));
        }
        self.watch_for_absence(account);
    }

    pub(super) fn closed(&mut self, now: Time, conn: ConnId) {
        self.detach_conn(now, conn);
        let Some(state) = self.conns.remove(&conn) else { return };
        for room in state.watching {
            let Some(hosted) = self.rooms.get_mut(&room) else { continue };
            if hosted.watchers.remove(&conn) {
                hosted.room.watch(false);
                self.gate.out(hosted.gate, Output::Unsubscribe(conn, room));
            }
        }
    }

    /// Ends a session for good. Its rooms are left after `grace`, unless the user is back by then. Returns the
    /// connection that it had.
    pub(super) fn end_session(&mut self, now: Time, id: SessionId, grace: Duration) -> Option<ConnId> {
        let session = self.sessions.get(&id)?;
        let (account, conn) = (session.account, session.conn);
        self.presence_changes(now, account);
        self.end_subscriptions(id);
        let session = self.sessions.get(&id)?;
        let rooms: Vec<_> = session.rooms.iter().map(|place| (place.room.clone(), place.after.is_none())).collect();
        for (room, served) in rooms {
            if grace.is_zero() {
                self.leave(now, account, &room);
            } else {
                if let Some(conn) = conn.filter(|_| served) {
                    let gate = self.rooms.get(&room).map_or(0, |hosted| hosted.gate);
                    self.gate.out(gate, Output::Unsubscribe(conn, room.clone()));
                }
                self.timers.at(now + grace, Timer::Grace(account, room));
            }
        }
        self.sessions.remove(&id);
        if let Some(account) = self.accounts.get_mut(&account) {
            account.session = account.session.filter(|current| *current != id);
        }
        if let Some(state) = conn.and_then(|conn| self.conns.get_mut(&conn)) {
            state.session = None;
        }
        self.gate.keep(Change::SessionEnded(id));
        conn
    }

    /// Ends the sessions whose signature has ended; their clients hear it with their next command.
    ///
    /// A look at all of them now and then, not a timer for each: signatures are good for months, and most sessions
    /// end otherwise long before.
    pub(super) fn end_expired_sessions(&mut self, now: Time) {
        let expired = self.sessions.iter().filter(|(_, session)| session.expires_at <= now);
        let mut expired: Vec<_> = expired.map(|(id, _)| *id).collect();
        // Not in the order of a hash map: the same inputs give the same run.
        expired.sort_unstable();
        for id in expired {
            self.end_session(now, id, Duration::ZERO);
        }
        self.timers.at(now + EXPIRY_LOOK, Timer::Expiry);
    }

    /// The grace period of a member is over: out, unless it is back.
    pub(super) fn grace_over(&mut self, now: Time, account: AccountId, room: &RoomKey) {
        let session = self.accounts.get(&account).and_then(|account| account.session);
        let session = session.and_then(|id| self.sessions.get(&id)).filter(|session| session.is_in(room));
        let grace = self.limits(room.app).grace;
        let back = session.is_some_and(|session| session.conn.is_some() || session.lost_at + grace > now);
        if !back {
            self.leave(now, account, room);
        }
    }

    pub(super) fn restore_session(&mut self, now: Time, kept: SessionRecord) {
        let Some(account) = self.accounts.get_mut(&kept.account) else { return };
        account.session = Some(kept.session);
        let session = Session {
            account: kept.account,
            instance: kept.instance,
            since: kept.since,
            expires_at: kept.expires_at,
            conn: None,
            lost_at: now,
            rooms: Vec::new(),
            more: None,
        };
        self.sessions.insert(kept.session, session);
    }

    /// Puts a session back into a room; `floor` is the last number said there before it came in.
    pub(super) fn restore_membership(&mut self, now: Time, kept: MembershipRecord, floor: u64) {
        let limits = self.limits(kept.room.app);
        let Some(session) = self.sessions.get_mut(&kept.session) else { return };
        let Some(hosted) = self.rooms.get_mut(&kept.room) else { return };
        // What was said up to the restart may not have arrived; it is told again and known numbers are dropped.
        session.rooms.push(Place { room: kept.room.clone(), after: Some(floor), floor, returning: true });
        if kept.present {
            session.lost_at = now + limits.restart_grace.saturating_sub(limits.grace);
            let face = self.accounts[&session.account].face();
            hosted.room.restore_member(&face, kept.joined_at, &limits);
            self.timers.at(now + limits.restart_grace, Timer::Grace(session.account, kept.room));
        }
    }
}
