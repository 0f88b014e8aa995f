//! What viewers cost who are not the lockstep crowd of the fan-out bench: a storm of joiners who want to see what was
//! said before, and viewers who hear a room at an ordinary pace, pushed to or asking again and again.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::fanout::{Fanout, FanoutOptions};
use super::server::{ServerConf, ServerSource};
use super::{BenchError, PATIENCE, Plan, median, progress};
use crate::swarm::Hearing;

/// Messages said before a storm: as many as a newcomer is shown.
const SAID_BEFORE: usize = 20;

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewersOptions {
    /// Joiners of a storm.
    pub storm: usize,
    /// Viewers of a room at an ordinary pace.
    pub viewers: usize,
    /// Messages a second said in that room; each is a measurement of its own.
    pub rates: Vec<u32>,
    /// How long each of them takes.
    pub time: Duration,
    /// What the server is told, and what members log in with.
    pub server: ServerConf,
    /// Repetitions of the storm, processes and so on.
    pub plan: Plan,
}

/// What viewers cost.
#[derive(Debug, Clone, Serialize)]
pub struct ViewersReport {
    /// The name of the bench.
    pub bench: &'static str,
    /// Storms, without and with history.
    pub storms: Vec<Storm>,
    /// Rooms at an ordinary pace.
    pub rooms: Vec<Pace>,
}

/// How a storm of joiners fared.
#[derive(Debug, Clone, Serialize)]
pub struct Storm {
    /// So many joined.
    pub joiners: usize,
    /// Each was shown so many messages that were said before.
    pub history: usize,
    /// Connect, upgrade, login, join, profile, complete; the median over the repetitions.
    pub joins_per_s: f64,
    /// CPU time of the server for each, microseconds.
    pub cpu_us_per_join: f64,
}

/// What a viewer costs while hearing a room.
#[derive(Debug, Clone, Serialize)]
pub struct Pace {
    /// `push` or `pull`.
    pub hearing: &'static str,
    /// So many viewers.
    pub viewers: usize,
    /// Messages a second in the room.
    pub messages_per_s: u32,
    /// CPU time of the server per viewer and second, microseconds.
    pub cpu_us_per_viewer_s: f64,
    /// Bytes on the wire per viewer and second.
    pub bytes_per_viewer_s: f64,
    /// Half of the messages were heard within so many milliseconds.
    pub delay_p50_ms: f64,
    /// 99 of 100 were.
    pub delay_p99_ms: f64,
}

/// Measures both.
///
/// # Errors
/// As [`run_fanout`](super::run_fanout).
pub fn run_viewers(options: &ViewersOptions, source: &ServerSource<'_>) -> Result<ViewersReport, BenchError> {
    let mut storms = Vec::new();
    for history in [0, SAID_BEFORE] {
        let runs = (0..options.plan.repetitions).map(|_| storm(options, source, history));
        let runs = runs.collect::<Result<Vec<_>, _>>()?;
        storms.push(Storm {
            joiners: options.storm,
            history,
            joins_per_s: median(runs.iter().map(|run| run.0)),
            cpu_us_per_join: median(runs.iter().map(|run| run.1)),
        });
    }
    let mut rooms = Vec::new();
    for &rate in &options.rates {
        for hearing in [PUSH, Hearing::Pull] {
            rooms.push(pace(options, source, hearing, rate)?);
        }
    }
    Ok(ViewersReport { bench: "viewers", storms, rooms })
}

const PUSH: Hearing = Hearing::Push { history: false, ask_profile: true };

fn fanout(options: &ViewersOptions, members: usize, hearing: Hearing) -> FanoutOptions {
    let (server, plan) = (options.server.clone(), options.plan.clone());
    FanoutOptions { members, hearing, server, plan, room: "bench".to_owned() }
}

/// Joins a second and CPU time for each.
fn storm(options: &ViewersOptions, source: &ServerSource<'_>, history: usize) -> Result<(f64, f64), BenchError> {
    let hearing = Hearing::Push { history: history > 0, ask_profile: true };
    let opening = Fanout::open_after(&fanout(options, options.storm, hearing), source, history)?.opening;
    Ok((opening.logins_per_s, opening.login_cpu_us))
}

fn pace(
    options: &ViewersOptions,
    source: &ServerSource<'_>,
    hearing: Hearing,
    rate: u32,
) -> Result<Pace, BenchError> {
    let mut room = Fanout::open(&fanout(options, options.viewers, hearing), source)?;
    room.wait_quiet();
    let (cpu, bytes, heard) = (room.server_cpu_ns(), room.members_of().bytes(), room.members_of().counted());
    room.members_of().take_delays();
    let started = Instant::now();
    let mut said = 0;
    while started.elapsed() < options.time {
        // In the time that the rate gives each message; one second at a time if nothing is said.
        let next = started + Duration::from_secs(1) * (said + 1) / rate.max(1);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        if rate > 0 {
            room.say()?;
        }
        said += 1;
    }
    let messages = if rate > 0 { u64::from(said) } else { 0 };
    room.members_of().wait_counted(heard + messages * options.viewers as u64, PATIENCE)?;
    let seconds = started.elapsed().as_secs_f64() * options.viewers as f64;
    let delays = room.members_of().take_delays();
    let pace = Pace {
        hearing: if hearing == Hearing::Pull { "pull" } else { "push" },
        viewers: options.viewers,
        messages_per_s: rate,
        cpu_us_per_viewer_s: (room.server_cpu_ns() - cpu) as f64 / 1e3 / seconds,
        bytes_per_viewer_s: (room.members_of().bytes() - bytes) as f64 / seconds,
        delay_p50_ms: delays.quantile_ms(0.5),
        delay_p99_ms: delays.quantile_ms(0.99),
    };
    progress(&format!("{}, {rate} messages/s: {:.1} µs", pace.hearing, pace.cpu_us_per_viewer_s));
    Ok(pace)
}

impl ViewersReport {
    /// The report as tables for people.
    pub fn table(&self) -> String {
        let mut text = "joiners   shown   joins/s   CPU µs each\n".to_owned();
        for Storm { joiners, history, joins_per_s, cpu_us_per_join } in &self.storms {
            text += &format!("{joiners:>7} {history:>7} {joins_per_s:>9.0} {cpu_us_per_join:>13.1}\n");
        }
        text +=
            "\nhearing   viewers   messages/s   CPU µs/viewer/s   bytes/viewer/s   delay p50 ms   delay p99 ms\n";
        for room in &self.rooms {
            text += &format!(
                "{:>7} {:>9} {:>12} {:>17.2} {:>16.0} {:>14.1} {:>14.1}\n",
                room.hearing,
                room.viewers,
                room.messages_per_s,
                room.cpu_us_per_viewer_s,
                room.bytes_per_viewer_s,
                room.delay_p50_ms,
                room.delay_p99_ms
            );
        }
        text
    }
}
