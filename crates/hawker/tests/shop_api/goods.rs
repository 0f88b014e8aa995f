//! Goods and coupons.

use super::*;

fn draft() -> Value {
    json!({
        "title": "Green tea", "description": "fresh", "pictures": ["/files/a/1.png"], "state": "on",
        "skus": [{ "name": "50 g", "code": "T50", "price": 3990, "listPrice": 4990, "stock": 10 }, { "name": "100 g", "price": 6990 }],
    })
}

#[test]
fn goods_are_made_changed_and_taken_off() {
    let (_server, console) = shop();
    let made = console.done("POST", GOODS, &draft());
    assert_eq!(
        (&made["title"], &made["state"], &made["skus"][0]["available"]),
        (&json!("Green tea"), &json!("on"), &json!(10))
    );
    assert_eq!((&made["skus"][1]["available"], &made["skus"][0]["listPrice"]), (&json!(0), &json!(4990)));
    let id = made["id"].as_u64().unwrap();
    assert_eq!(last_entry(&console), ("goods.added".into(), format!("{id} Green tea")));
    let path = format!("{GOODS}/{id}");
    assert_eq!(console.read(&path), made);

    let mut skus = made["skus"].as_array().unwrap()[..1].to_vec();
    skus[0] = json!({ "id": skus[0]["id"], "name": "50 g", "price": 3490 });
    let changed = console.done("PUT", &path, &json!({ "title": "Tea", "state": "off", "skus": skus }));
    assert_eq!((&changed["skus"][0]["price"], &changed["skus"][0]["available"]), (&json!(3490), &json!(10)));
    assert_eq!((changed["skus"].as_array().unwrap().len(), &changed["state"]), (1, &json!("off")));

    let sku = &changed["skus"][0]["id"];
    let more = console.done("POST", &format!("{path}/stock"), &json!({ "sku": sku, "change": 5 }));
    assert_eq!(more["skus"][0]["available"], 15);
    console.done("POST", &format!("{path}/stock"), &json!({ "sku": sku, "change": -15 }));
    assert_eq!(last_entry(&console), ("goods.stock_changed".into(), format!("{id} Tea {sku} 50 g -15")));
    is(&console.send("POST", &format!("{path}/stock"), &json!({ "sku": sku, "change": -1 })), 409, "stock_in_use");
    let (other, _) = add_goods(&console, "Cup", 100, 1);
    is(
        &console.send("POST", &format!("{GOODS}/{other}/stock"), &json!({ "sku": sku, "change": 1 })),
        404,
        "sku_missing",
    );

    console.done("DELETE", &path, &json!({}));
    is(&console.get(&path), 404, "goods_missing");
    is(&console.send("PUT", &path, &draft()), 404, "goods_missing");
    is(&console.send("DELETE", &path, &json!({})), 404, "goods_missing");
}

