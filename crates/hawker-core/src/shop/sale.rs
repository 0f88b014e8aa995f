//! Flash sales: a variant at another price, for a while, so many pieces, so many to each.
//!
//! A sale takes nothing out of the stock beforehand: a piece that is bought in it is held and sold like any other and
//! counted against the quota as well.

use super::decide::Decision;
use super::event::ShopEvent;
use super::money::{Minor, some};
use super::refusal::ShopRefusal;
use super::{Shop, Show, check};
use crate::id::{RoomId, UserId};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What a flash sale offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaleTerms {
    /// Its number.
    pub id: u64,
    /// The room whose viewers may buy.
    pub room: RoomId,
    /// The goods.
    pub goods: u64,
    /// The variant.
    pub sku: u64,
    /// The price while it runs.
    pub price: Minor,
    /// Pieces, of all buyers.
    pub quota: i64,
    /// Pieces of one buyer.
    pub per_buyer: u32,
    /// When it begins.
    pub starts_at: Time,
    /// When it is over.
    pub ends_at: Time,
}

/// A flash sale and how far it is.
#[derive(Clone, Debug)]
pub struct Sale {
    /// What it offers.
    pub terms: Arc<SaleTerms>,
    /// Pieces held for orders that are not paid.
    pub held: i64,
    /// Pieces sold.
    pub sold: i64,
    /// Pieces of each buyer, held and sold.
    pub buyers: HashMap<UserId, u32>,
}

/// Where a flash sale is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaleState {
    /// Not begun.
    Scheduled,
    /// Now.
    Running,
    /// Ended, by time or by the host.
    Over,
}

/// A flash sale that a host wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaleDraft {
    /// See [`SaleTerms::room`].
    pub room: RoomId,
    /// See [`SaleTerms::sku`].
    pub sku: u64,
    /// See [`SaleTerms::price`].
    pub price: Minor,
    /// See [`SaleTerms::quota`].
    pub quota: i64,
    /// See [`SaleTerms::per_buyer`].
    pub per_buyer: u32,
    /// When it begins; `None` is now.
    #[serde(default)]
    pub starts_at: Option<Time>,
    /// When it is over.
    pub ends_at: Time,
}

impl Sale {
    /// A sale of which nothing is sold yet.
    pub fn new(terms: Arc<SaleTerms>) -> Self {
        Self { terms, held: 0, sold: 0, buyers: HashMap::new() }
    }

    /// Pieces that can still be bought in it.
    pub fn left(&self) -> i64 {
        self.terms.quota - self.held - self.sold
    }

    /// Where it is.
    pub fn state(&self, now: Time) -> SaleState {
        if now >= self.terms.ends_at {
            SaleState::Over
        } else if now < self.terms.starts_at {
            SaleState::Scheduled
        } else {
            SaleState::Running
        }
    }

    /// How many pieces a buyer may still have.
    pub fn left_for(&self, buyer: &UserId) -> u32 {
        self.terms.per_buyer.saturating_sub(self.buyers.get(buyer).copied().unwrap_or(0))
    }
}

impl Shop {
    /// The sale of a variant that runs in a room.
    pub fn running_sale(&self, now: Time, room: &RoomId, sku: u64) -> Option<&Sale> {
        let mut of_room = self.sales_in(room);
        of_room.find(|sale| sale.terms.sku == sku && sale.state(now) == SaleState::Running)
    }

    /// The sales of a room that are not over, oldest first.
    pub fn sales_in(&self, room: &RoomId) -> impl Iterator<Item = &Sale> {
        let ids = self.sales_of_room.get(room).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.sales.get(id))
    }

    /// A flash sale.
    pub fn sale(&self, id: u64) -> Option<&Sale> {
        self.sales.get(&id)
    }

    /// The room of a sale.
    pub fn room_of_sale(&self, id: u64) -> Option<&RoomId> {
        self.sales.get(&id).map(|sale| &sale.terms.room)
    }
}

impl Decision<'_> {
    pub(super) fn start_sale(&mut self, draft: SaleDraft) -> Result<Show, Refusal> {
        let (goods, sku) = self.shop.sku(draft.sku)?;
        if some(draft.price)? > sku.price {
            return Err(ShopRefusal::BadAmount.into());
        }
        some(draft.quota)?;
        if draft.per_buyer == 0 {
            return Err(ShopRefusal::BadAmount.into());
        }
        check::time("endsAt", draft.ends_at)?;
        let starts_at = draft.starts_at.unwrap_or(self.now).max(self.now);
        check::time("startsAt", starts_at)?;
        if draft.ends_at <= starts_at || draft.ends_at.since(starts_at) > self.limits.sale_longest {
            return Err(Refusal::BadParameter("endsAt"));
        }
        let overlaps = |sale: &Sale| {
            sale.terms.sku == draft.sku && sale.terms.ends_at > starts_at && sale.terms.starts_at < draft.ends_at
        };
        let open: Vec<_> = self.shop.sales_in(&draft.room).filter(|sale| sale.terms.ends_at > self.now).collect();
        if open.iter().any(|sale| overlaps(sale)) {
            return Err(Refusal::BadParameter("sku"));
        }
        check::room_for("sales", open.len(), self.limits.sales_per_room_max)?;
        let goods = goods.id;
        let id = self.new_id();
        let terms = SaleTerms {
            id,
            room: draft.room,
            goods,
            sku: draft.sku,
            price: draft.price,
            quota: draft.quota,
            per_buyer: draft.per_buyer,
            starts_at,
            ends_at: draft.ends_at,
        };
        self.happens(ShopEvent::SaleSet(Arc::new(terms)));
        Ok(Show::Sale(id))
    }

    pub(super) fn end_sale(&mut self, id: u64) -> Result<Show, Refusal> {
        let sale = self.shop.sales.get(&id).ok_or(ShopRefusal::SaleMissing)?;
        if sale.state(self.now) != SaleState::Over {
            let terms = SaleTerms { ends_at: self.now, ..SaleTerms::clone(&sale.terms) };
            self.happens(ShopEvent::SaleSet(Arc::new(terms)));
        }
        Ok(Show::Sale(id))
    }
}
