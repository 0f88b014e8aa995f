//! Brings events to endpoints, for as long as the server runs.
//!
//! Of each stream one delivery is on its way at a time, of each endpoint a few, of all endpoints together not more than
//! [`AT_ONCE_MAX`]. What became of each is kept before the next of its stream is sent: an endpoint may be told something
//! twice, if the server dies in between, but never in another order.

use super::client::{Said, Sender};
use super::{Schedule, pattern};
use crate::config::WebhooksConfig;
use crate::metrics::Metrics;
use crate::shared::Shared;
use hawker_store::{Due, Endpoint, Outcome, StoreError, Verdict, WebhookTable};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Deliveries that are on their way at once.
const AT_ONCE_MAX: usize = 256;
/// Events that are decided about in one transaction: others wait for the disk meanwhile.
const EVENTS_PER_STEP: usize = 500;
/// How often the courier looks up when nobody tells it that something has happened, and looks what is to be tried again.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// And at most this often, however much happens.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(20);
/// After a fault of the store.
const PAUSE: Duration = Duration::from_secs(5);
/// How often what is old is cleared away.
const CLEAR_EVERY: Duration = Duration::from_secs(60);
/// How much of it at once.
const CLEARED_MAX: usize = 1000;

/// The webhooks of a server.
pub struct Webhooks {
    /// Endpoints and deliveries.
    table: WebhookTable,
    /// Something has happened.
    news: Notify,
}

impl Webhooks {
    /// Over its tables.
    pub fn new(table: WebhookTable) -> Arc<Self> {
        Arc::new(Self { table, news: Notify::new() })
    }

    /// There may be something to bring.
    pub fn wake(&self) {
        self.news.notify_one();
    }

    /// Reads or writes the tables, off the threads that serve.
    pub async fn table<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&WebhookTable) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&this.table)).await;
        done.expect("work on the tables does not panic")
    }
}

