//! What must hold in a shop, whatever is asked of it in whatever order.
//!
//! Two judges watch every step: the invariants, read off the shop itself, and a naive shop that keeps nothing but lists of what
//! was accepted and counts them again for each question.

use hawker_core::refusal::Refusal;
use hawker_core::shop::checkout::{NewLine, NewOrder};
use hawker_core::shop::coupon::{ClaimState, CouponDraft, Off};
use hawker_core::shop::goods::{GoodsDraft, GoodsState, SkuDraft};
use hawker_core::shop::order::{Address, OrderState};
use hawker_core::shop::payment::Payment;
use hawker_core::shop::sale::SaleDraft;
use hawker_core::shop::shelf::ShelfItem;
use hawker_core::shop::{Patron, Shop, ShopAnswer, ShopCommand, ShopLimits, ShopRefusal, ShopSnapshot, Show};
use hawker_core::{RoomId, Time, UserId};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const START: Time = Time(1_700_000_000_000);
const USERS: usize = 3;
/// Two goods of two variants each, made first: their numbers follow from that.
const SKUS: [u64; 4] = [2, 3, 5, 6];
const GOODS: [u64; 2] = [1, 4];
const COUPONS: [u64; 2] = [7, 8];
const PRICES: [i64; 4] = [1000, 1500, 250, 99];

fn room() -> RoomId {
    "show".into()
}

fn user(number: usize) -> UserId {
    ["ann", "bob", "cat"][number].into()
}

fn limits() -> ShopLimits {
    ShopLimits { pay_within: Duration::from_secs(60), open_orders_per_user_max: 4, ..ShopLimits::default() }
}

#[derive(Clone, Debug)]
enum Step {
    Claim { user: usize, coupon: usize, key: Option<u8> },
    Order { user: usize, lines: Vec<(usize, u32)>, claim: Option<usize>, in_room: bool, key: Option<u8> },
    Pay { order: usize, transaction: u8, short: bool },
    Cancel { user: usize, order: usize },
    Ship { order: usize },
    Confirm { user: usize, order: usize },
    Refund { order: usize, amount: i64, restock: bool },
    Stock { sku: usize, change: i64 },
    Sale { sku: usize, quota: i64, per_buyer: u32, secs: u64 },
    EndSale { sale: usize },
    TopUp { user: usize, coins: i64 },
    PayTopUp { top_up: usize, transaction: u8 },
    Gift { user: usize, gift: usize, count: u32, key: Option<u8> },
    Adjust { user: usize, change: i64 },
    Follow { user: usize, host: usize, on: bool },
    Pass { secs: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let key = || prop::option::of(0..6_u8);
    let lines = prop::collection::vec((0..4_usize, 0..4_u32), 0..3);
    prop_oneof![
        8 => (0..USERS, 0..2_usize, key()).prop_map(|(user, coupon, key)| Step::Claim { user, coupon, key }),
        10 => (0..USERS, lines, prop::option::of(0..6_usize), prop::bool::weighted(0.7), key()).prop_map(
            |(user, lines, claim, in_room, key)| Step::Order { user, lines, claim, in_room, key }),
        8 => (0..12_usize, 0..12_u8, prop::bool::weighted(0.1)).prop_map(
            |(order, transaction, short)| Step::Pay { order, transaction, short }),
        3 => (0..USERS, 0..12_usize).prop_map(|(user, order)| Step::Cancel { user, order }),
        2 => (0..12_usize).prop_map(|order| Step::Ship { order }),
        2 => (0..USERS, 0..12_usize).prop_map(|(user, order)| Step::Confirm { user, order }),
        3 => (0..12_usize, -5..2500_i64, any::<bool>()).prop_map(
            |(order, amount, restock)| Step::Refund { order, amount, restock }),
        2 => (0..4_usize, -3..9_i64).prop_map(|(sku, change)| Step::Stock { sku, change }),
        4 => (0..3_usize, 0..9_i64, 0..4_u32, 1..400_u64).prop_map(
            |(sku, quota, per_buyer, secs)| Step::Sale { sku, quota, per_buyer, secs }),
        1 => (0..4_usize).prop_map(|sale| Step::EndSale { sale }),
        2 => (0..USERS, -2..50_i64).prop_map(|(user, coins)| Step::TopUp { user, coins }),
        2 => (0..6_usize, 0..12_u8).prop_map(|(top_up, transaction)| Step::PayTopUp { top_up, transaction }),
        4 => (0..USERS, 0..3_usize, 0..5_u32, key()).prop_map(
            |(user, gift, count, key)| Step::Gift { user, gift, count, key }),
        1 => (0..USERS, -30..60_i64).prop_map(|(user, change)| Step::Adjust { user, change }),
        2 => (0..USERS, 0..USERS, any::<bool>()).prop_map(|(user, host, on)| Step::Follow { user, host, on }),
        4 => (1..50_u64).prop_map(|secs| Step::Pass { secs }),
    ]
}

/// A shop that counts its lists.
#[derive(Default)]
struct Naive {
    listed: BTreeMap<u64, i64>,
    /// Coupon, user, whether an order has it, whether it was used.
    claims: BTreeMap<u64, (u64, UserId, Option<u64>, bool)>,
    orders: BTreeMap<u64, NaiveOrder>,
    /// Sku, quota, per buyer, ends.
    sales: BTreeMap<u64, (u64, i64, u32, Time)>,
    coins: BTreeMap<UserId, i64>,
    given: i64,
    transactions: BTreeMap<String, u64>,
    top_ups: BTreeMap<u64, (UserId, i64, bool)>,
}

struct NaiveOrder {
    user: UserId,
    state: OrderState,
    /// Sku, quantity, price, flash sale.
    lines: Vec<(u64, u32, i64, Option<u64>)>,
    claim: Option<u64>,
    total: i64,
    refunded: i64,
    pay_until: Time,
    restocked: bool,
    paid_late: bool,
}

impl NaiveOrder {
    fn holds(&self) -> bool {
        self.state == OrderState::Created
    }

