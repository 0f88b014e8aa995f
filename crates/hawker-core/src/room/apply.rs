//! Making true what was decided.

use super::budget::Budget;
use super::slow::SLOW_MODE;
use super::{Member, Room, RoomEvent, attributes};
use crate::id::UserId;
use crate::limits::Limits;
use crate::post::{Class, Face, Post, Posted, ProfileChange};
use crate::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Room {
    /// Makes an event true. Cannot fail.
    pub fn apply(&mut self, now: Time, limits: &Limits, event: &RoomEvent) {
        match event {
            RoomEvent::CeilingRaised(ceiling) => self.seq_ceiling = *ceiling,
            RoomEvent::Changed(change) => self.apply_change(now, change),
            RoomEvent::BudgetSet(per_second) => {
                self.messages_per_second = *per_second;
                self.budget = Budget::new(now, self.messages_per_second(limits));
            }
            RoomEvent::Joined(who) => self.apply_join(now, limits, who),
            RoomEvent::Left(account) => {
                if let Some(member) = self.members.remove(account) {
                    self.by_arrival.remove(&(member.joined_at, *account));
                }
            }
            RoomEvent::Muted(user, until) => set_until(&mut self.mutes, user, *until),
            RoomEvent::Banned(user, until) => set_until(&mut self.bans, user, *until),
            RoomEvent::AdminSet(user, true) => drop(self.admins.insert(user.clone())),
            RoomEvent::AdminSet(user, false) => drop(self.admins.remove(user)),
            RoomEvent::MemberFieldSet(user, key, value) => self.apply_member_field(user, key, value.clone()),
            RoomEvent::TallySet(key, Some(value)) => drop(self.tallies.insert(key.clone(), *value)),
            RoomEvent::TallySet(key, None) => drop(self.tallies.remove(key)),
            RoomEvent::AttributeSet(key, Some(value)) => drop(self.attributes.insert(key.clone(), value.clone())),
            RoomEvent::AttributeSet(key, None) => drop(self.attributes.remove(key)),
            RoomEvent::AttributesChanged(no) => {
                self.attributes_changed = *no;
                self.attribute_budget.spend(now, attributes::WRITES_PER_SECOND);
            }
            RoomEvent::Recalled(seq) => {
                self.memory.forget(*seq);
                self.pins.forget(*seq);
            }
            RoomEvent::Pinned(pin) => self.pins.pin(pin.clone()),
            RoomEvent::Unpinned(seq) => self.pins.unpin(*seq),
            RoomEvent::WordsSet(words) => self.words = words.clone(),
            RoomEvent::TookTurn(account) => self.slow.spoke(now, *account),
            RoomEvent::Spoke(account) => {
                if let Some(member) = self.members.get_mut(account) {
                    member.speaking.spend(now, limits.messages_per_second_per_user);
                }
            }
            RoomEvent::Taken(account, random, reception) => {
                self.duplicates.remember(limits, now, (*account, *random), *reception);
            }
            RoomEvent::Liked => self.counters.likes += 1,
            RoomEvent::Posted(posted) => self.apply_post(now, limits, posted),
            RoomEvent::Told(_, posted) => self.next_seq = posted.seq + 1,
            RoomEvent::Dropped(class, reason) => self.ledger.dropped(*class, *reason),
            RoomEvent::Dismissed => {
                self.members.clear();
                self.by_arrival.clear();
            }
        }
    }

    fn apply_change(&mut self, now: Time, change: &ProfileChange) {
        if let ProfileChange::Field(key, value) = change
            && &**key == SLOW_MODE
        {
            self.slow.set(value.as_deref().unwrap_or(""));
        }
        let profile = &mut self.profile;
        match change.clone() {
            ProfileChange::Name(text) => profile.name = text,
            ProfileChange::Introduction(text) => profile.introduction = text,
            ProfileChange::Notification(text) => profile.notification = text,
            ProfileChange::Avatar(text) => profile.avatar = text,
            ProfileChange::MuteAll(on) => profile.mute_all = on,
            ProfileChange::Field(key, Some(value)) => drop(profile.fields.insert(key, value)),
            ProfileChange::Field(key, None) => drop(profile.fields.remove(&key)),
        }
        self.info_seq += 1;
        self.changed_at = now;
    }

    pub(super) fn apply_join(&mut self, now: Time, limits: &Limits, who: &Face) {
        let speaking = Budget::new(now, limits.messages_per_second_per_user);
        let member = Member { user: who.user.clone(), joined_at: now, speaking };
        if let Some(old) = self.members.insert(who.account, member) {
            self.by_arrival.remove(&(old.joined_at, who.account));
        }
        self.by_arrival.insert((now, who.account));
        self.counters.peak = self.counters.peak.max(self.online());
    }

    fn apply_member_field(&mut self, user: &UserId, key: &Arc<str>, value: Option<Arc<str>>) {
        let fields = self.member_fields.entry(user.clone()).or_default();
        match value {
            Some(value) => drop(fields.insert(key.clone(), value)),
            None => drop(fields.remove(key)),
        }
        if fields.is_empty() {
            self.member_fields.remove(user);
        }
    }

    fn apply_post(&mut self, now: Time, limits: &Limits, posted: &Arc<Posted>) {
        self.next_seq = posted.seq + 1;
        self.spoke_at = now;
        self.ledger.delivered(posted.class);
        self.budget.spend(now, self.messages_per_second(limits));
        match &posted.post {
            Post::Joined { .. } | Post::Left { .. } => self.tip_budget.spend(now, limits.tips_per_second),
            Post::LikesCounted { total } => self.likes_told = *total,
            Post::Message { .. } => {
                if posted.class != Class::Like {
                    self.counters.messages += 1;
                }
                self.memory.remember(limits, posted);
                self.pins.remember(limits, posted);
            }
            _ => {}
        }
    }
}

fn set_until(sanctions: &mut BTreeMap<UserId, Time>, user: &UserId, until: Time) {
    if until == Time::default() {
        sanctions.remove(user);
    } else {
        sanctions.insert(user.clone(), until);
    }
}
