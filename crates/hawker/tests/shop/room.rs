//! What the room hears of its shop, in the events that live-selling components know.

use super::*;
use support::heard::{event, hear, hear_field};

#[test]
fn a_whole_sale_is_heard_by_everybody_in_the_same_order() {
    let server = server("");
    let (id, sku) = goods(&server, 3990, 10);
    let mut host = server.member("host", ROOM);
    let mut ann = server.member("ann", ROOM);
    let mut bob = server.member("bob", ROOM);

    host.ok("live_shop.push_goods", &json!({ "GroupId": ROOM, "Goods": id }));
    let card: Value = serde_json::from_str(&hear_field(&mut bob, "add_goods")).unwrap();
    assert_eq!((&card["id"], &card["price"], &card["stock"]), (&json!(id), &json!(3990), &json!(10)));

    let coupon = coupon(&server, 10, 1);
    host.ok("live_shop.drop_coupon", &json!({ "GroupId": ROOM, "Coupon": coupon }));
    assert_eq!(hear(&mut bob, "COUPON_DROP").1["id"], coupon);
    let claim = ann.ok("live_shop.claim_coupon", &json!({ "GroupId": ROOM, "Coupon": coupon, "Key": "c" }));
    let (item, claimed) = hear(&mut bob, "USE_COUPON");
    assert_eq!((&claimed["claimed"], &claimed["left"]), (&json!(1), &json!(9)));
    assert_eq!(item.json["From_Account"], "ann");
    assert_eq!(item.json["CloudCustomData"], r#"{"ledger":1}"#);

    let body = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 2 }], "Claim": claim["Id"] });
    let order = ann.ok("live_shop.create_order", &body);
    assert_eq!(order["Total"], 7980 - 300);
    let stock = hear(&mut bob, "GOODS_STOCK").1;
    assert_eq!(stock["skus"], json!([[sku, 8]]));
    pay(&server, &order["Id"], &order["Total"]);
    let bought = hear(&mut bob, "BUY_GOODS").1;
    assert_eq!((&bought["quantity"], &bought["others"], &bought["units"]), (&json!(2), &json!(0), &json!(2)));

    coins(&server, "ann", 100);
    ann.ok("live_shop.send_gift", &json!({ "GroupId": ROOM, "Gift": "tea", "Count": 3, "Key": "g" }));
    let again = ann.ok("live_shop.send_gift", &json!({ "GroupId": ROOM, "Gift": "tea", "Count": 2, "Key": "h" }));
    assert_eq!((&again["Coins"], &again["Combo"]), (&json!(75), &json!(5)));
    assert_eq!(hear(&mut bob, "SEND_GIFT").1["combo"], 3);
    assert_eq!(hear(&mut bob, "SEND_GIFT").1["combo"], 5);

    ann.ok("live_shop.follow", &json!({ "GroupId": ROOM, "User": "host" }));
    assert_eq!(hear(&mut bob, "ATTENTION").1, json!({ "userID": "host", "followers": 1 }));

    let ask = json!({ "GroupId": ROOM, "Member_List_Account": ["ann"] });
    let member = ann.ok("group_open_http_svc.get_specified_group_member_info", &ask);
    assert_eq!(member["MemberList"][0]["AppMemberDefinedData"], json!([{ "Key": "attent", "Value": "host" }]));

    for counter in ["hawker_orders_created_total", "hawker_orders_paid_total", "hawker_coupons_claimed_total"] {
        assert_eq!(server.metric(counter), 1, "{counter}");
    }
    assert_eq!(server.metric("hawker_gifts_sent_total"), 2);

    // The other one hears the same, numbered alike.
    let sequence = |wire: &mut Wire| {
        let mut seen = Vec::new();
        wire.wait_for(|item| {
            let Some((name, _)) = event(item) else { return false };
            seen.push((item.seq(), name.clone()));
            name == "ATTENTION"
        });
        seen.retain(|(_, name)| name != "GOODS_STOCK");
        seen
    };
    let heard = sequence(&mut host);
    let names: Vec<_> = heard.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["COUPON_DROP", "USE_COUPON", "BUY_GOODS", "SEND_GIFT", "SEND_GIFT", "ATTENTION"]);
    assert!(heard.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn a_crowd_is_told_of_in_few_messages_that_count_everybody() {
    const CROWD: usize = 60;
    let server = server("");
    let coupon = coupon(&server, 1000, 1);
    let mut host = server.member("host", ROOM);
    for number in 0..CROWD {
        server.rest_ok("im_open_login_svc/account_import", &json!({ "UserID": format!("u{number}") }));
    }
    for number in 0..CROWD {
        let body = json!({ "User": format!("u{number}"), "GroupId": ROOM, "Coupon": coupon, "Key": "k" });
        shop(&server, "claim_coupon", body);
    }
    let (mut messages, mut counted) = (0, 0);
    while counted < CROWD as u64 {
        let (_, value) = hear(&mut host, "USE_COUPON");
        messages += 1;
        counted += 1 + value["others"].as_u64().unwrap();
    }
    assert_eq!(counted, CROWD as u64);
    assert!(messages < CROWD / 2, "{messages} messages");
}

#[test]
fn a_flash_sale_has_its_price_its_quota_and_its_end() {
    let server = server("");
    let (id, sku) = goods(&server, 3990, 10);
    let mut host = server.member("host", ROOM);
    let mut ann = server.member("ann", ROOM);
    host.ok("live_shop.push_goods", &json!({ "GroupId": ROOM, "Goods": id }));
    let sale = json!({
        "GroupId": ROOM, "Sku": sku, "Price": 990, "Quota": 3, "PerBuyer": 2, "EndsAt": now_secs() * 1000 + 60_000,
    });
    let sale = host.ok("live_shop.start_sale", &sale);
    assert_eq!(hear(&mut ann, "FLASH_SALE").1["state"], "running");
    assert_eq!(buy(&mut ann, sku, 2)["Total"], 1980);
    let more = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 1 }] });
    assert_eq!(ann.refused("live_shop.create_order", &more), 61005);
    let mut bob = server.member("bob", ROOM);
    let two = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": 2 }] });
    assert_eq!(bob.refused("live_shop.create_order", &two), 61003, "only one is left of the quota");
    assert_eq!(buy(&mut bob, sku, 1)["Total"], 990);
    let (item, sold_out) = hear(&mut ann, "FLASH_SALE");
    assert_eq!((&sold_out["left"], &sold_out["state"]), (&json!(0), &json!("running")));
    assert_eq!(item.json["From_Account"], "host");
    host.ok("live_shop.end_sale", &json!({ "Id": sale["Id"] }));
    assert_eq!(hear(&mut ann, "FLASH_SALE").1["state"], "over");
    assert_eq!(buy(&mut ann, sku, 1)["Total"], 3990);
}

