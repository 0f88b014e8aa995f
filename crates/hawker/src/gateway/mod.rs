//! HTTP: the REST API, the pages, and what operators ask.
//!
//! Connections arrive here from the shards, which saw that they are no WebSocket of ours.

mod api;
mod docs;
mod files;
mod live;
mod pages;
mod prefixed;
mod rest;
mod rooms;
mod upgrade;

pub use pages::DemoFiles;

use crate::letters::Ticket;
use crate::metrics::Metrics;
use crate::queues::{Inbox, Mailbox};
use crate::shared::Shared;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use hawker_core::answer::Answer;
use hawker_core::command::Command;
use hawker_core::engine::{Caller, Input};
use hawker_core::{AppId, Refusal, UserId};
use hyper_util::rt::{TokioIo, TokioTimer};
use prefixed::Prefixed;
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tower_service::Service;

/// Connections that wait to be taken over; more are dropped.
const HANDOVERS_MAX: usize = 4096;
/// How long a client may take for a request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request may wait for the rules.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request may take from its head to its answer: its body may not trickle in for ever.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Hands connections to the HTTP side.
#[derive(Clone)]
pub struct Handover(mpsc::Sender<(TcpStream, Vec<u8>)>);

/// Where they arrive.
pub type Arrivals = mpsc::Receiver<(TcpStream, Vec<u8>)>;

impl Handover {
    /// Both ends.
    pub fn new() -> (Self, Arrivals) {
        let (give, take) = mpsc::channel(HANDOVERS_MAX);
        (Self(give), take)
    }

    /// Gives a connection away, with what was read from it. `false`: the HTTP side is overrun, and it was dropped.
    pub fn give(&self, stream: TcpStream, read: Vec<u8>) -> bool {
        self.0.try_send((stream, read)).is_ok()
    }
}

/// What the handlers may use.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) shards: Arc<Vec<Arc<Mailbox>>>,
    pub(crate) guests: Arc<pages::GuestBook>,
    pub(crate) rooms: Arc<rooms::Cache>,
    pub(crate) under_way: Arc<api::UnderWay>,
}

impl Gateway {
    /// A gateway to the hub.
    pub fn new(shared: Arc<Shared>, inbox: Arc<Inbox>, shards: Vec<Arc<Mailbox>>) -> Self {
        let guests = Arc::new(pages::GuestBook::new(&shared));
        Self { shared, inbox, shards: Arc::new(shards), guests, rooms: Arc::default(), under_way: Arc::default() }
    }

    /// Asks the rules as an administrator.
    pub async fn ask(&self, app: AppId, admin: &str, command: Command) -> Result<Answer, AskError> {
        let (ticket, answer) = oneshot::channel();
        let by = Caller::Admin { app, user: UserId::from(admin) };
        let question = Input::Asked { by, ticket: Ticket::Http(ticket), command };
        let inbox = self.inbox.clone();
        // A full inbox makes who asks wait, and that must not hold up the other requests.
        let asked = tokio::task::spawn_blocking(move || inbox.ask(&mut vec![question]));
        asked.await.map_err(|_| AskError::Gone)?;
        let answered = tokio::time::timeout(ANSWER_TIMEOUT, answer).await.map_err(|_| AskError::Late)?;
        answered.map_err(|_| AskError::Gone)?.map_err(AskError::Refused)
    }

    fn router(&self) -> Router {
        let body_max = self.shared.config.connection.http_body_bytes_max;
        Router::new()
            .route("/v4/{service}/{command}", post(rest::call).options(rest::preflight))
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/metrics", get(metrics))
            .route("/api/v1/app", get(pages::app))
            .route("/api/v1/guests", post(pages::guest))
            .route(
                "/files/{file}/{name}",
                get(files::get).put(files::put).post(files::post).options(files::preflight),
            )
            .route("/live/{file}", get(live::stream).options(live::preflight))
            .route("/live/{room}/{file}", get(live::segment).options(live::preflight))
            .route("/", get(pages::home))
            .route("/room", get(pages::room))
            .route("/room/{*room}", get(pages::room))
            .route("/pay/{reference}", get(pages::pay))
            .route("/studio", get(pages::studio))
            .route("/console", get(pages::console))
            .route("/icon.svg", get(pages::icon))
            .route("/docs", get(docs::home))
            .route("/docs/", get(docs::home))
            .route("/docs/{*path}", get(docs::page))
            .route("/assets/{*path}", get(pages::asset))
            .route("/demo/{*path}", get(pages::demo_picture))
            .merge(api::router(self))
            .fallback(upgrade::or_not_found)
            .layer(DefaultBodyLimit::max(body_max))
            .with_state(self.clone())
    }

    /// Serves connections until no more arrive. There may be so many at once; more are dropped.
    pub async fn serve(self, mut arrivals: Arrivals) {
        let router = self.router();
        let upload_timeout = Duration::from_secs(self.shared.config.files.upload_secs);
        let room = Arc::new(Semaphore::new(self.shared.config.connection.http_connections_max));
        while let Some((stream, read)) = arrivals.recv().await {
            // Counted when it was accepted, and until it ends here; one that is upgraded is counted anew.
            let counted = Counted(self.shared.clone());
            let peer = stream.peer_addr().map_or(IpAddr::from([0; 4]), |peer| peer.ip());
            let (Ok(stream), Ok(place)) =
                (tokio::net::TcpStream::from_std(stream), room.clone().try_acquire_owned())
            else {
                Metrics::bump(&self.shared.metrics.connections_refused_total);
                continue;
            };
            let router = router.clone();
            tokio::spawn(async move {
                serve_connection(Prefixed::new(stream, read), api::Peer(peer), router, upload_timeout).await;
                drop((place, counted));
            });
        }
    }
}

/// One of the open connections, until it is dropped.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.metrics.connections.fetch_sub(1, Relaxed);
    }
}

async fn serve_connection(stream: Prefixed, peer: api::Peer, router: Router, upload_timeout: Duration) {
    let service = hyper::service::service_fn(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        let timeout = if files::is_upload(&request) { upload_timeout } else { REQUEST_TIMEOUT };
        let answer = router.clone().call(request);
        async move {
            // Reading the body is part of it: who trickles is not waited for.
            let answered = tokio::time::timeout(timeout, answer).await;
            answered.unwrap_or_else(|_| Ok(StatusCode::REQUEST_TIMEOUT.into_response()))
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    // What a client does to its connection is its own business.
    let _ = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

/// Why there is no answer.
#[derive(Debug)]
pub enum AskError {
    /// The rules say no.
    Refused(Refusal),
    /// They did not answer in time.
    Late,
    /// The server stops.
    Gone,
}

async fn metrics(State(gateway): State<Gateway>) -> impl IntoResponse {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], Metrics::render(&gateway.shared.metrics))
}
