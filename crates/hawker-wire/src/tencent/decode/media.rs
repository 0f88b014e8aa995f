//! `live_media.*`: the live video of a room.
//!
//! What a caller may know of it follows from the room's profile as the caller sees it, so that is what the rules are
//! asked for.

use super::{Asked, OneRoom, Read, Shape, WireError};
use hawker_core::command::Command;

/// What is asked about the live video of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaQuestion {
    /// What can be watched, and where.
    Stream,
    /// Where to push, and with which key (host and admins).
    Push,
    /// The same with a new key: the old one is of no use any more, and who pushes with it is cut off.
    RenewKey,
}

impl Read<'_> {
    pub(super) fn live_media(&self, command: &str) -> Result<Asked, WireError> {
        let question = match command {
            "get_stream" => MediaQuestion::Stream,
            "get_push" => MediaQuestion::Push,
            "renew_key" => MediaQuestion::RenewKey,
            unknown => return Err(self.unknown(unknown)),
        };
        let OneRoom { room } = self.body()?;
        let rooms = vec![room.into_owned().into()];
        Ok(Asked::Rules(Command::RoomProfiles { rooms }, Shape::Media(question)))
    }
}
