//! What the shop answers, as it is written: `camelCase` JSON, amounts in minor units, times in milliseconds.

use super::coupon::{ClaimState, Coupon, Off};
use super::gift::Gift;
use super::goods::{Goods, GoodsState, Stock};
use super::limits::ShopLimits;
use super::money::Minor;
use super::order::{Order, OrderState};
use super::refusal::ShopRefusal;
use super::sale::{Sale, SaleState};
use super::wallet::{Holder, TopUp};
use super::{Patron, Shop, Show};
use crate::id::{RoomId, UserId};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

macro_rules! views { ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => { $(
    $(#[$doc])*
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
)* } }

views! {
    /// Nothing to say but that it was done.
    Nothing {}
    /// A list.
    GoodsItems {
        /// The goods.
        items: Vec<GoodsView>,
    }
    /// A list.
    CouponItems {
        /// The coupons.
        items: Vec<CouponView>,
    }
    /// A list.
    ClaimItems {
        /// The claims, newest first.
        items: Vec<ClaimView>,
    }
    /// A list.
    OrderItems {
        /// The orders, newest first.
        items: Vec<OrderView>,
    }
    /// A list.
    GiftItems {
        /// The gifts, cheapest first.
        items: Vec<Arc<Gift>>,
    }
    /// A list.
    UserItems {
        /// The users.
        items: Vec<UserId>,
    }
    /// Goods with what is left of them.
    GoodsView {
        /// See [`Goods::id`].
        id: u64,
        /// See [`Goods::title`].
        title: Arc<str>,
        /// See [`Goods::description`].
        description: Arc<str>,
        /// See [`Goods::pictures`].
        pictures: Vec<Arc<str>>,
        /// See [`Goods::state`].
        state: GoodsState,
        /// See [`Goods::skus`].
        skus: Vec<SkuView>,
        /// See [`Goods::created_at`].
        created_at: Time,
        /// See [`Goods::changed_at`].
        changed_at: Time,
    }
    /// A variant with what is left of it.
    SkuView {
        /// Its number.
        id: u64,
        /// Its name.
        name: Arc<str>,
        /// The merchant's name for it.
        code: Arc<str>,
        /// Its price.
        price: Minor,
        /// The price that is struck out; 0: none.
        list_price: Minor,
        /// Pieces to be bought.
        available: i64,
        /// Pieces held for orders.
        held: i64,
        /// Pieces sold.
        sold: i64,
    }
    /// One place of a shelf.
    ShelfItemView {
        /// The goods.
        goods: GoodsView,
        /// The word on the card.
        badge: Arc<str>,
    }
    /// A flash sale.
    SaleView {
        /// Its number.
        id: u64,
        /// The room.
        room: RoomId,
        /// The goods.
        goods: u64,
        /// The variant.
        sku: u64,
        /// The price.
        price: Minor,
        /// Pieces of all buyers.
        quota: i64,
        /// Pieces of one.
        per_buyer: u32,
        /// When it begins.
        starts_at: Time,
        /// When it is over.
        ends_at: Time,
        /// Pieces held.
        held: i64,
        /// Pieces sold.
        sold: i64,
        /// Pieces left.
        left: i64,
        /// Where it is.
        state: SaleState,
    }
    /// A coupon.
    CouponView {
        /// Its number.
        id: u64,
        /// Its title.
        title: Arc<str>,
        /// What it takes off.
        off: Off,
        /// From which amount.
        threshold: Minor,
        /// For which goods.
        goods: Vec<u64>,
        /// From when.
        starts_at: Time,
        /// Until when.
        ends_at: Time,
        /// Pieces.
        stock: i64,
        /// Pieces of one user.
        per_user: u32,
        /// Pieces claimed.
        claimed: i64,
        /// Pieces used.
        used: i64,
        /// Pieces left.
        left: i64,
        /// `open` or `closed`.
        state: &'static str,
    }
    /// A claim with its coupon.
    ClaimView {
        /// Its number.
        id: u64,
        /// The coupon.
        coupon: CouponView,
        /// Where it is.
        state: ClaimState,
        /// When it was claimed.
        at: Time,
        /// The order that uses it.
        order: Option<u64>,
    }
    /// A gift went out.
    GiftView {
        /// Coins left.
        coins: i64,
        /// How many of the same without a pause.
        combo: u32,
    }
    /// A wallet.
    WalletView {
        /// Whose.
        user: UserId,
        /// Coins.
        coins: i64,
    }
    /// A top-up and where it is paid.
    TopUpView {
        /// Its number.
        id: u64,
        /// Who buys.
        user: UserId,
        /// Coins.
        coins: i64,
        /// What they cost.
        amount: Minor,
        /// In this currency.
        currency: Arc<str>,
        /// `created` or `paid`.
        state: &'static str,
        /// Where to pay; empty when there is nothing to pay.
        pay_url: String,
    }
    /// Who gave most.
    BoardView {
        /// The room.
        room: RoomId,
        /// Coins of all.
        total: i64,
        /// The first of them.
        items: Vec<BoardRow>,
    }
    /// One giver.
    BoardRow {
        /// Who.
        user: UserId,
        /// Nickname.
        nick: Arc<str>,
        /// Picture.
        avatar: Arc<str>,
        /// Coins.
        coins: i64,
    }
    /// A host and its followers.
    FollowView {
        /// How many there are.
        followers: u64,
        /// Whether the asker is one.
        following: bool,
    }
    /// What a room has sold.
    SalesView {
        /// The room.
        room: RoomId,
        /// Orders made.
        orders: u64,
        /// Orders paid.
        paid: u64,
        /// Pieces paid.
        units: u64,
        /// Money paid.
        revenue: Minor,
        /// Money given back.
        refunded: Minor,
        /// People who paid.
        buyers: u64,
        /// Coupons claimed.
        coupons: u64,
        /// Gifts sent.
        gifts: u64,
        /// Coins of them.
        coins: i64,
        /// By goods, most money first.
        goods: Vec<GoodsSales>,
    }
    /// What was sold of one piece of goods.
    GoodsSales {
        /// Which.
        goods: u64,
        /// Its title.
        title: Arc<str>,
        /// Pieces.
        units: u64,
        /// Money, before coupons.
        revenue: Minor,
    }
}

/// A shelf. Everybody who comes in asks for it, so one of these serves many of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShelfView {
    /// The room.
    pub room: RoomId,
    /// The currency of all prices.
    pub currency: Arc<str>,
    /// How often it has changed.
    pub version: u64,
    /// What is on it.
    pub items: Vec<ShelfItemView>,
    /// What is pushed.
    pub pushed: Option<u64>,
    /// Flash sales that are not over.
    pub sales: Vec<SaleView>,
    /// Coupons that are offered here.
    pub coupons: Vec<CouponView>,
    /// How a wire writes it, written by whoever needs it first.
    #[serde(skip)]
    pub written: OnceLock<Box<str>>,
}

