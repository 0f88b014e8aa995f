//! Reads shops at start.

use crate::StoreError;
use crate::load::{all, number, parsed, text, time, user};
use hawker_core::shop::ShopSnapshot;
use hawker_core::shop::books::{Books, RoomSales};
use hawker_core::shop::coupon::{Claim, ClaimState};
use hawker_core::shop::goods::Stock;
use hawker_core::shop::keys::UsedKey;
use hawker_core::shop::sale::SaleTerms;
use hawker_core::shop::snapshot::KeptSale;
use hawker_core::shop::wallet::Holder;
use hawker_core::{AppId, RoomId, Time, UserId};
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;
use std::time::Duration;

/// All shops: what is in memory of them. Orders that ended longer than `after_sale` ago stay where they are.
pub(crate) fn load(
    db: &Connection,
    now: Time,
    after_sale: Duration,
) -> Result<BTreeMap<AppId, ShopSnapshot>, StoreError> {
    let mut shops = Shops { db, shops: BTreeMap::new() };
    let (now, since) = (now.0, (now - after_sale).0);
    shops.each(LAST_IDS, |shop, row| {
        shop.last_id = number(row, 1)?;
        Ok(())
    })?;
    shops.fill("SELECT app, body FROM goods", |shop| &mut shop.goods, |row| parsed(row, 1, "goods"))?;
    shops.fill(
        "SELECT app, sku, listed, held, sold FROM stock",
        |shop| &mut shop.stocks,
        |row| {
            let stock = Stock { listed: row.get(2)?, held: row.get(3)?, sold: row.get(4)? };
            Ok((number(row, 1)?, stock))
        },
    )?;
    shops.fill(
        "SELECT app, room, body FROM shelf",
        |shop| &mut shop.shelves,
        |row| Ok((room(row, 1)?, parsed(row, 2, "a shelf")?)),
    )?;
    shops.fill(
        "SELECT app, body, held, sold FROM sale ORDER BY app, id",
        |shop| &mut shop.sales,
        |row| {
            let terms: SaleTerms = parsed(row, 1, "a flash sale")?;
            let buyers = buyers(db, row.get(0)?, terms.id)?;
            Ok(KeptSale { terms, held: row.get(2)?, sold: row.get(3)?, buyers })
        },
    )?;
    shops.fill(
        "SELECT app, body, claimed, used FROM coupon",
        |shop| &mut shop.coupons,
        |row| Ok((parsed(row, 1, "a coupon")?, row.get(2)?, row.get(3)?)),
    )?;
    let claims = format!(
        "SELECT claim.app, claim.id, coupon, user, room, at, state, order_id
         FROM claim JOIN coupon ON coupon.app = claim.app AND coupon.id = claim.coupon
         WHERE coupon.ends_at > {now} OR state = 1 ORDER BY claim.app, claim.id"
    );
    shops.fill(&claims, |shop| &mut shop.claims, claim)?;
    let orders =
        format!("SELECT app, body FROM purchase WHERE ended_at IS NULL OR ended_at > {since} ORDER BY app, id");
    shops.fill(&orders, |shop| &mut shop.orders, |row| parsed(row, 1, "an order"))?;
    let top_ups = format!("SELECT app, body FROM top_up WHERE at > {since}");
    shops.fill(&top_ups, |shop| &mut shop.top_ups, |row| parsed(row, 1, "a top-up"))?;
    shops.fill(
        "SELECT app, transaction_id, reference FROM payment",
        |shop| &mut shop.transactions,
        |row| Ok((text(row, 1)?, number(row, 2)?)),
    )?;
    shops.fill(
        "SELECT app, holder, coins FROM balance",
        |shop| &mut shop.balances,
        |row| {
            let holder = Holder::parse(&text(row, 1)?).ok_or(StoreError::Strange("the holder of a balance"))?;
            Ok((holder, row.get(2)?))
        },
    )?;
    shops.fill("SELECT app, body FROM gift", |shop| &mut shop.gifts, |row| parsed(row, 1, "a gift"))?;
    shops.fill(
        "SELECT app, room, user, coins FROM given",
        |shop| &mut shop.boards,
        |row| Ok((room(row, 1)?, user(row, 2)?, row.get(3)?)),
    )?;
    shops.fill(
        "SELECT app, user, host FROM follow",
        |shop| &mut shop.follows,
        |row| Ok((user(row, 1)?, user(row, 2)?)),
    )?;
    let keys = "SELECT app, user, key, fingerprint, show, at FROM used_key ORDER BY at";
    shops.fill(keys, |shop| &mut shop.keys, used_key)?;
    shops.books()?;
    Ok(shops.shops)
}

