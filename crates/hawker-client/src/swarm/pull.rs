//! Viewers without an account: each asks, hears what is new, waits a moment and asks again.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::{frame, sys};

/// The official SDKs wait so long between an answer and the next question (`polling_interval`).
const PAUSE: Duration = Duration::from_millis(300);

/// The polls of one process.
#[derive(Debug, Default)]
pub struct Polls {
    viewers: HashMap<usize, Viewer>,
    /// Who asks next and when, monotonic nanoseconds; all wait equally long, so the order is that of asking.
    waiting: VecDeque<(u64, usize)>,
}

#[derive(Debug, Default)]
struct Viewer {
    /// An answer that has not come whole.
    pieces: Vec<u8>,
    /// The next number wanted.
    start_seq: u64,
}

impl Polls {
    /// Has a viewer ask after the pause.
    pub fn ask_later(&mut self, now_ns: u64, key: usize) {
        self.waiting.push_back((now_ns + PAUSE.as_nanos() as u64, key));
    }

    /// How long until the next one is due.
    pub fn due_in(&self, now_ns: u64) -> Duration {
        let next = self.waiting.front().map(|(at, _)| Duration::from_nanos(at.saturating_sub(now_ns)));
        next.unwrap_or(Duration::MAX)
    }

    /// The next viewer that is due, and the number that it asks for.
    pub fn due(&mut self, now_ns: u64) -> Option<(usize, u64)> {
        let (_, key) = self.waiting.pop_front_if(|(at, _)| *at <= now_ns)?;
        Some((key, self.viewers.entry(key).or_default().start_seq))
    }

    /// Takes in bytes of an answer; whether it is whole now.
    pub fn take(&mut self, key: usize, piece: &[u8]) -> bool {
        let viewer = self.viewers.entry(key).or_default();
        viewer.pieces.extend_from_slice(piece);
        let mut answered = false;
        while let Some((_, payload, len)) = frame::first_frame(&viewer.pieces) {
            if let Some(next) = number_after(payload, b"\"NextSeq\":") {
                viewer.start_seq = next;
                answered = true;
            }
            viewer.pieces.drain(..len);
        }
        answered
    }
}

fn number_after(text: &[u8], key: &[u8]) -> Option<u64> {
    let digits = &text[sys::find(text, key)? + key.len()..];
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_where_the_last_answer_ended_however_it_was_cut() {
        let answer = frame::text_frame(br#"{"body":{"NextSeq":17,"RspMsgList":[]}}"#);
        let other = frame::text_frame(br#"{"body":{"ErrorCode":0}}"#);
        for size in 1..answer.len() {
            let mut polls = Polls::default();
            polls.ask_later(0, 3);
            assert_eq!(polls.due(0), None);
            assert_eq!(polls.due(PAUSE.as_nanos() as u64), Some((3, 0)));
            let whole: Vec<_> =
                [&other[..], &answer].concat().chunks(size).map(|piece| polls.take(3, piece)).collect();
            assert_eq!(whole.iter().filter(|whole| **whole).count(), 1, "pieces of {size}");
            polls.ask_later(5, 3);
            assert_eq!(polls.due(u64::MAX), Some((3, 17)));
        }
    }
}
