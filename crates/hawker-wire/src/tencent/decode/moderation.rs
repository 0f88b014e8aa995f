//! What those who run a room do with what is said: words that are refused or masked, pinned messages.

use super::{Asked, OneRoom, Read, Shape, Via, WireError, rules};
use hawker_core::command::{Command, RoomCommand};
use hawker_core::words::{WordLists, Words};
use serde::Deserialize;
use std::sync::Arc;

impl Read<'_> {
    /// Tens of thousands of words are made ready here, on the thread that reads the request.
    pub(super) fn set_app_words(&self) -> Result<Asked, WireError> {
        if self.ctx.via != Via::Http {
            return Err(WireError::new(10007, "the words of an app are set over REST"));
        }
        let body: WordsBody = self.body()?;
        let words = Words::new(body.into()).map_err(|refusal| WireError::new(10004, refusal.to_string()))?;
        rules(Command::SetWords(Arc::new(words)))
    }

    pub(super) fn set_room_words(&self) -> Result<Asked, WireError> {
        let OneRoom { room } = self.body()?;
        let body: WordsBody = self.body()?;
        rules(Command::Room(room.into_owned().into(), RoomCommand::SetWords(body.into())))
    }

    pub(super) fn banned(&self) -> Result<Asked, WireError> {
        let body: BannedPage = self.body()?;
        rules(Command::Room(body.room.into(), RoomCommand::BannedUsers { skip: body.offset, limit: body.limit }))
    }

    pub(super) fn pin(&self, pinned: bool) -> Result<Asked, WireError> {
        let PinOne { room, seq } = self.body()?;
        let command = if pinned { RoomCommand::Pin { seq } } else { RoomCommand::Unpin { seq } };
        rules(Command::Room(room.into(), command))
    }

    /// Messages by their numbers: the official SDK asks for pinned ones this way. A live room has no other history
    /// than what a joiner is shown.
    pub(super) fn messages(&self) -> Result<Asked, WireError> {
        let body: SomeMessages = self.body()?;
        let seqs = body.seqs.ok_or_else(|| WireError::new(10044, "AVChatRoom has no roaming history"))?;
        Ok(Asked::Rules(Command::Room(body.room.into(), RoomCommand::Messages { seqs }), Shape::Plain))
    }
}

#[derive(Deserialize)]
struct WordsBody {
    #[serde(rename = "Reject")]
    reject: Vec<Arc<str>>,
    #[serde(rename = "Mask")]
    mask: Vec<Arc<str>>,
}

impl From<WordsBody> for WordLists {
    fn from(WordsBody { reject, mask }: WordsBody) -> Self {
        Self { reject, mask }
    }
}

#[derive(Deserialize)]
struct BannedPage {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Offset")]
    offset: usize,
    #[serde(rename = "Limit", default)]
    limit: usize,
}

#[derive(Deserialize)]
struct PinOne {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "MsgSeq")]
    seq: u64,
}

#[derive(Deserialize)]
struct SomeMessages {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "ReqMsgSeqList")]
    seqs: Option<Vec<u64>>,
}
