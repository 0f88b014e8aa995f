//! The words of an app.

use super::{Caller, Engine};
use crate::answer::Answer;
use crate::change::Change;
use crate::refusal::Refusal;
use crate::time::Time;
use crate::words::Words;
use std::sync::Arc;

impl<T> Engine<T> {
    pub(super) fn set_words(
        &mut self,
        now: Time,
        by: &Caller,
        words: Arc<Words>,
    ) -> Result<(Answer, u64), Refusal> {
        self.must_run_the_app(now, by)?;
        let app = by.app();
        let limit = self.limits(app).words_max;
        if words.lists().len() > limit {
            return Err(Refusal::TooMany { what: "words", limit });
        }
        self.apps.entry(app).or_default().words = words.clone();
        Ok((Answer::Done, self.gate.keep(Change::Words(app, None, words))))
    }

    pub(super) fn app_words(&mut self, now: Time, by: &Caller) -> Result<(Answer, u64), Refusal> {
        self.must_run_the_app(now, by)?;
        Ok((Answer::Words(self.words(by.app())), self.gate.latest()))
    }

    fn must_run_the_app(&mut self, now: Time, by: &Caller) -> Result<(), Refusal> {
        if self.member_actor(now, by)?.app_admin { Ok(()) } else { Err(Refusal::AdminsOnly) }
    }
}
