//! HLS: segments of fragmented MP4, and the list of them.
//!
//! A segment begins at a key frame if one comes in time. Times are those of the stream, so segments of any two moments
//! fit together.

use crate::flv::{Kind, Role};
use crate::relay::Frame;
use crate::track::{AudioTrack, VideoTrack, samples_in};
use bytes::Bytes;
use shiguredo_mp4::boxes::{MfhdBox, MoofBox, SampleEntry, TfdtBox, TfhdBox, TrafBox, TrunBox, TrunSample};
use shiguredo_mp4::mux::{Fmp4SegmentMuxer, Sample as InitSample};
use shiguredo_mp4::{Encode, SampleFlags, TrackKind};
use std::collections::VecDeque;
use std::fmt::Write;
use std::num::NonZeroU32;

/// A key frame after so long begins a segment.
const SEGMENT_MS_MIN: u64 = 1_500;
/// The first segment is cut after so long, key frame or not; its length is the bound of all others.
const SEGMENT_MS_MAX: u64 = 10_000;
/// A segment is cut when it has so many bytes.
const SEGMENT_BYTES_MAX: usize = 12 << 20;
/// Segments in the list.
const LISTED_MAX: usize = 6;
/// Segments that can be fetched: a player may have read the list a moment ago.
const KEPT_MAX: usize = LISTED_MAX + 3;
/// Bytes of them; the oldest give way.
const KEPT_BYTES_MAX: usize = 48 << 20;
/// Sound that is further away from its clock than this has paused or jumped.
const DRIFT_MS_MAX: u64 = 100;
/// Units a second of pictures.
const VIDEO_SCALE: u64 = 90_000;

/// A segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its number in the list.
    pub number: u64,
    /// How long it is.
    pub ms: u64,
    /// It begins with a key frame.
    pub independent: bool,
    /// It does not go on where the one before ended.
    pub discontinuity: bool,
    /// The number of the header that it needs.
    pub init: u64,
    /// The file; empty where only a list is asked for.
    pub bytes: Bytes,
}

struct Sample {
    at: u64,
    composition: i32,
    key: bool,
    payload: Bytes,
}

/// A segment that is not finished.
#[derive(Default)]
struct Pending {
    video: Vec<Sample>,
    audio: Vec<Sample>,
    bytes: usize,
    begins: Option<u64>,
    discontinuity: bool,
}

/// Makes segments from frames.
#[derive(Default)]
pub struct Segmenter {
    video: Option<VideoTrack>,
    audio: Option<AudioTrack>,
    inits: VecDeque<(u64, Bytes)>,
    /// The tracks have changed since the last header was written.
    changed: bool,
    pending: Pending,
    segments: VecDeque<Segment>,
    next: u64,
    /// Discontinuities that have left the list.
    discontinuities: u64,
    target_secs: Option<u64>,
    /// Where the sound of the next segment begins, in its own units.
    audio_clock: Option<u64>,
}

impl Segmenter {
    /// A segmenter whose first segment has a number. Not the first of a stream begins with a discontinuity.
    pub fn new(next: u64) -> Self {
        let pending = Pending { discontinuity: next > 0, ..Pending::default() };
        Self { next, pending, ..Self::default() }
    }

    /// Takes a frame or a header, in the order of a viewer.
    pub fn push(&mut self, frame: &Frame) {
        match (frame.kind, frame.meaning.role) {
            (Kind::Data, _) | (_, Role::Other) => {}
            (Kind::Video, Role::Header) => {
                self.cut(frame.at);
                self.change();
                self.video = Some(VideoTrack::of(frame.meaning.codec, &frame.payload()));
            }
            (Kind::Audio, Role::Header) => {
                self.cut(frame.at);
                self.change();
                self.audio = Some(AudioTrack::of(frame.meaning.codec, &frame.payload()));
            }
            (kind, role) => self.frame(frame, kind, role == Role::Key),
        }
    }

    fn change(&mut self) {
        self.changed = true;
        self.pending.discontinuity |= self.next > 0;
    }

    fn frame(&mut self, frame: &Frame, kind: Kind, key: bool) {
        let video = self.video.as_ref().is_some_and(|video| video.entry.is_some());
        let audio = self.audio.as_ref().is_some_and(|audio| audio.entry.is_some());
        let wanted = if kind == Kind::Video { video } else { audio };
        if !wanted {
            return;
        }
        if let Some(begins) = self.pending.begins {
            let length = frame.at.saturating_sub(begins);
            let long = self.target_secs.map_or(SEGMENT_MS_MAX, |secs| secs * 1000);
            // Sound follows the pictures, if there are any.
            let leads = kind == Kind::Video || !video;
            let due = (key || !video) && length >= SEGMENT_MS_MIN;
            if leads && (due || length >= long || self.pending.bytes >= SEGMENT_BYTES_MAX) {
                self.cut(frame.at);
            }
        } else if video && !key {
            return;
        }
        let payload = frame.payload();
        self.pending.begins.get_or_insert(frame.at);
        self.pending.bytes += payload.len();
        let sample = Sample { at: frame.at, composition: frame.meaning.composition, key, payload };
        if kind == Kind::Video { self.pending.video.push(sample) } else { self.pending.audio.push(sample) }
    }

