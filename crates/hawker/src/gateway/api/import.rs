//! Goods as a table: out, and in again. A table is taken whole or not at all.

use super::audit::{About, Unchanged};
use super::auth::Caller;
use super::input::Asked;
use super::problem::{Fault, Problem};
use super::sheet::{self, Sheet};
use super::shop::{self, Key, look};
use super::table::{self, COLUMNS, Report};
use crate::gateway::Gateway;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hawker_core::shop::ShopCommand;
use hawker_core::shop::goods::GoodsState;
use hawker_store::KeptGoods;
use serde::Deserialize;

/// Bytes of a table.
pub const BYTES_MAX: usize = 8 << 20;

/// `GET /api/v1/goods/export`: a row for each variant.
pub async fn export(State(gateway): State<Gateway>, Caller { app, .. }: Caller) -> Response {
    let digits = sheet::minor_digits(&gateway.shared.shop.currency);
    sheet::download("goods.csv", COLUMNS, move |below| {
        let gateway = gateway.clone();
        async move {
            let found =
                look(&gateway, move |table| table.goods(app, None, None, below, sheet::ROWS_AT_ONCE)).await?;
            let last = found.last().map(|kept| kept.goods.id as i64);
            let mut sheet = Sheet::default();
            found.iter().for_each(|kept| put(&mut sheet, kept, digits));
            Ok((sheet, last))
        }
    })
}

fn put(sheet: &mut Sheet, KeptGoods { goods, stocks }: &KeptGoods, digits: usize) {
    let state = if goods.state == GoodsState::On { "on" } else { "off" };
    for sku in &goods.skus {
        let list_price = if sku.list_price == 0 { String::new() } else { sheet::major(sku.list_price, digits) };
        let stock = stocks.get(&sku.id).copied().unwrap_or_default();
        sheet.row([
            &goods.id.to_string(),
            &goods.title,
            &goods.description,
            &goods.pictures.join(" "),
            state,
            &sku.name,
            &sku.code,
            &sheet::major(sku.price, digits),
            &list_price,
            &stock.available().to_string(),
        ]);
    }
}

/// Whether a table is only looked at.
#[derive(Deserialize)]
pub struct Trying {
    #[serde(default)]
    dry: String,
}

/// `POST /api/v1/goods/import`.
pub async fn import(
    State(gateway): State<Gateway>,
    caller: Caller,
    key: Key,
    Asked(Trying { dry }): Asked<Trying>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")) {
        return Err(Problem::from(Fault::BadContentType).with_detail("the body must be text/csv"));
    }
    let bytes = to_bytes(request.into_body(), BYTES_MAX).await.map_err(|_| Fault::TooLarge)?;
    let (app, limits) = (caller.app, gateway.shared.shop.clone());
    let read = look(&gateway, move |shops| table::read(&limits, &bytes, &|id| shops.one_goods(app, id)));
    let (drafts, report) = read.await?;
    if !report.errors.is_empty() {
        return Err(refused(&report));
    }
    if matches!(dry.as_str(), "1" | "true") {
        return Ok((Extension(Unchanged), Json(report)).into_response());
    }
    if !drafts.is_empty() {
        shop::write(&gateway, &caller, key, ShopCommand::ImportGoods(drafts)).await?;
    }
    let about = Extension(About(format!("+{} ~{}", report.created, report.updated)));
    Ok((about, Json(report)).into_response())
}

fn refused(report: &Report) -> Problem {
    let errors = serde_json::to_string(&report.errors).expect("plain values");
    let problem =
        Problem::from(Fault::BadRows).with_member("created", "0".into()).with_member("updated", "0".into());
    problem.with_member("rows", report.rows.to_string()).with_member("errors", errors)
}
