//! From one publisher to its viewers: one timeline, one log of the last seconds, and a place in it for each viewer.
//!
//! A viewer holds nothing but its [`Cursor`]; frames lie in the log once, however many watch. Whoever is too slow falls
//! out of the log's end and goes on at the newest key frame. So what a stream costs is bounded by [`Bounds`], whatever
//! its viewers do.

mod timeline;

use crate::flv::{self, Codec, Kind, Meaning, Role};
use crate::rtmp;
use crate::track::{AudioTrack, VideoTrack};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use timeline::Timeline;

/// Bytes of a codec's header, and of what is said of a stream. Others are not taken.
pub const HEADER_BYTES_MAX: usize = 64 << 10;
/// So long a stream may take until all its tracks have begun; then it is shown as it is.
const COMPLETE_WITHIN_MS: u64 = 1000;

/// How much a log holds.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of all frames. RTMP viewers have them written a second time.
    pub bytes_max: usize,
    /// Frames.
    pub frames_max: usize,
    /// Milliseconds from the first to the last.
    pub span_ms_max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes_max: 16 << 20, frames_max: 4096, span_ms_max: 15_000 }
    }
}

/// A frame, or a header, as all viewers are sent it.
#[derive(Debug)]
pub struct Frame {
    /// Which.
    pub kind: Kind,
    /// When it is decoded, in milliseconds of the stream.
    pub at: u64,
    /// What its body says of itself.
    pub meaning: Meaning,
    flv: Bytes,
    rtmp: OnceLock<Bytes>,
}

impl Frame {
    fn new(kind: Kind, at: u64, meaning: Meaning, body: &[u8]) -> Self {
        Self { kind, at, meaning, flv: flv::tag(kind, at as u32, body), rtmp: OnceLock::new() }
    }

    /// As an FLV tag.
    pub fn flv(&self) -> Bytes {
        self.flv.clone()
    }

    /// As an RTMP message.
    pub fn rtmp(&self) -> Bytes {
        self.rtmp.get_or_init(|| rtmp::message(self.kind, self.at as u32, self.body())).clone()
    }

    /// The body of the tag.
    pub fn body(&self) -> Bytes {
        self.flv.slice(flv::TAG_HEAD_BYTES..self.flv.len() - flv::TAG_TAIL_BYTES)
    }

    /// The codec's own bytes.
    pub fn payload(&self) -> Bytes {
        let body = self.body();
        body.slice(self.meaning.payload_at.min(body.len())..)
    }

    /// The same at another time: headers are sent at the time of what follows them.
    fn moved(&self, at: u64) -> Self {
        Self::new(self.kind, at, self.meaning, &self.body())
    }
}

/// What a viewer needs before the first frame.
#[derive(Clone, Default)]
struct Headers {
    data: Option<Arc<Frame>>,
    video: Option<Arc<Frame>>,
    audio: Option<Arc<Frame>>,
}

struct Entry {
    frame: Arc<Frame>,
    /// Those that hold for it.
    headers: Arc<Headers>,
    /// A viewer can begin here.
    start: bool,
}

/// See the module.
pub struct Relay {
    bounds: Bounds,
    timeline: Timeline,
    headers: Arc<Headers>,
    video: Option<VideoTrack>,
    audio: Option<AudioTrack>,
    log: VecDeque<Entry>,
    /// The number of the first entry of the log.
    first: u64,
    bytes: usize,
    /// The number of the newest entry where a viewer can begin, if it is in the log.
    newest_start: Option<u64>,
    complete: bool,
}

/// Where a viewer is.
#[derive(Clone, Default)]
pub struct Cursor {
    next: Option<u64>,
    /// What it was given.
    headers: Headers,
    /// It waits for a key frame.
    waiting: bool,
}

