//! A shop over the real store, with buyers who never know whether they were heard.
//!
//! The store confirms late, and the power goes whenever it likes: what was not committed is gone, and so are the answers that
//! nobody saw. Buyers send twice, hear late or not at all, and ask again under the same key until they know. In the end whatever
//! was acknowledged must be there, once, and the books must balance.

use hawker_core::answer::Answer;
use hawker_core::change::Change;
use hawker_core::command::{Command, OpenRoom};
use hawker_core::engine::{AppRules, Caller, Engine, Input, Output};
use hawker_core::post::{Element, Post, Posted};
use hawker_core::refusal::Refusal;
use hawker_core::shop::checkout::{NewLine, NewOrder};
use hawker_core::shop::coupon::{CouponDraft, Off};
use hawker_core::shop::goods::{GoodsDraft, GoodsState, SkuDraft};
use hawker_core::shop::order::{Address, OrderState};
use hawker_core::shop::payment::Payment;
use hawker_core::shop::shelf::ShelfItem;
use hawker_core::shop::wallet::Holder;
use hawker_core::shop::{Shop, ShopAnswer, ShopCommand, ShopLimits, ShopRequest};
use hawker_core::{AppId, Time, UserId};
use hawker_store::{OrderFilter, Store, StoreError, Writer, WriterBounds};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

const APP: AppId = AppId(7);
const START: Time = Time(1_700_000_000_000);
const STOCK: i64 = 12;
const COUPONS: i64 = 5;
const SKU: u64 = 2;
const COUPON: u64 = 3;

#[derive(Clone, Debug)]
enum Step {
    /// A new wish of a buyer; sent twice at once if told so.
    Wish {
        user: usize,
        wish: Wish,
        twice: bool,
    },
    /// Buyers who know nothing yet ask again.
    AskAgain,
    /// So many answers reach their buyers, from the end if told so; the next one is lost.
    Hear {
        answers: usize,
        backwards: bool,
        lose: bool,
    },
    /// The store gets through so many commits.
    Confirm {
        commits: usize,
    },
    Pass {
        secs: u64,
    },
    PowerCut,
}

#[derive(Clone, Debug, PartialEq)]
enum Wish {
    Claim,
    Buy {
        quantity: u32,
        with_coupon: bool,
    },
    /// The provider reports the payment of a known order.
    Pay {
        order: usize,
    },
    Refund {
        order: usize,
    },
    Cancel {
        order: usize,
    },
    TopUp,
    Gift {
        count: u32,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let wish = prop_oneof![
        4 => Just(Wish::Claim),
        5 => (1..4_u32, any::<bool>()).prop_map(|(quantity, with_coupon)| Wish::Buy { quantity, with_coupon }),
        5 => (0..8_usize).prop_map(|order| Wish::Pay { order }),
        1 => (0..8_usize).prop_map(|order| Wish::Refund { order }),
        2 => (0..8_usize).prop_map(|order| Wish::Cancel { order }),
        2 => Just(Wish::TopUp),
        3 => (1..5_u32).prop_map(|count| Wish::Gift { count }),
    ];
    prop_oneof![
        10 => (0..3_usize, wish, prop::bool::weighted(0.3)).prop_map(|(user, wish, twice)| Step::Wish { user, wish, twice }),
        3 => Just(Step::AskAgain),
        6 => (1..5_usize, any::<bool>(), prop::bool::weighted(0.3)).prop_map(
            |(answers, backwards, lose)| Step::Hear { answers, backwards, lose }),
        6 => (1..4_usize).prop_map(|commits| Step::Confirm { commits }),
        2 => (1..1200_u64).prop_map(|secs| Step::Pass { secs }),
        1 => Just(Step::PowerCut),
    ]
}

/// What a buyer knows of a wish.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Nothing,
    /// The answer: an order, a claim, a top-up, or that it was done.
    Granted(Option<u64>),
    Refused,
}

struct Asked {
    user: UserId,
    request: ShopRequest,
    known: Known,
}

struct World {
    folder: TempDir,
    engine: Engine<usize>,
    writer: Option<Writer>,
    done: Receiver<Result<u64, StoreError>>,
    /// Handed out by the engine, not yet given to the store.
    commits: VecDeque<(u64, Vec<Change>)>,
    /// On their way to the buyers.
    answers: VecDeque<(usize, Result<Answer, Refusal>)>,
    asked: Vec<Asked>,
    /// Coins of gifts, and claims, that the room has been told of.
    heard_coins: i64,
    heard_claims: i64,
    now: Time,
}

