//! Numbers: of a show, and of the shop at a glance.

use super::auth::Caller;
use super::calendar::{self, DAY, MINUTE};
use super::input::{Asked, At};
use super::problem::{Fault, Problem};
use super::rooms::{self, RoomRow, in_room};
use super::sheet::{self, Sheet};
use super::shop::{self, look, one_of};
use crate::gateway::Gateway;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use hawker_core::answer::{Answer, Stats};
use hawker_core::command::RoomCommand;
use hawker_core::post::Class;
use hawker_core::room::ledger::{DropReason, Ledger};
use hawker_core::shop::view::SalesView;
use hawker_core::shop::{ShopAnswer, ShopCommand};
use hawker_core::{AppId, RoomId, Time};
use hawker_store::{LowStock, RoomTakings, Takings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The course of a show is told for so long.
const COURSE: i64 = 7 * DAY;
/// Days of the overview.
const DAYS: i64 = 14;
/// Rooms that the overview looks at, and those that it shows.
const ROOMS_MAX: usize = 200;
const ROOMS_SHOWN: usize = 20;
/// Of a variant with so few pieces little is left.
const LOW_STOCK: i64 = 5;
/// Such variants that are shown.
const LOW_STOCK_SHOWN: usize = 20;
/// Rooms whose sales are shown.
const SHARES_SHOWN: usize = 10;
/// No clock is further from UTC, in minutes.
const OFFSET_MAX: i64 = 14 * 60;

/// A minute of a show in which something happened.
#[derive(Serialize)]
pub struct Minute {
    at: Time,
    orders: i64,
    revenue: i64,
    claims: i64,
    coins: i64,
}

/// Where the posts of a class went.
#[derive(Serialize)]
pub struct LedgerRow {
    class: &'static str,
    received: u64,
    delivered: u64,
    dropped: BTreeMap<&'static str, u64>,
}

/// Numbers of a room.
#[derive(Serialize)]
pub struct Statistics {
    room: RoomId,
    online: u32,
    peak: u32,
    likes: u64,
    messages: u64,
    sales: SalesView,
    minutes: Vec<Minute>,
    ledger: Vec<LedgerRow>,
}

/// `GET /api/v1/rooms/{room}/statistics`.
pub async fn of_room(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
) -> Result<Json<Statistics>, Problem> {
    let room = RoomId::from(room);
    let Answer::Stats(stats) = in_room(&gateway, &caller, &room, RoomCommand::Stats).await? else {
        return Err(Fault::Internal.into());
    };
    let sales = sales(&gateway, &caller, &room).await?;
    let minutes = minutes(&gateway, caller.app, &room).await?;
    let Stats { online, peak, likes, messages, ledger } = stats;
    let ledger = ledger.map_or_else(Vec::new, |ledger| rows(&ledger));
    Ok(Json(Statistics { room, online, peak, likes, messages, sales, minutes, ledger }))
}

async fn sales(gateway: &Gateway, caller: &Caller, room: &RoomId) -> Result<SalesView, Problem> {
    match shop::ask(gateway, caller, ShopCommand::Sales(room.clone())).await? {
        ShopAnswer::Sales(sales) => Ok(sales),
        _ => Err(Fault::Internal.into()),
    }
}

async fn minutes(gateway: &Gateway, app: AppId, room: &RoomId) -> Result<Vec<Minute>, Problem> {
    let (room, since) = (room.clone(), Time(gateway.shared.clock.now().0.saturating_sub(COURSE as u64)));
    let found = look(gateway, move |table| table.minutes(app, room.as_str(), since)).await?;
    let minute = |(at, Takings { orders, revenue, claims, coins })| Minute { at, orders, revenue, claims, coins };
    Ok(found.into_iter().map(minute).collect())
}

fn rows(ledger: &Ledger) -> Vec<LedgerRow> {
    let row = |class: Class| {
        let line = ledger.line(class);
        let dropped = DropReason::ALL.map(|reason| (reason.name(), line.dropped[reason as usize]));
        let (class, received, delivered) = (class.name(), line.received, line.delivered);
        LedgerRow { class, received, delivered, dropped: dropped.into() }
    };
    Class::ALL.map(row).into()
}

/// Which table is wanted.
#[derive(Deserialize)]
pub struct Which {
    of: Option<String>,
}

/// `GET /api/v1/rooms/{room}/statistics/export`: the course of the show, or with `of=goods` what was sold.
pub async fn export(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    Asked(Which { of }): Asked<Which>,
) -> Result<Response, Problem> {
    let of = one_of("of", &["minutes", "goods"], of)?;
    let (room, digits) = (RoomId::from(room), sheet::minor_digits(&gateway.shared.shop.currency));
    let sales = sales(&gateway, &caller, &room).await?;
    let mut sheet = Sheet::default();
    if of.as_deref() == Some("goods") {
        sheet.row(["goods", "title", "units", "revenue"]);
        for one in sales.goods {
            let (goods, units) = (one.goods.to_string(), one.units.to_string());
            sheet.row([&goods, &one.title, &units, &sheet::major(one.revenue, digits)]);
        }
        return Ok(sheet.saved_as("goods-of-the-show.csv"));
    }
    sheet.row(["at", "orders", "revenue", "claims", "coins"]);
    for Minute { at, orders, revenue, claims, coins } in minutes(&gateway, caller.app, &room).await? {
        let [orders, claims, coins] = [orders, claims, coins].map(|count| count.to_string());
        sheet.row([&calendar::moment(at), &orders, &sheet::major(revenue, digits), &claims, &coins]);
    }
    Ok(sheet.saved_as("show.csv"))
}

/// Where the browser is.
#[derive(Deserialize)]
pub struct Place {
    /// Minutes that its clock is ahead of UTC.
    #[serde(default)]
    offset: i64,
}

/// What today brought so far.
#[derive(Serialize)]
pub struct Today {
    orders: i64,
    revenue: i64,
    coins: i64,
    claims: i64,
}

/// What a day brought.
#[derive(Serialize)]
pub struct Day {
    day: String,
    orders: i64,
    revenue: i64,
    coins: i64,
}

/// A variant of which little is left.
#[derive(Serialize)]
pub struct Low {
    goods: u64,
    title: Arc<str>,
    sku: u64,
    name: Arc<str>,
    available: i64,
}

/// The shop at a glance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Viewers in the newest rooms.
    online: u32,
    rooms: Vec<RoomRow>,
    today: Today,
    days: Vec<Day>,
    /// What each room has sold in these days, the most first.
    shares: Vec<Share>,
    to_ship: u64,
    open: u64,
    low_stock: Vec<Low>,
}