    fn sold(&self) -> bool {
        !self.restocked && !matches!(self.state, OrderState::Created | OrderState::Cancelled)
    }
}

impl Naive {
    fn pieces(&self, sku: u64, which: impl Fn(&NaiveOrder) -> bool) -> i64 {
        let lines = self.orders.values().filter(|order| which(order)).flat_map(|order| &order.lines);
        lines.filter(|line| line.0 == sku).map(|line| i64::from(line.1)).sum()
    }

    fn available(&self, sku: u64) -> i64 {
        self.listed[&sku] - self.pieces(sku, |order| order.holds() || order.sold())
    }

    fn in_sale(&self, sale: u64, of: Option<&UserId>) -> i64 {
        let counted = self.orders.values().filter(|order| order.state != OrderState::Cancelled);
        let counted = counted.filter(|order| of.is_none_or(|user| order.user == *user));
        counted
            .flat_map(|order| &order.lines)
            .filter(|line| line.3 == Some(sale))
            .map(|line| i64::from(line.1))
            .sum()
    }

    fn running_sale(&self, now: Time, sku: u64) -> Option<u64> {
        let running = |(_, (of, _, _, ends)): &(&u64, &(u64, i64, u32, Time))| *of == sku && now < *ends;
        self.sales.iter().find(running).map(|(id, _)| *id)
    }
}

struct World {
    shop: Shop,
    naive: Naive,
    limits: ShopLimits,
    now: Time,
    /// What was answered under each key, and the step that it was for.
    keys: BTreeMap<(usize, u8), (String, Show)>,
}

fn merchant() -> Patron {
    Patron { user: "shop".into(), anonymous: false, hosts: true, merchant: true, host: None }
}

fn viewer(number: usize) -> Patron {
    Patron { user: user(number), anonymous: false, hosts: false, merchant: false, host: Some("shop".into()) }
}

impl World {
    fn new() -> Self {
        let limits = limits();
        let shop = Shop::load(&limits, START, ShopSnapshot::default());
        let mut world = Self { shop, naive: Naive::default(), limits, now: START, keys: BTreeMap::new() };
        for goods in 0..2 {
            let sku = |at: usize| SkuDraft {
                id: None,
                name: "".into(),
                code: "".into(),
                price: PRICES[goods * 2 + at],
                list_price: 0,
                stock: Some(5),
            };
            let draft = GoodsDraft {
                id: None,
                title: "Tea".into(),
                description: "".into(),
                pictures: vec![],
                state: GoodsState::On,
                skus: vec![sku(0), sku(1)],
            };
            world.ask(&merchant(), None, ShopCommand::SaveGoods(draft)).unwrap();
        }
        let coupon = |off, threshold, goods, per_user| CouponDraft {
            id: None,
            title: "Off".into(),
            off,
            threshold,
            goods,
            starts_at: START,
            ends_at: START + Duration::from_secs(600),
            stock: 4,
            per_user,
        };
        for draft in
            [coupon(Off::Amount(300), 1000, vec![], 2), coupon(Off::Percent { rate: 50, max: 400 }, 0, vec![1], 1)]
        {
            world.ask(&merchant(), None, ShopCommand::SaveCoupon(draft)).unwrap();
        }
        // Of the first goods only: the second is not on the shelf of the room.
        let shelf = vec![ShelfItem { goods: GOODS[0], badge: "".into() }];
        world.ask(&merchant(), None, ShopCommand::SetShelf(room(), shelf)).unwrap();
        assert_eq!(world.shop.stocks().map(|(sku, _)| sku).collect::<std::collections::BTreeSet<_>>(), SKUS.into());
        world.naive.listed = SKUS.iter().map(|sku| (*sku, 5)).collect();
        world
    }

