//! A client of the chat wire on a plain socket. It can do everything that a good client does, and everything that
//! a good client would never do.

use super::{APP, DEADLINE, sig};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a close frame.
    Closed(u16, String),
    /// Without a word.
    Gone,
}

/// Something pushed: a message (3), a tip (4, 6) or a notice (5).
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub event: u64,
    pub json: Value,
}

impl Item {
    /// Its number in its room.
    pub fn seq(&self) -> u64 {
        self.json["MsgSeq"].as_u64().expect("every item has a number")
    }

    /// The room.
    pub fn room(&self) -> &str {
        self.json["ToGroupId"].as_str().expect("every item names its room")
    }

    /// The words of a text message.
    pub fn text(&self) -> Option<&str> {
        (self.event == 3).then(|| self.json["MsgBody"][0]["MsgContent"]["Text"].as_str())?
    }

    /// The kind of tip.
    pub fn op(&self) -> Option<u64> {
        self.json["MsgBody"]["OpType"].as_u64()
    }

    /// The kind of notice.
    pub fn report(&self) -> Option<u64> {
        self.json["MsgBody"]["ReportType"].as_u64()
    }
}

/// What arrived.
#[derive(Debug)]
enum Frame {
    Json(Value),
    Pong,
    End(Ended),
}

/// One connection.
pub struct Wire {
    pub stream: TcpStream,
    pub user: String,
    /// The session token, once logged in.
    pub token: String,
    pub instance: String,
    pub app: u32,
    /// What was pushed and not looked at yet.
    pub items: VecDeque<Item>,
    /// Kicks that were pushed, by their kind.
    pub kicks: VecDeque<u64>,
    seq: u64,
    random: u32,
    text: bool,
    arrived: Vec<u8>,
}

impl Wire {
    /// Opens a connection with binary frames.
    pub fn open(addr: SocketAddr) -> Self {
        Self::open_as(addr, APP, "binfo", "instance")
    }

    /// Opens a connection of any kind: `binfo` or `info`, of an app, with the name of a client instance.
    pub fn open_as(addr: SocketAddr, app: u32, path: &str, instance: &str) -> Self {
        Self::upgrade(TcpStream::connect(addr).expect("the server takes connections"), app, path, instance)
    }

    /// The same over a socket that is connected already.
    pub fn upgrade(stream: TcpStream, app: u32, path: &str, instance: &str) -> Self {
        Self::upgrade_with(stream, app, path, instance, "Host: hawker\r\n")
    }

    /// The same with other headers than the usual `Host`, each with its line end.
    pub fn upgrade_with(stream: TcpStream, app: u32, path: &str, instance: &str, headers: &str) -> Self {
        stream.set_nodelay(true).expect("a socket");
        let mut wire = Self {
            stream,
            user: String::new(),
            token: String::new(),
            instance: instance.to_owned(),
            app,
            items: VecDeque::new(),
            kicks: VecDeque::new(),
            seq: 100,
            random: 1000,
            text: path == "info",
            arrived: Vec::new(),
        };
        let head = format!(
            "GET /{path}?sdkappid={app}&instanceid={instance}&random=1&platform=7 HTTP/1.1\r\n{headers}\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        wire.write(head.as_bytes()).expect("the socket takes a head");
        let end = wire.until(|arrived| arrived.windows(4).position(|end| end == b"\r\n\r\n"));
        let head: Vec<u8> = wire.arrived.drain(..end.expect("an answer") + 4).collect();
        let head = String::from_utf8(head).expect("text");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        wire
    }

    // Bytes and frames.

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Writes a masked frame; `first` is its first byte.
    pub fn frame(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        self.write(&masked(first, payload))
    }

    /// Writes a request as the kind of frame that this connection uses.
    pub fn send(&mut self, json: &Value) {
        let first = if self.text { 0x81 } else { 0x82 };
        self.frame(first, json.to_string().as_bytes()).expect("the socket takes a request");
    }

    fn until<T>(&mut self, found: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        let by = Instant::now() + DEADLINE;
        loop {
            if let Some(found) = found(&self.arrived) {
                return Some(found);
            }
            let left = by.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nothing came in time; so far {:?}", self.items);
            self.stream.set_read_timeout(Some(left)).expect("a socket");
            let mut buffer = [0; 16 * 1024];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(read) => self.arrived.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return None,
            }
        }
    }

    fn next(&mut self) -> Frame {
        let Some((opcode, start, end)) = self.until(whole_frame) else { return Frame::End(Ended::Gone) };
        let frame: Vec<u8> = self.arrived.drain(..end).collect();
        let payload = &frame[start..];
        match opcode {
            1 | 2 => {
                assert_eq!(opcode == 1, self.text, "text goes to those who speak text only");
                Frame::Json(serde_json::from_slice(payload).expect("JSON"))
            }
            8 => {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                Frame::End(Ended::Closed(code, String::from_utf8_lossy(&payload[2..]).into_owned()))
            }
            10 => Frame::Pong,
            other => panic!("a frame of kind {other}"),
        }
    }

