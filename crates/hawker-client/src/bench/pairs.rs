//! Server and floor by turns, in one run over the same number of sockets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::fanout::{Fanout, FanoutOptions, FanoutRow, all_delays};
use super::floor::Floor;
use super::rounds::{Figures, combined};
use super::server::{ServerConf, ServerSource};
use super::{BenchError, Plan, median, progress};

/// What to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct PairsOptions {
    /// Numbers of members, one run for each.
    pub members: Vec<usize>,
    /// What the server is told, and what members log in with.
    pub server: ServerConf,
    /// Batches, repetitions and so on.
    pub plan: Plan,
}

impl Default for PairsOptions {
    fn default() -> Self {
        PairsOptions { members: vec![1000, 5000], server: ServerConf::default(), plan: Plan::default() }
    }
}

/// How a server compares with the floor.
#[derive(Debug, Clone, Serialize)]
pub struct PairsReport {
    /// One per number of members and batch size.
    pub rows: Vec<PairRow>,
    /// At the largest number of members.
    pub logins_per_s: f64,
    /// As above.
    pub login_cpu_us: f64,
    /// As above; `None` with too few members to tell.
    pub user_bytes_per_idle_member: Option<f64>,
    /// Delays of single messages at the largest number of members and the smallest batch: half were faster.
    pub delay_p50_ms: f64,
    /// As above: 99 of 100 were faster.
    pub delay_p99_ms: f64,
}

/// One pair.
#[derive(Debug, Clone, Serialize)]
pub struct PairRow {
    /// So many members.
    pub members: usize,
    /// Messages per round.
    pub batch: usize,
    /// Medians of the floor.
    pub floor: Figures,
    /// Medians of the server.
    pub server: FanoutRow,
    /// CPU time per delivery, server to floor: the median of the ratios of neighbouring sets.
    pub ratio: f64,
    /// The smallest of them.
    pub ratio_min: f64,
    /// The largest of them.
    pub ratio_max: f64,
}

/// Compares a server with the floor.
///
/// # Errors
/// As [`run_floor`](super::run_floor) and [`run_fanout`](super::run_fanout).
pub fn run_pairs(options: &PairsOptions, source: &ServerSource<'_>) -> Result<PairsReport, BenchError> {
    let mut report = PairsReport {
        rows: Vec::new(),
        logins_per_s: 0.0,
        login_cpu_us: 0.0,
        user_bytes_per_idle_member: None,
        delay_p50_ms: 0.0,
        delay_p99_ms: 0.0,
    };
    for &members in &options.members {
        compare(members, options, source, &mut report)?;
    }
    Ok(report)
}

/// All batches at one number of members.
fn compare(
    members: usize,
    options: &PairsOptions,
    source: &ServerSource<'_>,
    report: &mut PairsReport,
) -> Result<(), BenchError> {
    let plan = &options.plan;
    let fanout = FanoutOptions {
        members,
        server: options.server.clone(),
        plan: plan.clone(),
        room: format!("bench_{members}"),
        ..FanoutOptions::default()
    };
    let mut server = Fanout::open(&fanout, source)?;
    let mut floor = Floor::open(members, plan)?;
    let mut frame_bytes = BTreeMap::new();
    for &batch in &plan.batches {
        frame_bytes.insert(batch, server.frame_bytes(batch)?);
    }
    let mut sets: BTreeMap<usize, Vec<(Figures, Figures)>> = BTreeMap::new();
    for repetition in 1..=plan.repetitions {
        for &batch in &plan.batches {
            floor.prepare(batch, frame_bytes[&batch]);
            let below = floor.measure(batch, plan.set_time)?;
            let above = server.measure(batch, plan.set_time)?;
            sets.entry(batch).or_default().push((below, above));
        }
        progress(&round_line(members, repetition, plan, &sets));
    }
    let opening = &server.opening;
    report.logins_per_s = opening.logins_per_s;
    report.login_cpu_us = opening.login_cpu_us;
    report.user_bytes_per_idle_member = opening.user_bytes_per_idle_member;
    let delays =
        sets.values().next().map(|sets| all_delays(sets.iter().map(|(_, above)| above))).unwrap_or_default();
    (report.delay_p50_ms, report.delay_p99_ms) = (delays.quantile_ms(0.5), delays.quantile_ms(0.99));
    report.rows.extend(plan.batches.iter().map(|batch| row(members, *batch, &sets[batch])));
    Ok(())
}

