//! Writing to somebody: nobody's turn but the sender's and the receiver's.

use super::{Asking, Step, check_users};
use crate::change::DirectChange;
use crate::direct::{DirectAnswer, DirectMessage, Letter, MessageKey, MessageNo, Notice, Wishes};
use crate::engine::{AppRules, Caller, Engine};
use crate::id::{AccountId, UserId};
use crate::post::{Class, Draft};
use crate::refusal::Refusal;
use crate::room::check;
use std::sync::Arc;

/// Sender, receiver, the sender's own number and its random one.
pub(super) type Sending = (AccountId, AccountId, u32, u32);

/// What is sent, to whomever.
pub(super) struct Message {
    pub seq: u32,
    pub draft: Draft,
    pub wishes: Wishes,
    /// The sender's own connection is brought it too.
    pub copy: bool,
}

impl<T> Engine<T> {
    pub(super) fn send_one(
        &mut self,
        asking: &Asking<'_>,
        to: &UserId,
        mut what: Message,
    ) -> Result<Step, Refusal> {
        self.take_draft(asking, &mut what.draft)?;
        let no = self.send(asking, to, &what)?;
        let key = MessageKey { seq: what.seq, random: what.draft.random, secs: no.at().secs() };
        Ok(Step::Answer(DirectAnswer::Sent { key, failed: Vec::new(), sent: 1 }, self.gate.latest()))
    }

    pub(super) fn send_many(
        &mut self,
        asking: &Asking<'_>,
        to: Vec<UserId>,
        mut what: Message,
    ) -> Result<Step, Refusal> {
        self.take_draft(asking, &mut what.draft)?;
        if to.is_empty() {
            return Err(Refusal::BadParameter("To_Account"));
        }
        check_users(&to, &asking.limits)?;
        let (mut failed, mut sent) = (Vec::new(), 0);
        let mut secs = asking.now.secs();
        for user in to {
            match self.send(asking, &user, &what) {
                Ok(no) => (sent, secs) = (sent + 1, no.at().secs()),
                Err(refusal) => failed.push((user, refusal)),
            }
        }
        let key = MessageKey { seq: what.seq, random: what.draft.random, secs };
        Ok(Step::Answer(DirectAnswer::Sent { key, failed, sent }, self.gate.latest()))
    }

    /// Every direct message comes through here before anything is decided about it. The words that the app does not
    /// want concern everybody but its administrators.
    fn take_draft(&self, asking: &Asking<'_>, draft: &mut Draft) -> Result<(), Refusal> {
        check::draft(draft, &asking.limits)?;
        let of_app = |rules: &AppRules| rules.admins.contains(&self.user_of(asking.account));
        if matches!(asking.by, Caller::Admin { .. }) || self.apps.get(&asking.app).is_some_and(of_app) {
            return Ok(());
        }
        self.words(asking.app).clean_message(&mut draft.elements)
    }

    fn send(&mut self, asking: &Asking<'_>, to: &UserId, what: &Message) -> Result<MessageNo, Refusal> {
        let (from, now, limits) = (asking.account, asking.now, &asking.limits);
        let to = self.peer(asking.app, to)?;
        if to == from {
            return Err(Refusal::BadParameter("To_Account"));
        }
        let key = (from, to, what.seq, what.draft.random);
        if let Some(first) = self.direct.sent.find(limits.duplicate_window, now, &key) {
            return Ok(first);
        }
        if !matches!(asking.by, Caller::Admin { .. }) {
            self.may_write(asking, to)?;
        }
        let no = self.direct.next_number(now);
        let bounds = (limits.duplicate_window, limits.direct_duplicates_max);
        self.direct.sent.remember(bounds, now, key, now, no);
        let message = Arc::new(message(no, from, to, what));
        if !what.wishes.online_only {
            self.keep_direct(DirectChange::Sent(message.clone()));
            [from, to].into_iter().for_each(|account| self.talks(account));
        }
        self.bring(asking, &message, what.copy);
        Ok(no)
    }

    /// Not blocked, and not too often; spends one of the messages that the sender has.
    fn may_write(&mut self, asking: &Asking<'_>, to: AccountId) -> Result<(), Refusal> {
        if self.has_blocked(to, asking.account) {
            return Err(Refusal::Blocked);
        }
        let rate = asking.limits.direct_per_second_per_user;
        let writing = &mut self.more(asking)?.writing;
        if !writing.admits(asking.now, rate, Class::ChatHigh) {
            return Err(Refusal::TooOften);
        }
        writing.spend(asking.now, rate);
        Ok(())
    }

    /// Brings a message to the receiver, and to the sender's own connection if it came from elsewhere.
    fn bring(&mut self, asking: &Asking<'_>, message: &DirectMessage, copy: bool) {
        let letter = self.letter(message.clone());
        let gate = self.gate.latest();
        if copy {
            let copy = Letter { copy: true, ..letter.clone() };
            self.notify_elsewhere(gate, asking, message.from, Arc::new(Notice::Message(Box::new(copy))));
        }
        self.direct.lookups.brought(message.to, message.no);
        self.notify(gate, message.to, Arc::new(Notice::Message(Box::new(letter))));
    }
}

fn message(no: MessageNo, from: AccountId, to: AccountId, what: &Message) -> DirectMessage {
    let draft = &what.draft;
    DirectMessage {
        no,
        from,
        to,
        seq: what.seq,
        random: draft.random,
        sent_at: draft.sent_at,
        elements: draft.elements.clone(),
        cloud_data: draft.cloud_data.clone(),
        bytes: draft.bytes,
        wishes: what.wishes,
        recalled: None,
    }
}
