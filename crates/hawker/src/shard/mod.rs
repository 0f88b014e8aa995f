//! A shard: a thread that owns sockets.
//!
//! It reads requests from its connections, hands them to the hub, and writes replies and pushes. A push to a room is
//! one pass over the room's members here, each a single `send` of shared bytes: no task, channel slot or allocation
//! per viewer and message. Whatever a connection needs beyond its slot exists only while it is needed: a buffer
//! while a frame is half-way in, an outbox while the socket is full.

mod conn;
mod handshake;
mod requests;
mod rooms;

use crate::framer::PushFramer;
use crate::gateway::Handover;
use crate::letters::{RoomNo, Ticket, ToShard};
use crate::metrics::Metrics;
use crate::queues::{Inbox, Mailbox};
use crate::shared::Shared;
use conn::{Conn, Conns, Phase};
use hawker_core::engine::Input;
use hawker_core::{ConnId, Time};
use hawker_wire::ws;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use rooms::RoomFeed;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

const WAKER: Token = Token(usize::MAX);

/// One read: a busy connection may not keep the others waiting longer than this takes.
const READ_BYTES: usize = 64 * 1024;

/// A connection that was told why it ends may take this long to hear it.
const CLOSING: Duration = Duration::from_secs(2);

/// And may send this many times 64 KiB meanwhile.
const CLOSING_READS_MAX: u8 = 16;

/// A shard looks for stalled connections this often.
const STALL_CHECK: Duration = Duration::from_secs(1);

/// See the module.
pub struct Shard {
    poll: Poll,
    mailbox: Arc<Mailbox>,
    inbox: Arc<Inbox>,
    shared: Arc<Shared>,
    handover: Handover,
    framer: PushFramer,
    conns: Conns,
    rooms: HashMap<RoomNo, RoomFeed>,
    /// Rooms with something to send.
    pending: Vec<RoomNo>,
    /// Connections that may have more to read.
    unread: Vec<usize>,
    /// Connections whose socket is full.
    blocked: Vec<ConnId>,
    /// Connections that must say what they want, by when.
    handshakes: VecDeque<(Time, ConnId)>,
    /// Connections that were told why they end, and until when they may read it.
    closing: VecDeque<(Time, ConnId)>,
    /// Polls that must be answered, by when.
    polls: VecDeque<(Time, ConnId)>,
    questions: Vec<Input<Ticket>>,
    /// Answers that are about to be sent.
    replies: Vec<(ConnId, Vec<u8>)>,
    /// How the last client reached this server, to be shared with the next.
    last_origin: Option<Arc<str>>,
    buffer: Vec<u8>,
    now: Time,
    stall_check_at: Time,
    stopping: bool,
}

impl Shard {
    /// Sets a shard up and returns it with its mailbox.
    pub fn new(
        number: usize,
        shared: Arc<Shared>,
        inbox: Arc<Inbox>,
        handover: Handover,
    ) -> io::Result<(Self, Arc<Mailbox>)> {
        let poll = Poll::new()?;
        let mailbox = Arc::new(Mailbox::new(Waker::new(poll.registry(), WAKER)?));
        let now = shared.clock.now();
        let shard = Self {
            poll,
            mailbox: mailbox.clone(),
            inbox,
            framer: PushFramer::new(&shared.config),
            shared,
            handover,
            conns: Conns::new(number),
            rooms: HashMap::new(),
            pending: Vec::new(),
            unread: Vec::new(),
            blocked: Vec::new(),
            handshakes: VecDeque::new(),
            closing: VecDeque::new(),
            polls: VecDeque::new(),
            questions: Vec::new(),
            replies: Vec::new(),
            last_origin: None,
            buffer: vec![0; READ_BYTES],
            now,
            stall_check_at: now,
            stopping: false,
        };
        Ok((shard, mailbox))
    }

