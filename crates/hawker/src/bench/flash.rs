//! A flash sale at the engine, without sockets, beside the straightforward way; and the same over real sockets.

use super::Target;
use clap::Args;
use hawker_client::bench::{BenchError, FlashOptions, FlashReport, run_flash};
use hawker_core::answer::Answer;
use hawker_core::change::{Change, Snapshot};
use hawker_core::command::Command;
use hawker_core::engine::{AppRules, Caller, Engine, Input, Output};
use hawker_core::shop::coupon::{Claim, ClaimState, CouponDraft, Off};
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopEvent, ShopRequest};
use hawker_core::{AppId, Refusal, Time, UserId};
use hawker_store::{Store, StoreError, Writer, WriterBounds};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A crowd that claims a coupon at once: at the engine, one by one, and over sockets.
#[derive(Args)]
pub struct FlashBench {
    /// Users; each claims once.
    #[arg(long, default_value_t = 100_000)]
    users: usize,
    /// Pieces in the scarce case.
    #[arg(long, default_value_t = 1_000)]
    scarce: usize,
    /// Viewers connected at once.
    #[arg(long, default_value_t = 9_000)]
    wave: usize,
    /// Claims of the straightforward way.
    #[arg(long, default_value_t = 5_000)]
    one_by_one: usize,
    /// Claims a second when delays are measured; by default half of the goal (25,000 at the engine, 10,000 over sockets).
    #[arg(long)]
    rate: Option<f64>,
    /// Only at the engine.
    #[arg(long)]
    no_sockets: bool,
    #[command(flatten)]
    target: Target,
}

/// What was measured.
#[derive(Serialize)]
pub struct FlashBenchReport {
    bench: &'static str,
    /// Stored claims a second with a transaction for each.
    one_by_one_per_second: f64,
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    case: &'static str,
    at: &'static str,
    /// `null`: as fast as it goes.
    rate: Option<f64>,
    #[serde(flatten)]
    result: FlashReport,
}

const APP: AppId = AppId(1);
/// Inputs that the hub finds when it looks, at most.
const BATCH: usize = 512;
/// Claims on their way through the engine, as the sockets' bounds would allow.
const IN_FLIGHT: usize = 16_384;
/// Half of the goals.
const ENGINE_RATE: f64 = 25_000.0;
const SOCKET_RATE: f64 = 10_000.0;

impl FlashBench {
    pub fn run(&self) -> Result<FlashBenchReport, Box<dyn Error>> {
        let mut cases = Vec::new();
        let mut at_engine = |case, stock, rate: Option<f64>| -> Result<(), Box<dyn Error>> {
            eprintln!("  engine, {case}");
            cases.push(Case { case, at: "engine", rate, result: engine(self.users, stock, rate)? });
            Ok(())
        };
        at_engine("plentiful", self.users, None)?;
        at_engine("plentiful", self.users, Some(self.rate.unwrap_or(ENGINE_RATE)))?;
        at_engine("scarce", self.scarce, None)?;
        eprintln!("  one by one");
        let one_by_one_per_second = one_by_one(self.one_by_one)?;
        if !self.no_sockets {
            let mut over_sockets = |case, stock, rate| -> Result<(), Box<dyn Error>> {
                cases.push(Case { case, at: "sockets", rate, result: self.sockets(stock, rate)? });
                Ok(())
            };
            over_sockets("plentiful", self.users, None)?;
            over_sockets("plentiful", self.users, Some(self.rate.unwrap_or(SOCKET_RATE)))?;
            over_sockets("scarce", self.scarce, None)?;
        }
        Ok(FlashBenchReport { bench: "flash-sale", one_by_one_per_second, cases })
    }

    fn sockets(&self, stock: usize, rate: Option<f64>) -> Result<FlashReport, BenchError> {
        let options = FlashOptions { users: self.users, wave: self.wave, stock, rate, server: self.target.conf() };
        self.target.with(|source| run_flash(&options, source))?
    }
}

impl FlashBenchReport {
    /// The report as a table for people.
    pub fn table(&self) -> String {
        let mut text =
            "     at        case     rate   answered/s   stored/s   p50 ms   p99 ms   CPU µs   sold   oversold\n"
                .to_owned();
        for Case { case, at, rate, result } in &self.cases {
            let rate = rate.map_or("full".to_owned(), |rate| format!("{rate:.0}"));
            text += &format!(
                "{at:>7} {case:>11} {rate:>8} {:>12.0} {:>10.0} {:>8.1} {:>8.1} {:>8.1} {:>6} {:>10}\n",
                result.answered_per_second,
                result.stored_per_second,
                result.p50_ms,
                result.p99_ms,
                result.cpu_us_per_claim,
                result.sold,
                result.oversold
            );
        }
        text += &format!("one transaction for each claim: {:.0} a second", self.one_by_one_per_second);
        text
    }
}

