//! Wiring: the one place where threads are started and connections accepted.

use crate::clock::Clock;
use crate::config::{Config, default_admins};
use crate::console::Console;
use crate::gateway::{Gateway, Handover};
use crate::hub::{Before, Hub};
use crate::letters::ToShard;
use crate::media::{self, Media};
use crate::metrics::Metrics;
use crate::queues::{Inbox, Mailbox};
use crate::secrets;
use crate::shard::Shard;
use crate::shared::{AppSecrets, Shared};
use crate::uploads;
use crate::webhooks::courier::{self, Webhooks};
use hawker_core::change::Snapshot;
use hawker_core::direct::Found;
use hawker_core::engine::{AppRules, Engine, Input};
use hawker_core::{AppId, RoomId, UserId};
use hawker_files::Files;
use hawker_store::{Reader, Store, StoreError, Writer, WriterBounds};
use hawker_wire::files::grant::GrantKey;
use hawker_wire::token::TokenKey;
use socket2::{Domain, Socket, TcpKeepalive, Type};
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

/// The first app that a server makes for itself; others that it makes count on from here.
const FIRST_APP: u32 = 1_400_000_001;
/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 4096;
/// A peer that does not acknowledge for so long is gone.
const PEER_TIMEOUT: Duration = Duration::from_secs(30);
/// A silent connection is asked whether it is still there after so long.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// When no descriptor is free, accepting waits this long for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where buyers pay in development, where payments are only played.
const TEST_PAY_PAGE: &str = "/pay/{reference}";

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder or the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address, threads, files.
    #[error("{0}: {1}")]
    Io(String, io::Error),
    /// The files that users sent.
    #[error("files: {0}")]
    Files(#[from] hawker_files::Fault),
}

/// A server that runs.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Where live video is pushed, if it can be.
    pub rtmp: Option<SocketAddr>,
    /// Its keys and counters.
    pub shared: Arc<Shared>,
    inbox: Arc<Inbox>,
    mailboxes: Vec<Arc<Mailbox>>,
    accepting: Arc<AtomicBool>,
    listener: Arc<TcpListener>,
    shards: Vec<JoinHandle<()>>,
    hub: JoinHandle<bool>,
    acceptor: JoinHandle<()>,
}

/// The apps of a configuration, or the one that this server made for itself.
pub fn apps(config: &Config, store: &Store) -> Result<BTreeMap<AppId, AppSecrets>, StoreError> {
    let configured = config
        .app
        .iter()
        .map(|app| (AppId(app.id), AppSecrets { secret: app.secret.clone(), admins: app.admins.clone() }));
    let mut apps: BTreeMap<_, _> = configured.collect();
    for (id, secret) in store.apps()? {
        apps.entry(AppId(id)).or_insert(AppSecrets { secret, admins: default_admins() });
    }
    if apps.is_empty() {
        let secret = secrets::signing_key();
        store.insert_app(FIRST_APP, &secret)?;
        apps.insert(AppId(FIRST_APP), AppSecrets { secret, admins: default_admins() });
    }
    Ok(apps)
}