    /// Runs until told to stop.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        while !self.stopping {
            let wait = self.wait();
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            }
            self.now = self.shared.clock.now();
            for slot in std::mem::take(&mut self.unread) {
                self.read(slot);
            }
            for event in &events {
                let Token(slot) = event.token();
                if event.token() == WAKER {
                    continue;
                }
                if event.is_writable() {
                    self.drain(slot);
                }
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    self.read(slot);
                }
                // The end of the stream came with the last bytes: only this event tells of both.
                if event.is_read_closed() {
                    self.unread.push(slot);
                }
            }
            for letter in self.mailbox.take() {
                self.open(letter);
            }
            self.send_replies();
            self.flush_due_rooms();
            self.run_deadlines();
            self.inbox.ask(&mut self.questions);
        }
        self.goodbye();
        Ok(())
    }

    /// How long to sleep if nothing happens.
    fn wait(&self) -> Duration {
        if !self.unread.is_empty() {
            return Duration::ZERO;
        }
        let now = self.shared.clock.now();
        let rooms = self.pending.iter().filter_map(|room| self.rooms.get(room)?.feed.due_at());
        let deadlines = [self.handshakes.front(), self.closing.front(), self.polls.front()];
        let deadlines = deadlines.into_iter().flatten().map(|(at, _)| *at);
        let stalled = (!self.blocked.is_empty()).then_some(self.stall_check_at);
        let next = rooms.chain(deadlines).chain(stalled).min();
        next.map_or(Duration::from_secs(5), |at| at.since(now))
    }

    fn open(&mut self, letter: ToShard) {
        // Answers may wait for each other, but nothing may overtake them.
        if !matches!(letter, ToShard::Reply { .. } | ToShard::Item(..)) {
            self.send_replies();
        }
        match letter {
            ToShard::Accepted(stream) => self.accept(stream),
            ToShard::Upgraded(stream, upgrade, sent) => self.adopt(stream, *upgrade, &sent),
            ToShard::Reply { conn, seq, servcmd, shape, answer, resumed, history } => {
                self.reply(conn, seq, &servcmd, &shape, *answer, &resumed, &history);
            }
            ToShard::Written { conn, seq, servcmd, body } => self.reply_written(conn, seq, &servcmd, &body),
            ToShard::PollRefused(conn, refusal) => self.refuse_poll(conn, &refusal),
            ToShard::Subscribe { conn, number, room, backlog, lost, pull } => {
                self.subscribe(conn, number, room, backlog, lost, pull);
            }
            ToShard::Unsubscribe(conn, room) => self.unsubscribe(conn, room),
            ToShard::Forget(room) => self.forget(room),
            ToShard::Item(room, item) => self.hear(room, item),
            ToShard::Recalled(room, seqs) => self.forget_messages(room, &seqs),
            ToShard::Tell(conn, item) => self.tell(conn, &item),
            ToShard::Kick(conn, reason) => self.kick(conn, reason),
            ToShard::Stop => self.stopping = true,
        }
    }

    fn accept(&mut self, stream: std::net::TcpStream) {
        let Some(id) = self.register(stream, Phase::Handshake) else { return };
        self.handshakes.push_back((self.shared.config.handshake_deadline(self.now), id));
    }

    fn register(&mut self, stream: std::net::TcpStream, phase: Phase) -> Option<ConnId> {
        let mut stream = TcpStream::from_std(stream);
        let slot = self.conns.next_slot();
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(slot), interest).ok()?;
        let rate = self.shared.config.connection.requests_per_second;
        Some(self.conns.insert(Conn::new(stream, phase, self.now, rate)))
    }

    /// Ends a connection.
    fn close(&mut self, slot: usize) {
        self.part(slot);
        let Some((_, mut conn)) = self.conns.remove(slot) else { return };
        let _ = self.poll.registry().deregister(&mut conn.stream);
        self.shared.metrics.connections.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// Takes a connection out of its rooms; the hub hears of it if it ever asked something.
    fn part(&mut self, slot: usize) {
        let Some(conn) = self.conns.get_mut(slot) else { return };
        let subs = std::mem::take(&mut conn.subs);
        let known_to_hub = std::mem::take(&mut conn.known_to_hub);
        for sub in &subs {
            self.leave_room(sub);
        }
        if known_to_hub {
            self.questions.push(Input::Closed(self.conns.id_of(slot)));
        }
    }

    /// Ends a connection with a reason, as far as its socket still takes one.
    ///
    /// Closing a socket with unread bytes in it resets the connection, and the reason may be lost with it: so only
    /// our direction is shut, and the peer gets a moment to hear it.
    fn close_with(&mut self, slot: usize, code: u16, reason: &str) {
        self.part(slot);
        let Some(conn) = self.conns.get_mut(slot) else { return };
        let told = conn.phase == Phase::Open
            && conn.outbox.is_none()
            && conn.send_now(&ws::close_frame(code, reason)).is_ok_and(|written| written > 0)
            && conn.stream.shutdown(std::net::Shutdown::Write).is_ok();
        if !told {
            return self.close(slot);
        }
        conn.phase = Phase::Closing { reads_left: CLOSING_READS_MAX };
        self.closing.push_back((self.now + CLOSING, self.conns.id_of(slot)));
    }

    fn run_deadlines(&mut self) {
        while let Some((_, id)) = self.handshakes.pop_front_if(|(at, _)| *at <= self.now) {
            if self.conns.find(id).is_some_and(|slot| self.conns[slot].phase == Phase::Handshake) {
                Metrics::bump(&self.shared.metrics.handshakes_timed_out_total);
                self.close(self.conns.slot(id));
            }
        }
        while let Some((_, id)) = self.closing.pop_front_if(|(at, _)| *at <= self.now) {
            if let Some(slot) = self.conns.find(id) {
                self.close(slot);
            }
        }
        while let Some((_, id)) = self.polls.pop_front_if(|(at, _)| *at <= self.now) {
            self.poll_held_long_enough(id);
        }
        if !self.blocked.is_empty() && self.now >= self.stall_check_at {
            self.stall_check_at = self.now + STALL_CHECK;
            self.close_stalled();
        }
    }

    fn close_stalled(&mut self) {
        let patience = Duration::from_secs(self.shared.config.connection.stalled_secs);
        let mut blocked = std::mem::take(&mut self.blocked);
        // A connection that was blocked several times is there several times.
        blocked.sort_unstable();
        blocked.dedup();
        for id in blocked {
            let Some(slot) = self.conns.find(id) else { continue };
            let Some(outbox) = &self.conns[slot].outbox else { continue };
            if self.now.since(outbox.progress_at) < patience {
                self.blocked.push(id);
            } else {
                Metrics::bump(&self.shared.metrics.slow_closed_total);
                self.close(slot);
            }
        }
    }

    /// Tells everybody that the server stops: they come back and resume.
    fn goodbye(&mut self) {
        for slot in self.conns.slots() {
            self.close_with(slot, ws::close::RESTART, "the server restarts, come back");
        }
    }
}
