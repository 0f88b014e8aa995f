//! A server with a full room: logins, memory, fan-out, delays.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::rounds::{Figures, Side, combined, measure};
use super::sender::Sender;
use super::server::{Server, ServerConf, ServerSource, check_descriptors, settled_memory_bytes};
use super::{BenchError, PATIENCE, Plan, progress};
use crate::swarm::{self, Delays, Entrance, Hearing, Swarm, SwarmOptions, sys};

/// Memory is measured between this many members and all: the first ones also pay for what the server sets up once.
const FIRST_STAGE: usize = 1_000;
/// Waits at most so long for the server's memory to settle.
const SETTLE: Duration = Duration::from_secs(3);
/// Longer than a server holds messages back to send them together.
const QUIET: Duration = Duration::from_millis(150);
/// Delays are measured at about so many members.
const SAMPLED: usize = 100;

/// What to measure a server with.
#[derive(Debug, Clone, PartialEq)]
pub struct FanoutOptions {
    /// So many members.
    pub members: usize,
    /// What the server is told, and what members log in with.
    pub server: ServerConf,
    /// The room; created if it does not exist.
    pub room: String,
    /// How members hear of what is said.
    pub hearing: Hearing,
    /// Batches, repetitions and so on.
    pub plan: Plan,
}

impl Default for FanoutOptions {
    fn default() -> Self {
        FanoutOptions {
            members: 5000,
            server: ServerConf::default(),
            room: "bench".to_owned(),
            hearing: Hearing::Push { history: false, ask_profile: true },
            plan: Plan::default(),
        }
    }
}

/// How a server fared.
#[derive(Debug, Clone, Serialize)]
pub struct FanoutReport {
    /// So many members.
    pub members: usize,
    /// Connect, upgrade, login and join, complete.
    pub logins_per_s: f64,
    /// CPU time of the server per login, microseconds.
    pub login_cpu_us: f64,
    /// Anonymous memory of the server per idle member; `None` with too few members to tell.
    pub user_bytes_per_idle_member: Option<f64>,
    /// One per batch size.
    pub rows: Vec<FanoutRow>,
}

/// A server at one batch size.
#[derive(Debug, Clone, Serialize)]
pub struct FanoutRow {
    /// Messages per round.
    pub batch: usize,
    /// Medians over the repetitions.
    pub figures: Figures,
    /// Half of the messages reached a member within so many milliseconds.
    pub delay_p50_ms: f64,
    /// 99 of 100 messages did.
    pub delay_p99_ms: f64,
}

impl FanoutRow {
    pub(super) fn new(batch: usize, sets: &[Figures]) -> FanoutRow {
        let figures = combined(sets);
        let (delay_p50_ms, delay_p99_ms) = (figures.delays.quantile_ms(0.5), figures.delays.quantile_ms(0.99));
        FanoutRow { batch, figures, delay_p50_ms, delay_p99_ms }
    }
}

/// Measures a server.
///
/// # Errors
/// [`BenchError::Swarm`] if members cannot join or lose messages, [`BenchError::Refused`] if the sender is refused.
pub fn run_fanout(options: &FanoutOptions, source: &ServerSource<'_>) -> Result<FanoutReport, BenchError> {
    let plan = &options.plan;
    let mut fanout = Fanout::open(options, source)?;
    let mut sets: HashMap<usize, Vec<Figures>> = HashMap::new();
    for repetition in 1..=plan.repetitions {
        for &batch in &plan.batches {
            sets.entry(batch).or_default().push(fanout.measure(batch, plan.set_time)?);
        }
        progress(&format!("server, {} members: repetition {repetition} of {}", options.members, plan.repetitions));
    }
    let rows = plan.batches.iter().map(|batch| FanoutRow::new(*batch, &sets[batch])).collect();
    Ok(FanoutReport { rows, ..fanout.opening })
}

impl FanoutReport {
    /// The report as a table for people.
    pub fn table(&self) -> String {
        let mut text = format!("server: {} members, {}\n", self.members, self.opening());
        text += "    k   CPU µs/delivery   deliveries/s   delay p50 ms   delay p99 ms   bytes/delivery\n";
        for FanoutRow { batch, figures, delay_p50_ms, delay_p99_ms } in &self.rows {
            text += &format!(
                "{batch:>5}   {:>15.4} {:>14.0} {delay_p50_ms:>14.2} {delay_p99_ms:>14.2} {:>16.0}\n",
                figures.cpu_us_per_delivery, figures.deliveries_per_s, figures.bytes_per_delivery,
            );
        }
        text
    }

    fn opening(&self) -> String {
        let memory = self.user_bytes_per_idle_member;
        let memory =
            memory.map_or("memory not measured".to_owned(), |bytes| format!("{bytes:.0} bytes per idle member"));
        format!("{:.0} logins/s at {:.0} µs of CPU, {memory}", self.logins_per_s, self.login_cpu_us)
    }
}

/// A server with its room full.
pub(super) struct Fanout {
    members: usize,
    sender: Sender,
    swarm: Swarm,
    /// Last, so that the members leave before the server ends.
    server: Server,
    /// The report without rows.
    pub(super) opening: FanoutReport,
}

