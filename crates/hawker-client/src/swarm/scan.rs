//! Counting messages in a stream of bytes that comes in arbitrary pieces, without parsing it.
//!
//! Every message of a room carries its place in the order under a fixed key, so the number of keys is the number of
//! messages. A piece may end in the middle of a key; the scanner remembers how much of it was seen.

use super::sys;

/// The key every message carries.
pub const MARKER: &[u8] = b"\"MsgSeq\":";

/// Stands before the time in the text of a bench message; the time follows as [`STAMP_DIGITS`] digits.
pub const STAMP: &[u8] = b"sent@";
/// Nanoseconds of the monotonic clock with leading zeros.
pub const STAMP_DIGITS: usize = 20;

/// Counts markers across pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scanner {
    /// How many bytes of the marker the last piece ended with.
    matched: u8,
}

impl Scanner {
    /// How many markers end in this piece.
    #[inline]
    pub fn count(&mut self, piece: &[u8]) -> u64 {
        let (mut count, mut rest) = self.finish_split(piece);
        while let Some(at) = sys::find(rest, MARKER) {
            count += 1;
            rest = &rest[at + MARKER.len()..];
        }
        if count > 0 || self.matched == 0 {
            self.matched = partial(rest) as u8;
        }
        count
    }

    /// Completes a marker that began in an earlier piece; the rest is what is not part of it.
    #[inline]
    fn finish_split<'a>(&mut self, piece: &'a [u8]) -> (u64, &'a [u8]) {
        if self.matched == 0 || piece.is_empty() {
            return (0, piece);
        }
        self.finish_split_slowly(piece)
    }

    #[cold]
    fn finish_split_slowly<'a>(&mut self, piece: &'a [u8]) -> (u64, &'a [u8]) {
        let missing = &MARKER[self.matched as usize..];
        let common = missing.len().min(piece.len());
        if piece[..common] != missing[..common] {
            // Of what was matched only a last quote can begin the marker again.
            let ends_with_quote = self.matched as usize == MARKER.len() - 1;
            self.matched = u8::from(ends_with_quote);
            return self.finish_split(piece);
        }
        if common < missing.len() {
            self.matched += common as u8;
            return (0, &piece[common..]);
        }
        self.matched = 0;
        (1, &piece[common..])
    }
}

/// How many bytes at the end of `piece` begin the marker.
fn partial(piece: &[u8]) -> usize {
    (1..MARKER.len()).rev().find(|&len| piece.ends_with(&MARKER[..len])).unwrap_or(0)
}

/// All times stamped in a piece. A stamp cut by the end of a piece is left out: delays are a sample anyway.
pub fn stamps(piece: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[sys::find(rest, STAMP)? + STAMP.len()..];
            if let Some(time) = rest.get(..STAMP_DIGITS).and_then(number) {
                return Some(time);
            }
        }
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The text that carries `time_ns`.
pub fn stamp(time_ns: u64) -> String {
    format!("sent@{time_ns:020}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = br#"{"MsgSeq":1,"NextMsgSeq":2,"MsgSeq" :3,""MsgSeq":4,"MsgSeq"MsgSeq":5}"MsgSeq":"#;

    #[test]
    fn every_way_of_cutting_gives_the_same_count() {
        let whole = Scanner::default().count(STREAM);
        assert_eq!(whole, 4);
        for first in 0..=STREAM.len() {
            for second in first..=STREAM.len() {
                let mut scanner = Scanner::default();
                let pieces = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
                let count: u64 = pieces.iter().map(|piece| scanner.count(piece)).sum();
                assert_eq!(count, whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn byte_by_byte_gives_the_same_count() {
        let mut scanner = Scanner::default();
        assert_eq!(STREAM.iter().map(|byte| scanner.count(&[*byte])).sum::<u64>(), 4);
    }

    #[test]
    fn stamps_are_read_and_cut_ones_left_out() {
        let text = format!("a{}b{}c{}", stamp(5), stamp(u64::MAX), &stamp(7)[..20]);
        assert_eq!(stamps(text.as_bytes()).collect::<Vec<_>>(), [5, u64::MAX]);
    }
}
