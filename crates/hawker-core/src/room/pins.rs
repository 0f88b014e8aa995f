//! Messages that the host pins where everybody sees them, newcomers too.
//!
//! A room holds its last messages so that they can be pinned; a pinned one is kept until it is taken off, recalled or
//! the room is closed.

use super::{Decision, RoomEvent};
use crate::answer::Answer;
use crate::limits::Limits;
use crate::post::{Class, MessageRef, Pin, Post, Posted};
use crate::refusal::Refusal;
use std::collections::VecDeque;
use std::sync::Arc;

/// What is pinned, and what could be.
#[derive(Clone, Debug, Default)]
pub(super) struct Pins {
    pinned: Vec<Arc<Pin>>,
    /// The last messages, oldest first.
    recent: VecDeque<Arc<Posted>>,
}

impl Pins {
    /// The pins of a room that said this last.
    pub fn of(limits: &Limits, pinned: Vec<Arc<Pin>>, said: &[Arc<Posted>]) -> Self {
        let mut pins = Self { pinned, recent: VecDeque::new() };
        said.iter().for_each(|posted| pins.remember(limits, posted));
        pins
    }

    /// Holds a message unless it is a like.
    pub fn remember(&mut self, limits: &Limits, posted: &Arc<Posted>) {
        if posted.class == Class::Like || !matches!(posted.post, Post::Message { .. }) {
            return;
        }
        self.recent.push_back(posted.clone());
        if self.recent.len() > limits.pinnable_max {
            self.recent.pop_front();
        }
    }

    /// Lets go of a message that was taken back.
    pub fn forget(&mut self, seq: u64) {
        self.recent.retain(|posted| posted.seq != seq);
    }

    pub fn pin(&mut self, pin: Arc<Pin>) {
        self.pinned.push(pin);
    }

    pub fn unpin(&mut self, seq: u64) {
        self.pinned.retain(|pin| pin.message.seq != seq);
    }

    /// The pinned messages, in the order in which they were pinned.
    pub fn pinned(&self) -> &[Arc<Pin>] {
        &self.pinned
    }

    fn pinned_message(&self, seq: u64) -> Option<&Arc<Posted>> {
        self.pinned.iter().map(|pin| &pin.message).find(|message| message.seq == seq)
    }

    /// A message that is pinned or among the last.
    pub fn message(&self, seq: u64) -> Option<&Arc<Posted>> {
        let recent = || {
            // In the order of their numbers.
            let at = self.recent.binary_search_by_key(&seq, |posted| posted.seq).ok()?;
            self.recent.get(at)
        };
        self.pinned_message(seq).or_else(recent)
    }
}

impl Decision<'_, '_> {
    pub(super) fn pin(&mut self, seq: u64) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        let pins = &self.room.pins;
        let message = pins.message(seq).ok_or(Refusal::MessageMissing)?.clone();
        if pins.pinned_message(seq).is_some() {
            return Err(Refusal::AlreadyPinned);
        }
        let limit = self.ctx.limits.pins_max;
        if pins.pinned.len() >= limit {
            return Err(Refusal::TooMany { what: "pinned messages", limit });
        }
        let pin = Pin { by: self.by.face.user.clone(), at: self.ctx.now, message: message.clone() };
        self.events.push(RoomEvent::Pinned(Arc::new(pin)));
        self.post(Class::Vital, Post::Pinned { by: self.by.face.clone(), message });
        Ok(Answer::Done)
    }

    pub(super) fn unpin(&mut self, seq: u64) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        let message = self.room.pins.pinned_message(seq).ok_or(Refusal::MessageMissing)?;
        self.take_off(message.clone());
        Ok(Answer::Done)
    }

    /// What was recalled is not pinned any more.
    pub(super) fn unpin_recalled(&mut self, messages: &[MessageRef]) {
        let pinned = messages.iter().filter_map(|message| self.room.pins.pinned_message(message.seq));
        pinned.cloned().collect::<Vec<_>>().into_iter().for_each(|message| self.take_off(message));
    }

    fn take_off(&mut self, message: Arc<Posted>) {
        self.events.push(RoomEvent::Unpinned(message.seq));
        self.post(Class::Vital, Post::Unpinned { by: self.by.face.clone(), message });
    }
}