/// The largest number that each shop has given out; nothing that has one is ever deleted.
const LAST_IDS: &str = "SELECT app, max(id) FROM (
        SELECT app, max(id) AS id FROM goods GROUP BY app UNION ALL SELECT app, max(sku) FROM stock GROUP BY app
        UNION ALL SELECT app, max(id) FROM sale GROUP BY app UNION ALL SELECT app, max(id) FROM coupon GROUP BY app
        UNION ALL SELECT app, max(id) FROM claim GROUP BY app UNION ALL SELECT app, max(id) FROM purchase GROUP BY app
        UNION ALL SELECT app, max(id) FROM top_up GROUP BY app UNION ALL SELECT app, max(transfer) FROM entry GROUP BY app
    ) GROUP BY app";

/// The shops while they are read.
struct Shops<'a> {
    db: &'a Connection,
    shops: BTreeMap<AppId, ShopSnapshot>,
}

impl Shops<'_> {
    /// Does something with each row; its first column is the app.
    fn each(
        &mut self,
        sql: &str,
        put: impl Fn(&mut ShopSnapshot, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            put(self.shops.entry(AppId(row.get(0)?)).or_default(), row)?;
        }
        Ok(())
    }

    /// Puts what each row holds into a list of its shop.
    fn fill<T>(
        &mut self,
        sql: &str,
        list: fn(&mut ShopSnapshot) -> &mut Vec<T>,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<(), StoreError> {
        self.each(sql, |shop, row| {
            list(shop).push(read(row)?);
            Ok(())
        })
    }

    /// What each room has sold, added up from what happened.
    fn books(&mut self) -> Result<(), StoreError> {
        self.each(
            "SELECT app, room, count(*), sum(paid_at > 0), sum(CASE WHEN paid_at > 0 THEN total ELSE 0 END),
                 sum(refunded)
             FROM purchase WHERE room IS NOT NULL GROUP BY app, room",
            |shop, row| {
                let page = page(&mut shop.books, row)?;
                (page.orders, page.paid) = (number(row, 2)?, number(row, 3)?);
                (page.revenue, page.refunded) = (row.get(4)?, row.get(5)?);
                Ok(())
            },
        )?;
        self.each(
            "SELECT DISTINCT app, room, user FROM purchase WHERE room IS NOT NULL AND paid_at > 0",
            |shop, row| {
                page(&mut shop.books, row)?.buyers.insert(user(row, 2)?);
                Ok(())
            },
        )?;
        self.each(
            "SELECT app, room, goods, title, sum(quantity), sum(amount) FROM purchase_line
             WHERE room IS NOT NULL GROUP BY app, room, goods",
            |shop, row| {
                let page = page(&mut shop.books, row)?;
                let (units, revenue) = (number(row, 4)?, row.get(5)?);
                page.units += units;
                page.goods.insert(number(row, 2)?, (text(row, 3)?, units, revenue));
                Ok(())
            },
        )?;
        self.each(
            "SELECT app, room, count(*) FROM claim WHERE room IS NOT NULL GROUP BY app, room",
            |shop, row| {
                page(&mut shop.books, row)?.coupons = number(row, 2)?;
                Ok(())
            },
        )?;
        self.each("SELECT app, room, sum(gifts), sum(coins) FROM given GROUP BY app, room", |shop, row| {
            let page = page(&mut shop.books, row)?;
            (page.gifts, page.coins) = (number(row, 2)?, row.get(3)?);
            Ok(())
        })
    }
}

/// The page of a row's room, which is its second column.
fn page<'a>(books: &'a mut Books, row: &Row<'_>) -> Result<&'a mut RoomSales, StoreError> {
    Ok(books.page(&room(row, 1)?))
}

fn used_key(row: &Row<'_>) -> Result<UsedKey, StoreError> {
    Ok(UsedKey {
        user: user(row, 1)?,
        key: text(row, 2)?,
        fingerprint: number(row, 3)?,
        show: parsed(row, 4, "an answer")?,
        at: time(row, 5)?,
    })
}

fn room(row: &Row<'_>, at: usize) -> Result<RoomId, StoreError> {
    Ok(RoomId::new(text(row, at)?))
}

fn buyers(db: &Connection, app: u32, sale: u64) -> Result<Vec<(UserId, u32)>, StoreError> {
    let sql = format!("SELECT user, pieces FROM sale_buyer WHERE app = {app} AND sale = {sale} AND pieces > 0");
    all(db, &sql, |row| Ok((user(row, 0)?, row.get(1)?)))
}

fn claim(row: &Row<'_>) -> Result<Claim, StoreError> {
    let in_room = row.get::<_, Option<String>>(4)?;
    Ok(Claim {
        id: number(row, 1)?,
        coupon: number(row, 2)?,
        user: user(row, 3)?,
        room: in_room.map(RoomId::from),
        at: time(row, 5)?,
        state: match row.get(6)? {
            0 => ClaimState::Held,
            1 => ClaimState::Reserved,
            _ => ClaimState::Used,
        },
        order: row.get::<_, Option<i64>>(7)?.map(|id| id as u64),
    })
}
