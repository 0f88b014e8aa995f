//! Who may use the console and the API: logins, sessions, keys, scopes, the link that lets the first user in.
//!
//! The rules are pure and are handed the time ([`guesses`], [`session`], [`scope`]); [`Console`] brings them together with
//! the tables and does the expensive parts, which are bounded, off the threads that serve.

pub mod guesses;
pub mod password;
pub mod scope;
pub mod secret;
pub mod session;

use guesses::Guesses;
use hawker_core::Time;
use hawker_store::{AuditEntry, ConsoleTable, StoreError};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Passwords that are hashed at once: each takes some 20 MB and a core for a moment.
const HASHES_MAX: usize = 2;
/// Those that may wait for it; more are sent away.
const HASHES_WAITING_MAX: usize = 32;
/// Sessions of one user; the oldest gives way.
const SESSIONS_PER_USER_MAX: usize = 20;
/// How long a link is good that was asked for. The one of a first start is good until the next start.
pub const LINK_GOOD: Duration = Duration::from_secs(3600);
/// The path that a link begins with.
pub const LINK_PATH: &str = "/console#setup=";
/// Entries of the audit log that are kept.
const AUDIT_MAX: usize = 100_000;

/// See the module.
pub struct Console {
    table: ConsoleTable,
    guesses: Mutex<Guesses>,
    hashing: Semaphore,
    waiting: Semaphore,
}

/// Why somebody did not get in.
#[derive(Debug)]
pub enum NotIn {
    /// Name and password do not belong together.
    Wrong,
    /// Too many guesses: not before then.
    Later(Time),
    /// Too many others want to get in.
    Busy,
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for NotIn {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Console {
    /// A console over its tables.
    pub fn new(table: ConsoleTable) -> Arc<Self> {
        Arc::new(Self {
            table,
            guesses: Mutex::default(),
            hashing: Semaphore::new(HASHES_MAX),
            waiting: Semaphore::new(HASHES_MAX + HASHES_WAITING_MAX),
        })
    }

    /// Reads or writes the tables, off the threads that serve.
    pub async fn table<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&ConsoleTable) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&this.table)).await;
        done.expect("work on the tables does not panic")
    }

    /// The path of a new link, if nobody could log in without one. It is good until there is another.
    pub fn first_link(&self) -> Result<Option<String>, StoreError> {
        if self.table.is_set_up()? { Ok(None) } else { new_link(&self.table, Time::NEVER).map(Some) }
    }

    /// Logs in; the token of the new session.
    pub async fn login(
        self: &Arc<Self>,
        name: String,
        password: String,
        from: IpAddr,
        now: Time,
    ) -> Result<String, NotIn> {
        self.knows_password(name.clone(), password, from, now).await?;
        Ok(self.open_session(name, now).await?)
    }

    /// Whether this is a user's password. Guesses are bounded, also of who has got hold of a session.
    pub async fn knows_password(
        self: &Arc<Self>,
        name: String,
        password: String,
        from: IpAddr,
        now: Time,
    ) -> Result<(), NotIn> {
        self.guesses().begin(&name, from, now).map_err(NotIn::Later)?;
        let asked = name.clone();
        let hash = self.table(move |table| table.password(&asked)).await?;
        if !self.hashed(move || password::is(&password, hash.as_deref())).await? {
            return Err(NotIn::Wrong);
        }
        self.guesses().succeeded(&name, from);
        Ok(())
    }

    /// Uses a link up: sets the user's password, and logs in.
    pub async fn set_up(
        self: &Arc<Self>,
        link: String,
        name: String,
        password: String,
        now: Time,
    ) -> Result<String, NotIn> {
        let link = secret::hash(&link);
        let good = self.table(move |table| table.link(now)).await?;
        if !good.is_some_and(|good| secret::same(&good, &link)) {
            return Err(NotIn::Wrong);
        }
        let hash = self.hash(password).await?;
        let user = name.clone();
        if !self.table(move |table| table.set_up(&link, &user, &hash, now)).await? {
            return Err(NotIn::Wrong);
        }
        Ok(self.open_session(name, now).await?)
    }

    /// What is kept of a password.
    pub async fn hash(&self, password: String) -> Result<String, NotIn> {
        self.hashed(move || password::hash(&password)).await
    }

    /// Does something that takes memory and time, when its turn comes.
    async fn hashed<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotIn> {
        let _waits = self.waiting.try_acquire().map_err(|_| NotIn::Busy)?;
        let _turn = self.hashing.acquire().await.expect("it is never closed");
        Ok(tokio::task::spawn_blocking(work).await.expect("hashing does not panic"))
    }

    async fn open_session(self: &Arc<Self>, user: String, now: Time) -> Result<String, StoreError> {
        let token = secret::new();
        let hash = secret::hash(&token);
        self.table(move |table| {
            table.clear_sessions(session::used_after(now), session::made_after(now))?;
            table.open_session(&hash, &user, now, SESSIONS_PER_USER_MAX)
        })
        .await?;
        Ok(token)
    }

    /// Enters what was done.
    pub async fn enter(self: &Arc<Self>, entry: AuditEntry) -> Result<(), StoreError> {
        self.table(move |table| table.enter(&entry, AUDIT_MAX)).await
    }

    fn guesses(&self) -> MutexGuard<'_, Guesses> {
        self.guesses.lock().expect("nobody panics while holding the guesses")
    }
}

/// The path of a new link.
pub fn new_link(table: &ConsoleTable, good_until: Time) -> Result<String, StoreError> {
    let token = secret::new();
    table.offer_link(&secret::hash(&token), good_until)?;
    Ok(format!("{LINK_PATH}{token}"))
}