fn round_line(
    members: usize,
    repetition: usize,
    plan: &Plan,
    sets: &BTreeMap<usize, Vec<(Figures, Figures)>>,
) -> String {
    let ratios: Vec<String> = sets
        .iter()
        .filter_map(|(batch, sets)| sets.last().map(|pair| format!("k={batch} {:.2}", ratio(pair))))
        .collect();
    format!(
        "pairs, {members} members: repetition {repetition} of {}, server/floor {}",
        plan.repetitions,
        ratios.join(", ")
    )
}

fn ratio((below, above): &(Figures, Figures)) -> f64 {
    above.cpu_us_per_delivery / below.cpu_us_per_delivery
}

fn row(members: usize, batch: usize, sets: &[(Figures, Figures)]) -> PairRow {
    let (below, above): (Vec<Figures>, Vec<Figures>) = sets.iter().cloned().unzip();
    let ratios: Vec<f64> = sets.iter().map(ratio).collect();
    PairRow {
        members,
        batch,
        floor: combined(&below),
        server: FanoutRow::new(batch, &above),
        ratio: median(ratios.iter().copied()),
        ratio_min: ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratio_max: ratios.iter().copied().fold(0.0, f64::max),
    }
}

impl PairsReport {
    /// The report as a table for people.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "members     k   floor µs   server µs   ratio [ min –  max]   deliveries/s   delay p50 ms   delay p99 ms\n",
        );
        for row in &self.rows {
            let (floor, server) = (&row.floor, &row.server);
            text += &format!(
                "{:>7} {:>5} {:>10.4} {:>11.4} {:>7.2} [{:.2} – {:.2}] {:>14.0} {:>14.2} {:>14.2}\n",
                row.members,
                row.batch,
                floor.cpu_us_per_delivery,
                server.figures.cpu_us_per_delivery,
                row.ratio,
                row.ratio_min,
                row.ratio_max,
                server.figures.deliveries_per_s,
                server.delay_p50_ms,
                server.delay_p99_ms,
            );
        }
        let memory = self.user_bytes_per_idle_member;
        let memory = memory.map_or("not measured".to_owned(), |bytes| format!("{bytes:.0} bytes"));
        text + &format!("logins/s {:.0}, memory per idle member {memory}\n", self.logins_per_s)
    }

    /// The report as one line for machines: per number of members and batch the ratio, CPU time and rate of deliveries;
    /// the rest at the largest number of members.
    pub fn json_line(&self) -> String {
        let unique = |field: fn(&PairRow) -> usize| {
            let mut values: Vec<usize> = self.rows.iter().map(field).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        json!({
            "bench": "fanout",
            "n": unique(|row| row.members),
            "k": unique(|row| row.batch),
            "ratio": self.by_members(|row| row.ratio, 2),
            "cpu_us_per_delivery": self.by_members(|row| row.server.figures.cpu_us_per_delivery, 4),
            "floor_cpu_us_per_delivery": self.by_members(|row| row.floor.cpu_us_per_delivery, 4),
            "deliveries_per_s": self.by_members(|row| row.server.figures.deliveries_per_s, 0),
            "bytes_per_delivery": self.by_members(|row| row.server.figures.bytes_per_delivery, 0),
            "delay_ms": {"p50": rounded(self.delay_p50_ms, 2), "p99": rounded(self.delay_p99_ms, 2)},
            "user_bytes_per_idle_member": self.user_bytes_per_idle_member.map(|bytes| rounded(bytes, 0)),
            "logins_per_s": rounded(self.logins_per_s, 0),
            "login_cpu_us": rounded(self.login_cpu_us, 1),
        })
        .to_string()
    }

    fn by_members(&self, field: fn(&PairRow) -> f64, digits: i32) -> Value {
        let mut table = json!({});
        for row in &self.rows {
            table[row.members.to_string()][row.batch.to_string()] = json!(rounded(field(row), digits));
        }
        table
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let factor = 10f64.powi(digits);
    (value * factor).round() / factor
}
