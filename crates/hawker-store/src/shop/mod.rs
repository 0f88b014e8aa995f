//! The tables of shops: written with each event, read once at start.

mod load;
mod table;
mod write;

pub(crate) use load::load;
pub use table::{Entry, KeptCoupon, KeptGoods, LowStock, OrderFilter, RoomTakings, ShopTable, Takings};
pub(crate) use write::{Sums, room_news};

use hawker_core::shop::coupon::ClaimState;

/// How a claim's state is kept.
fn claim_state(state: ClaimState) -> i64 {
    match state {
        ClaimState::Held => 0,
        ClaimState::Reserved => 1,
        ClaimState::Used => 2,
    }
}
