//! The shops: commands to them, what follows by time, and what is kept.

use super::timers::Timer;
use super::{Caller, Engine, key};
use crate::answer::{Answer, Role};
use crate::change::Change;
use crate::id::{AppId, RoomId, RoomKey, UserId};
use crate::refusal::Refusal;
use crate::room::{Actor, check};
use crate::shop::command::{Access, ShopCommand};
use crate::shop::view::ShelfView;
use crate::shop::{Patron, Shop, ShopAnswer, ShopEvent, ShopLimits, ShopRequest, Show};
use crate::time::Time;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// So much that is due is looked at before others have their turn.
const DUE_AT_ONCE_MAX: usize = 4096;
/// What is left of goods may be so old on a shelf that is shown.
const SHELF_FRESH: Duration = Duration::from_millis(200);
/// The rest waits this long.
const DUE_PAUSE: Duration = Duration::from_millis(5);

/// A shop with what the engine holds beside its rules.
#[derive(Default)]
pub(super) struct Stall {
    pub shop: Shop,
    /// The last commit that concerns this shop.
    pub gate: u64,
    /// When the engine looks at it next.
    alarm: Option<Time>,
    /// Variants whose stock changed since rooms were told.
    pub restocked: BTreeSet<u64>,
    /// Flash sales whose quota changed since rooms were told.
    pub moved_sales: BTreeSet<u64>,
    /// Shelves that were shown lately.
    shelves: HashMap<RoomId, Shown>,
}

/// A shelf as it was shown at a time, and how often anything had been arranged by then.
struct Shown {
    at: Time,
    arranged: u64,
    shelf: Arc<ShelfView>,
}

impl Stall {
    /// The shelf of a room. A crowd that comes in together is shown the same one: what is left may be a moment old, what is
    /// arranged never is.
    fn shelf(&mut self, limits: &ShopLimits, now: Time, room: &RoomId) -> Arc<ShelfView> {
        let arranged = self.shop.arranged();
        if let Some(shown) = self.shelves.get(room)
            && shown.arranged == arranged
            && now.since(shown.at) < SHELF_FRESH
        {
            return shown.shelf.clone();
        }
        let shelf = Arc::new(self.shop.shelf_view(limits, now, room));
        self.shelves.retain(|_, shown| now.since(shown.at) < SHELF_FRESH);
        self.shelves.insert(room.clone(), Shown { at: now, arranged, shelf: shelf.clone() });
        shelf
    }
}

impl<T> Engine<T> {
    pub(super) fn open_stall(&mut self, now: Time, app: AppId, shop: Shop) {
        self.shops.insert(app, Stall { shop, ..Stall::default() });
        self.watch_clock(now, app);
    }

    /// The shop of an app, for tests and metrics.
    pub fn shop(&self, app: AppId) -> Option<&Shop> {
        self.shops.get(&app).map(|stall| &stall.shop)
    }

    pub(super) fn shop_limits(&self, app: AppId) -> ShopLimits {
        self.apps.get(&app).map(|rules| rules.shop.clone()).unwrap_or_default()
    }

    pub(super) fn shop_command(
        &mut self,
        now: Time,
        by: &Caller,
        request: ShopRequest,
    ) -> Result<(Answer, u64), Refusal> {
        let ShopRequest { user, key, what } = request;
        let app = by.app();
        let actor = self.actor(now, by)?;
        let actor = self.buy_for(app, actor, user)?;
        let patron = self.patron(now, app, &actor, &what)?;
        let limits = self.shop_limits(app);
        let stall = self.shops.entry(app).or_default();
        let verdict = stall.shop.decide(&limits, now, &patron, key.as_ref(), what)?;
        self.shop_happens(now, app, &actor, &limits, verdict.events);
        let stall = self.shops.get_mut(&app).expect("just asked");
        let mut answer = match &verdict.show {
            Show::Shelf(room) => ShopAnswer::Shelf(stall.shelf(&limits, now, room)),
            show => stall.shop.show(&limits, now, &patron, show)?,
        };
        let gate = stall.gate;
        if let ShopAnswer::Board(board) = &mut answer {
            for row in &mut board.items {
                let profile =
                    self.account(app, &row.user).map(|account| account.profile.clone()).unwrap_or_default();
                (row.nick, row.avatar) = (profile.nick.clone(), profile.avatar.clone());
            }
        }
        Ok((Answer::Shop(Box::new(answer)), gate))
    }