#[test]
fn goods_are_found_and_listed_in_pages() {
    let (_server, console) = shop();
    console.done("POST", GOODS, &draft());
    for title in ["Cup", "Pot 100%"] {
        add_goods(&console, title, 100, 1);
    }
    let titles = |query: &str| -> Vec<String> {
        let page = console.read(&format!("{GOODS}?{query}"));
        page["items"].as_array().unwrap().iter().map(|goods| goods["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(""), ["Pot 100%", "Cup", "Green tea"]);
    assert_eq!(titles("q=T50"), ["Green tea"], "by the code of a variant");
    assert_eq!(titles("q=0%25"), ["Pot 100%"], "nothing is special in what is looked for");
    assert_eq!(titles("q=skus"), [""; 0], "the names of fields are no content");
    assert_eq!(titles("state=off"), [""; 0]);
    assert_eq!(titles("q=green&state=on"), ["Green tea"]);
    let page = console.read(&format!("{GOODS}?limit=2"));
    assert_eq!(titles(&format!("limit=2&cursor={}", page["next"].as_str().unwrap())), ["Green tea"]);
    is(&console.get(&format!("{GOODS}?state=gone")), 422, "bad_parameter");
}

#[test]
fn goods_that_are_none_are_refused_with_the_field() {
    let (_server, console) = shop();
    let with = |field: &str, value: Value| {
        let mut body = draft();
        *body.pointer_mut(field).unwrap() = value;
        console.send("POST", GOODS, &body)
    };
    is(&with("/skus/0/price", json!(-1)), 422, "bad_amount");
    is(&with("/skus/0/price", json!(0)), 422, "bad_amount");
    is(&with("/skus/0/price", json!(i64::MAX)), 422, "bad_amount");
    is(&with("/skus/0/stock", json!(-5)), 422, "bad_amount");
    is(&with("/skus", json!([])), 422, "bad_parameter");
    is(&with("/title", json!(" ")), 422, "bad_parameter");
    is(&with("/title", json!("x".repeat(201))), 422, "too_long");
    is(&with("/state", json!("gone")), 422, "bad_parameter");
    is(&with("/pictures", json!(["javascript:alert(1)"])), 422, "bad_parameter");
    let reply = with("/skus/0/price", json!(39.9));
    is(&reply, 422, "bad_parameter");
    assert_eq!(reply.json()["fields"][0]["field"], "skus[0].price");
    let mut named = draft();
    named["id"] = json!(7);
    is(&console.send("POST", GOODS, &named), 422, "bad_parameter");
    let script = with("/title", json!("<script>alert(1)</script>")).json();
    assert_eq!(script["title"], "<script>alert(1)</script>", "kept as it is, and shown as text");
    assert_eq!(console.read(GOODS)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_write_of_the_shop_is_done_once() {
    let (_server, console) = shop();
    let body = json!({ "title": "Tea", "skus": [{ "price": 100, "stock": 1 }] });
    let first = send_once(&console, "POST", GOODS, "k1", &body);
    let before = entries(&console);
    let again = send_once(&console, "POST", GOODS, "k1", &body);
    assert_eq!((first.status, again.status, first.json()), (201, 201, again.json()));
    assert_eq!((console.read(GOODS)["items"].as_array().unwrap().len(), entries(&console)), (1, before));
    is(
        &send_once(&console, "POST", GOODS, "k1", &json!({ "title": "Cup", "skus": [{ "price": 1 }] })),
        409,
        "key_reused",
    );
    let path = format!("{GOODS}/{}", first.json()["id"]);
    let change = json!({ "sku": first.json()["skus"][0]["id"], "change": 3 });
    for _ in 0..3 {
        let moved = send_once(&console, "POST", &format!("{path}/stock"), "k2", &change);
        assert_eq!(moved.json()["skus"][0]["available"], 4);
    }
    // Another caller's key of the same name is another key.
    let app = console.key(&["goods:write"]);
    let bearer = format!("Bearer {}", app.key);
    let headers = [("Authorization", &*bearer), ("Content-Type", "application/json"), ("Idempotency-Key", "k1")];
    assert_eq!(console::ask(app.addr, "POST", GOODS, &headers, body.to_string().as_bytes()).status, 201);
    assert_eq!(send_once(&console, "DELETE", &path, "k3", &json!({})).status, 204);
    assert_eq!(send_once(&console, "DELETE", &path, "k3", &json!({})).status, 204);
}

#[test]
fn a_key_holds_also_when_its_answer_was_lost() {
    let (server, console) = shop();
    let body = json!({ "title": "Tea", "skus": [{ "price": 100, "stock": 1 }] });
    let first = send_once(&console, "POST", GOODS, "k1", &body);
    // What was done is kept with its key; what was answered, only afterwards.
    server.database().execute("DELETE FROM api_answer", []).unwrap();
    let again = send_once(&console, "POST", GOODS, "k1", &body);
    assert_eq!((again.status, again.json()), (201, first.json()));
    server.database().execute("DELETE FROM api_answer", []).unwrap();
    let other = json!({ "title": "Cup", "skus": [{ "price": 100 }] });
    is(&send_once(&console, "POST", GOODS, "k1", &other), 409, "key_reused");
    assert_eq!(console.read(GOODS)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn keys_do_what_their_scopes_say() {
    let (_server, console) = shop();
    let (id, _) = add_goods(&console, "Tea", 100, 1);
    let reader = console.key(&["goods:read"]);
    assert_eq!(reader.send("GET", GOODS, &json!({})).status, 200);
    for (method, path) in [
        ("POST", GOODS.to_owned()),
        ("DELETE", format!("{GOODS}/{id}")),
        ("POST", format!("{GOODS}/import")),
        ("GET", COUPONS.to_owned()),
        ("GET", ORDERS.to_owned()),
        ("GET", format!("{ORDERS}/export")),
        ("GET", format!("{IN_ROOM}/shelf")),
        ("POST", format!("{IN_ROOM}/push")),
        ("GET", format!("{IN_ROOM}/statistics")),
        ("GET", "/api/v1/overview".to_owned()),
        ("GET", "/api/v1/wallets".to_owned()),
        ("PUT", "/api/v1/gifts/rose".to_owned()),
    ] {
        is(&reader.send(method, &path, &json!({})), 403, "scope_missing");
    }
    let writer = console.key(&["goods:write"]);
    is(&writer.send("GET", GOODS, &json!({})), 403, "scope_missing");
    let made = writer.send("POST", GOODS, &json!({ "title": "Cup", "skus": [{ "price": 100 }] }));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(console.read("/api/v1/audit?limit=1")["items"][0]["who"], "key till");
    let stranger = console::post(console.addr, GOODS, &json!({}));
    is(&stranger, 401, "not_logged_in");
    let forged = [("Cookie", &*console.cookie), ("Content-Type", "application/json")];
    is(&console::ask(console.addr, "DELETE", &format!("{GOODS}/{id}"), &forged, b"{}"), 403, "csrf");
}

#[test]
fn coupons_are_made_changed_and_closed() {
    let (server, console) = shop();
    let made = console.done("POST", COUPONS, &coupon_draft());
    let id = made["id"].as_u64().unwrap();
    assert_eq!((&made["left"], &made["state"], &made["perUser"]), (&json!(5), &json!("open"), &json!(1)));
    server.member("ann", ROOM).ok("live_shop.claim_coupon", &json!({ "Coupon": id, "Key": "k" }));
    let path = format!("{COUPONS}/{id}");
    let claimed = console.read(&path);
    assert_eq!((&claimed["claimed"], &claimed["left"]), (&json!(1), &json!(4)));
    let mut percent = coupon_draft();
    percent["off"] = json!({ "percent": { "rate": 20, "max": 1000 } });
    let changed = console.done("PUT", &path, &percent);
    assert_eq!((&changed["off"], &changed["claimed"]), (&percent["off"], &json!(1)));
    percent["stock"] = json!(0);
    is(&console.send("PUT", &path, &percent), 422, "bad_amount");
    assert_eq!(console.done("POST", &format!("{path}/close"), &json!({}))["state"], "closed");
    assert_eq!(last_entry(&console), ("coupon.closed".into(), id.to_string()));
    assert_eq!(console.read(COUPONS)["items"][0]["state"], "closed");
    let mut bob = server.member("bob", ROOM);
    assert_eq!(bob.refused("live_shop.claim_coupon", &json!({ "Coupon": id, "Key": "k" })), 61008);
    is(&console.get(&format!("{COUPONS}/999")), 404, "coupon_missing");
    is(&console.send("POST", &format!("{COUPONS}/999/close"), &json!({})), 404, "coupon_missing");
    is(&console.send("PUT", &format!("{COUPONS}/999"), &coupon_draft()), 404, "coupon_missing");
}

#[test]
fn coupons_that_are_none_are_refused() {
    let (_server, console) = shop();
    for (field, value, code) in [
        ("off", json!({ "amount": -300 }), "bad_amount"),
        ("off", json!({ "percent": { "rate": 100 } }), "bad_parameter"),
        ("off", json!({ "points": 3 }), "bad_parameter"),
        ("threshold", json!(-1), "bad_amount"),
        ("stock", json!(0), "bad_amount"),
        ("perUser", json!(0), "bad_amount"),
        ("endsAt", json!(1), "bad_parameter"),
        ("endsAt", json!(u64::MAX), "bad_parameter"),
        ("title", json!(""), "bad_parameter"),
    ] {
        let mut body = coupon_draft();
        body[field] = value;
        is(&console.send("POST", COUPONS, &body), 422, code);
    }
    let mut body = coupon_draft();
    body["goods"] = json!([999]);
    is(&console.send("POST", COUPONS, &body), 404, "goods_missing");
    assert_eq!(console.read(COUPONS)["items"], json!([]));
}