impl Server {
    /// Starts everything. Must be called within a tokio runtime, which serves HTTP.
    pub fn start(config: Config, data: &Path, demo: bool) -> Result<Self, StartError> {
        let io = |what: &str| {
            let what = what.to_owned();
            move |error| StartError::Io(what, error)
        };
        raise_descriptor_limit();
        make_private_folder(data).map_err(io("data folder"))?;
        let store = Store::open(data)?;
        let (shared, kept, to_media) = shared(config, &store, data, demo)?;
        let interrupted = interrupted_shows(&shared, &kept);
        let before = kept.rooms.iter().map(|room| Before {
            room: room.record.key.clone(),
            last: room.record.seq_ceiling,
            said: room.said.clone(),
        });
        let before = before.collect();
        let listener = Arc::new(listen(shared.config.listen).map_err(io("listen"))?);
        let addr = listener.local_addr().map_err(io("listen"))?;
        let rtmp_listener = listen_rtmp(&shared.config).map_err(io("media.rtmp_listen"))?;
        let rtmp = rtmp_listener.as_ref().and_then(|listener| listener.local_addr().ok());

        let inbox = Arc::new(Inbox::new(shared.config.connection.queue_max));
        let (handover, arrivals) = Handover::new();
        let (mut mailboxes, mut shards) = (Vec::new(), Vec::new());
        for number in 0..shared.config.shards() {
            let shard = Shard::new(number, shared.clone(), inbox.clone(), handover.clone());
            let (shard, mailbox) = shard.map_err(io("shard"))?;
            mailboxes.push(mailbox);
            shards.push(spawn(&format!("shard-{number}"), move || {
                if let Err(error) = shard.run() {
                    tracing::error!(%error, "a shard stopped");
                    std::process::exit(70);
                }
            }));
        }
        let reader = start_reader(&store, &shared, &inbox)?;
        let writer = start_writer(store, &shared, &inbox);
        let seed = u64::from_ne_bytes(secrets::bytes());
        let engine = Engine::new(shared.clock.now(), rules(&shared), kept, seed);
        let hub = Hub::new(engine, shared.clone(), inbox.clone(), (writer, reader), mailboxes.clone(), before);
        let hub = spawn("hub", move || hub.run());
        let gateway = Gateway::new(shared.clone(), inbox.clone(), mailboxes.clone());
        media::start(&gateway, to_media, rtmp_listener, interrupted);
        tokio::spawn(gateway.serve(arrivals));
        tokio::spawn(uploads::sweep(shared.clone()));
        tokio::spawn(courier::run(shared.clone()));

        let accepting = Arc::new(AtomicBool::new(true));
        let acceptor = Acceptor {
            listener: listener.clone(),
            shards: mailboxes.clone(),
            shared: shared.clone(),
            accepting: accepting.clone(),
        };
        let acceptor = spawn("accept", move || acceptor.run());
        Ok(Self { addr, rtmp, shared, inbox, mailboxes, accepting, listener, shards, hub, acceptor })
    }

    /// Says goodbye to all clients and keeps everything. `false`: the store had failed.
    pub fn stop(self) -> bool {
        self.accepting.store(false, SeqCst);
        // Wakes the acceptor, which waits in `accept`.
        unsafe { libc::shutdown(self.listener.as_raw_fd(), libc::SHUT_RDWR) };
        let _ = self.acceptor.join();
        for mailbox in &self.mailboxes {
            mailbox.put(&mut vec![ToShard::Stop]);
        }
        for shard in self.shards {
            let _ = shard.join();
        }
        self.inbox.stop();
        self.hub.join().unwrap_or(false)
    }

    /// The hub ended by itself: something is wrong with the store.
    pub fn has_failed(&self) -> bool {
        self.hub.is_finished()
    }
}

fn spawn<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new().name(name.into()).spawn(run).expect("a thread")
}

fn shared(
    config: Config,
    store: &Store,
    data: &Path,
    demo: bool,
) -> Result<(Arc<Shared>, Snapshot, media::Inbound), StartError> {
    let apps = apps(&config, store)?;
    let clock = Clock::start();
    let kept = store.load(clock.now(), config.shop.limits().after_sale)?;
    let token_key = store.meta_or_insert("token_key", || secrets::bytes::<32>().to_vec())?;
    let made_secret = store.meta_or_insert("payment_secret", || secrets::signing_key().into_bytes())?;
    let made_secret = String::from_utf8_lossy(&made_secret).into_owned();
    let config_secret = config.shop.payment_secret.clone();
    let upload_key = store.meta_or_insert("upload_key", || secrets::bytes::<32>().to_vec())?;
    let (place, spool) = (config.files.place(data), data.join("incoming"));
    let files = Files::open(&place, spool, store.files()?, config.files.bounds(), clock.now())?;
    let pages_app = config.pages.app.map(AppId);
    let pages_app = pages_app.or_else(|| apps.keys().next().copied()).expect("there is an app");
    let development = demo || config.shop.development;
    let mut shop = config.shop.limits();
    if development && shop.pay_page.is_none() {
        shop.pay_page = Some(TEST_PAY_PAGE.into());
    }
    let (media, to_media) = Media::new(store.media()?);
    let shared = Shared {
        guests: demo || config.pages.guests,
        development,
        shop,
        shops: Arc::new(store.shops()?),
        config,
        apps,
        pages_app,
        payment_secret: config_secret.unwrap_or(made_secret),
        tokens: TokenKey::new(token_key.try_into().unwrap_or_else(|_| secrets::bytes())),
        grants: GrantKey::new(upload_key.try_into().unwrap_or_else(|_| secrets::bytes())),
        files,
        console: Console::new(store.console()?),
        listing: Arc::new(store.listing()?),
        webhooks: Webhooks::new(store.webhooks()?),
        media,
        metrics: Metrics::default(),
        clock,
    };
    Ok((Arc::new(shared), kept, to_media))
}

