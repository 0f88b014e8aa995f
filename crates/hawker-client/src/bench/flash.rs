//! A flash sale over real sockets: thousands of viewers claim a coupon at once, and each waits for its answer.
//!
//! More users than one machine has descriptors for come in waves: all of a wave log in, then all claim, then they leave for the
//! next. Only claiming is timed.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::sender::unix_secs;
use super::server::{ServerConf, ServerSource};
use super::{BenchError, PATIENCE, progress};
use crate::protocol::{Head, encode};
use crate::swarm::member::{Member, Phase, Step, Token};
use crate::swarm::sys::{self, Poller, Received};
use crate::swarm::{Entrance, Hearing, frame, loopback};

/// Claims are sent in runs of so many before answers are looked at.
const RUN: usize = 64;
/// Viewers on their way in at once.
const IN_FLIGHT: usize = 256;
/// All read into this one.
const BUFFER_BYTES: usize = 64 << 10;
/// Viewers with one source address; the kernel's search for free ports grows dear beyond it.
const VIEWERS_PER_ADDRESS: usize = 5_000;
/// The answer to who comes too late.
const GONE: u64 = 61007;

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct FlashOptions {
    /// All viewers.
    pub users: usize,
    /// Viewers at once.
    pub wave: usize,
    /// Pieces of the coupon.
    pub stock: usize,
    /// Claims a second; `None`: as fast as it goes.
    pub rate: Option<f64>,
    /// What the server is told, and what viewers log in with.
    pub server: ServerConf,
}

/// How it went.
#[derive(Debug, Clone, Serialize)]
pub struct FlashReport {
    /// Viewers who claimed.
    pub users: usize,
    /// Pieces of the coupon.
    pub stock: usize,
    /// Claims that were answered with a piece.
    pub sold: usize,
    /// Claims that were told that none is left.
    pub refused: usize,
    /// More than there was, by the answers or by the server's own count.
    pub oversold: usize,
    /// Answers a second while claiming.
    pub answered_per_second: f64,
    /// Claims stored a second while claiming.
    pub stored_per_second: f64,
    /// Half of the answers came within this.
    pub p50_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// CPU time of the server for each claim, microseconds.
    pub cpu_us_per_claim: f64,
}

/// Runs one sale.
///
/// # Errors
/// What goes wrong with the sockets or the server; a claim with any other answer than a piece or "none left".
pub fn run_flash(options: &FlashOptions, source: &ServerSource<'_>) -> Result<FlashReport, BenchError> {
    sys::raise_descriptor_limit();
    let server = source.get(&options.server)?;
    let target = loopback(server.url())?;
    let admin = Admin::new(&options.server, &target);
    let coupon = admin.save_coupon(options.stock)?;
    let mut report = Totals::default();
    let mut first = 0;
    while first < options.users {
        let count = options.wave.min(options.users - first);
        let mut wave = Wave::enter(&options.server, &target, coupon, first..first + count)?;
        let cpu = sys::cpu_ns_of(server.pid());
        wave.claim(options.rate)?;
        report.cpu_ns += sys::cpu_ns_of(server.pid()) - cpu;
        report.add(wave);
        first += count;
        progress(&format!("{first} of {} users have claimed, {} got a piece", options.users, report.sold));
    }
    let claimed = admin.claimed(coupon)?;
    Ok(report.report(options, claimed))
}

#[derive(Default)]
struct Totals {
    sold: usize,
    refused: usize,
    time: Duration,
    delays_us: Vec<u32>,
    cpu_ns: u64,
}

impl Totals {
    fn add(&mut self, wave: Wave) {
        self.sold += wave.sold;
        self.refused += wave.refused;
        self.time += wave.time;
        self.delays_us.extend(wave.delays_us.iter());
    }

