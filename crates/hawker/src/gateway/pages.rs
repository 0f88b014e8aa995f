//! The pages that the binary brings along, and what they ask before they connect.

use super::Gateway;
use crate::shared::Shared;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use flate2::{Compression, write::GzEncoder};
use hawker_core::command::Command;
use hawker_core::{Time, UserId};
use rust_embed::{Embed, EmbeddedFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Embed)]
#[folder = "../../web/room/dist"]
#[allow_missing = true]
struct RoomPage;

#[derive(Embed)]
#[folder = "../../web/studio/dist"]
#[allow_missing = true]
struct StudioPage;

/// Pictures of the demo room's goods.
#[derive(Embed)]
#[folder = "demo"]
struct DemoPictures;

/// Nothing runs in our pages but our own files; pictures may come from anywhere, sockets go anywhere because the
/// chat may live on another host than the page.
const POLICY: &str = "default-src 'self'; img-src 'self' https: http: data:; connect-src 'self' ws: wss:; \
                      style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'";

/// How long a guest's signature is good.
const GUEST_SECS: u64 = 24 * 3600;
/// A guest's name, in bytes.
const NICK_BYTES_MAX: usize = 60;

/// The way in.
pub async fn home() -> Redirect {
    Redirect::temporary("/studio")
}

/// The viewer's page.
pub async fn room(headers: HeaderMap) -> Response {
    page(RoomPage::get("index.html"), &headers)
}

/// The host's page.
pub async fn studio(headers: HeaderMap) -> Response {
    page(StudioPage::get("index.html"), &headers)
}

fn page(file: Option<EmbeddedFile>, headers: &HeaderMap) -> Response {
    let Some(file) = file else {
        return (StatusCode::NOT_FOUND, "this binary was built without the pages: make web\n").into_response();
    };
    file_response(&file, headers, "text/html; charset=utf-8", "no-cache")
}

/// A file that a page loads; its name changes with its content.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let file = match path.split_once('/') {
        Some(("room", _)) => RoomPage::get(&format!("assets/{path}")).or_else(|| in_root::<RoomPage>(&path)),
        Some(("studio", _)) => StudioPage::get(&format!("assets/{path}")).or_else(|| in_root::<StudioPage>(&path)),
        _ => None,
    };
    match file {
        Some(file) => {
            let kind = file.metadata.mimetype().to_owned();
            file_response(&file, &headers, &kind, "public, max-age=31536000, immutable")
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The same file, if the build did not put it below `assets/`.
fn in_root<E: Embed>(path: &str) -> Option<EmbeddedFile> {
    E::get(path.split_once('/')?.1)
}

/// A picture of the demo room.
pub async fn demo_picture(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match DemoPictures::get(&path) {
        Some(file) => file_response(&file, &headers, "image/svg+xml", "public, max-age=3600"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn file_response(file: &EmbeddedFile, request: &HeaderMap, kind: &str, cache: &'static str) -> Response {
    let text = |text: &'static str| HeaderValue::from_static(text);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_str(kind).unwrap_or(text("application/octet-stream"))),
        (header::CACHE_CONTROL, text(cache)),
        (header::VARY, text("accept-encoding")),
        (header::CONTENT_SECURITY_POLICY, text(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, text("nosniff")),
        (header::REFERRER_POLICY, text("same-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), text("same-origin")),
    ];
    if takes_gzip(request) && (kind.starts_with("text/") || kind.contains("svg") || kind.contains("json")) {
        return (headers, [(header::CONTENT_ENCODING, text("gzip"))], gzipped(file)).into_response();
    }
    (headers, file.data.to_vec()).into_response()
}

fn takes_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|one| one.split(';').next().is_some_and(|name| name.trim() == "gzip"))
}

/// Files by what is in them, compressed when first asked for. There are only as many as the binary brings along.
static GZIPPED: Mutex<BTreeMap<[u8; 32], Bytes>> = Mutex::new(BTreeMap::new());

fn gzipped(file: &EmbeddedFile) -> Bytes {
    let mut known = GZIPPED.lock().expect("nobody panics while holding it");
    let compress = || {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&file.data).expect("memory takes everything");
        Bytes::from(packed.finish().expect("memory takes everything"))
    };
    known.entry(file.metadata.sha256_hash()).or_insert_with(compress).clone()
}

/// Which app the pages belong to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    #[serde(rename = "sdkAppID")]
    sdk_app_id: u32,
    guests: bool,
}

/// `GET /api/v1/app`.
pub async fn app(State(gateway): State<Gateway>) -> Json<App> {
    Json(App { sdk_app_id: gateway.shared.pages_app.0, guests: gateway.shared.guests })
}

/// Counts guests, so that nobody fills the server with them.
pub struct GuestBook {
    per_minute: u32,
    minute: Mutex<(Time, u32)>,
}

impl GuestBook {
    /// An empty book.
    pub fn new(shared: &Shared) -> Self {
        Self { per_minute: shared.config.pages.guests_per_minute, minute: Mutex::new((shared.clock.now(), 0)) }
    }

    fn admit(&self, now: Time) -> bool {
        let mut minute = self.minute.lock().expect("nobody panics while holding the book");
        if now.since(minute.0).as_secs() >= 60 {
            *minute = (now, 0);
        }
        minute.1 += 1;
        minute.1 <= self.per_minute
    }
}

/// A viewer with a name and no account.
#[derive(Deserialize)]
pub struct Newcomer {
    nick: String,
}

/// What signs a guest in.
#[derive(Serialize)]
pub struct Guest {
    #[serde(rename = "sdkAppID")]
    sdk_app_id: u32,
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "userSig")]
    user_sig: String,
    expires: u64,
}

/// `POST /api/v1/guests`.
pub async fn guest(State(gateway): State<Gateway>, Json(newcomer): Json<Newcomer>) -> Response {
    let shared = &gateway.shared;
    let nick = newcomer.nick.trim();
    let refuse =
        |status: StatusCode, why: &str| (status, Json(serde_json::json!({ "error": why }))).into_response();
    if !shared.guests {
        return refuse(StatusCode::FORBIDDEN, "guests are not allowed here");
    }
    if nick.is_empty() || nick.len() > NICK_BYTES_MAX {
        return refuse(StatusCode::BAD_REQUEST, "nick must have 1 to 60 bytes");
    }
    if !gateway.guests.admit(shared.clock.now()) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "too many guests, try again in a minute");
    }
    let app = shared.pages_app;
    let user = UserId::from(format!("guest_{}", crate::secrets::name()));
    let import = Command::ImportAccount { user: user.clone(), nick: Some(Arc::from(nick)), avatar: None };
    if gateway.ask(app, "", import).await.is_err() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "try again");
    }
    let Some(user_sig) = shared.sign(app, &user, GUEST_SECS) else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the pages have no app");
    };
    let expires = shared.clock.now().secs() + GUEST_SECS;
    Json(Guest { sdk_app_id: app.0, user_id: user.to_string(), user_sig, expires }).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_compressed_for_those_who_say_so() {
        for (accepted, want) in
            [("gzip", true), ("br, gzip;q=0.8", true), ("br", false), ("gzipped", false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(takes_gzip(&headers), want, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
