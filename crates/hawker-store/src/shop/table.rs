//! What the console looks up: lists, searches and sums over what is committed, over a connection that can only read.
//!
//! Nothing here is a question of the rules; they hold in memory what they decide by.

use crate::load::{number, parsed, text, time, user};
use crate::{Store, StoreError, read};
use hawker_core::shop::coupon::CouponTerms;
use hawker_core::shop::goods::{Goods, Stock};
use hawker_core::shop::order::Order;
use hawker_core::shop::wallet::Holder;
use hawker_core::{AppId, RoomId, Time, UserId};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A minute and a day, in milliseconds.
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 3_600_000;

/// The tables of shops, for looking things up.
pub struct ShopTable {
    reading: Mutex<Connection>,
}

/// Goods with the stock of each variant.
#[derive(Clone, Debug)]
pub struct KeptGoods {
    /// The goods.
    pub goods: Goods,
    /// How many there are of each variant.
    pub stocks: BTreeMap<u64, Stock>,
}

/// A coupon with its counts.
#[derive(Clone, Debug)]
pub struct KeptCoupon {
    /// What it promises.
    pub terms: CouponTerms,
    /// Pieces claimed.
    pub claimed: i64,
    /// Pieces used.
    pub used: i64,
}

/// Which orders are wanted.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// In this state.
    pub state: Option<String>,
    /// With these letters in buyer, titles, name, phone, tracking number or transaction.
    pub q: Option<String>,
    /// Made in this room.
    pub room: Option<String>,
    /// Made at or after.
    pub from: Option<Time>,
    /// Made before.
    pub to: Option<Time>,
}

/// A line of a wallet's ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number of the transfer.
    pub id: u64,
    /// When.
    pub at: Time,
    /// `top_up`, `gift`, `received` or `adjusted`.
    pub why: Arc<str>,
    /// By how many coins.
    pub change: i64,
    /// What there was then.
    pub balance: i64,
    /// What it is about.
    pub about: Arc<str>,
}

/// Sums of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takings {
    /// Orders paid.
    pub orders: i64,
    /// Money paid for them.
    pub revenue: i64,
    /// Coupons claimed.
    pub claims: i64,
    /// Coins given.
    pub coins: i64,
}

/// What a room has sold in a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomTakings {
    /// Which.
    pub room: RoomId,
    /// Orders paid.
    pub orders: i64,
    /// Money paid for them.
    pub revenue: i64,
}

/// A variant of which little is left.
#[derive(Clone, Debug, PartialEq)]
pub struct LowStock {
    /// The goods.
    pub goods: u64,
    /// Their title.
    pub title: Arc<str>,
    /// The variant.
    pub sku: u64,
    /// Its name.
    pub name: Arc<str>,
    /// Pieces left.
    pub available: i64,
}

impl Store {
    /// The tables of shops, for looking things up.
    pub fn shops(&self) -> Result<ShopTable, StoreError> {
        Ok(ShopTable { reading: Mutex::new(read::open(self.path.clone())?) })
    }
}

/// Conditions of a query and what stands in their places.
#[derive(Default)]
struct Where {
    sql: String,
    values: Vec<Value>,
}

impl Where {
    fn of(app: AppId) -> Self {
        Self { sql: "app = ?".to_owned(), values: vec![i64::from(app.0).into()] }
    }

    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.sql += " AND ";
        self.sql += condition;
        self.values.push(value.into());
    }
}

/// A text that is looked for anywhere, whatever is special in it.
fn anywhere(q: &str) -> String {
    let mut pattern = "%".to_owned();
    for c in q.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "%"
}

fn each<T>(
    db: &Connection,
    sql: &str,
    values: impl IntoIterator<Item = impl ToSql>,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row)?);
    }
    Ok(list)
}