/// Brings events until the server stops.
pub async fn run(shared: Arc<Shared>) {
    let mut courier = match Courier::new(shared) {
        Ok(courier) => courier,
        Err(error) => {
            tracing::error!(%error, "webhooks cannot be sent");
            return;
        }
    };
    loop {
        if let Err(error) = courier.round().await {
            tracing::warn!(%error, "webhooks wait, the store does not answer");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// An endpoint and one of its streams.
type Lane = (i64, String);

struct Courier {
    shared: Arc<Shared>,
    config: WebhooksConfig,
    schedule: Schedule,
    sender: Arc<Sender>,
    under_way: JoinSet<(Lane, Outcome)>,
    /// Came in while waiting, and is yet to be kept.
    done: Vec<(Lane, Outcome)>,
    lanes: HashSet<Lane>,
    clear_at: Instant,
}

impl Courier {
    fn new(shared: Arc<Shared>) -> Result<Self, reqwest::Error> {
        let config = shared.config.webhooks.clone();
        let sender = Sender::new(config.allow_private, Duration::from_secs(config.answer_secs))?;
        Ok(Self {
            shared,
            schedule: config.schedule(),
            config,
            sender: Arc::new(sender),
            under_way: JoinSet::new(),
            done: Vec::new(),
            lanes: HashSet::new(),
            clear_at: Instant::now(),
        })
    }

    /// Looks for what is to be done, begins it, and keeps what was done meanwhile.
    async fn round(&mut self) -> Result<(), StoreError> {
        let next_round = Instant::now() + LOOK_AT_MOST_EVERY;
        let mut more = false;
        for endpoint in self.shared.webhooks.table(WebhookTable::active).await? {
            more |= self.queue(&endpoint).await?;
            self.send_due(Arc::new(endpoint)).await?;
        }
        if Instant::now() >= self.clear_at {
            more |= self.clear().await?;
        }
        if !more {
            self.wait().await;
        }
        self.conclude().await?;
        tokio::time::sleep_until(next_round).await;
        Ok(())
    }

    /// Queues what has happened since; whether there may be more.
    async fn queue(&self, endpoint: &Endpoint) -> Result<bool, StoreError> {
        let (webhook, patterns, now) = (endpoint.id, endpoint.events.clone(), self.shared.clock.now());
        let bounds = (EVENTS_PER_STEP, self.config.waiting_max);
        let wants = move |kind: &str| pattern::wants(&patterns, kind);
        let queued = self.shared.webhooks.table(move |table| table.queue(webhook, now, bounds, wants)).await?;
        Ok(queued == EVENTS_PER_STEP)
    }

    /// Sends what is due to an endpoint, as far as there is room.
    async fn send_due(&mut self, endpoint: Arc<Endpoint>) -> Result<(), StoreError> {
        let here = self.lanes.iter().filter(|(webhook, _)| *webhook == endpoint.id).count();
        let room = (self.config.at_once_max.saturating_sub(here)).min(AT_ONCE_MAX.saturating_sub(self.lanes.len()));
        if room == 0 {
            return Ok(());
        }
        let (webhook, now) = (endpoint.id, self.shared.clock.now());
        // What is on its way is still due as far as the store knows.
        let due = self.shared.webhooks.table(move |table| table.due(webhook, now, here + room)).await?;
        let new: Vec<_> =
            due.into_iter().filter(|due| !self.lanes.contains(&(webhook, due.stream.clone()))).collect();
        for due in new.into_iter().take(room) {
            self.send(endpoint.clone(), due);
        }
        Ok(())
    }

    fn send(&mut self, endpoint: Arc<Endpoint>, due: Due) {
        let lane = (endpoint.id, due.stream.clone());
        self.lanes.insert(lane.clone());
        let (shared, sender, schedule) = (self.shared.clone(), self.sender.clone(), self.schedule);
        self.under_way.spawn(async move {
            let began = shared.clock.now();
            let Said { status, answer } = sender.send(&endpoint, &due, began).await;
            let at = shared.clock.now();
            let verdict = schedule.verdict(status, due.attempts, at);
            count(&shared.metrics, verdict);
            let took = at.since(began).as_millis() as u64;
            (lane, Outcome { delivery: due.id, at, status, took, answer, verdict })
        });
    }

    /// Waits until there may be something to do.
    async fn wait(&mut self) {
        let webhooks = self.shared.webhooks.clone();
        tokio::select! {
            Some(done) = self.under_way.join_next() => self.done.push(done.expect("sending does not panic")),
            () = webhooks.news.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }

    /// Keeps what became of deliveries.
    async fn conclude(&mut self) -> Result<(), StoreError> {
        while let Some(done) = self.under_way.try_join_next() {
            self.done.push(done.expect("sending does not panic"));
        }
        if self.done.is_empty() {
            return Ok(());
        }
        let (lanes, outcomes): (Vec<_>, Vec<_>) = self.done.drain(..).unzip();
        lanes.iter().for_each(|lane| _ = self.lanes.remove(lane));
        self.shared.webhooks.table(move |table| table.conclude(&outcomes)).await
    }

    /// Clears away what is old; whether there may be more.
    async fn clear(&mut self) -> Result<bool, StoreError> {
        let kept = Duration::from_secs(u64::from(self.config.days_kept) * 24 * 3600);
        let before = self.shared.clock.now() - kept;
        let cleared = self.shared.webhooks.table(move |table| table.clear(before, CLEARED_MAX)).await?;
        let more = cleared >= CLEARED_MAX;
        if !more {
            self.clear_at = Instant::now() + CLEAR_EVERY;
        }
        Ok(more)
    }
}

fn count(metrics: &Metrics, verdict: Verdict) {
    Metrics::bump(&metrics.webhook_attempts_total);
    match verdict {
        Verdict::Delivered => Metrics::bump(&metrics.webhooks_delivered_total),
        Verdict::Failed => Metrics::bump(&metrics.webhooks_failed_total),
        Verdict::Again(_) => {}
    }
}
