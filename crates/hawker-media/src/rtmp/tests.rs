use super::amf::{self, Value, Writer};
use super::chunk::{self, Message};
use super::*;
use crate::flv::Kind;
use bytes::Bytes;
use proptest::prelude::*;

/// A client as far as tests need one: what it sends, and what it is told.
struct Client {
    sent: Vec<u8>,
    reader: chunk::Reader,
}

impl Client {
    fn new() -> Self {
        let hello = [&[3][..], &[0; 8], &[7; 1528], &[0; 1536]].concat();
        Self { sent: hello, reader: chunk::Reader::new() }
    }

    fn message(mut self, kind: u8, stream: u32, body: Vec<u8>) -> Self {
        chunk::write(&mut self.sent, 128, 3, &Message { kind, stream, at: 0, body: body.into() });
        self
    }

    fn command(self, body: Writer) -> Self {
        self.message(20, 0, body.done())
    }

    fn connect(self, app: &str, tc_url: &str) -> Self {
        self.command(
            Writer::default()
                .text("connect")
                .number(1.0)
                .object(|object| object.field("app").text(app).field("tcUrl").text(tc_url)),
        )
    }

    fn publish(self, name: &str) -> Self {
        let create = Writer::default().text("createStream").number(2.0).null();
        let publish = Writer::default().text("publish").number(3.0).null().text(name).text("live");
        self.command(create).message(20, 1, publish.done())
    }

    fn play(self, name: &str) -> Self {
        self.message(20, 1, Writer::default().text("play").number(4.0).null().text(name).number(-2.0).done())
    }

    /// All commands and data that the server has sent: their texts.
    fn told(&mut self, output: &[u8]) -> Vec<String> {
        let mut told = Vec::new();
        let mut rest = output.strip_prefix(&[3]).map_or(output, |output| &output[2 * 1536..]);
        while !rest.is_empty() {
            let (used, message) = self.reader.take(rest).unwrap();
            rest = &rest[used..];
            let Some(message) = message else { continue };
            match message.kind {
                1 => self.reader.set_chunk_bytes(60_000).unwrap(),
                20 => {
                    let values = amf::read(&message.body).unwrap();
                    let code = values.iter().find_map(|value| value.get("code").and_then(Value::text));
                    told.push(code.or(values[0].text()).unwrap().to_owned());
                }
                _ => {}
            }
        }
        told
    }
}

fn session() -> Session {
    Session::new([9; 32])
}

fn all(session: &mut Session, mut bytes: &[u8], piece: usize) -> Result<Vec<Event>, Violation> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let (used, event) = session.take(&bytes[..piece.min(bytes.len())])?;
        if let Some(event) = event {
            events.push(event);
            session.accept();
        }
        bytes = &bytes[used..];
    }
    Ok(events)
}

fn address(app: &str, name: &str, query: &str) -> Address {
    Address { app: app.into(), name: name.into(), query: query.into() }
}

#[test]
fn an_encoder_publishes_however_its_bytes_are_cut() {
    for piece in [1, 7, 500, 100_000] {
        let metadata = Writer::default().text("@setDataFrame").text("onMetaData").number(1.0).done();
        let client = Client::new().connect("live", "rtmp://h/live").publish("room?key=abc");
        let mut client = client.message(18, 1, metadata).message(9, 1, vec![0x17, 0]).message(8, 1, vec![0xAF, 1]);
        let mut session = session();
        let events = all(&mut session, &client.sent, piece).unwrap();
        let plain = Writer::default().text("onMetaData").number(1.0).done();
        let media = |kind, body: Vec<u8>| Event::Media { kind, at: 0, body: Bytes::from(body) };
        assert_eq!(
            events,
            [
                Event::Publish(address("live", "room", "key=abc")),
                media(Kind::Data, plain),
                media(Kind::Video, vec![0x17, 0]),
                media(Kind::Audio, vec![0xAF, 1]),
            ]
        );
        let told = client.told(&session.output());
        assert_eq!(told, ["NetConnection.Connect.Success", "_result", "NetStream.Publish.Start"], "{piece}");
    }
}

#[test]
fn parameters_are_found_wherever_encoders_put_them() {
    for (app, tc_url, name, want) in [
        ("live", "rtmp://h/live", "room?a=1", address("live", "room", "a=1")),
        ("live?a=1", "rtmp://h/live?a=1", "room", address("live", "room", "a=1")),
        ("live/", "rtmp://h/live?a=1", "room", address("live", "room", "a=1")),
        ("live?b=2", "", "room?a=1", address("live", "room", "a=1&b=2")),
    ] {
        let client = Client::new().connect(app, tc_url).publish(name);
        assert_eq!(all(&mut session(), &client.sent, 1000).unwrap(), [Event::Publish(want)], "{app} {name}");
    }
}

