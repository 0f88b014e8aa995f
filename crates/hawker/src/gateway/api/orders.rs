//! Orders: finding them, and moving them on.

use super::audit::About;
use super::auth::Caller;
use super::calendar;
use super::input::{Asked, At, Body};
use super::list::{Page, Paging};
use super::problem::Problem;
use super::sheet::{self, Sheet};
use super::shop::{self, Key, look, moment, one_of, some};
use crate::gateway::Gateway;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hawker_core::shop::order::{Order, OrderState};
use hawker_core::shop::view::OrderView;
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopRefusal};
use hawker_core::{AppId, Time};
use hawker_store::OrderFilter;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which orders are wanted.
#[derive(Deserialize)]
pub struct Wanted {
    state: Option<String>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    room: String,
    from: Option<u64>,
    to: Option<u64>,
}

impl Wanted {
    fn filter(self) -> Result<OrderFilter, Problem> {
        let states = OrderState::ALL.map(OrderState::name);
        Ok(OrderFilter {
            state: one_of("state", &states, self.state)?,
            q: some(self.q),
            room: some(self.room),
            from: self.from.map(moment),
            to: self.to.map(moment),
        })
    }
}

fn shown(gateway: &Gateway, order: Order) -> OrderView {
    OrderView::of(&gateway.shared.shop, &Arc::new(order))
}

/// `GET /api/v1/orders`: the newest first.
pub async fn list(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Asked(paging): Asked<Paging>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<OrderView>>, Problem> {
    let (limit, below, filter) = (paging.limit()?, paging.below()?, wanted.filter()?);
    let found = look(&gateway, move |table| table.orders(app, &filter, below, limit + 1)).await?;
    let found = found.into_iter().map(|order| shown(&gateway, order)).collect();
    Ok(Json(Page::of(found, limit, |view| view.order.id.to_string())))
}

/// Something that happened to an order.
#[derive(Serialize)]
pub struct Step {
    at: Time,
    kind: Arc<str>,
}

/// An order with all that happened to it.
#[derive(Serialize)]
pub struct Told {
    #[serde(flatten)]
    view: OrderView,
    history: Vec<Step>,
}

async fn told(gateway: &Gateway, app: AppId, id: u64) -> Result<Told, Problem> {
    let found = look(gateway, move |table| {
        let Some(order) = table.one_order(app, id)? else { return Ok(None) };
        Ok(Some((order, table.history(app, id)?)))
    });
    let (order, history) = found.await?.ok_or(ShopRefusal::OrderMissing)?;
    let history = history.into_iter().map(|(at, kind)| Step { at, kind }).collect();
    Ok(Told { view: shown(gateway, order), history })
}

/// `GET /api/v1/orders/{id}`.
pub async fn get(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<u64>,
) -> Result<Json<Told>, Problem> {
    told(&gateway, app, id).await.map(Json)
}

/// `GET /api/v1/orders/export`: a line for each line of each order.
pub async fn export(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let filter = Arc::new(wanted.filter()?);
    let digits = sheet::minor_digits(&gateway.shared.shop.currency);
    let head = [
        "id",
        "state",
        "user",
        "room",
        "created_at",
        "paid_at",
        "shipped_at",
        "done_at",
        "cancelled_at",
        "goods",
        "title",
        "variant",
        "quantity",
        "price",
        "goods_total",
        "discount",
        "total",
        "refunded",
        "currency",
        "name",
        "phone",
        "address",
        "remark",
        "carrier",
        "tracking",
        "transaction",
    ];
    let pages = move |below: i64| {
        let (gateway, filter) = (gateway.clone(), filter.clone());
        async move {
            let found = look(&gateway, move |table| table.orders(app, &filter, below, sheet::ROWS_AT_ONCE)).await?;
            let last = found.last().map(|order| order.id as i64);
            let mut sheet = Sheet::default();
            found.iter().for_each(|order| put(&mut sheet, order, digits));
            Ok((sheet, last))
        }
    };
    Ok(sheet::download("orders.csv", head, pages))
}

/// Sums of the order are in its first line only, so that a column can be added up.
fn put(sheet: &mut Sheet, order: &Order, digits: usize) {
    let money = |amount| sheet::major(amount, digits);
    let at = |time: Time| if time == Time(0) { String::new() } else { calendar::moment(time) };
    for (index, line) in order.lines.iter().enumerate() {
        let sum = |amount| if index == 0 { money(amount) } else { String::new() };
        sheet.row([
            &order.id.to_string(),
            order.state.name(),
            order.user.as_str(),
            order.room.as_ref().map_or("", |room| room.as_str()),
            &at(order.created_at),
            &at(order.paid_at),
            &at(order.shipped_at),
            &at(order.done_at),
            &at(order.cancelled_at),
            &line.goods.to_string(),
            &line.title,
            &line.variant,
            &line.quantity.to_string(),
            &money(line.price),
            &sum(order.goods_total),
            &sum(order.discount),
            &sum(order.total),
            &sum(order.refunded),
            &order.currency,
            &order.address.name,
            &order.address.phone,
            &order.address.text,
            &order.remark,
            &order.carrier,
            &order.tracking,
            &order.transaction,
        ]);
    }
}

/// Moves an order on. One that the rules have forgotten is too old for anything.
async fn act(
    gateway: &Gateway,
    caller: &Caller,
    key: Key,
    id: u64,
    what: ShopCommand,
) -> Result<Json<ShopAnswer>, Problem> {
    let done = shop::write(gateway, caller, key, what).await;
    let app = caller.app;
    match done {
        Err(problem)
            if problem.is(ShopRefusal::OrderMissing.code())
                && look(gateway, move |table| table.one_order(app, id)).await?.is_some() =>
        {
            Err(ShopRefusal::TooLate.into())
        }
        done => done.map(Json),
    }
}

/// Who carries it, and under which number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipment {
    #[serde(default)]
    carrier: Arc<str>,
    #[serde(default)]
    tracking: Arc<str>,
}

/// `POST /api/v1/orders/{id}/ship`.
pub async fn ship(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
    Body(Shipment { carrier, tracking }): Body<Shipment>,
) -> Result<impl IntoResponse, Problem> {
    let about = Extension(About(format!("{id} {carrier} {tracking}")));
    let ship = ShopCommand::Ship { order: id, carrier, tracking };
    Ok((about, act(&gateway, &caller, key, id, ship).await?))
}

/// `POST /api/v1/orders/{id}/cancel`: one that is not paid.
pub async fn cancel(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
) -> Result<Json<ShopAnswer>, Problem> {
    act(&gateway, &caller, key, id, ShopCommand::CancelOrder(id)).await
}

/// `POST /api/v1/orders/{id}/complete`: one that was shipped has arrived.
pub async fn complete(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
) -> Result<Json<ShopAnswer>, Problem> {
    act(&gateway, &caller, key, id, ShopCommand::Complete(id)).await
}

/// What is given back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    amount: i64,
    #[serde(default)]
    reason: Arc<str>,
    #[serde(default)]
    restock: bool,
}

/// `POST /api/v1/orders/{id}/refund`.
pub async fn refund(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
    Body(Refund { amount, reason, restock }): Body<Refund>,
) -> Result<impl IntoResponse, Problem> {
    let about = Extension(About(format!("{id} {amount} {reason}")));
    let refund = ShopCommand::Refund { order: id, amount, reason, restock };
    Ok((about, act(&gateway, &caller, key, id, refund).await?))
}