fn users(number: usize) -> UserId {
    ["ann", "bob", "cat"][number].into()
}

fn rules() -> BTreeMap<AppId, AppRules> {
    BTreeMap::from([(APP, AppRules::default())])
}

fn open(folder: &TempDir, now: Time) -> (Engine<usize>, Writer, Receiver<Result<u64, StoreError>>) {
    let store = Store::open(folder.path()).unwrap();
    let kept = store.load(now, ShopLimits::default().after_sale).unwrap();
    let (tell, done) = channel();
    let bounds = WriterBounds { transaction_every: Duration::ZERO, ..WriterBounds::default() };
    let writer = Writer::start(store, bounds, move |outcome| drop(tell.send(outcome)));
    (Engine::new(now, rules(), kept, 7), writer, done)
}

fn shop(what: ShopCommand) -> ShopRequest {
    ShopRequest { user: None, key: None, what }
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (engine, writer, done) = open(&folder, START);
        let mut world = Self {
            folder,
            engine,
            writer: Some(writer),
            done,
            commits: VecDeque::new(),
            answers: VecDeque::new(),
            asked: Vec::new(),
            heard_coins: 0,
            heard_claims: 0,
            now: START,
        };
        for number in 0..3 {
            world.prepare(Command::ImportAccount { user: users(number), nick: None, avatar: None });
        }
        let open =
            OpenRoom { room: Some("show".into()), live_room: true, name: "Show".into(), ..OpenRoom::default() };
        world.prepare(Command::OpenRoom(open));
        let sku =
            SkuDraft { id: None, name: "".into(), code: "".into(), price: 1000, list_price: 0, stock: Some(STOCK) };
        let goods = GoodsDraft {
            id: None,
            title: "Tea".into(),
            description: "".into(),
            pictures: vec![],
            state: GoodsState::On,
            skus: vec![sku],
        };
        let coupon = CouponDraft {
            id: None,
            title: "Off".into(),
            off: Off::Amount(300),
            threshold: 0,
            goods: vec![],
            starts_at: START,
            ends_at: START + Duration::from_secs(1_000_000),
            stock: COUPONS,
            per_user: 2,
        };
        for what in [
            ShopCommand::SaveGoods(goods),
            ShopCommand::SaveCoupon(coupon),
            ShopCommand::SetShelf("show".into(), vec![ShelfItem { goods: 1, badge: "".into() }]),
        ] {
            world.prepare(Command::Shop(Box::new(shop(what))));
        }
        world.confirm(usize::MAX);
        assert!(world.answers.drain(..).all(|(_, answer)| answer.is_ok()));
        world
    }

    fn prepare(&mut self, command: Command) {
        self.ask(usize::MAX, command);
    }

    fn ask(&mut self, ticket: usize, command: Command) {
        let by = Caller::Admin { app: APP, user: "administrator".into() };
        self.engine.handle(self.now, Input::Asked { by, ticket, command });
        self.engine.seal();
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Commit(number, changes) => self.commits.push_back((number, changes)),
                Output::Reply { ticket, answer } => self.answers.push_back((ticket, answer)),
                Output::Deliver(posted) => self.told(&posted),
                _ => {}
            }
        }
    }

    fn told(&mut self, posted: &Posted) {
        let Post::Message { elements, .. } = &posted.post else { return };
        let [Element::Custom { data, ext, .. }] = &**elements else { return };
        let value: serde_json::Value = serde_json::from_str(ext).unwrap();
        match &**data {
            "SEND_GIFT" => self.heard_coins += value["coins"].as_i64().unwrap(),
            "USE_COUPON" => self.heard_claims += 1 + value["others"].as_i64().unwrap(),
            _ => {}
        }
    }

    /// What the room has heard of is kept: nobody hears what a power cut could take back.
    fn must_have_what_was_heard(&self) {
        let host = Holder::Host("".into());
        assert!(self.shop().balance(&host) >= self.heard_coins, "a gift was shown that nobody paid");
        assert!(self.shop().coupons().map(|coupon| coupon.claimed).sum::<i64>() >= self.heard_claims);
    }

    fn confirm(&mut self, commits: usize) {
        for _ in 0..commits {
            let Some((number, changes)) = self.commits.pop_front() else { return };
            assert!(self.writer.as_ref().unwrap().commit(number, changes));
            let kept = self.done.recv().unwrap().expect("the store takes what the rules decide");
            self.engine.handle(self.now, Input::Committed(kept));
            self.carry_out();
        }
    }

    fn power_cut(&mut self) {
        self.writer.take().unwrap().finish();
        self.commits.clear();
        self.answers.clear();
        let (engine, writer, done) = open(&self.folder, self.now);
        (self.engine, self.writer, self.done) = (engine, Some(writer), done);
        self.must_have_what_was_heard();
    }

    fn shop(&self) -> &Shop {
        self.engine.shop(APP).unwrap()
    }

    /// The orders that buyers know of.
    fn known_orders(&self) -> Vec<u64> {
        let bought = self.asked.iter().filter(|asked| matches!(asked.request.what, ShopCommand::CreateOrder(_)));
        bought
            .filter_map(|asked| if let Known::Granted(Some(id)) = asked.known { Some(id) } else { None })
            .collect()
    }

    fn command(&self, user: &UserId, wish: &Wish) -> Option<ShopCommand> {
        Some(match wish {
            Wish::Claim => ShopCommand::Claim { coupon: COUPON, room: Some("show".into()) },
            Wish::Buy { quantity, with_coupon } => {
                let claims = self.asked.iter().filter(|asked| asked.user == *user);
                let claims = claims.filter(|asked| matches!(asked.request.what, ShopCommand::Claim { .. }));
                let claim =
                    claims.rev().find_map(|asked| if let Known::Granted(id) = asked.known { id } else { None });
                ShopCommand::CreateOrder(NewOrder {
                    room: Some("show".into()),
                    lines: vec![NewLine { sku: SKU, quantity: *quantity }],
                    claim: claim.filter(|_| *with_coupon),
                    address: Address::default(),
                    remark: "".into(),
                    expect_total: None,
                })
            }
            Wish::Pay { order } => {
                let id = *self.known_orders().get(*order)?;
                let total = self.shop().orders().find(|order| order.id == id).map_or(1000, |order| order.total);
                let transaction = format!("t{id}").into();
                ShopCommand::Pay(Payment { reference: id, transaction, amount: total, currency: "CNY".into() })
            }
            Wish::Refund { order } => {
                let id = *self.known_orders().get(*order)?;
                ShopCommand::Refund { order: id, amount: 100, reason: "".into(), restock: false }
            }
            Wish::Cancel { order } => ShopCommand::CancelOrder(*self.known_orders().get(*order)?),
            Wish::TopUp => ShopCommand::Adjust { user: user.clone(), change: 10, reason: "welcome".into() },
            Wish::Gift { count } => {
                ShopCommand::SendGift { room: "show".into(), gift: "rose".into(), count: *count }
            }
        })
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Wish { user, wish, twice } => {
                let user = users(*user);
                let Some(what) = self.command(&user, wish) else { return };
                let number = self.asked.len();
                // What a merchant or a provider wants is asked in no buyer's name.
                let buyers = matches!(wish, Wish::Claim | Wish::Buy { .. } | Wish::Gift { .. });
                let request = ShopRequest {
                    user: buyers.then(|| user.clone()),
                    key: Some(format!("k{number}").into()),
                    what,
                };
                self.asked.push(Asked { user, request, known: Known::Nothing });
                for _ in 0..1 + usize::from(*twice) {
                    self.send(number);
                }
            }
            Step::AskAgain => {
                for number in 0..self.asked.len() {
                    if self.asked[number].known == Known::Nothing {
                        self.send(number);
                    }
                }
            }
            Step::Hear { answers, backwards, lose } => {
                for _ in 0..*answers {
                    let heard = if *backwards { self.answers.pop_back() } else { self.answers.pop_front() };
                    heard.into_iter().for_each(|(number, answer)| self.hear(number, answer));
                }
                if *lose {
                    self.answers.pop_front();
                }
            }
            Step::Confirm { commits } => self.confirm(*commits),
            Step::Pass { secs } => {
                self.now = self.now + Duration::from_secs(*secs);
                self.engine.tick(self.now);
                self.engine.seal();
                self.carry_out();
            }
            Step::PowerCut => self.power_cut(),
        }
    }

    fn send(&mut self, number: usize) {
        let request = self.asked[number].request.clone();
        self.ask(number, Command::Shop(Box::new(request)));
    }

    /// Whoever heard an answer hears the same one for ever, unless it was a refusal: those are not promises.
    fn hear(&mut self, number: usize, answer: Result<Answer, Refusal>) {
        let asked = &mut self.asked[number];
        let known = match answer {
            Err(_) => Known::Refused,
            Ok(Answer::Shop(answer)) => Known::Granted(match *answer {
                ShopAnswer::Order(view) => Some(view.order.id),
                ShopAnswer::Claim(view) => Some(view.id),
                _ => None,
            }),
            Ok(other) => panic!("{other:?}"),
        };
        match (&asked.known, &known) {
            (Known::Granted(before), Known::Granted(again)) => assert_eq!(before, again, "{:?}", asked.request),
            // An older answer to another copy of the wish.
            (Known::Granted(_), _) => {}
            _ => asked.known = known,
        }
    }

    fn settle(&mut self) {
        self.confirm(usize::MAX);
        self.hear_all();
        // A refusal may be older than what became of another copy of the same wish: everybody asks once more. What was granted
        // is granted still, under its key.
        for number in 0..self.asked.len() {
            let granted = matches!(self.asked[number].known, Known::Granted(_));
            self.send(number);
            self.confirm(usize::MAX);
            let Some((_, answer)) = self.answers.pop_front() else { panic!("no answer") };
            assert!(!granted || answer.is_ok(), "granted, then {answer:?}: {:?}", self.asked[number].request);
            self.hear(number, answer);
        }
        assert!(self.asked.iter().all(|asked| asked.known != Known::Nothing));
    }

    fn hear_all(&mut self) {
        while let Some((number, answer)) = self.answers.pop_front() {
            self.hear(number, answer);
        }
    }

    fn check(&self) {
        let shop = self.shop();
        let granted = |what: fn(&ShopCommand) -> bool| {
            let of_kind = self.asked.iter().filter(move |asked| what(&asked.request.what));
            of_kind.filter_map(|asked| if let Known::Granted(id) = asked.known { Some((asked, id)) } else { None })
        };
        let claims: Vec<_> = granted(|what| matches!(what, ShopCommand::Claim { .. })).collect();
        let coupon = shop.coupons().next().unwrap();
        assert_eq!(coupon.claimed, claims.len() as i64, "each claim that was granted is there once");
        assert!(coupon.claimed <= COUPONS);
        assert_eq!(shop.claims().count(), claims.len());

        let orders: Vec<_> = granted(|what| matches!(what, ShopCommand::CreateOrder(_))).collect();
        assert_eq!(shop.orders().count(), orders.len());
        let pieces = |states: &[OrderState]| {
            let with = shop.orders().filter(|order| states.contains(&order.state));
            with.map(|order| i64::from(order.lines[0].quantity)).sum::<i64>()
        };
        let stock = shop.stock(SKU);
        assert_eq!(
            (stock.listed, stock.held, stock.sold),
            (STOCK, pieces(&[OrderState::Created]), pieces(&[OrderState::Paid, OrderState::Refunded]))
        );
        assert!(stock.available() >= 0);

        for (asked, _) in granted(|what| matches!(what, ShopCommand::Pay(_))) {
            let ShopCommand::Pay(payment) = &asked.request.what else { unreachable!() };
            let order = shop.orders().find(|order| order.id == payment.reference).unwrap();
            assert!(
                matches!(order.state, OrderState::Paid | OrderState::Refunded) || order.paid_late,
                "a payment that was taken is there"
            );
        }
        let refunded: i64 = shop.orders().map(|order| order.refunded).sum();
        assert_eq!(refunded, 100 * granted(|what| matches!(what, ShopCommand::Refund { .. })).count() as i64);

        assert_eq!(shop.balances().map(|(_, coins)| coins).sum::<i64>(), 0, "the ledger balances to zero");
        let given = granted(|what| matches!(what, ShopCommand::SendGift { .. }));
        let given: i64 = given
            .map(|(asked, _)| match &asked.request.what {
                ShopCommand::SendGift { count, .. } => i64::from(*count),
                _ => unreachable!(),
            })
            .sum();
        let host = Holder::Host("".into());
        assert_eq!(shop.balance(&host), given, "a gift is paid and shown, or neither");
        assert_eq!(shop.books().of(&"show".into()).map_or(0, |sales| sales.coins), given);
    }

    /// Everything that can be seen of the shop, in an order of its own.
    fn picture(&self) -> String {
        let shop = self.shop();
        let mut lines: Vec<String> = shop.orders().map(|order| format!("{order:?}")).collect();
        lines.extend(shop.claims().map(|claim| format!("{claim:?}")));
        lines.extend(shop.stocks().map(|stock| format!("{stock:?}")));
        lines.extend(shop.balances().filter(|(_, coins)| *coins != 0).map(|balance| format!("{balance:?}")));
        lines.extend(shop.coupons().map(|coupon| format!("{:?} {} {}", coupon.terms, coupon.claimed, coupon.used)));
        lines.extend(shop.shelves().map(|shelf| format!("{shelf:?}")));
        let sales = shop.books().of(&"show".into()).cloned().unwrap_or_default();
        let mut buyers: Vec<_> = sales.buyers.iter().collect();
        buyers.sort();
        lines.push(format!(
            "{:?} {buyers:?}",
            (sales.orders, sales.paid, sales.units, sales.revenue, sales.refunded)
        ));
        lines.push(format!("{:?} {:?}", (sales.coupons, sales.gifts, sales.coins), sales.goods));
        lines.sort();
        lines.join("\n")
    }
}

