//! Live video at the edge: who pushes which room's stream, and who watches it. The protocols are in `hawker-media`.
//!
//! Streams belong to rooms of the app that the pages belong to: their addresses name a room and no app.

mod address;
mod answers;
mod news;
mod rtmp;
mod stream;

pub use address::{decoded, encoded};
pub use answers::Question;
pub use stream::{List, Stream, Viewer};

use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::secrets;
use crate::shared::Shared;
use hawker_core::{AppId, RoomId, Time};
use hawker_media::access::{self, Denied};
use hawker_store::{MediaTable, StoreError, StreamKeys};
use news::News;
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;

/// The application in the addresses of streams.
pub const APP: &str = "live";
/// An encoder that was silent for so long gives way to another with the same key.
const TAKEN_OVER_AFTER: Duration = Duration::from_secs(5);
/// Streams that begin or end, and of which the rooms have not heard yet.
const NEWS_MAX: usize = 4096;
/// Questions of clients that wait for an answer; more are refused.
const QUESTIONS_MAX: usize = 1024;

/// See the module.
pub struct Media {
    table: Arc<MediaTable>,
    streams: Mutex<HashMap<RoomId, Arc<Stream>>>,
    viewers: AtomicU64,
    news: mpsc::Sender<News>,
    questions: mpsc::Sender<Question>,
    rtmp: OnceLock<SocketAddr>,
}

/// What the tasks of [`start`] work on.
pub struct Inbound {
    news: mpsc::Receiver<News>,
    questions: mpsc::Receiver<Question>,
}

impl Media {
    /// Without a stream.
    pub fn new(table: MediaTable) -> (Self, Inbound) {
        let (news, news_inbound) = mpsc::channel(NEWS_MAX);
        let (questions, questions_inbound) = mpsc::channel(QUESTIONS_MAX);
        let media = Self {
            table: Arc::new(table),
            streams: Mutex::default(),
            viewers: AtomicU64::new(0),
            news,
            questions,
            rtmp: OnceLock::new(),
        };
        (media, Inbound { news: news_inbound, questions: questions_inbound })
    }

    /// Where encoders push, if anywhere.
    pub fn rtmp(&self) -> Option<SocketAddr> {
        self.rtmp.get().copied()
    }

    /// Asks something in the name of a client; the answer goes to its connection. `false`: too many ask.
    pub fn ask(&self, question: Question) -> bool {
        self.questions.try_send(question).is_ok()
    }

    /// The stream of a room that can be watched.
    pub fn stream(&self, room: &RoomId) -> Option<Arc<Stream>> {
        self.streams().get(room).filter(|stream| stream.is_ready()).cloned()
    }

    /// Ends the stream of a room, if there is one.
    fn cut(&self, room: &RoomId) {
        if let Some(stream) = self.streams().get(room) {
            stream.cut();
        }
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<RoomId, Arc<Stream>>> {
        self.streams.lock().expect("nobody panics while holding the streams")
    }

    /// Reads or writes the keys, off the threads that serve.
    async fn table<T: Send + 'static>(
        &self,
        work: impl FnOnce(&MediaTable) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let table = self.table.clone();
        tokio::task::spawn_blocking(move || work(&table)).await.expect("work on the table does not panic")
    }

    async fn keys(&self, app: AppId, room: &RoomId) -> Result<Option<StreamKeys>, StoreError> {
        let room = room.clone();
        self.table(move |table| table.keys(app, &room)).await
    }
}

/// New keys: 32 hexadecimal digits each.
fn new_keys() -> StreamKeys {
    let key = || secrets::bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
    StreamKeys { push: key(), play: key() }
}

/// A stream while somebody pushes it; it ends when this is dropped.
struct Publishing {
    shared: Arc<Shared>,
    room: RoomId,
    stream: Arc<Stream>,
    /// The room believes that there is a stream.
    told: bool,
}

impl Publishing {
    /// Takes the place of a room's encoder. `None`: another one pushes, or there are too many streams.
    fn begin(shared: &Arc<Shared>, room: RoomId, keys: StreamKeys, now: Time) -> Option<Self> {
        let (media, config) = (&shared.media, &shared.config.media);
        let mut streams = media.streams();
        let before = streams.get(&room);
        let is_busy = before.is_some_and(|before| now.since(before.heard_at()) < TAKEN_OVER_AFTER);
        if is_busy || (before.is_none() && streams.len() >= config.streams_max) {
            return None;
        }
        // What the room was told of the stream before holds until it is told something else.
        let told = before.is_some_and(|before| {
            before.cut();
            before.is_ready()
        });
        let stream = Arc::new(Stream::new(now, keys, config.log()));
        streams.insert(room.clone(), stream.clone());
        shared.metrics.live_streams.store(streams.len() as i64, Relaxed);
        drop(streams);
        Some(Self { shared: shared.clone(), room, stream, told })
    }

    /// The first frames are there: the room hears it.
    fn tell(&mut self) {
        self.told = true;
        self.send(News::Begun(self.room.clone(), self.stream.since));
    }

    fn send(&self, news: News) {
        if self.shared.media.news.try_send(news).is_err() {
            tracing::warn!(room = %self.room, "a room was not told of its stream: too many streams begin and end");
        }
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        self.stream.end();
        let mut streams = self.shared.media.streams();
        let is_ours = streams.get(&self.room).is_some_and(|stream| Arc::ptr_eq(stream, &self.stream));
        if is_ours {
            streams.remove(&self.room);
            self.shared.metrics.live_streams.store(streams.len() as i64, Relaxed);
        }
        drop(streams);
        // Of a stream that was taken over the room hears from its successor.
        if self.told && is_ours {
            self.send(News::Ended(self.room.clone(), self.shared.clock.now()));
        }
    }
}

impl Shared {
    /// Lets somebody watch a room's stream. `None`: there is none, or there are too many viewers.
    pub fn watch(self: &Arc<Self>, room: &RoomId) -> Option<Viewer> {
        let stream = self.media.stream(room)?;
        let viewer = Viewer::new(self, stream)?;
        Metrics::bump(&self.metrics.live_plays_total);
        Some(viewer)
    }

    /// Whether an address may play a stream.
    pub fn may_play(&self, stream: &Stream, room: &RoomId, query: &str) -> Result<(), Denied> {
        if !self.config.media.play_needs_signature {
            return Ok(());
        }
        access::signed(query, stream.play_key(), room.as_str(), self.clock.now().secs())
    }
}

/// Starts what serves live video. `interrupted` are rooms in which a stream ran when the server went down.
pub fn start(gateway: &Gateway, inbound: Inbound, listener: Option<TcpListener>, interrupted: Vec<RoomId>) {
    tokio::spawn(news::run(gateway.clone(), inbound.news, interrupted));
    tokio::spawn(answers::run(gateway.clone(), inbound.questions));
    let Some(listener) = listener else { return };
    match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => {
            if let Ok(addr) = listener.local_addr() {
                let _ = gateway.shared.media.rtmp.set(addr);
            }
            tokio::spawn(rtmp::run(gateway.clone(), listener));
        }
        Err(error) => tracing::error!(%error, "live video cannot be pushed"),
    }
}

pub use news::had_stream;
