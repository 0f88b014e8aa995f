//! The room as it is shown to those who ask.

use super::{Actor, Room};
use crate::answer::{Answer, Role, RoomView, Stats};
use crate::id::UserId;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::time::Time;

impl Room {
    /// The room as one user sees it.
    pub fn view(&self, by: &Actor) -> RoomView {
        let member = self.members.get(&by.face.account);
        let role = self.role(&by.face.user);
        RoomView {
            room: self.key.room.clone(),
            profile: self.profile.clone(),
            owner: self.owner.clone(),
            created_at: self.created_at,
            changed_at: self.changed_at,
            spoke_at: self.spoke_at,
            info_seq: self.info_seq,
            next_seq: self.next_seq,
            online: self.online(),
            role: (member.is_some() || role != Role::Member).then_some(role),
            joined_at: member.map(|member| member.joined_at),
        }
    }

    /// Those of these messages that the room still holds.
    pub(super) fn messages(&self, seqs: &[u64], limits: &Limits) -> Result<Answer, Refusal> {
        let limit = limits.pinnable_max;
        if seqs.len() > limit {
            return Err(Refusal::TooMany { what: "messages", limit });
        }
        Ok(Answer::Messages(seqs.iter().filter_map(|seq| self.pins.message(*seq)).cloned().collect()))
    }

    pub(super) fn muted(&self, now: Time) -> Vec<(UserId, Time)> {
        self.mutes.iter().filter(|(_, until)| **until > now).map(|(user, until)| (user.clone(), *until)).collect()
    }

    pub(super) fn banned(&self, now: Time, skip: usize, limit: usize) -> Answer {
        let mut bans = self.bans.iter().filter(|(_, until)| **until > now).skip(skip);
        let banned: Vec<_> = bans.by_ref().take(limit).map(|(user, until)| (user.clone(), *until)).collect();
        let next = if bans.next().is_some() { skip + banned.len() } else { 0 };
        Answer::BannedUsers { banned, next }
    }

    pub(super) fn stats(&self, by: &Actor) -> Stats {
        Stats {
            online: self.online(),
            peak: self.counters.peak,
            likes: self.counters.likes,
            messages: self.counters.messages,
            ledger: (by.app_admin || self.role(&by.face.user) != Role::Member)
                .then(|| Box::new(self.ledger.clone())),
        }
    }
}
