//! The protocol as pure code: no socket, no clock, no randomness of its own.
//!
//! A [`Session`] is a state machine. It is told what happened ([`Input`]) and at what time, and says what is to be done
//! ([`Output`]); the driver behind [`Client`](crate::Client) carries that out. So everything difficult here (matching
//! replies, surviving a lost connection, resuming without gap or double) is tested without a network.

mod backoff;
mod cursor;
mod direct;
mod envelope;
mod event;
mod push;
mod random;
mod session;

pub use backoff::ReconnectPolicy;
pub use cursor::Seen;
pub(crate) use direct::message as direct_message;
pub use envelope::{FRAME_BYTES_MAX, Frame, FrameError, Head, decode, encode};
pub use event::{
    AttributeChange, AttributesChange, CounterChange, Event, GapKind, KickReason, Lagged, MemberMute, MemberTip,
    NetState, Notice, PinnedMessage, RemovalReason, RoomChange, Weight,
};
pub use push::{Item, items};
pub(crate) use push::{profile as profile_from, room_message};
pub use random::Random;
pub(crate) use session::profile_request;
pub use session::{Config, Input, Limits, Now, Output, Request, Session, Ticket, Time};
