//! The configuration file. All of it is optional: an empty file is a working single node.

use crate::origin::OriginRule;
use hawker_core::Time;
use hawker_core::file::FileKind;
use hawker_core::limits::Limits;
use hawker_fanout::{OutboxBounds, Pace, RingBounds};
use hawker_files::{FileBounds, PictureBounds, Place, S3};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

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

section! {
    /// Pictures and other files that users send.
    FilesConfig {
        /// How clients reach this server, for the addresses of files; without it, as the sender's connection did.
        public_url: Option<String> = None,
        /// A proxy in front of this server sets `X-Forwarded-Proto` and `X-Forwarded-Host`.
        trust_forwarded: bool = false,
        /// Days that files are kept; 0 is for ever.
        keep_days: u32 = 30,
        /// Bytes of a picture.
        image_bytes_max: u64 = 28 << 20,
        /// Bytes of a sound.
        sound_bytes_max: u64 = 28 << 20,
        /// Bytes of a film.
        video_bytes_max: u64 = 100 << 20,
        /// Bytes of any other file.
        other_bytes_max: u64 = 100 << 20,
        /// Bytes that one user may have stored.
        user_bytes_max: u64 = 2 << 30,
        /// Bytes that one user may send in a day (UTC).
        user_bytes_per_day: u64 = 500 << 20,
        /// Bytes that all users of an app may have stored.
        app_bytes_max: u64 = 100 << 30,
        /// Bytes that they may send in a day (UTC).
        app_bytes_per_day: u64 = 20 << 30,
        /// Seconds that an address to put a file is good for, at most.
        signature_secs: u64 = 3600,
        /// Such addresses that one user may ask for in a minute.
        signatures_per_minute: u32 = 30,
        /// Files that may come in at once.
        uploads_max: usize = 64,
        /// Files that one user may be sending at once.
        uploads_per_user_max: u32 = 4,
        /// Seconds that a file may take to come in.
        upload_secs: u64 = 600,
        /// Seconds without a byte of it after which it is given up.
        upload_stalled_secs: u64 = 30,
        /// Pixels of the longer side of a picture.
        image_side_max: u32 = 16_384,
        /// Pixels of a picture in all.
        image_pixels_max: u64 = 50_000_000,
        /// Bytes of memory that decoding one may take.
        image_alloc_bytes_max: u64 = 256 << 20,
        /// Pictures that are decoded at once.
        decodes_max: usize = 2,
        /// Pictures that may wait for that.
        decodes_waiting_max: usize = 32,
        /// Seconds between two rounds of clearing away what is too old.
        sweep_secs: u64 = 60,
        /// Files that one round takes.
        sweep_files_max: usize = 500,
        /// A bucket to keep the files in, instead of the data folder.
        s3: Option<S3Config> = None,
    }
}

/// A bucket of an S3-compatible store.
#[derive(Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Its address; by default Amazon's own.
    pub endpoint: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The region.
    #[serde(default = "default_region")]
    pub region: String,
    /// Who we are.
    pub key_id: String,
    /// The proof.
    pub secret: String,
    /// What the names of our objects begin with.
    #[serde(default)]
    pub prefix: String,
    /// The bucket's name is part of the path, not of the host's name.
    #[serde(default)]
    pub path_style: bool,
}

fn default_region() -> String {
    "us-east-1".into()
}

