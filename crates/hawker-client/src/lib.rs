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
//! * [`Client`] is the whole protocol: login, rooms, messages between users, pictures, profiles, counters, and the
//!   [`Event`] stream.
//! * [`shop`] is what the shop is made of: goods, orders, coupons, gifts.
//! * [`live_sells`] is the live-selling component on top of it: likes, gifts, follows, goods.
//! * [`tweblive`] is the chat part of TWebLive on top of it.
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
pub mod tweblive;
mod types;
mod usersig;
pub mod viewers;

pub use client::{Attributes, Client, ConnectOptions, Events, UploadKind, Uploaded, Words};
pub use error::Error;
pub use protocol::{
    AttributeChange, AttributesChange, CounterChange, Event, GapKind, KickReason, Lagged, Limits, MemberMute,
    MemberTip, NetState, Notice, PinnedMessage, ReconnectPolicy, RemovalReason, RoomChange,
};
pub use types::shop;
pub use types::{
    Conversation, Counter, Custom, CustomField, DirectMessage, DirectPage, DirectSent, DroppedCount, Element,
    FileLink, HistoryCursor, Image, ImageSize, LedgerLine, Location, MemberCard, MemberPage, MessageKey, NewRoom,
    OnlineCount, Outgoing, Presence, Priority, Profile, ProfileUpdate, Role, RoomId, RoomMessage, RoomProfile,
    RoomStats, RoomUpdate, SelfInfo, Sent, UserId, UserStatus,
};
pub use usersig::user_sig;
