//! Gifts: a catalogue, paid from the wallet, shown in the room, added up on a board.

use super::decide::Decision;
use super::event::ShopEvent;
use super::money::{some, times};
use super::refusal::ShopRefusal;
use super::wallet::{Holder, Moving};
use super::{Shop, Show, check};
use crate::id::{RoomId, UserId};
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// A gift that viewers can send.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gift {
    /// Its name for programs. Those of the first catalogue have drawings on the pages.
    pub id: Arc<str>,
    /// Its Chinese name.
    pub name: Arc<str>,
    /// Its English name.
    pub name_en: Arc<str>,
    /// What one costs.
    pub coins: i64,
    /// A picture for one without a drawing; may be empty.
    #[serde(default)]
    pub picture: Arc<str>,
    /// Whether it is offered.
    pub state: GiftState,
}

/// Whether a gift is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GiftState {
    /// Yes.
    On,
    /// No.
    Off,
}

/// What every shop offers until its merchant says otherwise: name, Chinese and English, coins.
const FIRST_CATALOGUE: [(&str, &str, &str, i64); 8] = [
    ("rose", "玫瑰", "Rose", 1),
    ("tea", "清茶", "Tea", 5),
    ("candy", "喜糖", "Candy", 10),
    ("balloon", "气球", "Balloon", 20),
    ("lantern", "灯笼", "Lantern", 66),
    ("crown", "皇冠", "Crown", 188),
    ("rocket", "火箭", "Rocket", 520),
    ("firework", "烟花", "Fireworks", 1314),
];

/// The gifts of a new shop.
pub fn first_catalogue() -> Vec<Arc<Gift>> {
    let gift = |(id, name, name_en, coins): &(&str, &str, &str, i64)| Gift {
        id: (*id).into(),
        name: (*name).into(),
        name_en: (*name_en).into(),
        coins: *coins,
        picture: "".into(),
        state: GiftState::On,
    };
    FIRST_CATALOGUE.iter().map(|entry| Arc::new(gift(entry))).collect()
}

/// Who gave how much in a room.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// All coins.
    pub total: i64,
    /// By giver.
    pub by_user: HashMap<UserId, i64>,
}

/// A gift that was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentGift {
    /// In which room.
    pub room: RoomId,
    /// From whom.
    pub user: UserId,
    /// To whom: the owner of the room.
    pub host: UserId,
    /// Which.
    pub gift: Arc<str>,
    /// Its Chinese name.
    pub name: Arc<str>,
    /// How many.
    pub count: u32,
    /// What all of them cost.
    pub coins: i64,
    /// How many of the same were sent without a pause, these among them.
    pub combo: u32,
    /// When.
    pub at: Time,
}

/// The run of equal gifts that somebody is in.
#[derive(Clone, Debug)]
pub(super) struct Combo {
    pub gift: Arc<str>,
    pub count: u32,
    pub at: Time,
}

impl Shop {
    /// The gifts, cheapest first.
    pub fn gifts(&self) -> Vec<Arc<Gift>> {
        let mut gifts: Vec<_> = self.gifts.values().cloned().collect();
        gifts.sort_by(|one, other| (one.coins, &one.id).cmp(&(other.coins, &other.id)));
        gifts
    }
}

impl Decision<'_> {
    pub(super) fn send_gift(
        &mut self,
        room: RoomId,
        host: Option<UserId>,
        gift: &str,
        count: u32,
    ) -> Result<Show, Refusal> {
        let gift = self.shop.gifts.get(gift).filter(|gift| gift.state == GiftState::On);
        let gift = gift.ok_or(ShopRefusal::GiftMissing)?.clone();
        if count == 0 {
            return Err(ShopRefusal::BadAmount.into());
        }
        if count > self.limits.quantity_max {
            return Err(Refusal::TooMany { what: "gifts at once", limit: self.limits.quantity_max as usize });
        }
        let coins = times(gift.coins, count)?;
        let user = self.user().clone();
        let wallet = Holder::User(user.clone());
        if self.shop.balance(&wallet) < coins {
            return Err(ShopRefusal::BalanceLow.into());
        }
        // A room of the shop itself has no owner: its gifts are the shop's.
        let host = host.unwrap_or_else(|| UserId::from(""));
        let combo = self.combo(&room, &gift.id, count);
        let about = format!("{} × {count}", gift.id);
        self.transfer(Moving::Gift, wallet, Holder::Host(host.clone()), coins, about.into());
        let (gift, name) = (gift.id.clone(), gift.name.clone());
        let sent = SentGift { room, user: user.clone(), host, gift, name, count, coins, combo, at: self.now };
        self.happens(ShopEvent::GiftSent(Arc::new(sent)));
        Ok(Show::Gift(user, combo))
    }

    fn combo(&self, room: &RoomId, gift: &Arc<str>, count: u32) -> u32 {
        let run = self.shop.combos.get(&(room.clone(), self.user().clone()));
        let run = run.filter(|run| run.gift == *gift && self.now.since(run.at) <= self.limits.combo_pause);
        run.map_or(count, |run| run.count.saturating_add(count))
    }

    pub(super) fn save_gift(&mut self, gift: Gift) -> Result<Show, Refusal> {
        check::text("id", &gift.id, 1, self.limits.code_bytes_max)?;
        check::text("name", &gift.name, 1, self.limits.title_bytes_max)?;
        check::text("nameEn", &gift.name_en, 0, self.limits.title_bytes_max)?;
        some(gift.coins)?;
        if !gift.picture.is_empty() {
            check::address("picture", &gift.picture)?;
        }
        if !self.shop.gifts.contains_key(&gift.id) {
            check::room_for("gifts", self.shop.gifts.len(), self.limits.gifts_max)?;
        }
        self.happens(ShopEvent::GiftSaved(Arc::new(gift)));
        Ok(Show::Gifts)
    }
}
