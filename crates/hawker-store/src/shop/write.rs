//! Writes what happened in a shop, and the state that follows from it.
//!
//! Rows of their own (claims, orders, entries, events) are written one by one. Numbers that many events of one transaction
//! change (stock, quotas, claimed coupons, balances) are added up in memory and written once at its end: a flash sale is
//! thousands of changes of one row.

use super::claim_state;
use crate::StoreError;
use crate::write::{json, run_sql};
use hawker_core::change::RoomNews;
use hawker_core::shop::coupon::{Claim, ClaimState, CouponTerms};
use hawker_core::shop::event::ShopEvent;
use hawker_core::shop::goods::Goods;
use hawker_core::shop::keys::UsedKey;
use hawker_core::shop::order::{Order, OrderState};
use hawker_core::shop::sale::SaleTerms;
use hawker_core::shop::wallet::{Holder, TopUp, Transfer};
use hawker_core::{AppId, RoomId, RoomKey, Time, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::json as object;
use std::collections::BTreeMap;

/// Numbers to be written at the end of a transaction.
#[derive(Default)]
pub(crate) struct Sums {
    /// Listed, held, sold by variant.
    stock: BTreeMap<(u32, u64), [i64; 3]>,
    /// Held, sold by flash sale.
    sales: BTreeMap<(u32, u64), [i64; 2]>,
    /// Pieces by flash sale and buyer.
    buyers: BTreeMap<(u32, u64, UserId), i64>,
    /// Claimed, used by coupon.
    coupons: BTreeMap<(u32, u64), [i64; 2]>,
    /// Balances as they are now.
    balances: BTreeMap<(u32, String), i64>,
}

fn add<K: Ord, const N: usize>(sums: &mut BTreeMap<K, [i64; N]>, key: K, changes: [i64; N]) {
    let sum = sums.entry(key).or_insert([0; N]);
    for (sum, change) in sum.iter_mut().zip(changes) {
        *sum += change;
    }
}

fn room_name(room: &Option<RoomId>) -> Option<&str> {
    room.as_ref().map(RoomId::as_str)
}

impl Sums {
    /// Writes one event.
    pub(crate) fn write(
        &mut self,
        db: &Transaction<'_>,
        app: AppId,
        at: Time,
        event: &ShopEvent,
    ) -> Result<(), StoreError> {
        match event {
            ShopEvent::GoodsSaved(goods) => write_goods(db, app, goods)?,
            ShopEvent::Listed { sku, change } => add(&mut self.stock, (app.0, *sku), [*change, 0, 0]),
            ShopEvent::Moved { sku, sale, user, quantity, piece } => {
                let (held, sold) = piece.effect(*quantity);
                add(&mut self.stock, (app.0, *sku), [0, held, sold]);
                if let Some(sale) = sale {
                    let (held, sold) = piece.effect_on_sale(*quantity);
                    add(&mut self.sales, (app.0, *sale), [held, sold]);
                    *self.buyers.entry((app.0, *sale, user.clone())).or_default() += held + sold;
                }
            }
            ShopEvent::ShelfSet(room, shelf) => run_sql(
                db,
                "INSERT OR REPLACE INTO shelf (app, room, body) VALUES (?1, ?2, ?3)",
                params![app.0, room.as_str(), json("a shelf", shelf)?],
            )?,
            ShopEvent::ShelfGone(room) => {
                run_sql(db, "DELETE FROM shelf WHERE app = ?1 AND room = ?2", params![app.0, room.as_str()])?;
            }
            ShopEvent::SaleSet(terms) => write_sale(db, app, terms)?,
            ShopEvent::CouponSaved(terms) => write_coupon(db, app, terms)?,
            ShopEvent::Claimed(claim) => {
                insert_claim(db, app, claim)?;
                add(&mut self.coupons, (app.0, claim.coupon), [1, 0]);
            }
            ShopEvent::ClaimReserved(claim, order) => {
                set_claim(db, app, *claim, ClaimState::Reserved, Some(*order))?
            }
            ShopEvent::ClaimFreed(claim) => set_claim(db, app, *claim, ClaimState::Held, None)?,
            ShopEvent::ClaimUsed(claim) => {
                let sql = "UPDATE claim SET state = ?3 WHERE app = ?1 AND id = ?2 RETURNING coupon";
                let used = claim_state(ClaimState::Used);
                let coupon: i64 =
                    db.prepare_cached(sql)?.query_row(params![app.0, *claim as i64, used], |row| row.get(0))?;
                add(&mut self.coupons, (app.0, coupon as u64), [0, 1]);
            }
            ShopEvent::OrderCreated(order)
            | ShopEvent::OrderPaidLate(order)
            | ShopEvent::OrderShipped(order)
            | ShopEvent::OrderDone(order)
            | ShopEvent::OrderCancelled(order)
            | ShopEvent::OrderRefunded(order, _) => write_order(db, app, order)?,
            ShopEvent::OrderPaid(order) => {
                write_order(db, app, order)?;
                write_lines(db, app, order)?;
            }
            ShopEvent::Transferred(transfer) => self.transfer(db, app, transfer)?,
            ShopEvent::TopUpAsked(top_up) | ShopEvent::TopUpPaid(top_up) => write_top_up(db, app, top_up)?,
            ShopEvent::GiftSaved(gift) => run_sql(
                db,
                "INSERT OR REPLACE INTO gift (app, id, body) VALUES (?1, ?2, ?3)",
                params![app.0, &*gift.id, json("a gift", gift)?],
            )?,
            ShopEvent::GiftSent(sent) => run_sql(
                db,
                "INSERT INTO given (app, room, user, gifts, coins) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET gifts = gifts + excluded.gifts, coins = coins + excluded.coins",
                params![app.0, sent.room.as_str(), sent.user.as_str(), sent.count, sent.coins],
            )?,
            ShopEvent::Followed { user, host, on, .. } => follow(db, app, at, user, host, *on)?,
            ShopEvent::KeyUsed(used) => write_key(db, app, used)?,
            ShopEvent::KeysForgotten(before) => {
                run_sql(db, "DELETE FROM used_key WHERE at < ?1", [before.0 as i64])?;
            }
            ShopEvent::Pushed(..)
            | ShopEvent::CouponDropped(..)
            | ShopEvent::SaleTurned(_)
            | ShopEvent::OrderForgotten(_)
            | ShopEvent::TopUpForgotten(_) => {}
        }
        tell(db, app, at, event)
    }

    fn transfer(&mut self, db: &Transaction<'_>, app: AppId, transfer: &Transfer) -> Result<(), StoreError> {
        for (holder, change) in [(&transfer.from, -transfer.coins), (&transfer.to, transfer.coins)] {
            let name = holder.to_string();
            let balance = match self.balances.get(&(app.0, name.clone())) {
                Some(balance) => *balance,
                None => {
                    let sql = "SELECT coins FROM balance WHERE app = ?1 AND holder = ?2";
                    let kept = db.prepare_cached(sql)?.query_row(params![app.0, name], |row| row.get(0));
                    kept.optional()?.unwrap_or(0)
                }
            };
            run_sql(
                db,
                "INSERT INTO entry (app, transfer, holder, change, balance, why, about, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    app.0,
                    transfer.id as i64,
                    name,
                    change,
                    balance + change,
                    transfer.why.name(),
                    &*transfer.about,
                    transfer.at.0 as i64
                ],
            )?;
            self.balances.insert((app.0, name), balance + change);
        }
        Ok(())
    }

    /// Writes what was added up. To be called before the transaction is committed.
    pub(crate) fn flush(self, db: &Transaction<'_>) -> Result<(), StoreError> {
        for ((app, sku), [listed, held, sold]) in self.stock {
            run_sql(
                db,
                "UPDATE stock SET listed = listed + ?3, held = held + ?4, sold = sold + ?5
                 WHERE app = ?1 AND sku = ?2",
                params![app, sku as i64, listed, held, sold],
            )?;
        }
        for ((app, sale), [held, sold]) in self.sales {
            run_sql(
                db,
                "UPDATE sale SET held = held + ?3, sold = sold + ?4 WHERE app = ?1 AND id = ?2",
                params![app, sale as i64, held, sold],
            )?;
        }
        for ((app, sale, user), pieces) in self.buyers {
            run_sql(
                db,
                "INSERT INTO sale_buyer (app, sale, user, pieces) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET pieces = pieces + excluded.pieces",
                params![app, sale as i64, user.as_str(), pieces],
            )?;
        }
        for ((app, coupon), [claimed, used]) in self.coupons {
            run_sql(
                db,
                "UPDATE coupon SET claimed = claimed + ?3, used = used + ?4 WHERE app = ?1 AND id = ?2",
                params![app, coupon as i64, claimed, used],
            )?;
        }
        for ((app, holder), coins) in self.balances {
            run_sql(
                db,
                "INSERT OR REPLACE INTO balance (app, holder, coins) VALUES (?1, ?2, ?3)",
                params![app, holder, coins],
            )?;
        }
        Ok(())
    }
}

