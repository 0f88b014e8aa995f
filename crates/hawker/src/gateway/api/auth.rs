//! Who asks, and whether they may: a session of the console, or the key of an application.
//!
//! Every route has a [`Guard`]. Handlers behind one are given the [`Caller`], and what they change is entered in the audit
//! log when they are done.

use super::audit::{self, About, Unchanged};
use super::once::{self, Again};
use super::problem::{Fault, Problem};
use crate::console::scope::{self, Act, Scope};
use crate::console::{secret, session};
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hawker_core::{AppId, Time};
use hawker_store::{ApiKeyRecord, ConsoleSession, SecretHash};
use std::net::IpAddr;
use std::time::Duration;

/// The cookie of a session.
const COOKIE: &str = "hawker_console";
/// The header with the token that goes with it.
const CSRF: &str = "x-csrf-token";
/// How long browsers keep the cookie; the session may end before.
const COOKIE_SECS: u64 = 7 * 24 * 3600;
/// That a key was used is kept at most this often.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Who may use a route.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// Somebody who is logged in; no key.
    Console,
    /// Somebody who is logged in, or a key that may do this.
    Scope(Scope),
}

/// What stands before a route.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// Who may use it.
    pub need: Need,
    /// For a write, what it is called in the audit log.
    pub what: Option<&'static str>,
    /// With a key of its own it is done once.
    pub once: bool,
    /// Bytes of a body, if they are more than usual.
    pub body_max: Option<usize>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The app that it is about.
    pub app: AppId,
    /// A user of the console, or the name of a key.
    pub name: String,
    /// The same, so that no two are called the same.
    pub id: String,
    /// Where the request came from.
    pub from: IpAddr,
    /// Of one who is logged in.
    pub login: Option<Login>,
}

/// A session that is good.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whose.
    pub user: String,
    /// What is kept of its token.
    pub hash: SecretHash,
    /// What goes along with writes.
    pub csrf: String,
    /// When it ends, if it is used no more.
    pub ends_at: Time,
}

impl FromRequestParts<Gateway> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Gateway) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Fault::NotLoggedIn.into())
    }
}

impl FromRequestParts<Gateway> for Login {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        Caller::from_request_parts(parts, gateway).await?.login.ok_or_else(|| Fault::ConsoleOnly.into())
    }
}

impl FromRequestParts<Gateway> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        Ok(Self(from(gateway, parts)))
    }
}

/// Lets in who may come in, and enters what they did.
pub async fn guarded(
    State((gateway, guard)): State<(Gateway, Guard)>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    Metrics::bump(&gateway.shared.metrics.http_requests_total);
    let (mut parts, body) = request.into_parts();
    let caller = match let_in(&gateway, guard, &parts).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    parts.extensions.insert(caller.clone());
    let request = Request::from_parts(parts, body);
    let body_max = guard.body_max.unwrap_or(gateway.shared.config.connection.http_body_bytes_max);
    let mut response = match guard.once {
        true => once::run(&gateway, &caller, body_max, request, next).await,
        false => next.run(request).await,
    };
    let changed = |kept: &Extensions| kept.get::<Again>().is_none() && kept.get::<Unchanged>().is_none();
    if let Some(what) = guard.what
        && response.status().is_success()
        && changed(response.extensions())
    {
        let named = || params.iter().map(|(_, value)| value).collect::<Vec<_>>().join("/");
        let about = response.extensions_mut().remove().map_or_else(named, |About(about)| about);
        audit::enter(&gateway, caller.app, caller.name, what, about, caller.from).await;
    }
    response
}

/// Whoever asks, if it is somebody who may look at a part of the shop.
pub async fn reader(gateway: &Gateway, parts: &Parts, area: scope::Area) -> Option<Caller> {
    let_in(gateway, Guard::reads(area), parts).await.ok()
}

async fn let_in(gateway: &Gateway, guard: Guard, parts: &Parts) -> Result<Caller, Problem> {
    let caller = caller(gateway, parts).await?;
    let (caller, scopes) = match caller {
        Known::Login(caller) => {
            if !parts.method.is_safe() && !has_csrf(&parts.headers, caller.login.as_ref()) {
                return Err(Fault::Csrf.into());
            }
            return Ok(caller);
        }
        Known::Key(caller, scopes) => (caller, scopes),
    };
    match guard.need {
        Need::Console => Err(Fault::ConsoleOnly.into()),
        Need::Scope(scope) if scopes.contains(&scope) => Ok(caller),
        Need::Scope(scope) => {
            Err(Problem::from(Fault::ScopeMissing).with_detail(format!("the key does not have the scope {scope}")))
        }
    }
}

/// Who it turned out to be.
enum Known {
    Login(Caller),
    Key(Caller, Vec<Scope>),
}