    fn ask(&mut self, by: &Patron, key: Option<&str>, command: ShopCommand) -> Result<Show, Refusal> {
        let key = key.map(Arc::from);
        let verdict = self.shop.decide(&self.limits, self.now, by, key.as_ref(), command)?;
        for event in &verdict.events {
            self.shop.apply(&self.limits, self.now, event);
        }
        // Whatever is shown can be shown.
        self.shop.show(&self.limits, self.now, by, &verdict.show).unwrap();
        Ok(verdict.show)
    }

    /// Asks with a key, and once more: the second time nothing happens, and the answer is the same.
    fn ask_twice(
        &mut self,
        who: usize,
        key: Option<u8>,
        step: &Step,
        command: ShopCommand,
    ) -> Result<Option<Show>, Refusal> {
        let Some(key) = key else { return self.ask(&viewer(who), None, command).map(Some) };
        let name = key.to_string();
        if let Some((known, show)) = self.keys.get(&(who, key)).cloned() {
            let again =
                self.shop.decide(&self.limits, self.now, &viewer(who), Some(&name.as_str().into()), command);
            match again {
                Ok(verdict) => {
                    assert_eq!((verdict.events.len(), &verdict.show), (0, &show), "{step:?}");
                    assert_eq!(known, format!("{step:?}"));
                }
                Err(refusal) => {
                    assert_eq!(refusal, ShopRefusal::KeyReused.into());
                    assert_ne!(known, format!("{step:?}"));
                }
            }
            return Ok(None);
        }
        let show = self.ask(&viewer(who), Some(&name), command.clone())?;
        let again =
            self.shop.decide(&self.limits, self.now, &viewer(who), Some(&name.as_str().into()), command).unwrap();
        assert_eq!((again.events.len(), &again.show), (0, &show));
        self.keys.insert((who, key), (format!("{step:?}"), show.clone()));
        Ok(Some(show))
    }

