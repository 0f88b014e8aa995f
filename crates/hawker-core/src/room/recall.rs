//! Taking back what was said.
//!
//! A room remembers of its last messages who said them, not what they said: enough to decide who may take one back
//! and to name it to everybody. Likes are not remembered; they would push out what somebody may want back.

use super::{Decision, RoomEvent, check};
use crate::answer::Answer;
use crate::limits::Limits;
use crate::post::{Class, MessageRef, Post, Posted};
use crate::refusal::Refusal;
use crate::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who said the last messages, by number; the oldest is forgotten first.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    said: BTreeMap<u64, (Time, MessageRef)>,
}

impl Memory {
    /// What a room remembers that said this last.
    pub fn of(limits: &Limits, said: &[Arc<Posted>]) -> Self {
        let mut memory = Self::default();
        said.iter().for_each(|posted| memory.remember(limits, posted));
        memory
    }

    /// Remembers a message unless it is a like, forgets what is too much.
    pub fn remember(&mut self, limits: &Limits, posted: &Posted) {
        let Some(message) = posted.message_ref().filter(|_| posted.class != Class::Like) else { return };
        self.said.insert(posted.seq, (posted.at, message));
        while self.said.len() > limits.recallable_max {
            self.said.pop_first();
        }
    }

    /// Forgets a message.
    pub fn forget(&mut self, seq: u64) {
        self.said.remove(&seq);
    }
}

impl Decision<'_, '_> {
    pub(super) fn recall(&mut self, seqs: Vec<u64>, reason: Arc<str>) -> Result<Answer, Refusal> {
        check::recall(&seqs, &reason, self.ctx.limits)?;
        self.may_recall()?;
        let mut messages: Vec<MessageRef> = Vec::new();
        let mut outcomes = Vec::new();
        for seq in seqs {
            let found = self.recallable(seq);
            if let Ok(message) = found
                && !messages.contains(message)
            {
                messages.push(message.clone());
            }
            outcomes.push((seq, found.map(drop)));
        }
        if !messages.is_empty() {
            self.events.push(RoomEvent::Spoke(self.by.face.account));
            self.events.extend(messages.iter().map(|message| RoomEvent::Recalled(message.seq)));
            self.unpin_recalled(&messages);
            self.post(Class::Vital, Post::Recalled { by: self.by.face.clone(), messages, reason });
        }
        Ok(Answer::Recalled(outcomes))
    }

    /// Everybody is told of a recall, so it counts as speaking. Who is muted may still take something back.
    fn may_recall(&self) -> Result<(), Refusal> {
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        if self.must_run_the_room().is_ok() {
            return Ok(());
        }
        self.not_too_often(self.room.member(self.by.face.account).ok_or(Refusal::NotMember)?)
    }

    fn recallable(&self, seq: u64) -> Result<&MessageRef, Refusal> {
        let (at, message) = self.room.memory.said.get(&seq).ok_or(Refusal::MessageMissing)?;
        let own = message.account == self.by.face.account;
        if !own && self.must_run_the_room().is_err() {
            return Err(Refusal::RecallNotAllowed);
        }
        if self.ctx.now.since(*at) > self.ctx.limits.recall_window {
            return Err(Refusal::RecallTooLate);
        }
        Ok(message)
    }
}