    /// An administrator may buy, claim and give in the name of anybody with an account.
    fn buy_for(&self, app: AppId, actor: Actor, user: Option<UserId>) -> Result<Actor, Refusal> {
        match user {
            Some(user) if user != actor.face.user => {
                if !actor.app_admin {
                    return Err(Refusal::AdminsOnly);
                }
                let account = self.account(app, &user).ok_or(Refusal::AccountMissing)?;
                Ok(Actor { face: account.face(), app_admin: false, anonymous: false })
            }
            _ => Ok(actor),
        }
    }

    /// Who asks, and what he is to the room that the command is about.
    fn patron(&self, now: Time, app: AppId, actor: &Actor, what: &ShopCommand) -> Result<Patron, Refusal> {
        let user = &actor.face.user;
        let mut patron = Patron {
            user: user.clone(),
            anonymous: actor.anonymous,
            hosts: false,
            merchant: actor.app_admin,
            host: None,
        };
        let of_sale = match what {
            ShopCommand::EndSale(id) => self.shop(app).and_then(|shop| shop.room_of_sale(*id)),
            _ => None,
        };
        if let Some(room) = what.room().or(of_sale) {
            check::room_id(room)?;
            let hosted = self.rooms.get(&key(app, room)).ok_or(Refusal::RoomMissing)?;
            let until = hosted.room.banned_until(user, now);
            if until > Time::default() && what.access() == Access::User && !actor.app_admin {
                return Err(Refusal::Banned { until });
            }
            patron.hosts = !actor.anonymous && hosted.room.role(user) > Role::Member;
            patron.host = hosted.room.owner().cloned();
        } else {
            patron.hosts = self.owned.get(&(app, user.clone())).is_some_and(|owned| *owned > 0);
        }
        if let ShopCommand::Follow { host, .. } = what {
            self.account(app, host).ok_or(Refusal::AccountMissing)?;
        }
        Ok(patron)
    }

    /// Makes the events of a shop true, has them kept and told.
    fn shop_happens(&mut self, now: Time, app: AppId, by: &Actor, limits: &ShopLimits, events: Vec<ShopEvent>) {
        if events.is_empty() {
            return;
        }
        let stall = self.shops.entry(app).or_default();
        for event in &events {
            stall.shop.apply(limits, now, event);
            stall.gate = self.gate.keep(Change::Shop(app, now, event.clone()));
        }
        for event in events {
            self.shop_tells(now, app, by, event);
        }
        self.watch_clock(now, app);
    }

    /// A room is gone for good: its shop sells nothing there any more.
    pub(super) fn shop_leaves(&mut self, now: Time, room: &RoomKey) {
        let Some(stall) = self.shops.get(&room.app) else { return };
        let events = stall.shop.close_room(now, &room.room);
        let nobody = self.admin_actor(room.app, &UserId::from(""));
        self.shop_happens(now, room.app, &nobody, &self.shop_limits(room.app), events);
    }

    /// Time passed for a shop.
    pub(super) fn shop_due(&mut self, now: Time, app: AppId) {
        let limits = self.shop_limits(app);
        let nobody = self.admin_actor(app, &UserId::from(""));
        let Some(stall) = self.shops.get_mut(&app) else { return };
        stall.alarm = None;
        for _ in 0..DUE_AT_ONCE_MAX {
            let stall = self.shops.get_mut(&app).expect("still there");
            if stall.shop.wake_at().is_none_or(|at| at > now) {
                break;
            }
            let events = stall.shop.tick(&limits, now);
            if events.is_empty() {
                stall.shop.skip_due();
            }
            self.shop_happens(now, app, &nobody, &limits, events);
        }
        self.watch_clock(now, app);
    }

    fn watch_clock(&mut self, now: Time, app: AppId) {
        let Some(stall) = self.shops.get_mut(&app) else { return };
        let Some(at) = stall.shop.wake_at().filter(|at| *at < Time::NEVER) else { return };
        let at = if at <= now { now + DUE_PAUSE } else { at };
        if stall.alarm.is_none_or(|alarm| at < alarm || alarm <= now) {
            stall.alarm = Some(at);
            self.timers.at(at, Timer::Shop(app));
        }
    }
}
