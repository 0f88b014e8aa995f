//! A process full of members: one thread, one poller, one buffer.

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::member::{Member, Phase, Step, Token, heartbeat};
use super::pull::Polls;
use super::shared::Page;
use super::sys::{self, Poller, Received};
use super::{Entrance, Hearing, frame, scan};

/// So many members per source address: from one address the kernel's search for free ports grows dear beyond it.
const MEMBERS_PER_ADDRESS: usize = 5_000;
/// All members read into this one.
const BUFFER_BYTES: usize = 256 << 10;
/// Every member that was silent is heard of at least this often.
const HEARTBEAT_SECS: u32 = 20;
/// How long to look away while nothing is expected.
const IDLE_WAIT: Duration = Duration::from_millis(200);
/// How long to look away while more members may be admitted at any time.
const ADMISSION_WAIT: Duration = Duration::from_millis(10);

/// What a member process is told on its standard input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Orders {
    /// The server.
    pub ip: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// Path and query of the upgrade, without the parameters that differ by member.
    pub path: String,
    /// Absent: members only connect and count bytes.
    pub entrance: Option<Entrance>,
    /// The number of the first member.
    pub first: usize,
    /// How many members this process has in the end.
    pub count: usize,
    /// So many are on their way into the room at once.
    pub in_flight: usize,
    /// Which of the numbers in [`Page::allowed`] is for this process.
    pub slot: usize,
    /// Of every so many members one has its delays measured; 0: none.
    pub sample_every: usize,
}

/// The entry of a member process, for the program that embeds the swarm: call it when the hidden subcommand is given,
/// with the arguments behind it.
///
/// The arguments are the swarm's own affair ([`Command`](super::Command) makes them). Returns when the parent says so;
/// the process dies with its parent in any case.
pub fn child_main(args: &[String]) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("member process: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> io::Result<()> {
    sys::die_with_parent();
    sys::raise_descriptor_limit();
    let fd = args.first().and_then(|fd| fd.parse().ok());
    let fd = fd.ok_or_else(|| io::Error::other("started by hand: this subcommand is for the swarm itself"))?;
    let page: &'static Page = sys::map_shared(fd)?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let orders: Orders = serde_json::from_str(&text)?;
    Process::new(orders, page)?.run();
    Ok(())
}

struct Process {
    orders: Orders,
    page: &'static Page,
    entrance: Option<Entrance>,
    /// Their polls, if they pull.
    polls: Polls,
    /// Each member's login, made beforehand: a client gets its signature from the shop's back end.
    logins: Vec<Vec<u8>>,
    poller: Poller,
    members: Vec<Member>,
    /// On their way into the room.
    in_flight: usize,
    buffer: Vec<u8>,
    heartbeat: Vec<u8>,
    tally: Tally,
    now_ns: u64,
    /// The second for which heartbeats were sent last.
    beaten_secs: u32,
}

/// What one batch of events brought, told to the page in one go.
#[derive(Default)]
struct Tally {
    counted: u64,
    bytes: u64,
    receives: u64,
}

impl Process {
    fn new(orders: Orders, page: &'static Page) -> io::Result<Process> {
        let mut logins = vec![Vec::new(); orders.count];
        let entrance = orders.entrance.clone();
        if let Some(entrance) = entrance.as_ref().filter(|entrance| entrance.hearing != Hearing::Pull) {
            for (number, login) in (orders.first..).zip(&mut logins) {
                *login = entrance.login_frame(&format!("{}{number}", entrance.user_prefix), unix_secs());
            }
        }
        Ok(Process {
            heartbeat: heartbeat(entrance.as_ref().map_or(0, |entrance| entrance.sdk_app_id)),
            polls: Polls::default(),
            entrance,
            logins,
            poller: Poller::new()?,
            members: Vec::with_capacity(orders.count),
            in_flight: 0,
            buffer: vec![0; BUFFER_BYTES],
            tally: Tally::default(),
            now_ns: sys::monotonic_ns(),
            beaten_secs: 0,
            orders,
            page,
        })
    }

