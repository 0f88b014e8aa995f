//! Accounts: who somebody is, in whatever room.

use crate::change::AccountRecord;
use crate::id::{AccountId, AppId, SessionId, UserId};
use crate::post::Face;
use crate::profile::Profile;
use crate::time::Time;
use std::sync::Arc;

/// One user of one app.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its app.
    pub app: AppId,
    /// Its name.
    pub user: UserId,
    /// Its profile.
    pub profile: Arc<Profile>,
    /// UserSigs issued before this are void.
    pub sigs_valid_from: Time,
    /// It has a conversation: what has none is answered without asking the store.
    pub talks: bool,
    /// The session of this user, connected or not.
    pub session: Option<SessionId>,
    /// The commit that keeps its last change: nobody hears of the change before.
    pub kept_in: u64,
}

impl Account {
    /// The account as it was kept.
    pub fn load(kept: AccountRecord) -> Self {
        let AccountRecord { account, app, user, profile, sigs_valid_from } = kept;
        Self { id: account, app, user, profile, sigs_valid_from, talks: false, session: None, kept_in: 0 }
    }

    /// The account as it is kept.
    pub fn record(&self) -> AccountRecord {
        AccountRecord {
            account: self.id,
            app: self.app,
            user: self.user.clone(),
            profile: self.profile.clone(),
            sigs_valid_from: self.sigs_valid_from,
        }
    }

    /// The account as others see it.
    pub fn face(&self) -> Face {
        Face {
            account: self.id,
            user: self.user.clone(),
            nick: self.profile.nick.clone(),
            avatar: self.profile.avatar.clone(),
        }
    }
}
