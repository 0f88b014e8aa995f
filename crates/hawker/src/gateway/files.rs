//! Files over HTTP: put to signed addresses, read by everybody who knows one.
//!
//! What a stranger put is sent so that a browser does nothing with it but show a picture or play a sound: the type
//! is the one that was found in its bytes, is not to be guessed anew, and nothing may act; what is not shown is
//! saved. Any page may use it (`Access-Control-Allow-Origin`): who knows an address may read the file, and no
//! cookie plays a part.

use super::Gateway;
use crate::metrics::Metrics;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use hawker_core::Time;
use hawker_core::file::{FileId, FileKind, Permit};
use hawker_files::{Fault, Refused, Size, Version, fit};
use hawker_store::FileRecord;
use hawker_wire::files::grant::{BadGrant, FILES};
use hawker_wire::files::name;
use hawker_wire::files::range::{self, Part};
use hawker_wire::json;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The rest of a body that is not taken is read up to here, so that its sender hears why and not just an end.
const DRAIN_BYTES_MAX: usize = 4 << 20;
/// And for so long.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// What a form may have around its file.
const FORM_BYTES_MAX: u64 = 64 * 1024;
/// The field of a form that is the file.
const FORM_FIELD: &str = "file";
/// Files that are kept for ever may be remembered for so long, in seconds.
const CACHE_SECS_MAX: u64 = 365 * 24 * 3600;

/// Where the console and applications put pictures of the shop.
pub const PICTURES: &str = "/api/v1/pictures";

/// Whether a request brings a file, and so may take longer than others.
pub fn is_upload<B>(request: &axum::http::Request<B>) -> bool {
    let path = request.uri().path();
    matches!(*request.method(), Method::PUT | Method::POST) && (path.starts_with(FILES) || path == PICTURES)
}

/// Browsers ask before they put.
pub async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    shared_with_all((StatusCode::NO_CONTENT, headers).into_response())
}

/// Lets pages of any origin read a response.
fn shared_with_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified, Retry-After"),
    );
    headers
        .insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

// Putting.

/// Why something put is not taken.
pub enum NotTaken {
    /// The address is none of ours, or too old.
    Grant(BadGrant),
    /// The file is not as it must be.
    Refused(Refused),
    /// The body ended early, or stood still for too long.
    CutOff,
    /// The form is none, or has no file in it.
    BadForm(String),
}

