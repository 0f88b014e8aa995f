//! The Rust SDK of hawker, the open live-commerce server.
//!
//! ```no_run
//! # async fn example() -> Result<(), hawker_client::Error> {
//! use hawker_client::{Client, ConnectOptions, Event};
//!
//! let client = Client::connect(ConnectOptions::new("ws://127.0.0.1:8080", 1400000001)).await?;
//! client.login("viewer_001", "the UserSig from the shop's own server").await?;
//! let mut events = client.events();
//! client.join("live_42").await?;
//! client.send_text("live_42", "hello").await?;
//! while let Some(event) = events.next().await {
//!     if let Event::Message(message) = event {
//!         println!("{}: {:?}", message.nick, message.text());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! * [`Client`] is the whole protocol: login, rooms, messages, profiles, counters, and the [`Event`] stream.
//! * [`live_sells`] is the live-selling component on top of it: likes, gifts, follows, goods.
//! * [`protocol`] is the protocol as pure code, for those who bring their own sockets.
//! * [`user_sig`] makes login signatures, for those who hold the app's secret.
//! * [`viewers`] fills a room with scripted viewers, for demonstrations.
//! * [`swarm`] and [`bench`](mod@bench) load a server with thousands of members and measure it (Linux).

#[cfg(target_os = "linux")]
pub mod bench;
mod client;
mod error;
pub mod live_sells;
pub mod protocol;
#[cfg(target_os = "linux")]
pub mod swarm;
mod types;
mod usersig;
pub mod viewers;

pub use client::{Client, ConnectOptions, Events};
pub use error::Error;
pub use protocol::{
    CounterChange, Event, GapKind, KickReason, Lagged, Limits, MemberMute, MemberTip, NetState, Notice,
    ReconnectPolicy, RemovalReason, RoomChange,
};
pub use types::{
    Counter, Custom, CustomField, DroppedCount, Element, LedgerLine, MemberCard, MemberPage, NewRoom, OnlineCount,
    Outgoing, Priority, Profile, ProfileUpdate, Role, RoomId, RoomMessage, RoomProfile, RoomStats, RoomUpdate,
    SelfInfo, Sent, UserId,
};
pub use usersig::user_sig;
