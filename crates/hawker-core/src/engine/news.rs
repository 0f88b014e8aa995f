//! What rooms hear of their shop.
//!
//! Unmodified live-selling components understand it: purchases, claims, gifts and follows are the custom messages that they
//! listen for, pushed goods are the room field `add_goods` (design, "Events the old components know"). Each carries
//! [`LEDGER_MARK`], which no client may send, so that pages can tell a purchase from somebody's word for one.
//!
//! A crowd that claims or buys within a second is told of in one message that counts them: each message costs a send for every
//! viewer, and nobody reads a thousand lines a second.

use super::timers::Timer;
use super::{Engine, key};
use crate::id::{AppId, RoomId, RoomKey, UserId};
use crate::post::{Class, Element, Face, Post, Priority, ProfileChange};
use crate::room::{Actor, Context, Room, RoomEvent};
use crate::shop::ShopEvent;
use crate::shop::order::Order;
use crate::shop::view::{CouponView, SaleView};
use crate::time::Time;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Application data of messages that the shop itself sends.
pub const LEDGER_MARK: &str = r#"{"ledger":1}"#;
/// The room field of the pushed goods (seed 001).
const PUSHED_FIELD: &str = "add_goods";
/// The room field that grows with each change of the shelf.
const SHELF_FIELD: &str = "goods_shelf";
/// The member field of the host that a member follows (seed 001).
const FOLLOW_FIELD: &str = "attent";
/// Purchases, and claims, of one room within this time are told of together.
const BURST: Duration = Duration::from_secs(1);
/// Stock is told at most this often.
const STOCK_EVERY: Duration = Duration::from_secs(1);

/// What is told of in bursts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Crowd {
    /// Claims of a coupon.
    Claims(u64),
    /// Purchases.
    Purchases,
}

/// The last of a crowd, and how many came before it within the second.
pub(super) enum Burst {
    /// Nobody since the last message.
    Quiet,
    /// This is to be told.
    Waiting { last: Face, others: u32, what: Deed },
}

/// A message of the shop: its name, its value, and how dearly it is held.
struct News {
    name: &'static str,
    value: String,
    class: Class,
}

impl News {
    /// What nobody may miss.
    fn vital(name: &'static str, value: &impl Serialize) -> Self {
        Self { name, value: json(value), class: Class::Vital }
    }
}

/// What somebody did.
#[derive(Clone)]
pub(super) enum Deed {
    Claimed { coupon: u64 },
    Bought(Arc<Order>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bought<'a> {
    id: u64,
    title: &'a str,
    price: i64,
    currency: &'a str,
    picture: &'a str,
    quantity: u32,
    others: u32,
    units: u64,
}

#[derive(Serialize)]
struct ClaimedOf<'a> {
    id: u64,
    title: &'a str,
    others: u32,
    claimed: i64,
    left: i64,
}

#[derive(Serialize)]
struct GiftOf<'a> {
    id: &'a str,
    name: &'a str,
    count: u32,
    coins: i64,
    combo: u32,
}

#[derive(Serialize)]
struct FollowOf<'a> {
    #[serde(rename = "userID")]
    host: &'a UserId,
    followers: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PushedOf<'a> {
    id: u64,
    title: &'a str,
    price: i64,
    currency: &'a str,
    picture: &'a str,
    list_price: i64,
    stock: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sale: Option<PushedSale>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PushedSale {
    id: u64,
    price: i64,
    ends_at: Time,
}

#[derive(Serialize)]
struct StockOf {
    skus: Vec<(u64, i64)>,
    sales: Vec<(u64, i64)>,
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain values become JSON")
}