#[test]
fn a_player_is_told_that_it_begins_and_ends() {
    let mut client = Client::new().connect("live", "").play("room");
    let mut session = session();
    assert_eq!(all(&mut session, &client.sent, 1000).unwrap(), [Event::Play(address("live", "room", ""))]);
    session.end();
    let told = client.told(&session.output());
    assert_eq!(
        told,
        [
            "NetConnection.Connect.Success",
            "NetStream.Play.Reset",
            "NetStream.Play.Start",
            "NetStream.Play.UnpublishNotify"
        ]
    );
}

#[test]
fn a_refusal_says_why() {
    for (why, want) in [
        (Refusal::Missing, "NetStream.Publish.BadName"),
        (Refusal::Denied, "NetStream.Publish.Denied"),
        (Refusal::Busy, "NetStream.Publish.BadName"),
    ] {
        let mut client = Client::new().connect("live", "").publish("room");
        let mut session = session();
        let mut bytes = &client.sent[..];
        while !bytes.is_empty() {
            bytes = &bytes[session.take(bytes).unwrap().0..];
        }
        session.refuse(why);
        assert_eq!(client.told(&session.output()).last().map(String::as_str), Some(want));
    }
}

#[test]
fn frames_before_permission_are_nothing() {
    let client = Client::new().connect("live", "").message(9, 1, vec![0x17, 0]);
    assert_eq!(all(&mut session(), &client.sent, 1000), Ok(vec![]));
}

#[test]
fn who_stops_has_ended_and_may_begin_again() {
    let stop = Writer::default().text("FCUnpublish").number(5.0).null().text("room");
    let client = Client::new().connect("live", "").publish("room").command(stop).publish("other");
    let events = all(&mut session(), &client.sent, 1000).unwrap();
    assert_eq!(events[1..], [Event::Ended, Event::Publish(address("live", "other", ""))]);
}

#[test]
fn what_is_not_rtmp_is_refused() {
    let hello = Client::new().sent;
    let refused = |bytes: &[u8]| all(&mut session(), bytes, 1000).unwrap_err();
    assert_eq!(refused(b"GET / HTTP/1.1\r\n"), Violation("not RTMP"));
    assert_eq!(refused(&Client::new().publish("room").sent), Violation("a stream before the connection"));
    assert_eq!(
        refused(&Client::new().connect("live", "").publish("a").publish("b").sent),
        Violation("two streams on one connection")
    );
    assert_eq!(refused(&Client::new().connect(&"a".repeat(3000), "").sent), Violation("a name that is too long"));
    assert_eq!(refused(&Client::new().message(20, 0, vec![5]).sent), Violation("a command without a name"));
    assert_eq!(
        refused(&Client::new().message(20, 0, vec![0; 65_537]).sent),
        Violation("a command that is too long")
    );
    assert_eq!(refused(&Client::new().message(1, 0, vec![0; 4]).sent), Violation("a chunk size of nothing"));
    // One who asks on and on and reads nothing.
    let mut greedy = Client::new();
    for _ in 0..20_000 {
        greedy = greedy.command(Writer::default().text("_checkbw").number(1.0));
    }
    assert_eq!(refused(&greedy.sent), Violation("too many questions at once"));
    assert_eq!(all(&mut session(), &hello, 1), Ok(vec![]));
}

#[test]
fn what_has_arrived_is_acknowledged_and_pings_are_answered() {
    let mut session = session();
    all(&mut session, &Client::new().sent, 1000).unwrap();
    session.output();
    let ping = Client { sent: Vec::new(), reader: chunk::Reader::new() }.message(4, 0, vec![0, 6, 1, 2, 3, 4]);
    all(&mut session, &ping.sent, 1000).unwrap();
    assert!(session.output().ends_with(&[0, 7, 1, 2, 3, 4]));
    let many = Client { sent: Vec::new(), reader: chunk::Reader::new() }.message(9, 0, vec![0; 2_500_000]);
    all(&mut session, &many.sent, 65_536).unwrap();
    let acknowledged = session.output();
    assert_eq!(acknowledged[..12], [2, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0]);
    assert_eq!(acknowledged.len(), 16);
}

proptest! {
    #[test]
    fn nothing_breaks_a_session(
        begin in 0..3_u8,
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..20),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let client = Client::new().connect("live", "rtmp://h/live");
        let client = match begin {
            0 => client,
            1 => client.publish("room"),
            _ => client.play("room"),
        };
        let mut sent = client.message(18, 1, Writer::default().text("onMetaData").number(1.0).done()).sent;
        for (at, byte) in flips {
            let at = at.index(sent.len());
            sent[at] = byte;
        }
        let mut session = session();
        for piece in std::iter::once(&sent).chain(&pieces) {
            if all(&mut session, piece, 200).is_err() {
                break;
            }
            prop_assert!(session.output().len() < 300 << 10);
        }
        session.refuse(Refusal::Denied);
        session.end();
    }
}
