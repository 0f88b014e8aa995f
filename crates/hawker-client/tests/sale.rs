//! A sale with the Rust client, against the real server.
#![cfg(target_os = "linux")]

mod shop;

use hawker_client::shop::{CouponOff, NewOrder, NewSale, OrderWish};
use hawker_client::{Element, Event, Events, RoomMessage};
use serde_json::{Value, json};
use shop::{ROOM, code, shop, wait};
use std::time::{SystemTime, UNIX_EPOCH};

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// The value of the next message of this name.
async fn hear(events: &mut Events, name: &str) -> (RoomMessage, Value) {
    wait(events, |event| {
        let Event::Message(message) = event else { return None };
        let Some(Element::Custom(custom)) = message.elements.first() else { return None };
        let value = (custom.data == name).then(|| serde_json::from_str(&custom.ext).unwrap())?;
        Some((message.clone(), value))
    })
    .await
}

#[tokio::test]
async fn a_sale_from_the_shelf_to_the_board() {
    let shop = shop();
    let host = shop.host().await;
    let admin = shop.user("administrator").await;
    let made = json!({"Title": "Tea", "Pictures": ["/tea.png"], "Skus": [{"Price": 3990, "ListPrice": 5000, "Stock": 10}]});
    let goods = admin.call("live_shop.save_goods", made, true).await.unwrap()["Id"].as_u64().unwrap();
    let (mei, mut events) = shop.viewer("mei").await;

    let shelf = host.set_shelf(ROOM, &[(goods, "New")]).await.unwrap();
    assert_eq!((shelf.items[0].badge.as_str(), shelf.currency.as_str()), ("New", "CNY"));
    assert_eq!(code(mei.set_shelf(ROOM, &[]).await), 10007);
    assert_eq!(host.goods_for_sale().await.unwrap()[0].title, "Tea");
    assert_eq!(host.push_goods(ROOM, Some(goods)).await.unwrap().pushed, Some(goods));

    let now = now_ms();
    let coupon = json!({"Title": "3 off", "Off": {"Amount": 300}, "StartsAt": now - 1000, "EndsAt": now + 60_000, "Stock": 5});
    let coupon = admin.call("live_shop.save_coupon", coupon, true).await.unwrap()["Id"].as_u64().unwrap();
    assert_eq!(host.drop_coupon(ROOM, coupon).await.unwrap().off, CouponOff::Amount(300));
    assert_eq!(hear(&mut events, "COUPON_DROP").await.1["id"], coupon);
    let claim = mei.claim_coupon(ROOM, coupon).await.unwrap();
    assert_eq!(code(mei.claim_coupon(ROOM, coupon).await), 61005);

    let sku = mei.shelf(ROOM).await.unwrap().items[0].goods.skus[0].clone();
    assert_eq!((sku.price, sku.list_price, sku.available), (3990, 5000, 10));
    let sale =
        NewSale { room: ROOM.into(), sku: sku.id, price: 1990, quota: 3, per_buyer: 2, ends_at: now_ms() + 60_000 };
    let sale = host.start_sale(&sale).await.unwrap();
    let order = NewOrder {
        room: Some(ROOM.into()),
        lines: vec![OrderWish { sku: sku.id, quantity: 2 }],
        claim: Some(claim.id),
        expect_total: Some(2 * 1990 - 300),
        ..NewOrder::default()
    };
    let order = mei.create_order(&order).await.unwrap();
    assert_eq!((order.state.as_str(), order.discount, order.lines[0].sale), ("created", 300, Some(sale.id)));
    assert_eq!(mei.my_coupons().await.unwrap()[0].state, "reserved");
    assert_eq!(host.end_sale(sale.id).await.unwrap().state, "over");
    let paid = json!({"Reference": order.id, "Transaction": "w1", "Amount": order.total, "Currency": "CNY"});
    admin.call("live_shop.report_payment", paid, true).await.unwrap();
    let (bought, value) = hear(&mut events, "BUY_GOODS").await;
    assert_eq!((bought.from.as_str(), &value["quantity"]), ("mei", &json!(2)));
    assert_eq!(mei.order(order.id).await.unwrap().state, "paid");
    assert_eq!(mei.my_orders().await.unwrap().len(), 1);
    assert_eq!(code(mei.cancel_order(order.id).await), 61013);
    admin
        .call("live_shop.ship_order", json!({"Id": order.id, "Carrier": "post", "Tracking": "7"}), true)
        .await
        .unwrap();
    assert_eq!(mei.confirm_order(order.id).await.unwrap().state, "done");

    assert_eq!(mei.gifts().await.unwrap()[0].id, "rose");
    assert_eq!(code(mei.give(ROOM, "rose", 1).await), 61020);
    let top_up = mei.top_up(100).await.unwrap();
    let paid = json!({"Reference": top_up.id, "Transaction": "w2", "Amount": top_up.amount, "Currency": "CNY"});
    admin.call("live_shop.report_payment", paid, true).await.unwrap();
    assert_eq!(mei.coins().await.unwrap(), 100);
    let given = mei.give(ROOM, "tea", 2).await.unwrap();
    assert_eq!((given.coins, given.combo), (90, 2));
    assert_eq!(hear(&mut events, "SEND_GIFT").await.1["coins"], 10);
    let board = mei.board(ROOM).await.unwrap();
    assert_eq!((board.total, board.items[0].user.as_str()), (10, "mei"));

    assert!(mei.follow(ROOM, "host", true).await.unwrap().following);
    assert_eq!(hear(&mut events, "ATTENTION").await.1["followers"], 1);
    assert!(!mei.follow(ROOM, "host", false).await.unwrap().following);
    let sales = host.room_sales(ROOM).await.unwrap();
    assert_eq!((sales.paid, sales.units, sales.revenue, sales.coupons, sales.coins), (1, 2, 3680, 1, 10));
    assert_eq!(host.open_coupons().await.unwrap()[0].left, 4);
}
