//! Answers about the live video of a room.

use super::ok;
use hawker_core::Time;

/// Pictures as they are shown to be.
pub struct VideoShown<'a> {
    /// How they are coded.
    pub codec: &'a str,
    /// Pixels; 0 if nobody knows.
    pub width: u16,
    /// Pixels; 0 if nobody knows.
    pub height: u16,
}

/// What can be watched.
pub struct StreamAnswer<'a> {
    /// Since when; `None` if there is nothing.
    pub live_since: Option<Time>,
    /// The pictures, if there are any.
    pub video: Option<VideoShown<'a>>,
    /// How the sound is coded, if there is any.
    pub audio: Option<&'a str>,
    /// Paths of FLV and HLS; empty where there is none.
    pub urls: [&'a str; 2],
}

/// Writes the answer to `get_stream`.
pub fn stream(answer: &StreamAnswer<'_>) -> String {
    ok(|body| {
        body.text("State", state(answer.live_since));
        body.number("Since", answer.live_since.map_or(0, |since| since.0));
        match &answer.video {
            Some(video) => body.object("Video", |out| {
                out.text("Codec", video.codec).number("Width", video.width).number("Height", video.height);
            }),
            None => body.raw("Video", "null"),
        };
        match answer.audio {
            Some(codec) => body.object("Audio", |out| {
                out.text("Codec", codec);
            }),
            None => body.raw("Audio", "null"),
        };
        let [flv, hls] = answer.urls;
        body.object("Urls", |urls| {
            urls.text("Flv", flv).text("Hls", hls);
        });
    })
}

/// Where to push, and what comes of it.
pub struct PushAnswer<'a> {
    /// What encoders call the server.
    pub url: &'a str,
    /// What they call the stream key.
    pub key: &'a str,
    /// Signs addresses to play, where that is asked for.
    pub play_key: &'a str,
    /// Since when something comes; `None` if nothing does.
    pub live_since: Option<Time>,
    /// Kilobits a second that come.
    pub kbps: u64,
    /// How many watch.
    pub viewers: u64,
}

/// Writes the answer to `get_push` and `renew_key`.
pub fn push_address(answer: &PushAnswer<'_>) -> String {
    ok(|body| {
        body.text("Url", answer.url).text("Key", answer.key).text("PlayKey", answer.play_key);
        body.text("State", state(answer.live_since));
        body.number("BitrateKbps", answer.kbps).number("Viewers", answer.viewers);
    })
}

fn state(live_since: Option<Time>) -> &'static str {
    if live_since.is_some() { "live" } else { "off" }
}
