//! Who follows which host (`attent`).

use super::decide::Decision;
use super::event::ShopEvent;
use super::refusal::ShopRefusal;
use super::{Shop, Show, check};
use crate::id::{RoomId, UserId};
use crate::refusal::Refusal;
use std::collections::{BTreeSet, HashMap};

/// Followings, both ways.
#[derive(Clone, Debug, Default)]
pub struct Follows {
    hosts_of: HashMap<UserId, BTreeSet<UserId>>,
    followers: HashMap<UserId, u64>,
}

impl Follows {
    /// Whether somebody follows a host.
    pub fn is(&self, user: &UserId, host: &UserId) -> bool {
        self.hosts_of.get(user).is_some_and(|hosts| hosts.contains(host))
    }

    /// How many follow a host.
    pub fn followers(&self, host: &UserId) -> u64 {
        self.followers.get(host).copied().unwrap_or(0)
    }

    /// Whom somebody follows, by name.
    pub fn of(&self, user: &UserId) -> impl Iterator<Item = &UserId> {
        self.hosts_of.get(user).into_iter().flatten()
    }

    /// Makes it so.
    pub fn set(&mut self, user: &UserId, host: &UserId, follows: bool) {
        let hosts = self.hosts_of.entry(user.clone()).or_default();
        let changed = if follows { hosts.insert(host.clone()) } else { hosts.remove(host) };
        if hosts.is_empty() {
            self.hosts_of.remove(user);
        }
        if changed {
            let count = self.followers.entry(host.clone()).or_default();
            *count = if follows { *count + 1 } else { count.saturating_sub(1) };
        }
    }
}

impl Shop {
    /// Who follows whom.
    pub fn follows(&self) -> &Follows {
        &self.follows
    }
}

impl Decision<'_> {
    /// Following twice is following.
    pub(super) fn follow(&mut self, host: UserId, room: Option<RoomId>, on: bool) -> Result<Show, Refusal> {
        if host == *self.user() {
            return Err(ShopRefusal::NotYourself.into());
        }
        if on {
            check::room_for("hosts", self.shop.follows.of(self.user()).count(), self.limits.follows_max)?;
        }
        if self.shop.follows.is(self.user(), &host) != on {
            let user = self.user().clone();
            self.happens(ShopEvent::Followed { user, host: host.clone(), room, on });
        }
        Ok(Show::Follow(host))
    }
}