    fn report(mut self, options: &FlashOptions, claimed: usize) -> FlashReport {
        self.delays_us.sort_unstable();
        let at = |part: f64| {
            let index = ((self.delays_us.len() as f64 * part) as usize).min(self.delays_us.len().saturating_sub(1));
            self.delays_us.get(index).map_or(0.0, |delay| f64::from(*delay) / 1e3)
        };
        let answered = self.sold + self.refused;
        FlashReport {
            users: options.users,
            stock: options.stock,
            sold: self.sold,
            refused: self.refused,
            oversold: self.sold.max(claimed).saturating_sub(options.stock) + self.sold.abs_diff(claimed),
            answered_per_second: answered as f64 / self.time.as_secs_f64(),
            stored_per_second: self.sold as f64 / self.time.as_secs_f64(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            cpu_us_per_claim: self.cpu_ns as f64 / 1e3 / answered.max(1) as f64,
        }
    }
}

struct Viewer {
    member: Member,
    /// The claim, made beforehand.
    claim: Vec<u8>,
    sent_ns: u64,
    inbox: Vec<u8>,
}

struct Wave {
    poller: Poller,
    viewers: Vec<Viewer>,
    buffer: Vec<u8>,
    entrance: Entrance,
    coupon: u64,
    first: usize,
    ready: usize,
    answered: usize,
    sold: usize,
    refused: usize,
    time: Duration,
    delays_us: Vec<u32>,
    wrong: Option<String>,
}

impl Wave {
    /// Lets everybody of a wave in.
    fn enter(
        conf: &ServerConf,
        (ip, port, prefix): &(Ipv4Addr, u16, String),
        coupon: u64,
        numbers: std::ops::Range<usize>,
    ) -> Result<Self, BenchError> {
        let entrance = Entrance {
            sdk_app_id: conf.sdk_app_id,
            secret: conf.secret.clone(),
            room: String::new(),
            hearing: Hearing::Push { history: false, ask_profile: false },
            user_prefix: "buyer".to_owned(),
        };
        let mut wave = Self {
            poller: Poller::new()?,
            viewers: Vec::with_capacity(numbers.len()),
            buffer: vec![0; BUFFER_BYTES],
            entrance,
            coupon,
            first: numbers.start,
            ready: 0,
            answered: 0,
            sold: 0,
            refused: 0,
            time: Duration::ZERO,
            delays_us: Vec::with_capacity(numbers.len()),
            wrong: None,
        };
        let authority = format!("{ip}:{port}");
        let (mut since, mut seen) = (Instant::now(), 0);
        while wave.ready < numbers.len() {
            while wave.viewers.len() < numbers.len() && wave.viewers.len() - wave.ready < IN_FLIGHT {
                let number = wave.viewers.len();
                let source = Ipv4Addr::new(127, 0, 0, 2 + (number / VIEWERS_PER_ADDRESS) as u8);
                let fd = sys::connect(source, *ip, *port)?;
                wave.poller.watch(fd, number as u64)?;
                let member = Member::new(fd, false);
                wave.viewers.push(Viewer { member, claim: Vec::new(), sent_ns: 0, inbox: Vec::new() });
            }
            wave.look(Duration::from_millis(10), &authority, prefix)?;
            if wave.ready > seen {
                (seen, since) = (wave.ready, Instant::now());
            } else if since.elapsed() > PATIENCE {
                return Err(BenchError::Server(format!(
                    "only {} of {} viewers logged in",
                    wave.ready,
                    numbers.len()
                )));
            }
        }
        Ok(wave)
    }

    /// All claim; returns when all have their answers.
    fn claim(&mut self, rate: Option<f64>) -> Result<(), BenchError> {
        let started = Instant::now();
        let (mut sent, mut since, mut seen) = (0, Instant::now(), 0);
        while self.answered < self.viewers.len() {
            let due = rate.map_or(self.viewers.len(), |rate| (started.elapsed().as_secs_f64() * rate) as usize + 1);
            let until = due.min(self.viewers.len()).min(sent + RUN);
            for number in sent..until {
                let viewer = &mut self.viewers[number];
                viewer.sent_ns = sys::monotonic_ns();
                sys::send_all(viewer.member.fd, &viewer.claim)?;
            }
            sent = sent.max(until);
            let wait = if sent < self.viewers.len() {
                Duration::from_micros(if rate.is_some() { 200 } else { 0 })
            } else {
                Duration::from_millis(10)
            };
            self.look(wait, "", "")?;
            if self.answered > seen {
                (seen, since) = (self.answered, Instant::now());
            } else if since.elapsed() > PATIENCE {
                return Err(BenchError::Server(format!("only {} of {sent} claims were answered", self.answered)));
            }
        }
        self.time = started.elapsed();
        Ok(())
    }

