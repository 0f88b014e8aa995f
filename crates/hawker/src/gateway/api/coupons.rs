//! Coupons.

use super::audit::About;
use super::auth::Caller;
use super::input::{Asked, At, Body};
use super::list::{Page, Paging};
use super::problem::{Fault, Problem};
use super::shop::{self, Key, look};
use crate::gateway::Gateway;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::shop::coupon::{Coupon, CouponDraft};
use hawker_core::shop::view::CouponView;
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopRefusal};
use hawker_store::KeptCoupon;

fn shown(kept: KeptCoupon) -> CouponView {
    let KeptCoupon { terms, claimed, used } = kept;
    CouponView::of(&Coupon { claimed, used, ..Coupon::new(terms.into()) })
}

/// `GET /api/v1/coupons`: the newest first.
pub async fn list(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<CouponView>>, Problem> {
    let (limit, below) = (paging.limit()?, paging.below()?);
    let found = look(&gateway, move |table| table.coupons(app, below, limit + 1)).await?;
    Ok(Json(Page::of(found.into_iter().map(shown).collect(), limit, |coupon| coupon.id.to_string())))
}

/// `GET /api/v1/coupons/{id}`.
pub async fn get(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<u64>,
) -> Result<Json<CouponView>, Problem> {
    let found = look(&gateway, move |table| table.one_coupon(app, id)).await?;
    Ok(Json(shown(found.ok_or(ShopRefusal::CouponMissing)?)))
}

/// `POST /api/v1/coupons`.
pub async fn add(
    State(gateway): State<Gateway>,
    caller: Caller,
    key: Key,
    Body(draft): Body<CouponDraft>,
) -> Result<impl IntoResponse, Problem> {
    if draft.id.is_some() {
        return Err(Problem::field("id", "a new coupon is given one"));
    }
    let saved = shop::write(&gateway, &caller, key, ShopCommand::SaveCoupon(draft)).await?;
    let ShopAnswer::Coupon(saved) = saved else { return Err(Fault::Internal.into()) };
    let about = Extension(About(format!("{} {}", saved.id, saved.title)));
    Ok((StatusCode::CREATED, about, Json(saved)))
}

/// `PUT /api/v1/coupons/{id}`. What was claimed stays claimed.
pub async fn replace(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
    Body(draft): Body<CouponDraft>,
) -> Result<Json<ShopAnswer>, Problem> {
    if draft.id.is_some_and(|named| named != id) {
        return Err(Problem::field("id", "is another one than that of the address"));
    }
    let draft = CouponDraft { id: Some(id), ..draft };
    shop::write(&gateway, &caller, key, ShopCommand::SaveCoupon(draft)).await.map(Json)
}

/// `POST /api/v1/coupons/{id}/close`: nobody can claim it any more.
pub async fn close(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<u64>,
    key: Key,
) -> Result<Json<ShopAnswer>, Problem> {
    shop::write(&gateway, &caller, key, ShopCommand::CloseCoupon(id)).await.map(Json)
}