fn write_goods(db: &Connection, app: AppId, goods: &Goods) -> Result<(), StoreError> {
    for sku in &goods.skus {
        run_sql(
            db,
            "INSERT OR IGNORE INTO stock (app, sku, goods) VALUES (?1, ?2, ?3)",
            params![app.0, sku.id as i64, goods.id as i64],
        )?;
    }
    let state = format!("{:?}", goods.state).to_lowercase();
    run_sql(
        db,
        "INSERT OR REPLACE INTO goods (app, id, title, state, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![app.0, goods.id as i64, &*goods.title, state, json("goods", goods)?],
    )
}

fn write_sale(db: &Connection, app: AppId, terms: &SaleTerms) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT INTO sale (app, id, room, body, quota) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET body = excluded.body",
        params![app.0, terms.id as i64, terms.room.as_str(), json("a flash sale", terms)?, terms.quota],
    )
}

fn write_coupon(db: &Connection, app: AppId, terms: &CouponTerms) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT INTO coupon (app, id, title, ends_at, body, stock) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET title = excluded.title, ends_at = excluded.ends_at, body = excluded.body,
             stock = excluded.stock",
        params![
            app.0,
            terms.id as i64,
            &*terms.title,
            terms.ends_at.0 as i64,
            json("a coupon", terms)?,
            terms.stock
        ],
    )
}