    fn look(&mut self, wait: Duration, authority: &str, prefix: &str) -> Result<(), BenchError> {
        let ready = self.poller.wait(wait);
        for index in 0..ready {
            let event = self.poller.ready(index);
            let number = event.key as usize;
            if event.writable && self.viewers[number].member.phase == Phase::Connecting {
                self.upgrade(number, authority, prefix)?;
            }
            if event.readable {
                self.read(number)?;
            }
        }
        self.wrong.take().map_or(Ok(()), |wrong| Err(BenchError::Server(wrong)))
    }

    fn upgrade(&mut self, number: usize, authority: &str, prefix: &str) -> Result<(), BenchError> {
        let path = format!(
            "{prefix}/info?sdkappid={}&instanceid={:032x}&random=1&platform=7&host=unknown&version=-1&sdkversion=2.27.6",
            self.entrance.sdk_app_id,
            self.first + number
        );
        let viewer = &mut self.viewers[number];
        viewer.member.phase = Phase::Upgrading;
        sys::send_all(viewer.member.fd, &frame::upgrade_request(authority, &path))?;
        self.poller.watch_reads(viewer.member.fd, number as u64)?;
        Ok(())
    }

    /// Edge-triggered: reads until there is nothing left.
    fn read(&mut self, number: usize) -> Result<(), BenchError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        loop {
            match sys::receive(self.viewers[number].member.fd, &mut buffer) {
                Received::Bytes(count) => self.take(number, &buffer[..count])?,
                Received::Nothing => break,
                Received::Closed => return Err(BenchError::Server("a viewer was closed by the server".to_owned())),
            }
        }
        self.buffer = buffer;
        Ok(())
    }

    fn take(&mut self, number: usize, piece: &[u8]) -> Result<(), BenchError> {
        let viewer = &mut self.viewers[number];
        if viewer.member.phase == Phase::Joined {
            return self.answer(number, piece);
        }
        match viewer.member.early(piece, 1).map_err(BenchError::Server)? {
            Step::LogIn => {
                let user = format!("{}{}", self.entrance.user_prefix, self.first + number);
                sys::send_all(viewer.member.fd, &self.entrance.login_frame(&user, unix_secs()))?;
            }
            Step::Join(token) => {
                viewer.claim = claim_frame(&self.entrance, &token, self.coupon);
                viewer.member.phase = Phase::Joined;
                self.ready += 1;
            }
            Step::Wait | Step::Joined(_) => {}
        }
        Ok(())
    }

    fn answer(&mut self, number: usize, piece: &[u8]) -> Result<(), BenchError> {
        let now = sys::monotonic_ns();
        let viewer = &mut self.viewers[number];
        viewer.inbox.extend_from_slice(piece);
        while let Some((_, payload, len)) = frame::first_frame(&viewer.inbox) {
            if sys::find(payload, b"live_shop.claim_coupon").is_some() {
                match error_code(payload) {
                    Some(0) => self.sold += 1,
                    Some(GONE) => self.refused += 1,
                    _ => self.wrong = Some(String::from_utf8_lossy(payload).into_owned()),
                }
                self.answered += 1;
                self.delays_us.push(((now - viewer.sent_ns) / 1000) as u32);
            }
            viewer.inbox.drain(..len);
        }
        Ok(())
    }
}

impl Drop for Wave {
    fn drop(&mut self) {
        self.viewers.iter().for_each(|viewer| sys::close(viewer.member.fd));
    }
}

