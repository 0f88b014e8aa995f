//! Coupons and the pieces of them that people have claimed.

use super::decide::Decision;
use super::event::ShopEvent;
use super::money::{Minor, amount, percent_of, some};
use super::refusal::ShopRefusal;
use super::{Shop, Show, check};
use crate::id::{RoomId, UserId};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What a coupon takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Off {
    /// So much.
    Amount(Minor),
    /// A part.
    Percent {
        /// Percent, 1 to 99.
        rate: u32,
        /// At most so much; 0: no maximum.
        #[serde(default)]
        max: Minor,
    },
}

/// What a coupon promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouponTerms {
    /// Its number.
    pub id: u64,
    /// What viewers read.
    pub title: Arc<str>,
    /// What it takes off.
    pub off: Off,
    /// The goods that it is for must cost at least so much.
    pub threshold: Minor,
    /// The goods that it is for; empty is the whole shop.
    pub goods: Vec<u64>,
    /// From when it can be claimed and used.
    pub starts_at: Time,
    /// Until when.
    pub ends_at: Time,
    /// Pieces.
    pub stock: i64,
    /// Pieces that one user may claim.
    pub per_user: u32,
    /// Closed by the merchant: not claimed any more. What was claimed stays good.
    pub closed: bool,
}

/// A coupon and how far it is.
#[derive(Clone, Debug)]
pub struct Coupon {
    /// What it promises.
    pub terms: Arc<CouponTerms>,
    /// Pieces claimed.
    pub claimed: i64,
    /// Pieces used by paid orders.
    pub used: i64,
    /// Pieces that each user has claimed.
    pub by_user: HashMap<UserId, u32>,
}

/// A coupon as a merchant wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CouponDraft {
    /// Which; `None` is new.
    #[serde(default)]
    pub id: Option<u64>,
    /// See [`CouponTerms::title`].
    pub title: Arc<str>,
    /// See [`CouponTerms::off`].
    pub off: Off,
    /// See [`CouponTerms::threshold`].
    #[serde(default)]
    pub threshold: Minor,
    /// See [`CouponTerms::goods`].
    #[serde(default)]
    pub goods: Vec<u64>,
    /// See [`CouponTerms::starts_at`].
    pub starts_at: Time,
    /// See [`CouponTerms::ends_at`].
    pub ends_at: Time,
    /// See [`CouponTerms::stock`].
    pub stock: i64,
    /// See [`CouponTerms::per_user`].
    #[serde(default = "one")]
    pub per_user: u32,
}

fn one() -> u32 {
    1
}

/// Where a claimed piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClaimState {
    /// Its owner may use it.
    Held,
    /// An order that is not paid uses it.
    Reserved,
    /// A paid order has used it.
    Used,
}

/// A piece of a coupon that somebody has claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Its number.
    pub id: u64,
    /// Of which coupon.
    pub coupon: u64,
    /// Whose.
    pub user: UserId,
    /// When.
    pub at: Time,
    /// Where it is.
    pub state: ClaimState,
    /// The order that uses it.
    pub order: Option<u64>,
    /// The room where it was claimed.
    pub room: Option<RoomId>,
}

impl Off {
    /// What it takes off the price of the goods that it is for; never more than these cost.
    pub fn of(self, price: Minor) -> Minor {
        let off = match self {
            Off::Amount(off) => off,
            Off::Percent { rate, max: 0 } => percent_of(price, rate),
            Off::Percent { rate, max } => percent_of(price, rate).min(max),
        };
        off.min(price)
    }

    fn check(self) -> Result<(), Refusal> {
        match self {
            Off::Amount(off) => some(off).map(drop),
            Off::Percent { rate: 1..=99, max } => amount(max).map(drop),
            Off::Percent { .. } => Err(Refusal::BadParameter("off")),
        }
    }
}

impl CouponTerms {
    /// Whether it is for these goods.
    pub fn is_for(&self, goods: u64) -> bool {
        self.goods.is_empty() || self.goods.contains(&goods)
    }

    /// Whether it can be used now.
    pub fn is_valid(&self, now: Time) -> bool {
        self.starts_at <= now && now < self.ends_at
    }
}

impl Coupon {
    /// A coupon of which nothing is claimed yet.
    pub fn new(terms: Arc<CouponTerms>) -> Self {
        Self { terms, claimed: 0, used: 0, by_user: HashMap::new() }
    }

    /// Pieces that can still be claimed.
    pub fn left(&self) -> i64 {
        self.terms.stock - self.claimed
    }
}

impl Shop {
    /// A coupon.
    pub fn coupon(&self, id: u64) -> Result<&Coupon, Refusal> {
        self.coupons.get(&id).ok_or_else(|| ShopRefusal::CouponMissing.into())
    }

