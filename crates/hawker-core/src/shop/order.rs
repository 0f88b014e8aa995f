//! Orders: what is in them, where they are, and what can be done to them there.
//!
//! ```text
//!            pay               ship               confirm, time
//!  created ───────▶ paid ───────────▶ shipped ───────────▶ done
//!     │               │                  │                   │
//!     │ cancel, time  │ refund of all    │ refund of all     │ refund of all, within the after-sale period
//!     ▼               ▼                  ▼                   ▼
//!  cancelled       refunded           refunded            refunded
//! ```
//! What is held when an order is created (stock, quota of a flash sale, coupon) is sold and used when it is paid, and free again
//! when it is cancelled. `docs/en/shop.md` has the drawing for people.

use super::decide::Decision;
use super::event::{Piece, ShopEvent};
use super::money::{Minor, some};
use super::refusal::ShopRefusal;
use super::{Shop, Show, check};
use crate::id::{RoomId, UserId};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OrderState {
    /// Waiting to be paid; its stock is held.
    Created,
    /// Paid, to be shipped.
    Paid,
    /// On its way.
    Shipped,
    /// Received.
    Done,
    /// Never paid; what it held is free again.
    Cancelled,
    /// All that was paid was given back.
    Refunded,
}

impl OrderState {
    /// All of them, in the order of the drawing.
    pub const ALL: [OrderState; 6] =
        [Self::Created, Self::Paid, Self::Shipped, Self::Done, Self::Cancelled, Self::Refunded];

    /// Its name, as it is kept and told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// It was not.
    #[default]
    #[serde(rename = "")]
    None,
    /// The buyer did not want it any more.
    #[serde(rename = "buyer")]
    Buyer,
    /// The merchant would not sell.
    #[serde(rename = "merchant")]
    Merchant,
    /// It was not paid in time.
    #[serde(rename = "timeout")]
    Timeout,
}

/// Where an order goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Address {
    /// To whom.
    pub name: Arc<str>,
    /// Whom to call.
    pub phone: Arc<str>,
    /// Where.
    pub text: Arc<str>,
}

/// One line of an order. Title, picture and price are those of the moment of the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The goods.
    pub goods: u64,
    /// The variant.
    pub sku: u64,
    /// The goods' title.
    pub title: Arc<str>,
    /// The variant's name.
    pub variant: Arc<str>,
    /// The first picture; may be empty.
    pub picture: Arc<str>,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub price: Minor,
    /// The flash sale that it was bought in.
    pub sale: Option<u64>,
}

/// Money that was given back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Its number.
    pub id: u64,
    /// How much.
    pub amount: Minor,
    /// Why; may be empty.
    pub reason: Arc<str>,
    /// When.
    pub at: Time,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its number.
    pub id: u64,
    /// Who buys.
    pub user: UserId,
    /// The room where it was made, if it was in one; written as an empty text if not.
    #[serde(with = "room_or_nothing")]
    pub room: Option<RoomId>,
    /// Where it is.
    pub state: OrderState,
    /// What is bought.
    pub lines: Vec<Line>,
    /// The claim that was used on it.
    pub claim: Option<u64>,
    /// Sum of the lines.
    pub goods_total: Minor,
    /// What the coupon takes off.
    pub discount: Minor,
    /// To be paid.
    pub total: Minor,
    /// The currency of all amounts.
    pub currency: Arc<str>,
    /// Where it goes.
    pub address: Address,
    /// What the buyer adds.
    pub remark: Arc<str>,
    /// When it was made.
    pub created_at: Time,
    /// It is cancelled if it is not paid by then.
    pub pay_until: Time,
    /// When it was paid; zero: not yet. So are the others.
    pub paid_at: Time,
    /// When it was shipped.
    pub shipped_at: Time,
    /// When it was received.
    pub done_at: Time,
    /// When it was cancelled.
    pub cancelled_at: Time,
    /// Why.
    pub cancel_reason: CancelReason,
    /// Who carries it.
    pub carrier: Arc<str>,
    /// Under which number.
    pub tracking: Arc<str>,
    /// The payment provider's number.
    pub transaction: Arc<str>,
    /// What was given back.
    pub refunds: Vec<Refund>,
    /// Sum of it.
    pub refunded: Minor,
    /// A payment came when the order was cancelled already: the merchant owes it.
    pub paid_late: bool,
}

mod room_or_nothing {
    use crate::id::RoomId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(room: &Option<RoomId>, serializer: S) -> Result<S::Ok, S::Error> {
        room.as_ref().map_or("", RoomId::as_str).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RoomId>, D::Error> {
        let room = RoomId::deserialize(deserializer)?;
        Ok(Some(room).filter(|room| !room.as_str().is_empty()))
    }
}

impl Order {
    /// What has been paid and not given back.
    pub fn kept(&self) -> Minor {
        self.total - self.refunded
    }

