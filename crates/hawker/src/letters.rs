//! What the threads tell each other: questions to the hub carry a [`Ticket`], shards are sent [`ToShard`].

use crate::framer::Payload;
use crate::upgrade::Upgrade;
use hawker_core::answer::Answer;
use hawker_core::engine::KickReason;
use hawker_core::{ConnId, Refusal, RoomId, RoomKey};
use hawker_fanout::Item;
use hawker_wire::tencent::decode::Shape;
use hawker_wire::tencent::push::WireItem;
use hawker_wire::tencent::reply::ResumeStatus;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Where an answer goes.
pub enum Ticket {
    /// To a connection.
    Conn {
        /// Which.
        conn: ConnId,
        /// The number of its request.
        seq: u64,
        /// The command, repeated in the reply.
        servcmd: Box<str>,
        /// How the answer is spelled.
        shape: Shape,
    },
    /// To a connection that polls and is not known to the room yet.
    Poll(ConnId),
    /// To an HTTP request.
    Http(oneshot::Sender<Result<Answer, Refusal>>),
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket")
    }
}

/// A room as hub and shards call it among themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RoomNo(pub u32);

/// What a shard is told.
pub enum ToShard {
    /// A new connection.
    Accepted(std::net::TcpStream),
    /// A connection that was upgraded on the HTTP side, with what it has sent already.
    Upgraded(std::net::TcpStream, Box<Upgrade>, Vec<u8>),
    /// An answer.
    Reply {
        /// Whose.
        conn: ConnId,
        /// The number of the request.
        seq: u64,
        /// Its command.
        servcmd: Box<str>,
        /// How the answer is spelled.
        shape: Shape,
        /// The answer.
        answer: Box<Result<Answer, Refusal>>,
        /// For one who came back.
        resumed: Vec<(RoomId, ResumeStatus)>,
        /// For a joiner.
        history: Vec<Arc<WireItem>>,
    },
    /// An answer that is written already.
    Written {
        /// Whose.
        conn: ConnId,
        /// The number of the request.
        seq: u64,
        /// Its command.
        servcmd: Box<str>,
        /// The answer.
        body: String,
    },
    /// A poll cannot be served.
    PollRefused(ConnId, Refusal),
    /// A connection hears a room from now on.
    Subscribe {
        /// Which connection.
        conn: ConnId,
        /// The room.
        number: RoomNo,
        /// The room's name.
        room: RoomKey,
        /// What it missed.
        backlog: Vec<Arc<Item<Payload>>>,
        /// Nothing up to this number can be told any more.
        lost: u64,
        /// It asks for what is new.
        pull: bool,
    },
    /// A connection hears a room no longer.
    Unsubscribe(ConnId, RoomNo),
    /// A room is gone.
    Forget(RoomNo),
    /// For everybody who hears a room here.
    Item(RoomNo, Arc<Item<Payload>>),
    /// These messages are not to be told again.
    Recalled(RoomNo, Arc<[u64]>),
    /// For one connection.
    Tell(ConnId, Arc<WireItem>),
    /// The session of a connection is over.
    Kick(ConnId, KickReason),
    /// Say goodbye to everybody and end.
    Stop,
}

/// The shard that owns a connection.
pub fn shard_of(conn: ConnId) -> usize {
    (conn.0 >> 56) as usize
}
