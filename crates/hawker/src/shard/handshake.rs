//! What a new connection wants: a WebSocket of ours, or something over HTTP.
//!
//! A WebSocket is upgraded right here, which leaves no trace of an HTTP exchange in memory; everything else goes to
//! the HTTP side with the bytes that were read.

use super::Shard;
use super::conn::Phase;
use crate::origin::OriginRule;
use crate::upgrade::{Upgrade, upgrade_of};
use hawker_wire::ws;
use std::os::fd::{FromRawFd, IntoRawFd};
use std::sync::Arc;

/// A request head, in bytes.
const HEAD_BYTES_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 64;

/// What a request head asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// More bytes are needed to tell.
    Unclear,
    /// A WebSocket of the chat wire; the head ends at `end`.
    Upgrade { upgrade: Upgrade, key: String, end: usize },
    /// Something else.
    Http,
}

/// Reads a request head.
pub fn wish(bytes: &[u8], origin: OriginRule) -> Wish {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let end = match request.parse(bytes) {
        Ok(httparse::Status::Complete(end)) => end,
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_BYTES_MAX => return Wish::Unclear,
        // Whatever it is, the HTTP side knows how to refuse it.
        _ => return Wish::Http,
    };
    let header = |name: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let websocket = request.method == Some("GET")
        && header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
        && header("sec-websocket-version") == Some("13");
    let upgrade = request.path.and_then(upgrade_of);
    match (websocket, header("sec-websocket-key"), upgrade) {
        (true, Some(key), Some(upgrade)) if key.len() == 24 => {
            let upgrade = Upgrade { origin: origin.origin(header), ..upgrade };
            Wish::Upgrade { upgrade, key: key.to_owned(), end }
        }
        _ => Wish::Http,
    }
}

impl Shard {
    /// A connection that has not said what it wants has sent something.
    pub(super) fn shake_hands(&mut self, slot: usize, bytes: &[u8]) {
        let conn = &mut self.conns[slot];
        conn.partial.extend_from_slice(bytes);
        match wish(&conn.partial, self.shared.config.files.origin_rule()) {
            Wish::Unclear => {}
            Wish::Http => self.hand_over(slot),
            Wish::Upgrade { mut upgrade, key, end } => {
                let sent = std::mem::take(&mut conn.partial);
                share_origin(&mut self.last_origin, &mut upgrade);
                conn.upgraded(upgrade);
                match conn.send_now(ws::switching_protocols(&key).as_bytes()) {
                    // A fresh socket takes so little at once, or it is broken.
                    Ok(written) if written > 0 => self.take_bytes(slot, &mut sent[end..].to_vec()),
                    _ => self.close(slot),
                }
            }
        }
    }

    fn hand_over(&mut self, slot: usize) {
        let Some((_, mut conn)) = self.conns.remove(slot) else { return };
        let _ = self.poll.registry().deregister(&mut conn.stream);
        let fd = conn.stream.into_raw_fd();
        // Safety: the descriptor was just given up by its only owner.
        let stream = unsafe { std::net::TcpStream::from_raw_fd(fd) };
        if !self.handover.give(stream, conn.partial) {
            self.shared.metrics.connections.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// A connection that was upgraded on the HTTP side.
    pub(super) fn adopt(&mut self, stream: std::net::TcpStream, mut upgrade: Upgrade, sent: &[u8]) {
        let Some(id) = self.register(stream, Phase::Open) else { return };
        share_origin(&mut self.last_origin, &mut upgrade);
        let slot = self.conns.slot(id);
        self.conns[slot].upgraded(upgrade);
        self.take_bytes(slot, &mut sent.to_vec());
    }
}

/// Nearly all connections come the same way: they share one text.
fn share_origin(last: &mut Option<Arc<str>>, upgrade: &mut Upgrade) {
    if upgrade.origin == *last {
        upgrade.origin.clone_from(last);
    } else {
        last.clone_from(&upgrade.origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hawker_core::AppId;
    use hawker_fanout::Variant;

    const HEAD: &str = "GET /shop/binfo?sdkappid=1400000001&instanceid=abc&compress=gzip HTTP/1.1\r\nHost: x\r\n\
                        Upgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    #[test]
    fn a_websocket_of_the_chat_wire_is_recognised() {
        let upgrade = Upgrade {
            app: AppId(1_400_000_001),
            instance: "abc".into(),
            variant: Variant { text: false, packed: true },
            origin: Some("http://x".into()),
        };
        let key = "dGhlIHNhbXBsZSBub25jZQ==".to_owned();
        assert_eq!(wish(HEAD.as_bytes(), OriginRule::Host), Wish::Upgrade { upgrade, key, end: HEAD.len() });
        for cut in [0, 1, 20, HEAD.len() - 1] {
            assert_eq!(wish(&HEAD.as_bytes()[..cut], OriginRule::Host), Wish::Unclear, "{cut}");
        }
    }

    #[test]
    fn everything_else_goes_to_the_http_side() {
        for head in [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            &HEAD.replace("binfo", "other"),
            &HEAD.replace("GET", "POST"),
            &HEAD.replace("13", "12"),
            "nonsense\r\n\r\n",
            &format!("GET /{} ", "a".repeat(HEAD_BYTES_MAX)),
        ] {
            assert_eq!(wish(head.as_bytes(), OriginRule::Host), Wish::Http, "{head}");
        }
    }
}
