//! The rules of hawker: rooms, members, accounts and sessions.
//!
//! Everything here is a pure function of its inputs. Time, randomness and identities of connections come in
//! as arguments, everything that should happen comes out as values ([`engine::Output`]). So a test or a
//! simulator runs days of a live room in a second, and the same input and seed give the same run.
//!
//! Start at [`engine::Engine`]; the rules of one room are in [`room`], those of the
//! shop in [`shop`].

pub mod account;
pub mod answer;
pub mod change;
pub mod command;
pub mod direct;
pub mod engine;
pub mod file;
pub mod id;
pub mod limits;
pub mod post;
pub mod profile;
pub mod recent;
pub mod refusal;
pub mod rng;
pub mod room;
pub mod shop;
pub mod time;
pub mod words;

pub use id::{AccountId, AppId, ConnId, RoomId, RoomKey, SessionId, UserId};
pub use refusal::Refusal;
pub use time::Time;
