//! HTTP as small as it gets: one request, one connection.

use super::DEADLINE;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// The address of a REST command, with credentials.
pub fn target(command: &str, app: u32, identifier: &str, usersig: &str) -> String {
    format!("/v4/{command}?sdkappid={app}&identifier={identifier}&usersig={usersig}&random=1&contenttype=json")
}

/// Asks and returns status and body.
pub fn get(addr: SocketAddr, target: &str) -> (u16, String) {
    exchange(addr, format!("GET {target} HTTP/1.1\r\nHost: hawker\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Posts and returns status and body.
pub fn post(addr: SocketAddr, target: &str, body: &[u8]) -> (u16, String) {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: hawker\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(addr, &[head.as_bytes(), body].concat())
}

fn exchange(addr: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(addr).expect("the server takes connections");
    stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
    // A server that refuses a large body stops reading it.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer);
    assert!(!answer.is_empty(), "no answer: {end:?}");
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, body.to_owned())
}