    fn run(&mut self) {
        while self.page.stop.load(SeqCst) == 0 {
            self.admit();
            let complete = self.members.len() == self.orders.count;
            let wait = if complete { IDLE_WAIT } else { ADMISSION_WAIT };
            let ready = self.poller.wait(wait.min(self.polls.due_in(sys::monotonic_ns())));
            self.now_ns = sys::monotonic_ns();
            for index in 0..ready {
                let event = self.poller.ready(index);
                self.event(event);
            }
            self.ask_again();
            self.report();
            self.beat();
        }
    }

    /// Opens connections as far as the driver allows.
    fn admit(&mut self) {
        let allowed = self.page.allowed[self.orders.slot].load(SeqCst) as usize;
        while self.members.len() < allowed.min(self.orders.count) && self.in_flight < self.orders.in_flight {
            if let Err(error) = self.open() {
                // Trying on would fail for the same reason as often as there are members left.
                self.orders.count = self.members.len();
                self.page.fail(&explained(&error));
            }
        }
    }

    fn open(&mut self) -> io::Result<()> {
        let key = self.members.len();
        let number = self.orders.first + key;
        let _ = self.page.first_ns.compare_exchange(0, sys::monotonic_ns(), SeqCst, SeqCst);
        let source = Ipv4Addr::new(127, 0, 0, 2 + (number / MEMBERS_PER_ADDRESS) as u8);
        let fd = sys::connect(source, self.orders.ip, self.orders.port)?;
        self.poller.watch(fd, key as u64)?;
        let sampled = self.orders.sample_every > 0 && number.is_multiple_of(self.orders.sample_every);
        self.members.push(Member::new(fd, sampled));
        self.in_flight += 1;
        Ok(())
    }

    fn event(&mut self, event: sys::Ready) {
        let key = event.key as usize;
        if event.writable && self.members[key].phase == Phase::Connecting {
            self.connected(key);
        }
        if event.readable {
            self.read(key);
        }
    }

    fn connected(&mut self, key: usize) {
        self.members[key].phase = Phase::Upgrading;
        let number = self.orders.first + key;
        let authority = format!("{}:{}", self.orders.ip, self.orders.port);
        let path = self.orders.path.replace("{member}", &format!("{number:032x}"));
        self.send(key, &frame::upgrade_request(&authority, &path));
    }

    fn send(&mut self, key: usize, bytes: &[u8]) {
        if let Err(error) = sys::send_all(self.members[key].fd, bytes) {
            self.gone(key, &error.to_string());
        }
    }

    /// Edge-triggered: reads until there is nothing left.
    fn read(&mut self, key: usize) {
        // Taken out for the time of reading, because what is read changes the rest.
        let mut buffer = std::mem::take(&mut self.buffer);
        loop {
            if self.members[key].phase == Phase::Gone {
                break;
            }
            self.tally.receives += 1;
            match sys::receive(self.members[key].fd, &mut buffer) {
                Received::Bytes(count) => {
                    self.take(key, &buffer[..count]);
                    if count < BUFFER_BYTES {
                        break;
                    }
                }
                Received::Nothing => break,
                Received::Closed => self.gone(key, "closed by the server"),
            }
        }
        self.buffer = buffer;
    }

    #[inline]
    fn take(&mut self, key: usize, piece: &[u8]) {
        let member = &mut self.members[key];
        member.heard_secs = (self.now_ns / 1_000_000_000) as u32;
        if member.phase != Phase::Joined {
            return self.take_early(key, piece);
        }
        self.tally.bytes += piece.len() as u64;
        let Some(entrance) = &self.entrance else {
            self.tally.counted += piece.len() as u64;
            return;
        };
        if entrance.hearing == Hearing::Pull && self.polls.take(key, piece) {
            self.polls.ask_later(self.now_ns, key);
        }
        self.tally.counted += member.count(piece);
        if member.sampled {
            self.time(piece);
        }
    }

    fn time(&self, piece: &[u8]) {
        let now = sys::monotonic_ns();
        for sent in scan::stamps(piece) {
            self.page.delay(Duration::from_nanos(now.saturating_sub(sent)));
        }
    }

