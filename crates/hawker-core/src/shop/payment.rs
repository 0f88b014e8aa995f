//! What a payment provider reports: an order or a top-up is paid.
//!
//! A report may come twice, late, or be wrong. The signature is checked before it gets here; what is left is whether it fits
//! what was to be paid.

use super::decide::Decision;
use super::event::{Piece, ShopEvent};
use super::order::{Order, OrderState};
use super::refusal::ShopRefusal;
use super::wallet::TopUp;
use super::{Show, check};
use crate::refusal::Refusal;
use serde::Deserialize;
use std::sync::Arc;

/// A payment as a provider reports it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Payment {
    /// What was paid: the number of an order or a top-up.
    pub reference: u64,
    /// The provider's own number; it pays for one thing only.
    pub transaction: Arc<str>,
    /// How much, in minor units.
    pub amount: i64,
    /// Of which currency.
    pub currency: Arc<str>,
}

impl Decision<'_> {
    pub(super) fn pay(&mut self, payment: Payment) -> Result<Show, Refusal> {
        check::text("transaction", &payment.transaction, 1, self.limits.code_bytes_max)?;
        match self.shop.transactions.get(&payment.transaction) {
            // Reported once more.
            Some(paid) if *paid == payment.reference => return Ok(self.payable(payment.reference)),
            Some(_) => return Err(ShopRefusal::TransactionReused.into()),
            None => {}
        }
        if payment.currency != self.limits.currency {
            return Err(ShopRefusal::CurrencyMismatch.into());
        }
        if let Some(order) = self.shop.orders.get(&payment.reference) {
            return self.pay_order(Order::clone(order), &payment);
        }
        let top_up = self.shop.top_ups.get(&payment.reference).ok_or(ShopRefusal::PaymentMissing)?;
        self.pay_top_up(TopUp::clone(top_up), &payment)
    }

    fn payable(&self, reference: u64) -> Show {
        if self.shop.top_ups.contains_key(&reference) { Show::TopUp(reference) } else { Show::Order(reference) }
    }

    pub(super) fn to_be_paid(&self, reference: u64) -> Result<Show, Refusal> {
        let known = self.shop.orders.contains_key(&reference) || self.shop.top_ups.contains_key(&reference);
        if known { Ok(self.payable(reference)) } else { Err(ShopRefusal::PaymentMissing.into()) }
    }

    fn pay_order(&mut self, order: Order, payment: &Payment) -> Result<Show, Refusal> {
        if payment.amount != order.total {
            return Err(ShopRefusal::AmountMismatch.into());
        }
        let id = order.id;
        match order.state {
            OrderState::Created => self.paid(order, payment.transaction.clone()),
            // The money is there, the goods are not: it is the merchant's to give back.
            OrderState::Cancelled if !order.paid_late => {
                let order = Order { paid_late: true, transaction: payment.transaction.clone(), ..order };
                self.happens(ShopEvent::OrderPaidLate(Arc::new(order)));
            }
            _ => return Err(ShopRefusal::OrderState.into()),
        }
        Ok(Show::Order(id))
    }

    pub(super) fn paid(&mut self, order: Order, transaction: Arc<str>) {
        self.move_pieces(&order, Piece::Sold);
        if let Some(claim) = order.claim {
            self.happens(ShopEvent::ClaimUsed(claim));
        }
        let order = Order { state: OrderState::Paid, paid_at: self.now, transaction, ..order };
        self.happens(ShopEvent::OrderPaid(Arc::new(order)));
    }
}
