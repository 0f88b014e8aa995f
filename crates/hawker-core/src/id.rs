//! A type for every id, so that swapping two is a compile error.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

macro_rules! number_ids { ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => { $(
    $(#[$doc])*
    #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct $name(pub $inner);
    impl fmt::Display for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
    }
)* } }

macro_rules! name_ids { ($($(#[$doc:meta])* $name:ident;)*) => { $(
    $(#[$doc])*
    #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct $name(Arc<str>);
    impl $name {
        /// Shares the text; cloning an id never copies it.
        pub fn new(text: impl Into<Arc<str>>) -> Self { Self(text.into()) }
        /// The id as it was given.
        pub fn as_str(&self) -> &str { &self.0 }
    }
    impl From<&str> for $name { fn from(text: &str) -> Self { Self::new(text) } }
    impl From<String> for $name { fn from(text: String) -> Self { Self::new(text) } }
    impl Borrow<str> for $name { fn borrow(&self) -> &str { &self.0 } }
    impl fmt::Display for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
    }
    impl fmt::Debug for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", &*self.0) }
    }
)* } }

number_ids! {
    /// An application of this server: its users, rooms and secret are its own (the vendor's SDKAppID).
    AppId(u32);
    /// One user of one app, as a number that never changes (the vendor's TinyId).
    AccountId(u64);
    /// One login of one account; outlives its connections.
    SessionId(u64);
    /// One connection, named by whoever owns the sockets. Never reused while the process lives.
    ConnId(u64);
}

name_ids! {
    /// A user's name within its app.
    UserId;
    /// A room's name within its app.
    RoomId;
}

/// A room among all apps of the server.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RoomKey {
    /// The app that the room belongs to.
    pub app: AppId,
    /// Its id within the app.
    pub room: RoomId,
}

impl RoomKey {
    /// Names a room.
    pub fn new(app: AppId, room: impl Into<RoomId>) -> Self {
        Self { app, room: room.into() }
    }
}
