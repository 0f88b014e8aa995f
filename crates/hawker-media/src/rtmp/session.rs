//! The server's side of one connection.

use super::Violation;
use super::amf::{self, Value, Writer};
use super::chunk::{self, Message, OUT_CHUNK_BYTES, PLAYED_STREAM};
use super::handshake::{Handshake, PACKET_BYTES};
use crate::flv::Kind;
use bytes::Bytes;

/// Bytes of a command, or of what is said of a stream.
const COMMAND_BYTES_MAX: usize = 64 << 10;
/// Bytes of an application's or a stream's name, with its parameters.
const NAME_BYTES_MAX: usize = 2048;
/// Each side tells the other what has arrived after so many bytes.
const WINDOW_BYTES: u32 = 2_500_000;
/// Answers that may wait to be sent: a peer that asks on and on without reading is not waited for.
const OUT_BYTES_MAX: usize = 256 << 10;

/// The channel of commands and of what is said about the connection.
const CONTROL: u8 = 2;
const COMMANDS: u8 = 3;

/// Where a peer wants to push or play: `rtmp://host/<app>/<name>?<query>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The application, without parameters.
    pub app: String,
    /// The stream, without parameters.
    pub name: String,
    /// The parameters, wherever the peer has put them.
    pub query: String,
}

/// What a connection wants, or has brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// It wants to push. Answer with [`Session::accept`] or [`Session::refuse`].
    Publish(Address),
    /// It wants to play. Answer likewise.
    Play(Address),
    /// Sound or pictures, or what is said of them.
    Media {
        /// Which.
        kind: Kind,
        /// The encoder's time, in milliseconds.
        at: u32,
        /// The body of an FLV tag.
        body: Bytes,
    },
    /// It has stopped to push or play.
    Ended,
}

/// Why a wish is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such stream or room.
    Missing,
    /// The key is wrong.
    Denied,
    /// Somebody else pushes already, or there are too many.
    Busy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is pushed or played.
    Idle,
    /// Somebody decides.
    Asked(Wish),
    /// It goes on.
    Running(Wish),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Publish,
    Play,
}

/// See the module.
pub struct Session {
    /// Until both sides have shown that they speak RTMP; with the packet that we send.
    handshake: Option<(Handshake, Box<[u8; PACKET_BYTES]>)>,
    chunks: chunk::Reader,
    phase: Phase,
    app: Option<(String, String)>,
    out: Vec<u8>,
    out_chunk_bytes: usize,
    /// Bytes that have come, and how many of them were acknowledged.
    received: u32,
    acknowledged: u32,
}

impl Session {
    /// A connection from which nothing has come. The random bytes are sent in the handshake.
    pub fn new(random: [u8; 32]) -> Self {
        let mut packet = Box::new([0; PACKET_BYTES]);
        // Time and version are zero, which says that this is the simple form.
        for (byte, random) in packet[8..].iter_mut().zip(random.iter().cycle()) {
            *byte = *random;
        }
        Self {
            handshake: Some((Handshake::new(), packet)),
            chunks: chunk::Reader::new(),
            phase: Phase::Idle,
            app: None,
            out: Vec::new(),
            out_chunk_bytes: 128,
            received: 0,
            acknowledged: 0,
        }
    }

