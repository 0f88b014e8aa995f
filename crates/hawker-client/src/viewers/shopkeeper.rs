//! The shop behind a show: an administrator who stocks it, gives viewers coins, and takes what they pay.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::words::GOODS;
use crate::client::Client;
use crate::error::Error;
use crate::types::RoomId;
use crate::types::shop::{Goods, NewOrder, NewSale, OrderWish};

/// Pieces of each of the goods, at first and whenever there are few.
const STOCK: u64 = 200;
const FEW: i64 = 20;
/// Coins that a viewer is given who has run out.
const COINS: i64 = 3000;
/// How long a flash sale of the show lasts.
const FLASH: Duration = Duration::from_secs(60);
/// And how much of the price it asks for, in percent.
const FLASH_PERCENT: i64 = 70;

/// See the module.
pub(super) struct Shopkeeper {
    admin: Client,
    goods: Vec<Goods>,
    coupon: u64,
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

impl Shopkeeper {
    /// Stocks the shop, unless a show before this one has, and the shelf of the room.
    pub(super) async fn open(admin: Client, room: &RoomId) -> Result<Self, Error> {
        let there = admin.goods_for_sale().await?;
        let mut goods = Vec::new();
        for wanted in GOODS {
            let title = format!("{} {}", wanted.zh, wanted.en);
            let found = there.iter().find(|goods| goods.title == title).cloned();
            goods.push(match found {
                Some(found) => found,
                None => make(&admin, &title, wanted.id, wanted.price_minor).await?,
            });
        }
        if admin.shelf(room).await?.items.is_empty() {
            let badges = ["热卖 Hot", "", "新品 New"];
            let items: Vec<_> =
                goods.iter().zip(badges.iter().cycle()).map(|(goods, badge)| (goods.id, *badge)).collect();
            admin.set_shelf(room, &items).await?;
        }
        let coupon = match admin.open_coupons().await?.first() {
            Some(coupon) => coupon.id,
            None => make_coupon(&admin).await?,
        };
        Ok(Self { admin, goods, coupon })
    }

    /// The number of the goods at a place of the list.
    pub(super) fn goods(&self, at: usize) -> u64 {
        self.goods[at].id
    }

    pub(super) async fn drop_coupon(&self, host: &Client, room: &RoomId) -> Result<(), Error> {
        host.drop_coupon(room, self.coupon).await.map(drop)
    }

    pub(super) async fn flash_sale(&self, host: &Client, room: &RoomId, at: usize) -> Result<(), Error> {
        let sku = &self.goods[at].skus[0];
        let sale = NewSale {
            room: room.clone(),
            sku: sku.id,
            price: sku.price * FLASH_PERCENT / 100,
            quota: 20,
            per_buyer: 2,
            ends_at: now_ms() + FLASH.as_millis() as u64,
        };
        host.start_sale(&sale).await.map(drop)
    }

    /// Buys one piece and pays for it.
    pub(super) async fn buy(&self, viewer: &Client, room: &RoomId, at: usize) -> Result<(), Error> {
        let sku = &self.goods[at].skus[0];
        let lines = vec![OrderWish { sku: sku.id, quantity: 1 }];
        let order =
            viewer.create_order(&NewOrder { room: Some(room.clone()), lines, ..NewOrder::default() }).await?;
        let payment = json!({
            "Reference": order.id,
            "Transaction": format!("show-{}-{}", now_ms(), order.id),
            "Amount": order.total,
            "Currency": order.currency,
        });
        self.admin.call("live_shop.report_payment", payment, true).await?;
        self.restock(sku.id, self.goods[at].id).await
    }

    /// A show goes on for days: what is nearly sold out is filled up.
    async fn restock(&self, sku: u64, goods: u64) -> Result<(), Error> {
        let now = self.admin.call("live_shop.get_goods", json!({"Id": goods}), true).await?;
        let left = now["Skus"][0]["Available"].as_i64().unwrap_or(0);
        if left < FEW {
            self.admin.call("live_shop.set_stock", json!({"Sku": sku, "Change": STOCK}), false).await?;
        }
        Ok(())
    }

    pub(super) async fn claim(&self, viewer: &Client, room: &RoomId) -> Result<(), Error> {
        viewer.claim_coupon(room, self.coupon).await.map(drop)
    }

    pub(super) async fn give(&self, viewer: &Client, room: &RoomId, gift: &str, count: u32) -> Result<(), Error> {
        match viewer.give(room, gift, count).await {
            Err(Error::Refused { code: NO_COINS, .. }) => {}
            done => return done.map(drop),
        }
        let user = viewer.user().ok_or(Error::NotLoggedIn)?;
        let coins = json!({"User": user, "Change": COINS, "Reason": "for the show"});
        self.admin.call("live_shop.adjust_wallet", coins, false).await?;
        viewer.give(room, gift, count).await.map(drop)
    }
}

/// Not enough coins.
const NO_COINS: u32 = 61020;

async fn make(admin: &Client, title: &str, picture: &str, price: u64) -> Result<Goods, Error> {
    let body = json!({
        "Title": title,
        "Pictures": [format!("/demo/{picture}.svg")],
        "Skus": [{"Price": price, "ListPrice": price * 4 / 3, "Stock": STOCK}],
    });
    let made = admin.call("live_shop.save_goods", body, false).await?;
    crate::client::parse("save_goods", made)
}

async fn make_coupon(admin: &Client) -> Result<u64, Error> {
    const YEAR_MS: u64 = 365 * 24 * 3_600_000;
    let body = json!({
        "Title": "直播间立减 5 元 · 5 off", "Off": {"Amount": 500}, "Threshold": 3000,
        "StartsAt": now_ms() - 60_000, "EndsAt": now_ms() + YEAR_MS, "Stock": 100_000, "PerUser": 2,
    });
    let made = admin.call("live_shop.save_coupon", body, false).await?;
    Ok(made["Id"].as_u64().unwrap_or(0))
}
