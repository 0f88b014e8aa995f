//! The chat wire: what the official web SDKs speak in private deployment (`wire-protocol.md`) and the vendor's
//! server REST API (`rest-api.md`). One command table serves both.

pub mod decode;
pub mod direct;
pub mod elements;
pub mod envelope;
pub mod error;
pub mod push;
pub mod reply;

pub use decode::{Asked, Poll, Via, decode};
pub use envelope::{Envelope, Head};
pub use error::{WireError, wire_error};
