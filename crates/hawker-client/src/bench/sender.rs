//! The one who speaks in a benched room: a plain blocking connection that can put many requests into one write.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{BenchError, PATIENCE};
use crate::protocol::{self, Frame, Head};
use crate::swarm::{frame, stamped_text, sys};
use crate::usersig::user_sig;

const SEND: &str = "group_open_http_svc.send_group_msg";

/// What is pushed into the room comes back to the sender too, and is known by this word near its beginning.
const PUSH: &[u8] = b"im_open_push";
const PUSH_WITHIN: usize = 64;

pub(super) struct Sender {
    socket: TcpStream,
    sdk_app_id: u64,
    user: String,
    user_sig: String,
    a2: String,
    tiny_id: String,
    room: String,
    seq: u64,
    /// Bytes received and not used up.
    inbox: Vec<u8>,
    /// Messages sent and not yet answered.
    unanswered: u64,
}

impl Sender {
    /// Connects, logs in, creates the room and joins it.
    pub(super) fn enter(
        (ip, port, prefix): &(Ipv4Addr, u16, String),
        sdk_app_id: u64,
        secret: &str,
        user: &str,
        room: &str,
    ) -> Result<Sender, BenchError> {
        let socket = TcpStream::connect_timeout(&SocketAddr::from((*ip, *port)), PATIENCE)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut sender = Sender {
            socket,
            sdk_app_id,
            user: user.to_owned(),
            user_sig: user_sig(sdk_app_id, secret, user, 86_400, unix_secs()),
            a2: String::new(),
            tiny_id: String::new(),
            room: room.to_owned(),
            seq: 1,
            inbox: Vec::new(),
            unanswered: 0,
        };
        sender.upgrade(&format!("{ip}:{port}"), prefix)?;
        sender.log_in()?;
        sender.open_room()?;
        Ok(sender)
    }

    fn upgrade(&mut self, authority: &str, prefix: &str) -> Result<(), BenchError> {
        let path = format!(
            "{prefix}/info?sdkappid={}&instanceid={:032x}&random=1&platform=7&host=unknown&version=-1&sdkversion=2.27.6",
            self.sdk_app_id,
            sys::monotonic_ns()
        );
        self.socket.write_all(&frame::upgrade_request(authority, &path))?;
        while frame::head_end(&self.inbox).is_none() {
            self.receive()?;
        }
        let end = frame::head_end(&self.inbox).expect("just seen");
        if !frame::is_upgraded(&self.inbox[..end]) {
            return Err(BenchError::Server(String::from_utf8_lossy(&self.inbox[..end]).into_owned()));
        }
        self.inbox.drain(..end);
        Ok(())
    }

