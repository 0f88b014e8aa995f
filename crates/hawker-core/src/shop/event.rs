//! What happened in a shop. Events are made true by [`super::Shop::apply`], kept by the store together with the state that
//! follows from them, and told to rooms and webhooks.

use super::coupon::{Claim, CouponTerms};
use super::gift::{Gift, SentGift};
use super::goods::Goods;
use super::keys::UsedKey;
use super::money::Minor;
use super::order::Order;
use super::sale::SaleTerms;
use super::shelf::Shelf;
use super::wallet::{TopUp, Transfer};
use crate::id::{RoomId, UserId};
use crate::time::Time;
use std::sync::Arc;

/// Where pieces of a variant went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// From available to held, for an order that is not paid.
    Held,
    /// From held back to available.
    Freed,
    /// From held to sold.
    Sold,
    /// From sold back to available.
    Returned,
}

impl Piece {
    /// How the numbers of held and sold pieces change.
    pub fn effect(self, quantity: u32) -> (i64, i64) {
        let quantity = i64::from(quantity);
        match self {
            Piece::Held => (quantity, 0),
            Piece::Freed => (-quantity, 0),
            Piece::Sold => (-quantity, quantity),
            Piece::Returned => (0, -quantity),
        }
    }

    /// The same for the quota of a flash sale: what comes back after the sale is not sold in it again.
    pub fn effect_on_sale(self, quantity: u32) -> (i64, i64) {
        if self == Piece::Returned { (0, 0) } else { self.effect(quantity) }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum ShopEvent {
    /// Goods are new or changed.
    GoodsSaved(Arc<Goods>),
    /// Pieces were put in, or taken out.
    Listed {
        /// The variant.
        sku: u64,
        /// How many.
        change: i64,
    },
    /// Pieces went from one state to another.
    Moved {
        /// The variant.
        sku: u64,
        /// The flash sale that they were bought in.
        sale: Option<u64>,
        /// The buyer.
        user: UserId,
        /// How many.
        quantity: u32,
        /// From where to where.
        piece: Piece,
    },
    /// A room has this shelf.
    ShelfSet(RoomId, Arc<Shelf>),
    /// A room was closed for good: it sells nothing any more.
    ShelfGone(RoomId),
    /// Goods are pushed in a room, or none.
    Pushed(RoomId, Option<u64>),
    /// A flash sale is new or was ended.
    SaleSet(Arc<SaleTerms>),
    /// A flash sale began or ended by time.
    SaleTurned(u64),
    /// A coupon is new or changed.
    CouponSaved(Arc<CouponTerms>),
    /// A coupon was offered to a room.
    CouponDropped(RoomId, u64),
    /// Somebody has a piece of a coupon.
    Claimed(Arc<Claim>),
    /// An order uses a claim.
    ClaimReserved(u64, u64),
    /// No order uses it any more.
    ClaimFreed(u64),
    /// A paid order has used it.
    ClaimUsed(u64),
    /// An order was made.
    OrderCreated(Arc<Order>),
    /// It was paid.
    OrderPaid(Arc<Order>),
    /// It was paid when it was cancelled already.
    OrderPaidLate(Arc<Order>),
    /// It is on its way.
    OrderShipped(Arc<Order>),
    /// It has arrived.
    OrderDone(Arc<Order>),
    /// It was never paid.
    OrderCancelled(Arc<Order>),
    /// So much was given back.
    OrderRefunded(Arc<Order>, Minor),
    /// Nothing can happen to it any more: it leaves the memory, not the store.
    OrderForgotten(u64),
    /// Coins moved.
    Transferred(Arc<Transfer>),
    /// Somebody wants to buy coins.
    TopUpAsked(Arc<TopUp>),
    /// They were paid.
    TopUpPaid(Arc<TopUp>),
    /// A top-up leaves the memory.
    TopUpForgotten(u64),
    /// A gift is new or changed.
    GiftSaved(Arc<Gift>),
    /// A gift was sent.
    GiftSent(Arc<SentGift>),
    /// Somebody follows a host, or no longer; the room that shall hear of it.
    Followed {
        /// Who.
        user: UserId,
        /// Whom.
        host: UserId,
        /// Where.
        room: Option<RoomId>,
        /// Follows now, or not.
        on: bool,
    },
    /// An idempotency key was used.
    KeyUsed(Arc<UsedKey>),
    /// Keys from before are forgotten.
    KeysForgotten(Time),
}

impl ShopEvent {
    /// Whether a merchant or a host has arranged something by it. What buyers do changes only how much is left.
    pub fn arranges(&self) -> bool {
        matches!(
            self,
            ShopEvent::GoodsSaved(_)
                | ShopEvent::Listed { .. }
                | ShopEvent::ShelfSet(..)
                | ShopEvent::ShelfGone(_)
                | ShopEvent::SaleSet(_)
                | ShopEvent::SaleTurned(_)
                | ShopEvent::CouponSaved(_)
        )
    }
}
