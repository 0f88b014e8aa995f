//! What payment providers report, and what others would like us to believe they did.

use super::*;

fn order(server: &Server, wire: &mut Wire) -> Value {
    let (_, sku) = goods(server, 3990, 10);
    buy(wire, sku, 2)
}

#[test]
fn a_payment_is_taken_once_however_often_it_is_reported() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    let order = order(&server, &mut ann);
    let body = json!({ "reference": order["Id"], "transaction": "w1", "amount": 7980, "currency": "CNY" });
    for _ in 0..3 {
        let (status, answer) = report(&server, PAYMENT_SECRET, &body);
        assert_eq!((status, &answer["state"]), (200, &json!("paid")), "{answer}");
    }
    let sales = shop(&server, "get_sales", json!({ "GroupId": ROOM }));
    assert_eq!((&sales["Paid"], &sales["Revenue"], &sales["Units"]), (&json!(1), &json!(7980), &json!(2)));
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    let order = order(&server, &mut ann);
    let good = json!({ "reference": order["Id"], "transaction": "w1", "amount": 7980, "currency": "CNY" });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        report(&server, PAYMENT_SECRET, &body)
    };
    for (field, value, status, code) in [
        ("amount", json!(7979), 422, "amount_mismatch"),
        ("amount", json!(-7980), 422, "amount_mismatch"),
        ("currency", json!("USD"), 422, "currency_mismatch"),
        ("reference", json!(999_999), 404, "payment_missing"),
        ("transaction", json!(""), 422, "bad_parameter"),
        ("amount", json!("7980"), 422, "bad_parameter"),
        ("amount", json!(79.8), 422, "bad_parameter"),
        ("more", json!(1), 422, "bad_parameter"),
    ] {
        let (got, answer) = with(field, value.clone());
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{field} {value}: {answer}");
    }
    assert_eq!(ann.ok("live_shop.get_order", &json!({ "Id": order["Id"] }))["State"], "created");
    // The transaction that paid this order pays for no other.
    assert_eq!(report(&server, PAYMENT_SECRET, &good).0, 200);
    let second = super::payments::order(&server, &mut ann);
    let (status, answer) = with("reference", second["Id"].clone());
    assert_eq!((status, &answer["code"]), (409, &json!("transaction_reused")));
    // Nor is one order paid by two.
    let (status, answer) = with("transaction", json!("w2"));
    assert_eq!((status, &answer["code"]), (409, &json!("order_state")));
}

#[test]
fn a_forged_or_replayed_report_is_refused() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    let order = order(&server, &mut ann);
    let body = json!({ "reference": order["Id"], "transaction": "w1", "amount": 7980, "currency": "CNY" });
    let (status, answer) = report(&server, "somebody else's secret", &body);
    assert_eq!((status, &answer["code"]), (401, &json!("bad_signature")));
    let text = body.to_string();
    let old = now_secs() - 301;
    let signature = hawker_wire::hook::sign(PAYMENT_SECRET, old, text.as_bytes());
    let headers = [("Hawker-Timestamp", &*old.to_string()), ("Hawker-Signature", &*signature)];
    let reply = http::ask(server.addr, "POST", "/api/v1/payments/notify", &headers, text.as_bytes());
    assert_eq!(reply.status, 401, "recorded long ago");
    let reply = http::ask(server.addr, "POST", "/api/v1/payments/notify", &[], text.as_bytes());
    assert_eq!(reply.status, 401, "without any signature");
    assert_eq!(ann.ok("live_shop.get_order", &json!({ "Id": order["Id"] }))["State"], "created");
}

#[test]
fn money_that_comes_when_the_order_is_gone_is_owed() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    let order = order(&server, &mut ann);
    ann.ok("live_shop.cancel_order", &json!({ "Id": order["Id"] }));
    pay(&server, &order["Id"], &order["Total"]);
    let late = ann.ok("live_shop.get_order", &json!({ "Id": order["Id"] }));
    assert_eq!((&late["State"], &late["PaidLate"]), (&json!("cancelled"), &json!(true)));
    let sales = shop(&server, "get_sales", json!({ "GroupId": ROOM }));
    assert_eq!(sales["Revenue"], 0);
    let back = shop(&server, "refund_order", json!({ "Id": order["Id"], "Amount": 7980 }));
    assert_eq!((&back["State"], &back["Refunded"]), (&json!("cancelled"), &json!(7980)));
}

#[test]
fn coins_are_there_when_they_are_paid() {
    let server = server("coin_price = 7\n");
    let mut ann = server.member("ann", ROOM);
    let top_up = ann.ok("live_shop.top_up", &json!({ "Coins": 100, "Key": "t" }));
    assert_eq!((&top_up["Amount"], &top_up["State"]), (&json!(700), &json!("created")));
    assert_eq!(ann.ok("live_shop.top_up", &json!({ "Coins": 100, "Key": "t" }))["Id"], top_up["Id"]);
    assert_eq!(ann.ok("live_shop.get_wallet", &json!({}))["Coins"], 0);
    pay(&server, &top_up["Id"], &top_up["Amount"]);
    pay(&server, &top_up["Id"], &top_up["Amount"]);
    assert_eq!(ann.ok("live_shop.get_wallet", &json!({}))["Coins"], 100);
}

#[test]
fn the_test_provider_is_there_in_development_only() {
    let server = server("");
    let mut ann = server.member("ann", ROOM);
    let order = order(&server, &mut ann);
    assert_eq!(order["PayUrl"], "", "without a payment page there is nowhere to pay");
    let target = format!("/api/v1/test-pay/{}", order["Id"]);
    assert_eq!(http::ask(server.addr, "GET", &target, &[], b"").status, 404);
    assert_eq!(http::ask(server.addr, "POST", &target, &[], b"").status, 404);

    let server = super::server("development = true\n");
    let mut ann = server.member("ann", ROOM);
    let order = super::payments::order(&server, &mut ann);
    let target = format!("/api/v1/test-pay/{}", order["Id"]);
    assert_eq!(order["PayUrl"], format!("/pay/{}", order["Id"]));
    let shown = http::ask(server.addr, "GET", &target, &[], b"").json();
    assert_eq!(
        (&shown["amount"], &shown["title"], &shown["state"]),
        (&json!(7980), &json!("Tea"), &json!("created"))
    );
    assert_eq!(http::ask(server.addr, "POST", &target, &[], b"").json()["state"], "paid");
    assert_eq!(http::ask(server.addr, "POST", "/api/v1/test-pay/999", &[], b"").status, 404);
}
