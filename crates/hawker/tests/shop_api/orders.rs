//! Orders: found, shipped, given back, and written down.

use super::*;

#[test]
fn an_order_goes_its_way() {
    let (server, console) = shop();
    let (goods, sku) = add_goods(&console, "Tea", 3990, 10);
    put_on_shelf(&console, goods);
    let mut ann = server.member("ann", ROOM);
    let id = order(&mut ann, sku, 2);
    let made = console.read(&order_path(id, ""));
    assert_eq!((&made["state"], &made["total"], &made["room"]), (&json!("created"), &json!(7980), &json!(ROOM)));
    assert_eq!((&made["payUrl"], &made["user"]), (&json!(format!("/pay/{id}")), &json!("ann")));
    is(&console.send("POST", &order_path(id, "/ship"), &json!({ "carrier": "SF" })), 409, "order_state");
    pay(&console, id);
    is(&console.send("POST", &order_path(id, "/cancel"), &json!({})), 409, "order_state");
    is(&console.send("POST", &order_path(id, "/complete"), &json!({})), 409, "order_state");
    let long = json!({ "carrier": "SF", "tracking": "x".repeat(65) });
    is(&console.send("POST", &order_path(id, "/ship"), &long), 422, "too_long");
    let shipped = console.done("POST", &order_path(id, "/ship"), &json!({ "carrier": "SF", "tracking": "42" }));
    assert_eq!((&shipped["state"], &shipped["tracking"]), (&json!("shipped"), &json!("42")));
    assert_eq!(last_entry(&console), ("order.shipped".into(), format!("{id} SF 42")));
    console.done("POST", &order_path(id, "/complete"), &json!({}));

    let refund = |amount: i64| {
        console.send("POST", &order_path(id, "/refund"), &json!({ "amount": amount, "reason": "cold" }))
    };
    is(&refund(7981), 409, "refund_too_much");
    is(&refund(-1), 422, "bad_amount");
    is(&refund(0), 422, "bad_amount");
    assert_eq!(refund(980).json()["refunded"], 980);
    is(&refund(7001), 409, "refund_too_much");
    let rest = json!({ "amount": 7000, "reason": "", "restock": true });
    let whole = console.done("POST", &order_path(id, "/refund"), &rest);
    assert_eq!((&whole["state"], &whole["refunds"][0]["reason"]), (&json!("refunded"), &json!("cold")));
    is(&refund(1), 409, "order_state");
    let told = console.read(&order_path(id, ""));
    let kinds: Vec<_> =
        told["history"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["order.created", "order.paid", "order.shipped", "order.done", "order.refunded", "order.refunded"]
    );
    let stock = &console.read(&format!("{GOODS}/{goods}"))["skus"][0];
    assert_eq!((&stock["available"], &stock["held"], &stock["sold"]), (&json!(10), &json!(0), &json!(0)));
    is(&console.get(&order_path(999, "")), 404, "order_missing");
    is(&console.send("POST", &order_path(999, "/ship"), &json!({})), 404, "order_missing");
    is(&console.get(&format!("{ORDERS}/x")), 404, "not_found");
}

#[test]
fn what_is_asked_twice_happens_once() {
    let (server, console) = shop();
    let (goods, sku) = add_goods(&console, "Tea", 1000, 10);
    put_on_shelf(&console, goods);
    let id = order(&mut server.member("ann", ROOM), sku, 1);
    pay(&console, id);
    let back = json!({ "amount": 300, "reason": "late" });
    for _ in 0..3 {
        assert_eq!(send_once(&console, "POST", &order_path(id, "/refund"), "r", &back).json()["refunded"], 300);
    }
    let other = json!({ "amount": 400, "reason": "late" });
    is(&send_once(&console, "POST", &order_path(id, "/refund"), "r", &other), 409, "key_reused");
    assert_eq!(console.read(&order_path(id, ""))["refunds"].as_array().unwrap().len(), 1);
}

