//! Coins, in a double-entry ledger: every transaction takes from one account what it gives to another, so that all balances
//! together are always zero.

use super::decide::Decision;
use super::event::ShopEvent;
use super::money::{Minor, plus, some, times};
use super::payment::Payment;
use super::refusal::ShopRefusal;
use super::{Shop, Show, check};
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Whose coins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holder {
    /// A user's wallet: what can be spent.
    User(UserId),
    /// What a host has received.
    Host(UserId),
    /// Where coins come from when they are bought; its balance is what was sold, below zero.
    Issued,
    /// Where a merchant's corrections come from and go to.
    Adjusted,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::User(user) => write!(f, "user/{user}"),
            Holder::Host(user) => write!(f, "host/{user}"),
            Holder::Issued => f.write_str("issued"),
            Holder::Adjusted => f.write_str("adjusted"),
        }
    }
}

impl Holder {
    /// The holder of a name as [`fmt::Display`] writes it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "issued" => Some(Holder::Issued),
            "adjusted" => Some(Holder::Adjusted),
            name => match name.split_once('/')? {
                ("user", user) => Some(Holder::User(user.into())),
                ("host", user) => Some(Holder::Host(user.into())),
                _ => None,
            },
        }
    }
}

/// Why coins moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moving {
    /// Coins were bought.
    TopUp,
    /// A gift was sent.
    Gift,
    /// A merchant corrected a balance.
    Adjusted,
}

impl Moving {
    /// Its name, as it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Moving::TopUp => "top_up",
            Moving::Gift => "gift",
            Moving::Adjusted => "adjusted",
        }
    }
}

/// Coins that moved from one account to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Its number.
    pub id: u64,
    /// When.
    pub at: Time,
    /// Why.
    pub why: Moving,
    /// Out of which account.
    pub from: Holder,
    /// Into which.
    pub to: Holder,
    /// How many.
    pub coins: i64,
    /// What it is about, for people ("rose × 3").
    pub about: Arc<str>,
}

/// Coins that a user wants to buy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopUp {
    /// Its number, the reference of its payment.
    pub id: u64,
    /// Who buys.
    pub user: UserId,
    /// How many coins.
    pub coins: i64,
    /// To be paid.
    pub amount: Minor,
    /// In this currency.
    pub currency: Arc<str>,
    /// Paid, and the coins are there.
    pub paid: bool,
    /// The payment provider's number.
    pub transaction: Arc<str>,
    /// When it was asked for.
    pub at: Time,
}

impl Shop {
    /// What an account holds.
    pub fn balance(&self, holder: &Holder) -> i64 {
        self.balances.get(holder).copied().unwrap_or(0)
    }
}

impl Decision<'_> {
    pub(super) fn transfer(&mut self, why: Moving, from: Holder, to: Holder, coins: i64, about: Arc<str>) {
        let transfer = Transfer { id: self.new_id(), at: self.now, why, from, to, coins, about };
        self.happens(ShopEvent::Transferred(Arc::new(transfer)));
    }

    pub(super) fn top_up(&mut self, coins: i64) -> Result<Show, Refusal> {
        let coins = some(coins)?;
        let units = u32::try_from(coins).map_err(|_| ShopRefusal::BadAmount)?;
        let amount = times(self.limits.coin_price, units)?;
        plus(self.shop.balance(&Holder::User(self.user().clone())), coins)?;
        let waiting = self.shop.top_ups.values().filter(|top_up| !top_up.paid && top_up.user == *self.user());
        check::room_for("top-ups to be paid", waiting.count(), self.limits.open_orders_per_user_max)?;
        let id = self.new_id();
        let top_up = TopUp {
            id,
            user: self.user().clone(),
            coins,
            amount,
            currency: self.limits.currency.clone(),
            paid: false,
            transaction: "".into(),
            at: self.now,
        };
        self.happens(ShopEvent::TopUpAsked(Arc::new(top_up)));
        Ok(Show::TopUp(id))
    }

    pub(super) fn pay_top_up(&mut self, top_up: TopUp, payment: &Payment) -> Result<Show, Refusal> {
        if payment.amount != top_up.amount {
            return Err(ShopRefusal::AmountMismatch.into());
        }
        if top_up.paid {
            return Err(ShopRefusal::OrderState.into());
        }
        let (id, user, coins) = (top_up.id, top_up.user.clone(), top_up.coins);
        let about = payment.transaction.clone();
        let paid = TopUp { paid: true, transaction: payment.transaction.clone(), ..top_up };
        self.happens(ShopEvent::TopUpPaid(Arc::new(paid)));
        self.transfer(Moving::TopUp, Holder::Issued, Holder::User(user), coins, about);
        Ok(Show::TopUp(id))
    }

    pub(super) fn adjust(&mut self, user: UserId, change: i64, reason: Arc<str>) -> Result<Show, Refusal> {
        check::text("reason", &reason, 1, self.limits.remark_bytes_max)?;
        let coins = some(change.checked_abs().unwrap_or(-1))?;
        let wallet = Holder::User(user.clone());
        if change > 0 {
            plus(self.shop.balance(&wallet), coins)?;
            self.transfer(Moving::Adjusted, Holder::Adjusted, wallet, coins, reason);
        } else if self.shop.balance(&wallet) < coins {
            return Err(ShopRefusal::BalanceLow.into());
        } else {
            self.transfer(Moving::Adjusted, wallet, Holder::Adjusted, coins, reason);
        }
        Ok(Show::Wallet(user))
    }

    /// Time passed: a top-up that nobody paid is forgotten.
    pub(super) fn top_up_due(&mut self, id: u64) {
        let Some(top_up) = self.shop.top_ups.get(&id) else { return };
        if top_up.at + self.limits.after_sale <= self.now {
            self.happens(ShopEvent::TopUpForgotten(id));
        }
    }
}
