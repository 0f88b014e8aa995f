//! Goods with their variants, and how many there are of each.

use super::decide::Decision;
use super::event::ShopEvent;
use super::money::{Minor, amount, some};
use super::refusal::ShopRefusal;
use super::{Shop, ShopLimits, Show, check};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether goods can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GoodsState {
    /// Yes, wherever they are on a shelf.
    On,
    /// Not now.
    Off,
    /// Never again; kept because orders name them.
    Gone,
}

/// One thing that the shop sells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goods {
    /// Its number.
    pub id: u64,
    /// What viewers read.
    pub title: Arc<str>,
    /// More about it; may be empty.
    pub description: Arc<str>,
    /// Addresses of pictures; the first is the one on cards.
    pub pictures: Vec<Arc<str>>,
    /// Whether it can be bought.
    pub state: GoodsState,
    /// Its variants, at least one.
    pub skus: Vec<Sku>,
    /// When it was made.
    pub created_at: Time,
    /// When it changed last.
    pub changed_at: Time,
}

/// One variant of goods: what is counted and has a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sku {
    /// Its number.
    pub id: u64,
    /// What tells it from the others ("Red, L"); may be empty for the only one.
    pub name: Arc<str>,
    /// The merchant's own name for it; may be empty.
    pub code: Arc<str>,
    /// Its price.
    pub price: Minor,
    /// The price that is shown struck out; 0: none.
    pub list_price: Minor,
}

/// How many pieces there are of one variant. `available = listed - held - sold`, and none of them is ever below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// All that were ever put in.
    pub listed: i64,
    /// Of these, held for orders that are not paid.
    pub held: i64,
    /// Of these, sold.
    pub sold: i64,
}

impl Stock {
    /// Pieces that can be bought.
    pub fn available(self) -> i64 {
        self.listed - self.held - self.sold
    }
}

/// Goods as a merchant wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GoodsDraft {
    /// Which; `None` is new.
    #[serde(default)]
    pub id: Option<u64>,
    /// See [`Goods::title`].
    pub title: Arc<str>,
    /// See [`Goods::description`].
    #[serde(default)]
    pub description: Arc<str>,
    /// See [`Goods::pictures`].
    #[serde(default)]
    pub pictures: Vec<Arc<str>>,
    /// On or off.
    #[serde(default = "on")]
    pub state: GoodsState,
    /// The variants. Those that are not named any more are no longer sold.
    pub skus: Vec<SkuDraft>,
}

fn on() -> GoodsState {
    GoodsState::On
}

/// A variant as a merchant wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SkuDraft {
    /// Which; `None` is new.
    #[serde(default)]
    pub id: Option<u64>,
    /// See [`Sku::name`].
    #[serde(default)]
    pub name: Arc<str>,
    /// See [`Sku::code`].
    #[serde(default)]
    pub code: Arc<str>,
    /// See [`Sku::price`].
    pub price: Minor,
    /// See [`Sku::list_price`].
    #[serde(default)]
    pub list_price: Minor,
    /// Pieces that shall be available; `None` leaves them as they are.
    #[serde(default)]
    pub stock: Option<i64>,
}

impl SkuDraft {
    /// Whether it could be a variant of any goods, as far as that can be told without the shop.
    pub fn check(&self, limits: &ShopLimits) -> Result<(), Refusal> {
        check::text("name", &self.name, 0, limits.title_bytes_max)?;
        check::text("code", &self.code, 0, limits.code_bytes_max)?;
        some(self.price)?;
        amount(self.list_price)?;
        self.stock.map_or(Ok(()), |stock| amount(stock).map(drop))
    }
}

impl GoodsDraft {
    /// Whether these could be goods of any shop, as far as that can be told without the shop.
    pub fn check(&self, limits: &ShopLimits) -> Result<(), Refusal> {
        check::text("title", &self.title, 1, limits.title_bytes_max)?;
        check::text("description", &self.description, 0, limits.description_bytes_max)?;
        check::count("pictures", self.pictures.len(), limits.pictures_max)?;
        for picture in &self.pictures {
            check::address("pictures", picture)?;
        }
        check::count("skus", self.skus.len(), limits.skus_max)?;
        if self.skus.is_empty() {
            return Err(Refusal::BadParameter("skus"));
        }
        if self.state == GoodsState::Gone {
            return Err(Refusal::BadParameter("state"));
        }
        self.skus.iter().try_for_each(|sku| sku.check(limits))
    }
}

