//! Thousands of members from a few processes, to load a server on the same machine (Linux).
//!
//! A task per connection would measure the tasks. Here one thread per process drives all its members over one
//! edge-triggered poller and one shared buffer, counts messages by a byte pattern and parses nothing once a member is in
//! the room. The processes are this program started again, and share one page of counters with it.
//!
//! Only loopback servers (127.0.0.0/8): a swarm is not to be let loose on anybody.

mod child;
pub mod frame;
pub(crate) mod member;
mod pull;
pub mod scan;
mod shared;
#[allow(unsafe_code)]
pub mod sys;

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use child::Orders;
pub use child::child_main;
pub use member::stamped_text;
pub use shared::Delays;
use shared::{PROCESSES_MAX, Page};

/// The hidden subcommand under which a program that embeds the swarm calls [`child_main`].
pub const SUBCOMMAND: &str = "swarm-members";

/// Descriptors a process needs besides those of its members.
const SPARE_DESCRIPTORS: u64 = 64;
/// How often to look whether members have joined.
const JOIN_LOOK: Duration = Duration::from_millis(2);
/// A single sleep while waiting for messages; afterwards lost members are looked for.
const COUNT_LOOK: Duration = Duration::from_millis(100);
/// So long member processes have to end by themselves.
const STOP_PATIENCE: Duration = Duration::from_secs(3);

/// Why a swarm could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SwarmError {
    /// The address is not `ws://` at a loopback address.
    #[error("a swarm only loads ws:// servers at 127.0.0.0/8, not {0}")]
    Address(String),
    /// More members than this machine lets the processes have.
    #[error(
        "{members} members need {needed} descriptors per process, but only {limit} are allowed: use more processes"
    )]
    Descriptors {
        /// Wanted.
        members: usize,
        /// Descriptors per process for that.
        needed: u64,
        /// The hard limit.
        limit: u64,
    },
    /// Members could not join.
    #[error("{failed} of {wanted} members could not join, the first because: {reason}")]
    Join {
        /// How many.
        failed: u64,
        /// Of so many.
        wanted: usize,
        /// Why the first of them could not.
        reason: String,
    },
    /// Members did not join in time.
    #[error("only {joined} of {wanted} members joined within {after:?}")]
    JoinTimeout {
        /// So many did.
        joined: u64,
        /// Of so many.
        wanted: usize,
        /// Waited so long.
        after: Duration,
    },
    /// Members lost their connection.
    #[error("{lost} members lost their connection")]
    Lost {
        /// How many.
        lost: u64,
    },
    /// What was sent did not all arrive.
    #[error("stalled: {counted} of {wanted} arrived within {after:?} (dropped by the server?)")]
    Stalled {
        /// Arrived.
        counted: u64,
        /// Sent.
        wanted: u64,
        /// Waited so long without progress.
        after: Duration,
    },
    /// The operating system refused something.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// How to start a member process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program; it must call [`child_main`] when started so.
    pub program: PathBuf,
    /// Arguments before those of the swarm.
    pub args: Vec<String>,
}

impl Command {
    /// This program with the [`SUBCOMMAND`].
    pub fn this_program() -> io::Result<Command> {
        Ok(Command { program: std::env::current_exe()?, args: vec![SUBCOMMAND.to_owned()] })
    }
}

/// How members enter the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entrance {
    /// The app.
    pub sdk_app_id: u64,
    /// The app's secret, to make UserSigs with.
    pub secret: String,
    /// The room.
    pub room: String,
    /// How they hear of it.
    pub hearing: Hearing,
    /// User ids are this and a number.
    pub user_prefix: String,
}

/// How a member hears what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hearing {
    /// Logged in, and pushed to.
    Push {
        /// It wants to see what was said before.
        history: bool,
        /// It also asks for the room's profile, as the official SDKs do.
        ask_profile: bool,
    },
    /// Without an account; it asks again and again, as the official SDKs do.
    Pull,
}

/// A swarm to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwarmOptions {
    /// `ws://127.0.0.1:port`, with a path prefix if there is one.
    pub url: String,
    /// `None`: members only connect to the address as it stands, and bytes are counted instead of messages.
    pub entrance: Option<Entrance>,
    /// How many members in the end.
    pub members: usize,
    /// Over how many processes; 0: as few as the limit on descriptors allows.
    pub processes: usize,
    /// So many are on their way into the room at once, over all processes.
    pub in_flight: usize,
    /// Of every so many members one has its delays measured; 0: none.
    pub sample_every: usize,
    /// How to start a member process.
    pub command: Command,
}