impl Fanout {
    pub(super) fn open(options: &FanoutOptions, source: &ServerSource<'_>) -> Result<Fanout, BenchError> {
        Fanout::open_after(options, source, 0)
    }

    /// The same with so many messages said before the members come.
    pub(super) fn open_after(
        options: &FanoutOptions,
        source: &ServerSource<'_>,
        said: usize,
    ) -> Result<Fanout, BenchError> {
        let server = source.get(&options.server)?;
        check_descriptors(server.pid(), options.members)?;
        let conf = &options.server;
        let address = swarm::loopback(server.url())?;
        let mut sender = Sender::enter(&address, conf.sdk_app_id, &conf.secret, "bench_host", &options.room)?;
        sender.send(said)?;
        sender.wait_answered()?;
        let mut swarm = Swarm::start(&swarm_options(options, server.url())?)?;
        let opening = fill(&mut swarm, options.members, server.pid())?;
        progress(&format!("server, {} members in the room: {}", options.members, opening.opening()));
        Ok(Fanout { members: options.members, sender, swarm, server, opening })
    }

    pub(super) fn measure(&mut self, batch: usize, time: Duration) -> Result<Figures, BenchError> {
        self.sender.heartbeat()?;
        self.wait_quiet();
        let members = self.members;
        let figures = measure(self, batch, members, time)?;
        self.sender.wait_answered()?;
        Ok(figures)
    }

    /// Waits until nothing comes any more, at most so long: a join tip still on its way would be counted as a message.
    pub(super) fn wait_quiet(&self) {
        let deadline = Instant::now() + SETTLE;
        let mut counted = self.swarm.counted();
        loop {
            std::thread::sleep(QUIET);
            let now = self.swarm.counted();
            if now == counted || Instant::now() > deadline {
                return;
            }
            counted = now;
        }
    }

    /// Says one thing.
    pub(super) fn say(&mut self) -> Result<(), BenchError> {
        self.sender.send(1)?;
        self.sender.drain()
    }

    /// CPU time of the server so far.
    pub(super) fn server_cpu_ns(&self) -> u64 {
        sys::cpu_ns_of(self.server.pid())
    }

    /// Those who hear it.
    pub(super) fn members_of(&self) -> &Swarm {
        &self.swarm
    }

    /// Bytes per message on the wire, seen over a few rounds.
    pub(super) fn frame_bytes(&mut self, batch: usize) -> Result<f64, BenchError> {
        Ok(self.measure(batch, Duration::from_millis(50))?.bytes_per_delivery)
    }
}

impl Side for Fanout {
    fn send(&mut self, batch: usize) -> Result<(), BenchError> {
        self.sender.send(batch)
    }

    fn count_per_round(&self, batch: usize) -> u64 {
        (batch * self.members) as u64
    }

    fn cpu_ns(&self) -> u64 {
        self.server_cpu_ns()
    }

    fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    fn after_round(&mut self) -> Result<(), BenchError> {
        self.sender.drain()
    }
}

fn swarm_options(options: &FanoutOptions, url: &str) -> Result<SwarmOptions, BenchError> {
    Ok(SwarmOptions {
        url: url.to_owned(),
        entrance: Some(Entrance {
            sdk_app_id: options.server.sdk_app_id,
            secret: options.server.secret.clone(),
            room: options.room.clone(),
            hearing: options.hearing,
            user_prefix: "bench_".to_owned(),
        }),
        members: options.members,
        processes: options.plan.processes,
        in_flight: options.plan.in_flight,
        sample_every: (options.members / SAMPLED).max(1),
        command: options.plan.command()?,
    })
}

/// Lets the members in, in two stages to tell what one of them costs.
fn fill(swarm: &mut Swarm, members: usize, pid: u32) -> Result<FanoutReport, BenchError> {
    let first = FIRST_STAGE.min(members / 2);
    let cpu_before = sys::cpu_ns_of(pid);
    let started = swarm.admit(first, PATIENCE)?;
    let idle_before = settled_memory_bytes(pid, SETTLE);
    let joined = swarm.admit(members, PATIENCE)?;
    let cpu_ns = sys::cpu_ns_of(pid) - cpu_before;
    let memory = settled_memory_bytes(pid, SETTLE);
    let wall = (started.wall + joined.wall).as_secs_f64();
    let enough = joined.members >= FIRST_STAGE;
    let per_member = memory.saturating_sub(idle_before) as f64 / joined.members.max(1) as f64;
    Ok(FanoutReport {
        members,
        logins_per_s: members as f64 / wall,
        login_cpu_us: cpu_ns as f64 / 1e3 / members as f64,
        user_bytes_per_idle_member: enough.then_some(per_member),
        rows: Vec::new(),
    })
}

/// All delays of a run together.
pub(super) fn all_delays<'a>(sets: impl IntoIterator<Item = &'a Figures>) -> Delays {
    let mut delays = Delays::default();
    sets.into_iter().for_each(|set| delays.merge(&set.delays));
    delays
}
