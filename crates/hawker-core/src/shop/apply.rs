//! Makes events true. Cannot fail: whatever could go wrong was found out in the decision.

use super::coupon::{ClaimState, Coupon};
use super::event::{Piece, ShopEvent};
use super::gift::{Combo, SentGift};
use super::order::Order;
use super::sale::{Sale, SaleTerms};
use super::wallet::TopUp;
use super::{Due, Shop, ShopLimits, SkuEntry};
use crate::id::UserId;
use crate::time::Time;
use std::sync::Arc;
use std::time::Duration;

/// Runs of gifts that are remembered; beyond, those that are over are cleared away.
const COMBOS_MAX: usize = 10_000;

impl Shop {
    /// Makes an event true.
    pub fn apply(&mut self, limits: &ShopLimits, now: Time, event: &ShopEvent) {
        self.books.apply(event);
        self.arranged += u64::from(event.arranges());
        match event {
            ShopEvent::GoodsSaved(goods) => self.put_goods(goods),
            ShopEvent::Listed { sku, change } => {
                if let Some(entry) = self.skus.get_mut(sku) {
                    entry.stock.listed += change;
                }
            }
            ShopEvent::Moved { sku, sale, user, quantity, piece } => {
                self.move_pieces(*sku, *sale, user, *quantity, *piece);
            }
            ShopEvent::ShelfSet(room, shelf) => drop(self.shelves.insert(room.clone(), shelf.clone())),
            ShopEvent::ShelfGone(room) => drop(self.shelves.remove(room)),
            ShopEvent::SaleSet(terms) => self.put_sale(now, terms),
            ShopEvent::SaleTurned(id) => self.sale_turned(now, *id),
            ShopEvent::CouponSaved(terms) => {
                self.took_id(terms.id);
                let coupon = self.coupons.entry(terms.id).or_insert_with(|| Coupon::new(terms.clone()));
                coupon.terms = terms.clone();
            }
            ShopEvent::Claimed(claim) => {
                self.took_id(claim.id);
                if let Some(coupon) = self.coupons.get_mut(&claim.coupon) {
                    coupon.claimed += 1;
                    *coupon.by_user.entry(claim.user.clone()).or_default() += 1;
                }
                self.claims_of.entry(claim.user.clone()).or_default().push(claim.id);
                self.claims.insert(claim.id, (**claim).clone());
            }
            ShopEvent::ClaimReserved(claim, order) => self.set_claim(*claim, ClaimState::Reserved, Some(*order)),
            ShopEvent::ClaimFreed(claim) => self.set_claim(*claim, ClaimState::Held, None),
            ShopEvent::ClaimUsed(id) => {
                let Some(claim) = self.claims.get_mut(id) else { return };
                claim.state = ClaimState::Used;
                if let Some(coupon) = self.coupons.get_mut(&claim.coupon) {
                    coupon.used += 1;
                }
            }
            ShopEvent::OrderCreated(order)
            | ShopEvent::OrderPaid(order)
            | ShopEvent::OrderPaidLate(order)
            | ShopEvent::OrderShipped(order)
            | ShopEvent::OrderDone(order)
            | ShopEvent::OrderCancelled(order)
            | ShopEvent::OrderRefunded(order, _) => self.put_order(limits, order.clone()),
            ShopEvent::OrderForgotten(id) => self.forget_order(limits, *id),
            ShopEvent::Transferred(transfer) => {
                self.took_id(transfer.id);
                *self.balances.entry(transfer.from.clone()).or_default() -= transfer.coins;
                *self.balances.entry(transfer.to.clone()).or_default() += transfer.coins;
            }
            ShopEvent::TopUpAsked(top_up) | ShopEvent::TopUpPaid(top_up) => self.put_top_up(limits, top_up.clone()),
            ShopEvent::TopUpForgotten(id) => {
                if let Some(gone) = self.top_ups.remove(id) {
                    self.due.remove(&(gone.at + limits.after_sale, Due::TopUp(*id)));
                }
            }
            ShopEvent::GiftSaved(gift) => drop(self.gifts.insert(gift.id.clone(), gift.clone())),
            ShopEvent::GiftSent(sent) => self.gift_sent(limits, sent),
            ShopEvent::Followed { user, host, on, .. } => self.follows.set(user, host, *on),
            ShopEvent::KeyUsed(used) => {
                self.keys.put(limits, used);
                self.watch_keys(limits);
            }
            ShopEvent::KeysForgotten(before) => {
                self.keys.forget(*before);
                self.due.retain(|(_, due)| *due != Due::Keys);
                self.keys_watched = false;
                self.watch_keys(limits);
            }
            ShopEvent::Pushed(..) | ShopEvent::CouponDropped(..) => {}
        }
    }

    /// What was due and has nothing to do any more is not looked at again.
    pub(crate) fn skip_due(&mut self) {
        self.due.pop_first();
    }

    pub(super) fn took_id(&mut self, id: u64) {
        self.next_id = self.next_id.max(id + 1);
    }

    pub(super) fn put_goods(&mut self, goods: &Arc<super::goods::Goods>) {
        self.took_id(goods.id);
        for sku in &goods.skus {
            self.took_id(sku.id);
            self.skus.entry(sku.id).or_insert(SkuEntry { goods: goods.id, stock: Default::default() });
        }
        self.goods.insert(goods.id, goods.clone());
    }

