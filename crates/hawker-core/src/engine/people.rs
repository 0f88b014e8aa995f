//! Accounts and profiles.

use super::{Caller, Engine, Output};
use crate::account::Account;
use crate::answer::Answer;
use crate::change::Change;
use crate::command::{ProfileItem, ProfileValue};
use crate::id::{AccountId, AppId, UserId};
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::room::check;
use crate::time::Time;
use std::sync::Arc;
use std::time::Duration;

impl<T> Engine<T> {
    /// The account of a user, made if it is new.
    pub(super) fn ensure_account(&mut self, app: AppId, user: &UserId) -> (AccountId, u64) {
        if let Some(id) = self.names.get(&(app, user.clone())) {
            return (*id, 0);
        }
        let id = AccountId(self.next_account);
        self.next_account += 1;
        let mut account = Account {
            id,
            app,
            user: user.clone(),
            profile: Arc::new(Profile::default()),
            sigs_valid_from: Time::default(),
            talks: false,
            session: None,
            kept_in: 0,
        };
        let gate = self.gate.keep(Change::Account(account.record()));
        account.kept_in = gate;
        self.names.insert((app, user.clone()), id);
        self.accounts.insert(id, account);
        (id, gate)
    }

    /// Changes the account of a number that is known, and has it kept; returns the commit to wait for.
    fn change_account(&mut self, id: AccountId, change: impl FnOnce(&mut Account)) -> u64 {
        let account = self.accounts.get_mut(&id).expect("the number is known");
        change(account);
        account.kept_in = self.gate.keep(Change::Account(account.record()));
        account.kept_in
    }

    pub(super) fn set_profile(
        &mut self,
        now: Time,
        by: &Caller,
        user: Option<UserId>,
        items: &[ProfileItem],
    ) -> Result<(Answer, u64), Refusal> {
        let actor = self.member_actor(now, by)?;
        let user = user.unwrap_or_else(|| actor.face.user.clone());
        if user != actor.face.user && !actor.app_admin {
            return Err(Refusal::AdminsOnly);
        }
        let limits = self.limits(by.app());
        let account = self.account(by.app(), &user).ok_or(Refusal::AccountMissing)?;
        let cleaned;
        let items = if actor.app_admin {
            items
        } else {
            cleaned = self.clean_items(by.app(), items)?;
            &cleaned
        };
        let profile = account.profile.with(items, &limits)?;
        let id = account.id;
        let gate = self.change_account(id, |account| account.profile = Arc::new(profile));
        Ok((Answer::Done, gate))
    }

    /// What others read of somebody holds no word that is not allowed.
    fn clean_items(&self, app: AppId, items: &[ProfileItem]) -> Result<Vec<ProfileItem>, Refusal> {
        let words = self.words(app);
        let clean = |item: &ProfileItem| {
            let value = match &item.value {
                ProfileValue::Text(text) if &*item.tag != "Image" => ProfileValue::Text(words.clean(text)?),
                value => value.clone(),
            };
            Ok(ProfileItem { tag: item.tag.clone(), value })
        };
        items.iter().map(clean).collect()
    }

    pub(super) fn profiles(&mut self, by: &Caller, users: Vec<UserId>) -> Result<(Answer, u64), Refusal> {
        let limit = self.limits(by.app()).accounts_per_call_max;
        if users.len() > limit {
            return Err(Refusal::TooMany { what: "accounts", limit });
        }
        let profile = |user: &UserId| self.account(by.app(), user).map(|account| account.profile.clone());
        let found = users.into_iter().map(|user| (user.clone(), profile(&user))).collect();
        // Some of them may have changed just now: wait for whatever is being kept.
        Ok((Answer::Profiles(found), self.gate.latest()))
    }

    pub(super) fn import_account(
        &mut self,
        by: &Caller,
        user: UserId,
        nick: Option<Arc<str>>,
        avatar: Option<Arc<str>>,
    ) -> Result<(Answer, u64), Refusal> {
        let Caller::Admin { app, .. } = by else { return Err(Refusal::AdminsOnly) };
        check::user_id(&user)?;
        let text = |tag: &str, text: Arc<str>| ProfileItem { tag: tag.into(), value: ProfileValue::Text(text) };
        let mut items = Vec::new();
        items.extend(nick.map(|nick| text("Nick", nick)));
        items.extend(avatar.map(|avatar| text("Image", avatar)));
        let current = self.account(*app, &user).map(|account| account.profile.clone()).unwrap_or_default();
        let profile = current.with(&items, &self.limits(*app))?;
        let (id, mut gate) = self.ensure_account(*app, &user);
        if profile != *current {
            gate = self.change_account(id, |account| account.profile = Arc::new(profile));
        }
        Ok((Answer::Done, gate))
    }

    /// A guest's name comes from a stranger, although an administrator makes the account.
    pub(super) fn add_guest(
        &mut self,
        by: &Caller,
        user: UserId,
        nick: &Arc<str>,
    ) -> Result<(Answer, u64), Refusal> {
        let nick = self.words(by.app()).clean(nick)?;
        self.import_account(by, user, Some(nick), None)
    }

    pub(super) fn kick_account(&mut self, now: Time, by: &Caller, user: UserId) -> Result<(Answer, u64), Refusal> {
        let Caller::Admin { app, .. } = by else { return Err(Refusal::AdminsOnly) };
        let account = self.account(*app, &user).ok_or(Refusal::AccountMissing)?;
        let (id, session) = (account.id, account.session);
        // Signatures count whole seconds: one made in this very second may be the new one, so it stays good.
        let gate = self.change_account(id, |account| account.sigs_valid_from = Time::from_secs(now.secs()));
        if let Some(session) = session {
            let conn = self.end_session(now, session, Duration::ZERO);
            if let Some(conn) = conn {
                // At once, as in `supersede`.
                self.gate.out(0, Output::Kick(conn, super::KickReason::Admin));
            }
        }
        Ok((Answer::Done, gate))
    }
}
