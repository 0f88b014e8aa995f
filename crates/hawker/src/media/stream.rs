//! One stream: what its encoder sends, and those who watch.

use crate::metrics::Metrics;
use crate::shared::Shared;
use hawker_core::Time;
use hawker_media::flv::Kind;
use hawker_media::hls::Segmenter;
use hawker_media::relay::{Bounds, Cursor, Frame, Relay};
use hawker_store::StreamKeys;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Segments are made for so long after somebody has asked for one.
const SEGMENTS_FOR: Duration = Duration::from_secs(60);
/// Bytes that a viewer is given at once, about.
const TURN_BYTES: usize = 128 << 10;

/// See the module.
pub struct Stream {
    /// Since when it is pushed.
    pub since: Time,
    keys: StreamKeys,
    held: Mutex<Held>,
    progress: watch::Sender<Progress>,
    cut: Notify,
    heard_at: AtomicU64,
    viewers: AtomicU64,
}

struct Held {
    relay: Relay,
    segments: Option<Segments>,
    /// The number that the next segment gets, if none are made now.
    next_segment: u64,
}

struct Segments {
    segmenter: Segmenter,
    cursor: Cursor,
    asked_at: Time,
}

#[derive(Clone, Copy, Default)]
struct Progress {
    frames: u64,
    ended: bool,
}

/// What is shown of a stream.
pub struct Shown {
    /// Name of the pictures' codec, their width and height.
    pub video: Option<(&'static str, u16, u16)>,
    /// Name of the sound's codec.
    pub audio: Option<&'static str>,
    /// It can be watched over HLS.
    pub hls: bool,
    /// Kilobits a second.
    pub kbps: u64,
    /// How many watch.
    pub viewers: u64,
}

/// Whether a list of segments can be given.
pub enum List {
    /// This is it.
    Ready(String),
    /// There will be one.
    Soon,
    /// There will be none.
    Never,
}

impl Stream {
    /// A stream of which nothing has come.
    pub fn new(now: Time, keys: StreamKeys, bounds: Bounds) -> Self {
        let held = Held { relay: Relay::new(bounds), segments: None, next_segment: 0 };
        Self {
            since: now,
            keys,
            held: Mutex::new(held),
            progress: watch::Sender::new(Progress::default()),
            cut: Notify::new(),
            heard_at: AtomicU64::new(now.0),
            viewers: AtomicU64::new(0),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nobody panics while holding the stream")
    }

    /// Signs addresses to play it.
    pub fn play_key(&self) -> &str {
        &self.keys.play
    }

    /// It is pushed with these keys.
    pub fn has_keys(&self, keys: &StreamKeys) -> bool {
        self.keys == *keys
    }

    /// When its encoder has sent something last.
    pub fn heard_at(&self) -> Time {
        Time(self.heard_at.load(Relaxed))
    }

    /// Takes what the encoder has sent. `true`: from now on it can be watched.
    pub fn push(&self, now: Time, kind: Kind, at: u32, body: &[u8]) -> bool {
        self.heard_at.store(now.0, Relaxed);
        let mut held = self.held();
        let was_ready = held.relay.is_ready();
        if !held.relay.push(kind, at, body) {
            return false;
        }
        held.make_segments(now);
        let is_ready = held.relay.is_ready();
        drop(held);
        self.progress.send_modify(|progress| progress.frames += 1);
        is_ready && !was_ready
    }

    /// Viewers can be let in.
    pub fn is_ready(&self) -> bool {
        self.held().relay.is_ready()
    }

    /// Asks who pushes it to stop.
    pub fn cut(&self) {
        self.cut.notify_one();
    }

    /// Waits until that is asked.
    pub async fn is_cut(&self) {
        self.cut.notified().await;
    }

    /// Nothing comes any more.
    pub fn end(&self) {
        self.progress.send_modify(|progress| progress.ended = true);
    }

    /// What is shown of it.
    pub fn shown(&self) -> Shown {
        let held = self.held();
        let relay = &held.relay;
        Shown {
            video: relay.video().map(|video| (video.codec.name(), video.width, video.height)),
            audio: relay.audio().map(|audio| audio.codec.name()),
            hls: relay.fits_mp4(),
            kbps: relay.kbps(),
            viewers: self.viewers.load(Relaxed),
        }
    }

    /// Sound and pictures that it has.
    pub fn tracks(&self) -> (bool, bool) {
        let held = self.held();
        (held.relay.audio().is_some(), held.relay.video().is_some())
    }

    /// Addresses of its segments begin with this: no two streams share one.
    fn run(&self) -> String {
        format!("{:x}", self.since.0)
    }

    /// The list of segments, for a room's part of the path and the parameters that its addresses need.
    pub fn playlist(&self, now: Time, room: &str, query: &str) -> List {
        let base = format!("{room}/{}-", self.run());
        let mut held = self.held();
        if !held.relay.fits_mp4() {
            return List::Never;
        }
        let segments = held.segments(now);
        if segments.segmenter.has_segments() {
            return List::Ready(segments.segmenter.playlist(&base, query));
        }
        if self.progress.borrow().ended { List::Never } else { List::Soon }
    }

    /// A file that the list names.
    pub fn file(&self, now: Time, name: &str) -> Option<bytes::Bytes> {
        let (run, file) = name.split_once('-')?;
        let (number, kind) = file.split_once('.')?;
        let number = number.parse().ok().filter(|_| run == self.run())?;
        let mut held = self.held();
        let segments = held.segments.as_mut()?;
        segments.asked_at = now;
        match kind {
            "m4s" => segments.segmenter.segment(number),
            "mp4" => segments.segmenter.init(number),
            _ => None,
        }
    }

    /// Waits until something new has come. `false`: nothing will.
    pub async fn changed(&self) -> bool {
        let mut progress = self.progress.subscribe();
        !progress.borrow_and_update().ended && progress.changed().await.is_ok()
    }
}

impl Held {
    /// The segments; if nobody has asked lately, they are made from what there is.
    fn segments(&mut self, now: Time) -> &mut Segments {
        if self.segments.is_none() {
            self.segments = Some(Segments {
                segmenter: Segmenter::new(self.next_segment),
                cursor: self.relay.oldest(),
                asked_at: now,
            });
            self.make_segments(now);
        }
        let segments = self.segments.as_mut().expect("just made");
        segments.asked_at = now;
        segments
    }

