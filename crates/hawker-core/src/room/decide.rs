//! What follows from a command in a room, and who may give it.

use super::ledger::DropReason;
use super::{Actor, Context, Member, Reception, Room, RoomEvent, check};
use crate::answer::{Answer, Role};
use crate::id::UserId;
use crate::post::{Class, Draft, Meaning, Post, Posted, ProfileChange};
use crate::refusal::Refusal;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// A decision being made: the events so far, and the next number to give out.
pub(super) struct Decision<'a, 'c> {
    pub(super) room: &'a Room,
    pub(super) ctx: &'a mut Context<'c>,
    pub(super) by: &'a Actor,
    pub(super) events: Vec<RoomEvent>,
    pub(super) next_seq: u64,
    ceiling: u64,
}

impl<'a, 'c> Decision<'a, 'c> {
    pub(super) fn new(room: &'a Room, ctx: &'a mut Context<'c>, by: &'a Actor) -> Self {
        Self { room, ctx, by, events: Vec::new(), next_seq: room.next_seq, ceiling: room.seq_ceiling }
    }

    pub(super) fn join(&mut self, history: bool) -> Result<Answer, Refusal> {
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        let until = self.room.banned_until(&self.by.face.user, self.ctx.now);
        if until > Time::default() {
            return Err(Refusal::Banned { until });
        }
        if self.room.member(self.by.face.account).is_none() {
            let online = self.room.online() + 1;
            self.events.push(RoomEvent::Joined(self.by.face.clone()));
            self.tip(Post::Joined { who: self.by.face.clone(), online });
        }
        // The joiner hears its own tip with the rest of the backlog only if it wants history.
        let (app, room) = (self.room.key.app, self.room.key.room.clone());
        Ok(Answer::Joined { app, room, history, next_seq: self.next_seq })
    }

    pub(super) fn quit(&mut self) -> Result<Answer, Refusal> {
        if self.room.owner.as_ref() == Some(&self.by.face.user) && !self.by.anonymous {
            return Err(Refusal::OwnerCannotLeave);
        }
        if self.room.member(self.by.face.account).is_none() {
            return Err(Refusal::NotMember);
        }
        self.leave();
        Ok(Answer::Done)
    }

    pub(super) fn leave(&mut self) {
        if self.room.member(self.by.face.account).is_some() {
            let online = self.room.online() - 1;
            self.events.push(RoomEvent::Left(self.by.face.account));
            self.tip(Post::Left { who: self.by.face.clone(), online });
        }
    }

    pub(super) fn dismiss(&mut self) -> Result<Answer, Refusal> {
        if !self.by.app_admin && self.room.role(&self.by.face.user) != Role::Owner {
            return Err(Refusal::NotAllowed);
        }
        self.post(Class::Vital, Post::Dismissed { by: self.by.face.user.clone() });
        self.events.push(RoomEvent::Dismissed);
        Ok(Answer::Done)
    }

    pub(super) fn send(&mut self, message: Draft) -> Result<Answer, Refusal> {
        check::draft(&message, self.ctx.limits)?;
        let key = (self.by.face.account, message.random);
        if let Some(first) = self.room.duplicates.find(self.ctx.limits, self.ctx.now, &key) {
            return Ok(first.answer());
        }
        self.may_speak()?;
        let class = message.meaning.class(message.priority);
        let chat = message.meaning == Meaning::Chat;
        if chat {
            self.not_in_a_hurry()?;
        }
        let mut elements = message.elements;
        self.clean_message(&mut elements)?;
        self.events.push(RoomEvent::Spoke(self.by.face.account));
        if chat && self.is_slowed() {
            self.events.push(RoomEvent::TookTurn(self.by.face.account));
        }
        if class == Class::Like {
            self.events.push(RoomEvent::Liked);
        }
        let post = Post::Message {
            from: self.by.face.clone(),
            priority: message.priority,
            sent_at: message.sent_at,
            client_seq: message.client_seq,
            elements,
            cloud_data: message.cloud_data,
        };
        let sent = self.admit(class, message.random, post);
        let seq = sent.unwrap_or_else(|| self.next_seq.saturating_sub(1));
        let reception = Reception { at: self.ctx.now, seq, dropped: sent.is_none() };
        self.events.push(RoomEvent::Taken(key.0, key.1, reception));
        Ok(reception.answer())
    }