impl<T> Engine<T> {
    /// Tells rooms of an event that has happened.
    pub(super) fn shop_tells(&mut self, now: Time, app: AppId, by: &Actor, event: ShopEvent) {
        match event {
            ShopEvent::Moved { sku, sale, .. } => {
                self.stock_changed(now, app, sku, sale);
                self.tell_sold_out(now, app, sale);
            }
            ShopEvent::Listed { sku, .. } => self.stock_changed(now, app, sku, None),
            ShopEvent::ShelfSet(room, shelf) => {
                let version = shelf.version.to_string();
                self.set_room_field(now, app, &room, by, SHELF_FIELD, Some(version.into()));
            }
            ShopEvent::Pushed(room, goods) => {
                let card = goods.and_then(|goods| self.pushed_card(now, app, &room, goods));
                self.set_room_field(now, app, &room, by, PUSHED_FIELD, card);
            }
            ShopEvent::SaleSet(terms) => self.tell_sale(now, app, by, terms.id),
            ShopEvent::SaleTurned(id) => self.tell_sale(now, app, by, id),
            ShopEvent::CouponDropped(room, id) => {
                let shop = &self.shops[&app].shop;
                let Ok(coupon) = shop.coupon(id) else { return };
                let news = News::vital("COUPON_DROP", &CouponView::of(coupon));
                self.announce(now, app, &room, by, news);
            }
            ShopEvent::Claimed(claim) => {
                if let Some(room) = &claim.room {
                    let what = Deed::Claimed { coupon: claim.coupon };
                    self.crowd(now, app, room, &claim.user, Crowd::Claims(claim.coupon), what);
                }
            }
            ShopEvent::OrderPaid(order) => {
                if let Some(room) = order.room.clone() {
                    let user = order.user.clone();
                    self.crowd(now, app, &room, &user, Crowd::Purchases, Deed::Bought(order));
                }
            }
            ShopEvent::GiftSent(sent) => {
                let gift = GiftOf {
                    id: &sent.gift,
                    name: &sent.name,
                    count: sent.count,
                    coins: sent.coins,
                    combo: sent.combo,
                };
                self.announce(now, app, &sent.room, by, News::vital("SEND_GIFT", &gift));
            }
            ShopEvent::Followed { user, host, room: Some(room), on } => {
                self.note_follow(now, app, &room, &user, on.then_some(&host));
                let followers = self.shops[&app].shop.follows().followers(&host);
                let name = if on { "ATTENTION" } else { "CANCELATTENTION" };
                let news = News::vital(name, &FollowOf { host: &host, followers });
                self.announce(now, app, &room, by, news);
            }
            _ => {}
        }
    }

    /// Live-selling components keep whom a member follows in a field of the member (seed 001); so do we, for members.
    fn note_follow(&mut self, now: Time, app: AppId, room: &RoomId, user: &UserId, host: Option<&UserId>) {
        let Some(account) = self.account(app, user).map(|account| account.id) else { return };
        let room = key(app, room);
        if self.rooms.get(&room).is_some_and(|hosted| hosted.room.member(account).is_some()) {
            let value = host.map(|host| host.as_str().into());
            self.apply(now, &room, vec![RoomEvent::MemberFieldSet(user.clone(), FOLLOW_FIELD.into(), value)]);
        }
    }

    /// The piece that was the last of a flash sale is told of at once.
    fn tell_sold_out(&mut self, now: Time, app: AppId, sale: Option<u64>) {
        let sale = sale.and_then(|id| self.shops[&app].shop.sale(id));
        if let Some(sale) = sale.filter(|sale| sale.left() == 0 && sale.held > 0) {
            let id = sale.terms.id;
            let shop = self.admin_actor(app, &UserId::from(""));
            self.tell_sale(now, app, &shop, id);
        }
    }

    fn tell_sale(&mut self, now: Time, app: AppId, by: &Actor, id: u64) {
        let Some(sale) = self.shops[&app].shop.sale(id) else { return };
        let (room, goods) = (sale.terms.room.clone(), sale.terms.goods);
        let news = News::vital("FLASH_SALE", &SaleView::of(now, sale));
        let by = self.speaker(app, &room, by);
        self.announce(now, app, &room, &by, news);
        // The card of the pushed goods shows the price of the sale.
        if self.shops[&app].shop.shelf(&room).pushed == Some(goods) {
            let card = self.pushed_card(now, app, &room, goods);
            self.set_room_field(now, app, &room, &by, PUSHED_FIELD, card);
        }
    }

