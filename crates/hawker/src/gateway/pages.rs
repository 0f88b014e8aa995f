//! The pages that the binary brings along, and what they ask before they connect.

use super::{AskError, Gateway};
use crate::shared::Shared;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use flate2::{Compression, write::GzEncoder};
use hawker_core::command::Command;
use hawker_core::{Refusal, Time, UserId};
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

#[derive(Embed)]
#[folder = "../../web/console/dist"]
#[allow_missing = true]
struct ConsolePage;

/// Pictures of the demo room's goods, and what its viewers show.
#[derive(Embed)]
#[folder = "demo"]
pub struct DemoFiles;

impl DemoFiles {
    /// What viewers of the demo room show.
    pub fn photos() -> Vec<Bytes> {
        let photos = Self::iter().filter(|name| name.starts_with("photo-")).filter_map(|name| Self::get(&name));
        photos.map(|file| Bytes::from(file.data.into_owned())).collect()
    }
}

/// Nothing runs in our pages but our own files; pictures may come from anywhere, sockets go anywhere because the
/// chat may live on another host than the page, and video is put together by the page.
const POLICY: &str = "default-src 'self'; img-src 'self' https: http: data: blob:; connect-src 'self' ws: wss:; \
                      media-src 'self' blob:; \
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

/// The page of the test payment provider, which is there in development only.
pub async fn pay(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    if !gateway.shared.development {
        return StatusCode::NOT_FOUND.into_response();
    }
    page(RoomPage::get("pay.html"), &headers)
}

/// The host's page.
pub async fn studio(headers: HeaderMap) -> Response {
    page(StudioPage::get("index.html"), &headers)
}

/// The merchant's page.
pub async fn console(headers: HeaderMap) -> Response {
    page(ConsolePage::get("index.html"), &headers)
}

fn page(file: Option<EmbeddedFile>, headers: &HeaderMap) -> Response {
    let Some(file) = file else {
        return (StatusCode::NOT_FOUND, "this binary was built without the pages: make web\n").into_response();
    };
    file_response(&Embedded { file, kind: HTML.into() }, headers, "no-cache")
}

/// What stands for hawker in a browser's tabs: `GET /icon.svg`.
pub async fn icon() -> Response {
    const ICON: &str = include_str!("../../../../web/studio/src/icon.svg");
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    ([kind, (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"))], ICON).into_response()
}

/// A file that a page loads; its name changes with its content.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let file = match path.split_once('/') {
        Some(("room", _)) => RoomPage::get(&format!("assets/{path}")).or_else(|| in_root::<RoomPage>(&path)),
        Some(("studio", _)) => StudioPage::get(&format!("assets/{path}")).or_else(|| in_root::<StudioPage>(&path)),
        Some(("console", _)) => {
            ConsolePage::get(&format!("assets/{path}")).or_else(|| in_root::<ConsolePage>(&path))
        }
        _ => None,
    };
    match file {
        Some(file) => file_response(&Embedded::guessed(file), &headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The same file, if the build did not put it below `assets/`.
fn in_root<E: Embed>(path: &str) -> Option<EmbeddedFile> {
    E::get(path.split_once('/')?.1)
}

/// A picture of the demo room.
pub async fn demo_picture(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match DemoFiles::get(&path) {
        Some(file) => file_response(&Embedded::guessed(file), &headers, "public, max-age=3600"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

const HTML: &str = "text/html; charset=utf-8";

/// A file that the binary brings along, and what it is.
pub struct Embedded {
    file: EmbeddedFile,
    kind: String,
}

impl Embedded {
    /// What its name says.
    pub fn guessed(file: EmbeddedFile) -> Self {
        let kind = file.metadata.mimetype().to_owned();
        Self { file, kind }
    }

    /// A text to be read as it is.
    pub fn markdown(file: EmbeddedFile) -> Self {
        Self { file, kind: "text/markdown; charset=utf-8".into() }
    }
}

/// A file with the headers that every answer to a browser has.
pub fn file_response(embedded: &Embedded, request: &HeaderMap, cache: &'static str) -> Response {
    let Embedded { file, kind } = embedded;
    let packed = || gzipped(file.metadata.sha256_hash(), &file.data);
    response(kind, request, cache, packed, || Bytes::from(file.data.to_vec()))
}

/// A page that was made for this answer.
pub fn html_response(html: String, request: &HeaderMap) -> Response {
    let html = Bytes::from(html);
    response(HTML, request, "no-cache", || compressed(&html), || html.clone())
}

fn response(
    kind: &str,
    request: &HeaderMap,
    cache: &'static str,
    packed: impl FnOnce() -> Bytes,
    plain: impl FnOnce() -> Bytes,
) -> Response {
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
        return (headers, [(header::CONTENT_ENCODING, text("gzip"))], packed()).into_response();
    }
    (headers, plain()).into_response()
}

fn takes_gzip(request: &HeaderMap) -> bool {
    listed(request, header::ACCEPT_ENCODING).any(|name| name == "gzip")
}

/// Whether a browser would rather read Chinese than English.
pub fn prefers_chinese(request: &HeaderMap) -> bool {
    let mut known =
        listed(request, header::ACCEPT_LANGUAGE).filter(|tag| tag.starts_with("zh") || tag.starts_with("en"));
    known.next().is_some_and(|tag| tag.starts_with("zh"))
}

/// The entries of a header that lists what a client takes, without their weights.
fn listed(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let accepted = request.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').filter_map(|one| one.split(';').next()).map(str::trim)
}

/// Files by what is in them, compressed when first asked for. There are only as many as the binary brings along.
static GZIPPED: Mutex<BTreeMap<[u8; 32], Bytes>> = Mutex::new(BTreeMap::new());

fn gzipped(hash: [u8; 32], data: &[u8]) -> Bytes {
    let mut known = GZIPPED.lock().expect("nobody panics while holding it");
    known.entry(hash).or_insert_with(|| compressed(data)).clone()
}

fn compressed(data: &[u8]) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(data).expect("memory takes everything");
    Bytes::from(packed.finish().expect("memory takes everything"))
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
    let guest = Command::AddGuest { user: user.clone(), nick: Arc::from(nick) };
    match gateway.ask(app, "", guest).await {
        Ok(_) => {}
        Err(AskError::Refused(Refusal::WordRejected)) => {
            return refuse(StatusCode::UNPROCESSABLE_ENTITY, "choose another name");
        }
        Err(_) => return refuse(StatusCode::SERVICE_UNAVAILABLE, "try again"),
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

    #[test]
    fn the_first_language_that_there_is() {
        for (accepted, want) in
            [("zh-CN,zh;q=0.9,en;q=0.8", true), ("en-US,zh;q=0.5", false), ("fr, zh", true), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            assert_eq!(prefers_chinese(&headers), want, "{accepted}");
        }
    }
}
