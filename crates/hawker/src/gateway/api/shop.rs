//! What all parts of the shop's API have in common: asking the rules, and looking things up.
//!
//! Writes are asked of the rules in the name of the app's administrator; lists and searches are read from what is committed.

use super::auth::Caller;
use super::once;
use super::problem::{Fault, Problem};
use crate::console::secret;
use crate::gateway::Gateway;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use hawker_core::Time;
use hawker_core::answer::Answer;
use hawker_core::command::Command;
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopRequest};
use hawker_store::{ShopTable, StoreError};
use std::sync::Arc;

/// The key of a write, as the rules are told it. They know all callers by one name, so it is made of both names.
///
/// [`once`] answers what comes again; this is for the moment between what was done and its answer being kept.
pub struct Key(Option<Arc<str>>);

impl FromRequestParts<Gateway> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, gateway).await?;
        let key = once::key(&parts.headers)?;
        Ok(Self(key.map(|key| secret::derived(&caller.id, &key).into())))
    }
}

/// Has the rules do something.
pub async fn write(
    gateway: &Gateway,
    caller: &Caller,
    Key(key): Key,
    what: ShopCommand,
) -> Result<ShopAnswer, Problem> {
    let request = ShopRequest { user: None, key, what };
    match super::ask(gateway, caller, Command::Shop(Box::new(request))).await? {
        Answer::Shop(answer) => Ok(*answer),
        _ => Err(Fault::Internal.into()),
    }
}

/// Asks the rules something that changes nothing.
pub async fn ask(gateway: &Gateway, caller: &Caller, what: ShopCommand) -> Result<ShopAnswer, Problem> {
    write(gateway, caller, Key(None), what).await
}

/// Looks something up, off the threads that serve.
pub async fn look<T: Send + 'static>(
    gateway: &Gateway,
    work: impl FnOnce(&ShopTable) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let shops = gateway.shared.shops.clone();
    let found = tokio::task::spawn_blocking(move || work(&shops)).await;
    Ok(found.expect("looking does not panic")?)
}

/// A word to search by, if there is one.
pub fn some(word: String) -> Option<String> {
    Some(word).filter(|word| !word.is_empty())
}

/// One of these words, if any was said.
pub fn one_of(field: &str, words: &[&str], word: Option<String>) -> Result<Option<String>, Problem> {
    match word.and_then(some) {
        Some(word) if !words.contains(&word.as_str()) => Err(Problem::field(field, words.join(", "))),
        word => Ok(word),
    }
}

/// A time that the store can compare with.
pub fn moment(at: u64) -> Time {
    Time(at.min(i64::MAX as u64))
}