    /// What happens by time is said by the room's owner, or by the shop.
    fn speaker(&self, app: AppId, room: &RoomId, by: &Actor) -> Actor {
        if !by.face.user.as_str().is_empty() {
            return by.clone();
        }
        let owner = self.rooms.get(&key(app, room)).and_then(|hosted| hosted.room.owner());
        let admin = self.apps.get(&app).and_then(|rules| rules.admins.iter().min());
        owner.or(admin).map_or_else(|| by.clone(), |user| self.admin_actor(app, user))
    }

    fn pushed_card(&self, now: Time, app: AppId, room: &RoomId, id: u64) -> Option<Arc<str>> {
        let shop = &self.shops.get(&app)?.shop;
        let goods = shop.goods(id).ok()?;
        let cheapest = goods.skus.iter().min_by_key(|sku| sku.price)?;
        let sale = goods.skus.iter().find_map(|sku| shop.running_sale(now, room, sku.id));
        let limits = self.shop_limits(app);
        let card = PushedOf {
            id,
            title: &goods.title,
            price: cheapest.price,
            currency: &limits.currency,
            picture: goods.pictures.first().map_or("", |picture| picture),
            list_price: cheapest.list_price,
            stock: goods.skus.iter().map(|sku| shop.stock(sku.id).available()).sum(),
            sale: sale.map(|sale| PushedSale {
                id: sale.terms.id,
                price: sale.terms.price,
                ends_at: sale.terms.ends_at,
            }),
        };
        Some(json(&card).into())
    }

    /// Tells a room, after the shop's own commit.
    fn announce(&mut self, now: Time, app: AppId, room: &RoomId, by: &Actor, news: News) {
        let News { name, value, class } = news;
        let post = Post::Message {
            from: by.face.clone(),
            priority: Priority::High,
            sent_at: now.secs(),
            client_seq: 0,
            elements: [Element::Custom { data: name.into(), desc: "".into(), ext: value.into(), sound: "".into() }]
                .into(),
            cloud_data: LEDGER_MARK.into(),
        };
        self.in_room(now, app, room, by, |room, ctx, by| room.announce(ctx, by, class, post));
    }

    fn set_room_field(
        &mut self,
        now: Time,
        app: AppId,
        room: &RoomId,
        by: &Actor,
        field: &str,
        value: Option<Arc<str>>,
    ) {
        let change = ProfileChange::Field(field.into(), value);
        let by = self.speaker(app, room, by);
        self.in_room(now, app, room, &by, |room, ctx, by| room.show(ctx, by, change));
    }