/// Members in a room, or on their way into it. They leave when this is dropped.
pub struct Swarm {
    page: &'static Page,
    _file: OwnedFd,
    processes: Vec<Child>,
    /// How many members each process has in the end.
    shares: Vec<usize>,
    members: usize,
}

/// How a stage of joining went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joining {
    /// Members that joined.
    pub members: usize,
    /// From the first connect to the last join.
    pub wall: Duration,
}

impl Swarm {
    /// Starts the member processes. No member connects before [`admit`](Swarm::admit).
    ///
    /// # Errors
    /// [`SwarmError::Address`], [`SwarmError::Descriptors`], [`SwarmError::Io`].
    pub fn start(options: &SwarmOptions) -> Result<Swarm, SwarmError> {
        let (ip, port, prefix) = loopback(&options.url)?;
        let shares = shares(options)?;
        let file = sys::memory_file(size_of::<Page>())?;
        let page: &'static Page = sys::map_shared(file.as_raw_fd())?;
        let mut swarm = Swarm { page, _file: file, processes: Vec::new(), shares, members: options.members };
        let mut orders = Orders {
            ip,
            port,
            path: path(&prefix, options.entrance.as_ref()),
            entrance: options.entrance.clone(),
            first: 0,
            count: 0,
            in_flight: (options.in_flight / swarm.shares.len()).max(1),
            slot: 0,
            sample_every: options.sample_every,
        };
        for (slot, count) in swarm.shares.clone().into_iter().enumerate() {
            (orders.slot, orders.count) = (slot, count);
            let process = spawn(&options.command, swarm._file.as_raw_fd(), &orders)?;
            swarm.processes.push(process);
            orders.first += count;
        }
        Ok(swarm)
    }

    /// Lets members in until there are `members` of them, and waits for them. Returns how the new ones fared.
    ///
    /// # Errors
    /// [`SwarmError::Join`], [`SwarmError::JoinTimeout`] if nobody joins for `patience`.
    pub fn admit(&mut self, members: usize, patience: Duration) -> Result<Joining, SwarmError> {
        let before = self.open(members);
        self.wait_joined(members, patience)?;
        let wall = self.page.last_ns.load(SeqCst).saturating_sub(self.page.first_ns.load(SeqCst));
        Ok(Joining { members: members.min(self.members) - before as usize, wall: Duration::from_nanos(wall) })
    }

    /// Lets members in without waiting; how many there were before.
    pub fn open(&mut self, members: usize) -> u64 {
        let before = self.page.joined.load(SeqCst);
        self.page.first_ns.store(0, SeqCst);
        self.page.last_ns.store(0, SeqCst);
        for (slot, share) in self.shares.iter().enumerate() {
            let allowed = (members * share).div_ceil(self.members.max(1)).min(*share);
            self.page.allowed[slot].store(allowed as u32, SeqCst);
        }
        before
    }

    /// Waits until `members` are in the room.
    ///
    /// # Errors
    /// As [`admit`](Swarm::admit).
    pub fn wait_joined(&self, members: usize, patience: Duration) -> Result<(), SwarmError> {
        let wanted = members.min(self.members);
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            let joined = self.joined();
            self.check_failures(wanted)?;
            if joined >= wanted as u64 {
                return Ok(());
            }
            if joined > seen {
                (seen, since) = (joined, Instant::now());
            } else if since.elapsed() > patience {
                return Err(SwarmError::JoinTimeout { joined, wanted, after: patience });
            }
            std::thread::sleep(JOIN_LOOK);
        }
    }

    /// Members in the room by now.
    pub fn joined(&self) -> u64 {
        self.page.joined.load(SeqCst)
    }

    /// An error if any member could not join.
    fn check_failures(&self, wanted: usize) -> Result<(), SwarmError> {
        let failed = self.page.failed.load(SeqCst);
        if failed == 0 {
            return Ok(());
        }
        let reason = self.page.error().unwrap_or_default();
        Err(SwarmError::Join { failed, wanted, reason })
    }

    /// Messages that all members together have received; bytes without an entrance.
    pub fn counted(&self) -> u64 {
        self.page.counted.load(SeqCst)
    }

    /// Bytes that all members together have received since each joined.
    pub fn bytes(&self) -> u64 {
        self.page.bytes.load(SeqCst)
    }

    /// Sleeps until so much was counted in all.
    ///
    /// # Errors
    /// [`SwarmError::Stalled`] after `patience` without progress, [`SwarmError::Lost`] if members were lost.
    pub fn wait_counted(&self, wanted: u64, patience: Duration) -> Result<(), SwarmError> {
        let (mut seen, mut since) = (self.counted(), Instant::now());
        loop {
            let counted = self.page.wait(wanted, COUNT_LOOK);
            if counted >= wanted {
                return Ok(());
            }
            let lost = self.page.lost.load(SeqCst);
            if lost > 0 {
                return Err(SwarmError::Lost { lost });
            }
            if counted > seen {
                (seen, since) = (counted, Instant::now());
            } else if since.elapsed() > patience {
                return Err(SwarmError::Stalled { counted, wanted, after: patience });
            }
        }
    }

    /// Takes the delays measured so far.
    pub fn take_delays(&self) -> Delays {
        self.page.take_delays()
    }

    /// CPU time of the member processes so far.
    pub fn cpu_ns(&self) -> u64 {
        self.processes.iter().map(|process| sys::cpu_ns_of(process.id())).sum()
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        self.page.stop.store(1, SeqCst);
        let deadline = Instant::now() + STOP_PATIENCE;
        for process in &mut self.processes {
            while matches!(process.try_wait(), Ok(None)) {
                if Instant::now() > deadline {
                    let _ = process.kill();
                    let _ = process.wait();
                    break;
                }
                std::thread::sleep(JOIN_LOOK);
            }
        }
    }
}