impl From<Refused> for NotTaken {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// A body, or a file in a form, as it arrives.
type Pieces = BoxStream<'static, Result<Bytes, NotTaken>>;

/// `PUT` of a file.
pub async fn put(State(gateway): State<Gateway>, request: Request) -> Response {
    let (permit, headers, body) = match opened(&gateway, request) {
        Ok(opened) => opened,
        Err(bad) => return answer(&gateway, Err(bad)),
    };
    let mut pieces = body.into_data_stream().map(|piece| piece.map_err(|_| NotTaken::CutOff)).boxed();
    let taken = take(&gateway, permit, content_length(&headers), &mut pieces).await;
    answer(&gateway, taken)
}

/// `POST` of a form with a file in it, as mini-programs send it.
pub async fn post(State(gateway): State<Gateway>, request: Request) -> Response {
    let taken = take_form(&gateway, request).await;
    answer(&gateway, taken)
}

/// Takes a file that needs no signed address, because it is known who sends it.
pub async fn take_body(gateway: &Gateway, permit: Permit, request: Request) -> Result<FileRecord, NotTaken> {
    let (head, body) = request.into_parts();
    let mut pieces = body.into_data_stream().map(|piece| piece.map_err(|_| NotTaken::CutOff)).boxed();
    let taken = take(gateway, permit, content_length(&head.headers), &mut pieces).await;
    count(&gateway.shared.metrics, &taken);
    taken
}

fn opened(gateway: &Gateway, request: Request) -> Result<(Permit, HeaderMap, Body), NotTaken> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let now = gateway.shared.clock.now();
    let permit = gateway.shared.grants.check(target, now).map_err(NotTaken::Grant)?;
    Ok((permit, head.headers, body))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn take_form(gateway: &Gateway, request: Request) -> Result<FileRecord, NotTaken> {
    let (permit, headers, body) = opened(gateway, request)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let boundary = multer::parse_boundary(kind).map_err(|bad| NotTaken::BadForm(bad.to_string()))?;
    let most = permit.bytes_max.saturating_add(FORM_BYTES_MAX);
    if content_length(&headers).is_some_and(|declared| declared > most) {
        return Err(Refused::TooLarge(permit.bytes_max).into());
    }
    let limit = multer::SizeLimit::new().whole_stream(most);
    let constraints = multer::Constraints::new().size_limit(limit);
    let mut form = multer::Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let mut around = 0;
    loop {
        let field = tokio::time::timeout(gateway.stalled(), form.next_field()).await;
        let Some(field) = field.map_err(|_| NotTaken::CutOff)?.map_err(of_form)? else {
            return Err(NotTaken::BadForm(format!("the form has no field {FORM_FIELD}")));
        };
        let is_file = field.name() == Some(FORM_FIELD);
        let mut pieces: Pieces = field.map(|piece| piece.map_err(of_form)).boxed();
        if is_file {
            return take(gateway, permit, None, &mut pieces).await;
        }
        while let Some(piece) = next(gateway, &mut pieces).await? {
            around += piece.len() as u64;
            if around > FORM_BYTES_MAX {
                return Err(NotTaken::BadForm(format!("more than {FORM_BYTES_MAX} bytes before the file")));
            }
        }
    }
}

fn of_form(error: multer::Error) -> NotTaken {
    match error {
        multer::Error::StreamSizeExceeded { limit } => {
            Refused::TooLarge(limit.saturating_sub(FORM_BYTES_MAX)).into()
        }
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteStream => NotTaken::CutOff,
        other => NotTaken::BadForm(other.to_string()),
    }
}

/// The next piece, unless it is too long in coming.
async fn next(gateway: &Gateway, pieces: &mut Pieces) -> Result<Option<Bytes>, NotTaken> {
    let piece = tokio::time::timeout(gateway.stalled(), pieces.next()).await;
    piece.map_err(|_| NotTaken::CutOff)?.transpose()
}

async fn take(
    gateway: &Gateway,
    permit: Permit,
    declared: Option<u64>,
    pieces: &mut Pieces,
) -> Result<FileRecord, NotTaken> {
    let taken = take_all(gateway, permit, declared, pieces).await;
    if matches!(taken, Err(NotTaken::Refused(_))) {
        drain(pieces).await;
    }
    taken
}

async fn take_all(
    gateway: &Gateway,
    permit: Permit,
    declared: Option<u64>,
    pieces: &mut Pieces,
) -> Result<FileRecord, NotTaken> {
    let shared = &gateway.shared;
    let mut incoming = shared.files.begin(permit, declared, shared.clock.now()).await?;
    let _open = Open::count(&shared.metrics.uploads_open);
    while let Some(piece) = next(gateway, pieces).await? {
        incoming.write(&piece).await?;
    }
    Ok(incoming.finish().await?)
}

/// Counts something while it is there.
struct Open<'a>(&'a AtomicI64);

