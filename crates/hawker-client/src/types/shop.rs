//! What the shop is made of. Amounts are whole minor units of the shop's currency (3990 is 39.90 CNY), coins whole numbers of
//! their own, times Unix milliseconds.

use serde::{Deserialize, Serialize};

use super::{RoomId, UserId};

macro_rules! objects { ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => { $(
    $(#[$doc])*
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
)* } }

objects! {
    /// One variant of goods; what was listed is `available + held + sold`.
    Sku {
        /// Its number.
        id: u64,
        /// Its name; empty for the only one.
        name: String,
        /// The merchant's own name for it.
        code: String,
        /// Its price.
        price: i64,
        /// The price to be struck out; 0: none.
        list_price: i64,
        /// Pieces that can be ordered.
        available: i64,
        /// Pieces in orders that wait for their payment.
        held: i64,
        /// Pieces sold.
        sold: i64,
    }
    /// Something to sell.
    Goods {
        /// Its number.
        id: u64,
        /// What viewers read.
        title: String,
        /// More about it.
        description: String,
        /// Addresses; the first is the one for cards.
        pictures: Vec<String>,
        /// `on` or `off`.
        state: String,
        /// Its variants.
        skus: Vec<Sku>,
    }
    /// Goods on a shelf.
    ShelfItem {
        /// The goods.
        goods: Goods,
        /// A few words on the card.
        badge: String,
    }
    /// A flash sale.
    Sale {
        /// Its number.
        id: u64,
        /// The variant.
        sku: u64,
        /// The goods.
        goods: u64,
        /// The price while it runs.
        price: i64,
        /// Pieces in all.
        quota: i64,
        /// Pieces of one buyer.
        per_buyer: u32,
        /// When it begins.
        starts_at: u64,
        /// When it is over.
        ends_at: u64,
        /// Pieces left.
        left: i64,
        /// `scheduled`, `running` or `over`.
        state: String,
    }
    /// A coupon.
    Coupon {
        /// Its number.
        id: u64,
        /// What viewers read.
        title: String,
        /// What it takes off.
        off: CouponOff,
        /// From which amount.
        threshold: i64,
        /// For which goods; empty: all.
        goods: Vec<u64>,
        /// From when.
        starts_at: u64,
        /// Until when.
        ends_at: u64,
        /// Pieces.
        stock: i64,
        /// Pieces left.
        left: i64,
        /// `open` or `closed`.
        state: String,
    }
    /// A coupon in somebody's hand.
    Claim {
        /// Its number.
        id: u64,
        /// The coupon.
        coupon: Coupon,
        /// `held`, `reserved` by an order, or `used`.
        state: String,
        /// The order that uses it.
        order: Option<u64>,
    }
    /// What a room sells.
    Shelf {
        /// The currency of all prices.
        currency: String,
        /// What is on it, in the host's order.
        items: Vec<ShelfItem>,
        /// The goods that the host is explaining.
        pushed: Option<u64>,
        /// Flash sales that are not over.
        sales: Vec<Sale>,
        /// Coupons that can be claimed.
        coupons: Vec<Coupon>,
    }
    /// One line of an order.
    OrderLine {
        /// The variant.
        sku: u64,
        /// The goods' title when it was ordered.
        title: String,
        /// How many.
        quantity: u32,
        /// Price of one.
        price: i64,
        /// The flash sale that gave the price.
        sale: Option<u64>,
    }
    /// An order.
    Order {
        /// Its number, the reference of its payment.
        id: u64,
        /// Who buys.
        user: UserId,
        /// `created`, `paid`, `shipped`, `done`, `cancelled` or `refunded`.
        state: String,
        /// What is bought.
        lines: Vec<OrderLine>,
        /// What the coupon takes off.
        discount: i64,
        /// To be paid.
        total: i64,
        /// In this currency.
        currency: String,
        /// Must be paid by then.
        pay_until: u64,
        /// What was given back.
        refunded: i64,
        /// Where it is paid; empty when there is nothing to pay or nowhere.
        pay_url: String,
    }
    /// A gift of the catalogue.
    Gift {
        /// Its name for programs.
        id: String,
        /// Its Chinese name.
        name: String,
        /// Its English name.
        name_en: String,
        /// What one costs.
        coins: i64,
    }
    /// What a gift left behind.
    GiftSent {
        /// Coins left.
        coins: i64,
        /// How many of the same without a pause.
        combo: u32,
    }
    /// Coins that somebody wants to buy.
    TopUp {
        /// Its number, the reference of its payment.
        id: u64,
        /// Coins.
        coins: i64,
        /// What they cost.
        amount: i64,
        /// `created` or `paid`.
        state: String,
        /// Where it is paid.
        pay_url: String,
    }
    /// One place on a board.
    BoardRow {
        /// Who.
        user: UserId,
        /// Nickname.
        nick: String,
        /// Coins given.
        coins: i64,
    }
    /// Who gave most in a room.
    Board {
        /// Coins of all.
        total: i64,
        /// The first of them.
        items: Vec<BoardRow>,
    }
    /// A host and its followers.
    Following {
        /// How many there are.
        followers: u64,
        /// Whether the asker is one.
        following: bool,
    }
    /// What a room has sold.
    RoomSales {
        /// Orders made.
        orders: u64,
        /// Orders paid.
        paid: u64,
        /// Pieces paid.
        units: u64,
        /// Money paid.
        revenue: i64,
        /// Money given back.
        refunded: i64,
        /// People who paid.
        buyers: u64,
        /// Coupons claimed.
        coupons: u64,
        /// Coins of gifts.
        coins: i64,
    }
}

/// What a coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum CouponOff {
    /// So much.
    Amount(i64),
    /// A part.
    #[serde(rename_all = "PascalCase")]
    Percent {
        /// Percent.
        rate: u32,
        /// At most so much; 0: no maximum.
        max: i64,
    },
}

/// Where an order goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Address {
    /// To whom.
    pub name: String,
    /// Whom to call.
    pub phone: String,
    /// Where.
    pub text: String,
}

/// What a buyer wants.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewOrder {
    /// The room where it is bought; its shelf and its flash sales count.
    #[serde(rename = "GroupId", skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Variants and how many of each.
    pub lines: Vec<OrderWish>,
    /// A claim to use.
    pub claim: Option<u64>,
    /// Where it goes.
    pub address: Address,
    /// The total that the buyer was shown; another is refused (61014).
    pub expect_total: Option<i64>,
}

/// One wanted line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrderWish {
    /// The variant.
    pub sku: u64,
    /// How many.
    pub quantity: u32,
}

/// A flash sale that a host wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewSale {
    /// The room.
    #[serde(rename = "GroupId")]
    pub room: RoomId,
    /// The variant.
    pub sku: u64,
    /// The price while it runs.
    pub price: i64,
    /// Pieces in all.
    pub quota: i64,
    /// Pieces of one buyer.
    pub per_buyer: u32,
    /// When it is over.
    pub ends_at: u64,
}