    /// When it leaves the memory of the rules: nothing can happen to it any more. `None`: something still can.
    pub fn over_at(&self, limits: &super::ShopLimits) -> Option<Time> {
        let since = match self.state {
            OrderState::Created | OrderState::Paid | OrderState::Shipped => return None,
            OrderState::Done => self.done_at,
            OrderState::Cancelled => self.cancelled_at,
            OrderState::Refunded => self.refunds.last().map_or(self.created_at, |refund| refund.at),
        };
        Some(since + limits.after_sale)
    }
}

impl Shop {
    /// An order that this user may see: one's own, or any for a merchant.
    pub fn order(&self, user: &UserId, merchant: bool, id: u64) -> Result<&Arc<Order>, Refusal> {
        let order = self.orders.get(&id).filter(|order| merchant || order.user == *user);
        order.ok_or_else(|| ShopRefusal::OrderMissing.into())
    }
}

impl Decision<'_> {
    fn order(&self, id: u64) -> Result<Order, Refusal> {
        let order = self.shop.order(self.user(), self.by.merchant, id)?;
        Ok(Order::clone(order))
    }

    /// An order in one of these states.
    fn order_in(&self, id: u64, states: &[OrderState]) -> Result<Order, Refusal> {
        let order = self.order(id)?;
        if states.contains(&order.state) { Ok(order) } else { Err(ShopRefusal::OrderState.into()) }
    }

    pub(super) fn cancel_order(&mut self, id: u64) -> Result<Show, Refusal> {
        let order = self.order_in(id, &[OrderState::Created])?;
        let own = order.user == *self.user();
        self.cancel(order, if own { CancelReason::Buyer } else { CancelReason::Merchant });
        Ok(Show::Order(id))
    }

    pub(super) fn cancel(&mut self, mut order: Order, reason: CancelReason) {
        self.move_pieces(&order, Piece::Freed);
        if let Some(claim) = order.claim {
            self.happens(ShopEvent::ClaimFreed(claim));
        }
        order.state = OrderState::Cancelled;
        order.cancelled_at = self.now;
        order.cancel_reason = reason;
        self.happens(ShopEvent::OrderCancelled(Arc::new(order)));
    }

    pub(super) fn move_pieces(&mut self, order: &Order, piece: Piece) {
        for line in &order.lines {
            let (sku, sale, quantity) = (line.sku, line.sale, line.quantity);
            self.happens(ShopEvent::Moved { sku, sale, user: order.user.clone(), quantity, piece });
        }
    }

    pub(super) fn ship(&mut self, id: u64, carrier: Arc<str>, tracking: Arc<str>) -> Result<Show, Refusal> {
        check::text("carrier", &carrier, 0, self.limits.code_bytes_max)?;
        check::text("tracking", &tracking, 0, self.limits.code_bytes_max)?;
        let order = self.order_in(id, &[OrderState::Paid])?;
        let order = Order { state: OrderState::Shipped, shipped_at: self.now, carrier, tracking, ..order };
        self.happens(ShopEvent::OrderShipped(Arc::new(order)));
        Ok(Show::Order(id))
    }

    pub(super) fn complete(&mut self, id: u64) -> Result<Show, Refusal> {
        let order = self.order_in(id, &[OrderState::Shipped])?;
        let order = Order { state: OrderState::Done, done_at: self.now, ..order };
        self.happens(ShopEvent::OrderDone(Arc::new(order)));
        Ok(Show::Order(id))
    }

    /// Gives back a part or the rest. The pieces come back to the stock only if the merchant says so.
    pub(super) fn refund(
        &mut self,
        id: u64,
        back: Minor,
        reason: Arc<str>,
        restock: bool,
    ) -> Result<Show, Refusal> {
        check::text("reason", &reason, 0, self.limits.remark_bytes_max)?;
        let mut order = self.order(id)?;
        let refundable = matches!(order.state, OrderState::Paid | OrderState::Shipped | OrderState::Done)
            || (order.state == OrderState::Cancelled && order.paid_late);
        if !refundable {
            return Err(ShopRefusal::OrderState.into());
        }
        if order.over_at(self.limits).is_some_and(|over| over <= self.now) {
            return Err(ShopRefusal::TooLate.into());
        }
        check::count("refunds", order.refunds.len() + 1, self.limits.refunds_max)?;
        if some(back)? > order.kept() {
            return Err(ShopRefusal::RefundTooMuch.into());
        }
        let refund = Refund { id: self.new_id(), amount: back, reason, at: self.now };
        order.refunds.push(refund);
        order.refunded += back;
        let sold = order.state != OrderState::Cancelled;
        let whole = order.kept() == 0;
        // Pieces can come back once: with the refund that ends the order.
        if whole && sold && restock {
            self.move_pieces(&order, Piece::Returned);
        }
        if whole && sold {
            order.state = OrderState::Refunded;
        }
        self.happens(ShopEvent::OrderRefunded(Arc::new(order), back));
        Ok(Show::Order(id))
    }

    /// Time passed: what was not paid is cancelled, what was shipped long ago is done.
    pub(super) fn order_due(&mut self, id: u64) {
        let Some(order) = self.shop.orders.get(&id) else { return };
        match order.state {
            OrderState::Created if order.pay_until <= self.now => {
                self.cancel(Order::clone(order), CancelReason::Timeout);
            }
            OrderState::Shipped if order.shipped_at + self.limits.done_after <= self.now => {
                let order = Order { state: OrderState::Done, done_at: self.now, ..Order::clone(order) };
                self.happens(ShopEvent::OrderDone(Arc::new(order)));
            }
            _ if order.over_at(self.limits).is_some_and(|over| over <= self.now) => {
                self.happens(ShopEvent::OrderForgotten(id));
            }
            _ => {}
        }
    }
}