fn error_code(payload: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"ErrorCode\":";
    let from = sys::find(payload, NAME)? + NAME.len();
    let digits: String =
        payload[from..].iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| *byte as char).collect();
    digits.parse().ok()
}

fn claim_frame(entrance: &Entrance, token: &Token, coupon: u64) -> Vec<u8> {
    let head = Head {
        servcmd: "live_shop.claim_coupon",
        seq: 2,
        sdkappid: entrance.sdk_app_id,
        reqtime: unix_secs(),
        a2: token.a2(),
        tinyid: token.tiny_id(),
        status_instid: 1,
        ..Head::default()
    };
    let mut out = Vec::new();
    let key = format!("{}-{}", token.tiny_id(), coupon);
    frame::push_masked_text(&mut out, &encode(&head, &json!({ "Coupon": coupon, "Key": key })));
    out
}

/// The merchant, over the REST API.
struct Admin {
    address: String,
    query: String,
}

impl Admin {
    fn new(conf: &ServerConf, (ip, port, _): &(Ipv4Addr, u16, String)) -> Self {
        let user = conf.admins.first().map_or("administrator", String::as_str);
        let sig = crate::usersig::user_sig(conf.sdk_app_id, &conf.secret, user, 86_400, unix_secs());
        let query =
            format!("sdkappid={}&identifier={user}&usersig={sig}&random=1&contenttype=json", conf.sdk_app_id);
        Self { address: format!("{ip}:{port}"), query }
    }

    fn save_coupon(&self, stock: usize) -> Result<u64, BenchError> {
        let now = unix_secs() * 1000;
        let body = json!({
            "Title": "bench", "Off": { "Amount": 100 }, "StartsAt": now - 60_000, "EndsAt": now + 3_600_000,
            "Stock": stock, "PerUser": 1,
        });
        let answer = self.ask("save_coupon", &body)?;
        answer["Id"].as_u64().ok_or_else(|| BenchError::Server(format!("no coupon: {answer}")))
    }

    fn claimed(&self, coupon: u64) -> Result<usize, BenchError> {
        let answer = self.ask("list_coupons", &json!({}))?;
        let found = answer["Items"].as_array().and_then(|all| all.iter().find(|one| one["Id"] == coupon));
        let claimed = found.and_then(|one| one["Claimed"].as_u64());
        claimed.map(|claimed| claimed as usize).ok_or_else(|| BenchError::Server(format!("no coupon: {answer}")))
    }

    /// One request over a connection of its own.
    fn ask(&self, command: &str, body: &Value) -> Result<Value, BenchError> {
        use std::io::{Read, Write};
        let body = body.to_string();
        let mut socket = std::net::TcpStream::connect(&self.address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        write!(
            socket,
            "POST /v4/live_shop/{command}?{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            self.query,
            self.address,
            body.len()
        )?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        let json = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let value: Value = serde_json::from_str(json).map_err(|_| BenchError::Server(answer.clone()))?;
        match value["ErrorCode"].as_u64() {
            Some(0) => Ok(value),
            code => Err(BenchError::Refused {
                command: command.to_owned(),
                code: code.unwrap_or(0),
                text: value["ErrorInfo"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_by_their_code() {
        assert_eq!(error_code(br#"{"ErrorCode":61007,"#), Some(GONE));
        assert_eq!(error_code(br#"{"ErrorCode":0}"#), Some(0));
        assert_eq!(error_code(b"{}"), None);
    }

    #[test]
    fn what_answers_and_server_do_not_agree_on_is_oversold() {
        let options = FlashOptions { users: 4, wave: 4, stock: 2, rate: None, server: ServerConf::default() };
        let totals = || Totals {
            sold: 2,
            refused: 2,
            time: Duration::from_secs(2),
            delays_us: vec![1000, 3000],
            cpu_ns: 8000,
        };
        let report = totals().report(&options, 2);
        assert_eq!((report.oversold, report.stored_per_second, report.p99_ms), (0, 1.0, 3.0));
        assert_eq!(totals().report(&options, 3).oversold, 2);
    }
}
