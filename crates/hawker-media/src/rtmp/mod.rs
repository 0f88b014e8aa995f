//! RTMP: a server's side of one connection, as a state machine from bytes to events and bytes.

mod amf;
mod chunk;
mod handshake;
mod session;

pub use chunk::{MESSAGE_BYTES_MAX, PARTIAL_BYTES_MAX, STREAMS_MAX, message};
pub use session::{Address, Event, Refusal, Session};

/// Why a connection is closed: what came is not RTMP, or more than this server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation(pub &'static str);

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests;