    /// Ends a segment, if one has begun.
    fn cut(&mut self, at: u64) {
        let Some(begins) = self.pending.begins else { return };
        let pending = std::mem::take(&mut self.pending);
        let ms = at.saturating_sub(begins).max(1);
        let number = self.next;
        if self.changed || self.inits.is_empty() {
            match init(self.video.as_ref(), self.audio.as_ref()) {
                Some(bytes) => self.inits.push_back((number, bytes)),
                None => return,
            }
            self.changed = false;
            self.audio_clock = None;
        }
        let independent = pending.video.first().is_none_or(|first| first.key);
        let Some(bytes) = self.fragment(&pending, at) else { return };
        self.next += 1;
        self.target_secs.get_or_insert(ms.div_ceil(1000));
        self.segments.push_back(Segment {
            number,
            ms,
            independent,
            discontinuity: pending.discontinuity,
            init: self.inits.back().map_or(number, |(init, _)| *init),
            bytes: bytes.into(),
        });
        self.forget();
    }

    fn forget(&mut self) {
        while self.segments.len() > KEPT_MAX
            || (self.segments.len() > 1
                && self.segments.iter().map(|segment| segment.bytes.len()).sum::<usize>() > KEPT_BYTES_MAX)
        {
            self.segments.pop_front();
        }
        let listed = self.segments.len().saturating_sub(LISTED_MAX);
        for segment in self.segments.iter_mut().take(listed) {
            self.discontinuities += u64::from(std::mem::take(&mut segment.discontinuity));
        }
        let oldest = self.segments.front().map_or(self.next, |segment| segment.init);
        self.inits.retain(|(number, _)| *number >= oldest);
    }

    /// `moof` and `mdat` of a segment that ends at a moment.
    fn fragment(&mut self, pending: &Pending, ends: u64) -> Option<Vec<u8>> {
        let mut moof = MoofBox {
            mfhd_box: MfhdBox { sequence_number: (self.next as u32).wrapping_add(1) },
            traf_boxes: Vec::new(),
            unknown_boxes: Vec::new(),
        };
        // As the library numbers them in the header.
        let video_id = 1;
        let audio_id = if self.video.as_ref().is_some_and(|track| track.entry.is_some()) { 2 } else { 1 };
        if let Some(first) = pending.video.first() {
            moof.traf_boxes.push(traf(video_id, first.at * VIDEO_SCALE / 1000, pictures(&pending.video, ends)));
        }
        if !pending.audio.is_empty() {
            let (begins, sound) = self.sound(&pending.audio);
            moof.traf_boxes.push(traf(audio_id, begins, sound));
        }
        let moof_bytes = moof.encode_to_vec().ok()?.len();
        let mut offset = moof_bytes + MDAT_HEAD_BYTES;
        let tracks = [&pending.video, &pending.audio].into_iter().filter(|samples| !samples.is_empty());
        for (traf, samples) in moof.traf_boxes.iter_mut().zip(tracks) {
            traf.trun_boxes[0].data_offset = Some(i32::try_from(offset).ok()?);
            offset += samples.iter().map(|sample| sample.payload.len()).sum::<usize>();
        }
        let mut bytes = moof.encode_to_vec().ok()?;
        bytes.reserve_exact(offset - moof_bytes);
        bytes.extend_from_slice(&u32::try_from(offset - moof_bytes).ok()?.to_be_bytes());
        bytes.extend_from_slice(b"mdat");
        pending.video.iter().chain(&pending.audio).for_each(|sample| bytes.extend_from_slice(&sample.payload));
        Some(bytes)
    }

    /// Sound as it is laid out: by its own samples, unless that is too far from the time it was sent with.
    fn sound(&mut self, samples: &[Sample]) -> (u64, Vec<TrunSample>) {
        let track = self.audio.as_ref();
        let rate = track.map_or(1, |track| u64::from(track.rate.max(1)));
        let codec = track.map_or(crate::flv::Codec::Other, |track| track.codec);
        let drift = DRIFT_MS_MAX * rate / 1000;
        let mut clock = self.audio_clock;
        let places: Vec<(u64, u64)> = samples
            .iter()
            .map(|sample| {
                let sent = sample.at * rate / 1000;
                let place = clock.filter(|clock| clock.abs_diff(sent) <= drift).unwrap_or(sent);
                let length = u64::from(samples_in(codec, &sample.payload));
                clock = Some(place + length);
                (place, length)
            })
            .collect();
        self.audio_clock = clock;
        let laid = samples.iter().enumerate().map(|(at, sample)| {
            let (place, length) = places[at];
            let next = places.get(at + 1).map_or(place + length, |(next, _)| *next);
            TrunSample {
                duration: Some(u32::try_from(next.saturating_sub(place)).unwrap_or(0)),
                size: Some(sample.payload.len() as u32),
                flags: None,
                composition_time_offset: None,
            }
        });
        (places.first().map_or(0, |(place, _)| *place), laid.collect())
    }

