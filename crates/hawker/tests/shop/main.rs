//! The shop over real sockets: what viewers, hosts and payment providers ask of a server in a process of its own.

#[path = "../support/mod.rs"]
mod support;

mod payments;
mod power_cut;
mod refusals;
mod room;

use serde_json::{Value, json};
use support::{Server, Wire, http, now_secs};

/// The room of the tests.
const ROOM: &str = "show";
/// What payments are signed with.
const PAYMENT_SECRET: &str = "a secret between us and the provider";
/// Enough for everybody.
const GENEROUS: &str = "[connection]\nrequests_per_second = 100000\n[room]\nmessages_per_second = 100000\nmessages_per_second_per_user = 100000\n";

/// A server with a room whose host is `host`.
fn server(more: &str) -> Server {
    let server = Server::start(&format!("{GENEROUS}[shop]\npayment_secret = '{PAYMENT_SECRET}'\n{more}"));
    server.open_room(ROOM, "host");
    server
}

fn shop(server: &Server, command: &str, body: Value) -> Value {
    server.rest_ok(&format!("live_shop/{command}"), &body)
}

/// The number that a REST command of the shop is refused with.
fn shop_refused(server: &Server, command: &str, body: Value) -> i64 {
    let answer = server.rest(&format!("live_shop/{command}"), &body);
    assert_ne!(answer["ErrorCode"], 0, "{command} {body}: {answer}");
    answer["ErrorCode"].as_i64().unwrap()
}

/// Goods with one variant, on the shelf of the room; the number of the variant.
fn goods(server: &Server, price: i64, stock: i64) -> (u64, u64) {
    let saved = shop(server, "save_goods", json!({ "Title": "Tea", "Skus": [{ "Price": price, "Stock": stock }] }));
    let id = saved["Id"].as_u64().unwrap();
    let shelf = server.rest_ok("live_shop/get_shelf", &json!({ "GroupId": ROOM }));
    let mut items: Vec<Value> =
        shelf["Items"].as_array().unwrap().iter().map(|item| json!({ "Goods": item["Goods"]["Id"] })).collect();
    items.push(json!({ "Goods": id }));
    shop(server, "set_shelf", json!({ "GroupId": ROOM, "Items": items }));
    (id, saved["Skus"][0]["Id"].as_u64().unwrap())
}

fn coupon(server: &Server, stock: i64, per_user: u32) -> u64 {
    let now = now_secs() * 1000;
    let body = json!({
        "Title": "3 off", "Off": { "Amount": 300 }, "StartsAt": now - 1000, "EndsAt": now + 3_600_000,
        "Stock": stock, "PerUser": per_user,
    });
    shop(server, "save_coupon", body)["Id"].as_u64().unwrap()
}

fn buy(wire: &mut Wire, sku: u64, quantity: u32) -> Value {
    let body = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": quantity }] });
    wire.ok("live_shop.create_order", &body)
}

/// A report of the payment provider, signed with a secret; status and body of the answer.
fn report(server: &Server, secret: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let (secs, signature) = (now_secs(), hawker_wire::hook::sign(secret, now_secs(), body.as_bytes()));
    let headers = [("Hawker-Timestamp", &*secs.to_string()), ("Hawker-Signature", &*signature)];
    let reply = http::ask(server.addr, "POST", "/api/v1/payments/notify", &headers, body.as_bytes());
    (reply.status, reply.json())
}

/// Pays for something as it should be paid.
fn pay(server: &Server, reference: &Value, amount: &Value) {
    let body = json!({
        "reference": reference, "transaction": format!("t{reference}"), "amount": amount, "currency": "CNY",
    });
    let (status, answer) = report(server, PAYMENT_SECRET, &body);
    assert_eq!(status, 200, "{answer}");
}

/// Gives a user coins.
fn coins(server: &Server, user: &str, coins: i64) {
    shop(server, "adjust_wallet", json!({ "User": user, "Change": coins, "Reason": "welcome" }));
}