/// An order and where it is paid.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// The order.
    #[serde(flatten)]
    pub order: Arc<Order>,
    /// Where to pay; empty when there is nothing to pay.
    pub pay_url: String,
}

/// The good answer of a shop.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum ShopAnswer {
    Done(Nothing),
    Goods(GoodsView),
    GoodsItems(GoodsItems),
    Shelf(Arc<ShelfView>),
    Sale(SaleView),
    Coupon(CouponView),
    Coupons(CouponItems),
    Claim(ClaimView),
    Claims(ClaimItems),
    Order(OrderView),
    Orders(OrderItems),
    Gifts(GiftItems),
    Gift(GiftView),
    Wallet(WalletView),
    TopUp(TopUpView),
    Board(BoardView),
    Follow(FollowView),
    Following(UserItems),
    Sales(SalesView),
}

impl GoodsView {
    /// Goods with the stock of each variant.
    pub fn of(shop: &Shop, goods: &Goods) -> Self {
        Self::with(goods, |sku| shop.stock(sku))
    }

    /// The same, of whoever knows how many there are of each variant.
    pub fn with(goods: &Goods, stock: impl Fn(u64) -> Stock) -> Self {
        let sku = |sku: &super::goods::Sku| {
            let stock = stock(sku.id);
            SkuView {
                id: sku.id,
                name: sku.name.clone(),
                code: sku.code.clone(),
                price: sku.price,
                list_price: sku.list_price,
                available: stock.available(),
                held: stock.held,
                sold: stock.sold,
            }
        };
        Self {
            id: goods.id,
            title: goods.title.clone(),
            description: goods.description.clone(),
            pictures: goods.pictures.clone(),
            state: goods.state,
            skus: goods.skus.iter().map(sku).collect(),
            created_at: goods.created_at,
            changed_at: goods.changed_at,
        }
    }
}

