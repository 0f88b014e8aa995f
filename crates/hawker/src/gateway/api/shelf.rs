//! What a room sells, and what the shop does in it while it is on the air.

use super::audit::About;
use super::auth::Caller;
use super::input::{At, Body};
use super::problem::{Fault, Problem};
use super::shop::{self, Key};
use crate::gateway::Gateway;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::shop::sale::SaleDraft;
use hawker_core::shop::shelf::ShelfItem;
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopRefusal};
use hawker_core::{RoomId, Time};
use serde::Deserialize;

/// `GET /api/v1/rooms/{room}/shelf`.
pub async fn get(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
) -> Result<Json<ShopAnswer>, Problem> {
    shop::ask(&gateway, &caller, ShopCommand::Shelf(room.into())).await.map(Json)
}

/// What is to be on a shelf, in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Items {
    items: Vec<ShelfItem>,
}

/// `PUT /api/v1/rooms/{room}/shelf`.
pub async fn set(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    key: Key,
    Body(Items { items }): Body<Items>,
) -> Result<Json<ShopAnswer>, Problem> {
    shop::write(&gateway, &caller, key, ShopCommand::SetShelf(room.into(), items)).await.map(Json)
}

/// What is to be pushed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pushed {
    goods: Option<u64>,
}

/// `POST /api/v1/rooms/{room}/push`.
pub async fn push(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    key: Key,
    Body(Pushed { goods }): Body<Pushed>,
) -> Result<impl IntoResponse, Problem> {
    let about = Extension(About(format!("{room} {}", goods.map_or("-".into(), |goods| goods.to_string()))));
    let shelf = shop::write(&gateway, &caller, key, ShopCommand::PushGoods(room.into(), goods)).await?;
    Ok((about, Json(shelf)))
}

/// A flash sale that is to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSale {
    sku: u64,
    price: i64,
    quota: i64,
    per_buyer: u32,
    starts_at: Option<Time>,
    ends_at: Time,
}

/// `POST /api/v1/rooms/{room}/sales`.
pub async fn start_sale(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    key: Key,
    Body(new): Body<NewSale>,
) -> Result<impl IntoResponse, Problem> {
    let NewSale { sku, price, quota, per_buyer, starts_at, ends_at } = new;
    let about = format!("{room} {sku} {price} {quota}");
    let draft = SaleDraft { room: room.into(), sku, price, quota, per_buyer, starts_at, ends_at };
    let sale = shop::write(&gateway, &caller, key, ShopCommand::StartSale(draft)).await?;
    Ok((StatusCode::CREATED, Extension(About(about)), Json(sale)))
}

/// `DELETE /api/v1/rooms/{room}/sales/{sale}`: ends one that is not over.
pub async fn end_sale(
    State(gateway): State<Gateway>,
    caller: Caller,
    At((room, id)): At<(String, u64)>,
    key: Key,
) -> Result<StatusCode, Problem> {
    let shelf = shop::ask(&gateway, &caller, ShopCommand::Shelf(RoomId::from(room))).await?;
    let ShopAnswer::Shelf(shelf) = shelf else { return Err(Fault::Internal.into()) };
    if !shelf.sales.iter().any(|sale| sale.id == id) {
        return Err(ShopRefusal::SaleMissing.into());
    }
    shop::write(&gateway, &caller, key, ShopCommand::EndSale(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A coupon that is to be offered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    coupon: u64,
}

/// `POST /api/v1/rooms/{room}/drop`.
pub async fn drop_coupon(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    key: Key,
    Body(Drop { coupon }): Body<Drop>,
) -> Result<impl IntoResponse, Problem> {
    let about = Extension(About(format!("{room} {coupon}")));
    let dropped = shop::write(&gateway, &caller, key, ShopCommand::DropCoupon(room.into(), coupon)).await?;
    Ok((about, Json(dropped)))
}
