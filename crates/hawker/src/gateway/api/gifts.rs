//! The catalogue of gifts, and the wallets that they are paid from.

use super::audit::About;
use super::auth::Caller;
use super::input::{Asked, At, Body};
use super::list::{Page, Paging};
use super::problem::{Fault, Problem};
use super::shop::{self, Key, look, some};
use super::{Search, ask};
use crate::gateway::Gateway;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::answer::Answer;
use hawker_core::command::Command;
use hawker_core::shop::gift::{Gift, GiftState};
use hawker_core::shop::view::WalletView;
use hawker_core::shop::wallet::Holder;
use hawker_core::shop::{ShopAnswer, ShopCommand};
use hawker_core::{Refusal, Time, UserId};
use hawker_store::Entry;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `GET /api/v1/gifts`: the cheapest first, those that are not offered among them.
pub async fn list(State(gateway): State<Gateway>, caller: Caller) -> Result<Json<Page<Arc<Gift>>>, Problem> {
    catalogue(shop::ask(&gateway, &caller, ShopCommand::Gifts).await?).map(|gifts| Json(Page::whole(gifts)))
}

fn catalogue(answer: ShopAnswer) -> Result<Vec<Arc<Gift>>, Problem> {
    match answer {
        ShopAnswer::Gifts(gifts) => Ok(gifts.items),
        _ => Err(Fault::Internal.into()),
    }
}

/// A gift as it is to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiftDraft {
    name: Arc<str>,
    #[serde(default)]
    name_en: Arc<str>,
    coins: i64,
    #[serde(default)]
    picture: Arc<str>,
    state: GiftState,
}

/// `PUT /api/v1/gifts/{id}`: makes or changes one.
pub async fn save(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(id): At<String>,
    key: Key,
    Body(GiftDraft { name, name_en, coins, picture, state }): Body<GiftDraft>,
) -> Result<Json<Arc<Gift>>, Problem> {
    let gift = Gift { id: id.as_str().into(), name, name_en, coins, picture, state };
    let gifts = catalogue(shop::write(&gateway, &caller, key, ShopCommand::SaveGift(gift)).await?)?;
    let saved = gifts.into_iter().find(|gift| *gift.id == *id);
    saved.map(Json).ok_or_else(|| Fault::Internal.into())
}

/// `GET /api/v1/wallets`: by the name of the user.
pub async fn wallets(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Asked(paging): Asked<Paging>,
    Asked(Search { q }): Asked<Search>,
) -> Result<Json<Page<WalletView>>, Problem> {
    let (limit, q) = (paging.limit()?, some(q));
    let behind = paging.cursor().unwrap_or_default().to_owned();
    let found = look(&gateway, move |table| table.wallets(app, q.as_deref(), &behind, limit + 1)).await?;
    let found = found.into_iter().map(|(user, coins)| WalletView { user, coins }).collect();
    Ok(Json(Page::of(found, limit, |wallet: &WalletView| wallet.user.to_string())))
}

/// A line of the ledger.
#[derive(Serialize)]
pub struct Line {
    id: u64,
    at: Time,
    kind: Arc<str>,
    change: i64,
    balance: i64,
    about: Arc<str>,
}

/// A wallet with its ledger, the newest first.
#[derive(Serialize)]
pub struct Wallet {
    user: UserId,
    /// To spend.
    coins: i64,
    /// Received as a host.
    received: i64,
    entries: Vec<Line>,
    next: Option<String>,
}

/// `GET /api/v1/wallets/{user}`.
pub async fn wallet(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(user): At<String>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Wallet>, Problem> {
    let user = UserId::from(user);
    must_be_known(&gateway, &caller, &user).await?;
    told(&gateway, &caller, user, &paging).await.map(Json)
}

async fn told(gateway: &Gateway, caller: &Caller, user: UserId, paging: &Paging) -> Result<Wallet, Problem> {
    let (app, limit, below, of) = (caller.app, paging.limit()?, paging.below()?, user.clone());
    let found = look(gateway, move |table| {
        let coins = table.balance(app, &Holder::User(of.clone()))?;
        let received = table.balance(app, &Holder::Host(of.clone()))?;
        Ok((coins, received, table.entries(app, &of, below, limit + 1)?))
    });
    let (coins, received, entries) = found.await?;
    let line = |Entry { id, at, why, change, balance, about }| Line { id, at, kind: why, change, balance, about };
    let page = Page::of(entries.into_iter().map(line).collect(), limit, |line: &Line| line.id.to_string());
    Ok(Wallet { user, coins, received, entries: page.items, next: page.next })
}

/// Whoever has no account has no wallet either: a name that was mistyped.
async fn must_be_known(gateway: &Gateway, caller: &Caller, user: &UserId) -> Result<(), Problem> {
    match ask(gateway, caller, Command::Profiles { users: vec![user.clone()] }).await? {
        Answer::Profiles(found) if found.iter().any(|(_, profile)| profile.is_some()) => Ok(()),
        _ => Err(Refusal::AccountMissing.into()),
    }
}

/// A correction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    change: i64,
    reason: Arc<str>,
}

/// `POST /api/v1/wallets/{user}/adjust`.
pub async fn adjust(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(user): At<String>,
    key: Key,
    Body(Correction { change, reason }): Body<Correction>,
) -> Result<impl IntoResponse, Problem> {
    let about = Extension(About(format!("{user} {change:+} {reason}")));
    let user = UserId::from(user);
    must_be_known(&gateway, &caller, &user).await?;
    shop::write(&gateway, &caller, key, ShopCommand::Adjust { user: user.clone(), change, reason }).await?;
    Ok((about, Json(told(&gateway, &caller, user, &Paging::default()).await?)))
}