    /// Segments can be asked for.
    pub fn has_segments(&self) -> bool {
        !self.segments.is_empty()
    }

    /// The number that the next segment gets.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// A segment that is still there.
    pub fn segment(&self, number: u64) -> Option<Bytes> {
        self.segments.iter().find(|segment| segment.number == number).map(|segment| segment.bytes.clone())
    }

    /// A header that is still needed.
    pub fn init(&self, number: u64) -> Option<Bytes> {
        self.inits.iter().find(|(init, _)| *init == number).map(|(_, bytes)| bytes.clone())
    }

    /// The list; addresses begin with `base` and end with `query`.
    pub fn playlist(&self, base: &str, query: &str) -> String {
        let from = self.segments.len().saturating_sub(LISTED_MAX);
        let listed: Vec<&Segment> = self.segments.iter().skip(from).collect();
        playlist(&listed, self.target_secs.unwrap_or(1), self.discontinuities, base, query)
    }
}

const MDAT_HEAD_BYTES: usize = 8;
/// A picture that depends on no other; and one that does, and is no place to begin.
const SYNC: SampleFlags = SampleFlags::new(0x0200_0000);
const NO_SYNC: SampleFlags = SampleFlags::new(0x0101_0000);

fn traf(track_id: u32, begins: u64, samples: Vec<TrunSample>) -> TrafBox {
    TrafBox {
        tfhd_box: TfhdBox {
            track_id,
            base_data_offset: None,
            sample_description_index: None,
            default_sample_duration: None,
            default_sample_size: None,
            default_sample_flags: Some(SYNC),
            duration_is_empty: false,
            default_base_is_moof: true,
        },
        tfdt_box: Some(TfdtBox { version: 1, base_media_decode_time: begins }),
        trun_boxes: vec![TrunBox { data_offset: Some(0), first_sample_flags: None, samples }],
        unknown_boxes: Vec::new(),
    }
}

fn pictures(samples: &[Sample], ends: u64) -> Vec<TrunSample> {
    let next = samples.iter().skip(1).map(|sample| sample.at).chain([ends]);
    let laid = samples.iter().zip(next).map(|(sample, next)| TrunSample {
        duration: Some((next.saturating_sub(sample.at) * VIDEO_SCALE / 1000) as u32),
        size: Some(sample.payload.len() as u32),
        flags: Some(if sample.key { SYNC } else { NO_SYNC }),
        composition_time_offset: Some(i64::from(sample.composition) * (VIDEO_SCALE / 1000) as i64),
    });
    laid.collect()
}

/// `ftyp` and `moov` of the tracks that MP4 can hold.
fn init(video: Option<&VideoTrack>, audio: Option<&AudioTrack>) -> Option<Bytes> {
    let sample = |track_kind, timescale, entry: SampleEntry, data_offset| {
        Some(InitSample {
            track_kind,
            timescale: NonZeroU32::new(timescale)?,
            sample_entry: Some(entry),
            duration: 1,
            keyframe: true,
            composition_time_offset: None,
            data_offset,
            data_size: 1,
        })
    };
    let video = video.and_then(|track| sample(TrackKind::Video, VIDEO_SCALE as u32, track.entry.clone()?, 0));
    let behind = u64::from(video.is_some());
    let audio = audio.and_then(|track| sample(TrackKind::Audio, track.rate, track.entry.clone()?, behind));
    let mut muxer = Fmp4SegmentMuxer::new().ok()?;
    // The library learns the tracks from samples, which go nowhere; it numbers them in this order.
    muxer.create_media_segment_metadata(&[video, audio].into_iter().flatten().collect::<Vec<_>>()).ok()?;
    muxer.init_segment_bytes().ok().map(Bytes::from)
}

/// A list of segments.
pub fn playlist(segments: &[&Segment], target_secs: u64, discontinuities: u64, base: &str, query: &str) -> String {
    let mut out = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let _ = writeln!(out, "#EXT-X-TARGETDURATION:{target_secs}");
    if let Some(first) = segments.first() {
        let _ = writeln!(out, "#EXT-X-MEDIA-SEQUENCE:{}", first.number);
    }
    if discontinuities > 0 {
        let _ = writeln!(out, "#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuities}");
    }
    if segments.iter().all(|segment| segment.independent) {
        out.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    }
    let mut init = None;
    for segment in segments {
        if segment.discontinuity {
            out.push_str("#EXT-X-DISCONTINUITY\n");
        }
        if init != Some(segment.init) {
            init = Some(segment.init);
            let _ = writeln!(out, "#EXT-X-MAP:URI=\"{base}{}.mp4{query}\"", segment.init);
        }
        let (secs, ms) = (segment.ms / 1000, segment.ms % 1000);
        let _ = writeln!(out, "#EXTINF:{secs}.{ms:03},\n{base}{}.m4s{query}", segment.number);
    }
    out
}

#[cfg(test)]
mod tests;
