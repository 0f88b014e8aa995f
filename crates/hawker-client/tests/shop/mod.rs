//! A server of its own for each test, and clients of it.
//!
//! The server is the program `HAWKER_BIN` names, otherwise the one of this workspace's debug build.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hawker_client::bench::{Server, ServerConf, start_server};
use hawker_client::{Client, ConnectOptions, Error, Event, Events, NewRoom, ReconnectPolicy, user_sig};

pub const ROOM: &str = "live_42";

/// A server and the way in.
pub struct Shop {
    pub server: Server,
    pub program: PathBuf,
    pub conf: ServerConf,
}

/// A server of its own for each test.
pub fn shop() -> Shop {
    let named = std::env::var_os("HAWKER_BIN").map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/hawker");
    let program = named.unwrap_or(built);
    assert!(program.exists(), "there is no server at {}: cargo build -p hawker", program.display());
    let conf = ServerConf::default();
    let server = start_server(&program, &conf).expect("the server starts");
    Shop { server, program, conf }
}

impl Shop {
    pub async fn client(&self) -> Client {
        self.client_at(self.server.url()).await
    }

    pub async fn client_at(&self, url: &str) -> Client {
        let reconnect = ReconnectPolicy { first: Duration::from_millis(20), ..ReconnectPolicy::default() };
        let options = ConnectOptions::new(url, self.conf.sdk_app_id);
        Client::connect(ConnectOptions { reconnect, ..options }).await.unwrap()
    }

    pub fn sig(&self, user: &str, expire_secs: u64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        user_sig(self.conf.sdk_app_id, &self.conf.secret, user, expire_secs, now - 10)
    }

    pub async fn user(&self, user: &str) -> Client {
        let client = self.client().await;
        client.login(user, self.sig(user, 3600)).await.unwrap();
        client
    }

    /// `host` with a room of its own, in it.
    pub async fn host(&self) -> Client {
        let host = self.user("host").await;
        let new = NewRoom { name: "Tea".into(), id: Some(ROOM.into()), ..NewRoom::default() };
        assert_eq!(host.create_room(new).await.unwrap(), ROOM.into());
        host.join(ROOM).await.unwrap();
        host
    }

    pub async fn viewer(&self, user: &str) -> (Client, Events) {
        let client = self.user(user).await;
        let events = client.events();
        client.join(ROOM).await.unwrap();
        (client, events)
    }
}

/// The next event that is of interest.
pub async fn wait<T>(events: &mut Events, mut of_interest: impl FnMut(Event) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = of_interest(events.next().await.expect("the client is open")) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), search).await.expect("an event that never came")
}

pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> u32 {
    result.unwrap_err().code()
}
