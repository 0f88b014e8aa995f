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

/// A list may be as long as its limit.
pub(super) fn count(what: &'static str, count: usize, limit: usize) -> Result<(), Refusal> {
    if count > limit { Err(Refusal::TooMany { what, limit }) } else { Ok(()) }
}

/// There is room for one more.
pub(super) fn room_for(what: &'static str, count: usize, limit: usize) -> Result<(), Refusal> {
    self::count(what, count + 1, limit)
}

/// The year 2200, in milliseconds: later times are mistakes, and would not fit where others keep them.
const LATEST: u64 = 7_258_118_400_000;

pub(super) fn moment(field: &'static str, at: Time) -> Result<(), Refusal> {
    if at.0 <= LATEST { Ok(()) } else { Err(Refusal::BadParameter(field)) }
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
