//! HTTP down to the bytes: any method, any header, bodies that are cut off.

use super::DEADLINE;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// Asks, with a body of known length.
pub fn ask(addr: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    if matches!(method, "PUT" | "POST" | "PATCH") {
        headers.push(("Content-Length", &length));
    }
    let mut exchange = Exchange::begin(addr, method, target, &headers);
    exchange.send(body);
    exchange.reply(method == "HEAD")
}

/// A request on its way.
pub struct Exchange(pub TcpStream);

impl Exchange {
    /// Sends a head.
    pub fn begin(addr: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(addr).expect("the server takes connections");
        stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: hawker\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).expect("a socket takes a head");
        Self(stream)
    }

    /// Sends bytes of the body; a server that has seen enough may not take them.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// Sends a chunk of a body without a length.
    pub fn chunk(&mut self, bytes: &[u8]) {
        self.send(&[format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat());
    }

    /// Hangs up in the middle.
    pub fn hang_up(self) {
        self.0.shutdown(Shutdown::Both).expect("a socket");
    }

    /// The answer.
    pub fn reply(mut self, bodiless: bool) -> Reply {
        let mut answer = Vec::new();
        match self.0.read_to_end(&mut answer) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("no answer: {error}"),
            _ => {}
        }
        let end = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(answer[..end].to_vec()).expect("text");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let mut reply = Reply { status, headers, body: answer.split_off(end + 4) };
        if let (Some(length), false) = (reply.header("content-length"), bodiless) {
            assert_eq!(length, reply.body.len().to_string(), "the whole body");
        }
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = joined(&reply.body);
        }
        reply
    }
}

fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|end| end == b"\r\n").expect("a chunk's size");
        let size = usize::from_str_radix(std::str::from_utf8(&chunks[..end]).expect("text"), 16).expect("a size");
        body.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        if size == 0 {
            return body;
        }
        chunks = &chunks[end + 2 + size + 2..];
    }
}
