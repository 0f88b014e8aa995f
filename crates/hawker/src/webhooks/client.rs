//! Sends one delivery.

use super::{address, told};
use hawker_core::Time;
use hawker_store::{Due, Endpoint};
use hawker_wire::hook;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, StatusCode, redirect};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of an answer that are kept.
const ANSWER_BYTES_MAX: usize = 2048;
/// How long a connection to an endpoint may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections to one endpoint that are kept for the next delivery.
const IDLE_CONNECTIONS_MAX: usize = 2;

/// What an endpoint said: its status, or 0 if it did not answer; and the beginning of what else it said, or what went
/// wrong.
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// The text.
    pub answer: String,
}

/// An HTTP client that goes where it may, and nowhere else.
pub struct Sender {
    client: Client,
    allow_private: bool,
}

impl Sender {
    /// A client that waits so long for answers.
    pub fn new(allow_private: bool, answer_timeout: Duration) -> Result<Self, reqwest::Error> {
        // A second call finds a provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("hawker/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(answer_timeout)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .dns_resolver(Arc::new(Resolver { allow_private }))
            .build()?;
        Ok(Self { client, allow_private })
    }

    /// Sends a delivery and listens to the answer.
    pub async fn send(&self, endpoint: &Endpoint, due: &Due, now: Time) -> Said {
        let body = told(endpoint.app, due.event, &due.kind, due.at, &due.stream, &due.body);
        let Ok(url) = address::endpoint(&endpoint.url, self.allow_private) else {
            return Said { status: 0, answer: NOT_ALLOWED.into() };
        };
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("hawker-event", &due.kind)
            .header("hawker-delivery", due.id)
            .header(hook::TIMESTAMP, now.secs())
            .header(hook::SIGNATURE, hook::sign(&endpoint.secret, now.secs(), body.as_bytes()))
            .body(body);
        match request.send().await {
            Ok(response) => said(response).await,
            Err(error) => Said { status: 0, answer: reason(&error) },
        }
    }
}

const NOT_ALLOWED: &str = "the address is in a private network, and webhooks.allow_private is off";

async fn said(mut response: Response) -> Said {
    let status = response.status();
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX
        && let Ok(Some(piece)) = response.chunk().await
    {
        bytes.extend_from_slice(&piece[..piece.len().min(ANSWER_BYTES_MAX - bytes.len())]);
    }
    let mut answer = String::from_utf8_lossy(&bytes).into_owned();
    if answer.is_empty() {
        answer = status.canonical_reason().unwrap_or_default().to_owned();
    }
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        answer.insert_str(0, "redirects are not followed. ");
    }
    Said { status: status.as_u16(), answer }
}

/// The innermost reason says most.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let mut text = inner.to_string();
    text.truncate(text.floor_char_boundary(ANSWER_BYTES_MAX));
    text
}

/// Looks names up, and leaves out addresses that may not be gone to: what is connected to is what was checked.
struct Resolver {
    allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let good: Vec<_> = found.filter(|found| allow_private || address::is_public(found.ip())).collect();
            if good.is_empty() {
                return Err(NOT_ALLOWED.into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}
