//! What every thread may read: configuration, keys, counters, the clock.

use crate::clock::Clock;
use crate::config::Config;
use crate::console::Console;
use crate::media::Media;
use crate::metrics::Metrics;
use crate::webhooks::courier::Webhooks;
use hawker_core::shop::ShopLimits;
use hawker_core::{AppId, UserId};
use hawker_files::Files;
use hawker_store::{Listing, ShopTable};
use hawker_wire::files::grant::GrantKey;
use hawker_wire::token::TokenKey;
use hawker_wire::usersig::{self, BadSig, Verified};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One app as the gateway needs it.
pub struct AppSecrets {
    /// The key of its UserSigs.
    pub secret: String,
    /// Users who may use the REST API.
    pub admins: Vec<String>,
}

/// See the module.
pub struct Shared {
    /// The configuration.
    pub config: Config,
    /// The apps by id.
    pub apps: BTreeMap<AppId, AppSecrets>,
    /// The app that the pages belong to.
    pub pages_app: AppId,
    /// A viewer may sign in with a name alone.
    pub guests: bool,
    /// Nothing is sold here: payments are only played.
    pub development: bool,
    /// Signs session tokens.
    pub tokens: TokenKey,
    /// What payment notifications are signed with.
    pub payment_secret: String,
    /// Signs addresses where files may be put.
    pub grants: GrantKey,
    /// The files that users sent.
    pub files: Arc<Files>,
    /// Who may use the console and the API.
    pub console: Arc<Console>,
    /// Bounds and terms of the shops.
    pub shop: ShopLimits,
    /// What is kept of the shops, for looking things up.
    pub shops: Arc<ShopTable>,
    /// Rooms, users and what was said, for lists.
    pub listing: Arc<Listing>,
    /// Endpoints that are told what happens.
    pub webhooks: Arc<Webhooks>,
    /// Live video.
    pub media: Media,
    /// Counters.
    pub metrics: Metrics,
    /// The clock.
    pub clock: Clock,
}

impl Shared {
    /// In whose name the console and applications act in an app: its first administrator.
    pub fn administrator(&self, app: AppId) -> &str {
        self.apps.get(&app).and_then(|secrets| secrets.admins.first()).map_or("", String::as_str)
    }

    /// Checks a UserSig.
    pub fn verify(&self, app: AppId, user: &str, sig: &str) -> Result<Verified, BadSig> {
        let secrets = self.apps.get(&app).ok_or(BadSig::UnknownApp)?;
        usersig::verify(app, &secrets.secret, user, sig, self.clock.now())
    }

    /// Makes a UserSig.
    pub fn sign(&self, app: AppId, user: &UserId, valid_secs: u64) -> Option<String> {
        let secrets = self.apps.get(&app)?;
        Some(usersig::sign(app, &secrets.secret, user, self.clock.now(), valid_secs))
    }
}
