//! Clients that mean harm: they cost themselves, and nobody else. Memory stays bounded.

mod support;

use serde_json::json;
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;
use support::{APP, DEADLINE, Ended, Server, Wire, sig, wire::masked};

const ROOM: &str = "live_42";
const SEND: &str = "group_open_http_svc.send_group_msg";
const MIB: u64 = 1 << 20;

const GENEROUS: &str = "[room]\nmessages_per_second = 100000\nmessages_per_second_per_user = 100000\n";

fn show(config: &str) -> (Server, Wire) {
    support::raise_descriptor_limit();
    let server = Server::start(config);
    server.open_room(ROOM, "host");
    let host = server.member("host", ROOM);
    (server, host)
}

/// Waits for something that metrics tell of.
fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let by = Instant::now() + DEADLINE;
    while !happened() {
        assert!(Instant::now() < by, "{what}: it never happened");
    }
}

/// A member whose socket holds little.
fn small_socket(server: &Server, user: &str) -> Wire {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&server.addr.into()).unwrap();
    let mut wire = Wire::upgrade(socket.into(), APP, "binfo", user);
    wire.login(user);
    wire.join(ROOM);
    wire
}

#[test]
fn a_client_that_never_reads_loses_chat_and_then_its_connection_and_the_others_lose_nothing() {
    let config = format!(
        "{GENEROUS}[connection]\nrequests_per_second = 100000\noutbox_bytes_max = 65536\nstalled_secs = 1\n"
    );
    let (mut server, mut host) = show(&config);
    let before = server.memory();
    let _never_reads: Vec<_> = (0..5).map(|n| small_socket(&server, &format!("slow_{n}"))).collect();
    let mut healthy = server.member("healthy", ROOM);
    let reader = std::thread::spawn(move || {
        let mut heard = Vec::new();
        healthy.wait_for(|item| {
            heard.extend(item.text().map(|text| text.split(' ').next().unwrap().to_owned()));
            item.text() == Some("end")
        });
        heard
    });
    // More than the kernel holds for a socket, whatever it is tuned to.
    let total = 1500;
    let filler = "x".repeat(11_000);
    for n in 0..total {
        host.say(ROOM, &format!("{n} {filler}"));
        host.items.clear();
    }
    host.say(ROOM, "end");
    let heard = reader.join().expect("the healthy member hears everything");
    let want: Vec<_> = (0..total).map(|n| n.to_string()).chain(["end".to_owned()]).collect();
    assert_eq!(heard, want, "all of it, in order");
    until("slow readers are closed", || server.metric("hawker_slow_closed_total") == 5);
    assert!(server.metric("hawker_items_dropped_slow_total{class=\"chat\"}") > 0);
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 64 * MIB, "{} MiB more than before", grown / MIB);
    server.must_be_well();
}

#[test]
fn a_slow_reader_is_closed_at_once_when_a_gift_does_not_fit_and_resumes() {
    let config = format!(
        "{GENEROUS}ring_messages = 100000\nring_bytes = 100000000\n[connection]\nrequests_per_second = 100000\n\
         outbox_bytes_max = 65536\nstalled_secs = 300\n"
    );
    let (mut server, mut host) = show(&config);
    let mut slow = small_socket(&server, "slow");
    let seen = slow.heard().last().map_or(0, |item| item.seq());
    let filler = "x".repeat(11_000);
    let mut given = 0;
    while server.metric("hawker_slow_closed_total") == 0 {
        for _ in 0..50 {
            given += 1;
            gift(&mut host, &filler);
            host.items.clear();
        }
        assert!(given < 10_000, "a socket cannot hold so much");
    }
    assert_eq!(server.metric("hawker_items_dropped_slow_total{class=\"vital\"}"), 0);
    let answer = slow.come_back(server.addr, Some(&[(ROOM, seen)]));
    assert_eq!(answer["Resume"][0]["Status"], "Resumed");
    slow.items.clear();
    server.must_be_well();
}

#[test]
fn a_client_that_pings_without_end_is_closed() {
    let (mut server, mut host) = show("[connection]\noutbox_bytes_max = 65536\n");
    let mut wire = small_socket(&server, "pinger");
    let pings = masked(0x89, &[b'p'; 125]).repeat(100);
    let sent = (0..10_000).take_while(|_| wire.write(&pings).is_ok()).count();
    assert!(sent < 10_000, "closed before it had sent 100 MB");
    assert_eq!(server.metric("hawker_floods_closed_total"), 1);
    host.say(ROOM, "hello");
    host.hear("hello");
    server.must_be_well();
}

