//! Goods and their stock.

use super::audit::About;
use super::auth::Caller;
use super::input::{Asked, At, Body};
use super::list::{Page, Paging};
use super::problem::{Fault, Problem};
use super::shop::{self, Key, look, one_of, some};
use crate::gateway::Gateway;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::AppId;
use hawker_core::shop::goods::GoodsDraft;
use hawker_core::shop::view::GoodsView;
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopRefusal};
use hawker_store::KeptGoods;
use serde::Deserialize;

/// Which goods are wanted.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    state: Option<String>,
}

fn shown(kept: &KeptGoods) -> GoodsView {
    GoodsView::with(&kept.goods, |sku| kept.stocks.get(&sku).copied().unwrap_or_default())
}

/// `GET /api/v1/goods`: the newest first.
pub async fn list(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Asked(paging): Asked<Paging>,
    Asked(Wanted { q, state }): Asked<Wanted>,
) -> Result<Json<Page<GoodsView>>, Problem> {
    let (limit, below) = (paging.limit()?, paging.below()?);
    let (q, state) = (some(q), one_of("state", &["on", "off"], state)?);
    let found =
        look(&gateway, move |table| table.goods(app, q.as_deref(), state.as_deref(), below, limit + 1)).await?;
    Ok(Json(Page::of(found.iter().map(shown).collect(), limit, |goods| goods.id.to_string())))
}

/// Goods that there are.
pub async fn find(gateway: &Gateway, app: AppId, id: u64) -> Result<KeptGoods, Problem> {
    let found = look(gateway, move |table| table.one_goods(app, id)).await?;
    found.ok_or_else(|| ShopRefusal::GoodsMissing.into())
}

/// `GET /api/v1/goods/{id}`.
pub async fn get(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<u64>,
) -> Result<Json<GoodsView>, Problem> {
    Ok(Json(shown(&find(&gateway, app, id).await?)))
}

/// `POST /api/v1/goods`.
pub async fn add(
    State(gateway): State<Gateway>,
    caller: Caller,
    key: Key,
    Body(draft): Body<GoodsDraft>,
) -> Result<impl IntoResponse, Problem> {
    if draft.id.is_some() {
        return Err(Problem::field("id", "new goods are given one"));
    }
    let saved = save(&gateway, &caller, key, draft).await?;
    let about = Extension(About(format!("{} {}", saved.id, saved.title)));
    Ok((StatusCode::CREATED, about, Json(saved)))
}

/// `PUT /api/v1/goods/{id}`: variants that are not named any more are no longer sold.
pub async fn replace(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
    Body(draft): Body<GoodsDraft>,
) -> Result<Json<GoodsView>, Problem> {
    if draft.id.is_some_and(|named| named != id) {
        return Err(Problem::field("id", "is another one than that of the address"));
    }
    Ok(Json(save(&gateway, &caller, key, GoodsDraft { id: Some(id), ..draft }).await?))
}

async fn save(gateway: &Gateway, caller: &Caller, key: Key, draft: GoodsDraft) -> Result<GoodsView, Problem> {
    match shop::write(gateway, caller, key, ShopCommand::SaveGoods(draft)).await? {
        ShopAnswer::Goods(view) => Ok(view),
        _ => Err(Fault::Internal.into()),
    }
}

/// `DELETE /api/v1/goods/{id}`: orders still name them.
pub async fn remove(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
) -> Result<StatusCode, Problem> {
    shop::write(&gateway, &caller, key, ShopCommand::RemoveGoods(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pieces that are put in, or taken out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockChange {
    sku: u64,
    change: i64,
}

/// `POST /api/v1/goods/{id}/stock`.
pub async fn move_stock(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
    Body(StockChange { sku, change }): Body<StockChange>,
) -> Result<impl IntoResponse, Problem> {
    let goods = find(&gateway, caller.app, id).await?.goods;
    let named = goods.sku(sku).ok_or(ShopRefusal::SkuMissing)?;
    let about = Extension(About(format!("{id} {} {sku} {} {change:+}", goods.title, named.name)));
    let saved = shop::write(&gateway, &caller, key, ShopCommand::MoveStock { sku, change }).await?;
    Ok((about, Json(saved)))
}
