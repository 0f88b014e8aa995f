//! What bad input gets: its own number, and nothing has changed.

use super::*;

#[test]
fn amounts_that_are_none() {
    let server = server("");
    let goods = |sku: Value| shop_refused(&server, "save_goods", json!({ "Title": "Tea", "Skus": [sku] }));
    assert_eq!(goods(json!({ "Price": -1 })), 61022);
    assert_eq!(goods(json!({ "Price": 0 })), 61022);
    assert_eq!(goods(json!({ "Price": 9_007_199_254_740_993_i64 })), 61022);
    assert_eq!(goods(json!({ "Price": 100, "ListPrice": -5 })), 61022);
    assert_eq!(goods(json!({ "Price": 100, "Stock": -5 })), 61022);
    assert_eq!(goods(json!({ "Price": 39.9 })), 61000);
    assert_eq!(goods(json!({ "Price": "39" })), 61000);
    assert_eq!(shop_refused(&server, "save_goods", json!({ "Title": "", "Skus": [{ "Price": 1 }] })), 61000);
    assert_eq!(shop_refused(&server, "save_goods", json!({ "Title": "Tea", "Skus": [] })), 61000);
    let pictures = json!({ "Title": "Tea", "Skus": [{ "Price": 1 }], "Pictures": ["javascript:alert(1)"] });
    assert_eq!(shop_refused(&server, "save_goods", pictures), 61000);
    assert_eq!(shop(&server, "list_goods", json!({}))["Items"], json!([]), "nothing was made");
}

#[test]
fn goods_that_cannot_be_bought() {
    let server = server("");
    let (id, sku) = goods(&server, 100, 2);
    let mut ann = server.member("ann", ROOM);
    let mut order =
        |lines: Value| ann.refused("live_shop.create_order", &json!({ "GroupId": ROOM, "Lines": lines }));
    assert_eq!(order(json!([])), 61023);
    assert_eq!(order(json!([{ "Sku": 999, "Quantity": 1 }])), 61002);
    assert_eq!(order(json!([{ "Sku": sku, "Quantity": 3 }])), 61003);
    assert_eq!(order(json!([{ "Sku": sku, "Quantity": 0 }])), 61022);
    assert_eq!(order(json!([{ "Sku": sku, "Quantity": -1 }])), 61000);
    assert_eq!(order(json!([{ "Sku": sku, "Quantity": 4_294_967_295_u32 }])), 61000);
    assert_eq!(order(json!([{ "Sku": sku, "Quantity": 1 }, { "Sku": sku, "Quantity": 1 }])), 61000);
    let dear = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 1 }], "ExpectTotal": 99 });
    assert_eq!(ann.refused("live_shop.create_order", &dear), 61014);
    shop(&server, "set_shelf", json!({ "GroupId": ROOM, "Items": [] }));
    let one = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 1 }] });
    assert_eq!(ann.refused("live_shop.create_order", &one), 61024, "not on the shelf");
    shop(&server, "remove_goods", json!({ "Id": id }));
    let anywhere = json!({ "Lines": [{ "Sku": sku, "Quantity": 1 }] });
    assert_eq!(ann.refused("live_shop.create_order", &anywhere), 61001);
    assert_eq!(ann.ok("live_shop.my_orders", &json!({}))["Items"], json!([]));
}