    #[cold]
    fn take_early(&mut self, key: usize, piece: &[u8]) {
        let answers = self.entrance.as_ref().map_or(0, Entrance::answers);
        match self.members[key].early(piece, answers) {
            Ok(Step::Wait) => {}
            Ok(Step::LogIn) => self.log_in(key),
            Ok(Step::Join(token)) => self.join(key, &token),
            Ok(Step::Joined(counted)) => self.joined(key, counted),
            Err(reason) => self.gone(key, &reason),
        }
    }

    fn log_in(&mut self, key: usize) {
        self.page.upgraded.fetch_add(1, SeqCst);
        if let Some(entrance) = self.entrance.as_ref().filter(|entrance| entrance.hearing == Hearing::Pull) {
            let frame = entrance.watch_frame();
            self.members[key].watches();
            return self.send(key, &frame);
        }
        let frame = std::mem::take(&mut self.logins[key]);
        if !frame.is_empty() {
            self.send(key, &frame);
        }
    }

    fn join(&mut self, key: usize, token: &Token) {
        let Some(entrance) = &self.entrance else {
            return;
        };
        let frames = entrance.join_frames(token, unix_secs());
        self.send(key, &frames);
    }

    fn joined(&mut self, key: usize, counted: u64) {
        self.in_flight -= 1;
        self.tally.counted += counted;
        if self.entrance.is_none() {
            self.page.upgraded.fetch_add(1, SeqCst);
        }
        if let Err(error) = self.poller.watch_reads(self.members[key].fd, key as u64) {
            return self.gone(key, &error.to_string());
        }
        self.page.last_ns.fetch_max(sys::monotonic_ns(), SeqCst);
        self.page.joined.fetch_add(1, SeqCst);
        if self.entrance.as_ref().is_some_and(|entrance| entrance.hearing == Hearing::Pull) {
            self.polls.ask_later(self.now_ns, key);
        }
    }

    /// Sends the polls that are due.
    fn ask_again(&mut self) {
        while let Some((key, start_seq)) = self.polls.due(self.now_ns) {
            if self.members[key].phase == Phase::Joined
                && let Some(entrance) = &self.entrance
            {
                let frame = entrance.poll_frame(start_seq);
                self.send(key, &frame);
            }
        }
    }

    fn gone(&mut self, key: usize, reason: &str) {
        let member = &mut self.members[key];
        let was = std::mem::replace(&mut member.phase, Phase::Gone);
        sys::close(member.fd);
        match was {
            Phase::Gone => {}
            Phase::Joined => {
                self.page.lost.fetch_add(1, SeqCst);
            }
            _ => {
                self.in_flight -= 1;
                self.page.fail(reason);
            }
        }
    }

    fn report(&mut self) {
        let tally = std::mem::take(&mut self.tally);
        if tally.receives > 0 {
            self.page.add(tally.counted, tally.bytes, tally.receives);
        }
    }

    /// Once a second one part of the silent members sends a heartbeat, so that they never all do it together.
    fn beat(&mut self) {
        let now_secs = (self.now_ns / 1_000_000_000) as u32;
        if self.entrance.is_none() || std::mem::replace(&mut self.beaten_secs, now_secs) == now_secs {
            return;
        }
        let part = (now_secs % HEARTBEAT_SECS) as usize;
        for key in (part..self.members.len()).step_by(HEARTBEAT_SECS as usize) {
            let member = &self.members[key];
            if member.phase == Phase::Joined && member.heard_secs + HEARTBEAT_SECS / 2 <= now_secs {
                let _ = sys::send_all(member.fd, &self.heartbeat);
            }
        }
    }
}

fn unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The two things that usually go wrong, said in a way that helps.
fn explained(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EMFILE) => format!("{error}: raise the limit (ulimit -n) or use more processes"),
        Some(libc::EADDRNOTAVAIL) => {
            format!("{error}: no free port left, widen net.ipv4.ip_local_port_range")
        }
        _ => error.to_string(),
    }
}