impl Goods {
    /// A variant.
    pub fn sku(&self, id: u64) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.id == id)
    }
}

impl Shop {
    /// Goods that were not removed.
    pub fn goods(&self, id: u64) -> Result<&Arc<Goods>, Refusal> {
        let goods = self.goods.get(&id).filter(|goods| goods.state != GoodsState::Gone);
        goods.ok_or_else(|| ShopRefusal::GoodsMissing.into())
    }

    /// The goods and the variant of a number.
    pub fn sku(&self, id: u64) -> Result<(&Arc<Goods>, &Sku), Refusal> {
        let entry = self.skus.get(&id).ok_or(ShopRefusal::SkuMissing)?;
        let goods = self.goods(entry.goods)?;
        Ok((goods, goods.sku(id).ok_or(ShopRefusal::SkuMissing)?))
    }

    /// How many there are of a variant.
    pub fn stock(&self, sku: u64) -> Stock {
        self.skus.get(&sku).map(|entry| entry.stock).unwrap_or_default()
    }
}

impl Decision<'_> {
    pub(super) fn save_goods(&mut self, draft: GoodsDraft) -> Result<Show, Refusal> {
        let limits = self.limits;
        draft.check(limits)?;
        let before = draft.id.map(|id| self.shop.goods(id).cloned()).transpose()?;
        if before.is_none() {
            check::room_for("goods", self.shop.goods.len() + self.goods_made, limits.goods_max)?;
            self.goods_made += 1;
        }
        let id = before.as_ref().map_or_else(|| self.new_id(), |goods| goods.id);
        let mut stocked = Vec::new();
        let mut seen = BTreeSet::new();
        let mut skus = Vec::new();
        for sku in draft.skus {
            let known = sku.id.map(|id| {
                let known = before.as_ref().and_then(|goods| goods.sku(id)).is_some();
                if known && seen.insert(id) { Ok(id) } else { Err(Refusal::from(ShopRefusal::SkuMissing)) }
            });
            let number = known.transpose()?.unwrap_or_else(|| self.new_id());
            let change = match sku.stock {
                None => 0,
                Some(wanted) => wanted - self.shop.stock(number).available(),
            };
            if change != 0 {
                stocked.push((number, change));
            }
            let SkuDraft { name, code, price, list_price, .. } = sku;
            skus.push(Sku { id: number, name, code, price, list_price });
        }
        let goods = Goods {
            id,
            title: draft.title,
            description: draft.description,
            pictures: draft.pictures,
            state: draft.state,
            skus,
            created_at: before.map_or(self.now, |goods| goods.created_at),
            changed_at: self.now,
        };
        self.happens(ShopEvent::GoodsSaved(Arc::new(goods)));
        for (sku, change) in stocked {
            self.happens(ShopEvent::Listed { sku, change });
        }
        Ok(Show::Goods(id))
    }

    /// All or nothing.
    pub(super) fn import_goods(&mut self, drafts: Vec<GoodsDraft>) -> Result<Show, Refusal> {
        check::count("goods", drafts.len(), self.limits.import_max)?;
        // Each is decided on what there was before all of them: none may come twice.
        let known: Vec<_> = drafts.iter().filter_map(|draft| draft.id).collect();
        if known.iter().collect::<BTreeSet<_>>().len() < known.len() {
            return Err(Refusal::BadParameter("id"));
        }
        for draft in drafts {
            self.save_goods(draft)?;
        }
        Ok(Show::Done)
    }

    pub(super) fn remove_goods(&mut self, id: u64) -> Result<Show, Refusal> {
        let goods = self.shop.goods(id)?;
        let gone = Goods { state: GoodsState::Gone, changed_at: self.now, ..Goods::clone(goods) };
        self.take_off_shelves(id);
        self.happens(ShopEvent::GoodsSaved(Arc::new(gone)));
        Ok(Show::Done)
    }

    pub(super) fn move_stock(&mut self, sku: u64, change: i64) -> Result<Show, Refusal> {
        let (goods, _) = self.shop.sku(sku)?;
        amount(change.checked_abs().unwrap_or(-1))?;
        let stock = self.shop.stock(sku);
        if stock.available() + change < 0 {
            return Err(ShopRefusal::StockInUse.into());
        }
        amount(stock.listed + change)?;
        let goods = goods.id;
        self.happens(ShopEvent::Listed { sku, change });
        Ok(Show::Goods(goods))
    }
}
