//! A real server in a process of its own, and clients that are made by hand down to the frame.
//!
//! Nothing here waits for time to pass: every read has a deadline generous enough for a slow machine, and a read
//! that meets it fails the test. "Nothing came" is proven by an answer that would have come after it.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub mod console;
pub mod heard;
pub mod http;
pub mod receiver;
pub mod rest;
pub mod s3;
pub mod schema;
pub mod wire;

#[allow(unused_imports, reason = "each test file uses its own part of this")]
pub use wire::{Ended, Item, Wire};

use hawker_core::{AppId, Time, UserId};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// The app of most tests.
pub const APP: u32 = 1_400_000_001;
/// Its secret.
pub const SECRET: &str = "a secret for the tests";
/// Another app of the same server.
pub const OTHER_APP: u32 = 1_400_000_002;
/// Its secret.
pub const OTHER_SECRET: &str = "another secret for the tests";
/// The administrator of both.
pub const ADMIN: &str = "administrator";
/// What takes longer than this never comes.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A server that runs.
pub struct Server {
    /// Where it listens now; another place after each start.
    pub addr: SocketAddr,
    /// Where it takes live video.
    pub rtmp: String,
    /// The link that sets up the console, as long as nobody is set up.
    pub console_link: Option<String>,
    child: Option<Child>,
    folder: TempDir,
}

impl Server {
    /// Starts a server with two apps and the given configuration beside them.
    pub fn start(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let apps = format!(
            "[[app]]\nid = {APP}\nsecret = '{SECRET}'\n[[app]]\nid = {OTHER_APP}\nsecret = '{OTHER_SECRET}'\n"
        );
        fs::write(folder.path().join("hawker.toml"), format!("{apps}{config}")).expect("a file");
        let addr = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { addr, rtmp: String::new(), console_link: None, child: None, folder };
        server.start_again();
        server
    }

    /// Starts the server over what it has kept.
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_hawker"))
            .args(["serve", "--ready-json", "--listen", "127.0.0.1:0", "--data"])
            .arg(self.data())
            .arg("--config")
            .arg(self.config())
            .env_remove("HAWKER_CONFIG")
            .env_remove("HAWKER_DATA")
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line when it is ready");
        self.child = Some(child);
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {}", self.log()));
        let http = ready["http"].as_str().expect("an address");
        self.addr = http.trim_start_matches("http://").parse().expect("an address");
        self.rtmp = ready["rtmp"].as_str().unwrap_or_default().to_owned();
        self.console_link = ready["console"].as_str().map(str::to_owned);
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The configuration.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("hawker.toml")
    }

    /// Its database, opened beside it.
    pub fn database(&self) -> rusqlite::Connection {
        let db = rusqlite::Connection::open(self.data().join("hawker.db")).expect("a database");
        db.busy_timeout(DEADLINE).expect("a database");
        db
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Takes the power away: `kill -9`.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        // Safety: a plain call; the child has not been waited for, so the id is its own.
        unsafe { libc::kill(child.id() as i32, libc::SIGTERM) };
        let status = child.wait().expect("it ends");
        assert!(status.success(), "it stopped with {status}: {}", self.log());
    }

    /// Still there, and nothing in it has panicked.
    pub fn must_be_well(&mut self) {
        let child = self.child.as_mut().expect("it runs");
        let ended = child.try_wait().expect("it can be asked");
        assert!(ended.is_none(), "the server ended with {ended:?}: {}", self.log());
        assert!(!self.log().contains("panicked"), "something panicked: {}", self.log());
    }

    /// A number of `/metrics`.
    pub fn metric(&self, name: &str) -> i64 {
        let (_, text) = rest::get(self.addr, "/metrics");
        let line = text.lines().find(|line| line.split(' ').next() == Some(name));
        let line = line.unwrap_or_else(|| panic!("no metric {name} in {text}"));
        line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") * 1024
    }

    /// A REST call of the administrator of the first app; its answer.
    pub fn rest(&self, command: &str, body: &Value) -> Value {
        let target = rest::target(command, APP, ADMIN, &sig(ADMIN));
        let (status, answer) = rest::post(self.addr, &target, body.to_string().as_bytes());
        assert_eq!(status, 200, "{command}: {answer}");
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{command}: {answer}"))
    }

    /// A REST call that must succeed.
    pub fn rest_ok(&self, command: &str, body: &Value) -> Value {
        let answer = self.rest(command, body);
        assert_eq!(answer["ErrorCode"], 0, "{command} {body}: {answer}");
        answer
    }

    /// Opens a room for an owner over REST; both are new.
    pub fn open_room(&self, room: &str, owner: &str) {
        self.rest_ok("im_open_login_svc/account_import", &serde_json::json!({ "UserID": owner }));
        self.rest_ok(
            "group_open_http_svc/create_group",
            &serde_json::json!({
                "Type": "AVChatRoom", "GroupId": room, "Name": "Tea", "Owner_Account": owner,
            }),
        );
    }

    /// A client that is logged in.
    pub fn user(&self, user: &str) -> Wire {
        let mut wire = Wire::open(self.addr);
        wire.login(user);
        wire
    }

    /// A client that is in a room and hears it.
    pub fn member(&self, user: &str, room: &str) -> Wire {
        let mut wire = self.user(user);
        wire.join(room);
        wire
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(4000);
            eprintln!("--- the server's log ---\n{}", String::from_utf8_lossy(&log.as_bytes()[from..]));
        }
    }
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let by = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < by, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Seconds since 1970.
pub fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// A good UserSig of the first app.
pub fn sig(user: &str) -> String {
    sig_with(APP, SECRET, user, now_secs(), 3600)
}

/// A UserSig of any kind.
pub fn sig_with(app: u32, secret: &str, user: &str, made_at: u64, valid_secs: u64) -> String {
    hawker_wire::usersig::sign(AppId(app), secret, &UserId::from(user), Time::from_secs(made_at), valid_secs)
}

/// Lets this process open as many sockets as it may; returns how many that is.
pub fn raise_descriptor_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // Safety: plain calls on a struct of our own.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
    }
    limit.rlim_cur
}
