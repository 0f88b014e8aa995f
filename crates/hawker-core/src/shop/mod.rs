//! The shop of one app: goods, shelves, flash sales, coupons, orders, wallets, gifts, follows.
//!
//! As a room, a shop is decided and applied: [`Shop::decide`] says what follows from a command and changes nothing,
//! [`Shop::apply`] makes an event true and cannot fail. Whoever drives it has the events kept before anybody hears of them.
//!
//! | What is always true | |
//! |---|---|
//! | stock | `available + held + sold = listed` for each variant, none below zero |
//! | flash sales | `held + sold ≤ quota`, no buyer beyond the limit |
//! | coupons | `claimed ≤ stock`, no user beyond the limit, a claim is used by one order at most |
//! | coins | all balances together are zero; no user's is below zero |
//! | orders | move along the drawing in [`order`], and are refunded at most what was paid |

mod apply;
pub mod books;
mod check;
pub mod checkout;
pub mod command;
pub mod coupon;
mod decide;
pub mod event;
pub mod follow;
pub mod gift;
pub mod goods;
pub mod keys;
pub mod limits;
pub mod money;
pub mod order;
pub mod payment;
pub mod refusal;
pub mod sale;
pub mod shelf;
pub mod snapshot;
pub mod view;
pub mod wallet;

pub use command::{ShopCommand, ShopRequest};
pub use decide::ShopVerdict;
pub use event::ShopEvent;
pub use limits::ShopLimits;
pub use refusal::ShopRefusal;
pub use snapshot::ShopSnapshot;
pub use view::ShopAnswer;

use crate::id::{RoomId, UserId};
use crate::time::Time;
use books::Books;
use coupon::{Claim, Coupon};
use follow::Follows;
use gift::{Board, Combo, Gift};
use goods::{Goods, Stock};
use keys::Keys;
use order::Order;
use sale::Sale;
use serde::{Deserialize, Serialize};
use shelf::Shelf;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use wallet::{Holder, TopUp};

/// Who asks, as the shop sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Patron {
    /// Who.
    pub user: UserId,
    /// Not logged in.
    pub anonymous: bool,
    /// Runs the room that the command names.
    pub hosts: bool,
    /// An administrator of the app.
    pub merchant: bool,
    /// The owner of the room that the command names.
    pub host: Option<UserId>,
}

impl Default for Patron {
    fn default() -> Self {
        Self { user: UserId::from(""), anonymous: true, hosts: false, merchant: false, host: None }
    }
}

/// What an answer shows; made into a [`ShopAnswer`] when everything is applied, and again when a key comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// Nothing.
    Done,
    /// One piece of goods.
    Goods(u64),
    /// All that can be sold.
    GoodsOnSale,
    /// A shelf.
    Shelf(RoomId),
    /// A flash sale.
    Sale(u64),
    /// A coupon.
    Coupon(u64),
    /// All that can be offered.
    CouponsOpen,
    /// A claim.
    Claim(u64),
    /// A user's claims.
    Claims(UserId),
    /// An order.
    Order(u64),
    /// A user's orders.
    Orders(UserId),
    /// The catalogue.
    Gifts,
    /// A gift was sent: what is left, and the combo.
    Gift(UserId, u32),
    /// A user's coins.
    Wallet(UserId),
    /// A top-up.
    TopUp(u64),
    /// A board.
    Board(RoomId),
    /// Whether the asker follows this host.
    Follow(UserId),
    /// Whom a user follows.
    Following(UserId),
    /// What a room has sold.
    Sales(RoomId),
}

/// Something to look at when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Order(u64),
    TopUp(u64),
    Sale(u64),
    Keys,
}

/// A variant: whose it is, and how many there are.
#[derive(Clone, Copy, Debug)]
struct SkuEntry {
    goods: u64,
    stock: Stock,
}

/// The shop of one app.
#[derive(Clone, Debug, Default)]
pub struct Shop {
    next_id: u64,
    goods: BTreeMap<u64, Arc<Goods>>,
    skus: HashMap<u64, SkuEntry>,
    shelves: HashMap<RoomId, Arc<Shelf>>,
    sales: BTreeMap<u64, Sale>,
    /// Flash sales that are not over, by room.
    sales_of_room: HashMap<RoomId, Vec<u64>>,
    coupons: BTreeMap<u64, Coupon>,
    claims: HashMap<u64, Claim>,
    claims_of: HashMap<UserId, Vec<u64>>,
    orders: HashMap<u64, Arc<Order>>,
    orders_of: HashMap<UserId, Vec<u64>>,
    transactions: HashMap<Arc<str>, u64>,
    top_ups: HashMap<u64, Arc<TopUp>>,
    balances: HashMap<Holder, i64>,
    gifts: BTreeMap<Arc<str>, Arc<Gift>>,
    boards: HashMap<RoomId, Board>,
    combos: HashMap<(RoomId, UserId), Combo>,
    follows: Follows,
    keys: Keys,
    keys_watched: bool,
    books: Books,
    due: BTreeSet<(Time, Due)>,
    /// How often something changed that a merchant or a host has arranged, not only what is left of it.
    arranged: u64,
}

impl Shop {
    /// When [`Shop::tick`] has something to do next.
    pub fn wake_at(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    /// How often merchants and hosts have arranged something: goods, shelves, flash sales, coupons.
    pub fn arranged(&self) -> u64 {
        self.arranged
    }

    /// What a room has sold.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// All balances of the ledger. Together they are zero.
    pub fn balances(&self) -> impl Iterator<Item = (&Holder, i64)> {
        self.balances.iter().map(|(holder, coins)| (holder, *coins))
    }

    /// All variants with their stock.
    pub fn stocks(&self) -> impl Iterator<Item = (u64, Stock)> {
        self.skus.iter().map(|(sku, entry)| (*sku, entry.stock))
    }

    /// All coupons.
    pub fn coupons(&self) -> impl Iterator<Item = &Coupon> {
        self.coupons.values()
    }

    /// All flash sales.
    pub fn sales(&self) -> impl Iterator<Item = &Sale> {
        self.sales.values()
    }

    /// All claims in memory.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.values()
    }

    /// All orders in memory.
    pub fn orders(&self) -> impl Iterator<Item = &Arc<Order>> {
        self.orders.values()
    }

    /// The rooms that have a shelf.
    pub fn shelves(&self) -> impl Iterator<Item = (&RoomId, &Arc<Shelf>)> {
        self.shelves.iter()
    }
}