/// A folder that is gone when the run is over.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("hawker-flash-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

type Done = Receiver<Result<u64, StoreError>>;

fn writer(folder: &Path, bounds: WriterBounds) -> Result<(Writer, Done), StoreError> {
    let store = Store::open(folder)?;
    let (tell, done) = channel();
    let writer = Writer::start(store, bounds, move |outcome| drop(tell.send(outcome)));
    Ok((writer, done))
}

/// The hub's loop with users instead of sockets.
struct Sale {
    engine: Engine<u64>,
    writer: Writer,
    done: Done,
    started: Instant,
    /// When each claim was asked for.
    asked_at: Vec<Duration>,
    delays_us: Vec<u32>,
    sold: usize,
    refused: usize,
}

/// The ticket of what is prepared before the sale.
const BEFORE: u64 = u64::MAX;

fn engine(users: usize, stock: usize, rate: Option<f64>) -> Result<FlashReport, Box<dyn Error>> {
    let folder = Folder::new("engine")?;
    let (writer, done) = writer(&folder.0, WriterBounds::default())?;
    let apps = BTreeMap::from([(APP, AppRules::default())]);
    let engine = Engine::new(Time(1), apps, Snapshot::default(), 7);
    let mut sale = Sale {
        engine,
        writer,
        done,
        started: Instant::now(),
        asked_at: vec![Duration::ZERO; users],
        delays_us: Vec::with_capacity(users),
        sold: 0,
        refused: 0,
    };
    sale.prepare(users, stock)?;
    let cpu = hawker_client::swarm::sys::own_cpu_ns();
    let time = sale.run(users, rate)?;
    let cpu = hawker_client::swarm::sys::own_cpu_ns() - cpu;
    let shop = sale.engine.shop(APP).expect("there is a shop");
    let claimed = shop.coupons().map(|coupon| coupon.claimed).sum::<i64>() as usize;
    sale.writer.finish();
    let kept = kept_claims(&folder.0)?;
    sale.delays_us.sort_unstable();
    let at = |part: f64| f64::from(sale.delays_us[((users as f64 * part) as usize).min(users - 1)]) / 1e3;
    Ok(FlashReport {
        users,
        stock,
        sold: sale.sold,
        refused: sale.refused,
        oversold: sale.sold.saturating_sub(stock) + sale.sold.abs_diff(claimed) + sale.sold.abs_diff(kept),
        answered_per_second: users as f64 / time.as_secs_f64(),
        stored_per_second: sale.sold as f64 / time.as_secs_f64(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        cpu_us_per_claim: cpu as f64 / 1e3 / users as f64,
    })
}

/// What is on disk when all is over.
fn kept_claims(folder: &Path) -> Result<usize, StoreError> {
    let mut kept = Store::open(folder)?.load(Time(1), Duration::from_secs(1))?;
    Ok(kept.shops.remove(&APP).map_or(0, |shop| shop.claims.len()))
}

fn user(number: u64) -> UserId {
    format!("buyer{number}").into()
}

fn ask(ticket: u64, command: Command) -> Input<u64> {
    Input::Asked { by: Caller::Admin { app: APP, user: "administrator".into() }, ticket, command }
}

impl Sale {
    fn now(&self) -> Time {
        Time(1) + self.started.elapsed()
    }

    fn prepare(&mut self, users: usize, stock: usize) -> Result<(), Box<dyn Error>> {
        for number in 0..users as u64 {
            let import = Command::ImportAccount { user: user(number), nick: None, avatar: None };
            self.engine.handle(Time(1), ask(BEFORE, import));
        }
        let coupon = CouponDraft {
            id: None,
            title: "bench".into(),
            off: Off::Amount(100),
            threshold: 0,
            goods: vec![],
            starts_at: Time(0),
            ends_at: Time(7_000_000_000_000),
            stock: stock as i64,
            per_user: 1,
        };
        let request = ShopRequest { user: None, key: None, what: ShopCommand::SaveCoupon(coupon) };
        self.engine.handle(Time(1), ask(BEFORE, Command::Shop(Box::new(request))));
        self.engine.seal();
        let commit = self.carry_out()?;
        self.wait_for(commit)?;
        self.carry_out()?;
        Ok(())
    }

    fn run(&mut self, users: usize, rate: Option<f64>) -> Result<Duration, Box<dyn Error>> {
        self.started = Instant::now();
        let mut asked = 0;
        while self.sold + self.refused < users {
            let now = self.now();
            let mut committed = 0;
            while let Ok(outcome) = self.done.try_recv() {
                committed = outcome?;
            }
            self.engine.handle(now, Input::Committed(committed));
            let answered = self.sold + self.refused;
            let due = rate.map_or(users, |rate| (self.started.elapsed().as_secs_f64() * rate) as usize + 1);
            let until = due.min(users).min(asked + BATCH).min(answered + IN_FLIGHT);
            for number in asked..until {
                self.asked_at[number] = self.started.elapsed();
                let (user, key) = (Some(user(number as u64)), Some(format!("k{number}").into()));
                let what = ShopCommand::Claim { coupon: 1, room: None };
                let claim = Command::Shop(Box::new(ShopRequest { user, key, what }));
                self.engine.handle(now, ask(number as u64, claim));
            }
            let idle = until == asked;
            asked = asked.max(until);
            self.engine.seal();
            self.carry_out()?;
            if idle {
                // Nothing to ask: as the hub, wait for the store.
                if let Ok(outcome) = self.done.recv_timeout(Duration::from_micros(200)) {
                    self.engine.handle(self.now(), Input::Committed(outcome?));
                    self.carry_out()?;
                }
            }
        }
        Ok(self.started.elapsed())
    }

    /// Carries out what comes out; the last commit that was handed in.
    fn carry_out(&mut self) -> Result<u64, Box<dyn Error>> {
        let mut last = 0;
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Commit(number, changes) => {
                    last = number;
                    if !self.writer.commit(number, changes) {
                        return Err("the store stopped".into());
                    }
                }
                Output::Reply { ticket: BEFORE, answer } => drop(answer.map_err(|refusal| refusal.to_string())?),
                Output::Reply { ticket, answer } => self.answered(ticket, &answer)?,
                _ => {}
            }
        }
        Ok(last)
    }

    fn answered(&mut self, ticket: u64, answer: &Result<Answer, Refusal>) -> Result<(), Box<dyn Error>> {
        match answer {
            Ok(Answer::Shop(answer)) if matches!(**answer, ShopAnswer::Claim(_)) => self.sold += 1,
            Err(Refusal::Shop(hawker_core::shop::ShopRefusal::CouponGone)) => self.refused += 1,
            other => return Err(format!("a claim was answered with {other:?}").into()),
        }
        let delay = self.started.elapsed() - self.asked_at[ticket as usize];
        self.delays_us.push(delay.as_micros() as u32);
        Ok(())
    }

    fn wait_for(&mut self, commit: u64) -> Result<(), Box<dyn Error>> {
        loop {
            let kept = self.done.recv()??;
            self.engine.handle(Time(1), Input::Committed(kept));
            if kept >= commit {
                return Ok(());
            }
        }
    }
}

/// The straightforward way: a transaction and a sync for each claim, on the same settings.
fn one_by_one(claims: usize) -> Result<f64, Box<dyn Error>> {
    let folder = Folder::new("single")?;
    let bounds =
        WriterBounds { transaction_every: Duration::ZERO, commits_per_transaction_max: 1, ..Default::default() };
    let (writer, done) = writer(&folder.0, bounds)?;
    let mut waiting: VecDeque<u64> = VecDeque::new();
    let started = Instant::now();
    for number in 0..claims as u64 {
        let claim = Claim {
            id: number + 1,
            coupon: 1,
            user: user(number),
            at: Time(1),
            state: ClaimState::Held,
            order: None,
            room: None,
        };
        waiting.push_back(number + 1);
        writer.commit(number + 1, vec![Change::Shop(APP, Time(1), ShopEvent::Claimed(Arc::new(claim)))]);
        while waiting.len() > 16 {
            let kept = done.recv()??;
            waiting.retain(|number| *number > kept);
        }
    }
    while !waiting.is_empty() {
        let kept = done.recv()??;
        waiting.retain(|number| *number > kept);
    }
    let time = started.elapsed();
    writer.finish();
    Ok(claims as f64 / time.as_secs_f64())
}
