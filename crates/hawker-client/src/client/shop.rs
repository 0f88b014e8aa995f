//! The shop: what viewers buy, claim and give, and what hosts put on their shelf.
//!
//! Writes carry a key of their own making, so that one that is sent again because the connection was lost happens once.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Client;
use crate::error::Error;
use crate::types::shop::{
    Board, Claim, Coupon, Following, Gift, GiftSent, Goods, NewOrder, NewSale, Order, RoomSales, Sale, Shelf, TopUp,
};
use crate::types::{RoomId, UserId};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Items<T> {
    items: Vec<T>,
}

impl Client {
    // Viewers

    /// What a room sells; also for who is not logged in.
    ///
    /// # Errors
    /// Refused with 10010 if there is no such room.
    pub async fn shelf(&self, room: impl Into<RoomId>) -> Result<Shelf, Error> {
        self.shop("get_shelf", json!({"GroupId": room.into()})).await
    }

    /// Takes a piece of a coupon; the room hears of it.
    ///
    /// # Errors
    /// Refused with 61005 (has as many as one may), 61006 (no such coupon), 61007 (none left), 61008 (not valid now).
    pub async fn claim_coupon(&self, room: impl Into<RoomId>, coupon: u64) -> Result<Claim, Error> {
        self.write("claim_coupon", json!({"GroupId": room.into(), "Coupon": coupon})).await
    }

    /// The coupons that one has, newest first.
    pub async fn my_coupons(&self) -> Result<Vec<Claim>, Error> {
        self.shop("my_coupons", json!({})).await.map(|Items { items }| items)
    }

    /// Buys: the pieces are held until the order is paid or its time is over.
    ///
    /// # Errors
    /// Refused with 61002 (no such variant), 61003 (sold out), 61005 (more than one buyer may have), 61009 to 61011 (the
    /// coupon does not fit), 61014 (another total than expected), 61024 (not for sale here).
    pub async fn create_order(&self, order: &NewOrder) -> Result<Order, Error> {
        self.write("create_order", json!(order)).await
    }

    /// Does not buy after all.
    ///
    /// # Errors
    /// Refused with 61012 (no such order), 61013 (paid already).
    pub async fn cancel_order(&self, order: u64) -> Result<Order, Error> {
        self.shop("cancel_order", json!({"Id": order})).await
    }

    /// It has arrived.
    ///
    /// # Errors
    /// Refused with 61012 (no such order), 61013 (not shipped).
    pub async fn confirm_order(&self, order: u64) -> Result<Order, Error> {
        self.shop("confirm_order", json!({"Id": order})).await
    }

    /// An order of one's own.
    ///
    /// # Errors
    /// Refused with 61012 if there is none such.
    pub async fn order(&self, order: u64) -> Result<Order, Error> {
        self.shop("get_order", json!({"Id": order})).await
    }

    /// One's orders, newest first, at most 50.
    pub async fn my_orders(&self) -> Result<Vec<Order>, Error> {
        self.shop("my_orders", json!({})).await.map(|Items { items }| items)
    }

    /// The gifts that are offered, cheapest first.
    pub async fn gifts(&self) -> Result<Vec<Gift>, Error> {
        self.shop("get_gifts", json!({})).await.map(|Items { items }| items)
    }

    /// Gives the host of a room something, paid from the wallet.
    ///
    /// # Errors
    /// Refused with 61019 (no such gift), 61020 (not enough coins).
    pub async fn give(&self, room: impl Into<RoomId>, gift: &str, count: u32) -> Result<GiftSent, Error> {
        self.write("send_gift", json!({"GroupId": room.into(), "Gift": gift, "Count": count})).await
    }

    /// One's coins.
    pub async fn coins(&self) -> Result<i64, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Wallet {
            coins: i64,
        }
        self.shop("get_wallet", json!({})).await.map(|Wallet { coins }| coins)
    }

    /// Buys coins; they are there when they are paid.
    ///
    /// # Errors
    /// Refused with 61022 for no amount.
    pub async fn top_up(&self, coins: i64) -> Result<TopUp, Error> {
        self.write("top_up", json!({"Coins": coins})).await
    }

    /// Who gave most in a room.
    pub async fn board(&self, room: impl Into<RoomId>) -> Result<Board, Error> {
        self.shop("get_board", json!({"GroupId": room.into()})).await
    }

    /// Follows a host, or no longer; the room hears of it.
    ///
    /// # Errors
    /// Refused with 10019 (no such user), 61029 (oneself).
    pub async fn follow(
        &self,
        room: impl Into<RoomId>,
        host: impl Into<UserId>,
        follow: bool,
    ) -> Result<Following, Error> {
        let command = if follow { "follow" } else { "unfollow" };
        self.shop(command, json!({"GroupId": room.into(), "User": host.into()})).await
    }

    // Hosts

    /// All goods that can be put on a shelf.
    ///
    /// # Errors
    /// Refused with 10007 for who runs no room, as everything that follows.
    pub async fn goods_for_sale(&self) -> Result<Vec<Goods>, Error> {
        self.shop("list_goods", json!({})).await.map(|Items { items }| items)
    }

    /// All coupons that can be offered.
    pub async fn open_coupons(&self) -> Result<Vec<Coupon>, Error> {
        self.shop("list_coupons", json!({})).await.map(|Items { items }| items)
    }

    /// Arranges the shelf of a room: goods and the badge of each.
    pub async fn set_shelf(&self, room: impl Into<RoomId>, items: &[(u64, &str)]) -> Result<Shelf, Error> {
        let items: Vec<_> = items.iter().map(|(goods, badge)| json!({"Goods": goods, "Badge": badge})).collect();
        self.shop("set_shelf", json!({"GroupId": room.into(), "Items": items})).await
    }

    /// Pushes goods in a room, or nothing.
    pub async fn push_goods(&self, room: impl Into<RoomId>, goods: Option<u64>) -> Result<Shelf, Error> {
        self.shop("push_goods", json!({"GroupId": room.into(), "Goods": goods})).await
    }

    /// Starts a flash sale.
    ///
    /// # Errors
    /// Refused with 61022 (dearer than the price, or no quota), 61000 (its time, or there is one of this variant).
    pub async fn start_sale(&self, sale: &NewSale) -> Result<Sale, Error> {
        self.write("start_sale", json!(sale)).await
    }

    /// Ends a flash sale.
    pub async fn end_sale(&self, sale: u64) -> Result<Sale, Error> {
        self.shop("end_sale", json!({"Id": sale})).await
    }

    /// Offers a coupon to a room.
    pub async fn drop_coupon(&self, room: impl Into<RoomId>, coupon: u64) -> Result<Coupon, Error> {
        self.shop("drop_coupon", json!({"GroupId": room.into(), "Coupon": coupon})).await
    }

    /// What a room has sold.
    pub async fn room_sales(&self, room: impl Into<RoomId>) -> Result<RoomSales, Error> {
        self.shop("get_sales", json!({"GroupId": room.into()})).await
    }

    async fn shop<T: DeserializeOwned>(&self, command: &str, body: Value) -> Result<T, Error> {
        self.ask(&format!("live_shop.{command}"), body, true).await
    }

    async fn write<T: DeserializeOwned>(&self, command: &str, mut body: Value) -> Result<T, Error> {
        body["Key"] = json!(self.fresh_key());
        self.shop(command, body).await
    }
}
