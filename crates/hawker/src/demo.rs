//! A room that is already lively when somebody looks at the server for the first time.
//!
//! A scripted host and a handful of scripted viewers, all of them ordinary clients over the ordinary wire. Whoever opens
//! the studio link signs in as the same host and takes over: the scripted one is kicked out like any second login.

use crate::gateway::DemoFiles;
use crate::server::Server;
use crate::welcome;
use hawker_client::viewers::{DemoOptions, run_demo};
use hawker_core::UserId;

/// The room's id.
pub const ROOM: &str = "demo";
/// The host's user id.
pub const HOST: &str = "host";
/// How many viewers come and go.
const VIEWERS: usize = 12;
/// The studio link is good for a day.
const LINK_SECS: u64 = 24 * 3600;

/// The path of the studio page that signs the host in. The signature is in the fragment: it never leaves the browser.
pub fn studio_path(server: &Server) -> Option<String> {
    let sig = server.shared.sign(server.shared.pages_app, &UserId::from(HOST), LINK_SECS)?;
    Some(format!("/studio#room={ROOM}&user={HOST}&sig={sig}"))
}

/// Puts the show on until the server stops.
pub fn start(server: &Server) {
    let app = server.shared.pages_app;
    let Some(secrets) = server.shared.apps.get(&app) else { return };
    let mut addr = server.addr;
    if addr.ip().is_unspecified() {
        // The photos of scripted viewers are addressed as these reached the server: a phone must reach that too.
        addr.set_ip(welcome::reachable(addr).unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()));
    }
    let url = format!("ws://{addr}");
    let seed = server.shared.clock.now().0;
    let mut options = DemoOptions::new(url, app.0.into(), &*secrets.secret, ROOM, VIEWERS, seed);
    options.host = Some(HOST.to_owned());
    options.admin = secrets.admins.first().cloned();
    options.pictures = DemoFiles::photos();
    tokio::spawn(async move {
        if let Err(error) = run_demo(options, std::future::pending()).await {
            tracing::warn!(%error, "the demo show could not go on");
        }
    });
}