    fn order_at(&self, at: usize) -> u64 {
        self.naive.orders.keys().nth(at).copied().unwrap_or(999_999)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Claim { user: who, coupon, key } => {
                let id = COUPONS[*coupon];
                let mine =
                    self.naive.claims.values().filter(|claim| claim.0 == id && claim.1 == user(*who)).count();
                let all = self.naive.claims.values().filter(|claim| claim.0 == id).count();
                let open = self.now < START + Duration::from_secs(600);
                let allowed = open && mine < [2, 1][*coupon] && all < 4;
                let command = ShopCommand::Claim { coupon: id, room: Some(room()) };
                match self.ask_twice(*who, *key, step, command) {
                    Ok(Some(Show::Claim(claim))) => {
                        assert!(allowed, "{step:?}");
                        self.naive.claims.insert(claim, (id, user(*who), None, false));
                    }
                    Ok(None) => {}
                    Ok(other) => panic!("{other:?}"),
                    Err(refusal) => assert!(!allowed, "{step:?}: {refusal}"),
                }
            }
            Step::Order { user: who, lines, claim, in_room, key } => {
                self.order(step, *who, lines, *claim, *in_room, *key)
            }
            Step::Pay { order, transaction, short } => self.pay(*order, *transaction, *short),
            Step::Cancel { user: who, order } => {
                let id = self.order_at(*order);
                let done = self.ask(&viewer(*who), None, ShopCommand::CancelOrder(id));
                let own = |order: &&mut NaiveOrder| order.user == user(*who) && order.holds();
                let allowed = self.naive.orders.get_mut(&id).filter(own);
                assert_eq!(done.is_ok(), allowed.is_some(), "{step:?}");
                if allowed.is_some() {
                    self.naive_cancel(id);
                }
            }
            Step::Ship { order } => {
                let id = self.order_at(*order);
                let ship = ShopCommand::Ship { order: id, carrier: "post".into(), tracking: "1".into() };
                self.move_on(&merchant(), id, ship, OrderState::Paid, OrderState::Shipped, None);
            }
            Step::Confirm { user: who, order } => {
                let id = self.order_at(*order);
                let own = Some(user(*who));
                self.move_on(
                    &viewer(*who),
                    id,
                    ShopCommand::ConfirmOrder(id),
                    OrderState::Shipped,
                    OrderState::Done,
                    own,
                );
            }
            Step::Refund { order, amount, restock } => {
                let id = self.order_at(*order);
                let (amount, restock) = (*amount, *restock);
                let refund = ShopCommand::Refund { order: id, amount, reason: "".into(), restock };
                let done = self.ask(&merchant(), None, refund);
                let naive = self.naive.orders.get_mut(&id);
                let paid = |order: &&mut NaiveOrder| {
                    matches!(order.state, OrderState::Paid | OrderState::Shipped | OrderState::Done)
                        || order.paid_late
                };
                let fits = |order: &&mut NaiveOrder| amount > 0 && amount <= order.total - order.refunded;
                let allowed = naive.filter(paid).filter(fits);
                assert_eq!(done.is_ok(), allowed.is_some(), "{step:?}: {done:?}");
                if let Some(order) = allowed {
                    order.refunded += amount;
                    if order.refunded == order.total && order.state != OrderState::Cancelled {
                        order.state = OrderState::Refunded;
                        order.restocked = restock;
                    }
                }
            }
            Step::Stock { sku, change } => {
                let sku = SKUS[*sku];
                let allowed = self.naive.available(sku) + change >= 0;
                let done = self.ask(&merchant(), None, ShopCommand::MoveStock { sku, change: *change });
                assert_eq!(done.is_ok(), allowed, "{step:?}");
                if allowed {
                    *self.naive.listed.get_mut(&sku).unwrap() += change;
                }
            }
            Step::Sale { sku, quota, per_buyer, secs } => {
                let (sku, price) = (SKUS[*sku], PRICES[*sku] / 2);
                let ends_at = self.now + Duration::from_secs(*secs);
                let draft = SaleDraft {
                    room: room(),
                    sku,
                    price,
                    quota: *quota,
                    per_buyer: *per_buyer,
                    starts_at: None,
                    ends_at,
                };
                let allowed = *quota > 0 && *per_buyer > 0 && self.naive.running_sale(self.now, sku).is_none();
                match self.ask(&merchant(), None, ShopCommand::StartSale(draft)) {
                    Ok(Show::Sale(id)) => {
                        assert!(allowed);
                        self.naive.sales.insert(id, (sku, *quota, *per_buyer, ends_at));
                    }
                    other => assert!(!allowed, "{step:?}: {other:?}"),
                }
            }
            Step::EndSale { sale } => {
                let Some(id) = self.naive.sales.keys().nth(*sale).copied() else { return };
                self.ask(&merchant(), None, ShopCommand::EndSale(id)).unwrap();
                let ends = &mut self.naive.sales.get_mut(&id).unwrap().3;
                *ends = (*ends).min(self.now);
            }
            Step::TopUp { user: who, coins } => match self.ask(&viewer(*who), None, ShopCommand::TopUp(*coins)) {
                Ok(Show::TopUp(id)) => drop(self.naive.top_ups.insert(id, (user(*who), *coins, false))),
                Ok(other) => panic!("{other:?}"),
                Err(_) => {
                    let waiting =
                        self.naive.top_ups.values().filter(|top_up| top_up.0 == user(*who) && !top_up.2).count();
                    assert!(*coins < 1 || waiting >= 4);
                }
            },
            Step::PayTopUp { top_up, transaction } => {
                let Some((id, (whose, coins, paid))) =
                    self.naive.top_ups.iter().nth(*top_up).map(|(id, it)| (*id, it.clone()))
                else {
                    return;
                };
                let name = format!("t{transaction}");
                let amount = coins * self.limits.coin_price;
                let known = self.naive.transactions.get(&name).copied();
                let payment =
                    Payment { reference: id, transaction: name.as_str().into(), amount, currency: "CNY".into() };
                let done = self.ask(&merchant(), None, ShopCommand::Pay(payment));
                let fresh = known.is_none() && !paid;
                assert_eq!(done.is_ok(), fresh || known == Some(id), "{step:?}: {done:?}");
                if fresh {
                    self.naive.transactions.insert(name, id);
                    self.naive.top_ups.get_mut(&id).unwrap().2 = true;
                    *self.naive.coins.entry(whose).or_default() += coins;
                }
            }
            Step::Gift { user: who, gift, count, key } => {
                let (gift, price) = [("rose", 1), ("tea", 5), ("none", 0)][*gift];
                let coins = price * i64::from(*count);
                let has = self.naive.coins.get(&user(*who)).copied().unwrap_or(0);
                let allowed = price > 0 && coins > 0 && has >= coins;
                let command = ShopCommand::SendGift { room: room(), gift: gift.into(), count: *count };
                match self.ask_twice(*who, *key, step, command) {
                    Ok(Some(_)) => {
                        assert!(allowed, "{step:?}");
                        *self.naive.coins.get_mut(&user(*who)).unwrap() -= coins;
                        self.naive.given += coins;
                    }
                    Ok(None) => {}
                    Err(refusal) => assert!(!allowed, "{step:?}: {refusal}"),
                }
            }
            Step::Adjust { user: who, change } => {
                let has = self.naive.coins.get(&user(*who)).copied().unwrap_or(0);
                let allowed = *change != 0 && has + change >= 0;
                let adjust = ShopCommand::Adjust { user: user(*who), change: *change, reason: "sorry".into() };
                assert_eq!(self.ask(&merchant(), None, adjust).is_ok(), allowed, "{step:?}");
                if allowed {
                    *self.naive.coins.entry(user(*who)).or_default() += change;
                }
            }
            Step::Follow { user: who, host, on } => {
                let follow = ShopCommand::Follow { host: user(*host), room: None, on: *on };
                assert_eq!(self.ask(&viewer(*who), None, follow).is_ok(), who != host);
                assert!(who == host || self.shop.follows().is(&user(*who), &user(*host)) == *on);
            }
            Step::Pass { secs } => {
                self.now = self.now + Duration::from_secs(*secs);
                while self.shop.wake_at().is_some_and(|at| at <= self.now) {
                    for event in self.shop.tick(&self.limits, self.now) {
                        self.shop.apply(&self.limits, self.now, &event);
                    }
                }
                let late = |order: &NaiveOrder| order.holds() && order.pay_until <= self.now;
                let late: Vec<_> =
                    self.naive.orders.iter().filter(|(_, order)| late(order)).map(|(id, _)| *id).collect();
                late.into_iter().for_each(|id| self.naive_cancel(id));
            }
        }
    }