    /// Takes bytes until something has happened; says how many were taken. All are, if nothing has.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(usize, Option<Event>), Violation> {
        let mut used = 0;
        while used < bytes.len() {
            let rest = &bytes[used..];
            let (taken, message) = match &mut self.handshake {
                Some((handshake, packet)) => {
                    let (taken, done) = handshake.take(rest, packet, &mut self.out)?;
                    if done {
                        self.handshake = None;
                    }
                    (taken, None)
                }
                None => self.chunks.take(rest)?,
            };
            used += taken;
            self.count(taken);
            if let Some(message) = message
                && let Some(event) = self.message(message)?
            {
                return Ok((used, Some(event)));
            }
            if self.out.len() > OUT_BYTES_MAX {
                return Err(Violation("too many questions at once"));
            }
        }
        Ok((used, None))
    }

    /// What is to be sent.
    pub fn output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Lets the peer do what it has asked for.
    pub fn accept(&mut self) {
        let Phase::Asked(wish) = self.phase else { return };
        self.phase = Phase::Running(wish);
        match wish {
            Wish::Publish => self.status("status", "NetStream.Publish.Start", "publishing"),
            Wish::Play => {
                self.user_control(STREAM_BEGIN, PLAYED_STREAM);
                self.status("status", "NetStream.Play.Reset", "playing");
                self.status("status", "NetStream.Play.Start", "playing");
                let access = Writer::default().text("|RtmpSampleAccess").bool(true).bool(true).done();
                self.send(COMMANDS, AMF0_DATA, PLAYED_STREAM, access);
            }
        }
    }

    /// Says no; the connection is of no further use.
    pub fn refuse(&mut self, why: Refusal) {
        let Phase::Asked(wish) = self.phase else { return };
        self.phase = Phase::Idle;
        let (code, text) = match (wish, why) {
            (Wish::Publish, Refusal::Missing) => ("NetStream.Publish.BadName", "no such room"),
            (Wish::Publish, Refusal::Denied) => ("NetStream.Publish.Denied", "the key is wrong or has ended"),
            (Wish::Publish, Refusal::Busy) => ("NetStream.Publish.BadName", "somebody else is publishing"),
            (Wish::Play, Refusal::Missing) => ("NetStream.Play.StreamNotFound", "no such stream"),
            (Wish::Play, _) => ("NetStream.Play.Failed", "not allowed"),
        };
        self.status("error", code, text);
    }

    /// Says that the stream is over.
    pub fn end(&mut self) {
        let Phase::Running(wish) = std::mem::replace(&mut self.phase, Phase::Idle) else { return };
        match wish {
            Wish::Publish => self.status("error", "NetStream.Unpublish.Success", "the stream was ended"),
            Wish::Play => {
                self.status("status", "NetStream.Play.UnpublishNotify", "the stream has ended");
                self.user_control(STREAM_EOF, PLAYED_STREAM);
            }
        }
    }

    fn count(&mut self, bytes: usize) {
        self.received = self.received.wrapping_add(bytes as u32);
        if self.received.wrapping_sub(self.acknowledged) >= WINDOW_BYTES {
            self.acknowledged = self.received;
            self.send(CONTROL, ACKNOWLEDGEMENT, 0, self.received.to_be_bytes().to_vec());
        }
    }

    fn message(&mut self, message: Message) -> Result<Option<Event>, Violation> {
        let four = || message.body.first_chunk().map(|four| u32::from_be_bytes(*four));
        match message.kind {
            SET_CHUNK_SIZE => {
                self.chunks.set_chunk_bytes(four().ok_or(Violation("a chunk size of nothing"))?)?;
            }
            ABORT => {
                if let Some(stream) = four() {
                    self.chunks.abort(stream);
                }
            }
            USER_CONTROL => {
                if let [0, PING, time @ ..] = &message.body[..]
                    && let Some(time) = time.first_chunk()
                {
                    self.user_control(PONG.into(), u32::from_be_bytes(*time));
                }
            }
            AMF0_COMMAND => return self.command(&message.body),
            AMF3_COMMAND => return self.command(message.body.get(1..).unwrap_or_default()),
            kind if self.phase == Phase::Running(Wish::Publish) => return Ok(media(kind, message)),
            _ => {}
        }
        Ok(None)
    }

    fn command(&mut self, body: &[u8]) -> Result<Option<Event>, Violation> {
        if body.len() > COMMAND_BYTES_MAX {
            return Err(Violation("a command that is too long"));
        }
        let values = amf::read(body)?;
        let name = values.first().and_then(Value::text).ok_or(Violation("a command without a name"))?;
        let transaction = values.get(1).and_then(Value::number).unwrap_or(0.0);
        let argument = values.get(3).and_then(Value::text);
        match name {
            "connect" => self.connect(transaction, values.get(2))?,
            "createStream" => {
                let result = Writer::default().text("_result").number(transaction).null();
                self.send(COMMANDS, AMF0_COMMAND, 0, result.number(PLAYED_STREAM.into()).done());
            }
            "publish" => return self.wish(Wish::Publish, argument).map(Some),
            "play" => return self.wish(Wish::Play, argument).map(Some),
            "FCPublish" | "releaseStream" | "getStreamLength" | "FCSubscribe" | "_checkbw" => {
                let result = Writer::default().text("_result").number(transaction).null().null();
                self.send(COMMANDS, AMF0_COMMAND, 0, result.done());
            }
            "FCUnpublish" | "deleteStream" | "closeStream" => return Ok(self.stopped()),
            _ => {}
        }
        Ok(None)
    }

    fn connect(&mut self, transaction: f64, object: Option<&Value>) -> Result<(), Violation> {
        let text = |name| object.and_then(|object| object.get(name)).and_then(Value::text).unwrap_or("");
        let (app, tc_url) = (text("app"), text("tcUrl"));
        if app.len() > NAME_BYTES_MAX || tc_url.len() > NAME_BYTES_MAX {
            return Err(Violation("a name that is too long"));
        }
        let (app, query) = app.split_once('?').unwrap_or((app, ""));
        let query = if query.is_empty() { tc_url.split_once('?').map_or("", |(_, query)| query) } else { query };
        self.app = Some((app.trim_matches('/').to_owned(), query.to_owned()));
        self.send(CONTROL, WINDOW_SIZE, 0, WINDOW_BYTES.to_be_bytes().to_vec());
        let dynamic = [&WINDOW_BYTES.to_be_bytes()[..], &[2]].concat();
        self.send(CONTROL, PEER_BANDWIDTH, 0, dynamic);
        self.send(CONTROL, SET_CHUNK_SIZE, 0, (OUT_CHUNK_BYTES as u32).to_be_bytes().to_vec());
        self.out_chunk_bytes = OUT_CHUNK_BYTES;
        let result = Writer::default().text("_result").number(transaction);
        let result = result
            .object(|server| server.field("fmsVer").text("FMS/3,5,7,7009").field("capabilities").number(31.0));
        let result = result.object(|info| {
            let info = info.field("level").text("status").field("code").text("NetConnection.Connect.Success");
            let info = info.field("description").text("connected").field("objectEncoding").number(0.0);
            // What is not known here is carried on as well.
            let info = info.field("videoFourCcInfoMap").object(|map| map.field("*").number(CAN_FORWARD));
            info.field("audioFourCcInfoMap").object(|map| map.field("*").number(CAN_FORWARD))
        });
        self.send(COMMANDS, AMF0_COMMAND, 0, result.done());
        Ok(())
    }

    fn wish(&mut self, wish: Wish, name: Option<&str>) -> Result<Event, Violation> {
        let (app, app_query) = self.app.as_ref().ok_or(Violation("a stream before the connection"))?;
        if self.phase != Phase::Idle {
            return Err(Violation("two streams on one connection"));
        }
        let name = name.filter(|name| name.len() <= NAME_BYTES_MAX).ok_or(Violation("a stream without a name"))?;
        let (name, query) = name.split_once('?').unwrap_or((name, ""));
        let query = match (query, &app_query[..]) {
            (query, "") => query.to_owned(),
            ("", query) => query.to_owned(),
            (query, more) => format!("{query}&{more}"),
        };
        let address = Address { app: app.clone(), name: name.to_owned(), query };
        self.phase = Phase::Asked(wish);
        Ok(match wish {
            Wish::Publish => Event::Publish(address),
            Wish::Play => Event::Play(address),
        })
    }

    fn stopped(&mut self) -> Option<Event> {
        let Phase::Running(wish) = std::mem::replace(&mut self.phase, Phase::Idle) else { return None };
        if wish == Wish::Publish {
            self.status("status", "NetStream.Unpublish.Success", "stopped");
        }
        Some(Event::Ended)
    }

    fn status(&mut self, level: &str, code: &str, description: &str) {
        let status = Writer::default().text("onStatus").number(0.0).null().object(|info| {
            let info = info.field("level").text(level).field("code").text(code);
            info.field("description").text(description)
        });
        self.send(COMMANDS, AMF0_COMMAND, PLAYED_STREAM, status.done());
    }

    fn user_control(&mut self, event: u16, value: u32) {
        let body = [&event.to_be_bytes()[..], &value.to_be_bytes()].concat();
        self.send(CONTROL, USER_CONTROL, 0, body);
    }

    fn send(&mut self, channel: u8, kind: u8, stream: u32, body: Vec<u8>) {
        let message = Message { kind, stream, at: 0, body: body.into() };
        chunk::write(&mut self.out, self.out_chunk_bytes, channel, &message);
    }
}