    /// A claim of this user.
    pub fn claim_of(&self, user: &UserId, id: u64) -> Result<&Claim, Refusal> {
        let claim = self.claims.get(&id).filter(|claim| claim.user == *user);
        claim.ok_or_else(|| ShopRefusal::ClaimMissing.into())
    }
}

impl Decision<'_> {
    pub(super) fn claim(&mut self, coupon: u64, room: Option<RoomId>) -> Result<Show, Refusal> {
        let coupon = self.shop.coupon(coupon)?;
        let terms = &coupon.terms;
        if terms.closed || !terms.is_valid(self.now) {
            return Err(ShopRefusal::CouponNotNow.into());
        }
        // Whoever has one hears that first: it is the truth whether or not others are left.
        if coupon.by_user.get(self.user()).copied().unwrap_or(0) >= terms.per_user {
            return Err(ShopRefusal::OverLimit.into());
        }
        if coupon.left() < 1 {
            return Err(ShopRefusal::CouponGone.into());
        }
        let id = self.new_id();
        let claim = Claim {
            id,
            coupon: terms.id,
            user: self.user().clone(),
            at: self.now,
            state: ClaimState::Held,
            order: None,
            room,
        };
        self.happens(ShopEvent::Claimed(Arc::new(claim)));
        Ok(Show::Claim(id))
    }

    pub(super) fn save_coupon(&mut self, draft: CouponDraft) -> Result<Show, Refusal> {
        check::text("title", &draft.title, 1, self.limits.title_bytes_max)?;
        draft.off.check()?;
        amount(draft.threshold)?;
        some(draft.stock)?;
        check::count("goods", draft.goods.len(), self.limits.shelf_max)?;
        for goods in &draft.goods {
            self.shop.goods(*goods)?;
        }
        if draft.per_user == 0 {
            return Err(ShopRefusal::BadAmount.into());
        }
        check::time("startsAt", draft.starts_at)?;
        check::time("endsAt", draft.ends_at)?;
        if draft.ends_at <= draft.starts_at {
            return Err(Refusal::BadParameter("endsAt"));
        }
        let before = draft.id.map(|id| self.shop.coupon(id)).transpose()?;
        // Who has claimed an old coupon is not in memory any more: it cannot be given a second life.
        if before.is_some_and(|coupon| coupon.terms.ends_at <= self.now) {
            return Err(ShopRefusal::CouponNotNow.into());
        }
        if before.is_some_and(|coupon| coupon.claimed > draft.stock) {
            return Err(ShopRefusal::StockInUse.into());
        }
        if before.is_none() {
            check::room_for("coupons", self.shop.coupons.len(), self.limits.coupons_max)?;
        }
        let closed = before.is_some_and(|coupon| coupon.terms.closed);
        let id = draft.id.unwrap_or_else(|| self.new_id());
        let terms = CouponTerms {
            id,
            title: draft.title,
            off: draft.off,
            threshold: draft.threshold,
            goods: draft.goods,
            starts_at: draft.starts_at,
            ends_at: draft.ends_at,
            stock: draft.stock,
            per_user: draft.per_user,
            closed,
        };
        self.happens(ShopEvent::CouponSaved(Arc::new(terms)));
        Ok(Show::Coupon(id))
    }

    pub(super) fn close_coupon(&mut self, id: u64) -> Result<Show, Refusal> {
        let coupon = self.shop.coupon(id)?;
        if !coupon.terms.closed {
            let terms = CouponTerms { closed: true, ..CouponTerms::clone(&coupon.terms) };
            self.happens(ShopEvent::CouponSaved(Arc::new(terms)));
        }
        Ok(Show::Coupon(id))
    }

    /// Offers a coupon to the room.
    pub(super) fn drop_coupon(&mut self, room: RoomId, id: u64) -> Result<Show, Refusal> {
        let coupon = self.shop.coupon(id)?;
        if coupon.terms.closed || self.now >= coupon.terms.ends_at {
            return Err(ShopRefusal::CouponNotNow.into());
        }
        if coupon.left() < 1 {
            return Err(ShopRefusal::CouponGone.into());
        }
        let mut shelf = super::shelf::Shelf::clone(&self.shop.shelf(&room));
        if !shelf.coupons.contains(&id) {
            shelf.coupons.insert(0, id);
            shelf.coupons.truncate(self.limits.coupons_per_room_max);
            self.change_shelf(room.clone(), shelf);
        }
        self.happens(ShopEvent::CouponDropped(room, id));
        Ok(Show::Coupon(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coupon_never_takes_off_more_than_the_goods_cost() {
        assert_eq!(Off::Amount(500).of(300), 300);
        assert_eq!(Off::Percent { rate: 20, max: 0 }.of(999), 199);
        assert_eq!(Off::Percent { rate: 20, max: 100 }.of(999), 100);
        for bad in
            [Off::Amount(0), Off::Amount(-5), Off::Percent { rate: 0, max: 0 }, Off::Percent { rate: 100, max: 0 }]
        {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