    fn make_segments(&mut self, now: Time) {
        let Some(segments) = &mut self.segments else { return };
        if now.since(segments.asked_at) > SEGMENTS_FOR {
            self.next_segment = segments.segmenter.next();
            self.segments = None;
            return;
        }
        let frames = self.relay.read(&mut segments.cursor, usize::MAX);
        frames.iter().for_each(|frame| segments.segmenter.push(frame));
    }
}

/// Somebody who watches a stream, until it is dropped.
pub struct Viewer {
    /// The stream.
    pub stream: Arc<Stream>,
    shared: Arc<Shared>,
    cursor: Cursor,
    progress: watch::Receiver<Progress>,
}

impl Viewer {
    /// `None`: there are too many.
    pub(super) fn new(shared: &Arc<Shared>, stream: Arc<Stream>) -> Option<Self> {
        let most = shared.config.media.viewers_max;
        let watching = &shared.media.viewers;
        watching.fetch_update(Relaxed, Relaxed, |watching| (watching < most).then_some(watching + 1)).ok()?;
        stream.viewers.fetch_add(1, Relaxed);
        shared.metrics.live_viewers.fetch_add(1, Relaxed);
        let progress = stream.progress.subscribe();
        Some(Self { stream, shared: shared.clone(), cursor: Cursor::default(), progress })
    }

    /// What comes next; waits for it. `None`: the stream is over.
    pub async fn next(&mut self) -> Option<Vec<Arc<Frame>>> {
        loop {
            let ended = self.progress.borrow_and_update().ended;
            let frames = self.stream.held().relay.read(&mut self.cursor, TURN_BYTES);
            if !frames.is_empty() {
                Metrics::add(&self.shared.metrics.live_frames_out_total, frames.len() as u64);
                return Some(frames);
            }
            if ended || self.progress.changed().await.is_err() {
                return None;
            }
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.shared.media.viewers.fetch_sub(1, Relaxed);
        self.stream.viewers.fetch_sub(1, Relaxed);
        self.shared.metrics.live_viewers.fetch_sub(1, Relaxed);
    }
}
