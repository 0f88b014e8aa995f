//! The configuration file. All of it is optional: an empty file is a working single node.

mod files;
mod media;
mod shop;
mod webhooks;

pub use files::FilesConfig;
use hawker_core::Time;
use hawker_core::limits::Limits;
use hawker_fanout::{OutboxBounds, Pace, RingBounds};
pub use media::MediaConfig;
use serde::Deserialize;
pub use shop::ShopConfig;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
pub use webhooks::WebhooksConfig;

/// Everything that can be configured. Unknown keys are errors.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen, for WebSocket and HTTP alike.
    pub listen: SocketAddr,
    /// Apps that this server serves. Without any, one is made at first start and kept in the data folder.
    pub app: Vec<AppConfig>,
    /// Bounds of rooms and messages.
    pub room: RoomConfig,
    /// Direct messages.
    pub direct: DirectConfig,
    /// Bounds of connections.
    pub connection: ConnectionConfig,
    /// Logins and sessions.
    pub session: SessionConfig,
    /// The pages that the server brings along.
    pub pages: PagesConfig,
    /// Pictures and other files that users send.
    pub files: FilesConfig,
    /// The shop.
    pub shop: ShopConfig,
    /// Endpoints that are told what happens.
    pub webhooks: WebhooksConfig,
    /// Live video.
    pub media: MediaConfig,
}

/// One app.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// Its SDKAppID.
    pub id: u32,
    /// The key that its UserSigs are signed with.
    pub secret: String,
    /// Users who may use the REST API and do everything.
    #[serde(default = "default_admins")]
    pub admins: Vec<String>,
}

/// The vendor's default administrator.
pub fn default_admins() -> Vec<String> {
    vec!["administrator".into()]
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, PartialEq)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
        impl Default for $name {
            fn default() -> Self { Self { $($field: $default,)* } }
        }
    };
}
use section;

section! {
    /// Bounds of rooms and messages.
    RoomConfig {
        /// Messages and tips a second that one room delivers.
        messages_per_second: u32 = 40,
        /// Messages a second that one user may send into a room.
        messages_per_second_per_user: u32 = 10,
        /// Join and quit tips a second that one room delivers.
        tips_per_second: u32 = 10,
        /// Bytes of a room's name.
        name_bytes_max: usize = 30,
        /// Bytes of one message.
        message_bytes_max: usize = 12 * 1024,
        /// Rooms of one app.
        rooms_max: usize = 100_000,
        /// Rooms that one user may own.
        rooms_per_owner_max: usize = 100,
        /// Seconds that a member without a connection stays in the room.
        grace_secs: u64 = 30,
        /// Messages that a newcomer is shown.
        history_messages: usize = 20,
        /// Messages that a room remembers for those who come back or poll.
        ring_messages: usize = 500,
        /// Bytes of them.
        ring_bytes: usize = 1 << 20,
        /// A room never makes its messages wait longer than this to send them together, in milliseconds.
        flush_delay_max_ms: u64 = 100,
    }
}

section! {
    /// Direct messages.
    DirectConfig {
        /// Messages a second that one user may send.
        messages_per_second_per_user: u32 = 10,
        /// Days that messages are kept.
        days_kept: u32 = 7,
        /// Seconds in which a sender may take a message back.
        recall_secs: u64 = 120,
        /// Conversations of one user; the one that was silent longest gives way.
        conversations_max: usize = 500,
    }
}

