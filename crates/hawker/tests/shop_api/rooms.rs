//! What the shop does in a room, and that the room hears it; and what it brings.

use super::*;
use support::heard::{hear, hear_field};

#[test]
fn the_room_hears_what_the_console_does() {
    let (server, console) = shop();
    let (goods, sku) = add_goods(&console, "Tea", 3990, 10);
    let mut ann = server.member("ann", ROOM);
    put_on_shelf(&console, goods);
    hear_field(&mut ann, "goods_shelf");
    let shelf = console.read(&format!("{IN_ROOM}/shelf"));
    assert_eq!((&shelf["items"][0]["goods"]["id"], &shelf["items"][0]["badge"]), (&json!(goods), &json!("New")));

    let pushed = console.done("POST", &format!("{IN_ROOM}/push"), &json!({ "goods": goods }));
    assert_eq!(pushed["pushed"], goods);
    let card: Value = serde_json::from_str(&hear_field(&mut ann, "add_goods")).unwrap();
    assert_eq!((&card["id"], &card["price"]), (&json!(goods), &json!(3990)));
    assert_eq!(last_entry(&console), ("goods.pushed".into(), format!("{ROOM} {goods}")));
    console.done("POST", &format!("{IN_ROOM}/push"), &json!({ "goods": null }));
    assert_eq!(hear_field(&mut ann, "add_goods"), "");

    let ends_at = now_secs() * 1000 + 60_000;
    let new = json!({ "sku": sku, "price": 990, "quota": 3, "perBuyer": 2, "endsAt": ends_at });
    let sale = console.done("POST", &format!("{IN_ROOM}/sales"), &new);
    assert_eq!((&sale["state"], &sale["left"]), (&json!("running"), &json!(3)));
    assert_eq!(hear(&mut ann, "FLASH_SALE").1["id"], sale["id"]);
    let path = format!("{IN_ROOM}/sales/{}", sale["id"]);
    console.done("DELETE", &path, &json!({}));
    assert_eq!(hear(&mut ann, "FLASH_SALE").1["state"], "over");
    assert_eq!(last_entry(&console), ("sale.ended".into(), format!("{ROOM}/{}", sale["id"])));
    is(&console.send("DELETE", &path, &json!({})), 404, "sale_missing");

    let coupon = add_coupon(&console);
    console.done("POST", &format!("{IN_ROOM}/drop"), &json!({ "coupon": coupon }));
    assert_eq!(hear(&mut ann, "COUPON_DROP").1["id"], coupon);
    assert_eq!(last_entry(&console), ("coupon.dropped".into(), format!("{ROOM} {coupon}")));
    assert_eq!(console.read(&format!("{IN_ROOM}/shelf"))["coupons"][0]["id"], coupon);

    console.done("DELETE", &format!("{GOODS}/{goods}"), &json!({}));
    hear_field(&mut ann, "goods_shelf");
    assert_eq!(console.read(&format!("{IN_ROOM}/shelf"))["items"], json!([]));
}

#[test]
fn a_long_shelf_is_set_with_a_key_too() {
    let (_server, console) = shop();
    let words = "leaves ".repeat(1000);
    let draft =
        |number: usize| json!({ "title": format!("Tea {number}"), "description": words, "skus": [{ "price": 1 }] });
    let items: Vec<_> =
        (0..20).map(|number| json!({ "goods": console.done("POST", GOODS, &draft(number))["id"] })).collect();
    for _ in 0..2 {
        let shelf = send_once(&console, "PUT", &format!("{IN_ROOM}/shelf"), "k", &json!({ "items": items }));
        assert_eq!((shelf.status, shelf.json()["items"].as_array().unwrap().len()), (200, 20));
        assert_eq!(shelf.json()["version"], 1, "it was set once");
    }
}

