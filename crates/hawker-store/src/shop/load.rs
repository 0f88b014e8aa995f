//! Reads shops at start.

use crate::StoreError;
use crate::load::{all, number, parsed, text, time, user};
use hawker_core::shop::ShopSnapshot;
use hawker_core::shop::books::Books;
use hawker_core::shop::coupon::{Claim, ClaimState};
use hawker_core::shop::goods::Stock;
use hawker_core::shop::keys::UsedKey;
use hawker_core::shop::sale::SaleTerms;
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
    let mut shops: BTreeMap<AppId, ShopSnapshot> = BTreeMap::new();
    let since = (now - after_sale).0;
    let mut each = |sql: &str, put: &dyn Fn(&mut ShopSnapshot, &Row<'_>) -> Result<(), StoreError>| {
        for_each(db, sql, |row| put(shops.entry(AppId(row.get(0)?)).or_default(), row))
    };
    each("SELECT app, max(id) FROM (
              SELECT app, id FROM goods UNION ALL SELECT app, sku FROM stock UNION ALL SELECT app, id FROM sale
              UNION ALL SELECT app, id FROM coupon UNION ALL SELECT app, max(id) FROM claim GROUP BY app
              UNION ALL SELECT app, max(id) FROM purchase GROUP BY app UNION ALL SELECT app, max(id) FROM top_up GROUP BY app
              UNION ALL SELECT app, max(transfer) FROM entry GROUP BY app
          ) GROUP BY app", &|shop, row| {
        shop.last_id = number(row, 1)?;
        Ok(())
    })?;
    each("SELECT app, body FROM goods", &|shop, row| Ok(shop.goods.push(parsed(row, 1, "goods")?)))?;
    each("SELECT app, sku, listed, held, sold FROM stock", &|shop, row| {
        let stock = Stock { listed: row.get(2)?, held: row.get(3)?, sold: row.get(4)? };
        Ok(shop.stocks.push((number(row, 1)?, stock)))
    })?;
    each("SELECT app, room, body FROM shelf", &|shop, row| {
        Ok(shop.shelves.push((room(row, 1)?, parsed(row, 2, "a shelf")?)))
    })?;
    each("SELECT app, body, held, sold FROM sale ORDER BY app, id", &|shop, row| {
        let terms: SaleTerms = parsed(row, 1, "a flash sale")?;
        let buyers = buyers(db, row.get(0)?, terms.id)?;
        Ok(shop.sales.push((terms, row.get(2)?, row.get(3)?, buyers)))
    })?;
    each("SELECT app, body, claimed, used FROM coupon", &|shop, row| {
        Ok(shop.coupons.push((parsed(row, 1, "a coupon")?, row.get(2)?, row.get(3)?)))
    })?;
    let claims = format!(
        "SELECT claim.app, claim.id, coupon, user, room, at, state, order_id
         FROM claim JOIN coupon ON coupon.app = claim.app AND coupon.id = claim.coupon
         WHERE coupon.ends_at > {} OR state = 1 ORDER BY claim.app, claim.id",
        now.0
    );
    each(&claims, &|shop, row| Ok(shop.claims.push(claim(row)?)))?;
    let orders =
        format!("SELECT app, body FROM purchase WHERE ended_at IS NULL OR ended_at > {since} ORDER BY app, id");
    each(&orders, &|shop, row| Ok(shop.orders.push(parsed(row, 1, "an order")?)))?;
    each(&format!("SELECT app, body FROM top_up WHERE at > {since}"), &|shop, row| {
        Ok(shop.top_ups.push(parsed(row, 1, "a top-up")?))
    })?;
    each("SELECT app, transaction_id, reference FROM payment", &|shop, row| {
        Ok(shop.transactions.push((text(row, 1)?, number(row, 2)?)))
    })?;
    each("SELECT app, holder, coins FROM balance", &|shop, row| {
        shop.balances.extend(
            Holder::parse(&text(row, 1)?)
                .map(|holder| (holder, row.get(2)))
                .into_iter()
                .flat_map(|(holder, coins)| coins.map(|coins| (holder, coins))),
        );
        Ok(())
    })?;
    each("SELECT app, body FROM gift", &|shop, row| Ok(shop.gifts.push(parsed(row, 1, "a gift")?)))?;
    each("SELECT app, room, user, coins FROM given", &|shop, row| {
        Ok(shop.boards.push((room(row, 1)?, user(row, 2)?, row.get(3)?)))
    })?;
    each("SELECT app, user, host FROM follow", &|shop, row| Ok(shop.follows.push((user(row, 1)?, user(row, 2)?))))?;
    each("SELECT app, user, key, fingerprint, show, at FROM used_key ORDER BY at", &|shop, row| {
        let used = UsedKey {
            user: user(row, 1)?,
            key: text(row, 2)?,
            fingerprint: number(row, 3)?,
            show: parsed(row, 4, "an answer")?,
            at: time(row, 5)?,
        };
        Ok(shop.keys.push(used))
    })?;
    books(&mut each)?;
    Ok(shops)
}

fn for_each(
    db: &Connection,
    sql: &str,
    mut put: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        put(row)?;
    }
    Ok(())
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

type Each<'a> =
    dyn FnMut(&str, &dyn Fn(&mut ShopSnapshot, &Row<'_>) -> Result<(), StoreError>) -> Result<(), StoreError> + 'a;

/// What each room has sold, added up from what happened.
fn books(each: &mut Each<'_>) -> Result<(), StoreError> {
    each(
        "SELECT app, room, count(*), sum(paid_at > 0), sum(CASE WHEN paid_at > 0 THEN total ELSE 0 END), sum(refunded)
         FROM purchase WHERE room IS NOT NULL GROUP BY app, room",
        &|shop, row| {
            let page = page(&mut shop.books, row)?;
            (page.orders, page.paid) = (number(row, 2)?, number(row, 3)?);
            (page.revenue, page.refunded) = (row.get(4)?, row.get(5)?);
            Ok(())
        },
    )?;
    each("SELECT DISTINCT app, room, user FROM purchase WHERE room IS NOT NULL AND paid_at > 0", &|shop, row| {
        let buyer = user(row, 2)?;
        page(&mut shop.books, row)?.buyers.insert(buyer);
        Ok(())
    })?;
    each(
        "SELECT app, room, goods, title, sum(quantity), sum(amount) FROM purchase_line
         WHERE room IS NOT NULL GROUP BY app, room, goods",
        &|shop, row| {
            let page = page(&mut shop.books, row)?;
            let (units, revenue) = (number(row, 4)?, row.get(5)?);
            page.units += units;
            page.goods.insert(number(row, 2)?, (text(row, 3)?, units, revenue));
            Ok(())
        },
    )?;
    each("SELECT app, room, count(*) FROM claim WHERE room IS NOT NULL GROUP BY app, room", &|shop, row| {
        page(&mut shop.books, row)?.coupons = number(row, 2)?;
        Ok(())
    })?;
    each("SELECT app, room, sum(gifts), sum(coins) FROM given GROUP BY app, room", &|shop, row| {
        let page = page(&mut shop.books, row)?;
        (page.gifts, page.coins) = (number(row, 2)?, row.get(3)?);
        Ok(())
    })
}

fn page<'a>(
    books: &'a mut Books,
    row: &Row<'_>,
) -> Result<&'a mut hawker_core::shop::books::RoomSales, StoreError> {
    Ok(books.page(&room(row, 1)?))
}
