//! hawker: the live shop in one binary.

mod bench;
mod clock;
mod config;
mod console;
mod demo;
mod framer;
mod gateway;
mod hub;
mod letters;
mod media;
mod metrics;
mod origin;
mod queues;
mod secrets;
mod server;
mod shard;
mod shared;
mod upgrade;
mod uploads;
mod webhooks;
mod welcome;

use clap::{Args, Parser, Subcommand};
use config::Config;
use hawker_core::{AppId, UserId};
use hawker_store::Store;
use hawker_wire::usersig;
use server::Server;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The live shop in one binary: rooms, chat, likes, gifts and pushed goods, self-hosted.
#[derive(Parser)]
#[command(name = "hawker", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Serve),
    /// Print a UserSig for a user.
    Sig(Sig),
    /// Print a new one-time link to the console, for the first user or one who is locked out.
    ConsoleLink(Files),
    /// Say whether a configuration file is good.
    Check(Check),
    /// Measure a server over real sockets.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Members of a bench; started by it.
    #[command(name = hawker_client::swarm::SUBCOMMAND, hide = true, disable_help_flag = true)]
    Members {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

#[derive(Args)]
struct Files {
    /// The configuration file; without one everything has its default.
    #[arg(long, value_name = "FILE", env = "HAWKER_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder.
    #[arg(long, value_name = "DIR", default_value = "data", env = "HAWKER_DATA")]
    data: PathBuf,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    files: Files,
    /// Where to listen, instead of what the configuration says.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Open a demo room with a host, goods and scripted viewers.
    #[arg(long)]
    demo: bool,
    /// Print one line of JSON when the server is ready, for scripts.
    #[arg(long)]
    ready_json: bool,
}

#[derive(Args)]
struct Sig {
    /// The user.
    user: String,
    #[command(flatten)]
    files: Files,
    /// The app; by default the first.
    #[arg(long, value_name = "SDKAPPID")]
    app: Option<u32>,
    /// How long it is good.
    #[arg(long, value_name = "SECONDS", default_value_t = 180 * 24 * 3600)]
    expire: u64,
}

#[derive(Args)]
struct Check {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "HAWKER_CONFIG")]
    config: Option<PathBuf>,
    /// Print a commented sample that holds the defaults.
    #[arg(long)]
    sample: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(serve) => run_serve(&serve),
        Command::Sig(sig) => run_sig(&sig),
        Command::ConsoleLink(files) => run_console_link(&files),
        Command::Check(check) => run_check(&check),
        Command::Bench(bench) => bench::run(bench),
        Command::Members { args } => Ok(hawker_client::swarm::child_main(&args)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("hawker: {error}");
        ExitCode::FAILURE
    })
}

type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

fn read_config(path: Option<&Path>) -> Result<Config, config::ConfigError> {
    path.map_or_else(|| Ok(Config::default()), Config::read)
}

fn run_check(check: &Check) -> Outcome {
    if check.sample {
        print!("{}", config::SAMPLE);
        return Ok(ExitCode::SUCCESS);
    }
    read_config(check.config.as_deref())?;
    match &check.config {
        Some(path) => println!("{}: good", path.display()),
        None => println!("no configuration file: the defaults are good (--sample prints them)"),
    }
    Ok(ExitCode::SUCCESS)
}

fn run_sig(sig: &Sig) -> Outcome {
    let config = read_config(sig.files.config.as_deref())?;
    let folder = &sig.files.data;
    let app = match (sig.app, config.app.first()) {
        (Some(id), _) => AppId(id),
        (None, Some(app)) => AppId(app.id),
        (None, None) => AppId(0),
    };
    let configured = config.app.iter().find(|candidate| candidate.id == app.0);
    let (app, secret) = match configured {
        Some(configured) => (app, configured.secret.clone()),
        None => kept_app(folder, app)?,
    };
    let now = clock::Clock::start().now();
    println!("{}", usersig::sign(app, &secret, &UserId::from(sig.user.as_str()), now, sig.expire));
    Ok(ExitCode::SUCCESS)
}

fn run_console_link(files: &Files) -> Outcome {
    let config = read_config(files.config.as_deref())?;
    let table = kept(&files.data)?.console()?;
    let good_until = clock::Clock::start().now() + console::LINK_GOOD;
    let path = console::new_link(&table, good_until)?;
    println!("{}{path}", config.base_url());
    Ok(ExitCode::SUCCESS)
}

/// What a server has kept in a folder, whether it runs or not.
fn kept(folder: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    if !folder.join(hawker_store::FILE_NAME).exists() {
        return Err(format!("{} holds no data yet: run hawker serve once", folder.display()).into());
    }
    Ok(Store::open_beside(folder)?)
}

/// An app that the server made for itself.
fn kept_app(folder: &Path, wanted: AppId) -> Result<(AppId, String), Box<dyn std::error::Error>> {
    let apps = kept(folder)?.apps()?;
    let found = apps.into_iter().find(|(id, _)| wanted.0 == 0 || *id == wanted.0);
    let (id, secret) = found.ok_or_else(|| format!("there is no app {wanted}"))?;
    Ok((AppId(id), secret))
}

fn run_serve(serve: &Serve) -> Outcome {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,refinery_core=warn"));
    let color = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(color).with_target(false).init();
    let mut config = read_config(serve.files.config.as_deref())?;
    config.listen = serve.listen.unwrap_or(config.listen);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let signals = Signals::listen()?;
        let server = Server::start(config, &serve.files.data, serve.demo)?;
        let first_link = server.shared.console.first_link()?;
        if serve.demo {
            demo::start(&server);
        }
        announce(&server, serve, first_link.as_deref());
        let failed = signals.wait(&server).await;
        tracing::info!("stopping: clients are told to come back");
        let kept = tokio::task::spawn_blocking(move || server.stop()).await?;
        Ok(if failed || !kept { ExitCode::from(70) } else { ExitCode::SUCCESS })
    })
}

fn announce(server: &Server, serve: &Serve, first_link: Option<&str>) {
    let addr = server.addr;
    if serve.ready_json {
        let console = first_link.map_or(String::new(), |link| format!(r#","console":"http://{addr}{link}""#));
        let rtmp = server.rtmp.map_or(String::new(), |addr| format!(r#","rtmp":"rtmp://{addr}""#));
        println!(r#"{{"ready":true,"http":"http://{addr}","ws":"ws://{addr}"{rtmp}{console}}}"#);
    }
    tracing::info!(%addr, data = %serve.files.data.display(), app = server.shared.pages_app.0, "ready");
    if !serve.ready_json {
        print!("{}", welcome::text(server, serve.demo, first_link));
    }
}

/// What asks the server to stop. Made before anybody is told that it runs: a signal before that would end it without a
/// goodbye.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one; `true` if the server failed instead.
    async fn wait(mut self, server: &Server) -> bool {
        let mut look = tokio::time::interval(Duration::from_millis(500));
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return false,
                _ = self.terminate.recv() => return false,
                _ = look.tick() => if server.has_failed() { return true },
            }
        }
    }
}