#[test]
fn what_does_not_fit_a_room_is_refused() {
    let (_server, console) = shop();
    console.done("POST", "/api/v1/rooms", &json!({ "id": "other", "name": "Other", "owner": "host" }));
    let (goods, sku) = add_goods(&console, "Tea", 1000, 10);
    let send = |what: &str, body: &Value| console.send("POST", &format!("{IN_ROOM}/{what}"), body);
    let set = |items: Value| console.send("PUT", &format!("{IN_ROOM}/shelf"), &json!({ "items": items }));
    is(&set(json!([{ "goods": 999 }])), 404, "goods_missing");
    is(&set(json!([{ "goods": goods }, { "goods": goods }])), 422, "bad_parameter");
    is(&set(json!([{ "goods": goods, "badge": "x".repeat(25) }])), 422, "too_long");
    is(&set(json!((0..201).map(|_| json!({ "goods": goods })).collect::<Vec<_>>())), 409, "too_many");
    is(&send("push", &json!({ "goods": 999 })), 404, "goods_missing");
    is(&send("push", &json!({ "goods": -1 })), 422, "bad_parameter");
    is(&send("drop", &json!({ "coupon": 999 })), 404, "coupon_missing");
    let now = now_secs() * 1000;
    let sale = json!({ "sku": sku, "price": 900, "quota": 3, "perBuyer": 1, "endsAt": now + 60_000 });
    for (field, value, status, code) in [
        ("price", json!(-1), 422, "bad_amount"),
        ("price", json!(1001), 422, "bad_amount"),
        ("quota", json!(0), 422, "bad_amount"),
        ("perBuyer", json!(-1), 422, "bad_parameter"),
        ("endsAt", json!(now - 1), 422, "bad_parameter"),
        ("endsAt", json!(now + 30 * 24 * 3_600_000), 422, "bad_parameter"),
        ("startsAt", json!(u64::MAX), 422, "bad_parameter"),
        ("sku", json!(999), 404, "sku_missing"),
    ] {
        let mut body = sale.clone();
        body[field] = value;
        is(&send("sales", &body), status, code);
    }
    let id = console.done("POST", &format!("{IN_ROOM}/sales"), &sale)["id"].clone();
    is(&console.send("DELETE", &format!("/api/v1/rooms/other/sales/{id}"), &json!({})), 404, "sale_missing");
    console.done(
        "PUT",
        &format!("{GOODS}/{goods}"),
        &json!({ "title": "Tea", "state": "off", "skus": [{ "id": sku, "price": 1000 }] }),
    );
    is(&send("push", &json!({ "goods": goods })), 409, "not_for_sale");
    for what in ["shelf", "statistics", "statistics/export"] {
        is(&console.get(&format!("/api/v1/rooms/none/{what}")), 404, "room_missing");
    }
    is(&console.send("POST", "/api/v1/rooms/none/push", &json!({ "goods": goods })), 404, "room_missing");
}

/// A show in which two buy, one pays, one claims and one gives.
fn show(server: &Server, console: &Console) -> (u64, u64) {
    let (goods, sku) = add_goods(console, "Tea", 3990, 3);
    put_on_shelf(console, goods);
    let coupon = add_coupon(console);
    let mut ann = server.member("ann", ROOM);
    let mut bob = server.member("bob", ROOM);
    ann.ok("live_shop.claim_coupon", &json!({ "GroupId": ROOM, "Coupon": coupon, "Key": "k" }));
    let paid = order(&mut ann, sku, 2);
    pay(console, paid);
    order(&mut bob, sku, 1);
    console.done("POST", "/api/v1/wallets/bob/adjust", &json!({ "change": 50, "reason": "welcome" }));
    bob.ok("live_shop.send_gift", &json!({ "GroupId": ROOM, "Gift": "tea", "Count": 3, "Key": "g" }));
    bob.say(ROOM, "thanks");
    (goods, sku)
}

