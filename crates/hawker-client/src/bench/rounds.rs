//! Rounds in lockstep, and what they cost.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::{BenchError, PATIENCE, median};
use crate::swarm::{Delays, Swarm};

/// Rounds before the clock starts: caches and buffers take their size.
const WARM_UP_ROUNDS: u64 = 2;

/// What a set of rounds gave.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Rounds measured.
    pub rounds: u64,
    /// Messages that reached a member.
    pub deliveries: u64,
    /// Seconds.
    pub wall_s: f64,
    /// CPU time of the sending side per delivery, microseconds.
    pub cpu_us_per_delivery: f64,
    /// CPU time of the member processes per delivery, microseconds.
    pub member_cpu_us_per_delivery: f64,
    /// Deliveries per second of wall clock.
    pub deliveries_per_s: f64,
    /// Cores the sending side kept busy.
    pub cores: f64,
    /// From sending a round until all members had all of it, milliseconds: half of the rounds were faster.
    pub round_p50_ms: f64,
    /// As above: 99 of 100 rounds were faster.
    pub round_p99_ms: f64,
    /// Bytes on the wire per delivery.
    pub bytes_per_delivery: f64,
    /// Delays of single messages at the sampled members.
    #[serde(skip)]
    pub delays: Delays,
}

/// One side of a pair: something that sends a round, and the members who receive it.
pub(super) trait Side {
    /// Sends `batch` messages to all members.
    fn send(&mut self, batch: usize) -> Result<(), BenchError>;
    /// What a round adds to the members' count.
    fn count_per_round(&self, batch: usize) -> u64;
    /// CPU time of the sending side so far.
    fn cpu_ns(&self) -> u64;
    /// The members.
    fn swarm(&self) -> &Swarm;
    /// Looks after what a round left behind, outside of the round's time.
    fn after_round(&mut self) -> Result<(), BenchError>;
}

/// Runs one set of rounds.
pub(super) fn measure(
    side: &mut dyn Side,
    batch: usize,
    members: usize,
    time: Duration,
) -> Result<Figures, BenchError> {
    for _ in 0..WARM_UP_ROUNDS {
        round(side, batch)?;
    }
    side.swarm().take_delays();
    let before = Meters::read(side);
    let started = Instant::now();
    let mut round_ms = Vec::new();
    while started.elapsed() < time || round_ms.is_empty() {
        round_ms.push(round(side, batch)?);
    }
    let wall = started.elapsed();
    let after = Meters::read(side);
    let deliveries = (round_ms.len() * batch * members) as u64;
    Ok(figures(&before, &after, deliveries, wall, round_ms, side.swarm().take_delays()))
}

/// One round; how long it took, in milliseconds.
fn round(side: &mut dyn Side, batch: usize) -> Result<f64, BenchError> {
    let target = side.swarm().counted() + side.count_per_round(batch);
    let started = Instant::now();
    side.send(batch)?;
    let waited = side.swarm().wait_counted(target, PATIENCE);
    let took = started.elapsed();
    // The sender's answers say more about a stall than the stall itself.
    side.after_round()?;
    waited?;
    Ok(took.as_secs_f64() * 1e3)
}

struct Meters {
    cpu_ns: u64,
    member_cpu_ns: u64,
    bytes: u64,
}

impl Meters {
    fn read(side: &dyn Side) -> Meters {
        let swarm = side.swarm();
        Meters { cpu_ns: side.cpu_ns(), member_cpu_ns: swarm.cpu_ns(), bytes: swarm.bytes() }
    }
}

fn figures(
    before: &Meters,
    after: &Meters,
    deliveries: u64,
    wall: Duration,
    mut round_ms: Vec<f64>,
    delays: Delays,
) -> Figures {
    let per_delivery = |after: u64, before: u64| (after - before) as f64 / deliveries as f64;
    round_ms.sort_by(f64::total_cmp);
    Figures {
        rounds: round_ms.len() as u64,
        deliveries,
        wall_s: wall.as_secs_f64(),
        cpu_us_per_delivery: per_delivery(after.cpu_ns, before.cpu_ns) / 1e3,
        member_cpu_us_per_delivery: per_delivery(after.member_cpu_ns, before.member_cpu_ns) / 1e3,
        deliveries_per_s: deliveries as f64 / wall.as_secs_f64(),
        cores: (after.cpu_ns - before.cpu_ns) as f64 / wall.as_nanos() as f64,
        round_p50_ms: median(round_ms.iter().copied()),
        round_p99_ms: round_ms[(round_ms.len() - 1) * 99 / 100],
        bytes_per_delivery: per_delivery(after.bytes, before.bytes),
        delays,
    }
}

/// The medians of several sets, their rounds and delays together.
pub(super) fn combined(sets: &[Figures]) -> Figures {
    let middle = |field: fn(&Figures) -> f64| median(sets.iter().map(field));
    let mut delays = Delays::default();
    sets.iter().for_each(|set| delays.merge(&set.delays));
    Figures {
        rounds: sets.iter().map(|set| set.rounds).sum(),
        deliveries: sets.iter().map(|set| set.deliveries).sum(),
        wall_s: sets.iter().map(|set| set.wall_s).sum(),
        cpu_us_per_delivery: middle(|set| set.cpu_us_per_delivery),
        member_cpu_us_per_delivery: middle(|set| set.member_cpu_us_per_delivery),
        deliveries_per_s: middle(|set| set.deliveries_per_s),
        cores: middle(|set| set.cores),
        round_p50_ms: middle(|set| set.round_p50_ms),
        round_p99_ms: middle(|set| set.round_p99_ms),
        bytes_per_delivery: middle(|set| set.bytes_per_delivery),
        delays,
    }
}
