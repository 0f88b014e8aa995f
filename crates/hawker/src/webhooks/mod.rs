//! Webhooks: what happens is told to the merchant's own systems.
//!
//! The rules are pure ([`pattern`], [`schedule`], [`address`]); [`client`] sends one delivery, [`courier`] all of them.
//! Everything that it goes by is in the store, so it goes on where it was when the server comes back.

pub mod address;
mod client;
pub mod courier;
pub mod pattern;
mod schedule;

pub use schedule::Schedule;

use hawker_core::{AppId, Time};
use hawker_wire::json;

/// What is told of an event: the body of a delivery. `data` is JSON already.
pub fn told(app: AppId, id: i64, kind: &str, at: Time, stream: &str, data: &str) -> String {
    json::object(|out| {
        out.number("id", id).number("app", app.0).text("event", kind);
        out.number("at", at.0).text("stream", stream).raw("data", data);
    })
}