impl ShopTable {
    fn reading(&self) -> MutexGuard<'_, Connection> {
        self.reading.lock().expect("nobody panics while holding the table")
    }

    /// Goods that were not removed, newest first, below a number.
    pub fn goods(
        &self,
        app: AppId,
        q: Option<&str>,
        state: Option<&str>,
        below: i64,
        limit: usize,
    ) -> Result<Vec<KeptGoods>, StoreError> {
        let mut wanted = Where::of(app);
        wanted.and("id < ?", below);
        match state {
            Some(state) => wanted.and("state = ?", state.to_owned()),
            None => wanted.and("state <> ?", "gone".to_owned()),
        }
        if let Some(q) = q {
            let found_by = "lower(title || ' ' || (SELECT group_concat((value ->> 'name')
                 || ' ' || (value ->> 'code'), ' ') FROM json_each(body, '$.skus'))) LIKE ? ESCAPE '\\'";
            wanted.and(found_by, anywhere(q));
        }
        let db = self.reading();
        let sql = format!("SELECT body FROM goods WHERE {} ORDER BY id DESC LIMIT {limit}", wanted.sql);
        let found = each(&db, &sql, wanted.values, |row| parsed(row, 0, "goods"))?;
        found.into_iter().map(|goods| with_stock(&db, app, goods)).collect()
    }

    /// Goods that were not removed.
    pub fn one_goods(&self, app: AppId, id: u64) -> Result<Option<KeptGoods>, StoreError> {
        let found = self.goods_by_id(app, id)?;
        found.map(|goods| with_stock(&self.reading(), app, goods)).transpose()
    }

    fn goods_by_id(&self, app: AppId, id: u64) -> Result<Option<Goods>, StoreError> {
        let sql = "SELECT body FROM goods WHERE app = ?1 AND id = ?2 AND state <> 'gone'";
        let found = each(&self.reading(), sql, [i64::from(app.0), id as i64], |row| parsed(row, 0, "goods"))?;
        Ok(found.into_iter().next())
    }

    /// Variants with at most so many pieces, fewest first.
    pub fn low_stock(&self, app: AppId, at_most: i64, limit: usize) -> Result<Vec<LowStock>, StoreError> {
        // Stock of variants that were taken off is nobody's concern: they are not among those of the goods.
        let sql =
            "SELECT goods.id, goods.title, stock.sku, variant.value ->> 'name', listed - held - sold AS available
             FROM stock JOIN goods ON goods.app = stock.app AND goods.id = stock.goods
             JOIN json_each(goods.body, '$.skus') AS variant ON variant.value ->> 'id' = stock.sku
             WHERE stock.app = ?1 AND goods.state = 'on' AND available <= ?2 ORDER BY available, sku LIMIT ?3";
        each(&self.reading(), sql, [i64::from(app.0), at_most, limit as i64], |row| {
            let (goods, title, sku) = (number(row, 0)?, text(row, 1)?, number(row, 2)?);
            Ok(LowStock { goods, title, sku, name: text(row, 3)?, available: row.get(4)? })
        })
    }

    /// Coupons, newest first, below a number.
    pub fn coupons(&self, app: AppId, below: i64, limit: usize) -> Result<Vec<KeptCoupon>, StoreError> {
        let sql = "SELECT body, claimed, used FROM coupon WHERE app = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        each(&self.reading(), sql, [i64::from(app.0), below, limit as i64], coupon)
    }

    /// A coupon.
    pub fn one_coupon(&self, app: AppId, id: u64) -> Result<Option<KeptCoupon>, StoreError> {
        let sql = "SELECT body, claimed, used FROM coupon WHERE app = ?1 AND id = ?2";
        let found = each(&self.reading(), sql, [i64::from(app.0), id as i64], coupon)?;
        Ok(found.into_iter().next())
    }

    /// Orders, newest first, below a number.
    pub fn orders(
        &self,
        app: AppId,
        filter: &OrderFilter,
        below: i64,
        limit: usize,
    ) -> Result<Vec<Order>, StoreError> {
        let mut wanted = Where::of(app);
        wanted.and("id < ?", below);
        if let Some(state) = &filter.state {
            wanted.and("state = ?", state.clone());
        }
        if let Some(room) = &filter.room {
            wanted.and("room = ?", room.clone());
        }
        if let Some(from) = filter.from {
            wanted.and("created_at >= ?", from.0 as i64);
        }
        if let Some(to) = filter.to {
            wanted.and("created_at < ?", to.0 as i64);
        }
        if let Some(q) = &filter.q {
            wanted.and("found_by LIKE ? ESCAPE '\\'", anywhere(q));
        }
        let sql = format!("SELECT body FROM purchase WHERE {} ORDER BY id DESC LIMIT {limit}", wanted.sql);
        each(&self.reading(), &sql, wanted.values, |row| parsed(row, 0, "an order"))
    }

    /// An order.
    pub fn one_order(&self, app: AppId, id: u64) -> Result<Option<Order>, StoreError> {
        let sql = "SELECT body FROM purchase WHERE app = ?1 AND id = ?2";
        let found = each(&self.reading(), sql, [i64::from(app.0), id as i64], |row| parsed(row, 0, "an order"))?;
        Ok(found.into_iter().next())
    }

    /// What happened to an order, oldest first: when, and which event.
    pub fn history(&self, app: AppId, id: u64) -> Result<Vec<(Time, Arc<str>)>, StoreError> {
        let db = self.reading();
        // The bounds are those of the index, which holds orders only.
        let sql = "SELECT at, kind FROM event
             WHERE app = ?1 AND stream = ?2 AND stream >= 'order/' AND stream < 'order0' ORDER BY id";
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query(params![app.0, format!("order/{id}")])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            list.push((time(row, 0)?, text(row, 1)?));
        }
        Ok(list)
    }

    /// How many orders are in a state.
    pub fn count_orders(&self, app: AppId, state: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM purchase WHERE app = ?1 AND state = ?2";
        Ok(self.reading().prepare_cached(sql)?.query_row(params![app.0, state], |row| row.get::<_, i64>(0))? as u64)
    }

    /// Wallets by the name of their user, behind a name.
    pub fn wallets(
        &self,
        app: AppId,
        q: Option<&str>,
        behind: &str,
        limit: usize,
    ) -> Result<Vec<(UserId, i64)>, StoreError> {
        let mut wanted = Where::of(app);
        wanted.and("holder > ?", format!("user/{behind}"));
        wanted.and("holder < ?", "user0".to_owned());
        if let Some(q) = q {
            wanted.and("lower(substr(holder, 6)) LIKE ? ESCAPE '\\'", anywhere(q));
        }
        let sql = format!(
            "SELECT substr(holder, 6), coins FROM balance WHERE {} ORDER BY holder LIMIT {limit}",
            wanted.sql
        );
        each(&self.reading(), &sql, wanted.values, |row| Ok((user(row, 0)?, row.get(1)?)))
    }

    /// What an account of the ledger holds.
    pub fn balance(&self, app: AppId, of: &Holder) -> Result<i64, StoreError> {
        let sql = "SELECT coins FROM balance WHERE app = ?1 AND holder = ?2";
        let db = self.reading();
        let found = db.prepare_cached(sql)?.query_row(params![app.0, of.to_string()], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(0))
    }

    /// The ledger of a user, what the user has spent and what was received as a host, newest first, below a number.
    pub fn entries(&self, app: AppId, of: &UserId, below: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let db = self.reading();
        let sql = "SELECT transfer, at, why, change, balance, about FROM entry
             WHERE app = ?1 AND holder = ?2 AND transfer < ?4
             UNION ALL
             SELECT transfer, at, CASE why WHEN 'gift' THEN 'received' ELSE why END, change, balance, about FROM entry
             WHERE app = ?1 AND holder = ?3 AND transfer < ?4
             ORDER BY transfer DESC LIMIT ?5";
        let mut statement = db.prepare_cached(sql)?;
        let (user, host) = (Holder::User(of.clone()).to_string(), Holder::Host(of.clone()).to_string());
        let mut rows = statement.query(params![app.0, user, host, below, limit as i64])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            list.push(Entry {
                id: number(row, 0)?,
                at: time(row, 1)?,
                why: text(row, 2)?,
                change: row.get(3)?,
                balance: row.get(4)?,
                about: text(row, 5)?,
            });
        }
        Ok(list)
    }

    /// What each room has sold since a time, the most first.
    pub fn rooms(&self, app: AppId, since: Time, limit: usize) -> Result<Vec<RoomTakings>, StoreError> {
        let sql = "SELECT room, count(*), sum(total) AS revenue FROM purchase
             WHERE app = ?1 AND paid_at >= max(?2, 1) AND room IS NOT NULL
             GROUP BY room ORDER BY revenue DESC, room LIMIT ?3";
        each(&self.reading(), sql, [i64::from(app.0), since.0 as i64, limit as i64], |row| {
            Ok(RoomTakings { room: RoomId::new(text(row, 0)?), orders: row.get(1)?, revenue: row.get(2)? })
        })
    }

    /// Sums by day since a time; days begin `offset` milliseconds after midnight UTC. Days without anything are left out.
    pub fn days(&self, app: AppId, since: Time, offset: i64) -> Result<BTreeMap<Time, Takings>, StoreError> {
        self.takings(app, None, since, DAY, offset)
    }

    /// Sums of a room by minute.
    pub fn minutes(&self, app: AppId, room: &str, since: Time) -> Result<BTreeMap<Time, Takings>, StoreError> {
        self.takings(app, Some(room), since, MINUTE, 0)
    }

    fn takings(
        &self,
        app: AppId,
        room: Option<&str>,
        since: Time,
        step: i64,
        offset: i64,
    ) -> Result<BTreeMap<Time, Takings>, StoreError> {
        let db = self.reading();
        let mut sums: BTreeMap<Time, Takings> = BTreeMap::new();
        let mut add = |sql: &str, put: fn(&mut Takings, i64, i64)| -> Result<(), StoreError> {
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query(params![app.0, since.0 as i64, step, offset, room])?;
            while let Some(row) = rows.next()? {
                put(sums.entry(time(row, 0)?).or_default(), row.get(1)?, row.get(2)?);
            }
            Ok(())
        };
        add(
            "SELECT (paid_at - ?4) / ?3 * ?3 + ?4 AS step, count(*), sum(total) FROM purchase
             WHERE app = ?1 AND paid_at >= max(?2, 1) AND (?5 IS NULL OR room = ?5) GROUP BY step",
            |sums, orders, revenue| (sums.orders, sums.revenue) = (orders, revenue),
        )?;
        add(
            "SELECT (at - ?4) / ?3 * ?3 + ?4 AS step, count(*), 0 FROM claim
             WHERE app = ?1 AND at >= ?2 AND (?5 IS NULL OR room = ?5) GROUP BY step",
            |sums, claims, _| sums.claims = claims,
        )?;
        add(
            "SELECT (at - ?4) / ?3 * ?3 + ?4 AS step, count(*), sum(json_extract(body, '$.coins')) FROM event
             WHERE app = ?1 AND kind = 'gift.sent' AND at >= ?2 AND (?5 IS NULL OR stream = 'room/' || ?5) GROUP BY step",
            |sums, _, coins| sums.coins = coins,
        )?;
        Ok(sums)
    }
}

fn coupon(row: &Row<'_>) -> Result<KeptCoupon, StoreError> {
    Ok(KeptCoupon { terms: parsed(row, 0, "a coupon")?, claimed: row.get(1)?, used: row.get(2)? })
}

fn with_stock(db: &Connection, app: AppId, goods: Goods) -> Result<KeptGoods, StoreError> {
    let mut statement = db.prepare_cached("SELECT listed, held, sold FROM stock WHERE app = ?1 AND sku = ?2")?;
    let mut stocks = BTreeMap::new();
    for sku in &goods.skus {
        let found = statement.query_row(params![app.0, sku.id as i64], |row| {
            Ok(Stock { listed: row.get(0)?, held: row.get(1)?, sold: row.get(2)? })
        });
        stocks.insert(sku.id, found.optional()?.unwrap_or_default());
    }
    drop(statement);
    Ok(KeptGoods { goods, stocks })
}