section! {
    /// Bounds of connections.
    ConnectionConfig {
        /// Threads that own sockets; 0 is one for each core.
        shards: usize = 0,
        /// Open connections; more are turned away.
        connections_max: usize = 200_000,
        /// Seconds in which a new connection must have said what it wants.
        handshake_secs: u64 = 5,
        /// Bytes of one frame and one message from a client.
        frame_bytes_max: usize = 64 * 1024,
        /// Requests a second of one connection, and twice as many in a burst.
        requests_per_second: u32 = 50,
        /// Refused requests after which a connection that goes on asking too often is closed.
        flood_warnings_max: u16 = 100,
        /// Requests of one connection that may wait for an answer.
        requests_waiting_max: u16 = 64,
        /// Bytes that may wait for a connection that reads slowly.
        outbox_bytes_max: usize = 256 * 1024,
        /// Frames that may wait for it.
        outbox_entries_max: usize = 1024,
        /// Seconds without any progress after which it is closed.
        stalled_secs: u64 = 30,
        /// Seconds that a long poll is held.
        poll_hold_secs: u64 = 9,
        /// Frames of at least this many bytes are compressed for those who can take it; 0 turns it off.
        compress_from_bytes: usize = 2048,
        /// Requests of all connections that may wait for the rules.
        queue_max: usize = 65_536,
        /// Open HTTP connections; more are dropped.
        http_connections_max: usize = 10_000,
        /// Bytes of one HTTP request body.
        http_body_bytes_max: usize = 1 << 20,
    }
}

section! {
    /// Logins and sessions.
    SessionConfig {
        /// Seconds between two hellos of a client. A small number brings clients back sooner after a restart.
        hello_secs: u64 = 15,
    }
}

section! {
    /// The pages that the server brings along.
    PagesConfig {
        /// The app that the pages belong to; by default the first.
        app: Option<u32> = None,
        /// A viewer may sign in with a name alone. Turn it on if the shop has no users of its own.
        guests: bool = false,
        /// Guests who may sign in per minute.
        guests_per_minute: u32 = 600,
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            app: Vec::new(),
            room: RoomConfig::default(),
            direct: DirectConfig::default(),
            connection: ConnectionConfig::default(),
            session: SessionConfig::default(),
            pages: PagesConfig::default(),
            files: FilesConfig::default(),
            shop: ShopConfig::default(),
            webhooks: WebhooksConfig::default(),
            media: MediaConfig::default(),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The file is not what it should be.
    #[error("{0}: {1}")]
    Invalid(String, String),
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(name.clone(), error))?;
        let config: Self =
            toml::from_str(&text).map_err(|error| ConfigError::Invalid(name.clone(), error.to_string()))?;
        config.check().map_err(|reason| ConfigError::Invalid(name, reason))?;
        Ok(config)
    }

    /// What types cannot say.
    pub fn check(&self) -> Result<(), String> {
        let mut ids = BTreeSet::new();
        for app in &self.app {
            if !ids.insert(app.id) {
                return Err(format!("app {} is there twice", app.id));
            }
            if app.secret.len() < 8 {
                return Err(format!("the secret of app {} is shorter than 8 bytes", app.id));
            }
        }
        for (name, number) in [
            ("room.messages_per_second", self.room.messages_per_second),
            ("room.messages_per_second_per_user", self.room.messages_per_second_per_user),
            ("direct.messages_per_second_per_user", self.direct.messages_per_second_per_user),
            ("direct.days_kept", self.direct.days_kept),
            ("connection.requests_per_second", self.connection.requests_per_second),
        ] {
            if number == 0 {
                return Err(format!("{name} must be at least 1"));
            }
        }
        if !(1..=14).contains(&self.connection.poll_hold_secs) {
            return Err("connection.poll_hold_secs must be 1 to 14: clients give up after 15".into());
        }
        if !(5..=300).contains(&self.session.hello_secs) {
            return Err("session.hello_secs must be 5 to 300".into());
        }
        if self.connection.frame_bytes_max < 1024 {
            return Err("connection.frame_bytes_max must be at least 1024".into());
        }
        self.shop.check()?;
        self.webhooks.check()?;
        self.media.check()?;
        self.files.check()
    }

    /// The bounds of the rules.
    pub fn limits(&self) -> Limits {
        let room = &self.room;
        let grace = Duration::from_secs(room.grace_secs);
        Limits {
            messages_per_second: room.messages_per_second,
            messages_per_second_per_user: room.messages_per_second_per_user,
            tips_per_second: room.tips_per_second,
            name_bytes_max: room.name_bytes_max,
            message_bytes_max: room.message_bytes_max,
            rooms_max: room.rooms_max,
            rooms_per_owner_max: room.rooms_per_owner_max,
            grace,
            // After a restart clients come back with their next hello: everybody gets that long, and the grace.
            restart_grace: grace + 2 * Duration::from_secs(self.session.hello_secs),
            direct_per_second_per_user: self.direct.messages_per_second_per_user,
            direct_age_max: Duration::from_secs(u64::from(self.direct.days_kept) * 24 * 3600),
            direct_page_bytes_max: self.connection.outbox_bytes_max / 2,
            direct_recall_window: Duration::from_secs(self.direct.recall_secs),
            ..Limits::default()
        }
    }

    /// How browsers reach this server, as far as the configuration says it.
    pub fn base_url(&self) -> String {
        let public = self.files.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        public.unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// Where RTMP is spoken: beside the other address, unless that says otherwise. A port that the system chooses is
    /// chosen for both.
    pub fn rtmp_addr(&self) -> SocketAddr {
        let port = if self.listen.port() == 0 { 0 } else { RTMP_PORT };
        self.media.rtmp_listen.unwrap_or(SocketAddr::new(self.listen.ip(), port))
    }

    /// The bounds of an outbox.
    pub fn outbox(&self) -> OutboxBounds {
        OutboxBounds {
            bytes_max: self.connection.outbox_bytes_max,
            entries_max: self.connection.outbox_entries_max,
        }
    }

    /// The bounds of a room's ring.
    pub fn ring(&self) -> RingBounds {
        RingBounds { items_max: self.room.ring_messages, bytes_max: self.room.ring_bytes }
    }

    /// How rounds of a room are spread.
    pub fn pace(&self) -> Pace {
        Pace { rest_max: Duration::from_millis(self.room.flush_delay_max_ms), ..Pace::default() }
    }

    /// Threads that own sockets.
    pub fn shards(&self) -> usize {
        match self.connection.shards {
            0 => std::thread::available_parallelism().map_or(1, usize::from).min(64),
            shards => shards.min(64),
        }
    }

    /// When a new connection must have said what it wants.
    pub fn handshake_deadline(&self, now: Time) -> Time {
        now + Duration::from_secs(self.connection.handshake_secs)
    }
}

