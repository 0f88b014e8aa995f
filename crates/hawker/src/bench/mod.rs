//! `hawker bench`: measures a server from outside, over real sockets, and what can be measured alone. Ends with one line of JSON.

mod flash;
mod words;

use clap::{Args, Subcommand};
use hawker_client::bench::{
    FanoutOptions, FloorOptions, PairsOptions, Plan, ServerConf, ServerSource, ViewersOptions, run_fanout,
    run_floor, run_pairs, run_viewers, start_server,
};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// What to measure.
#[derive(Subcommand)]
pub enum Bench {
    /// A full room on a real server: CPU per delivery, delays, logins a second, memory per member.
    Fanout(Fanout),
    /// The least that fan-out can cost on this machine: a bare send(2) loop over so many sockets.
    Floor(Floor),
    /// Both by turns in one run: the ratio is what matters.
    Pairs(Pairs),
    /// A storm of joiners with history; viewers who are pushed to beside viewers who ask again and again.
    Viewers(Viewers),
    /// A crowd that claims a coupon at once: stored claims a second, delays, and that nothing is sold twice.
    FlashSale(flash::FlashBench),
    /// The word filter: microseconds a message.
    Words(words::WordsBench),
}

#[derive(Args)]
struct Rounds {
    /// Messages per flush.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32")]
    k: Vec<usize>,
    /// Repetitions of each measurement; medians are reported.
    #[arg(long, default_value_t = 5)]
    reps: usize,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 1.0)]
    secs: f64,
    /// Processes that the members live in.
    #[arg(long, default_value_t = 2)]
    processes: usize,
}

/// A full room on a real server.
#[derive(Args)]
pub struct Fanout {
    /// Members.
    #[arg(long, default_value_t = 5000)]
    members: usize,
    #[command(flatten)]
    rounds: Rounds,
    #[command(flatten)]
    target: Target,
}

/// The server to measure; by default this program starts one of its own.
#[derive(Args)]
struct Target {
    /// A server that runs already, e.g. ws://127.0.0.1:8080. It must allow the rate (messages and requests a second).
    #[arg(long, requires = "pid")]
    url: Option<String>,
    /// Its process.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// Its app.
    #[arg(long)]
    app: Option<u64>,
    /// The secret of its app.
    #[arg(long)]
    secret: Option<String>,
    /// The program to start instead of this one.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Threads that own sockets in a server that is started; 0 is one for each core.
    #[arg(long, default_value_t = 0)]
    shards: usize,
}

/// The least that fan-out can cost.
#[derive(Args)]
pub struct Floor {
    /// Sockets.
    #[arg(long, default_value_t = 5000)]
    members: usize,
    /// Bytes of one message.
    #[arg(long, default_value_t = 250)]
    size: usize,
    #[command(flatten)]
    rounds: Rounds,
}

/// Both by turns.
#[derive(Args)]
pub struct Pairs {
    /// Numbers of members, one run for each.
    #[arg(long, value_delimiter = ',', default_value = "5000,15000")]
    n: Vec<usize>,
    #[command(flatten)]
    rounds: Rounds,
    #[command(flatten)]
    target: Target,
}

/// What viewers cost.
#[derive(Args)]
pub struct Viewers {
    /// Joiners of a storm.
    #[arg(long, default_value_t = 10_000)]
    storm: usize,
    /// Viewers of a room at an ordinary pace.
    #[arg(long, default_value_t = 5_000)]
    viewers: usize,
    /// Messages a second in that room.
    #[arg(long, value_delimiter = ',', default_value = "0,5,20")]
    rates: Vec<u32>,
    /// Seconds for each of them.
    #[arg(long, default_value_t = 10.0)]
    secs: f64,
    /// Storms with and without history; medians are reported.
    #[arg(long, default_value_t = 3)]
    reps: usize,
    /// Processes that the viewers live in.
    #[arg(long, default_value_t = 2)]
    processes: usize,
    #[command(flatten)]
    target: Target,
}

impl Rounds {
    fn plan(&self) -> Plan {
        Plan {
            batches: self.k.clone(),
            repetitions: self.reps,
            set_time: Duration::from_secs_f64(self.secs),
            processes: self.processes,
            ..Plan::default()
        }
    }
}

impl Target {
    fn conf(&self) -> ServerConf {
        let mut conf = ServerConf::default();
        conf.sdk_app_id = self.app.unwrap_or(conf.sdk_app_id);
        conf.secret = self.secret.clone().unwrap_or(conf.secret);
        // Goes on with the section `[connection]`, the last of a bench's configuration.
        conf.extra_toml = format!("shards = {}", self.shards);
        conf
    }

    fn with<T>(&self, run: impl FnOnce(&ServerSource<'_>) -> T) -> io::Result<T> {
        if let (Some(url), Some(pid)) = (&self.url, self.pid) {
            return Ok(run(&ServerSource::Running { url: url.clone(), pid }));
        }
        let program = match &self.program {
            Some(program) => program.clone(),
            None => std::env::current_exe()?,
        };
        Ok(run(&ServerSource::Start(&|conf| start_server(&program, conf))))
    }
}

/// Runs a bench.
pub fn run(bench: Bench) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match bench {
        Bench::Fanout(fanout) => {
            let options = FanoutOptions {
                members: fanout.members,
                server: fanout.target.conf(),
                plan: fanout.rounds.plan(),
                ..FanoutOptions::default()
            };
            let report = fanout.target.with(|source| run_fanout(&options, source))??;
            println!("{}\n{}", report.table(), serde_json::to_string(&report)?);
        }
        Bench::Floor(floor) => {
            let options = FloorOptions { members: floor.members, size: floor.size, plan: floor.rounds.plan() };
            let report = run_floor(&options)?;
            println!("{}\n{}", report.table(), serde_json::to_string(&report)?);
        }
        Bench::Pairs(pairs) => {
            let options =
                PairsOptions { members: pairs.n.clone(), server: pairs.target.conf(), plan: pairs.rounds.plan() };
            let report = pairs.target.with(|source| run_pairs(&options, source))??;
            println!("{}\n{}", report.table(), report.json_line());
        }
        Bench::Viewers(viewers) => {
            let options = ViewersOptions {
                storm: viewers.storm,
                viewers: viewers.viewers,
                rates: viewers.rates.clone(),
                time: Duration::from_secs_f64(viewers.secs),
                server: viewers.target.conf(),
                plan: Plan { repetitions: viewers.reps, processes: viewers.processes, ..Plan::default() },
            };
            let report = viewers.target.with(|source| run_viewers(&options, source))??;
            println!("{}\n{}", report.table(), serde_json::to_string(&report)?);
        }
        Bench::FlashSale(flash) => {
            let report = flash.run()?;
            println!("{}\n{}", report.table(), serde_json::to_string(&report)?);
        }
        Bench::Words(words) => {
            let report = words.run();
            println!("{}\n{}", report.table(), serde_json::to_string(&report)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
