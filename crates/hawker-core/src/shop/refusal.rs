//! Every way the shop says no.

use std::fmt;

macro_rules! refusals { ($($(#[$doc:meta])* $name:ident = $code:literal, $number:literal, $text:literal;)*) => {
    /// Why the shop did not do something. Nothing has changed then.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ShopRefusal { $($(#[$doc])* $name,)* }

    impl ShopRefusal {
        /// All of them.
        pub const ALL: &[ShopRefusal] = &[$(ShopRefusal::$name,)*];

        /// A stable name, for applications, logs and translations.
        pub fn code(self) -> &'static str {
            match self { $(Self::$name => $code,)* }
        }

        /// Its number where numbers are the custom (`live_shop` commands).
        pub fn number(self) -> u32 {
            match self { $(Self::$name => $number,)* }
        }
    }

    impl fmt::Display for ShopRefusal {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self { $(Self::$name => $text,)* })
        }
    }
} }

refusals! {
    /// No such goods, or they were removed.
    GoodsMissing = "goods_missing", 61001, "no such goods";
    /// No such variant.
    SkuMissing = "sku_missing", 61002, "no such variant of goods";
    /// Not as many are left.
    SoldOut = "sold_out", 61003, "not as many are left";
    /// The flash sale has not begun, is over, or its quota is used up.
    SaleNotRunning = "sale_not_running", 61004, "the flash sale is not running";
    /// More than one buyer or claimer may have.
    OverLimit = "over_limit", 61005, "more than one person may have";
    /// No such coupon.
    CouponMissing = "coupon_missing", 61006, "no such coupon";
    /// All pieces are claimed.
    CouponGone = "coupon_gone", 61007, "no piece of this coupon is left";
    /// Outside of its window, or closed.
    CouponNotNow = "coupon_not_now", 61008, "this coupon is not valid now";
    /// The goods cost less than the coupon asks for.
    CouponBelowThreshold = "coupon_below_threshold", 61009, "the order is below the coupon's threshold";
    /// It is for other goods.
    CouponNotForGoods = "coupon_not_for_goods", 61010, "the coupon is not for these goods";
    /// Used, or reserved by another order.
    ClaimSpent = "claim_spent", 61011, "this coupon has been used";
    /// No such order, or somebody else's.
    OrderMissing = "order_missing", 61012, "no such order";
    /// The order's state does not allow it.
    OrderState = "order_state", 61013, "the order's state does not allow this";
    /// The total is not what the buyer was shown.
    PriceChanged = "price_changed", 61014, "the price has changed";
    /// A payment of another amount than asked for.
    AmountMismatch = "amount_mismatch", 61015, "the amount paid is not the amount asked for";
    /// A payment or price in another currency than the shop's.
    CurrencyMismatch = "currency_mismatch", 61016, "the currency is not the shop's";
    /// The transaction has paid for something else.
    TransactionReused = "transaction_reused", 61017, "this transaction has paid for something else";
    /// More than what was paid and not yet given back.
    RefundTooMuch = "refund_too_much", 61018, "more than what was paid and not given back";
    /// No such gift, or it is not offered.
    GiftMissing = "gift_missing", 61019, "no such gift";
    /// Fewer coins than needed.
    BalanceLow = "balance_low", 61020, "not enough coins";
    /// The idempotency key belongs to another request.
    KeyReused = "key_reused", 61021, "this key was used for another request";
    /// Negative, zero where something is needed, or too large.
    BadAmount = "bad_amount", 61022, "the amount is negative or too large";
    /// An order without lines.
    OrderEmpty = "order_empty", 61023, "an order needs at least one line";
    /// Taken off sale, or not on the shelf of this room.
    NotForSale = "not_for_sale", 61024, "these goods are not for sale here";
    /// The after-sale period is over.
    TooLate = "too_late", 61025, "the after-sale period is over";
    /// Nothing is to be paid under this reference.
    PaymentMissing = "payment_missing", 61026, "nothing is to be paid under this reference";
    /// Pieces that are held or sold cannot be taken off the books.
    StockInUse = "stock_in_use", 61027, "these pieces are held or sold";
    /// No such flash sale.
    SaleMissing = "sale_missing", 61028, "no such flash sale";
    /// Nobody follows himself.
    NotYourself = "not_yourself", 61029, "one cannot follow oneself";
    /// No such claim, or somebody else's.
    ClaimMissing = "claim_missing", 61030, "no such claim";
}