    fn naive_cancel(&mut self, id: u64) {
        let order = self.naive.orders.get_mut(&id).unwrap();
        order.state = OrderState::Cancelled;
        if let Some(claim) = order.claim {
            self.naive.claims.get_mut(&claim).unwrap().2 = None;
        }
    }

    fn move_on(
        &mut self,
        by: &Patron,
        id: u64,
        command: ShopCommand,
        from: OrderState,
        to: OrderState,
        own: Option<UserId>,
    ) {
        let done = self.ask(by, None, command);
        let order = self.naive.orders.get_mut(&id);
        let allowed =
            order.filter(|order| order.state == from && own.as_ref().is_none_or(|user| order.user == *user));
        assert_eq!(done.is_ok(), allowed.is_some());
        if let Some(order) = allowed {
            order.state = to;
        }
    }

    fn order(
        &mut self,
        step: &Step,
        who: usize,
        wanted: &[(usize, u32)],
        claim: Option<usize>,
        in_room: bool,
        key: Option<u8>,
    ) {
        let claim = claim.map(|at| self.naive.claims.keys().nth(at).copied().unwrap_or(999_999));
        let lines: Vec<_> =
            wanted.iter().map(|(sku, quantity)| NewLine { sku: SKUS[*sku], quantity: *quantity }).collect();
        let command = ShopCommand::CreateOrder(NewOrder {
            room: in_room.then(room),
            lines,
            claim,
            address: Address::default(),
            remark: "".into(),
            expect_total: None,
        });
        let expected = self.naive_order(who, wanted, claim, in_room);
        match self.ask_twice(who, key, step, command) {
            Ok(Some(Show::Order(id))) => {
                let order = expected.unwrap_or_else(|| panic!("{step:?} should have been refused"));
                let view = self.shop.show(&self.limits, self.now, &viewer(who), &Show::Order(id)).unwrap();
                let ShopAnswer::Order(view) = view else { panic!("{view:?}") };
                assert_eq!(view.order.total, order.total, "{step:?}");
                if let Some(claim) = order.claim {
                    let kept = self.naive.claims.get_mut(&claim).unwrap();
                    (kept.2, kept.3) = (Some(id), order.state == OrderState::Paid);
                }
                self.naive.orders.insert(id, order);
            }
            Ok(None) => {}
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => assert!(expected.is_none(), "{step:?}: {refusal}"),
        }
    }

