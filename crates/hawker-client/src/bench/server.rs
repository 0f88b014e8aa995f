//! The server to be measured: started for the occasion, or running already.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::BenchError;

/// What a bench needs of a server's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConf {
    /// The app.
    pub sdk_app_id: u64,
    /// The app's secret.
    pub secret: String,
    /// The app's admins.
    pub admins: Vec<String>,
    /// The room's budget; a bench in lockstep wants all it sends delivered.
    pub messages_per_second: u64,
    /// Appended to the configuration file as it is, behind the section `[connection]`.
    pub extra_toml: String,
}

impl Default for ServerConf {
    fn default() -> Self {
        ServerConf {
            sdk_app_id: 1_400_000_001,
            secret: "hawker-bench-secret-of-no-importance".to_owned(),
            admins: vec!["administrator".to_owned()],
            messages_per_second: 100_000_000,
            extra_toml: String::new(),
        }
    }
}

impl ServerConf {
    /// The configuration file: every limit on how fast one may speak is out of the way, all others are the defaults.
    pub fn to_toml(&self) -> String {
        let ServerConf { sdk_app_id, secret, admins, messages_per_second: rate, extra_toml } = self;
        format!(
            "[[app]]\nid = {sdk_app_id}\nsecret = {secret:?}\nadmins = {admins:?}\n\n\
             [room]\nmessages_per_second = {rate}\nmessages_per_second_per_user = {rate}\n\n\
             [connection]\nrequests_per_second = {rate}\nrequests_waiting_max = 4096\n\n{extra_toml}\n"
        )
    }
}

/// Where a bench gets its server from.
pub enum ServerSource<'a> {
    /// It runs already; it must know the app and allow the rate.
    Running {
        /// `ws://127.0.0.1:port`.
        url: String,
        /// For CPU time and memory.
        pid: u32,
    },
    /// A new one for each number of members, e.g. by [`start_server`].
    Start(&'a dyn Fn(&ServerConf) -> io::Result<Server>),
}

impl ServerSource<'_> {
    pub(super) fn get(&self, conf: &ServerConf) -> Result<Server, BenchError> {
        match self {
            ServerSource::Running { url, pid } => Ok(Server::running(url, *pid)),
            ServerSource::Start(start) => Ok(start(conf)?),
        }
    }
}

/// A server under test. One that was started is stopped when this is dropped, and its data removed.
#[derive(Debug)]
pub struct Server {
    url: String,
    pid: u32,
    child: Option<Child>,
    folder: Option<PathBuf>,
}

impl Server {
    /// One that runs already and will go on.
    pub fn running(url: &str, pid: u32) -> Server {
        Server { url: url.to_owned(), pid, child: None, folder: None }
    }

    /// One that `child` is and that keeps its data in `folder`.
    pub fn started(url: &str, child: Child, folder: PathBuf) -> Server {
        Server { url: url.to_owned(), pid: child.id(), child: Some(child), folder: Some(folder) }
    }

    /// `ws://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends it at once, as a crash would, keeping its data; for tests of what a restart survives.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again at the same address with the data it had. Only for one that was started.
    ///
    /// # Errors
    /// As [`start_server`].
    pub fn restart(&mut self, program: &Path) -> io::Result<()> {
        self.kill()?;
        let folder = self.folder.as_deref().ok_or_else(|| io::Error::other("not started by this program"))?;
        let (_, child) = launch(program, folder, self.url.trim_start_matches("ws://"))?;
        self.pid = child.id();
        self.child = Some(child);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The line a server prints when it is ready.
#[derive(Deserialize)]
struct ReadyLine {
    ready: bool,
    ws: String,
}

/// Servers started by this process, for the names of their folders.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// Starts `program serve` on a free port of 127.0.0.1 with a configuration and an empty folder of its own.
///
/// # Errors
/// If the program cannot be started, or ends before it says that it is ready; its own words are on standard error.
pub fn start_server(program: &Path, conf: &ServerConf) -> io::Result<Server> {
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("hawker-bench-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("hawker.toml"), conf.to_toml())?;
    let (url, child) = launch(program, &folder, "127.0.0.1:0")?;
    Ok(Server::started(&url, child, folder))
}

fn launch(program: &Path, folder: &Path, listen: &str) -> io::Result<(String, Child)> {
    let mut child = Command::new(program)
        .args(["serve", "--ready-json", "--listen", listen, "--data"])
        .arg(folder.join("data"))
        .arg("--config")
        .arg(folder.join("hawker.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    match ready_line(&mut child) {
        Ok(line) => Ok((line.ws, child)),
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(error)
        }
    }
}

fn ready_line(child: &mut Child) -> io::Result<ReadyLine> {
    let stdout = child.stdout.take().expect("just asked for");
    let mut lines = BufReader::new(stdout).lines();
    for line in lines.by_ref() {
        if let Ok(ready) = serde_json::from_str::<ReadyLine>(&line?)
            && ready.ready
        {
            // Read on, so that the server never waits for a reader of its output.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(ready);
        }
    }
    Err(io::Error::other("the server ended before it was ready"))
}

/// An error if a process may not have that many sockets: said before the first member is turned away.
pub(super) fn check_descriptors(pid: u32, sockets: usize) -> Result<(), BenchError> {
    /// What a server has open besides its members.
    const SPARE: usize = 64;
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()).and_then(|limit| limit.parse::<usize>().ok());
    match soft {
        Some(limit) if sockets + SPARE > limit => Err(BenchError::Server(format!(
            "process {pid} may have {limit} descriptors, too few for {sockets} members: raise ulimit -n or ask for fewer"
        ))),
        _ => Ok(()),
    }
}

/// Anonymous memory a process holds, in bytes; 0 if there is none such.
pub fn server_memory_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Waits until a process's memory has stopped growing, at most so long: what joining left behind is being put away.
pub(super) fn settled_memory_bytes(pid: u32, patience: Duration) -> u64 {
    const LOOK: Duration = Duration::from_millis(250);
    let deadline = Instant::now() + patience;
    let mut memory = server_memory_bytes(pid);
    loop {
        std::thread::sleep(LOOK);
        let now = server_memory_bytes(pid);
        if now == memory || Instant::now() > deadline {
            return now;
        }
        memory = now;
    }
}
