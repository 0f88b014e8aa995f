//! A WebSocket on a connection that has served HTTP before, as some proxies ask for it.
//!
//! Fresh connections are upgraded by the shards themselves; this is the way back to them.

use super::Gateway;
use super::prefixed::Prefixed;
use crate::letters::ToShard;
use crate::upgrade::{Upgrade, upgrade_of};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hawker_wire::ws;
use hyper_util::rt::TokioIo;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static NEXT_SHARD: AtomicUsize = AtomicUsize::new(0);

/// Everything that no route wants.
pub async fn or_not_found(State(gateway): State<Gateway>, mut request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let (Some(mut upgrade), Some(key)) = (upgrade_of(target), websocket_key(request.headers())) else {
        return (StatusCode::NOT_FOUND, "nothing here\n").into_response();
    };
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    upgrade.origin = gateway.shared.config.files.origin_rule().origin(header);
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            to_shard(&gateway, upgraded, upgrade);
        }
    });
    switching_protocols(&key)
}

/// The answer to a request for a WebSocket.
pub(super) fn switching_protocols(key: &str) -> Response {
    let accept = HeaderValue::from_str(&ws::accept_key(key));
    let Ok(accept) = accept else { return StatusCode::BAD_REQUEST.into_response() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// The key of a request for a WebSocket.
pub(super) fn websocket_key(headers: &HeaderMap) -> Option<String> {
    let is = |name, value: &str| {
        headers.get(name).is_some_and(|it: &HeaderValue| it.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
    };
    let websocket = is(header::UPGRADE, "websocket") && is(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    (websocket && key.len() == 24).then(|| key.to_owned())
}

fn to_shard(gateway: &Gateway, upgraded: hyper::upgrade::Upgraded, upgrade: Upgrade) {
    let Ok(parts) = upgraded.downcast::<TokioIo<Prefixed>>() else { return };
    let (stream, mut sent) = parts.io.into_inner().into_parts();
    sent.extend_from_slice(&parts.read_buf);
    let Ok(stream) = stream.into_std() else { return };
    let shard = NEXT_SHARD.fetch_add(1, Relaxed) % gateway.shards.len();
    gateway.shared.metrics.connections.fetch_add(1, Relaxed);
    gateway.shards[shard].put(&mut vec![ToShard::Upgraded(stream, Box::new(upgrade), sent)]);
}