impl SaleView {
    /// A flash sale as it is now.
    pub fn of(now: Time, sale: &Sale) -> Self {
        let terms = &sale.terms;
        Self {
            id: terms.id,
            room: terms.room.clone(),
            goods: terms.goods,
            sku: terms.sku,
            price: terms.price,
            quota: terms.quota,
            per_buyer: terms.per_buyer,
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            held: sale.held,
            sold: sale.sold,
            left: sale.left(),
            state: sale.state(now),
        }
    }
}

impl CouponView {
    /// A coupon as it is now.
    pub fn of(coupon: &Coupon) -> Self {
        let terms = &coupon.terms;
        Self {
            id: terms.id,
            title: terms.title.clone(),
            off: terms.off,
            threshold: terms.threshold,
            goods: terms.goods.clone(),
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            stock: terms.stock,
            per_user: terms.per_user,
            claimed: coupon.claimed,
            used: coupon.used,
            left: coupon.left(),
            state: if terms.closed { "closed" } else { "open" },
        }
    }
}

/// Where something is paid; empty without a payment page.
fn pay_url(limits: &ShopLimits, reference: u64) -> String {
    limits.pay_page.as_ref().map_or_else(String::new, |page| page.replace("{reference}", &reference.to_string()))
}

impl OrderView {
    /// An order as its buyer sees it.
    pub fn of(limits: &ShopLimits, order: &Arc<Order>) -> Self {
        let payable = order.state == OrderState::Created;
        let pay_url = if payable { pay_url(limits, order.id) } else { String::new() };
        Self { order: order.clone(), pay_url }
    }
}

impl TopUpView {
    fn of(limits: &ShopLimits, top_up: &TopUp) -> Self {
        Self {
            id: top_up.id,
            user: top_up.user.clone(),
            coins: top_up.coins,
            amount: top_up.amount,
            currency: top_up.currency.clone(),
            state: if top_up.paid { "paid" } else { "created" },
            pay_url: if top_up.paid { String::new() } else { pay_url(limits, top_up.id) },
        }
    }
}

impl Shop {
    /// What an answer shows, as everything is now.
    pub fn show(&self, limits: &ShopLimits, now: Time, by: &Patron, show: &Show) -> Result<ShopAnswer, Refusal> {
        Ok(match show {
            Show::Done => ShopAnswer::Done(Nothing {}),
            Show::Goods(id) => ShopAnswer::Goods(GoodsView::of(self, self.goods(*id)?)),
            Show::GoodsOnSale => ShopAnswer::GoodsItems(GoodsItems { items: self.goods_on_sale() }),
            Show::Shelf(room) => ShopAnswer::Shelf(Arc::new(self.shelf_view(limits, now, room))),
            Show::Sale(id) => {
                ShopAnswer::Sale(SaleView::of(now, self.sales.get(id).ok_or(ShopRefusal::SaleMissing)?))
            }
            Show::Coupon(id) => ShopAnswer::Coupon(CouponView::of(self.coupon(*id)?)),
            Show::CouponsOpen => ShopAnswer::Coupons(CouponItems { items: self.coupons_open(now) }),
            Show::Claim(id) => ShopAnswer::Claim(self.claim_view(*id)?),
            Show::Claims(user) => ShopAnswer::Claims(ClaimItems { items: self.claims_view(limits, user) }),
            Show::Order(id) => {
                let order = self.orders.get(id).ok_or(ShopRefusal::OrderMissing)?;
                ShopAnswer::Order(OrderView::of(limits, order))
            }
            Show::Orders(user) => ShopAnswer::Orders(OrderItems { items: self.orders_view(limits, user) }),
            Show::Gifts => ShopAnswer::Gifts(GiftItems { items: self.gifts_offered(by.merchant) }),
            Show::Gift(user, combo) => {
                ShopAnswer::Gift(GiftView { coins: self.balance(&Holder::User(user.clone())), combo: *combo })
            }
            Show::Wallet(user) => {
                let coins = self.balance(&Holder::User(user.clone()));
                ShopAnswer::Wallet(WalletView { user: user.clone(), coins })
            }
            Show::TopUp(id) => {
                let top_up = self.top_ups.get(id).ok_or(ShopRefusal::PaymentMissing)?;
                ShopAnswer::TopUp(TopUpView::of(limits, top_up))
            }
            Show::Board(room) => ShopAnswer::Board(self.board_view(limits, room)),
            Show::Follow(host) => ShopAnswer::Follow(FollowView {
                followers: self.follows.followers(host),
                following: self.follows.is(&by.user, host),
            }),
            Show::Following(user) => {
                ShopAnswer::Following(UserItems { items: self.follows.of(user).cloned().collect() })
            }
            Show::Sales(room) => ShopAnswer::Sales(self.sales_view(room)),
        })
    }