#[test]
fn coupons_that_do_not_help() {
    let server = server("");
    let (_, sku) = goods(&server, 1000, 10);
    let (cheap, cheap_sku) = goods(&server, 200, 10);
    let now = now_secs() * 1000;
    let coupon = |more: Value| {
        let mut body = json!({
            "Title": "Off", "Off": { "Amount": 300 }, "StartsAt": now - 1000, "EndsAt": now + 60_000, "Stock": 5,
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let saved = |more| shop(&server, "save_coupon", coupon(more))["Id"].clone();
    for bad in [
        json!({ "Off": { "Percent": { "Rate": 100 } } }),
        json!({ "Off": { "Amount": -5 } }),
        json!({ "Stock": 0 }),
        json!({ "EndsAt": now - 2000 }),
        json!({ "Goods": [999] }),
    ] {
        shop_refused(&server, "save_coupon", coupon(bad));
    }
    let mut ann = server.member("ann", ROOM);
    let mut bob = server.member("bob", ROOM);
    let claim = |wire: &mut Wire, id: &Value| wire.refused("live_shop.claim_coupon", &json!({ "Coupon": id }));
    assert_eq!(claim(&mut ann, &json!(999)), 61006);
    assert_eq!(claim(&mut ann, &saved(json!({ "StartsAt": now + 30_000 }))), 61008, "not begun");
    let closed = saved(json!({}));
    shop(&server, "close_coupon", json!({ "Id": closed }));
    assert_eq!(claim(&mut ann, &closed), 61008);
    let last = saved(json!({ "Stock": 1 }));
    let mine = ann.ok("live_shop.claim_coupon", &json!({ "Coupon": last }));
    assert_eq!(claim(&mut ann, &last), 61005, "one each");
    assert_eq!(claim(&mut bob, &last), 61007, "none left");

    let dear = ann.ok("live_shop.claim_coupon", &json!({ "Coupon": saved(json!({ "Threshold": 5000 })) }));
    let other = ann.ok("live_shop.claim_coupon", &json!({ "Coupon": saved(json!({ "Goods": [cheap] })) }));
    let order = |wire: &mut Wire, sku: u64, claim: &Value| {
        let lines = json!([{ "Sku": sku, "Quantity": 1 }]);
        wire.ask("live_shop.create_order", &json!({ "GroupId": ROOM, "Lines": lines, "Claim": claim["Id"] }))
    };
    assert_eq!(order(&mut ann, sku, &dear)["ErrorCode"], 61009);
    assert_eq!(order(&mut ann, sku, &other)["ErrorCode"], 61010);
    assert_eq!(order(&mut bob, sku, &mine)["ErrorCode"], 61030, "somebody else's");
    assert_eq!(order(&mut ann, cheap_sku, &mine)["Total"], 0, "it pays for all of it");
    assert_eq!(order(&mut ann, sku, &mine)["ErrorCode"], 61011, "used");
}

#[test]
fn orders_that_are_somebody_elses_or_elsewhere() {
    let server = server("");
    let (_, sku) = goods(&server, 1000, 10);
    let mut ann = server.member("ann", ROOM);
    let mut bob = server.member("bob", ROOM);
    let order = buy(&mut ann, sku, 1);
    let id = json!({ "Id": order["Id"] });
    for command in ["get_order", "cancel_order", "confirm_order"] {
        assert_eq!(bob.refused(&format!("live_shop.{command}"), &id), 61012, "{command}");
    }
    assert_eq!(ann.refused("live_shop.confirm_order", &id), 61013, "not shipped");
    assert_eq!(shop_refused(&server, "ship_order", json!({ "Id": order["Id"] })), 61013, "not paid");
    assert_eq!(shop_refused(&server, "refund_order", json!({ "Id": order["Id"], "Amount": 1 })), 61013);
    pay(&server, &order["Id"], &order["Total"]);
    assert_eq!(ann.refused("live_shop.cancel_order", &id), 61013, "paid");
    for (amount, code) in [(0, 61022), (-5, 61022), (1001, 61018)] {
        assert_eq!(shop_refused(&server, "refund_order", json!({ "Id": order["Id"], "Amount": amount })), code);
    }
    shop(&server, "refund_order", json!({ "Id": order["Id"], "Amount": 400 }));
    assert_eq!(shop_refused(&server, "refund_order", json!({ "Id": order["Id"], "Amount": 601 })), 61018);
    let all = shop(&server, "refund_order", json!({ "Id": order["Id"], "Amount": 600, "Restock": true }));
    assert_eq!(all["State"], "refunded");
    assert_eq!(shop_refused(&server, "refund_order", json!({ "Id": order["Id"], "Amount": 1 })), 61013);
}

#[test]
fn viewers_do_not_run_the_shop_and_nobody_buys_for_others() {
    let server = server("");
    let (id, sku) = goods(&server, 1000, 10);
    let mut ann = server.member("ann", ROOM);
    for (command, body) in [
        ("set_shelf", json!({ "GroupId": ROOM, "Items": [] })),
        ("push_goods", json!({ "GroupId": ROOM, "Goods": id })),
        ("drop_coupon", json!({ "GroupId": ROOM, "Coupon": 1 })),
        ("get_sales", json!({ "GroupId": ROOM })),
        ("list_goods", json!({})),
        ("save_goods", json!({ "Title": "Mine", "Skus": [{ "Price": 1 }] })),
        ("adjust_wallet", json!({ "User": "ann", "Change": 100, "Reason": "please" })),
        ("refund_order", json!({ "Id": 1, "Amount": 1 })),
        ("claim_coupon", json!({ "Coupon": 1, "User": "bob" })),
    ] {
        assert_eq!(ann.refused(&format!("live_shop.{command}"), &body), 10007, "{command}");
    }
    assert_eq!(ann.refused("live_shop.nonsense", &json!({})), 10003);
    assert_eq!(ann.refused("live_shop.follow", &json!({ "User": "ann" })), 61029);
    assert_eq!(ann.refused("live_shop.follow", &json!({ "User": "nobody" })), 10019);
    assert_eq!(ann.refused("live_shop.get_shelf", &json!({ "GroupId": "elsewhere" })), 10010);
    let anonymous = &mut Wire::open(server.addr);
    assert_eq!(anonymous.ok("live_shop.get_shelf", &json!({ "GroupId": ROOM }))["Items"][0]["Goods"]["Id"], id);
    let body = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 1 }] });
    assert_eq!(anonymous.refused("live_shop.create_order", &body), 20002);
    // Who is banned from the room does not buy in it.
    let ban = json!({ "GroupId": ROOM, "Members_Account": ["ann"], "Duration": 100 });
    server.rest_ok("group_open_http_svc/ban_group_member", &ban);
    assert_eq!(ann.refused("live_shop.create_order", &body), 10007);
}