    /// Reads on; a reply is returned, what is pushed is put aside.
    fn next_reply(&mut self) -> Result<Value, Ended> {
        match self.next() {
            Frame::End(ended) => Err(ended),
            Frame::Pong => Ok(Value::Null),
            Frame::Json(frame) if self.put_aside(&frame) => Ok(Value::Null),
            Frame::Json(frame) => Ok(frame),
        }
    }

    fn put_aside(&mut self, frame: &Value) -> bool {
        // A reply may carry events too; it has a number.
        let events = frame["body"]["EventArray"].as_array().filter(|_| frame["head"]["seq"].is_null());
        let Some(events) = events else { return false };
        for event in events {
            let number = event["Event"].as_u64().expect("a number");
            for list in ["GroupMsgArray", "GroupTips"] {
                let items = event[list].as_array().into_iter().flatten();
                self.items.extend(items.map(|json| Item { event: number, json: json.clone() }));
            }
            for kick in event["C2cNotifyMsgArray"].as_array().into_iter().flatten() {
                self.kicks.extend(kick["KickoutMsgNotify"]["KickType"].as_u64());
            }
        }
        true
    }

    /// Reads until the connection ends.
    pub fn end(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.next_reply() {
                return ended;
            }
        }
    }

    /// The next frame, whatever it is; the body of a reply that nobody asked for by number.
    pub fn any_reply(&mut self) -> Value {
        loop {
            match self.next_reply() {
                Ok(Value::Null) => {}
                Ok(frame) => return frame,
                Err(ended) => panic!("the connection ended: {ended:?}"),
            }
        }
    }

    /// The body of the next reply, whichever request it answers, or how the connection ended.
    pub fn try_next(&mut self) -> Result<Value, Ended> {
        loop {
            let frame = self.next_reply()?;
            if frame != Value::Null {
                return Ok(frame["body"].clone());
            }
        }
    }

    // Questions.

    /// The head of a request.
    pub fn head(&mut self, command: &str) -> Value {
        self.seq += 1;
        json!({
            "ver": "v4", "platform": 7, "websdkappid": 537048168, "websdkversion": "1.7.3", "contenttype": "json",
            "servcmd": command, "seq": self.seq, "sdkappid": self.app, "a2": self.token, "identifier": "",
            "usersig": "", "reqtime": 1,
        })
    }

    /// Sends a request and returns its number.
    pub fn request(&mut self, command: &str, body: &Value) -> u64 {
        let head = self.head(command);
        let seq = self.seq;
        self.send(&json!({ "head": head, "body": body }));
        seq
    }

    /// The reply to a request, or how the connection ended.
    pub fn try_reply(&mut self, seq: u64) -> Result<Value, Ended> {
        loop {
            let frame = self.next_reply()?;
            if frame["head"]["seq"] == seq {
                return Ok(frame["body"].clone());
            }
        }
    }

    /// The reply to a request.
    pub fn reply(&mut self, seq: u64) -> Value {
        self.try_reply(seq).unwrap_or_else(|ended| panic!("no reply, the connection ended: {ended:?}"))
    }

    /// Asks a server that may be gone.
    pub fn try_ask(&mut self, command: &str, body: &Value) -> Result<Value, Ended> {
        let head = self.head(command);
        let seq = self.seq;
        let request = json!({ "head": head, "body": body }).to_string();
        self.frame(if self.text { 0x81 } else { 0x82 }, request.as_bytes()).map_err(|_| Ended::Gone)?;
        self.try_reply(seq)
    }

    /// Asks and returns the body of the reply.
    pub fn ask(&mut self, command: &str, body: &Value) -> Value {
        let seq = self.request(command, body);
        self.reply(seq)
    }

    /// Asks what must succeed.
    pub fn ok(&mut self, command: &str, body: &Value) -> Value {
        let answer = self.ask(command, body);
        assert_eq!(answer["ErrorCode"], 0, "{command} {body}: {answer}");
        answer
    }

    /// Asks what must fail, and returns with which number.
    pub fn refused(&mut self, command: &str, body: &Value) -> i64 {
        let answer = self.ask(command, body);
        let code = answer["ErrorCode"].as_i64().expect("a number");
        assert_ne!(code, 0, "{command} {body}: {answer}");
        assert_eq!(answer["ActionStatus"], "FAIL", "{command}: {answer}");
        assert_ne!(answer["ErrorInfo"], "", "an error says why: {answer}");
        code
    }

    /// Everything that the server had for this connection until now has arrived.
    pub fn barrier(&mut self) {
        self.ok("heartbeat.alive", &json!({}));
    }

    // Sessions.

    /// Logs in with a good signature.
    pub fn login(&mut self, user: &str) -> Value {
        let answer = self.try_login(user, &sig(user));
        assert_eq!(answer["ErrorCode"], 0, "login of {user}: {answer}");
        answer
    }

    /// Logs in with any signature.
    pub fn try_login(&mut self, user: &str, usersig: &str) -> Value {
        let mut head = self.head("im_open_status.wslogin");
        head["identifier"] = user.into();
        head["usersig"] = usersig.into();
        head["a2"] = "".into();
        let seq = self.seq;
        self.send(&json!({ "head": head, "body": { "State": "Online", "InstType": 0 } }));
        let answer = self.reply(seq);
        if answer["ErrorCode"] == 0 {
            self.user = user.to_owned();
            self.token = answer["A2Key"].as_str().expect("a token").to_owned();
            assert!(!self.token.is_empty());
        }
        answer
    }

    /// Comes back on a new socket with the token of the old one; `resume` is what it has seen per room.
    pub fn come_back(&mut self, addr: SocketAddr, resume: Option<&[(&str, u64)]>) -> Value {
        let path = if self.text { "info" } else { "binfo" };
        let fresh = Self::open_as(addr, self.app, path, &self.instance.clone());
        self.stream = fresh.stream;
        self.arrived = fresh.arrived;
        let mut body = json!({ "State": "Online", "InstType": 0 });
        if let Some(resume) = resume {
            let rooms = resume.iter().map(|(room, seq)| json!({ "GroupId": room, "MsgSeq": seq }));
            body["Resume"] = rooms.collect();
        }
        self.ask("im_open_status.wslogin", &body)
    }

    /// Cuts the connection as a dead network does: without a close frame.
    pub fn cut(&mut self) {
        self.stream.shutdown(std::net::Shutdown::Both).expect("a socket");
    }

    // Rooms.

    /// Joins a room; when this returns it hears the room.
    pub fn join(&mut self, room: &str) -> Value {
        let answer = self.ok("group_open_http_svc.apply_join_group", &json!({ "GroupId": room, "WebPushFlag": 1 }));
        self.profile(room);
        self.barrier();
        answer
    }

    /// The profile of a room as this user sees it.
    pub fn profile(&mut self, room: &str) -> Value {
        let ask = json!({ "GroupIdList": [room] });
        let answer = self.ok("group_open_http_svc.get_group_self_member_info", &ask);
        answer["GroupInfo"][0].clone()
    }

    /// The body of a message with these elements; each call makes another message.
    pub fn message(&mut self, room: &str, priority: &str, elements: &Value) -> Value {
        self.random += 1;
        json!({
            "From_Account": self.user, "GroupId": room, "Random": self.random, "MsgPriority": priority,
            "MsgBody": elements, "CloudCustomData": "", "MsgClientTime": 1_700_000_000, "ClientSeq": self.random,
        })
    }

    /// The body of a text message.
    pub fn text(&mut self, room: &str, text: &str) -> Value {
        self.message(room, "Normal", &json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }]))
    }

    /// Says something and returns its number.
    pub fn say(&mut self, room: &str, text: &str) -> u64 {
        let message = self.text(room, text);
        let answer = self.ok("group_open_http_svc.send_group_msg", &message);
        answer["MsgSeq"].as_u64().expect("a number")
    }

    /// Says something that must be refused.
    pub fn say_refused(&mut self, room: &str, text: &str) -> i64 {
        let message = self.text(room, text);
        self.refused("group_open_http_svc.send_group_msg", &message)
    }

    // What is pushed.

    /// The next thing pushed.
    pub fn item(&mut self) -> Item {
        loop {
            if let Some(item) = self.items.pop_front() {
                return item;
            }
            if let Err(ended) = self.next_reply() {
                panic!("nothing more comes, the connection ended: {ended:?}");
            }
        }
    }

    /// The next thing pushed that is wanted; what comes before it is thrown away.
    pub fn wait_for(&mut self, mut wanted: impl FnMut(&Item) -> bool) -> Item {
        loop {
            let item = self.item();
            if wanted(&item) {
                return item;
            }
        }
    }

    /// Waits until somebody has said this.
    pub fn hear(&mut self, text: &str) -> Item {
        self.wait_for(|item| item.text() == Some(text))
    }

    /// Waits for a kick and returns its kind.
    pub fn kicked(&mut self) -> u64 {
        loop {
            if let Some(kind) = self.kicks.pop_front() {
                return kind;
            }
            if let Err(ended) = self.next_reply() {
                panic!("no kick, the connection ended: {ended:?}");
            }
        }
    }

    /// All that has been pushed so far.
    pub fn heard(&mut self) -> Vec<Item> {
        self.barrier();
        self.items.drain(..).collect()
    }
}

/// A masked frame with any first byte.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        medium @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    let mask = [0x5a, 0x17, 0xc3, 0x08];
    frame.extend_from_slice(&mask);
    frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    frame
}

/// Kind, beginning and end of the first frame, if it is all there.
fn whole_frame(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    assert_eq!(first & 0xf0, 0x80, "the server sends whole frames");
    assert!(second < 128, "the server does not mask");
    let (length, start) = match second {
        126 => (usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?])), 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().expect("eight")) as usize, 10),
        short => (usize::from(short), 2),
    };
    (bytes.len() >= start + length).then_some((first & 15, start, start + length))
}