    fn move_pieces(&mut self, sku: u64, sale: Option<u64>, user: &UserId, quantity: u32, piece: Piece) {
        if let Some(entry) = self.skus.get_mut(&sku) {
            let (held, sold) = piece.effect(quantity);
            entry.stock.held += held;
            entry.stock.sold += sold;
        }
        let Some(sale) = sale.and_then(|id| self.sales.get_mut(&id)) else { return };
        let (held, sold) = piece.effect_on_sale(quantity);
        sale.held += held;
        sale.sold += sold;
        let bought = sale.buyers.entry(user.clone()).or_default();
        *bought = bought.saturating_add_signed((held + sold) as i32);
        if *bought == 0 {
            sale.buyers.remove(user);
        }
    }

    pub(super) fn put_sale(&mut self, now: Time, terms: &Arc<SaleTerms>) {
        self.took_id(terms.id);
        let sale = self.sales.entry(terms.id).or_insert_with(|| Sale::new(terms.clone()));
        self.due.remove(&(sale.terms.ends_at, Due::Sale(terms.id)));
        self.due.remove(&(sale.terms.starts_at, Due::Sale(terms.id)));
        sale.terms = terms.clone();
        for at in [terms.starts_at, terms.ends_at] {
            if at > now {
                self.due.insert((at, Due::Sale(terms.id)));
            }
        }
        let of_room = self.sales_of_room.entry(terms.room.clone()).or_default();
        of_room.retain(|id| *id != terms.id);
        // What is over is looked for no more, however many there have been.
        if terms.ends_at > now {
            of_room.push(terms.id);
        }
    }

    fn sale_turned(&mut self, now: Time, id: u64) {
        self.due.retain(|(at, due)| *due != Due::Sale(id) || *at > now);
        if let Some(terms) = self.sales.get(&id).map(|sale| sale.terms.clone()) {
            self.put_sale(now, &terms);
        }
    }

    fn set_claim(&mut self, id: u64, state: ClaimState, order: Option<u64>) {
        if let Some(claim) = self.claims.get_mut(&id) {
            (claim.state, claim.order) = (state, order);
        }
    }

    pub(super) fn put_order(&mut self, limits: &ShopLimits, order: Arc<Order>) {
        let id = order.id;
        self.took_id(id);
        order.refunds.iter().for_each(|refund| self.took_id(refund.id));
        if !order.transaction.is_empty() {
            self.transactions.insert(order.transaction.clone(), id);
        }
        let due = order_due(limits, &order);
        match self.orders.insert(id, order.clone()) {
            Some(before) => drop(self.due.remove(&(order_due(limits, &before), Due::Order(id)))),
            None => self.orders_of.entry(order.user.clone()).or_default().push(id),
        }
        self.due.insert((due, Due::Order(id)));
    }

    fn forget_order(&mut self, limits: &ShopLimits, id: u64) {
        let Some(gone) = self.orders.remove(&id) else { return };
        self.due.remove(&(order_due(limits, &gone), Due::Order(id)));
        if let Some(ids) = self.orders_of.get_mut(&gone.user) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.orders_of.remove(&gone.user);
            }
        }
    }

    pub(super) fn put_top_up(&mut self, limits: &ShopLimits, top_up: Arc<TopUp>) {
        self.took_id(top_up.id);
        if top_up.paid {
            self.transactions.insert(top_up.transaction.clone(), top_up.id);
        }
        self.due.insert((top_up.at + limits.after_sale, Due::TopUp(top_up.id)));
        self.top_ups.insert(top_up.id, top_up);
    }

    fn gift_sent(&mut self, limits: &ShopLimits, sent: &Arc<SentGift>) {
        let board = self.boards.entry(sent.room.clone()).or_default();
        board.total += sent.coins;
        *board.by_user.entry(sent.user.clone()).or_default() += sent.coins;
        if self.combos.len() >= COMBOS_MAX {
            self.combos.retain(|_, run| sent.at.since(run.at) <= limits.combo_pause);
        }
        let run = Combo { gift: sent.gift.clone(), count: sent.combo, at: sent.at };
        self.combos.insert((sent.room.clone(), sent.user.clone()), run);
    }

    pub(super) fn watch_keys(&mut self, limits: &ShopLimits) {
        if !self.keys_watched
            && let Some(oldest) = self.keys.oldest()
        {
            // A millisecond later, when it is older than that.
            self.due.insert((oldest + limits.key_age_max + Duration::from_millis(1), Due::Keys));
            self.keys_watched = true;
        }
    }
}

/// When something happens to an order by itself.
fn order_due(limits: &ShopLimits, order: &Order) -> Time {
    use super::order::OrderState;
    match order.state {
        OrderState::Created => order.pay_until,
        OrderState::Shipped => order.shipped_at + limits.done_after,
        // A paid order waits for its merchant, however long.
        OrderState::Paid => Time::NEVER,
        OrderState::Done | OrderState::Cancelled | OrderState::Refunded => {
            order.over_at(limits).unwrap_or(Time::NEVER)
        }
    }
}