/// What a room has sold.
#[derive(Serialize)]
struct Share {
    room: RoomId,
    orders: i64,
    revenue: i64,
}

/// `GET /api/v1/overview`.
pub async fn overview(
    State(gateway): State<Gateway>,
    caller: Caller,
    Asked(Place { offset }): Asked<Place>,
) -> Result<Json<Overview>, Problem> {
    if offset.abs() > OFFSET_MAX {
        return Err(Problem::field("offset", format!("-{OFFSET_MAX} to {OFFSET_MAX} minutes")));
    }
    let (app, ahead) = (caller.app, offset * MINUTE);
    let today = calendar::beginning(gateway.shared.clock.now().0 as i64, ahead);
    let first = today - (DAYS - 1) * DAY;
    let found = look(&gateway, move |table| {
        let days = table.days(app, Time(first.max(0) as u64), -ahead)?;
        let low = table.low_stock(app, LOW_STOCK, LOW_STOCK_SHOWN)?;
        let shares = table.rooms(app, Time(first.max(0) as u64), SHARES_SHOWN)?;
        Ok((days, shares, table.count_orders(app, "paid")?, table.count_orders(app, "created")?, low))
    });
    let (takings, shares, to_ship, open, low) = found.await?;
    let of = |at: i64| takings.get(&Time(at as u64)).copied().unwrap_or_default();
    let day = |at: i64| {
        let Takings { orders, revenue, coins, .. } = of(at);
        Day { day: calendar::day(at, ahead), orders, revenue, coins }
    };
    let rooms = rooms::newest(&gateway, &caller, ROOMS_MAX).await?;
    let Takings { orders, revenue, coins, claims } = of(today);
    let row = |LowStock { goods, title, sku, name, available }| Low { goods, title, sku, name, available };
    Ok(Json(Overview {
        online: rooms.iter().map(|room| room.online).sum(),
        rooms: worth_a_look(rooms),
        today: Today { orders, revenue, coins, claims },
        days: (0..DAYS).map(|index| day(first + index * DAY)).collect(),
        shares: shares
            .into_iter()
            .map(|RoomTakings { room, orders, revenue }| Share { room, orders, revenue })
            .collect(),
        to_ship,
        open,
        low_stock: low.into_iter().map(row).collect(),
    }))
}

/// Rooms whose show is not over: those on the air first, then those that begin soonest.
fn worth_a_look(mut rooms: Vec<RoomRow>) -> Vec<RoomRow> {
    let ranks = ["live", "paused", "waiting"];
    let rank = |room: &RoomRow| ranks.iter().position(|status| *status == &*room.status);
    rooms.retain(|room| &*room.status != "ended");
    rooms.sort_by_key(|room| {
        (rank(room).unwrap_or(ranks.len()), if room.starts_at == 0 { u64::MAX } else { room.starts_at })
    });
    rooms.truncate(ROOMS_SHOWN);
    rooms
}
