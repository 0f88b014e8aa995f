//! The bounds of a shop, and what its merchant can set.

use std::sync::Arc;
use std::time::Duration;

/// Bounds and terms of a shop.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopLimits {
    /// The currency of all prices, three letters.
    pub currency: Arc<str>,
    /// Where buyers pay: an address with `{reference}` in it. `None`: the shop has no payment page.
    pub pay_page: Option<Arc<str>>,
    /// Minor units that one coin costs.
    pub coin_price: i64,
    /// An order that is not paid after this long is cancelled.
    pub pay_within: Duration,
    /// An order that was shipped so long ago is done.
    pub done_after: Duration,
    /// An order can be refunded for so long after it was done. After that it is no longer in memory.
    pub after_sale: Duration,
    /// The same gift sent again within this pause goes on with the combo.
    pub combo_pause: Duration,
    /// The longest flash sale.
    pub sale_longest: Duration,
    /// How long an idempotency key is good for.
    pub key_age_max: Duration,
    /// Idempotency keys that are remembered; the oldest give way.
    pub keys_max: usize,
    /// An idempotency key, in bytes.
    pub key_bytes_max: usize,
    /// Goods of one shop.
    pub goods_max: usize,
    /// Goods in one import.
    pub import_max: usize,
    /// Variants of one piece of goods.
    pub skus_max: usize,
    /// Pictures of one piece of goods.
    pub pictures_max: usize,
    /// Titles and names, in bytes.
    pub title_bytes_max: usize,
    /// A description, in bytes.
    pub description_bytes_max: usize,
    /// Codes, carriers, tracking numbers, transactions, in bytes.
    pub code_bytes_max: usize,
    /// Remarks, reasons, addresses, in bytes.
    pub remark_bytes_max: usize,
    /// A badge on a card, in bytes.
    pub badge_bytes_max: usize,
    /// Goods on one shelf, and of one coupon.
    pub shelf_max: usize,
    /// Flash sales of one room that are not over.
    pub sales_per_room_max: usize,
    /// Coupons of one shop.
    pub coupons_max: usize,
    /// Coupons that are offered in one room.
    pub coupons_per_room_max: usize,
    /// Lines of one order.
    pub lines_max: usize,
    /// Pieces in one line, gifts at once.
    pub quantity_max: u32,
    /// Orders, and top-ups, of one user that wait to be paid.
    pub open_orders_per_user_max: usize,
    /// Orders in memory: open, or within the after-sale period.
    pub orders_max: usize,
    /// Refunds of one order.
    pub refunds_max: usize,
    /// Gifts in the catalogue.
    pub gifts_max: usize,
    /// Hosts that one user follows.
    pub follows_max: usize,
    /// Orders and claims in one answer to a viewer, newest first.
    pub listed_max: usize,
    /// Places on a board.
    pub board_max: usize,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Default for ShopLimits {
    fn default() -> Self {
        Self {
            currency: "CNY".into(),
            pay_page: None,
            coin_price: 10,
            pay_within: Duration::from_secs(15 * 60),
            done_after: 10 * DAY,
            after_sale: 30 * DAY,
            combo_pause: Duration::from_secs(5),
            sale_longest: 7 * DAY,
            key_age_max: DAY,
            keys_max: 1_000_000,
            key_bytes_max: 64,
            goods_max: 20_000,
            import_max: 5_000,
            skus_max: 50,
            pictures_max: 9,
            title_bytes_max: 200,
            description_bytes_max: 8 * 1024,
            code_bytes_max: 64,
            remark_bytes_max: 500,
            badge_bytes_max: 24,
            shelf_max: 200,
            sales_per_room_max: 50,
            coupons_max: 5_000,
            coupons_per_room_max: 20,
            lines_max: 50,
            quantity_max: 999,
            open_orders_per_user_max: 20,
            orders_max: 2_000_000,
            refunds_max: 20,
            gifts_max: 100,
            follows_max: 2_000,
            listed_max: 50,
            board_max: 20,
        }
    }
}
