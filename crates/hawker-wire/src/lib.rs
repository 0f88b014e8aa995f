//! Bytes ⇄ commands and events.
//!
//! Compatibility is a promise to strangers' SDKs, so every field name and error number of theirs lives here and
//! nowhere else: the rules (`hawker-core`) never see them. Pure: no sockets, no clock.
//!
//! * [`ws`]: WebSocket frames, parsed in place and written shared.
//! * [`usersig`], [`token`]: who somebody is.
//! * [`files`]: what HTTP says about files: signed addresses, kinds by content, names, ranges.
//! * [`hook`]: signatures of what servers tell each other: webhooks, notices of payment.
//! * [`tencent`]: the chat wire of the official web SDKs and its REST spelling, one command table for both.

pub mod files;
pub mod hook;
pub mod json;
pub mod tencent;
pub mod token;
pub mod usersig;
pub mod ws;