/// Splits the members over the processes.
fn shares(options: &SwarmOptions) -> Result<Vec<usize>, SwarmError> {
    let limit = sys::raise_descriptor_limit();
    let room = limit.saturating_sub(SPARE_DESCRIPTORS).max(1) as usize;
    let processes = match options.processes {
        0 => options.members.div_ceil(room),
        processes => processes,
    };
    let processes = processes.clamp(1, PROCESSES_MAX);
    let most = options.members.div_ceil(processes);
    if most > room {
        let needed = most as u64 + SPARE_DESCRIPTORS;
        return Err(SwarmError::Descriptors { members: options.members, needed, limit });
    }
    let extra = options.members % processes;
    Ok((0..processes).map(|slot| options.members / processes + usize::from(slot < extra)).collect())
}

/// `{member}` stands for 32 hex digits of the member.
fn path(prefix: &str, entrance: Option<&Entrance>) -> String {
    match entrance {
        None if prefix.is_empty() => "/".to_owned(),
        None => prefix.to_owned(),
        Some(entrance) => format!(
            "{prefix}/info?sdkappid={}&instanceid={{member}}&random=1&platform=7&host=unknown&version=-1&sdkversion=2.27.6",
            entrance.sdk_app_id
        ),
    }
}

fn spawn(command: &Command, file: i32, orders: &Orders) -> Result<Child, SwarmError> {
    let mut process = std::process::Command::new(&command.program)
        .args(&command.args)
        .arg(file.to_string())
        .stdin(Stdio::piped())
        .spawn()?;
    let mut stdin = process.stdin.take().expect("just asked for");
    stdin.write_all(serde_json::to_string(orders).map_err(io::Error::from)?.as_bytes())?;
    Ok(process)
}

/// Address, port and path of a URL, if a swarm may go there.
pub(crate) fn loopback(url: &str) -> Result<(Ipv4Addr, u16, String), SwarmError> {
    let refused = || SwarmError::Address(url.to_owned());
    let rest = url.strip_prefix("ws://").ok_or_else(refused)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    let ip: Ipv4Addr = host.parse().map_err(|_| refused())?;
    let port = port.parse().map_err(|_| refused())?;
    if !ip.is_loopback() {
        return Err(refused());
    }
    Ok((ip, port, path.trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_servers_are_loaded() {
        assert_eq!(loopback("ws://127.0.0.1:80/a/").unwrap(), (Ipv4Addr::LOCALHOST, 80, "/a".to_owned()));
        assert_eq!(loopback("ws://localhost:8080").unwrap(), (Ipv4Addr::LOCALHOST, 8080, String::new()));
        for url in
            ["ws://192.0.2.1:80", "wss://127.0.0.1:80", "ws://example.org:80", "ws://127.0.0.1:port", "127.0.0.1"]
        {
            assert!(matches!(loopback(url), Err(SwarmError::Address(_))), "{url}");
        }
    }

    #[test]
    fn members_are_split_evenly_and_within_the_limit() {
        let mut options = SwarmOptions {
            url: String::new(),
            entrance: None,
            members: 10,
            processes: 3,
            in_flight: 1,
            sample_every: 0,
            command: Command { program: PathBuf::new(), args: vec![] },
        };
        assert_eq!(shares(&options).unwrap(), [4, 3, 3]);
        (options.members, options.processes) = (usize::MAX / 2, 1);
        assert!(matches!(shares(&options), Err(SwarmError::Descriptors { .. })));
    }
}