#[test]
fn ten_thousand_half_open_connections_harm_nobody() {
    let limit = support::raise_descriptor_limit();
    assert!(limit > 10_500, "this test needs 10,500 descriptors, the limit is {limit}: raise it (ulimit -n)");
    let (mut server, mut host) = show("[connection]\nhandshake_secs = 3\n");
    let mut healthy = server.member("healthy", ROOM);
    let before = server.memory();
    let half_a_head = b"GET /binfo?sdkappid=1400000001 HTTP/1.1\r\nUpgrade: webso";
    let half_a_frame = &masked(0x82, &[b'x'; 60_000])[..50];
    let mut silent = Vec::new();
    let mut upgraded = Vec::new();
    for n in 0..10_000 {
        match n % 4 {
            0 => {
                let mut wire = Wire::open(server.addr);
                wire.write(half_a_frame).unwrap();
                upgraded.push(wire);
            }
            1 => {
                let mut stream = TcpStream::connect(server.addr).unwrap();
                let _ = stream.write_all(half_a_head);
                silent.push(stream);
            }
            _ => silent.push(TcpStream::connect(server.addr).unwrap()),
        }
        if n % 1000 == 999 {
            let text = format!("{n} are here");
            host.say(ROOM, &text);
            healthy.hear(&text);
        }
    }
    let mut late = server.member("late", ROOM);
    late.say(ROOM, "there is room for me");
    healthy.hear("there is room for me");
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 100 * MIB, "{} MiB more than before", grown / MIB);
    for mut stream in silent {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        match stream.read(&mut [0; 16]) {
            Ok(0) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            other => panic!("who does not say what it wants is closed: {other:?}"),
        }
    }
    // Who is in the middle of a frame may take its time, and still be a good client.
    let mut wire = upgraded.pop().unwrap();
    wire.write(&masked(0x82, &[b'x'; 60_000])[50..]).unwrap();
    assert_eq!(wire.any_reply()["body"]["ErrorCode"], 60003);
    drop(upgraded);
    until("all are gone", || server.metric("hawker_connections") <= 5);
    server.must_be_well();
}

#[test]
fn more_connections_than_configured_are_turned_away_and_the_others_stay() {
    let (mut server, mut host) = show("[connection]\nconnections_max = 50\n");
    let mut turned_away = 0;
    let mut kept = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(server.addr).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let half =
            b"GET /binfo?sdkappid=1400000001 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let _ = stream.write_all(half);
        match stream.read(&mut [0; 200]) {
            Ok(read) if read > 0 => kept.push(stream),
            _ => turned_away += 1,
        }
    }
    assert_eq!((kept.len(), turned_away), (49, 151), "the host has one of the fifty");
    host.say(ROOM, "hello");
    host.hear("hello");
    drop(kept);
    until("there is room again", || {
        TcpStream::connect(server.addr).is_ok_and(|mut stream| {
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
            let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
        })
    });
    server.must_be_well();
}

#[test]
fn a_login_storm_is_answered_and_the_room_goes_on() {
    let (mut server, mut host) =
        show("[room]\nmessages_per_second_per_user = 1000\n[connection]\nrequests_per_second = 1000\n");
    let mut healthy = server.member("healthy", ROOM);
    let addr = server.addr;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let mut open = Vec::new();
                for n in 0..250 {
                    // Some are new, some push each other out.
                    let user = if n % 2 == 0 { format!("storm_{thread}_{n}") } else { format!("same_{thread}") };
                    let mut wire = Wire::open_as(addr, APP, "binfo", &format!("{thread}_{n}"));
                    wire.login(&user);
                    wire.join(ROOM);
                    open.push(wire);
                    if open.len() > 50 {
                        open.clear();
                    }
                }
            });
        }
        for n in 0..50 {
            gift(&mut host, &n.to_string());
            healthy.wait_for(|item| {
                item.json["MsgBody"][0]["MsgContent"]["Ext"].as_str() == Some(n.to_string().as_str())
            });
        }
    });
    gift(&mut host, "after the storm");
    healthy.wait_for(|item| item.json["MsgBody"][0]["MsgContent"]["Ext"] == "after the storm");
    server.must_be_well();
}

/// Something that is never dropped, however many come and go.
fn gift(wire: &mut Wire, name: &str) {
    let elements = json!([{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": "SEND_GIFT", "Ext": name } }]);
    let gift = wire.message(ROOM, "Normal", &elements);
    wire.ok(SEND, &gift);
}

#[test]
fn wrong_logins_in_masses_harm_nobody() {
    let (mut server, mut host) = show("[connection]\nrequests_per_second = 10\nflood_warnings_max = 5\n");
    let bad = sig("somebody_else");
    for _ in 0..5 {
        let mut wire = Wire::open(server.addr);
        let head = {
            let mut head = wire.head("im_open_status.wslogin");
            head["identifier"] = "mei".into();
            head["usersig"] = bad.clone().into();
            head
        };
        let request = json!({ "head": head, "body": {} }).to_string();
        for _ in 0..100 {
            let _ = wire.frame(0x82, request.as_bytes());
        }
        assert_eq!(wire.end(), Ended::Closed(1008, "too many requests".into()));
    }
    host.say(ROOM, "hello");
    host.hear("hello");
    server.must_be_well();
}
