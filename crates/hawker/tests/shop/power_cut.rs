//! `kill -9` in the middle of a sale, again and again: nothing acknowledged is missing, nothing is sold twice, and the books
//! balance.
//!
//! Buyers ask for everything under a key. What they asked and did not hear of when the power went they ask again under the same
//! key, so that in the end they know exactly what they have.

use super::*;
use std::sync::mpsc::{Sender, channel};
use support::{DEADLINE, Ended};

const BUYERS: usize = 5;
/// Power cuts of an ordinary run; `HAWKER_POWER_CUTS` says another number.
const CUTS: usize = 10;
const STOCK: i64 = 100_000;
const PRICE: i64 = 1000;
const OFF: i64 = 300;

/// Something asked under a key and not heard of.
#[derive(Clone)]
struct Wish {
    command: &'static str,
    body: Value,
}

#[derive(Default)]
struct Has {
    claims: Vec<u64>,
    used: usize,
    /// Number, pieces, what was paid; paid, or cancelled.
    orders: Vec<(u64, i64, i64)>,
    paid: Vec<(u64, i64, i64)>,
    cancelled: usize,
    given: i64,
}

struct Buyer {
    wire: Wire,
    sku: u64,
    coupon: u64,
    step: u64,
    open: Option<Wish>,
    has: Has,
}

impl Buyer {
    fn work(&mut self, told: &Sender<()>) {
        while self.one_step().is_ok() {
            let _ = told.send(());
        }
    }

    fn one_step(&mut self) -> Result<(), Ended> {
        let wish = self.open.take().unwrap_or_else(|| self.next_wish());
        self.open = Some(wish.clone());
        let answer = self.wire.try_ask(&format!("live_shop.{}", wish.command), &wish.body)?;
        self.open = None;
        assert_eq!(answer["ErrorCode"], 0, "{} {}: {answer}", wish.command, wish.body);
        self.note(&wish, &answer);
        Ok(())
    }

    fn next_wish(&mut self) -> Wish {
        self.step += 1;
        let key = format!("k{}", self.step);
        match self.step % 5 {
            0 => Wish {
                command: "claim_coupon",
                body: json!({ "GroupId": ROOM, "Coupon": self.coupon, "Key": key }),
            },
            1 | 2 => {
                let lines = json!([{ "Sku": self.sku, "Quantity": 1 + self.step % 3 }]);
                let claim = self.has.claims.last();
                Wish {
                    command: "create_order",
                    body: json!({ "GroupId": ROOM, "Lines": lines, "Claim": claim, "Key": key }),
                }
            }
            3 if self.has.orders.len() > 5 => {
                Wish { command: "cancel_order", body: json!({ "Id": self.has.orders[0].0, "Key": key }) }
            }
            _ => Wish {
                command: "send_gift",
                body: json!({ "GroupId": ROOM, "Gift": "rose", "Count": 1 + self.step % 4, "Key": key }),
            },
        }
    }

    fn note(&mut self, wish: &Wish, answer: &Value) {
        match wish.command {
            "claim_coupon" => self.has.claims.push(answer["Id"].as_u64().unwrap()),
            "create_order" => {
                if !answer["Claim"].is_null() {
                    assert_eq!(self.has.claims.pop(), answer["Claim"].as_u64());
                    self.has.used += 1;
                }
                let pieces = answer["Lines"][0]["Quantity"].as_i64().unwrap();
                let total = answer["Total"].as_i64().unwrap();
                let off = if answer["Claim"].is_null() { 0 } else { OFF };
                assert_eq!(total, pieces * PRICE - off);
                self.has.orders.push((answer["Id"].as_u64().unwrap(), pieces, total));
            }
            "cancel_order" => {
                self.has.orders.remove(0);
                self.has.cancelled += 1;
                // Its coupon is free again, and is found by whoever counts.
                if !answer["Claim"].is_null() {
                    self.has.claims.insert(0, answer["Claim"].as_u64().unwrap());
                    self.has.used -= 1;
                }
            }
            _ => self.has.given += wish.body["Count"].as_i64().unwrap(),
        }
    }