#[test]
fn a_merchant_cancels_what_is_not_paid() {
    let (server, console) = shop();
    let (goods, sku) = add_goods(&console, "Tea", 1000, 3);
    put_on_shelf(&console, goods);
    let id = order(&mut server.member("ann", ROOM), sku, 3);
    assert_eq!(console.read(&format!("{GOODS}/{goods}"))["skus"][0]["available"], 0);
    let cancelled = console.done("POST", &order_path(id, "/cancel"), &json!({}));
    assert_eq!((&cancelled["state"], &cancelled["cancelReason"]), (&json!("cancelled"), &json!("merchant")));
    assert_eq!(console.read(&format!("{GOODS}/{goods}"))["skus"][0]["available"], 3);
    is(&console.send("POST", &order_path(id, "/refund"), &json!({ "amount": 1 })), 409, "order_state");
}

#[test]
fn orders_are_found_and_exported() {
    let (server, console) = shop();
    let (goods, sku) = add_goods(&console, "=HYPERLINK(\"http://x\")", 1990, 10);
    put_on_shelf(&console, goods);
    let mut ann = server.member("ann", ROOM);
    let first = order(&mut ann, sku, 1);
    let second = order(&mut ann, sku, 2);
    pay(&console, second);
    let ids = |query: &str| -> Vec<u64> {
        let page = console.read(&format!("{ORDERS}?{query}"));
        page["items"].as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(""), [second, first]);
    assert_eq!(ids("state=paid"), [second]);
    assert_eq!(ids(&format!("q=test-{second}")), [second], "by the provider's number");
    assert_eq!(ids("q=ANN&room=tea"), [second, first]);
    assert_eq!(ids("room=none"), [0; 0]);
    assert_eq!(ids("to=1"), [0; 0]);
    assert_eq!(ids("from=1&limit=1"), [second]);
    assert_eq!(ids(&format!("from={}", u64::MAX)), [0; 0]);
    is(&console.get(&format!("{ORDERS}?state=lost")), 422, "bad_parameter");

    let table = lines(&console.get(&format!("{ORDERS}/export?state=paid")));
    assert_eq!(table.len(), 2);
    assert!(table[0].starts_with("id,state,user,room,created_at,paid_at,"), "{}", table[0]);
    assert!(table[1].starts_with(&format!("{second},paid,ann,tea,20")), "{}", table[1]);
    assert!(
        table[1].contains(",\"'=HYPERLINK(\"\"http://x\"\")\",,2,19.90,39.80,0.00,39.80,0.00,CNY,"),
        "{}",
        table[1]
    );
    assert!(table[1].contains(",'=Ann,'+86 1,'@home,"), "{}", table[1]);
}

#[test]
fn orders_that_the_rules_have_forgotten_are_still_shown() {
    let (server, console) = shop_with("[shop]\ndevelopment = true\nafter_sale_days = 0\n");
    let (goods, sku) = add_goods(&console, "Tea", 1000, 3);
    put_on_shelf(&console, goods);
    let id = order(&mut server.member("ann", ROOM), sku, 1);
    pay(&console, id);
    console.done("POST", &order_path(id, "/ship"), &json!({}));
    console.done("POST", &order_path(id, "/complete"), &json!({}));
    is(&console.send("POST", &order_path(id, "/refund"), &json!({ "amount": 1 })), 409, "too_late");
    assert_eq!(console.read(&order_path(id, ""))["state"], "done");
}

#[test]
fn the_test_provider_is_there_in_development_only() {
    let page = |server: &Server| http::ask(server.addr, "GET", "/pay/12", &[], b"");
    let (server, console) = shop_with("");
    assert_eq!((page(&server).status, page(&server).body.len()), (404, 0));
    is(&console.send("POST", "/api/v1/test-pay/1", &json!({})), 404, "not_found");
    let settings = console.read("/api/v1/settings");
    assert_eq!(settings["payments"], json!({ "configured": false, "test": false }));
    assert_eq!(settings["coinPrice"], 10);
    let (server, console) =
        shop_with("[shop]\ndevelopment = true\npay_page = 'https://pay.example.com/{reference}'\n");
    let settings = console.read("/api/v1/settings");
    assert_eq!(settings["payments"], json!({ "configured": true, "test": true }));
    is(&console.send("POST", "/api/v1/test-pay/1", &json!({})), 404, "payment_missing");
    // The page itself, or that this binary was built without it.
    assert!(!page(&server).body.is_empty());
}
