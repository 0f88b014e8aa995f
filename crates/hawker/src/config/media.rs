//! Configuration of live video.

use super::section;
use hawker_media::relay::Bounds;
use serde::Deserialize;
use std::net::SocketAddr;

section! {
    /// Live video.
    MediaConfig {
        /// Rooms can have live video.
        enabled: bool = true,
        /// Where encoders push and RTMP players play; by default port 1935 beside the other address. If it is said here
        /// and cannot be had, the server does not start.
        rtmp_listen: Option<SocketAddr> = None,
        /// Only signed addresses play.
        play_needs_signature: bool = false,
        /// Seconds that the addresses which the server signs itself are good for.
        play_url_secs: u64 = 21_600,
        /// Streams at once.
        streams_max: usize = 100,
        /// Viewers of all streams.
        viewers_max: u64 = 20_000,
        /// Open RTMP connections; more are dropped.
        rtmp_connections_max: usize = 5_000,
        /// Seconds without a frame after which an encoder is gone.
        idle_secs: u64 = 30,
        /// Seconds in which a viewer takes nothing, after which it is gone.
        stalled_secs: u64 = 30,
        /// Bytes of the last frames of a stream, which all its viewers share.
        log_bytes_max: usize = 16 << 20,
        /// Frames of them.
        log_frames_max: usize = 4096,
        /// Seconds of them: the longest group of pictures that a late viewer can begin with.
        log_secs_max: u64 = 15,
    }
}

/// What each number must be at least, and may be at most.
const BOUNDS: [(&str, u64, u64); 8] = [
    ("media.play_url_secs", 60, 30 * 24 * 3600),
    ("media.streams_max", 1, 10_000),
    ("media.rtmp_connections_max", 1, 1_000_000),
    ("media.idle_secs", 5, 600),
    ("media.stalled_secs", 5, 600),
    ("media.log_bytes_max", 1 << 20, 1 << 30),
    ("media.log_frames_max", 100, 100_000),
    ("media.log_secs_max", 2, 120),
];

impl MediaConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        let values = [
            self.play_url_secs,
            self.streams_max as u64,
            self.rtmp_connections_max as u64,
            self.idle_secs,
            self.stalled_secs,
            self.log_bytes_max as u64,
            self.log_frames_max as u64,
            self.log_secs_max,
        ];
        for ((name, least, most), value) in BOUNDS.into_iter().zip(values) {
            if !(least..=most).contains(&value) {
                return Err(format!("{name} must be {least} to {most}"));
            }
        }
        Ok(())
    }

    /// The bounds of a stream's log.
    pub fn log(&self) -> Bounds {
        Bounds {
            bytes_max: self.log_bytes_max,
            frames_max: self.log_frames_max,
            span_ms_max: self.log_secs_max * 1000,
        }
    }
}