#[test]
fn coins_that_are_not_there_buy_no_gift() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    coins(&server, "ann", 10);
    let mut gift = |gift: &str, count: Value| {
        ann.refused("live_shop.send_gift", &json!({ "GroupId": ROOM, "Gift": gift, "Count": count }))
    };
    assert_eq!(gift("rose", json!(11)), 61020);
    assert_eq!(gift("nothing", json!(1)), 61019);
    assert_eq!(gift("rose", json!(0)), 61022);
    assert_eq!(gift("rose", json!(1000)), 61000);
    assert_eq!(ann.ok("live_shop.get_wallet", &json!({}))["Coins"], 10);
    assert_eq!(
        shop_refused(&server, "adjust_wallet", json!({ "User": "ann", "Change": -11, "Reason": "x" })),
        61020
    );
    for coins in [json!(0), json!(-1), json!(i64::MAX)] {
        assert_eq!(ann.refused("live_shop.top_up", &json!({ "Coins": coins })), 61022, "{coins}");
    }
}

#[test]
fn a_key_belongs_to_one_request() {
    let server = server("");
    let (_, sku) = goods(&server, 1000, 10);
    let mut ann = server.member("ann", ROOM);
    let mut bob = server.member("bob", ROOM);
    let order =
        |quantity: u32| json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": quantity }], "Key": "k" });
    let first = ann.ok("live_shop.create_order", &order(1));
    assert_eq!(ann.ok("live_shop.create_order", &order(1))["Id"], first["Id"]);
    assert_eq!(ann.refused("live_shop.create_order", &order(2)), 61021);
    assert_ne!(bob.ok("live_shop.create_order", &order(1))["Id"], first["Id"], "keys are each user's own");
    let long = "k".repeat(65);
    let body = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 1 }], "Key": long });
    assert_eq!(ann.refused("live_shop.create_order", &body), 61000);
}