/// What an encoder sends, as an event.
fn media(kind: u8, message: Message) -> Option<Event> {
    let Message { at, body, .. } = message;
    match kind {
        AUDIO => Some(Event::Media { kind: Kind::Audio, at, body }),
        VIDEO => Some(Event::Media { kind: Kind::Video, at, body }),
        AMF0_DATA | AMF3_DATA => {
            let body = if kind == AMF3_DATA { body.slice(1.min(body.len())..) } else { body };
            if body.len() > COMMAND_BYTES_MAX {
                return None;
            }
            // Encoders ask a server to remember it, players are told it plainly.
            let plain = match amf::leading_text(&body)? {
                ("@setDataFrame", length) => body.slice(length..),
                _ => body.clone(),
            };
            let (name, _) = amf::leading_text(&plain)?;
            (name == "onMetaData").then_some(Event::Media { kind: Kind::Data, at, body: plain })
        }
        _ => None,
    }
}

const SET_CHUNK_SIZE: u8 = 1;
const ABORT: u8 = 2;
const ACKNOWLEDGEMENT: u8 = 3;
const USER_CONTROL: u8 = 4;
const WINDOW_SIZE: u8 = 5;
const PEER_BANDWIDTH: u8 = 6;
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
const AMF3_DATA: u8 = 15;
const AMF3_COMMAND: u8 = 17;
const AMF0_DATA: u8 = 18;
const AMF0_COMMAND: u8 = 20;

const STREAM_BEGIN: u16 = 0;
const STREAM_EOF: u16 = 1;
const PING: u8 = 6;
const PONG: u8 = 7;

/// Enhanced RTMP's word for a server that passes on what it does not decode.
const CAN_FORWARD: f64 = 4.0;