#[test]
fn a_room_that_is_gone_sells_nothing_and_leaves_nothing_behind() {
    let server = server("");
    let (_, sku) = goods(&server, 3990, 10);
    let sale = json!({
        "GroupId": ROOM, "Sku": sku, "Price": 990, "Quota": 3, "PerBuyer": 2, "EndsAt": now_secs() * 1000 + 60_000,
    });
    shop(&server, "start_sale", sale);
    server.rest_ok("group_open_http_svc/destroy_group", &json!({ "GroupId": ROOM }));
    server.open_room(ROOM, "host");
    let shelf = shop(&server, "get_shelf", json!({ "GroupId": ROOM }));
    assert_eq!((&shelf["Items"], &shelf["Sales"]), (&json!([]), &json!([])));
}

#[test]
fn nobody_else_speaks_for_the_ledger() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    for mark in [r#"{"ledger":1}"#, r#" { "a": 0, "\u006cedger" : null } "#] {
        let mut message = ann.text(ROOM, "bought!");
        message["CloudCustomData"] = json!(mark);
        assert_eq!(ann.refused("group_open_http_svc.send_group_msg", &message), 10004, "{mark}");
    }
    let mut message = ann.text(ROOM, "bought!");
    message["CloudCustomData"] = json!("ledger");
    ann.ok("group_open_http_svc.send_group_msg", &message);
}