fn rules(shared: &Shared) -> BTreeMap<AppId, AppRules> {
    let limits = shared.config.limits();
    let rules = |secrets: &AppSecrets| AppRules {
        admins: secrets.admins.iter().map(|admin| UserId::from(admin.as_str())).collect(),
        limits: limits.clone(),
        shop: shared.shop.clone(),
        ..AppRules::default()
    };
    shared.apps.iter().map(|(id, secrets)| (*id, rules(secrets))).collect()
}

fn start_reader(store: &Store, shared: &Arc<Shared>, inbox: &Arc<Inbox>) -> Result<Reader, StoreError> {
    let inbox = inbox.clone();
    // The rules ask no more at once than they may: handing in a question never makes the hub wait.
    Reader::start(store, shared.config.limits().lookups_max, move |number, found| {
        let found = found.unwrap_or_else(|error| {
            tracing::error!(%error, "a question to the store was not answered");
            Found::Failed
        });
        inbox.ask(&mut vec![Input::Found(number, found)]);
    })
}

fn start_writer(store: Store, shared: &Arc<Shared>, inbox: &Arc<Inbox>) -> Writer {
    let (shared, inbox) = (shared.clone(), inbox.clone());
    let bounds = WriterBounds {
        conversations_per_account_max: shared.config.direct.conversations_max.max(1),
        ..WriterBounds::default()
    };
    Writer::start(store, bounds, move |done| match done {
        Ok(commit) => {
            Metrics::bump(&shared.metrics.commits_total);
            shared.webhooks.wake();
            inbox.committed(commit);
        }
        Err(error) => {
            // What the rules believe and what is kept differ from here on: start again from what is kept.
            tracing::error!(%error, "the store failed, stopping");
            inbox.fail();
        }
    })
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Listens; what is set here every accepted socket inherits.
fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(PEER_TIMEOUT))?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE).with_interval(PEER_TIMEOUT / 2))?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Listens for live video. That another server has the port is no reason not to start, unless it was asked for.
fn listen_rtmp(config: &Config) -> io::Result<Option<TcpListener>> {
    if !config.media.enabled {
        return Ok(None);
    }
    let addr = config.rtmp_addr();
    match listen(addr).and_then(|listener| listener.set_nonblocking(true).map(|()| listener)) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if config.media.rtmp_listen.is_none() => {
            tracing::warn!(%addr, %error, "live video cannot be pushed");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Rooms that had a stream when the server went down.
fn interrupted_shows(shared: &Shared, kept: &Snapshot) -> Vec<RoomId> {
    let rooms = kept.rooms.iter().map(|room| &room.record).filter(|room| room.key.app == shared.pages_app);
    rooms.filter(|room| media::had_stream(&room.profile.fields)).map(|room| room.key.room.clone()).collect()
}

fn raise_descriptor_limit() {
    // Safety: plain calls on a struct of our own.
    unsafe {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

/// Accepts connections and deals them out to the shards in turn.
struct Acceptor {
    listener: Arc<TcpListener>,
    shards: Vec<Arc<Mailbox>>,
    shared: Arc<Shared>,
    accepting: Arc<AtomicBool>,
}

impl Acceptor {
    fn run(self) {
        let mut next = 0;
        while self.accepting.load(SeqCst) {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    if self.admit(&stream) {
                        self.shards[next].put(&mut vec![ToShard::Accepted(stream)]);
                        next = (next + 1) % self.shards.len();
                    }
                }
                // The peer gave up, or no descriptor is free just now.
                Err(_) if self.accepting.load(SeqCst) => std::thread::sleep(ACCEPT_PAUSE),
                Err(_) => {}
            }
        }
    }

    fn admit(&self, stream: &std::net::TcpStream) -> bool {
        let metrics = &self.shared.metrics;
        let room = metrics.connections.load(Relaxed) < self.shared.config.connection.connections_max as i64;
        if !room || stream.set_nonblocking(true).is_err() {
            Metrics::bump(&metrics.connections_refused_total);
            return false;
        }
        Metrics::bump(&metrics.connections_accepted_total);
        metrics.connections.fetch_add(1, Relaxed);
        true
    }
}
