//! The page that the driver and its member processes share: counters only, so nobody waits for anybody.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use super::sys;

/// At most so many member processes.
pub const PROCESSES_MAX: usize = 64;

/// Two figures within one part in sixteen count as the same delay.
const SUB_BUCKETS: u64 = 16;
const BUCKETS: usize = 512;
const ERROR_BYTES: usize = 240;

/// The shared page.
#[repr(C)]
pub struct Page {
    /// Messages counted so far by all members; bytes in a swarm that only counts bytes.
    pub counted: AtomicU64,
    /// Bytes received so far by all joined members.
    pub bytes: AtomicU64,
    /// The driver sleeps until `counted` is at least this.
    pub target: AtomicU64,
    /// 1 while the driver sleeps.
    pub sleeping: AtomicU32,
    /// What it sleeps on.
    pub futex: AtomicU32,
    /// Members whose connection is upgraded.
    pub upgraded: AtomicU64,
    /// Members that are logged in and in the room.
    pub joined: AtomicU64,
    /// Members that could not join.
    pub failed: AtomicU64,
    /// Members that lost their connection after joining.
    pub lost: AtomicU64,
    /// When the first connect of the current stage began, and when its last join was over.
    pub first_ns: AtomicU64,
    /// See `first_ns`.
    pub last_ns: AtomicU64,
    /// Calls of recv(2).
    pub receives: AtomicU64,
    /// The member processes end when this is not 0.
    pub stop: AtomicU32,
    /// How many members each process may have by now.
    pub allowed: [AtomicU32; PROCESSES_MAX],
    /// What the first thing to go wrong was: 1 once somebody writes it, and its length once it is written.
    error_claimed: AtomicU32,
    error_len: AtomicU32,
    error: [AtomicU8; ERROR_BYTES],
    /// Delays of messages at the sampled members.
    delays: [AtomicU64; BUCKETS],
}

// SAFETY: `repr(C)`, atomics only.
#[allow(unsafe_code)]
unsafe impl sys::Shareable for Page {}

impl Page {
    /// Adds what was counted and wakes the driver if that was what it waited for.
    pub fn add(&self, counted: u64, bytes: u64, receives: u64) {
        self.bytes.fetch_add(bytes, SeqCst);
        self.receives.fetch_add(receives, SeqCst);
        let total = self.counted.fetch_add(counted, SeqCst) + counted;
        if total >= self.target.load(SeqCst) && self.sleeping.swap(0, SeqCst) == 1 {
            self.futex.fetch_add(1, SeqCst);
            sys::futex_wake(&self.futex);
        }
    }

    /// Sleeps until `target` was counted or the time is over; what was counted.
    pub fn wait(&self, target: u64, timeout: Duration) -> u64 {
        self.target.store(target, SeqCst);
        let expected = self.futex.load(SeqCst);
        self.sleeping.store(1, SeqCst);
        if self.counted.load(SeqCst) < target {
            sys::futex_wait(&self.futex, expected, timeout);
        }
        self.sleeping.store(0, SeqCst);
        self.counted.load(SeqCst)
    }

    /// Notes a failure; the text of the first is kept.
    pub fn fail(&self, text: &str) {
        let bytes = &text.as_bytes()[..text.len().min(ERROR_BYTES)];
        if self.error_claimed.swap(1, SeqCst) == 0 {
            self.error.iter().zip(bytes).for_each(|(cell, byte)| cell.store(*byte, SeqCst));
            self.error_len.store(bytes.len() as u32, SeqCst);
        }
        self.failed.fetch_add(1, SeqCst);
    }

    /// The text of the first failure.
    pub fn error(&self) -> Option<String> {
        let len = self.error_len.load(SeqCst) as usize;
        let bytes: Vec<u8> = self.error[..len].iter().map(|cell| cell.load(SeqCst)).collect();
        (len > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Notes the delay of one message.
    pub fn delay(&self, delay: Duration) {
        self.delays[bucket(delay.as_micros() as u64)].fetch_add(1, SeqCst);
    }

    /// Takes the delays noted so far.
    pub fn take_delays(&self) -> Delays {
        Delays { counts: self.delays.iter().map(|cell| cell.swap(0, SeqCst)).collect() }
    }
}

/// Delays as a histogram.
#[derive(Debug, Clone, Default)]
pub struct Delays {
    counts: Vec<u64>,
}

impl Delays {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Delays) {
        self.counts.resize(self.counts.len().max(other.counts.len()), 0);
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, count)| *sum += count);
    }

    /// The delay in milliseconds that the part `quantile` (0 to 1) does not exceed; 0 if there are none.
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        let wanted = (self.count() as f64 * quantile).ceil() as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && *count > 0 {
                return bucket_top(index) as f64 / 1e3;
            }
        }
        0.0
    }
}

/// The bucket of so many microseconds: exact up to 16, then sixteen to each doubling.
fn bucket(micros: u64) -> usize {
    if micros < SUB_BUCKETS {
        return micros as usize;
    }
    let shift = 63 - micros.leading_zeros() - SUB_BUCKETS.trailing_zeros();
    let index = u64::from(shift) * SUB_BUCKETS + (micros >> shift);
    (index as usize).min(BUCKETS - 1)
}

/// The largest number of microseconds in a bucket.
fn bucket_top(index: usize) -> u64 {
    let index = index as u64;
    if index < 2 * SUB_BUCKETS {
        return index;
    }
    let shift = index / SUB_BUCKETS - 1;
    let mantissa = index % SUB_BUCKETS + SUB_BUCKETS;
    ((mantissa + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_order_and_no_wider_than_a_sixteenth() {
        let mut last = 0;
        for micros in (0..100_000).chain((1..200).map(|n| n * 300_000)) {
            let index = bucket(micros);
            assert!(index >= last, "{micros}");
            last = index;
            let top = bucket_top(index);
            assert!(top >= micros && top - micros <= micros / SUB_BUCKETS, "{micros} in {index} up to {top}");
        }
    }

    #[test]
    fn quantiles_of_a_known_distribution() {
        let mut delays = Delays { counts: vec![0; BUCKETS] };
        for millis in 1..=100 {
            delays.counts[bucket(millis * 1000)] += 1;
        }
        assert!((delays.quantile_ms(0.5) - 50.0).abs() < 4.0);
        assert!((delays.quantile_ms(0.99) - 99.0).abs() < 7.0);
        assert_eq!(Delays::default().quantile_ms(0.5), 0.0);
    }
}
