//! Measuring fan-out: what one message to a full room costs the server, beside what the kernel alone would take (Linux).
//!
//! Rounds run in lockstep: a round is `k` messages to all members, and the next one starts when all members have counted
//! all of them. Nothing is coalesced behind the sender's back, so CPU time divided by deliveries is what a delivery
//! costs.
//!
//! * [`run_floor`]: a bare send(2) loop over so many sockets. Nothing that sends to each member can be cheaper.
//! * [`run_fanout`]: a server with a full room: logins, memory, fan-out, delays.
//! * [`run_viewers`]: a storm of joiners, and what a viewer costs who is pushed to or asks again and again.
//! * [`run_flash`]: a crowd that claims a coupon at once.
//! * [`run_pairs`]: both by turns in one run. Absolute figures move with whatever else the machine does; the ratio of
//!   neighbouring figures stays.
//!
//! The process that calls this must call [`swarm::child_main`](crate::swarm::child_main) when it is started with
//! [`swarm::SUBCOMMAND`](crate::swarm::SUBCOMMAND).

mod fanout;
mod flash;
mod floor;
mod pairs;
mod rounds;
mod sender;
mod server;
mod viewers;

use std::io;
use std::time::Duration;

pub use fanout::{FanoutOptions, FanoutReport, FanoutRow, run_fanout};
pub use flash::{FlashOptions, FlashReport, run_flash};
pub use floor::{FloorOptions, FloorReport, FloorRow, run_floor};
pub use pairs::{PairRow, PairsOptions, PairsReport, run_pairs};
pub use rounds::Figures;
pub use server::{Server, ServerConf, ServerSource, server_memory_bytes, start_server};

pub use viewers::{Pace, Storm, ViewersOptions, ViewersReport, run_viewers};

use crate::swarm::SwarmError;

/// Without progress for so long a bench gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Why a bench could not be finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The members, or the machine under them, failed.
    #[error(transparent)]
    Swarm(#[from] SwarmError),
    /// The operating system refused something.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The server refused the sender something.
    #[error("{command} refused with {code}: {text}")]
    Refused {
        /// `service.command`.
        command: String,
        /// `ErrorCode`.
        code: u64,
        /// `ErrorInfo`.
        text: String,
    },
    /// The server said something unexpected.
    #[error("{0}")]
    Server(String),
}

/// A run's parts in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Messages per round, one set of rounds for each.
    pub batches: Vec<usize>,
    /// So many sets of rounds for each batch size.
    pub repetitions: usize,
    /// So long each set lasts.
    pub set_time: Duration,
    /// Member processes; 0: as few as the limit on descriptors allows.
    pub processes: usize,
    /// Connections on their way in at once.
    pub in_flight: usize,
    /// How to start a member process; `None`: this program with the hidden subcommand.
    pub command: Option<crate::swarm::Command>,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            batches: vec![1, 8, 32],
            repetitions: 5,
            set_time: Duration::from_millis(500),
            processes: 0,
            in_flight: 256,
            command: None,
        }
    }
}

impl Plan {
    fn command(&self) -> io::Result<crate::swarm::Command> {
        self.command.clone().map_or_else(crate::swarm::Command::this_program, Ok)
    }
}

/// Says on standard error what is going on.
fn progress(text: &str) {
    eprintln!("  {text}");
}

/// The middle one, or the mean of the two middle ones; 0 of nothing.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let count = values.len();
    match (count, count % 2) {
        (0, _) => 0.0,
        (_, 1) => values[count / 2],
        _ => (values[count / 2 - 1] + values[count / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        for (values, want) in [(vec![], 0.0), (vec![3.0], 3.0), (vec![9.0, 1.0, 2.0], 2.0), (vec![1.0, 2.0], 1.5)] {
            assert_eq!(median(values), want);
        }
    }
}
