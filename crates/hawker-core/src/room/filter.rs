//! The words that a room, or its app, does not want to read.

use super::{Decision, RoomEvent};
use crate::answer::{Answer, Role};
use crate::post::{Element, ProfileChange};
use crate::refusal::Refusal;
use crate::words::{WordLists, Words};
use std::sync::Arc;

impl Decision<'_, '_> {
    /// Looks for words that are not allowed; those to be masked are. The app's words concern everybody but its
    /// administrators, the room's everybody but those who run it.
    pub(super) fn clean_message(&self, elements: &mut Arc<[Element]>) -> Result<(), Refusal> {
        if self.by.app_admin {
            return Ok(());
        }
        self.ctx.words.clean_message(elements)?;
        if self.room.role(&self.by.face.user) == Role::Member {
            self.room.words.clean_message(elements)?;
        }
        Ok(())
    }

    /// The same for the texts of the room itself.
    pub(super) fn clean_change(&self, change: ProfileChange) -> Result<ProfileChange, Refusal> {
        if self.by.app_admin {
            return Ok(change);
        }
        let words = self.ctx.words;
        Ok(match change {
            ProfileChange::Name(text) => ProfileChange::Name(words.clean(&text)?),
            ProfileChange::Introduction(text) => ProfileChange::Introduction(words.clean(&text)?),
            ProfileChange::Notification(text) => ProfileChange::Notification(words.clean(&text)?),
            ProfileChange::Avatar(_) | ProfileChange::MuteAll(_) | ProfileChange::Field(..) => change,
        })
    }

    pub(super) fn set_words(&mut self, lists: WordLists) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        let limit = self.ctx.limits.room_words_max;
        if lists.len() > limit {
            return Err(Refusal::TooMany { what: "words of a room", limit });
        }
        self.events.push(RoomEvent::WordsSet(Arc::new(Words::new(lists)?)));
        Ok(Answer::Done)
    }
}
