//! What the merchant may want to know of how the server is set up. It is changed in the configuration file.

use super::auth::{self, Caller};
use crate::gateway::Gateway;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use std::collections::BTreeMap;

/// The settings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    app: u32,
    apps: Vec<App>,
    currency: String,
    coin_price: i64,
    payments: Payments,
    limits: BTreeMap<&'static str, u64>,
    urls: BTreeMap<&'static str, String>,
}

/// An app; its secret stays where it is.
#[derive(Serialize)]
struct App {
    id: u32,
    admins: Vec<String>,
}

/// How buyers pay.
#[derive(Serialize)]
struct Payments {
    /// There is a page where they do.
    configured: bool,
    /// Payments are only played.
    test: bool,
}

/// `GET /api/v1/settings`.
pub async fn get(State(gateway): State<Gateway>, caller: Caller, headers: HeaderMap) -> Json<Settings> {
    let shared = &gateway.shared;
    let apps = shared.apps.iter().map(|(id, secrets)| App { id: id.0, admins: secrets.admins.clone() });
    let base = auth::origin(&gateway, &headers).unwrap_or_default();
    let socket = base.replacen("http", "ws", 1);
    let urls =
        [("studio", "/studio"), ("room", "/room/"), ("docs", "/docs"), ("rest", "/v4/"), ("api", "/api/v1/")];
    let urls = urls.map(|(name, path)| (name, format!("{base}{path}")));
    Json(Settings {
        app: caller.app.0,
        apps: apps.collect(),
        currency: shared.shop.currency.to_string(),
        coin_price: shared.shop.coin_price,
        payments: Payments { configured: shared.config.shop.pay_page.is_some(), test: shared.development },
        limits: limits(&gateway),
        urls: urls.into_iter().chain([("socket", socket)]).collect(),
    })
}

/// Those that a merchant may run into, under their names in the configuration.
fn limits(gateway: &Gateway) -> BTreeMap<&'static str, u64> {
    let config = &gateway.shared.config;
    BTreeMap::from([
        ("room.messages_per_second", config.room.messages_per_second.into()),
        ("room.messages_per_second_per_user", config.room.messages_per_second_per_user.into()),
        ("room.message_bytes_max", config.room.message_bytes_max as u64),
        ("room.rooms_max", config.room.rooms_max as u64),
        ("room.rooms_per_owner_max", config.room.rooms_per_owner_max as u64),
        ("connection.connections_max", config.connection.connections_max as u64),
        ("pages.guests_per_minute", config.pages.guests_per_minute.into()),
        ("files.image_bytes_max", config.files.image_bytes_max),
        ("files.keep_days", config.files.keep_days.into()),
        ("shop.goods_max", config.shop.goods_max as u64),
        ("shop.coupons_max", config.shop.coupons_max as u64),
        ("shop.pay_within_secs", config.shop.pay_within_secs),
        ("shop.done_after_days", config.shop.done_after_days),
        ("shop.after_sale_days", config.shop.after_sale_days),
        ("webhooks.endpoints_max", config.webhooks.endpoints_max as u64),
        ("webhooks.attempts_max", config.webhooks.attempts_max.into()),
        ("webhooks.days_kept", config.webhooks.days_kept.into()),
    ])
}