    fn log_in(&mut self) -> Result<(), BenchError> {
        let body =
            self.ask("im_open_status.wslogin", json!({"State": "Online", "is_web_uniapp": 0, "InstType": 0}))?;
        self.a2 = body["A2Key"].as_str().unwrap_or_default().to_owned();
        self.tiny_id = body["TinyId"].as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// A room of an earlier run serves as well.
    fn open_room(&mut self) -> Result<(), BenchError> {
        let new = json!({"Type": "AVChatRoom", "Name": "bench", "GroupId": self.room, "Owner_Account": self.user});
        match self.ask("group_open_http_svc.create_group", new) {
            Ok(_) | Err(BenchError::Refused { code: 10021 | 10025, .. }) => {}
            Err(error) => return Err(error),
        }
        self.ask("group_open_http_svc.apply_join_group", json!({"GroupId": self.room, "WebPushFlag": 1}))?;
        let profile =
            json!({"GroupIdList": [self.room], "ResponseFilter": {"GroupBaseInfoFilter": ["Type", "Name"]}});
        self.ask("group_open_http_svc.get_group_self_member_info", profile)?;
        Ok(())
    }

    /// Sends one request and waits for its answer; everything else that comes is skipped.
    fn ask(&mut self, command: &str, body: Value) -> Result<Value, BenchError> {
        let mut out = Vec::new();
        self.push_request(&mut out, command, &body);
        self.socket.write_all(&out)?;
        loop {
            match self.next_frame()? {
                Some(frame) if frame.servcmd == command => return accepted(frame),
                Some(_) => {}
                None => self.receive()?,
            }
        }
    }

    fn push_request(&mut self, out: &mut Vec<u8>, servcmd: &str, body: &Value) {
        let logged_in = !self.a2.is_empty();
        let head = Head {
            servcmd,
            seq: self.seq,
            sdkappid: self.sdk_app_id,
            reqtime: unix_secs(),
            identifier: if logged_in { "" } else { &self.user },
            usersig: if logged_in { "" } else { &self.user_sig },
            a2: &self.a2,
            tinyid: &self.tiny_id,
            status_instid: u64::from(logged_in),
        };
        frame::push_masked_text(out, &protocol::encode(&head, body));
        self.seq += 1;
    }

    /// Sends `batch` messages in one write, each stamped with the time.
    pub(super) fn send(&mut self, batch: usize) -> Result<(), BenchError> {
        let mut out = Vec::with_capacity(batch * 768);
        for _ in 0..batch {
            let body = self.message();
            self.push_request(&mut out, SEND, &body);
        }
        self.unanswered += batch as u64;
        self.socket.write_all(&out)?;
        Ok(())
    }

    fn message(&self) -> Value {
        let text = stamped_text(sys::monotonic_ns(), self.seq);
        json!({"From_Account": self.user, "GroupId": self.room, "Random": self.seq % 0x7fff_ffff + 1,
            "ClientSeq": self.seq, "MsgPriority": "High",
            "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": text}}],
            "CloudCustomData": "", "OnlineOnlyFlag": 0, "MsgClientTime": unix_secs()})
    }

    /// Reads what is there without waiting; an error if a message was refused.
    pub(super) fn drain(&mut self) -> Result<(), BenchError> {
        self.socket.set_nonblocking(true)?;
        let received = loop {
            match self.receive() {
                Ok(()) => {}
                Err(BenchError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    break Ok(());
                }
                Err(error) => break Err(error),
            }
        };
        self.socket.set_nonblocking(false)?;
        self.look_at_answers()?;
        received
    }

    fn look_at_answers(&mut self) -> Result<(), BenchError> {
        while let Some(frame) = self.next_frame()? {
            if frame.servcmd == SEND {
                self.unanswered = self.unanswered.saturating_sub(1);
                accepted(frame)?;
            }
        }
        Ok(())
    }

    /// Waits until the server has answered every message.
    pub(super) fn wait_answered(&mut self) -> Result<(), BenchError> {
        self.look_at_answers()?;
        while self.unanswered > 0 {
            self.receive()?;
            self.look_at_answers()?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<(), BenchError> {
        let mut buffer = [0; 64 << 10];
        let count = self.socket.read(&mut buffer)?;
        if count == 0 {
            return Err(BenchError::Server("the server closed the sender's connection".to_owned()));
        }
        self.inbox.extend_from_slice(&buffer[..count]);
        Ok(())
    }

    /// The next complete frame; pushes are not read, only skipped.
    fn next_frame(&mut self) -> Result<Option<Frame>, BenchError> {
        loop {
            let Some((opcode, payload, taken)) = frame::first_frame(&self.inbox) else {
                return Ok(None);
            };
            let is_push = sys::find(&payload[..payload.len().min(PUSH_WITHIN)], PUSH).is_some();
            let frame = (opcode == 1 && !is_push).then(|| protocol::decode(payload)).transpose();
            self.inbox.drain(..taken);
            match frame {
                Ok(Some(frame)) => return Ok(Some(frame)),
                Ok(None) => {}
                Err(error) => return Err(BenchError::Server(error.to_string())),
            }
        }
    }

    /// A sign of life between two sets, so that a server does not take the sender for gone.
    pub(super) fn heartbeat(&mut self) -> Result<(), BenchError> {
        self.ask("heartbeat.alive", json!({})).map(drop)
    }
}

fn accepted(frame: Frame) -> Result<Value, BenchError> {
    match frame.body["ErrorCode"].as_u64().unwrap_or(0) {
        0 => Ok(frame.body),
        code => {
            let text = frame.body["ErrorInfo"].as_str().unwrap_or_default().to_owned();
            Err(BenchError::Refused { command: frame.servcmd, code, text })
        }
    }
}

pub(super) fn unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