fn insert_claim(db: &Connection, app: AppId, claim: &Claim) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT INTO claim (id, app, coupon, user, room, at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            claim.id as i64,
            app.0,
            claim.coupon as i64,
            claim.user.as_str(),
            room_name(&claim.room),
            claim.at.0 as i64,
            claim_state(claim.state)
        ],
    )
}

fn set_claim(
    db: &Connection,
    app: AppId,
    claim: u64,
    state: ClaimState,
    order: Option<u64>,
) -> Result<(), StoreError> {
    run_sql(
        db,
        "UPDATE claim SET state = ?3, order_id = ?4 WHERE app = ?1 AND id = ?2",
        params![app.0, claim as i64, claim_state(state), order.map(|id| id as i64)],
    )
}

/// What a merchant types to find an order, in small letters.
fn found_by(order: &Order) -> String {
    let address = &order.address;
    let titles = order.lines.iter().map(|line| &*line.title);
    let rest = [order.user.as_str(), &address.name, &address.phone, &order.tracking, &order.transaction];
    let words: Vec<_> = titles.chain(rest).filter(|word| !word.is_empty()).collect();
    format!("{} {}", order.id, words.join(" ")).to_lowercase()
}

fn ended_at(order: &Order) -> Option<Time> {
    match order.state {
        OrderState::Created | OrderState::Paid | OrderState::Shipped => None,
        OrderState::Done => Some(order.done_at),
        OrderState::Cancelled => Some(order.cancelled_at),
        OrderState::Refunded => Some(order.refunds.last().map_or(order.created_at, |refund| refund.at)),
    }
}

fn write_order(db: &Connection, app: AppId, order: &Order) -> Result<(), StoreError> {
    if !order.transaction.is_empty() {
        write_payment(db, app, &order.transaction, order.id)?;
    }
    run_sql(
        db,
        "INSERT INTO purchase
             (app, id, user, room, state, total, refunded, created_at, paid_at, ended_at, found_by, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT DO UPDATE SET state = excluded.state, refunded = excluded.refunded, paid_at = excluded.paid_at,
             ended_at = excluded.ended_at, found_by = excluded.found_by, body = excluded.body",
        params![
            app.0,
            order.id as i64,
            order.user.as_str(),
            room_name(&order.room),
            order.state.name(),
            order.total,
            order.refunded,
            order.created_at.0 as i64,
            order.paid_at.0 as i64,
            ended_at(order).map(|at| at.0 as i64),
            found_by(order),
            json("an order", order)?
        ],
    )
}

fn write_lines(db: &Connection, app: AppId, order: &Order) -> Result<(), StoreError> {
    for line in &order.lines {
        run_sql(
            db,
            "INSERT INTO purchase_line (app, purchase, sku, goods, room, title, quantity, amount)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                app.0,
                order.id as i64,
                line.sku as i64,
                line.goods as i64,
                room_name(&order.room),
                &*line.title,
                line.quantity,
                line.price * i64::from(line.quantity)
            ],
        )?;
    }
    Ok(())
}

fn write_payment(db: &Connection, app: AppId, transaction: &str, reference: u64) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR IGNORE INTO payment (app, transaction_id, reference) VALUES (?1, ?2, ?3)",
        params![app.0, transaction, reference as i64],
    )
}

fn write_top_up(db: &Connection, app: AppId, top_up: &TopUp) -> Result<(), StoreError> {
    if top_up.paid {
        write_payment(db, app, &top_up.transaction, top_up.id)?;
    }
    run_sql(
        db,
        "INSERT OR REPLACE INTO top_up (app, id, user, paid, at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            app.0,
            top_up.id as i64,
            top_up.user.as_str(),
            top_up.paid,
            top_up.at.0 as i64,
            json("a top-up", top_up)?
        ],
    )
}