    pub(super) fn may_speak(&self) -> Result<(), Refusal> {
        if self.by.app_admin {
            return Ok(());
        }
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        let member = self.room.member(self.by.face.account).ok_or(Refusal::NotMember)?;
        let until = self.room.muted_until(&self.by.face.user, self.ctx.now);
        if until > Time::default() {
            return Err(Refusal::Muted { until });
        }
        if self.room.profile.mute_all && self.room.role(&self.by.face.user) == Role::Member {
            return Err(Refusal::AllMuted);
        }
        self.not_too_often(member)
    }

    pub(super) fn not_too_often(&self, member: &Member) -> Result<(), Refusal> {
        let rate = self.ctx.limits.messages_per_second_per_user;
        let admits = member.speaking.admits(self.ctx.now, rate, Class::ChatHigh);
        if admits { Ok(()) } else { Err(Refusal::TooOften) }
    }

    pub(super) fn change(&mut self, changes: Vec<ProfileChange>) -> Result<Answer, Refusal> {
        self.must_own_the_room()?;
        changes.iter().try_for_each(|change| check::profile_change(change, self.ctx.limits))?;
        self.fields_must_fit(&changes)?;
        let changes = changes.into_iter().map(|change| self.clean_change(change)).collect::<Result<Vec<_>, _>>()?;
        for change in changes {
            if self.changes_something(&change) {
                self.events.push(RoomEvent::Changed(change.clone()));
                self.post(Class::Vital, Post::ProfileChanged { by: self.by.face.clone(), change });
            }
        }
        Ok(Answer::Done)
    }

    /// A field that is set to what it is still gets its tip: pushing the same goods again means "look here". Only
    /// taking away what is not there is nothing.
    pub(super) fn changes_something(&self, change: &ProfileChange) -> bool {
        match change {
            ProfileChange::Field(key, None) => self.room.profile.fields.contains_key(key),
            ProfileChange::MuteAll(on) => *on != self.room.profile.mute_all,
            _ => true,
        }
    }

    pub(super) fn fields_must_fit(&self, changes: &[ProfileChange]) -> Result<(), Refusal> {
        let mut keys: BTreeSet<&str> = self.room.profile.fields.keys().map(|key| &**key).collect();
        for change in changes {
            match change {
                ProfileChange::Field(key, Some(_)) => drop(keys.insert(key)),
                ProfileChange::Field(key, None) => drop(keys.remove(&**key)),
                _ => {}
            }
        }
        let limit = self.ctx.limits.room_fields_max;
        if keys.len() > limit { Err(Refusal::TooMany { what: "custom fields", limit }) } else { Ok(()) }
    }

