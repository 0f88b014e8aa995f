//! Viewers and hosts: the users of the app.

use super::auth::Caller;
use super::input::{Asked, At};
use super::list::{Page, Paging};
use super::problem::{Fault, Problem};
use super::{Search, ask};
use crate::gateway::Gateway;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hawker_core::UserId;
use hawker_core::answer::Answer;
use hawker_core::command::Command;
use hawker_core::direct::{Presence, PresenceCommand};
use hawker_store::ListedUser;
use serde::Serialize;
use std::collections::HashSet;

/// A user.
#[derive(Serialize)]
pub struct User {
    user: String,
    nick: String,
    avatar: String,
    online: bool,
}

/// `GET /api/v1/users`.
pub async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Asked(paging): Asked<Paging>,
    Asked(Search { q }): Asked<Search>,
) -> Result<Json<Page<User>>, Problem> {
    let limit = paging.limit()?;
    let behind = paging.cursor().unwrap_or_default().to_owned();
    let (app, listing) = (caller.app, gateway.shared.listing.clone());
    let listed = tokio::task::spawn_blocking(move || listing.users(app, &q, &behind, limit + 1)).await;
    let page = Page::of(listed.expect("looking does not panic")?, limit, |last| last.user.to_string());
    let there = there(&gateway, &caller, &page.items).await?;
    let user = |ListedUser { user, nick, avatar }| {
        let online = there.contains(&user);
        User { user: user.to_string(), nick, avatar, online }
    };
    Ok(Json(Page { items: page.items.into_iter().map(user).collect(), next: page.next }))
}

/// Those who are there now.
async fn there(gateway: &Gateway, caller: &Caller, users: &[ListedUser]) -> Result<HashSet<UserId>, Problem> {
    let users = users.iter().map(|listed| listed.user.clone()).collect();
    let answer = ask(gateway, caller, Command::Presence(PresenceCommand::Of(users))).await?;
    let Answer::Presence(known, _) = answer else { return Err(Fault::Internal.into()) };
    Ok(known.into_iter().filter(|one| one.presence == Presence::Online).map(|one| one.user).collect())
}

/// `POST /api/v1/users/{user}/kick`: ends the user's session, and voids the signatures made so far.
pub async fn kick(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(user): At<String>,
) -> Result<StatusCode, Problem> {
    ask(&gateway, &caller, Command::KickAccount { user: user.into() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