    fn goods_on_sale(&self) -> Vec<GoodsView> {
        let on = self.goods.values().rev().filter(|goods| goods.state == GoodsState::On);
        on.map(|goods| GoodsView::of(self, goods)).collect()
    }

    fn coupons_open(&self, now: Time) -> Vec<CouponView> {
        let open = self.coupons.values().rev().filter(|coupon| !coupon.terms.closed && now < coupon.terms.ends_at);
        open.map(CouponView::of).collect()
    }

    /// The shelf of a room as it is now.
    pub fn shelf_view(&self, limits: &ShopLimits, now: Time, room: &RoomId) -> ShelfView {
        let shelf = self.shelf(room);
        let item = |item: &super::shelf::ShelfItem| {
            let goods = self.goods(item.goods).ok()?;
            Some(ShelfItemView { goods: GoodsView::of(self, goods), badge: item.badge.clone() })
        };
        let offered = shelf.coupons.iter().filter_map(|id| self.coupons.get(id));
        let offered = offered.filter(|coupon| !coupon.terms.closed && now < coupon.terms.ends_at);
        let sales = self.sales_in(room).filter(|sale| sale.state(now) != SaleState::Over);
        ShelfView {
            room: room.clone(),
            currency: limits.currency.clone(),
            version: shelf.version,
            items: shelf.items.iter().filter_map(item).collect(),
            pushed: shelf.pushed,
            sales: sales.map(|sale| SaleView::of(now, sale)).collect(),
            coupons: offered.map(CouponView::of).collect(),
            written: OnceLock::new(),
        }
    }

    fn claim_view(&self, id: u64) -> Result<ClaimView, Refusal> {
        let claim = self.claims.get(&id).ok_or(ShopRefusal::ClaimMissing)?;
        let coupon = CouponView::of(self.coupon(claim.coupon)?);
        Ok(ClaimView { id, coupon, state: claim.state, at: claim.at, order: claim.order })
    }

    fn claims_view(&self, limits: &ShopLimits, user: &UserId) -> Vec<ClaimView> {
        let ids = self.claims_of.get(user).map(Vec::as_slice).unwrap_or_default();
        ids.iter().rev().take(limits.listed_max).filter_map(|id| self.claim_view(*id).ok()).collect()
    }

    fn orders_view(&self, limits: &ShopLimits, user: &UserId) -> Vec<OrderView> {
        let ids = self.orders_of.get(user).map(Vec::as_slice).unwrap_or_default();
        let orders = ids.iter().rev().take(limits.listed_max).filter_map(|id| self.orders.get(id));
        orders.map(|order| OrderView::of(limits, order)).collect()
    }

    fn gifts_offered(&self, all: bool) -> Vec<Arc<Gift>> {
        let mut gifts = self.gifts();
        gifts.retain(|gift| all || gift.state == super::gift::GiftState::On);
        gifts
    }

    fn board_view(&self, limits: &ShopLimits, room: &RoomId) -> BoardView {
        let board = self.boards.get(room).cloned().unwrap_or_default();
        let mut givers: Vec<_> = board.by_user.into_iter().collect();
        givers.sort_by(|(one, more), (other, less)| less.cmp(more).then_with(|| one.cmp(other)));
        let row = |(user, coins)| BoardRow { user, nick: "".into(), avatar: "".into(), coins };
        let items = givers.into_iter().take(limits.board_max).map(row).collect();
        BoardView { room: room.clone(), total: board.total, items }
    }

    fn sales_view(&self, room: &RoomId) -> SalesView {
        let sales = self.books.of(room).cloned().unwrap_or_default();
        let mut goods: Vec<_> = sales.goods.into_iter().collect();
        goods.sort_by(|(one, (_, _, more)), (other, (_, _, less))| less.cmp(more).then_with(|| one.cmp(other)));
        let row = |(goods, (title, units, revenue))| GoodsSales { goods, title, units, revenue };
        SalesView {
            room: room.clone(),
            orders: sales.orders,
            paid: sales.paid,
            units: sales.units,
            revenue: sales.revenue,
            refunded: sales.refunded,
            buyers: sales.buyers.len() as u64,
            coupons: sales.coupons,
            gifts: sales.gifts,
            coins: sales.coins,
            goods: goods.into_iter().map(row).collect(),
        }
    }
}