    pub(super) fn mute(&mut self, users: Vec<UserId>, secs: u32) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        check::users(&users, self.ctx.limits)?;
        self.must_outrank(&users)?;
        self.sanctions_must_fit(&self.room.mutes, &users, secs)?;
        let until = self.until(secs);
        self.events.extend(users.iter().map(|user| RoomEvent::Muted(user.clone(), until)));
        self.post(Class::Vital, Post::Muted { by: self.by.face.clone(), users, secs });
        Ok(Answer::Done)
    }

    pub(super) fn ban(&mut self, users: Vec<UserId>, secs: u32, reason: Arc<str>) -> Result<Answer, Refusal> {
        self.must_run_the_room()?;
        check::users(&users, self.ctx.limits)?;
        self.must_outrank(&users)?;
        self.sanctions_must_fit(&self.room.bans, &users, secs)?;
        let until = self.until(secs);
        for user in &users {
            self.events.push(RoomEvent::Banned(user.clone(), until));
            if secs > 0 {
                let post = Post::YouWereBanned { by: self.by.face.user.clone(), secs, reason: reason.clone() };
                let told = self.stamp(Class::Vital, post, None);
                self.events.push(RoomEvent::Told(user.clone(), told));
            }
        }
        if secs > 0 {
            let out = self.room.members.iter().filter(|(_, member)| users.contains(&member.user));
            let mut left: Vec<_> = out.map(|(account, _)| *account).collect();
            // Not in the order of a hash map: the same inputs give the same run.
            left.sort_unstable();
            self.events.extend(left.into_iter().map(RoomEvent::Left));
        }
        self.post(Class::Vital, Post::Banned { by: self.by.face.clone(), users, secs });
        Ok(Answer::Done)
    }

    pub(super) fn set_admins(&mut self, users: Vec<UserId>, admin: bool) -> Result<Answer, Refusal> {
        self.must_own_the_room()?;
        check::users(&users, self.ctx.limits)?;
        if users.iter().any(|user| self.room.owner.as_ref() == Some(user)) {
            return Err(Refusal::NotAllowed);
        }
        let users: Vec<_> = users.into_iter().filter(|user| self.room.admins.contains(user) != admin).collect();
        let limit = self.ctx.limits.admins_max;
        if admin && self.room.admins.len() + users.len() > limit {
            return Err(Refusal::TooMany { what: "admins", limit });
        }
        if !users.is_empty() {
            self.events.extend(users.iter().map(|user| RoomEvent::AdminSet(user.clone(), admin)));
            self.post(Class::Vital, Post::AdminChanged { by: self.by.face.clone(), users, admin });
        }
        Ok(Answer::Done)
    }

    pub(super) fn set_member_fields(
        &mut self,
        user: Option<UserId>,
        fields: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Answer, Refusal> {
        let user = user.unwrap_or_else(|| self.by.face.user.clone());
        if self.by.anonymous {
            return Err(Refusal::Anonymous);
        }
        if user != self.by.face.user {
            self.must_run_the_room()?;
        }
        check::user_id(&user)?;
        fields.iter().try_for_each(|(key, value)| check::member_field(key, value, self.ctx.limits))?;
        let mut after = self.room.member_fields(&user);
        after.extend(fields.iter().cloned());
        after.retain(|_, value| !value.is_empty());
        let limit = self.ctx.limits.member_fields_max;
        if after.len() > limit {
            return Err(Refusal::TooMany { what: "member custom fields", limit });
        }
        let set = fields.into_iter().map(|(key, value)| {
            RoomEvent::MemberFieldSet(user.clone(), key, Some(value).filter(|value| !value.is_empty()))
        });
        self.events.extend(set);
        Ok(Answer::Done)
    }

    /// How many messages a second this room carries; `None` is what all rooms do.
    pub(super) fn set_budget(&mut self, per_second: Option<u32>) -> Result<Answer, Refusal> {
        if !self.by.app_admin {
            return Err(Refusal::AdminsOnly);
        }
        if per_second == Some(0) {
            return Err(Refusal::BadParameter("MessagesPerSecond"));
        }
        self.events.push(RoomEvent::BudgetSet(per_second));
        Ok(Answer::Done)
    }

    pub(super) fn notify(&mut self, content: Arc<str>) -> Result<Answer, Refusal> {
        if !self.by.app_admin {
            return Err(Refusal::AdminsOnly);
        }
        let limit = self.ctx.limits.notice_bytes_max;
        if content.len() > limit {
            return Err(Refusal::TooLong { field: "Content", limit });
        }
        self.post(Class::Vital, Post::Notice { by: self.by.face.user.clone(), content });
        Ok(Answer::Done)
    }

    pub(super) fn must_own_the_room(&self) -> Result<(), Refusal> {
        let owner = !self.by.anonymous && self.room.role(&self.by.face.user) == Role::Owner;
        if self.by.app_admin || owner { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    pub(super) fn must_run_the_room(&self) -> Result<(), Refusal> {
        let runs = !self.by.anonymous && self.room.role(&self.by.face.user) > Role::Member;
        if self.by.app_admin || runs { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// Nobody mutes or bans the host, oneself, or (without being the host) an admin.
    pub(super) fn must_outrank(&self, users: &[UserId]) -> Result<(), Refusal> {
        let own = if self.by.app_admin { Role::Owner } else { self.room.role(&self.by.face.user) };
        let outranked = |user: &UserId| match self.room.role(user) {
            Role::Owner => self.by.app_admin && *user != self.by.face.user,
            role => role < own,
        };
        if users.iter().all(outranked) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// Sanctions that are over make room for new ones; only those in force count against the bound.
    pub(super) fn sanctions_must_fit(
        &self,
        kept: &BTreeMap<UserId, Time>,
        users: &[UserId],
        secs: u32,
    ) -> Result<(), Refusal> {
        let limit = self.ctx.limits.sanctions_max;
        if secs == 0 || kept.len() + users.len() <= limit {
            return Ok(());
        }
        let now = self.ctx.now;
        let in_force = kept.values().filter(|until| **until > now).count();
        if in_force + users.len() > limit {
            return Err(Refusal::TooMany { what: "sanctions in one room", limit });
        }
        Ok(())
    }

    pub(super) fn until(&self, secs: u32) -> Time {
        match secs {
            0 => Time::default(),
            u32::MAX => Time::NEVER,
            secs => self.ctx.now + Duration::from_secs(secs.into()),
        }
    }

    /// A join or quit tip: everybody hears it if there is room.
    pub(super) fn tip(&mut self, post: Post) {
        let rate = self.ctx.limits.tips_per_second;
        if self.room.tip_budget.admits(self.ctx.now, rate, Class::ChatHigh) {
            let random = self.ctx.rng.message_random();
            self.admit(Class::Tip, random, post);
        } else {
            self.events.push(RoomEvent::Dropped(Class::Tip, DropReason::TipBudget));
        }
    }

    /// Something that is always delivered, or that nobody would miss twice.
    pub(super) fn post(&mut self, class: Class, post: Post) {
        let random = self.ctx.rng.message_random();
        self.admit(class, random, post);
    }

    pub(super) fn admit(&mut self, class: Class, random: u32, post: Post) -> Option<u64> {
        if !self.room.budget.admits(self.ctx.now, self.room.messages_per_second(self.ctx.limits), class) {
            self.events.push(RoomEvent::Dropped(class, DropReason::Budget));
            return None;
        }
        let posted = self.stamp(class, post, Some(random));
        let seq = posted.seq;
        self.events.push(RoomEvent::Posted(posted));
        Some(seq)
    }

    /// Gives a post its place. Numbers are promised to the store a block at a time, before one is used.
    pub(super) fn stamp(&mut self, class: Class, post: Post, random: Option<u32>) -> Arc<Posted> {
        if self.next_seq > self.ceiling {
            self.ceiling += self.ctx.limits.seq_block;
            self.events.push(RoomEvent::CeilingRaised(self.ceiling));
        }
        let seq = self.next_seq;
        self.next_seq += 1;
        Arc::new(Posted {
            room: self.room.key.clone(),
            room_name: self.room.profile.name.clone(),
            seq,
            random: random.unwrap_or_else(|| self.ctx.rng.message_random()),
            at: self.ctx.now,
            class,
            post,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{OpenRoom, RoomCommand};
    use crate::id::{AccountId, AppId, RoomKey};
    use crate::limits::Limits;
    use crate::post::{Element, Face, Meaning, Priority};
    use crate::rng::Rng;
    use crate::words::Words;

    fn administrator() -> Actor {
        let face = Face { account: AccountId(1), user: "administrator".into(), nick: "".into(), avatar: "".into() };
        Actor { face, app_admin: true, anonymous: false }
    }

    fn ask(room: &mut Room, by: &Actor, command: RoomCommand) -> Result<Answer, Refusal> {
        let (now, limits) = (Time(1_000_000), Limits::default());
        let words = Words::default();
        let mut ctx = Context { now, limits: &limits, words: &words, rng: &mut Rng::new(7) };
        let verdict = room.decide(&mut ctx, by, command)?;
        verdict.events.iter().for_each(|event| room.apply(now, &limits, event));
        Ok(verdict.answer)
    }

    fn heard_of_a_burst(room: &mut Room) -> usize {
        let say = |random| {
            RoomCommand::Send(Draft {
                meaning: Meaning::Chat,
                priority: Priority::Normal,
                random,
                sent_at: 0,
                client_seq: 0,
                elements: [Element::Text("hello".into())].into(),
                cloud_data: "".into(),
                bytes: 60,
            })
        };
        let heard = |answer| matches!(answer, Ok(Answer::Sent { dropped: false, .. }));
        let first = room.next_seq() as u32 * 1000;
        (first..first + 500).filter(|random| heard(ask(room, &administrator(), say(*random)))).count()
    }

    #[test]
    fn a_room_may_have_a_budget_of_its_own() {
        let limits = Limits::default();
        let open = OpenRoom { live_room: true, name: "Shoes".into(), ..OpenRoom::default() };
        let mut room = Room::open(Time(1_000_000), RoomKey::new(AppId(1), "shoes"), None, &open, &limits);
        assert_eq!(heard_of_a_burst(&mut room), 36);
        ask(&mut room, &administrator(), RoomCommand::SetBudget(Some(200))).unwrap();
        assert_eq!(heard_of_a_burst(&mut room), 180);
        assert_eq!(room.record().messages_per_second, Some(200));
        ask(&mut room, &administrator(), RoomCommand::SetBudget(None)).unwrap();
        assert_eq!(heard_of_a_burst(&mut room), 36);

        let viewer = Actor { app_admin: false, ..administrator() };
        assert_eq!(ask(&mut room, &viewer, RoomCommand::SetBudget(Some(9))), Err(Refusal::AdminsOnly));
    }
}
