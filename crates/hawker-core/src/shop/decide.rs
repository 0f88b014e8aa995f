//! Decides: what follows from a command. Nothing has happened yet, so a refusal leaves no trace.

use super::command::{Access, ShopCommand};
use super::event::ShopEvent;
use super::keys::{self, UsedKey};
use super::{Patron, Shop, ShopLimits, Show};
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::time::Time;
use std::sync::Arc;

/// A good decision: what will have happened, and what the asker is shown then.
#[derive(Debug, PartialEq)]
pub struct ShopVerdict {
    /// To be applied in this order.
    pub events: Vec<ShopEvent>,
    /// What to show.
    pub show: Show,
}

/// A decision being made.
pub(super) struct Decision<'a> {
    pub(super) shop: &'a Shop,
    pub(super) limits: &'a ShopLimits,
    pub(super) now: Time,
    pub(super) by: &'a Patron,
    pub(super) goods_made: usize,
    events: Vec<ShopEvent>,
    next_id: u64,
}

impl<'a> Decision<'a> {
    pub(super) fn new(shop: &'a Shop, limits: &'a ShopLimits, now: Time, by: &'a Patron) -> Self {
        Self { shop, limits, now, by, goods_made: 0, events: Vec::new(), next_id: shop.next_id }
    }

    pub(super) fn user(&self) -> &'a UserId {
        &self.by.user
    }

    pub(super) fn happens(&mut self, event: ShopEvent) {
        self.events.push(event);
    }

    pub(super) fn new_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn may(&self, access: Access) -> Result<(), Refusal> {
        match access {
            Access::Anybody => Ok(()),
            Access::User if self.by.anonymous => Err(Refusal::NotLoggedIn),
            Access::User => Ok(()),
            Access::Host if self.by.hosts || self.by.merchant => Ok(()),
            Access::Host => Err(Refusal::NotAllowed),
            Access::Merchant if self.by.merchant => Ok(()),
            Access::Merchant => Err(Refusal::AdminsOnly),
        }
    }

    fn carry_out(&mut self, command: ShopCommand) -> Result<Show, Refusal> {
        use ShopCommand::*;
        let user = || self.by.user.clone();
        match command {
            Shelf(room) => Ok(Show::Shelf(room)),
            Goods(id) => self.shop.goods(id).map(|_| Show::Goods(id)),
            Claim { coupon, room } => self.claim(coupon, room),
            MyClaims => Ok(Show::Claims(user())),
            CreateOrder(wanted) => self.create_order(wanted),
            CancelOrder(id) => self.cancel_order(id),
            ConfirmOrder(id) | Complete(id) => self.complete(id),
            MyOrders => Ok(Show::Orders(user())),
            Order(id) => self.shop.order(self.user(), self.by.merchant, id).map(|_| Show::Order(id)),
            Gifts => Ok(Show::Gifts),
            SendGift { room, gift, count } => self.send_gift(room, self.by.host.clone(), &gift, count),
            Wallet => Ok(Show::Wallet(user())),
            TopUp(coins) => self.top_up(coins),
            Board(room) => Ok(Show::Board(room)),
            Follow { host, room, on } => self.follow(host, room, on),
            Following => Ok(Show::Following(user())),
            IsFollowing(host) => Ok(Show::Follow(host)),
            SetShelf(room, items) => self.set_shelf(room, items),
            PushGoods(room, goods) => self.push_goods(room, goods),
            StartSale(draft) => self.start_sale(draft),
            EndSale(id) => self.end_sale(id),
            DropCoupon(room, id) => self.drop_coupon(room, id),
            ListGoods => Ok(Show::GoodsOnSale),
            ListCoupons => Ok(Show::CouponsOpen),
            Sales(room) => Ok(Show::Sales(room)),
            SaveGoods(draft) => self.save_goods(draft),
            ImportGoods(drafts) => self.import_goods(drafts),
            RemoveGoods(id) => self.remove_goods(id),
            MoveStock { sku, change } => self.move_stock(sku, change),
            SaveCoupon(draft) => self.save_coupon(draft),
            CloseCoupon(id) => self.close_coupon(id),
            Ship { order, carrier, tracking } => self.ship(order, carrier, tracking),
            Refund { order, amount, reason, restock } => self.refund(order, amount, reason, restock),
            SaveGift(gift) => self.save_gift(gift),
            Adjust { user, change, reason } => self.adjust(user, change, reason),
            Pay(payment) => self.pay(payment),
            Payable(id) => self.to_be_paid(id),
        }
    }
}

impl Shop {
    /// What follows from a command. With a key that was used for it before, nothing more, and the same is shown.
    pub fn decide(
        &self,
        limits: &ShopLimits,
        now: Time,
        by: &Patron,
        key: Option<&Arc<str>>,
        command: ShopCommand,
    ) -> Result<ShopVerdict, Refusal> {
        let mut draft = Decision::new(self, limits, now, by);
        draft.may(command.access())?;
        let Some(key) = key else {
            let show = draft.carry_out(command)?;
            return Ok(ShopVerdict { events: draft.events, show });
        };
        keys::check_key(key, limits)?;
        if let Some(show) = self.keys.find(&by.user, key, &command)? {
            return Ok(ShopVerdict { events: Vec::new(), show: show.clone() });
        }
        let fingerprint = keys::fingerprint(&command);
        let show = draft.carry_out(command)?;
        if !draft.events.is_empty() {
            let (user, key, show) = (by.user.clone(), key.clone(), show.clone());
            draft.happens(ShopEvent::KeyUsed(Arc::new(UsedKey { user, key, fingerprint, show, at: now })));
        }
        Ok(ShopVerdict { events: draft.events, show })
    }

    /// What follows from time having passed; nothing if nothing is due.
    pub fn tick(&self, limits: &ShopLimits, now: Time) -> Vec<ShopEvent> {
        let Some((_, due)) = self.due.first().filter(|(at, _)| *at <= now) else { return Vec::new() };
        let nobody = Patron::default();
        let mut draft = Decision::new(self, limits, now, &nobody);
        match *due {
            super::Due::Order(id) => draft.order_due(id),
            super::Due::TopUp(id) => draft.top_up_due(id),
            super::Due::Sale(id) => draft.happens(ShopEvent::SaleTurned(id)),
            super::Due::Keys => draft.happens(ShopEvent::KeysForgotten(now - limits.key_age_max)),
        }
        draft.events
    }
}
