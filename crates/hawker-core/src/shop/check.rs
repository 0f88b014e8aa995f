//! What every text, list and address of the shop must be.

use crate::refusal::Refusal;
use crate::time::Time;

pub(super) fn text(field: &'static str, text: &str, min: usize, limit: usize) -> Result<(), Refusal> {
    if text.len() > limit {
        return Err(Refusal::TooLong { field, limit });
    }
    if text.trim().len() < min || text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Refusal::BadParameter(field));
    }
    Ok(())
}

/// The latest time that everybody can write down: that of dates in browsers.
const LATEST: Time = Time(8_640_000_000_000_000);

/// A time that somebody has asked for.
pub(super) fn time(field: &'static str, time: Time) -> Result<(), Refusal> {
    if time <= LATEST { Ok(()) } else { Err(Refusal::BadParameter(field)) }
}

/// A list may be as long as its limit.
pub(super) fn count(what: &'static str, count: usize, limit: usize) -> Result<(), Refusal> {
    if count > limit { Err(Refusal::TooMany { what, limit }) } else { Ok(()) }
}

/// There is room for one more.
pub(super) fn room_for(what: &'static str, count: usize, limit: usize) -> Result<(), Refusal> {
    self::count(what, count + 1, limit)
}

/// Bytes of an address.
const ADDRESS_BYTES_MAX: usize = 1024;

/// A page loads pictures over HTTP or from this server; anything else (`javascript:`) is no address of a picture.
pub(super) fn address(field: &'static str, address: &str) -> Result<(), Refusal> {
    text(field, address, 1, ADDRESS_BYTES_MAX)?;
    let known = address.starts_with("https://") || address.starts_with("http://");
    let local = address.starts_with('/') && !address.starts_with("//");
    let clean = !address.contains(|c: char| c.is_whitespace() || c == '"' || c == '\\');
    if (known || local) && clean { Ok(()) } else { Err(Refusal::BadParameter(field)) }
}