    /// The order as the naive shop would take it.
    fn naive_order(
        &self,
        who: usize,
        wanted: &[(usize, u32)],
        claim: Option<u64>,
        in_room: bool,
    ) -> Option<NaiveOrder> {
        let mut seen: Vec<_> = wanted.iter().map(|(sku, _)| sku).collect();
        seen.sort();
        seen.dedup();
        let open = self.naive.orders.values().filter(|order| order.user == user(who) && order.holds()).count();
        if wanted.is_empty() || seen.len() < wanted.len() || open >= 4 {
            return None;
        }
        let mut lines = Vec::new();
        for (at, quantity) in wanted {
            let sku = SKUS[*at];
            let on_shelf = !in_room || *at < 2;
            if *quantity == 0 || !on_shelf || self.naive.available(sku) < i64::from(*quantity) {
                return None;
            }
            let sale = self.naive.running_sale(self.now, sku).filter(|_| in_room);
            if let Some(sale) = sale {
                let (_, quota, per_buyer, _) = self.naive.sales[&sale];
                let wanted = i64::from(*quantity);
                let whose = user(who);
                if self.naive.in_sale(sale, None) + wanted > quota
                    || self.naive.in_sale(sale, Some(&whose)) + wanted > i64::from(per_buyer)
                {
                    return None;
                }
            }
            lines.push((sku, *quantity, if sale.is_some() { PRICES[*at] / 2 } else { PRICES[*at] }, sale));
        }
        let sum: i64 = lines.iter().map(|line| line.2 * i64::from(line.1)).sum();
        let discount = match claim {
            None => 0,
            Some(claim) => {
                let (coupon, whose, used_by, used) = self.naive.claims.get(&claim)?;
                if *whose != user(who) || used_by.is_some() || *used || self.now >= START + Duration::from_secs(600)
                {
                    return None;
                }
                if *coupon == COUPONS[0] {
                    (sum >= 1000).then_some(300)?
                } else {
                    let meant = lines.iter().filter(|line| line.0 < 4);
                    let sum: i64 = meant.map(|line| line.2 * i64::from(line.1)).sum();
                    (sum > 0).then(|| (sum / 2).min(400))?
                }
            }
        };
        Some(NaiveOrder {
            user: user(who),
            state: if sum == discount { OrderState::Paid } else { OrderState::Created },
            lines,
            claim,
            total: sum - discount,
            refunded: 0,
            pay_until: self.now + self.limits.pay_within,
            restocked: false,
            paid_late: false,
        })
    }