fn follow(db: &Connection, app: AppId, at: Time, user: &UserId, host: &UserId, on: bool) -> Result<(), StoreError> {
    let (user, host) = (user.as_str(), host.as_str());
    if on {
        let sql = "INSERT OR IGNORE INTO follow (app, user, host, at) VALUES (?1, ?2, ?3, ?4)";
        run_sql(db, sql, params![app.0, user, host, at.0 as i64])
    } else {
        run_sql(db, "DELETE FROM follow WHERE app = ?1 AND user = ?2 AND host = ?3", params![app.0, user, host])
    }
}

fn write_key(db: &Connection, app: AppId, used: &UsedKey) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT OR REPLACE INTO used_key (app, user, key, fingerprint, show, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            app.0,
            used.user.as_str(),
            &*used.key,
            used.fingerprint as i64,
            json("an answer", &used.show)?,
            used.at.0 as i64
        ],
    )
}

/// The event for webhooks and histories, for those that anybody outside cares about.
fn tell(db: &Connection, app: AppId, at: Time, event: &ShopEvent) -> Result<(), StoreError> {
    let order = |kind, order: &Order| {
        put_event(db, app, at, &format!("order/{}", order.id), kind, &json("an order", order)?)
    };
    match event {
        ShopEvent::GoodsSaved(goods) => {
            put_event(db, app, at, &format!("goods/{}", goods.id), "goods.changed", &json("goods", goods)?)
        }
        ShopEvent::CouponSaved(terms) => {
            let kind = if terms.closed { "coupon.closed" } else { "coupon.changed" };
            put_event(db, app, at, &format!("coupon/{}", terms.id), kind, &json("a coupon", terms)?)
        }
        ShopEvent::Claimed(claim) => {
            let body = object!({
                "id": claim.id,
                "coupon": claim.coupon,
                "user": claim.user.as_str(),
                "room": room_name(&claim.room),
                "at": claim.at.0,
            });
            put_event(db, app, at, &format!("coupon/{}", claim.coupon), "coupon.claimed", &body.to_string())
        }
        ShopEvent::OrderCreated(of) => order("order.created", of),
        ShopEvent::OrderPaid(of) => order("order.paid", of),
        ShopEvent::OrderPaidLate(of) => order("order.paid_late", of),
        ShopEvent::OrderShipped(of) => order("order.shipped", of),
        ShopEvent::OrderDone(of) => order("order.done", of),
        ShopEvent::OrderCancelled(of) => order("order.cancelled", of),
        ShopEvent::OrderRefunded(of, _) => order("order.refunded", of),
        ShopEvent::Pushed(room, goods) => {
            let body = object!({ "room": room.as_str(), "goods": goods });
            put_event(db, app, at, &format!("room/{room}"), "room.goods_pushed", &body.to_string())
        }
        ShopEvent::GiftSent(sent) => {
            put_event(db, app, at, &format!("room/{}", sent.room), "gift.sent", &json("a gift", sent)?)
        }
        ShopEvent::TopUpPaid(top_up) => {
            let stream = Holder::User(top_up.user.clone()).to_string();
            put_event(db, app, at, &stream, "wallet.topped_up", &json("a top-up", top_up)?)
        }
        ShopEvent::Followed { user, host, on, .. } => {
            let body = object!({ "user": user.as_str(), "host": host.as_str() });
            let kind = if *on { "follow.added" } else { "follow.removed" };
            put_event(db, app, at, &Holder::Host(host.clone()).to_string(), kind, &body.to_string())
        }
        _ => Ok(()),
    }
}

/// What the world outside is told of a room.
pub(crate) fn room_news(db: &Connection, room: &RoomKey, at: Time, news: &RoomNews) -> Result<(), StoreError> {
    let name = room.room.as_str();
    let (kind, body) = match news {
        RoomNews::Opened(title) => ("room.opened", object!({ "room": name, "name": &**title })),
        RoomNews::Closed => ("room.closed", object!({ "room": name })),
        RoomNews::Status(status) => ("room.status", object!({ "room": name, "status": &**status })),
    };
    put_event(db, room.app, at, &format!("room/{name}"), kind, &body.to_string())
}

fn put_event(
    db: &Connection,
    app: AppId,
    at: Time,
    stream: &str,
    kind: &str,
    body: &str,
) -> Result<(), StoreError> {
    run_sql(
        db,
        "INSERT INTO event (app, stream, kind, at, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![app.0, stream, kind, at.0 as i64, body],
    )
}
