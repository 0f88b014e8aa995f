//! Configuration of the shop.

use super::section;
use hawker_core::shop::ShopLimits;
use hawker_core::shop::money::AMOUNT_MAX;
use serde::Deserialize;
use std::time::Duration;

section! {
    /// The shop.
    ShopConfig {
        /// The currency of all prices, three letters (ISO 4217).
        currency: String = "CNY".into(),
        /// Nothing is really sold: payments are only played.
        development: bool = false,
        /// Minor units that one coin costs.
        coin_price: i64 = 10,
        /// Seconds in which an order must be paid; then it is cancelled and its stock is free again.
        pay_within_secs: u64 = 900,
        /// Days after which a shipped order is done by itself.
        done_after_days: u64 = 10,
        /// Days after an order is done in which it can still be refunded.
        after_sale_days: u64 = 30,
        /// Where buyers pay: an address with `{reference}` in it.
        pay_page: Option<String> = None,
        /// The secret that payment notifications are signed with; by default one is made and kept in the data folder.
        payment_secret: Option<String> = None,
        /// Goods of one app.
        goods_max: usize = 20_000,
        /// Coupons of one app.
        coupons_max: usize = 5_000,
        /// Orders in memory: open, or within the after-sale period.
        orders_max: usize = 2_000_000,
        /// Orders of one user that wait to be paid.
        open_orders_per_user_max: usize = 20,
    }
}

const DAY_SECS: u64 = 24 * 3600;

impl ShopConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err("shop.currency must be three capital letters, as CNY".into());
        }
        if !(1..=AMOUNT_MAX).contains(&self.coin_price) {
            return Err("shop.coin_price must be at least 1".into());
        }
        if !(60..=7 * DAY_SECS).contains(&self.pay_within_secs) {
            return Err("shop.pay_within_secs must be 60 to 604800".into());
        }
        if self.pay_page.as_ref().is_some_and(|page| !page.contains("{reference}")) {
            return Err("shop.pay_page must have {reference} in it".into());
        }
        if self.payment_secret.as_ref().is_some_and(|secret| secret.len() < 16) {
            return Err("shop.payment_secret is shorter than 16 bytes".into());
        }
        Ok(())
    }

    /// The bounds of the rules.
    pub fn limits(&self) -> ShopLimits {
        ShopLimits {
            currency: self.currency.as_str().into(),
            pay_page: self.pay_page.as_deref().map(Into::into),
            coin_price: self.coin_price,
            pay_within: Duration::from_secs(self.pay_within_secs),
            done_after: Duration::from_secs(self.done_after_days.saturating_mul(DAY_SECS)),
            after_sale: Duration::from_secs(self.after_sale_days.saturating_mul(DAY_SECS)),
            goods_max: self.goods_max,
            coupons_max: self.coupons_max,
            orders_max: self.orders_max,
            open_orders_per_user_max: self.open_orders_per_user_max,
            ..ShopLimits::default()
        }
    }
}
