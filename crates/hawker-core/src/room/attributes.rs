//! Attributes: small values of a room that its members share (who sits where, which lot is on the table).
//!
//! Every change has a number, one more than the last; a value keeps the number of the change that made it. Who writes may
//! say what it knows, and is refused when somebody else was faster.

use super::{Decision, Room, RoomEvent, check};
use crate::answer::Answer;
use crate::command::AttributeWrite;
use crate::post::{AttributesHow, Class, Post};
use crate::refusal::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many changes of attributes a second a room takes (the vendor's five, for two kinds of writing).
pub(super) const WRITES_PER_SECOND: u32 = 10;

impl Room {
    /// The attributes.
    pub(super) fn attributes(&self) -> Answer {
        let one = |(key, (value, no)): (&Arc<str>, &(Arc<str>, u64))| (key.clone(), value.clone(), *no);
        Answer::Attributes { main: self.attributes_changed, attributes: self.attributes.iter().map(one).collect() }
    }
}

impl Decision<'_, '_> {
    pub(super) fn set_attributes(
        &mut self,
        writes: Vec<AttributeWrite>,
        replace: bool,
        known: Option<u64>,
    ) -> Result<Answer, Refusal> {
        self.may_change_attributes()?;
        check::attributes(&writes, self.ctx.limits)?;
        if replace {
            self.nobody_was_faster(known)?;
        } else {
            self.nobody_was_faster_with(&writes)?;
        }
        let no = self.room.attributes_changed + 1;
        let written: BTreeMap<Arc<str>, Arc<str>> =
            writes.into_iter().map(|write| (write.key, write.value)).collect();
        let dropped = self.room.attributes.keys().filter(|key| replace && !written.contains_key(*key));
        let dropped: Vec<_> = dropped.cloned().collect();
        self.attributes_must_fit(&written, replace)?;
        let attributes: Vec<_> = written.into_iter().map(|(key, value)| (key, value, no)).collect();
        self.events.extend(dropped.into_iter().map(|key| RoomEvent::AttributeSet(key, None)));
        let set = |(key, value, no): &(Arc<str>, Arc<str>, u64)| {
            RoomEvent::AttributeSet(key.clone(), Some((value.clone(), *no)))
        };
        self.events.extend(attributes.iter().map(set));
        let how = if replace { AttributesHow::Replaced } else { AttributesHow::Modified };
        self.attributes_change(no, how, attributes)
    }

    pub(super) fn drop_attributes(
        &mut self,
        keys: Option<Vec<AttributeWrite>>,
        known: Option<u64>,
    ) -> Result<Answer, Refusal> {
        self.may_change_attributes()?;
        let how = if keys.is_some() { AttributesHow::Deleted } else { AttributesHow::Cleared };
        let gone: Vec<Arc<str>> = match keys {
            None => {
                self.nobody_was_faster(known)?;
                self.room.attributes.keys().cloned().collect()
            }
            Some(keys) => {
                check::attributes(&keys, self.ctx.limits)?;
                if keys.iter().any(|write| !self.room.attributes.contains_key(&write.key)) {
                    return Err(Refusal::AttributeMissing);
                }
                self.nobody_was_faster_with(&keys)?;
                keys.into_iter().map(|write| write.key).collect()
            }
        };
        let no = self.room.attributes_changed + 1;
        self.events.extend(gone.iter().map(|key| RoomEvent::AttributeSet(key.clone(), None)));
        self.attributes_change(no, how, gone.into_iter().map(|key| (key, "".into(), no)).collect())
    }

    fn attributes_change(
        &mut self,
        no: u64,
        how: AttributesHow,
        attributes: Vec<(Arc<str>, Arc<str>, u64)>,
    ) -> Result<Answer, Refusal> {
        self.events.push(RoomEvent::AttributesChanged(no));
        self.post(Class::Vital, Post::Attributes { main: no, how, attributes: attributes.clone() });
        Ok(Answer::Attributes { main: no, attributes })
    }

    fn may_change_attributes(&self) -> Result<(), Refusal> {
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        if self.must_run_the_room().is_err() && self.room.member(self.by.face.account).is_none() {
            return Err(Refusal::NotMember);
        }
        if !self.room.attribute_budget.admits(self.ctx.now, WRITES_PER_SECOND, Class::ChatHigh) {
            let limit = WRITES_PER_SECOND as usize;
            return Err(Refusal::TooMany { what: "changes of attributes a second", limit });
        }
        Ok(())
    }

    fn nobody_was_faster(&self, known: Option<u64>) -> Result<(), Refusal> {
        let current = known.is_none_or(|known| known == self.room.attributes_changed);
        if current { Ok(()) } else { Err(Refusal::AttributesChanged) }
    }

    fn nobody_was_faster_with(&self, writes: &[AttributeWrite]) -> Result<(), Refusal> {
        let number = |write: &AttributeWrite| self.room.attributes.get(&write.key).map_or(0, |(_, no)| *no);
        let current = writes.iter().all(|write| write.known.is_none_or(|known| known == number(write)));
        if current { Ok(()) } else { Err(Refusal::AttributesChanged) }
    }

    fn attributes_must_fit(&self, written: &BTreeMap<Arc<str>, Arc<str>>, replace: bool) -> Result<(), Refusal> {
        let limits = self.ctx.limits;
        let kept = self.room.attributes.iter().filter(|(key, _)| !replace && !written.contains_key(*key));
        let kept: Vec<_> = kept.map(|(_, (value, _))| value.len()).collect();
        if kept.len() + written.len() > limits.attributes_max {
            return Err(Refusal::TooMany { what: "attributes", limit: limits.attributes_max });
        }
        let bytes: usize = kept.into_iter().chain(written.values().map(|value| value.len())).sum();
        if bytes > limits.attributes_bytes_max {
            return Err(Refusal::TooLong { field: "all attributes", limit: limits.attributes_bytes_max });
        }
        Ok(())
    }
}
