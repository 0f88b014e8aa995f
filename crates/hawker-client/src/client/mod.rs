//! The client: a handle to a task that keeps one connection.

mod calls;
mod direct;
mod driver;
mod host;
mod queue;
mod shop;
mod upload;

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::Stream;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;
use crate::protocol::{Config, Event, Limits, Random, ReconnectPolicy, Request, Ticket};
use crate::types::UserId;
pub(crate) use calls::parse;
use driver::Driver;
pub use host::{Attributes, Words};
pub(crate) use queue::Queue;
pub use upload::{UploadKind, Uploaded};

/// Requests on their way from the handles to the task; a caller waits while it is full.
const COMMANDS_MAX: usize = 256;

/// How to reach a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectOptions {
    /// `ws://host:port`, with a path prefix if the server is behind one; `wss://` with the feature `tls`.
    pub url: String,
    /// The app (`SDKAppID`).
    pub sdk_app_id: u64,
    /// Let the server compress what it sends. Default: yes.
    pub compress: bool,
    /// Every bound there is.
    pub limits: Limits,
    /// How a lost connection is sought again.
    pub reconnect: ReconnectPolicy,
    /// Where all randomness of this client comes from; `None`: from the operating system. For tests.
    pub seed: Option<u64>,
}

impl ConnectOptions {
    /// The defaults for a server and an app.
    pub fn new(url: impl Into<String>, sdk_app_id: u64) -> ConnectOptions {
        ConnectOptions {
            url: url.into(),
            sdk_app_id,
            compress: true,
            limits: Limits::default(),
            reconnect: ReconnectPolicy::default(),
            seed: None,
        }
    }

    fn config(self) -> Config {
        Config {
            url: self.url,
            sdk_app_id: self.sdk_app_id,
            compress: self.compress,
            limits: self.limits,
            reconnect: self.reconnect,
        }
    }
}

/// What a handle asks of the task.
enum Command {
    Request(Ticket, Request, oneshot::Sender<Result<Value, Error>>),
    Abandon(Ticket),
    Close(oneshot::Sender<()>),
}

/// What handles and the task share.
#[derive(Default)]
struct Shared {
    /// One queue per receiver of events.
    queues: Mutex<Vec<Arc<Queue>>>,
    /// Who is logged in.
    user: Mutex<Option<UserId>>,
}

/// A connection to a server, kept over reconnects, and whoever is logged in on it.
///
/// Cheap to clone; all clones are the same client. The connection ends with the last of them, or with
/// [`Client::close`].
///
/// Dropping the future of a call harms nothing: the connection goes on, other calls get their answers. What was already
/// sent to the server is not taken back.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    commands: mpsc::Sender<Command>,
    next_ticket: AtomicU64,
    /// Makes the keys of writes that happen once.
    keys: Mutex<Random>,
    shared: Arc<Shared>,
    events_max: usize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("user", &self.user()).finish_non_exhaustive()
    }
}

impl Client {
    /// Connects. Must be called within a tokio runtime, which then runs the client's one task.
    ///
    /// Returns once the connection is open. Afterwards a lost connection is sought again by itself.
    ///
    /// # Errors
    /// [`Error::Address`] if the address cannot be one, [`Error::Disconnected`] if nobody answers there.
    pub async fn connect(options: ConnectOptions) -> Result<Client, Error> {
        check_scheme(&options.url)?;
        let (commands, receiver) = mpsc::channel(COMMANDS_MAX);
        let (opened, is_open) = oneshot::channel();
        let shared = Arc::new(Shared::default());
        let events_max = options.limits.events_max;
        let seed = options.seed.unwrap_or_else(random_seed);
        let driver = Driver::new(options.config(), seed, receiver, shared.clone(), opened);
        tokio::spawn(driver.run());
        is_open.await.unwrap_or(Err(Error::Closed))?;
        let keys = Mutex::new(Random::new(seed.rotate_left(32)));
        let inner = Inner { commands, next_ticket: AtomicU64::new(1), keys, shared, events_max };
        Ok(Client { inner: Arc::new(inner) })
    }

    /// Everything that happens from now on. Each receiver has its own bounded queue ([`Limits::events_max`]); one that
    /// does not keep up loses likes and member tips first and is told so by [`Event::Lagged`].
    pub fn events(&self) -> Events {
        let queue = Arc::new(Queue::new(self.inner.events_max));
        if self.inner.commands.is_closed() {
            queue.close();
        }
        self.inner.shared.queues.lock().expect("no panic while locked").push(queue.clone());
        Events { queue }
    }

    /// Who is logged in.
    pub fn user(&self) -> Option<UserId> {
        self.inner.shared.user.lock().expect("no panic while locked").clone()
    }

    /// A name for a write that shall happen once, however often it is sent.
    pub(crate) fn fresh_key(&self) -> String {
        let mut keys = self.inner.keys.lock().expect("no panic while locked");
        format!("{:016x}{:016x}", keys.next_u64(), keys.next_u64())
    }

    /// Ends the connection. Calls under way fail with [`Error::Closed`], event streams end.
    pub async fn close(&self) {
        let (closed, is_closed) = oneshot::channel();
        if self.inner.commands.send(Command::Close(closed)).await.is_ok() {
            let _ = is_closed.await;
        }
    }

    pub(crate) async fn request(&self, request: Request) -> Result<Value, Error> {
        let ticket = Ticket(self.inner.next_ticket.fetch_add(1, Ordering::Relaxed));
        let (answer, is_answered) = oneshot::channel();
        let command = Command::Request(ticket, request, answer);
        self.inner.commands.send(command).await.map_err(|_| Error::Closed)?;
        let mut guard = Abandoning { commands: &self.inner.commands, ticket: Some(ticket) };
        let result = is_answered.await.unwrap_or(Err(Error::Closed));
        guard.ticket = None;
        result
    }
}

/// Tells the task that nobody waits any more, if the waiting future is dropped. A full queue loses this word, which
/// costs no more than a request that need not have been sent.
struct Abandoning<'a> {
    commands: &'a mpsc::Sender<Command>,
    ticket: Option<Ticket>,
}

impl Drop for Abandoning<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            let _ = self.commands.try_send(Command::Abandon(ticket));
        }
    }
}

/// A stream of events, from [`Client::events`]. Ends when the client is closed.
pub struct Events {
    queue: Arc<Queue>,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Events {
    /// The next event; `None` when the client is closed. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|cx| self.queue.poll_pop(cx)).await
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        self.queue.clone()
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.queue.poll_pop(cx)
    }
}

/// Only addresses this build can connect to.
fn check_scheme(url: &str) -> Result<(), Error> {
    if url.starts_with("ws://") {
        return Ok(());
    }
    #[cfg(feature = "tls")]
    if url.starts_with("wss://") {
        // Whoever embeds this may have chosen another provider already; that one is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        return Ok(());
    }
    Err(Error::Address(url.to_owned()))
}

/// The standard library seeds its hash maps from the operating system; that is random enough for jitter.
fn random_seed() -> u64 {
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
