//! What each room has sold.

use super::event::ShopEvent;
use super::order::Order;
use crate::id::{RoomId, UserId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Numbers of one room.
#[derive(Clone, Debug, Default)]
pub struct RoomSales {
    /// Orders made.
    pub orders: u64,
    /// Orders paid.
    pub paid: u64,
    /// Pieces paid.
    pub units: u64,
    /// Money paid.
    pub revenue: i64,
    /// Money given back.
    pub refunded: i64,
    /// Who has paid an order.
    pub buyers: HashSet<UserId>,
    /// Coupons claimed.
    pub coupons: u64,
    /// Gifts sent.
    pub gifts: u64,
    /// Coins of them.
    pub coins: i64,
    /// By goods: title, pieces and money.
    pub goods: BTreeMap<u64, (Arc<str>, u64, i64)>,
}

/// The books of all rooms of a shop.
#[derive(Clone, Debug, Default)]
pub struct Books(HashMap<RoomId, RoomSales>);

impl Books {
    /// The numbers of a room.
    pub fn of(&self, room: &RoomId) -> Option<&RoomSales> {
        self.0.get(room)
    }

    /// The numbers of a room, to be filled from what was kept.
    pub fn page(&mut self, room: &RoomId) -> &mut RoomSales {
        if !self.0.contains_key(room) {
            self.0.insert(room.clone(), RoomSales::default());
        }
        self.0.get_mut(room).expect("just made sure")
    }

    pub(super) fn apply(&mut self, event: &ShopEvent) {
        match event {
            ShopEvent::OrderCreated(order) => {
                if let Some(room) = &order.room {
                    self.page(room).orders += 1;
                }
            }
            ShopEvent::OrderPaid(order) => {
                if let Some(room) = &order.room {
                    self.page(room).enter(order);
                }
            }
            ShopEvent::OrderRefunded(order, back) => {
                if let Some(room) = &order.room {
                    self.page(room).refunded += back;
                }
            }
            ShopEvent::Claimed(claim) => {
                if let Some(room) = &claim.room {
                    self.page(room).coupons += 1;
                }
            }
            ShopEvent::GiftSent(sent) => {
                let page = self.page(&sent.room);
                page.gifts += u64::from(sent.count);
                page.coins += sent.coins;
            }
            _ => {}
        }
    }
}

impl RoomSales {
    /// Enters a paid order. The discount is nobody's line: revenue by goods is before it.
    pub fn enter(&mut self, order: &Order) {
        self.paid += 1;
        self.revenue += order.total;
        self.buyers.insert(order.user.clone());
        for line in &order.lines {
            self.units += u64::from(line.quantity);
            let (_, units, revenue) = self.goods.entry(line.goods).or_insert((line.title.clone(), 0, 0));
            *units += u64::from(line.quantity);
            *revenue += line.price * i64::from(line.quantity);
        }
    }
}
