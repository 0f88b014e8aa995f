//! The shop over `/api/v1`: what the console and a merchant's applications do to it.

#[path = "../support/mod.rs"]
mod support;

mod goods;
mod orders;
mod rooms;
mod table;
mod wallets;

use serde_json::{Value, json};
use support::console::{self, Console, problem};
use support::http::{self, Reply};
use support::{Server, Wire, now_secs};

/// The room of the tests.
const ROOM: &str = "tea";
/// Its API.
const IN_ROOM: &str = "/api/v1/rooms/tea";
const GOODS: &str = "/api/v1/goods";
const COUPONS: &str = "/api/v1/coupons";
const ORDERS: &str = "/api/v1/orders";

/// A server where payments are played, somebody who runs it, and a room.
fn shop() -> (Server, Console) {
    shop_with("[shop]\ndevelopment = true\n")
}

fn shop_with(config: &str) -> (Server, Console) {
    let server = Server::start(config);
    let console = Console::set_up(&server);
    console.done("POST", "/api/v1/rooms", &json!({ "id": ROOM, "name": "Tea", "owner": "host" }));
    (server, console)
}

fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!(problem(reply), (status, code.to_owned()), "{}", reply.text());
}

/// Sends with more headers.
fn send_with(console: &Console, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut headers = vec![("Cookie", &*console.cookie), ("X-CSRF-Token", &*console.csrf)];
    headers.extend(more);
    console::ask(console.addr, method, path, &headers, body)
}

/// Sends a write with a key.
fn send_once(console: &Console, method: &str, path: &str, key: &str, body: &Value) -> Reply {
    let more = [("Content-Type", "application/json"), ("Idempotency-Key", key)];
    send_with(console, method, path, &more, body.to_string().as_bytes())
}

/// What was entered last in the audit log.
fn last_entry(console: &Console) -> (String, String) {
    let entry = console.read("/api/v1/audit?limit=1")["items"][0].clone();
    (entry["what"].as_str().unwrap().to_owned(), entry["about"].as_str().unwrap().to_owned())
}

fn entries(console: &Console) -> usize {
    console.read("/api/v1/audit?limit=200")["items"].as_array().unwrap().len()
}

/// Goods with one variant.
fn add_goods(console: &Console, title: &str, price: i64, stock: i64) -> (u64, u64) {
    let saved =
        console.done("POST", GOODS, &json!({ "title": title, "skus": [{ "price": price, "stock": stock }] }));
    (saved["id"].as_u64().unwrap(), saved["skus"][0]["id"].as_u64().unwrap())
}

/// Puts goods on the shelf of the room.
fn put_on_shelf(console: &Console, goods: u64) {
    console.done("PUT", &format!("{IN_ROOM}/shelf"), &json!({ "items": [{ "goods": goods, "badge": "New" }] }));
}

fn coupon_draft() -> Value {
    let now = now_secs() * 1000;
    json!({ "title": "3 off", "off": { "amount": 300 }, "startsAt": now - 1000, "endsAt": now + 3_600_000, "stock": 5 })
}

fn add_coupon(console: &Console) -> u64 {
    console.done("POST", COUPONS, &coupon_draft())["id"].as_u64().unwrap()
}

/// Somebody buys in the room; the number of the order.
fn order(wire: &mut Wire, sku: u64, quantity: u32) -> u64 {
    let address = json!({ "Name": "=Ann", "Phone": "+86 1", "Text": "@home" });
    let body = json!({ "GroupId": ROOM, "Lines": [{ "Sku": sku, "Quantity": quantity }], "Address": address });
    wire.ok("live_shop.create_order", &body)["Id"].as_u64().unwrap()
}

/// The test provider takes the money.
fn pay(console: &Console, reference: u64) {
    let paid = console.done("POST", &format!("/api/v1/test-pay/{reference}"), &json!({}));
    assert_eq!(paid["state"], "paid");
}

fn order_path(id: u64, what: &str) -> String {
    format!("{ORDERS}/{id}{what}")
}

/// The lines of a table that was sent to be saved.
fn lines(reply: &Reply) -> Vec<String> {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    assert!(reply.header("content-disposition").unwrap().starts_with("attachment; filename="));
    let text = reply.text();
    let text = text.strip_prefix('\u{feff}').expect("a mark for spreadsheets");
    text.split_terminator("\r\n").map(str::to_owned).collect()
}