    /// Finds, after a power cut, exactly what it was told of.
    fn find_everything(&mut self, server: &Server) {
        assert_eq!(self.wire.come_back(server.addr, None)["ErrorCode"], 0);
        while self.open.is_some() {
            self.one_step().expect("the server is there");
        }
        let coins = self.wire.ok("live_shop.get_wallet", &json!({}))["Coins"].as_i64().unwrap();
        assert_eq!(coins, 1_000_000 - self.has.given);
        let paid = self.has.orders.split_off(self.has.orders.len() / 2);
        for (id, _, total) in &paid {
            pay(server, &json!(id), &json!(total));
        }
        self.has.paid.extend(paid);
        for (id, _, total) in self.has.paid.iter().rev().take(20) {
            let order = self.wire.ok("live_shop.get_order", &json!({ "Id": id }));
            assert_eq!((&order["State"], &order["Total"]), (&json!("paid"), &json!(total)));
        }
        for (id, _, _) in &self.has.orders {
            assert_eq!(self.wire.ok("live_shop.get_order", &json!({ "Id": id }))["State"], "created");
        }
    }
}

#[test]
fn nothing_acknowledged_is_missing_and_nothing_is_sold_twice() {
    let cuts = std::env::var("HAWKER_POWER_CUTS").ok().and_then(|cuts| cuts.parse().ok()).unwrap_or(CUTS);
    let mut server = server("open_orders_per_user_max = 100000\n");
    let (goods, sku) = goods(&server, PRICE, STOCK);
    let coupon = coupon(&server, 1_000_000, 100_000);
    let mut buyers: Vec<_> = (0..BUYERS)
        .map(|number| {
            let user = format!("buyer{number}");
            let wire = server.member(&user, ROOM);
            coins(&server, &user, 1_000_000);
            Buyer { wire, sku, coupon, step: number as u64, open: None, has: Has::default() }
        })
        .collect();
    for cut in 0..cuts {
        let goal = 3 + (cut * 41) % 120;
        std::thread::scope(|scope| {
            let (tell, told) = channel();
            for buyer in &mut buyers {
                let tell = tell.clone();
                scope.spawn(move || buyer.work(&tell));
            }
            drop(tell);
            for _ in 0..goal {
                told.recv_timeout(DEADLINE).expect("the buyers get somewhere");
            }
            server.kill();
        });
        server.start_again();
        buyers.iter_mut().for_each(|buyer| buyer.find_everything(&server));

        let sum = |of: fn(&Has) -> i64| buyers.iter().map(|buyer| of(&buyer.has)).sum::<i64>();
        let stock = shop(&server, "get_goods", json!({ "Id": goods }))["Skus"][0].clone();
        let held = sum(|has| has.orders.iter().map(|order| order.1).sum());
        let sold = sum(|has| has.paid.iter().map(|order| order.1).sum());
        assert_eq!((&stock["Held"], &stock["Sold"]), (&json!(held), &json!(sold)), "cut {cut}");
        assert_eq!(stock["Available"], STOCK - held - sold);
        let claimed = shop(&server, "list_coupons", json!({}))["Items"][0]["Claimed"].clone();
        assert_eq!(claimed, sum(|has| (has.claims.len() + has.used) as i64));
        let sales = shop(&server, "get_sales", json!({ "GroupId": ROOM }));
        assert_eq!(sales["Revenue"], sum(|has| has.paid.iter().map(|order| order.2).sum()));
        assert_eq!(sales["Coins"], sum(|has| has.given));
        let board = shop(&server, "get_board", json!({ "GroupId": ROOM }));
        assert_eq!(board["Total"], sum(|has| has.given));
    }
    server.kill();
    ledger_balances(&server);
}

/// The ledger as it is on disk: every transfer is zero in sum, and every balance is the sum of its entries.
fn ledger_balances(server: &Server) {
    let store = hawker_store::Store::open_beside(&server.data()).unwrap();
    let shops =
        store.load(hawker_core::Time::from_secs(now_secs()), std::time::Duration::from_secs(1)).unwrap().shops;
    let kept = &shops[&hawker_core::AppId(support::APP)];
    assert_eq!(kept.balances.iter().map(|(_, coins)| coins).sum::<i64>(), 0);
    let table = store.shops().unwrap();
    for number in 0..BUYERS {
        let user = format!("buyer{number}").into();
        let entries = table.entries(hawker_core::AppId(support::APP), &user, i64::MAX, 1_000_000).unwrap();
        let balance = table
            .balance(hawker_core::AppId(support::APP), &hawker_core::shop::wallet::Holder::User(user.clone()))
            .unwrap();
        assert_eq!(entries.iter().map(|entry| entry.change).sum::<i64>(), balance);
    }
}
