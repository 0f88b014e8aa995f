//! From bytes to questions, and from answers to bytes.

use super::conn::{Conn, Parked, Phase};
use super::{READ_BYTES, Shard};
use crate::letters::Ticket;
use crate::media::Question;
use crate::metrics::Metrics;
use hawker_core::answer::{Answer, RoomView};
use hawker_core::command::{Command, Login, Relogin, RoomCommand};
use hawker_core::engine::{Caller, Input};
use hawker_core::{ConnId, Refusal, RoomId};
use hawker_wire::tencent::decode::{Asked, Context, MediaQuestion, Poll, Shape, Via, decode};
use hawker_wire::tencent::envelope::{self, Envelope, Head, outcome_body};
use hawker_wire::tencent::error::{Family, WireError, wire_error};
use hawker_wire::tencent::push::WireItem;
use hawker_wire::tencent::reply::{self, Extras, ResumeStatus};
use hawker_wire::ws::{self, Frame, Message, Opcode, Violation};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

/// Head of a frame: the most that a frame is larger than its payload.
const FRAME_HEAD_BYTES: usize = 14;

impl Shard {
    /// A socket has something to read.
    pub(super) fn read(&mut self, slot: usize) {
        let mut buffer = std::mem::take(&mut self.buffer);
        match self.read_once(slot, &mut buffer) {
            Ok(0) => self.close(slot),
            Ok(read) => {
                if read == READ_BYTES {
                    self.unread.push(slot);
                }
                match self.conns[slot].phase {
                    Phase::Open => self.take_bytes(slot, &mut buffer[..read]),
                    Phase::Handshake => self.shake_hands(slot, &buffer[..read]),
                    Phase::Closing { reads_left: 0 } => self.close(slot),
                    Phase::Closing { reads_left } => {
                        self.conns[slot].phase = Phase::Closing { reads_left: reads_left - 1 };
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.close(slot),
        }
        self.buffer = buffer;
    }

    fn read_once(&mut self, slot: usize, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(conn) = self.conns.get_mut(slot) else { return Err(io::ErrorKind::WouldBlock.into()) };
        loop {
            match (&conn.stream).read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    /// The socket takes bytes again.
    pub(super) fn drain(&mut self, slot: usize) {
        let Some(conn) = self.conns.get_mut(slot) else { return };
        if conn.outbox.is_some() && conn.drain(&self.framer, self.now).is_err() {
            self.close(slot);
        }
    }

    /// Bytes of an open connection, in a buffer that may be written to.
    pub(super) fn take_bytes(&mut self, slot: usize, bytes: &mut [u8]) {
        let Some(conn) = self.conns.get_mut(slot) else { return };
        if conn.partial.is_empty() {
            let used = self.take_frames(slot, bytes);
            self.keep_partial(slot, &bytes[used..]);
        } else {
            let mut whole = std::mem::take(&mut conn.partial);
            whole.extend_from_slice(bytes);
            let used = self.take_frames(slot, &mut whole);
            self.keep_partial(slot, &whole[used..]);
        }
    }

    fn keep_partial(&mut self, slot: usize, rest: &[u8]) {
        let Some(conn) = self.conns.get_mut(slot) else { return };
        if !rest.is_empty() {
            let whole = ws::frame_size(rest).unwrap_or(0);
            let most = self.shared.config.connection.frame_bytes_max + FRAME_HEAD_BYTES;
            conn.partial = Vec::with_capacity(whole.min(most).max(rest.len()));
            conn.partial.extend_from_slice(rest);
        }
    }

    /// Takes whole frames off the front; returns how many bytes they were.
    fn take_frames(&mut self, slot: usize, bytes: &mut [u8]) -> usize {
        let payload_max = self.shared.config.connection.frame_bytes_max;
        let mut used = 0;
        while used < bytes.len() {
            let rest = &mut bytes[used..];
            let taken = match ws::parse(rest, payload_max) {
                Ok(None) => break,
                Ok(Some(frame)) => {
                    used += frame.end;
                    let payload = &rest[frame.start..frame.end];
                    self.take_frame(slot, &frame, payload)
                }
                Err(violation) => Err(violation),
            };
            if let Err(violation) = taken {
                Metrics::bump(&self.shared.metrics.protocol_violations_total);
                self.close_with(slot, violation.code, violation.reason);
            }
            if self.conns.get_mut(slot).is_none_or(|conn| conn.phase != Phase::Open) {
                return bytes.len();
            }
        }
        used
    }

    fn take_frame(&mut self, slot: usize, frame: &Frame, payload: &[u8]) -> Result<(), Violation> {
        match frame.opcode {
            Opcode::Ping | Opcode::Pong => {
                // They cost as much as a request, so they count as one.
                if self.throttle(slot)? && frame.opcode == Opcode::Ping {
                    self.send_frame(slot, ws::pong(payload).into());
                }
            }
            Opcode::Close => self.close_with(slot, ws::close_answer(payload), ""),
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let whole = frame.fin && frame.opcode != Opcode::Continuation;
                if whole && self.conns[slot].fragments.is_none() {
                    return self.take_message(slot, payload);
                }
                self.throttle(slot)?;
                let max = self.shared.config.connection.frame_bytes_max;
                let mut fragments = self.conns[slot].fragments.take().unwrap_or_default();
                match fragments.take(frame, payload, max)? {
                    Message::Incomplete => self.conns[slot].fragments = Some(fragments),
                    Message::Whole(message, _) => self.take_message(slot, message)?,
                    Message::Joined(message, _) => self.take_message(slot, &message)?,
                }
            }
        }
        Ok(())
    }

    fn take_message(&mut self, slot: usize, message: &[u8]) -> Result<(), Violation> {
        let text = std::str::from_utf8(message);
        let text = text.map_err(|_| Violation { code: ws::close::NOT_UTF8, reason: "the message is not UTF-8" })?;
        Metrics::bump(&self.shared.metrics.requests_total);
        let envelope = match Envelope::parse(text) {
            Ok(envelope) => envelope,
            Err(error) => {
                self.throttle(slot)?;
                self.send_text(slot, &envelope::reply("", 0, &outcome_body(60003, &error.to_string())));
                return Ok(());
            }
        };
        let head = &envelope.head;
        if !self.throttle(slot)? {
            self.refuse(slot, head, &WireError::new(60007, "too many requests, slow down"));
            return Ok(());
        }
        let ctx = Context { via: Via::Socket, app: self.conns[slot].app, now: self.now };
        match decode(ctx, &head.servcmd, envelope.body()) {
            Ok(asked) => self.asked(slot, head, asked),
            Err(error) => self.refuse(slot, head, &error),
        }
        Ok(())
    }

    /// Whether the connection may ask now. One that goes on asking too often is closed.
    fn throttle(&mut self, slot: usize) -> Result<bool, Violation> {
        let bounds = &self.shared.config.connection;
        let conn = &mut self.conns[slot];
        if conn.may_ask(self.now, bounds.requests_per_second) && conn.in_flight < bounds.requests_waiting_max {
            return Ok(true);
        }
        Metrics::bump(&self.shared.metrics.requests_throttled_total);
        conn.warnings += 1;
        if conn.warnings <= bounds.flood_warnings_max {
            return Ok(false);
        }
        Metrics::bump(&self.shared.metrics.floods_closed_total);
        Err(Violation { code: ws::close::POLICY, reason: "too many requests" })
    }

    fn asked(&mut self, slot: usize, head: &Head<'_>, asked: Asked) {
        match asked {
            Asked::Always(body) => {
                self.send_text(slot, &envelope::reply(&head.servcmd, head.seq, &body));
            }
            Asked::Login(resume) => match self.login(slot, head, resume) {
                Ok(command) => self.ask(slot, head, command, Shape::Plain),
                Err(error) => self.refuse(slot, head, &error),
            },
            Asked::Rules(command, shape) => self.ask(slot, head, command, shape),
            Asked::Poll(poll) => self.poll(slot, head, poll),
        }
    }

    fn refuse(&mut self, slot: usize, head: &Head<'_>, error: &WireError) {
        let body = outcome_body(error.code, &error.info);
        self.send_text(slot, &envelope::reply(&head.servcmd, head.seq, &body));
    }

    /// A first login shows a signature, one that comes back its token.
    fn login(
        &self,
        slot: usize,
        head: &Head<'_>,
        resume: Option<Vec<(RoomId, u64)>>,
    ) -> Result<Command, WireError> {
        let conn = &self.conns[slot];
        if !head.a2.is_empty() {
            let token = self.shared.tokens.check(conn.app, &head.a2);
            let (session, _) = token.ok_or_else(|| wire_error(&Refusal::SessionEnded, Family::Login))?;
            return Ok(Command::Relogin(Relogin { session, resume }));
        }
        let verified = self.shared.verify(conn.app, &head.identifier, &head.usersig);
        let verified = verified.map_err(|bad| WireError::new(bad.code(), bad.to_string()))?;
        Ok(Command::Login(Login {
            app: conn.app,
            user: verified.user,
            sig_issued_at: verified.issued_at,
            sig_expires_at: verified.expires_at,
            instance: conn.instance.clone().unwrap_or_else(|| "".into()),
        }))
    }

    fn ask(&mut self, slot: usize, head: &Head<'_>, command: Command, shape: Shape) {
        let conn = self.conns.id_of(slot);
        let ticket = Ticket::Conn { conn, seq: head.seq, servcmd: (&*head.servcmd).into(), shape };
        match self.caller(slot, head) {
            Ok(by) => {
                self.conns[slot].in_flight += 1;
                self.question(slot, by, ticket, command);
            }
            // A session that is over may always log out.
            Err(_) if command == Command::Logout => {
                self.send_text(slot, &envelope::reply(&head.servcmd, head.seq, &outcome_body(0, "")));
            }
            Err(error) => self.refuse(slot, head, &error),
        }
    }

    fn question(&mut self, slot: usize, by: Caller, ticket: Ticket, command: Command) {
        self.conns[slot].known_to_hub = true;
        self.questions.push(Input::Asked { by, ticket, command });
    }

    /// Who asks. A token that is there must be good.
    fn caller(&self, slot: usize, head: &Head<'_>) -> Result<Caller, WireError> {
        let app = self.conns[slot].app;
        if !self.shared.apps.contains_key(&app) && head.usersig.is_empty() {
            return Err(WireError::new(60006, "unknown SDKAppID"));
        }
        let token = match &*head.a2 {
            "" => None,
            a2 => {
                let token = self.shared.tokens.check(app, a2);
                Some(token.ok_or_else(|| wire_error(&Refusal::SessionEnded, Family::Login))?)
            }
        };
        Ok(Caller::Conn { conn: self.conns.id_of(slot), app, token })
    }

    fn poll(&mut self, slot: usize, head: &Head<'_>, poll: Poll) {
        let by = match self.caller(slot, head) {
            Ok(by) => by,
            Err(error) => return self.refuse(slot, head, &error),
        };
        if self.conns[slot].parked.is_some() {
            // One poll at a time: the older one is answered with nothing new.
            let id = self.conns.id_of(slot);
            self.answer_empty(id);
        }
        let number = self.polled_room(slot, poll.room.as_str());
        let until = self.now + Duration::from_secs(self.shared.config.connection.poll_hold_secs);
        self.conns[slot].parked = Some(Box::new(Parked {
            seq: head.seq,
            servcmd: (&*head.servcmd).into(),
            room: poll.room.as_str().into(),
            number,
            start_seq: poll.start_seq,
            until,
        }));
        let id = self.conns.id_of(slot);
        self.polls.push_back((until, id));
        match number {
            Some(number) => self.serve_poll(slot, number),
            // A viewer that comes back polls without joining again.
            None => self.question(slot, by, Ticket::Poll(id), Command::Room(poll.room, RoomCommand::Watch)),
        }
    }

    /// The hub's answer to one of our connections.
    #[allow(clippy::too_many_arguments, reason = "the fields of one letter")]
    pub(super) fn reply(
        &mut self,
        id: ConnId,
        seq: u64,
        servcmd: &str,
        shape: &Shape,
        answer: Result<Answer, Refusal>,
        resumed: &[(RoomId, ResumeStatus)],
        history: &[Arc<WireItem>],
    ) {
        let Some(slot) = self.conns.find(id) else { return };
        let answer = match (answer, shape) {
            (Ok(Answer::RoomProfiles(views)), Shape::Media(what)) => {
                return self.ask_media(slot, (id, seq, servcmd), *what, views);
            }
            (answer, _) => answer,
        };
        let body = match &answer {
            Ok(Answer::Account { app, user }) if let Shape::Upload(upload) = shape => {
                self.shared.upload_answer(*app, user, upload, self.conns[slot].origin.as_deref())
            }
            Ok(answer) => {
                let token = match answer {
                    Answer::LoggedIn(login) => self.shared.tokens.issue(login.app, login.session, login.since),
                    _ => String::new(),
                };
                let hello_secs = self.shared.config.session.hello_secs;
                reply::body(answer, shape, &Extras { token: &token, hello_secs, resumed, history })
            }
            Err(refusal) => {
                let service = servcmd.split('.').next().unwrap_or("");
                let error = wire_error(refusal, Family::of(service));
                outcome_body(error.code, &error.info)
            }
        };
        self.reply_written(id, seq, servcmd, &body);
    }

    /// A question about live video: its keys are on disk, for which no shard waits.
    fn ask_media(
        &mut self,
        slot: usize,
        (conn, seq, servcmd): (ConnId, u64, &str),
        what: MediaQuestion,
        mut views: Vec<Result<RoomView, (RoomId, Refusal)>>,
    ) {
        let view = views.pop().map_or(Err(Refusal::RoomMissing), |view| view.map_err(|(_, refusal)| refusal));
        let Conn { app, origin, .. } = &self.conns[slot];
        let (app, origin) = (*app, origin.clone());
        let question = Question { conn, seq, servcmd: servcmd.into(), app, what, view, origin };
        if !self.shared.media.ask(question) {
            self.reply_written(conn, seq, servcmd, &outcome_body(60008, "too many ask at once, try again"));
        }
    }

    /// An answer for one of our connections.
    pub(super) fn reply_written(&mut self, id: ConnId, seq: u64, servcmd: &str, body: &str) {
        let Some(slot) = self.conns.find(id) else { return };
        let conn = &mut self.conns[slot];
        conn.in_flight = conn.in_flight.saturating_sub(1);
        let text = self.conns[slot].text_frame(&envelope::reply(servcmd, seq, body));
        match self.replies.last_mut() {
            Some((last, frames)) if *last == id => frames.extend_from_slice(&text),
            _ => self.replies.push((id, text)),
        }
    }

    /// Sends the answers that have gathered: those of one connection together.
    pub(super) fn send_replies(&mut self) {
        for (id, frames) in std::mem::take(&mut self.replies) {
            if let Some(slot) = self.conns.find(id) {
                self.send_frame(slot, frames.into());
            }
        }
    }
}