impl std::fmt::Debug for S3Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl FilesConfig {
    /// What types cannot say.
    fn check(&self) -> Result<(), String> {
        if let Some(url) = &self.public_url
            && !crate::origin::is_public_url(url)
        {
            return Err("files.public_url must be http:// or https:// with a host, without query".into());
        }
        if let Some(s3) = &self.s3 {
            for (name, text) in [("bucket", &s3.bucket), ("key_id", &s3.key_id), ("secret", &s3.secret)] {
                if text.is_empty() {
                    return Err(format!("files.s3.{name} is empty"));
                }
            }
            let plain = |endpoint: &String| endpoint.starts_with("https://") || endpoint.starts_with("http://");
            if !s3.endpoint.as_ref().is_none_or(plain) {
                return Err("files.s3.endpoint must begin with https:// or http://".into());
            }
        }
        for (name, number) in [
            ("image_bytes_max", self.image_bytes_max),
            ("sound_bytes_max", self.sound_bytes_max),
            ("video_bytes_max", self.video_bytes_max),
            ("other_bytes_max", self.other_bytes_max),
            ("signature_secs", self.signature_secs),
            ("signatures_per_minute", self.signatures_per_minute.into()),
            ("uploads_max", self.uploads_max as u64),
            ("uploads_per_user_max", self.uploads_per_user_max.into()),
            ("upload_secs", self.upload_secs),
            ("upload_stalled_secs", self.upload_stalled_secs),
            ("image_side_max", self.image_side_max.into()),
            ("image_pixels_max", self.image_pixels_max),
            ("image_alloc_bytes_max", self.image_alloc_bytes_max),
            ("decodes_max", self.decodes_max as u64),
            ("sweep_secs", self.sweep_secs),
            ("sweep_files_max", self.sweep_files_max as u64),
        ] {
            if number == 0 {
                return Err(format!("files.{name} must be at least 1"));
            }
        }
        // Semaphores cannot count further, and no machine could.
        if self.uploads_max > 100_000 || self.decodes_max > 1000 || self.decodes_waiting_max > 100_000 {
            return Err("files.uploads_max, decodes_max or decodes_waiting_max is too large".into());
        }
        Ok(())
    }

    /// Bytes that a file of a kind may have.
    pub fn bytes_max(&self, kind: FileKind) -> u64 {
        match kind {
            FileKind::Image => self.image_bytes_max,
            FileKind::Sound => self.sound_bytes_max,
            FileKind::Video => self.video_bytes_max,
            FileKind::Other => self.other_bytes_max,
        }
    }

    /// The bounds of the file store.
    pub fn bounds(&self) -> FileBounds {
        FileBounds {
            keep: (self.keep_days > 0).then(|| Duration::from_secs(u64::from(self.keep_days) * 24 * 3600)),
            user_bytes_max: self.user_bytes_max,
            user_bytes_per_day: self.user_bytes_per_day,
            app_bytes_max: self.app_bytes_max,
            app_bytes_per_day: self.app_bytes_per_day,
            signatures_per_minute: self.signatures_per_minute,
            uploads_max: self.uploads_max,
            uploads_per_user_max: self.uploads_per_user_max,
            decodes_max: self.decodes_max,
            decodes_waiting_max: self.decodes_waiting_max,
            picture: PictureBounds {
                side_max: self.image_side_max,
                pixels_max: self.image_pixels_max,
                alloc_bytes_max: self.image_alloc_bytes_max,
            },
            sweep_files_max: self.sweep_files_max,
        }
    }

    /// Where files are kept, for a server with this data folder.
    pub fn place(&self, data: &Path) -> Place {
        let Some(s3) = self.s3.clone() else { return Place::Folder(data.join("files")) };
        let S3Config { endpoint, bucket, region, key_id, secret, prefix, path_style } = s3;
        Place::S3(S3 { endpoint, bucket, region, key_id, secret, prefix, path_style })
    }

    /// How the addresses of files begin.
    pub fn origin_rule(&self) -> OriginRule {
        match (&self.public_url, self.trust_forwarded) {
            (Some(_), _) => OriginRule::Fixed,
            (None, true) => OriginRule::Forwarded,
            (None, false) => OriginRule::Host,
        }
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

/// The commented sample; it holds the defaults.
pub const SAMPLE: &str = include_str!("../../../hawker.sample.toml");

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
            ("[files]\npublic_url = 'chat.example.com'", "files.public_url"),
            ("[files]\npublic_url = 'https://a.example/?x'", "files.public_url"),
            ("[files]\nuploads_max = 0", "files.uploads_max"),
            ("[files]\ndecodes_max = 99999999", "decodes_max"),
            ("[files.s3]\nbucket = 'b'", "key_id"),
            ("[files.s3]\nbucket = ''\nkey_id = 'k'\nsecret = 's'", "files.s3.bucket"),
            ("[files.s3]\nbucket = 'b'\nkey_id = 'k'\nsecret = 's'\nendpoint = 's3:9000'", "files.s3.endpoint"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