    fn pay(&mut self, order: usize, transaction: u8, short: bool) {
        let id = self.order_at(order);
        let name = format!("t{transaction}");
        let total = self.naive.orders.get(&id).map_or(1, |order| order.total);
        let amount = if short { total - 1 } else { total };
        let payment = Payment { reference: id, transaction: name.as_str().into(), amount, currency: "CNY".into() };
        let done = self.ask(&merchant(), None, ShopCommand::Pay(payment));
        let known = self.naive.transactions.get(&name).copied();
        let order = self.naive.orders.get_mut(&id);
        let due = order.filter(|order| order.holds() || (order.state == OrderState::Cancelled && !order.paid_late));
        let fresh = known.is_none() && !short && due.is_some();
        assert_eq!(done.is_ok(), fresh || known == Some(id), "{done:?}");
        if let Some(order) = due.filter(|_| fresh) {
            self.naive.transactions.insert(name, id);
            if order.state == OrderState::Cancelled {
                order.paid_late = true;
                return;
            }
            order.state = OrderState::Paid;
            if let Some(claim) = order.claim {
                self.naive.claims.get_mut(&claim).unwrap().3 = true;
            }
        }
    }

    fn check(&self) {
        for (sku, stock) in self.shop.stocks() {
            let held = self.naive.pieces(sku, NaiveOrder::holds);
            let sold = self.naive.pieces(sku, NaiveOrder::sold);
            assert_eq!((stock.listed, stock.held, stock.sold), (self.naive.listed[&sku], held, sold), "sku {sku}");
            assert!(stock.available() >= 0);
        }
        for sale in self.shop.sales() {
            assert!(sale.held >= 0 && sale.sold >= 0 && sale.held + sale.sold <= sale.terms.quota);
            assert_eq!(sale.held + sale.sold, self.naive.in_sale(sale.terms.id, None));
            assert!(sale.buyers.values().all(|pieces| *pieces <= sale.terms.per_buyer));
        }
        for coupon in self.shop.coupons() {
            let id = coupon.terms.id;
            let claims = self.naive.claims.values().filter(|claim| claim.0 == id);
            assert_eq!(coupon.claimed, claims.clone().count() as i64);
            assert_eq!(coupon.used, claims.filter(|claim| claim.3).count() as i64);
            assert!(coupon.claimed <= coupon.terms.stock);
        }
        for claim in self.shop.claims() {
            let (_, whose, order, used) = &self.naive.claims[&claim.id];
            let state = match (order, used) {
                (_, true) => ClaimState::Used,
                (Some(_), false) => ClaimState::Reserved,
                (None, false) => ClaimState::Held,
            };
            assert_eq!((&claim.user, claim.state, claim.order), (whose, state, *order));
        }
        for order in self.shop.orders() {
            let naive = &self.naive.orders[&order.id];
            assert_eq!(
                (order.state, order.refunded, order.paid_late),
                (naive.state, naive.refunded, naive.paid_late)
            );
            assert!(order.refunded <= order.total && order.total >= 0);
        }
        assert_eq!(self.shop.balances().map(|(_, coins)| coins).sum::<i64>(), 0, "the ledger balances");
        for (whose, coins) in &self.naive.coins {
            let holder = hawker_core::shop::wallet::Holder::User(whose.clone());
            assert_eq!(self.shop.balance(&holder), *coins);
            assert!(*coins >= 0);
        }
        let host = hawker_core::shop::wallet::Holder::Host("shop".into());
        assert_eq!(self.shop.balance(&host), self.naive.given);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_shop_agrees_with_a_naive_one(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
            world.check();
        }
    }
}