async fn caller(gateway: &Gateway, parts: &Parts) -> Result<Known, Problem> {
    let now = gateway.shared.clock.now();
    let from = from(gateway, parts);
    if let Some(key) = bearer(&parts.headers) {
        let key = known_key(gateway, key, now).await?;
        let (name, id) = (format!("key {}", key.name), format!("key {}", key.id));
        let caller = Caller { app: key.app, name, id, from, login: None };
        return Ok(Known::Key(caller, scope::parse_list(&key.scopes)));
    }
    let token = cookie(&parts.headers).ok_or(Fault::NotLoggedIn)?;
    let login = known_session(gateway, token, now).await?;
    let (app, name, id) = (gateway.shared.pages_app, login.user.clone(), format!("user {}", login.user));
    Ok(Known::Login(Caller { app, name, id, from, login: Some(login) }))
}

async fn known_key(gateway: &Gateway, key: &str, now: Time) -> Result<ApiKeyRecord, Problem> {
    let hash = secret::hash(key);
    let console = &gateway.shared.console;
    let key = console.table(move |table| table.key(&hash)).await?.ok_or(Fault::BadKey)?;
    if now.since(key.used_at) >= TOUCH_EVERY {
        let id = key.id;
        console.table(move |table| table.touch_key(id, now)).await?;
    }
    Ok(key)
}

async fn known_session(gateway: &Gateway, token: &str, now: Time) -> Result<Login, Problem> {
    let hash = secret::hash(token);
    let console = &gateway.shared.console;
    let found = console.table(move |table| table.session(&hash)).await?;
    let mut session = found.filter(|session| session::ends_at(session) > now).ok_or(Fault::SessionEnded)?;
    if session::is_to_be_touched(&session, now) {
        console.table(move |table| table.touch_session(&hash, now)).await?;
        session.used_at = now;
    }
    Ok(login(session, token))
}

/// A session that is good, from its token.
pub fn login(session: ConsoleSession, token: &str) -> Login {
    let ends_at = session::ends_at(&session);
    Login { user: session.user, hash: secret::hash(token), csrf: session::csrf(token), ends_at }
}

fn has_csrf(headers: &HeaderMap, login: Option<&Login>) -> bool {
    let sent = headers.get(CSRF).map(HeaderValue::as_bytes);
    login.zip(sent).is_some_and(|(login, sent)| secret::same(login.csrf.as_bytes(), sent))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
    let mut each = all.flat_map(|cookies| cookies.split(';')).filter_map(|one| one.trim().split_once('='));
    each.find(|(name, _)| *name == COOKIE).map(|(_, token)| token)
}

/// Where a request came from: the other end of the connection, or whom a trusted proxy names.
fn from(gateway: &Gateway, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get().map_or(IpAddr::from([0; 4]), |Peer(peer)| *peer).to_canonical();
    if !gateway.shared.config.files.trust_forwarded {
        return peer;
    }
    // Proxies add to the end; what is before it, anybody may have written.
    let list = parts.headers.get_all("x-forwarded-for").into_iter().next_back().and_then(|list| list.to_str().ok());
    let last = list.and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    last.map_or(peer, |address| address.to_canonical())
}

/// Gives a browser the cookie of a session.
pub fn set_cookie(gateway: &Gateway, headers: &HeaderMap, token: &str) -> HeaderValue {
    written_cookie(gateway, headers, token, COOKIE_SECS)
}

/// Takes it away again.
pub fn drop_cookie(gateway: &Gateway, headers: &HeaderMap) -> HeaderValue {
    written_cookie(gateway, headers, "", 0)
}

/// How browsers reach this server, as far as the configuration or a request says it.
pub fn origin(gateway: &Gateway, headers: &HeaderMap) -> Option<String> {
    let files = &gateway.shared.config.files;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let public = files.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    public.or_else(|| files.origin_rule().origin(header).map(|origin| origin.to_string()))
}

fn written_cookie(gateway: &Gateway, headers: &HeaderMap, token: &str, secs: u64) -> HeaderValue {
    let secure = origin(gateway, headers).is_some_and(|origin| origin.starts_with("https://"));
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; Max-Age={secs}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&cookie).expect("tokens are plain text")
}

impl Guard {
    /// For looking at a part of the shop.
    pub fn reads(area: scope::Area) -> Self {
        Self { need: Need::Scope(Scope(area, Act::Read)), what: None, once: false, body_max: None }
    }

    /// For changing a part of the shop.
    pub fn writes(area: scope::Area, what: &'static str) -> Self {
        Self { need: Need::Scope(Scope(area, Act::Write)), what: Some(what), once: false, body_max: None }
    }

    /// For what only people may look at.
    pub fn shows() -> Self {
        Self { need: Need::Console, what: None, once: false, body_max: None }
    }

    /// For what only people may change.
    pub fn changes(what: &'static str) -> Self {
        Self { need: Need::Console, what: Some(what), once: false, body_max: None }
    }

    /// With a key of its own, it is done once, and answered the same when it comes again.
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// It brings more than other requests.
    pub fn large(self, body_max: usize) -> Self {
        Self { body_max: Some(body_max), ..self }
    }
}