impl<'a> Open<'a> {
    fn count(gauge: &'a AtomicI64) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// A connection that is closed with bytes unread is reset, and the answer may be lost with it.
async fn drain(pieces: &mut Pieces) {
    let read = async {
        let mut left = DRAIN_BYTES_MAX;
        while let Some(Ok(piece)) = pieces.next().await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, read).await;
}

impl Gateway {
    fn stalled(&self) -> Duration {
        Duration::from_secs(self.shared.config.files.upload_stalled_secs)
    }
}

fn answer(gateway: &Gateway, taken: Result<FileRecord, NotTaken>) -> Response {
    count(&gateway.shared.metrics, &taken);
    let (status, body) = match &taken {
        Ok(record) => (StatusCode::OK, described(record)),
        Err(not_taken) => {
            let (status, info) = refusal(not_taken);
            (status, json::object(|body| _ = body.text("error", &info)))
        }
    };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = shared_with_all((status, headers, body).into_response());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn count(metrics: &Metrics, taken: &Result<FileRecord, NotTaken>) {
    match taken {
        Ok(record) => {
            Metrics::bump(&metrics.uploads_total);
            metrics.uploaded_bytes_total.fetch_add(record.bytes, Relaxed);
        }
        Err(_) => Metrics::bump(&metrics.uploads_refused_total),
    }
}

/// What a client may want to know of what it has put, so that it need not load it again.
fn described(record: &FileRecord) -> String {
    json::object(|body| {
        body.number("size", record.bytes).text("type", &record.media);
        if record.small_media.is_empty() {
            return;
        }
        let whole = Size { width: record.width, height: record.height };
        body.number("width", whole.width).number("height", whole.height);
        for (name, size) in ["thumb", "large"].into_iter().zip(fit(whole)) {
            body.object(name, |body| _ = body.number("width", size.width).number("height", size.height));
        }
    })
}

/// The status and the words of a refusal.
pub fn refusal(not_taken: &NotTaken) -> (StatusCode, String) {
    let refused = match not_taken {
        NotTaken::Grant(BadGrant::Forged) => return (StatusCode::FORBIDDEN, "the signature is wrong".into()),
        NotTaken::Grant(BadGrant::Expired) => return (StatusCode::FORBIDDEN, "the address has expired".into()),
        NotTaken::CutOff => return (StatusCode::BAD_REQUEST, "the file was cut off".into()),
        NotTaken::BadForm(why) => return (StatusCode::BAD_REQUEST, why.clone()),
        NotTaken::Refused(refused) => refused,
    };
    let status = match refused {
        Refused::Empty => StatusCode::BAD_REQUEST,
        Refused::TooLarge(_) | Refused::LargePicture(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refused::BadPicture(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::Taken | Refused::UnderWay => StatusCode::CONFLICT,
        Refused::TooOften(_) | Refused::UserBusy(_) => StatusCode::TOO_MANY_REQUESTS,
        Refused::UserFull(_) | Refused::UserDayFull(_) | Refused::AppFull(_) | Refused::AppDayFull(_) => {
            StatusCode::FORBIDDEN
        }
        Refused::Busy | Refused::PicturesBusy => StatusCode::SERVICE_UNAVAILABLE,
        Refused::Fault(fault) => {
            tracing::error!(error = %fault, "a file could not be stored");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    (status, refused.to_string())
}

// Reading.

/// `GET` and `HEAD` of a file.
pub async fn get(
    State(gateway): State<Gateway>,
    Path((file, name)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    Metrics::bump(&gateway.shared.metrics.downloads_total);
    let response = match find(&gateway, &file, &name).await {
        Ok(Some((record, version))) => {
            let asked = Asked { method: &method, headers: &headers };
            send(&gateway, &record, version, asked).await
        }
        Ok(None) => Ok(missing()),
        Err(fault) => Err(fault),
    };
    shared_with_all(response.unwrap_or_else(|fault| {
        tracing::error!(error = %fault, "a file could not be read");
        (StatusCode::SERVICE_UNAVAILABLE, [(header::CACHE_CONTROL, "no-store")], "try again\n").into_response()
    }))
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "there is no such file\n").into_response()
}

/// The file and version of an address; the address must be exactly the one that was given out.
async fn find(gateway: &Gateway, file: &str, name: &str) -> Result<Option<(FileRecord, Version)>, Fault> {
    let Some(file) = FileId::parse(file) else { return Ok(None) };
    let shared = &gateway.shared;
    let Some(record) = shared.files.find(file, shared.clock.now()).await? else { return Ok(None) };
    let version = match name {
        "thumb" if !record.small_media.is_empty() => Version::Thumb,
        "large" if !record.small_media.is_empty() => Version::Large,
        name => {
            let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
            let exact = stem == "original" && extension == record.extension && !name.ends_with('.');
            if !exact {
                return Ok(None);
            }
            Version::Original
        }
    };
    Ok(Some((record, version)))
}

/// What of a request matters.
#[derive(Clone, Copy)]
struct Asked<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
}

impl<'a> Asked<'a> {
    fn header(self, name: HeaderName) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the client has this already.
    fn has(self, etag: &str, modified: Time) -> bool {
        match self.header(header::IF_NONE_MATCH) {
            Some(tags) => {
                let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
                tags.any(|tag| tag == "*" || tag == etag)
            }
            None => {
                let since =
                    self.header(header::IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
                since.is_some_and(|since| since >= date(modified))
            }
        }
    }

    /// The part that is wanted. A condition on another version of the file makes it the whole.
    fn part(self, etag: &str, size: u64) -> Part {
        let applies = self.header(header::IF_RANGE).is_none_or(|condition| condition == etag);
        if *self.method == Method::GET && applies {
            range::part(self.header(header::RANGE), size)
        } else {
            Part::Whole
        }
    }
}

/// A moment in whole seconds, as HTTP has it.
fn date(time: Time) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(time.secs())
}

async fn send(
    gateway: &Gateway,
    record: &FileRecord,
    version: Version,
    asked: Asked<'_>,
) -> Result<Response, Fault> {
    let files = &gateway.shared.files;
    let etag = etag(record, version);
    let mut response = Response::new(Body::empty());
    describe(gateway, record, version, &etag, response.headers_mut());
    if asked.has(&etag, record.made_at) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let size = files.size(record, version).await?;
    let part = asked.part(&etag, size);
    let (status, range) = match part {
        Part::Whole => (StatusCode::OK, None),
        Part::Bytes { from, to } => (StatusCode::PARTIAL_CONTENT, Some(from..to)),
        Part::Outside => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            put_header(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    *response.status_mut() = status;
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    put_header(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
    if let Some(range) = &range {
        let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        put_header(response.headers_mut(), header::CONTENT_RANGE, &text);
    }
    if asked.method != Method::HEAD {
        *response.body_mut() = Body::from_stream(files.read(record, version, range).await?.stream);
    }
    Ok(response)
}

fn etag(record: &FileRecord, version: Version) -> String {
    let mut etag = String::from("\"");
    for byte in &record.sha256[..12] {
        let _ = write!(etag, "{byte:02x}");
    }
    let _ = write!(etag, "-{}\"", version.name());
    etag
}

fn describe(gateway: &Gateway, record: &FileRecord, version: Version, etag: &str, headers: &mut HeaderMap) {
    let media = if version == Version::Original { &record.media } else { &record.small_media };
    put_header(headers, header::CONTENT_TYPE, media);
    put_header(headers, header::ETAG, etag);
    put_header(headers, header::LAST_MODIFIED, &httpdate::fmt_http_date(date(record.made_at)));
    put_header(headers, header::ACCEPT_RANGES, "bytes");
    let shared = &gateway.shared;
    let left = shared.files.expires_at(record).map_or(CACHE_SECS_MAX, |at| at.since(shared.clock.now()).as_secs());
    let cache = format!("public, max-age={}, immutable", left.min(CACHE_SECS_MAX));
    put_header(headers, header::CACHE_CONTROL, &cache);
    if record.kind == FileKind::Other {
        put_header(headers, header::CONTENT_DISPOSITION, &name::disposition(&record.name));
    }
}

/// Sets a header; all our values are plain ASCII.
fn put_header(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