impl Relay {
    /// A stream of which nothing has come.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            timeline: Timeline::default(),
            headers: Arc::default(),
            video: None,
            audio: None,
            log: VecDeque::new(),
            first: 0,
            bytes: 0,
            newest_start: None,
            complete: false,
        }
    }

    /// Takes what the publisher has sent. `false`: it is of no use to anybody, and was left out.
    pub fn push(&mut self, kind: Kind, at: u32, body: &[u8]) -> bool {
        let Some(meaning) = flv::meaning(kind, body) else { return false };
        if kind == Kind::Data || meaning.role == Role::Header {
            return self.header(kind, meaning, body);
        }
        if meaning.role == Role::Other || !self.can_decode(kind, meaning.codec) {
            return false;
        }
        match kind {
            Kind::Video if self.video.is_none() => self.video = Some(VideoTrack::of(meaning.codec, &[])),
            Kind::Audio if self.audio.is_none() => self.audio = Some(AudioTrack::of(meaning.codec, &[])),
            _ => {}
        }
        let at = self.timeline.place(kind, at);
        let start = meaning.role == Role::Key || (kind == Kind::Audio && self.video.is_none());
        let frame = Arc::new(Frame::new(kind, at, meaning, body));
        self.bytes += frame.flv.len();
        if start {
            self.newest_start = Some(self.end());
        }
        self.log.push_back(Entry { frame, headers: self.headers.clone(), start });
        self.forget();
        self.complete = self.complete || self.has_all() || at >= COMPLETE_WITHIN_MS;
        true
    }

    fn header(&mut self, kind: Kind, meaning: Meaning, body: &[u8]) -> bool {
        if body.len() > HEADER_BYTES_MAX {
            return false;
        }
        let held = match kind {
            Kind::Data => &self.headers.data,
            Kind::Video => &self.headers.video,
            Kind::Audio => &self.headers.audio,
        };
        if held.as_ref().is_some_and(|held| held.body() == body) {
            return true;
        }
        let frame = Arc::new(Frame::new(kind, self.timeline.newest(), meaning, body));
        let mut headers = Headers::clone(&self.headers);
        match kind {
            Kind::Data => headers.data = Some(frame),
            Kind::Video => {
                self.video = Some(VideoTrack::of(meaning.codec, &frame.payload()));
                headers.video = Some(frame);
            }
            Kind::Audio => {
                self.audio = Some(AudioTrack::of(meaning.codec, &frame.payload()));
                headers.audio = Some(frame);
            }
        }
        self.headers = Arc::new(headers);
        true
    }

    /// Frames without the header of their codec are noise.
    fn can_decode(&self, kind: Kind, codec: Codec) -> bool {
        let header = if kind == Kind::Video { &self.headers.video } else { &self.headers.audio };
        header.as_ref().map_or(!codec.needs_header(), |header| header.meaning.codec == codec)
    }

    /// Keeps the log within its bounds; what has just come stays.
    fn forget(&mut self) {
        let newest = self.timeline.newest();
        while self.log.len() > 1 {
            let oldest = &self.log[0].frame;
            let span = newest.saturating_sub(oldest.at);
            let Bounds { bytes_max, frames_max, span_ms_max } = self.bounds;
            if self.bytes <= bytes_max && self.log.len() <= frames_max && span <= span_ms_max {
                break;
            }
            self.bytes -= oldest.flv.len();
            self.log.pop_front();
            self.first += 1;
        }
        self.newest_start = self.newest_start.filter(|start| *start >= self.first);
    }

    /// Sound and pictures are there.
    fn has_all(&self) -> bool {
        self.video.is_some() && self.audio.is_some()
    }

    fn end(&self) -> u64 {
        self.first + self.log.len() as u64
    }

    /// Viewers can be let in: all tracks have begun, or were waited for long enough.
    pub fn is_ready(&self) -> bool {
        self.complete
    }

    /// The pictures.
    pub fn video(&self) -> Option<&VideoTrack> {
        self.video.as_ref()
    }

    /// The sound.
    pub fn audio(&self) -> Option<&AudioTrack> {
        self.audio.as_ref()
    }

    /// MP4 can hold it.
    pub fn fits_mp4(&self) -> bool {
        let video = self.video.as_ref().map(|video| video.entry.is_some());
        let audio = self.audio.as_ref().map(|audio| audio.entry.is_some());
        video.or(audio).unwrap_or(false)
    }

    /// Bytes of frames in the log.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Kilobits a second, over what is in the log.
    pub fn kbps(&self) -> u64 {
        let oldest = self.log.front().map_or(0, |entry| entry.frame.at);
        let span = self.timeline.newest().saturating_sub(oldest);
        (self.bytes as u64 * 8).checked_div(span).unwrap_or(0)
    }

    /// A place at the oldest frame where one can begin, for those who want all that there is.
    pub fn oldest(&self) -> Cursor {
        let at = self.log.iter().position(|entry| entry.start);
        let next = at.map_or(self.end(), |at| self.first + at as u64);
        Cursor { next: Some(next), waiting: at.is_none(), ..Cursor::default() }
    }

    /// The frames that come next for a viewer, with the headers that it has not been given: about so many bytes. None:
    /// it has them all. A new viewer begins at the newest key frame.
    pub fn read(&self, cursor: &mut Cursor, bytes_max: usize) -> Vec<Arc<Frame>> {
        let mut frames = Vec::new();
        let mut bytes = 0;
        let mut next = match cursor.next {
            Some(next) if next >= self.first => next,
            _ => {
                cursor.waiting = self.newest_start.is_none();
                self.newest_start.unwrap_or(self.end())
            }
        };
        while bytes < bytes_max
            && let Some(entry) = self.log.get((next - self.first) as usize)
        {
            next += 1;
            cursor.waiting = cursor.waiting && !entry.start;
            if cursor.waiting {
                continue;
            }
            if changed(&cursor.headers.video, &entry.headers.video) && self.video.is_some() && !entry.start {
                // Pictures of another kind begin: what comes before their key frame cannot be shown.
                cursor.waiting = entry.frame.kind == Kind::Video;
                if cursor.waiting {
                    continue;
                }
            } else {
                cursor.headers.give(&entry.headers, entry.frame.at, &mut frames);
            }
            bytes += entry.frame.flv.len();
            frames.push(entry.frame.clone());
        }
        cursor.next = Some(next);
        frames
    }
}

fn changed(given: &Option<Arc<Frame>>, current: &Option<Arc<Frame>>) -> bool {
    match (given, current) {
        (Some(given), Some(current)) => !Arc::ptr_eq(given, current),
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

impl Headers {
    /// Gives those that are new.
    fn give(&mut self, current: &Headers, at: u64, frames: &mut Vec<Arc<Frame>>) {
        for (given, current) in
            [(&mut self.data, &current.data), (&mut self.video, &current.video), (&mut self.audio, &current.audio)]
        {
            if changed(given, current) {
                given.clone_from(current);
                frames.extend(current.as_ref().map(|header| Arc::new(header.moved(at))));
            }
        }
    }
}

#[cfg(test)]
mod tests;
