//! Money is an integer of minor units (cents), coins are integers: never a float, never a wrap.

use super::refusal::ShopRefusal;
use crate::refusal::Refusal;

/// Minor units of the shop's currency.
pub type Minor = i64;

/// No price, total or balance is larger: a sum of ten thousand such lines still fits.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// A price or amount that may be zero.
pub fn amount(value: i64) -> Result<i64, Refusal> {
    if (0..=AMOUNT_MAX).contains(&value) { Ok(value) } else { Err(ShopRefusal::BadAmount.into()) }
}

/// An amount of something, at least one.
pub fn some(value: i64) -> Result<i64, Refusal> {
    if value == 0 { Err(ShopRefusal::BadAmount.into()) } else { amount(value) }
}

/// The sum, if it is an amount.
pub fn plus(one: i64, other: i64) -> Result<i64, Refusal> {
    amount(one.checked_add(other).unwrap_or(-1))
}

/// A price times a quantity, if it is an amount.
pub fn times(price: Minor, quantity: u32) -> Result<Minor, Refusal> {
    amount(price.checked_mul(i64::from(quantity)).unwrap_or(-1))
}

/// `rate` percent of an amount, rounded down to whole minor units: in doubt the shop keeps the cent.
pub fn percent_of(value: Minor, rate: u32) -> Minor {
    (i128::from(value) * i128::from(rate) / 100) as Minor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_amount_is_refused() {
        let bad = Err(ShopRefusal::BadAmount.into());
        assert_eq!(amount(-1), bad);
        assert_eq!(amount(AMOUNT_MAX + 1), bad);
        assert_eq!(some(0), bad);
        assert_eq!(times(i64::MAX, 2), bad);
        assert_eq!(times(AMOUNT_MAX, 2), bad);
        assert_eq!(plus(i64::MAX, 1), bad);
        assert_eq!(times(3990, 3), Ok(11_970));
        assert_eq!(percent_of(999, 20), 199);
        assert_eq!(percent_of(AMOUNT_MAX, 99), AMOUNT_MAX / 100 * 99);
    }
}