    /// Something happens in a room because of its shop: the room waits for what the shop has kept.
    fn in_room(
        &mut self,
        now: Time,
        app: AppId,
        room: &RoomId,
        by: &Actor,
        what: impl FnOnce(&Room, &mut Context<'_>, &Actor) -> Vec<RoomEvent>,
    ) {
        let room = key(app, room);
        let (limits, words) = (self.limits(app), self.words(app));
        let gate = self.shops[&app].gate;
        let Some(hosted) = self.rooms.get_mut(&room) else { return };
        hosted.gate = hosted.gate.max(gate);
        let mut ctx = Context { now, limits: &limits, words: &words, rng: &mut self.rng };
        let events = what(&hosted.room, &mut ctx, by);
        self.wait_for_account(&room, by.face.account);
        self.apply(now, &room, events);
    }

    fn crowd(&mut self, now: Time, app: AppId, room: &RoomId, user: &UserId, crowd: Crowd, what: Deed) {
        let Some(account) = self.account(app, user) else { return };
        let face = account.face();
        let room = key(app, room);
        if let Some(burst) = self.bursts.get_mut(&(room.clone(), crowd)) {
            let others = match burst {
                Burst::Quiet => 0,
                Burst::Waiting { others, .. } => *others + 1,
            };
            *burst = Burst::Waiting { last: face, others, what };
            return;
        }
        self.tell_crowd(now, &room, face, 0, &what);
        self.bursts.insert((room.clone(), crowd), Burst::Quiet);
        self.timers.at(now + BURST, Timer::Crowd(room, crowd));
    }

    /// A second is over: tells of those who came within it.
    pub(super) fn burst_over(&mut self, now: Time, room: RoomKey, crowd: Crowd) {
        let name = (room, crowd);
        match self.bursts.remove(&name) {
            Some(Burst::Waiting { last, others, what }) => {
                self.tell_crowd(now, &name.0, last, others, &what);
                self.timers.at(now + BURST, Timer::Crowd(name.0.clone(), crowd));
                self.bursts.insert(name, Burst::Quiet);
            }
            Some(Burst::Quiet) | None => {}
        }
    }

    fn tell_crowd(&mut self, now: Time, room: &RoomKey, face: Face, others: u32, what: &Deed) {
        let Some(stall) = self.shops.get(&room.app) else { return };
        let news = match what {
            Deed::Claimed { coupon } => {
                let Ok(coupon) = stall.shop.coupon(*coupon) else { return };
                let (id, title) = (coupon.terms.id, &*coupon.terms.title);
                let (claimed, left) = (coupon.claimed, coupon.left());
                News::vital("USE_COUPON", &ClaimedOf { id, title, others, claimed, left })
            }
            Deed::Bought(order) => {
                let Some(line) = order.lines.first() else { return };
                let units = stall.shop.books().of(&room.room).map_or(0, |sales| sales.units);
                let bought = Bought {
                    id: line.goods,
                    title: &line.title,
                    price: line.price,
                    currency: &order.currency,
                    picture: &line.picture,
                    quantity: order.lines.iter().map(|line| line.quantity).sum(),
                    others,
                    units,
                };
                News::vital("BUY_GOODS", &bought)
            }
        };
        let by = Actor { face, app_admin: false, anonymous: false };
        self.announce(now, room.app, &room.room, &by, news);
    }

    fn stock_changed(&mut self, now: Time, app: AppId, sku: u64, sale: Option<u64>) {
        let stall = self.shops.get_mut(&app).expect("something happened in it");
        if stall.restocked.is_empty() && stall.moved_sales.is_empty() {
            self.timers.at(now + STOCK_EVERY, Timer::Stock(app));
        }
        stall.restocked.insert(sku);
        stall.moved_sales.extend(sale);
    }

    /// Tells each room what is left of the goods on its shelf, as far as that has changed.
    pub(super) fn tell_stock(&mut self, now: Time, app: AppId) {
        let Some(stall) = self.shops.get_mut(&app) else { return };
        let restocked = std::mem::take(&mut stall.restocked);
        let moved = std::mem::take(&mut stall.moved_sales);
        let shop = &stall.shop;
        let mut told = Vec::new();
        for (room, shelf) in shop.shelves() {
            let here = restocked.iter().filter(|sku| shop.sku(**sku).is_ok_and(|(goods, _)| shelf.holds(goods.id)));
            let skus: Vec<_> = here.map(|sku| (*sku, shop.stock(*sku).available())).collect();
            let sales = shop.sales_in(room).filter(|sale| moved.contains(&sale.terms.id));
            let sales: Vec<_> = sales.map(|sale| (sale.terms.id, sale.left().max(0))).collect();
            if !skus.is_empty() || !sales.is_empty() {
                told.push((room.clone(), json(&StockOf { skus, sales })));
            }
        }
        // Not in the order of a hash map: the same inputs give the same run.
        told.sort();
        for (room, value) in told {
            let nobody = self.admin_actor(app, &UserId::from(""));
            let by = self.speaker(app, &room, &nobody);
            // Told again with the next change: it gives way like a like.
            self.announce(now, app, &room, &by, News { name: "GOODS_STOCK", value, class: Class::Like });
        }
    }
}
