//! What follows from what the store found: an answer, or a decision that needed the old messages.

use super::Step;
use super::look::{Page, Purpose};
use crate::change::DirectChange;
use crate::direct::{Conversation, DirectAnswer, DirectMessage, Found, Letter, MessageNo, Notice, Taker};
use crate::engine::{Engine, nobody};
use crate::id::{AccountId, AppId, UserId};
use crate::refusal::Refusal;
use crate::time::Time;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a conversation in a list beside names and last message.
const LISTED_BYTES: usize = 256;

impl<T> Engine<T> {
    pub(super) fn conclude(&mut self, now: Time, purpose: Purpose, found: Found) -> Result<Step, Refusal> {
        let answer = match (purpose, found) {
            (Purpose::Conversations { page }, Found::Conversations(list)) => self.conversations(page, list),
            (Purpose::Sync { page, up_to }, Found::Sync { messages, recalled, unread }) => {
                self.synced(page, up_to, messages, recalled, unread)
            }
            (Purpose::Unread { peers, app }, Found::Sync { unread, .. }) => self.unread(app, peers, unread),
            (Purpose::History { peer, page, forward }, Found::History(messages)) => {
                self.history(peer, page, forward, messages)
            }
            (Purpose::ReadBy, Found::ReadBy(numbers)) => {
                DirectAnswer::ReadBy(numbers.into_iter().map(|no| no.at().secs()).collect())
            }
            (Purpose::Reminders, Found::Reminders(list)) => {
                DirectAnswer::Reminders(list.into_iter().map(|(peer, how)| (self.user_of(peer), how)).collect())
            }
            (Purpose::Recall { by, to, app_admin }, Found::Messages(messages)) => {
                return self.recall_direct(now, by, to, app_admin, messages);
            }
            (Purpose::Delete { account, peer }, Found::Messages(messages)) => {
                return Ok(self.deleted(account, peer, &messages));
            }
            _ => return Err(Refusal::Busy),
        };
        Ok(Step::Answer(answer, 0))
    }

    fn conversations(&self, page: Page, list: Vec<Conversation>) -> DirectAnswer {
        let with_names = |mut conversation: Conversation| {
            let face = self.accounts.get(&conversation.peer).map_or_else(nobody, |peer| peer.face());
            let last = conversation.last.take().map(|message| self.letter(message));
            (face, conversation, last)
        };
        let mut conversations: Vec<_> = list.into_iter().map(with_names).collect();
        // A text is there twice: as the message and in a word.
        let more = page.cut(&mut conversations, |(face, _, last)| {
            let last = last.as_ref().map_or(0, Letter::bytes);
            face.nick.len() + face.avatar.len() + 2 * last.max(LISTED_BYTES)
        });
        let next = conversations.last().filter(|_| more).map(|(_, last, _)| (last.newest, last.peer));
        DirectAnswer::Conversations { conversations, next }
    }

    fn synced(
        &self,
        page: Page,
        up_to: MessageNo,
        messages: Vec<DirectMessage>,
        recalled: Vec<DirectMessage>,
        unread: Vec<(AccountId, u32)>,
    ) -> DirectAnswer {
        let mut messages = self.letters(messages);
        let more = page.cut(&mut messages, Letter::bytes);
        let up_to = messages.last().filter(|_| more).map_or(up_to, |last| last.message.no);
        DirectAnswer::Synced {
            up_to,
            more,
            messages,
            recalled: self.letters(recalled),
            unread: unread.into_iter().map(|(peer, count)| (self.user_of(peer), count)).collect(),
        }
    }

    fn unread(&self, app: AppId, peers: Option<Vec<UserId>>, unread: Vec<(AccountId, u32)>) -> DirectAnswer {
        let total = unread.iter().map(|(_, count)| u64::from(*count)).sum();
        let counts: HashMap<_, _> = unread.into_iter().collect();
        let count = |user: UserId| {
            let account = self.account(app, &user).map(|account| account.id);
            let count = account.and_then(|account| counts.get(&account)).copied().unwrap_or(0);
            (user, count)
        };
        DirectAnswer::Unread { total, of: peers.into_iter().flatten().map(count).collect() }
    }

    fn history(&self, peer: AccountId, page: Page, forward: bool, messages: Vec<DirectMessage>) -> DirectAnswer {
        let mut messages = self.letters(messages);
        let more = page.cut(&mut messages, Letter::bytes);
        let end = messages.last().map(|last| last.message.no);
        if !forward {
            messages.reverse();
        }
        DirectAnswer::History {
            peer: self.user_of(peer),
            messages,
            next: end.filter(|_| more),
            last_secs: end.map_or(0, |no| no.at().secs()),
        }
    }

    fn deleted(&mut self, account: AccountId, peer: AccountId, messages: &[DirectMessage]) -> Step {
        if messages.is_empty() {
            return Step::Done(0);
        }
        let numbers = messages.iter().map(|message| message.no).collect();
        Step::Done(self.keep_direct(DirectChange::Deleted(account, peer, numbers)))
    }

    fn recall_direct(
        &mut self,
        now: Time,
        by: AccountId,
        to: AccountId,
        app_admin: bool,
        messages: Vec<DirectMessage>,
    ) -> Result<Step, Refusal> {
        // The same numbers may have been given to a message in the other direction.
        let message = messages.into_iter().find(|message| message.from == by && message.to == to);
        let message = message.ok_or(Refusal::DirectMissing)?;
        if message.recalled.is_some() {
            return Err(Refusal::AlreadyRecalled);
        }
        let app = self.accounts.get(&by).ok_or(Refusal::AccountMissing)?.app;
        if !app_admin && now.since(message.no.at()) > self.limits(app).direct_recall_window {
            return Err(Refusal::DirectRecallTooLate);
        }
        let no = self.direct.next_number(now);
        let message = DirectMessage { recalled: Some(Taker { by, no }), ..message };
        let gate = self.keep_direct(DirectChange::Recalled(Arc::new(message.clone())));
        let notice = Arc::new(Notice::Recalled(Box::new(self.letter(message))));
        self.direct.lookups.brought(to, no);
        if app_admin {
            // The sender's own client knows by the answer; over REST it hears it like the receiver.
            self.notify(gate, by, notice.clone());
        }
        self.notify(gate, to, notice);
        Ok(Step::Done(gate))
    }
}
