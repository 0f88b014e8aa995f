//! From what a buyer wants to an order: prices, flash sales, the coupon, and what is held until it is paid.

use super::coupon::ClaimState;
use super::decide::Decision;
use super::event::{Piece, ShopEvent};
use super::goods::GoodsState;
use super::money::{Minor, plus, times};
use super::order::{Address, CancelReason, Line, Order, OrderState};
use super::refusal::ShopRefusal;
use super::{Show, check};
use crate::id::RoomId;
use crate::refusal::Refusal;
use crate::time::Time;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a buyer wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOrder {
    /// The room where it is bought; its shelf and its flash sales count.
    #[serde(default)]
    pub room: Option<RoomId>,
    /// What.
    pub lines: Vec<NewLine>,
    /// A claim to use.
    #[serde(default)]
    pub claim: Option<u64>,
    /// Where it goes.
    #[serde(default)]
    pub address: Address,
    /// What the buyer adds.
    #[serde(default)]
    pub remark: Arc<str>,
    /// The total that the buyer was shown; the order is refused if it is another.
    #[serde(default)]
    pub expect_total: Option<Minor>,
}

/// One wanted line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLine {
    /// Which variant.
    pub sku: u64,
    /// How many.
    pub quantity: u32,
}

impl Decision<'_> {
    pub(super) fn create_order(&mut self, wanted: NewOrder) -> Result<Show, Refusal> {
        self.check_order(&wanted)?;
        let lines = wanted.lines.iter().map(|line| self.line(&wanted.room, line)).collect::<Result<Vec<_>, _>>()?;
        let goods_total = lines.iter().try_fold(0, |sum, line| plus(sum, times(line.price, line.quantity)?))?;
        let discount = wanted.claim.map_or(Ok(0), |claim| self.discount(claim, &lines))?;
        let total = goods_total - discount;
        if wanted.expect_total.is_some_and(|expected| expected != total) {
            return Err(ShopRefusal::PriceChanged.into());
        }
        let id = self.new_id();
        let order = Order {
            id,
            user: self.user().clone(),
            room: wanted.room,
            state: OrderState::Created,
            lines,
            claim: wanted.claim,
            goods_total,
            discount,
            total,
            currency: self.limits.currency.clone(),
            address: wanted.address,
            remark: wanted.remark,
            created_at: self.now,
            pay_until: self.now + self.limits.pay_within,
            paid_at: Time::default(),
            shipped_at: Time::default(),
            done_at: Time::default(),
            cancelled_at: Time::default(),
            cancel_reason: CancelReason::None,
            carrier: "".into(),
            tracking: "".into(),
            transaction: "".into(),
            refunds: Vec::new(),
            refunded: 0,
            paid_late: false,
        };
        self.move_pieces(&order, Piece::Held);
        if let Some(claim) = order.claim {
            self.happens(ShopEvent::ClaimReserved(claim, id));
        }
        self.happens(ShopEvent::OrderCreated(Arc::new(order.clone())));
        // A coupon may pay for all of it.
        if total == 0 {
            self.paid(order, "".into());
        }
        Ok(Show::Order(id))
    }

    fn check_order(&self, wanted: &NewOrder) -> Result<(), Refusal> {
        let limits = self.limits;
        if wanted.lines.is_empty() {
            return Err(ShopRefusal::OrderEmpty.into());
        }
        check::count("lines", wanted.lines.len(), limits.lines_max)?;
        let mut seen = BTreeMap::new();
        for line in &wanted.lines {
            if line.quantity == 0 {
                return Err(ShopRefusal::BadAmount.into());
            }
            if line.quantity > limits.quantity_max {
                return Err(Refusal::TooMany { what: "pieces in one line", limit: limits.quantity_max as usize });
            }
            if seen.insert(line.sku, ()).is_some() {
                return Err(Refusal::BadParameter("lines"));
            }
        }
        let Address { name, phone, text } = &wanted.address;
        check::text("name", name, 0, limits.title_bytes_max)?;
        check::text("phone", phone, 0, limits.code_bytes_max)?;
        check::text("text", text, 0, limits.remark_bytes_max)?;
        check::text("remark", &wanted.remark, 0, limits.remark_bytes_max)?;
        let open = self.shop.orders_of.get(self.user()).map_or(0, |ids| {
            let open = ids.iter().filter_map(|id| self.shop.orders.get(id));
            open.filter(|order| order.state == OrderState::Created).count()
        });
        check::room_for("orders to be paid", open, limits.open_orders_per_user_max)?;
        check::room_for("orders", self.shop.orders.len(), limits.orders_max)
    }

    /// A line as it will stand in the order. In a room the goods must be on its shelf, and its flash sale is the price.
    fn line(&self, room: &Option<RoomId>, wanted: &NewLine) -> Result<Line, Refusal> {
        let (goods, sku) = self.shop.sku(wanted.sku)?;
        let offered = room.as_ref().is_none_or(|room| self.shop.shelf(room).holds(goods.id));
        if goods.state != GoodsState::On || !offered {
            return Err(ShopRefusal::NotForSale.into());
        }
        if self.shop.stock(sku.id).available() < i64::from(wanted.quantity) {
            return Err(ShopRefusal::SoldOut.into());
        }
        let sale = room.as_ref().and_then(|room| self.shop.running_sale(self.now, room, sku.id));
        if let Some(sale) = sale {
            if sale.left_for(self.user()) < wanted.quantity {
                return Err(ShopRefusal::OverLimit.into());
            }
            if sale.left() < i64::from(wanted.quantity) {
                return Err(ShopRefusal::SoldOut.into());
            }
        }
        Ok(Line {
            goods: goods.id,
            sku: sku.id,
            title: goods.title.clone(),
            variant: sku.name.clone(),
            picture: goods.pictures.first().cloned().unwrap_or_default(),
            quantity: wanted.quantity,
            price: sale.map_or(sku.price, |sale| sale.terms.price),
            sale: sale.map(|sale| sale.terms.id),
        })
    }

    fn discount(&self, claim: u64, lines: &[Line]) -> Result<Minor, Refusal> {
        let claim = self.shop.claim_of(self.user(), claim)?;
        if claim.state != ClaimState::Held {
            return Err(ShopRefusal::ClaimSpent.into());
        }
        let terms = &self.shop.coupon(claim.coupon)?.terms;
        if !terms.is_valid(self.now) {
            return Err(ShopRefusal::CouponNotNow.into());
        }
        let meant: Vec<_> = lines.iter().filter(|line| terms.is_for(line.goods)).collect();
        if meant.is_empty() {
            return Err(ShopRefusal::CouponNotForGoods.into());
        }
        let price = meant.iter().try_fold(0, |sum, line| plus(sum, times(line.price, line.quantity)?))?;
        if price < terms.threshold {
            return Err(ShopRefusal::CouponBelowThreshold.into());
        }
        Ok(terms.off.of(price))
    }
}
