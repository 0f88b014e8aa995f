//! A shop as it was kept.

use super::books::Books;
use super::coupon::{Claim, ClaimState, Coupon, CouponTerms};
use super::gift::{Gift, first_catalogue};
use super::goods::{Goods, Stock};
use super::keys::UsedKey;
use super::order::Order;
use super::sale::SaleTerms;
use super::shelf::Shelf;
use super::wallet::{Holder, TopUp};
use super::{Shop, ShopLimits};
use crate::id::{RoomId, UserId};
use crate::time::Time;
use std::sync::Arc;

/// A flash sale as it was kept.
#[derive(Clone, Debug)]
pub struct KeptSale {
    /// What it offers.
    pub terms: SaleTerms,
    /// Pieces held.
    pub held: i64,
    /// Pieces sold.
    pub sold: i64,
    /// Pieces of each buyer.
    pub buyers: Vec<(UserId, u32)>,
}

/// Everything that was kept of a shop and is in memory.
#[derive(Clone, Debug, Default)]
pub struct ShopSnapshot {
    /// The largest number given out.
    pub last_id: u64,
    /// All goods, those that are gone as well.
    pub goods: Vec<Goods>,
    /// How many there are of each variant.
    pub stocks: Vec<(u64, Stock)>,
    /// The shelves of the rooms.
    pub shelves: Vec<(RoomId, Shelf)>,
    /// Flash sales, oldest first.
    pub sales: Vec<KeptSale>,
    /// Coupons: terms, claimed, used.
    pub coupons: Vec<(CouponTerms, i64, i64)>,
    /// Claims of coupons that are not over, and those that an order uses.
    pub claims: Vec<Claim>,
    /// Orders to which something can still happen.
    pub orders: Vec<Order>,
    /// Top-ups of the after-sale period.
    pub top_ups: Vec<TopUp>,
    /// All transactions of payment providers and what they paid.
    pub transactions: Vec<(Arc<str>, u64)>,
    /// The ledger's balances.
    pub balances: Vec<(Holder, i64)>,
    /// Gifts that the merchant has made or changed.
    pub gifts: Vec<Gift>,
    /// Coins that each user gave in each room.
    pub boards: Vec<(RoomId, UserId, i64)>,
    /// Who follows whom.
    pub follows: Vec<(UserId, UserId)>,
    /// Idempotency keys, oldest first.
    pub keys: Vec<UsedKey>,
    /// What each room has sold.
    pub books: Books,
}

impl Shop {
    /// A shop from what was kept; an empty snapshot is a new shop.
    pub fn load(limits: &ShopLimits, now: Time, kept: ShopSnapshot) -> Self {
        let mut shop = Self { next_id: kept.last_id + 1, books: kept.books, ..Self::default() };
        kept.goods.into_iter().for_each(|goods| shop.put_goods(&Arc::new(goods)));
        for (sku, stock) in kept.stocks {
            if let Some(entry) = shop.skus.get_mut(&sku) {
                entry.stock = stock;
            }
        }
        shop.shelves = kept.shelves.into_iter().map(|(room, shelf)| (room, Arc::new(shelf))).collect();
        for KeptSale { terms, held, sold, buyers } in kept.sales {
            let id = terms.id;
            shop.put_sale(now, &Arc::new(terms));
            let sale = shop.sales.get_mut(&id).expect("just put");
            (sale.held, sale.sold, sale.buyers) = (held, sold, buyers.into_iter().collect());
        }
        for (terms, claimed, used) in kept.coupons {
            let coupon = Coupon { claimed, used, ..Coupon::new(Arc::new(terms)) };
            shop.coupons.insert(coupon.terms.id, coupon);
        }
        kept.claims.into_iter().for_each(|claim| shop.restore_claim(claim));
        kept.orders.into_iter().for_each(|order| shop.put_order(limits, Arc::new(order)));
        kept.top_ups.into_iter().for_each(|top_up| shop.put_top_up(limits, Arc::new(top_up)));
        shop.transactions.extend(kept.transactions);
        shop.balances = kept.balances.into_iter().collect();
        let gifts = first_catalogue().into_iter().chain(kept.gifts.into_iter().map(Arc::new));
        shop.gifts = gifts.map(|gift| (gift.id.clone(), gift)).collect();
        for (room, user, coins) in kept.boards {
            let board = shop.boards.entry(room).or_default();
            board.total += coins;
            board.by_user.insert(user, coins);
        }
        kept.follows.iter().for_each(|(user, host)| shop.follows.set(user, host, true));
        kept.keys.iter().for_each(|used| shop.keys.put(limits, used));
        shop.watch_keys(limits);
        shop
    }

    fn restore_claim(&mut self, claim: Claim) {
        debug_assert!(claim.state != ClaimState::Held || claim.order.is_none());
        if let Some(coupon) = self.coupons.get_mut(&claim.coupon) {
            *coupon.by_user.entry(claim.user.clone()).or_default() += 1;
        }
        self.claims_of.entry(claim.user.clone()).or_default().push(claim.id);
        self.claims.insert(claim.id, claim);
    }
}