/// What the console looks up is what the rules believe.
fn check_table(world: &World) {
    let store = Store::open_beside(world.folder.path()).unwrap();
    let table = store.shops().unwrap();
    let shop = world.shop();
    let mut orders: Vec<_> = shop.orders().map(|order| hawker_core::shop::order::Order::clone(order)).collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.id));
    assert_eq!(table.orders(APP, &OrderFilter::default(), i64::MAX, 1000).unwrap(), orders);
    for order in &orders {
        let by_buyer = OrderFilter { q: Some(order.user.as_str().to_uppercase()), ..OrderFilter::default() };
        assert!(table.orders(APP, &by_buyer, order.id as i64 + 1, 1).unwrap()[0] == *order);
        let history = table.history(APP, order.id).unwrap();
        assert_eq!(&*history[0].1, "order.created");
        assert_eq!(history.iter().any(|(_, kind)| &**kind == "order.paid"), order.paid_at > Time(0));
    }
    let nothing = OrderFilter { q: Some("%".into()), ..OrderFilter::default() };
    assert!(
        table.orders(APP, &nothing, i64::MAX, 10).unwrap().is_empty(),
        "what is special to SQL is not special here"
    );
    let created = orders.iter().filter(|order| order.state == OrderState::Created).count() as u64;
    assert_eq!(table.count_orders(APP, "created").unwrap(), created);

    let goods = table.one_goods(APP, 1).unwrap().unwrap();
    assert_eq!(goods.stocks[&SKU], shop.stock(SKU));
    let coupon = table.one_coupon(APP, COUPON).unwrap().unwrap();
    assert_eq!(coupon.claimed, shop.coupons().next().unwrap().claimed);

    let paid: Vec<_> = orders.iter().filter(|order| order.paid_at > Time(0)).collect();
    let days = table.days(APP, Time(0), 0).unwrap();
    let sum = |of: fn(&hawker_store::Takings) -> i64| days.values().map(of).sum::<i64>();
    assert_eq!(sum(|day| day.orders), paid.len() as i64);
    assert_eq!(sum(|day| day.revenue), paid.iter().map(|order| order.total).sum::<i64>());
    assert_eq!(sum(|day| day.claims), coupon.claimed);
    let given = shop.books().of(&"show".into()).map_or(0, |sales| sales.coins);
    assert_eq!(sum(|day| day.coins), given);
    let minutes = table.minutes(APP, "show", Time(0)).unwrap();
    assert_eq!(minutes.values().map(|minute| minute.coins).sum::<i64>(), given);

    for (user, coins) in table.wallets(APP, None, "", 10).unwrap() {
        let entries = table.entries(APP, &user, i64::MAX, 1000).unwrap();
        assert_eq!(entries.iter().map(|entry| entry.change).sum::<i64>(), coins);
        assert_eq!((entries[0].balance, table.balance(APP, &Holder::User(user.clone())).unwrap()), (coins, coins));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_acknowledged_is_lost_or_done_twice(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        world.settle();
        world.check();
        check_table(&world);
        // And what is kept is what is believed.
        let before = world.picture();
        world.power_cut();
        prop_assert_eq!(world.picture(), before);
        world.check();
    }
}