/// The port of RTMP.
pub const RTMP_PORT: u16 = 1935;

/// The commented sample; it holds the defaults.
pub const SAMPLE: &str = include_str!("../../../../hawker.sample.toml");

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check().map(|()| config)
    }

    #[test]
    fn an_empty_file_and_the_sample_are_the_defaults() {
        assert_eq!(parse("").unwrap(), Config::default());
        assert_eq!(parse(SAMPLE).unwrap(), Config::default());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, want) in [
            ("listne = '1.2.3.4:5'", "listne"),
            ("[room]\nmessages = 1", "messages"),
            ("[room]\nmessages_per_second = 0", "room.messages_per_second"),
            ("[[app]]\nid = 1\nsecret = 'short'", "secret"),
            ("[[app]]\nid = 1\nsecret = 'longenough'\n[[app]]\nid = 1\nsecret = 'longenough'", "twice"),
            ("[connection]\npoll_hold_secs = 60", "poll_hold_secs"),
            ("[shop]\ncurrency = 'yuan'", "shop.currency"),
            ("[shop]\npay_page = 'https://pay.example'", "shop.pay_page"),
            ("[shop]\npayment_secret = 'short'", "shop.payment_secret"),
            ("[files]\npublic_url = 'chat.example.com'", "files.public_url"),
            ("[files]\npublic_url = 'https://a.example/?x'", "files.public_url"),
            ("[files]\nuploads_max = 0", "files.uploads_max"),
            ("[files]\ndecodes_max = 99999999", "decodes_max"),
            ("[webhooks]\nattempts_max = 0", "webhooks.attempts_max"),
            ("[webhooks]\ndays_kept = 0", "webhooks.days_kept"),
            ("[media]\nidle_secs = 0", "media.idle_secs"),
            ("[media]\nrtmp_listen = 'here'", "rtmp_listen"),
            ("[files.s3]\nbucket = 'b'", "key_id"),
            ("[files.s3]\nbucket = ''\nkey_id = 'k'\nsecret = 's'", "files.s3.bucket"),
            ("[files.s3]\nbucket = 'b'\nkey_id = 'k'\nsecret = 's'\nendpoint = 's3:9000'", "files.s3.endpoint"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
