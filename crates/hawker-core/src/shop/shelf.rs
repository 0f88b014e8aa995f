//! What a room sells, in which order, and what the host is explaining just now.

use super::decide::Decision;
use super::event::ShopEvent;
use super::goods::GoodsState;
use super::refusal::ShopRefusal;
use super::sale::{SaleState, SaleTerms};
use super::{Shop, Show, check};
use crate::id::RoomId;
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The shelf of a room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shelf {
    /// What is on it, in the host's order.
    pub items: Vec<ShelfItem>,
    /// The goods that are pushed ("explaining"), if any.
    pub pushed: Option<u64>,
    /// How often it has changed.
    pub version: u64,
    /// Coupons that were dropped here and are still offered.
    #[serde(default)]
    pub coupons: Vec<u64>,
}

/// One place on a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShelfItem {
    /// Which goods.
    pub goods: u64,
    /// A word on its card ("New"); may be empty.
    #[serde(default)]
    pub badge: Arc<str>,
}

impl Shelf {
    /// Whether these goods are on it.
    pub fn holds(&self, goods: u64) -> bool {
        self.items.iter().any(|item| item.goods == goods)
    }
}

impl Shop {
    /// The shelf of a room; an empty one if it never had one.
    pub fn shelf(&self, room: &RoomId) -> Arc<Shelf> {
        self.shelves.get(room).cloned().unwrap_or_default()
    }
}

impl Shop {
    /// What follows from a room having been closed for good: its shelf is gone, and its flash sales are over.
    pub fn close_room(&self, now: Time, room: &RoomId) -> Vec<ShopEvent> {
        let open = self.sales_in(room).filter(|sale| sale.state(now) != SaleState::Over);
        let ended = open.map(|sale| SaleTerms { ends_at: now, ..SaleTerms::clone(&sale.terms) });
        let mut events: Vec<_> = ended.map(|terms| ShopEvent::SaleSet(Arc::new(terms))).collect();
        if self.shelves.contains_key(room) {
            events.push(ShopEvent::ShelfGone(room.clone()));
        }
        events
    }
}

impl Decision<'_> {
    pub(super) fn set_shelf(&mut self, room: RoomId, items: Vec<ShelfItem>) -> Result<Show, Refusal> {
        check::count("items", items.len(), self.limits.shelf_max)?;
        let mut seen = BTreeSet::new();
        for item in &items {
            self.shop.goods(item.goods)?;
            check::text("badge", &item.badge, 0, self.limits.badge_bytes_max)?;
            if !seen.insert(item.goods) {
                return Err(Refusal::BadParameter("items"));
            }
        }
        let before = self.shop.shelf(&room);
        let pushed = before.pushed.filter(|goods| seen.contains(goods));
        self.change_shelf(room.clone(), Shelf { items, pushed, ..Shelf::clone(&before) });
        Ok(Show::Shelf(room))
    }

    /// Pushing what is pushed already says "look here" once more. Goods that are not on the shelf yet go to its head.
    pub(super) fn push_goods(&mut self, room: RoomId, goods: Option<u64>) -> Result<Show, Refusal> {
        let mut shelf = Shelf::clone(&self.shop.shelf(&room));
        if let Some(id) = goods {
            if self.shop.goods(id)?.state != GoodsState::On {
                return Err(ShopRefusal::NotForSale.into());
            }
            if !shelf.holds(id) {
                check::room_for("items", shelf.items.len(), self.limits.shelf_max)?;
                shelf.items.insert(0, ShelfItem { goods: id, badge: "".into() });
            }
        }
        shelf.pushed = goods;
        self.change_shelf(room.clone(), shelf);
        self.happens(ShopEvent::Pushed(room.clone(), goods));
        Ok(Show::Shelf(room))
    }

    /// Goods that are gone are nowhere to be bought.
    pub(super) fn take_off_shelves(&mut self, goods: u64) {
        let holding = self.shop.shelves.iter().filter(|(_, shelf)| shelf.holds(goods));
        let holding: Vec<_> = holding.map(|(room, shelf)| (room.clone(), Shelf::clone(shelf))).collect();
        for (room, mut shelf) in holding {
            shelf.items.retain(|item| item.goods != goods);
            if shelf.pushed == Some(goods) {
                shelf.pushed = None;
                self.happens(ShopEvent::Pushed(room.clone(), None));
            }
            self.change_shelf(room, shelf);
        }
    }

    pub(super) fn change_shelf(&mut self, room: RoomId, mut shelf: Shelf) {
        shelf.version += 1;
        self.happens(ShopEvent::ShelfSet(room, Arc::new(shelf)));
    }
}