#[test]
fn a_show_has_its_numbers() {
    let (server, console) = shop();
    let (goods, _) = show(&server, &console);
    let told = console.read(&format!("{IN_ROOM}/statistics"));
    let sales = &told["sales"];
    assert_eq!((&sales["orders"], &sales["paid"], &sales["revenue"]), (&json!(2), &json!(1), &json!(7980)));
    assert_eq!((&sales["coupons"], &sales["coins"], &sales["gifts"]), (&json!(1), &json!(15), &json!(3)));
    assert_eq!(sales["goods"], json!([{ "goods": goods, "title": "Tea", "units": 2, "revenue": 7980 }]));
    assert_eq!(told["peak"], 2);
    let sum = |name: &str| -> i64 {
        told["minutes"].as_array().unwrap().iter().map(|minute| minute[name].as_i64().unwrap()).sum()
    };
    assert_eq!((sum("orders"), sum("revenue"), sum("claims"), sum("coins")), (1, 7980, 1, 15));
    let ledger = told["ledger"].as_array().unwrap();
    for line in ledger {
        let dropped: i64 = line["dropped"].as_object().unwrap().values().map(|count| count.as_i64().unwrap()).sum();
        assert_eq!(line["received"].as_i64().unwrap(), line["delivered"].as_i64().unwrap() + dropped, "{line}");
    }
    assert!(ledger.iter().any(|line| line["class"] == "vital" && line["received"].as_i64() > Some(0)));
    assert!(ledger.iter().any(|line| line["class"] == "chat" && line["delivered"] == 1));

    let course = lines(&console.get(&format!("{IN_ROOM}/statistics/export")));
    assert_eq!((course[0].as_str(), course.len() >= 2), ("at,orders,revenue,claims,coins", true));
    let sold = lines(&console.get(&format!("{IN_ROOM}/statistics/export?of=goods")));
    assert_eq!(sold, ["goods,title,units,revenue".to_owned(), format!("{goods},Tea,2,79.80")]);
    is(&console.get(&format!("{IN_ROOM}/statistics/export?of=people")), 422, "bad_parameter");
}

#[test]
fn the_overview_tells_what_is_to_be_done() {
    let (server, console) = shop();
    console.done("POST", "/api/v1/rooms", &json!({ "id": "over", "name": "Over" }));
    console.done("PATCH", "/api/v1/rooms/over", &json!({ "status": "ended" }));
    console.done("POST", "/api/v1/rooms", &json!({ "id": "live", "name": "Live" }));
    console.done("PATCH", "/api/v1/rooms/live", &json!({ "status": "live" }));
    let (goods, sku) = show(&server, &console);
    let named = json!({ "title": "Pot", "skus": [{ "name": "Old", "price": 100 }, { "name": "New", "price": 100, "stock": 9 }] });
    let pot = console.done("POST", GOODS, &named);
    let left = json!({ "title": "Pot", "skus": [{ "id": pot["skus"][1]["id"], "name": "New", "price": 100 }] });
    console.done("PUT", &format!("{GOODS}/{}", pot["id"]), &left);
    let _there = server.member("eve", ROOM);
    let told = console.read("/api/v1/overview");
    assert_eq!(told["today"], json!({ "orders": 1, "revenue": 7980, "coins": 15, "claims": 1 }));
    assert_eq!((&told["toShip"], &told["open"]), (&json!(1), &json!(1)));
    assert_eq!(told["shares"], json!([{ "room": ROOM, "orders": 1, "revenue": 7980 }]));
    // Bob gave the host what Bob spent.
    let host = console.read("/api/v1/wallets/host");
    assert_eq!(
        (&host["coins"], &host["received"], &host["entries"][0]["kind"]),
        (&json!(0), &json!(15), &json!("received"))
    );
    assert!(told["online"].as_u64() >= Some(1));
    let rooms: Vec<_> = told["rooms"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap()).collect();
    assert_eq!(rooms, ["live", ROOM], "those on the air first, none whose show is over");
    let days = told["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[13]["revenue"], &days[12]["revenue"]), (14, &json!(7980), &json!(0)));
    assert_eq!(
        told["lowStock"],
        json!([{ "goods": goods, "title": "Tea", "sku": sku, "name": "", "available": 0 }]),
        "neither what there is enough of, nor what was taken off"
    );
    let east = console.read("/api/v1/overview?offset=840");
    let west = console.read("/api/v1/overview?offset=-840");
    assert_eq!((&east["today"]["revenue"], &west["today"]["revenue"]), (&json!(7980), &json!(7980)));
    assert_ne!(east["days"][13]["day"], west["days"][13]["day"], "28 hours apart, it is never the same day");
    is(&console.get("/api/v1/overview?offset=841"), 422, "bad_parameter");
}
