//! The people of the console: set-up, login, passwords, users.

use super::audit::{self, About};
use super::auth::{self, Login, Peer};
use super::input::{At, Body};
use super::list::Page;
use super::problem::{Fault, Problem};
use crate::console::password;
use crate::gateway::Gateway;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hawker_store::{ConsoleSession, ConsoleUser, UserAdded, UserRemoved};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Characters of a user's name.
const NAME_MAX: usize = 60;
/// Users of the console.
const USERS_MAX: usize = 100;

/// What anybody may know.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleState {
    set_up: bool,
    development: bool,
}

/// `GET /api/v1/console/state`.
pub async fn state(State(gateway): State<Gateway>) -> Result<Json<ConsoleState>, Problem> {
    let set_up = gateway.shared.console.table(|table| table.is_set_up()).await?;
    Ok(Json(ConsoleState { set_up, development: gateway.shared.development }))
}

/// Who is logged in, and what pages need to know at once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    name: String,
    csrf: String,
    expires_at: u64,
    app: u32,
    currency: String,
    development: bool,
}

fn me_of(gateway: &Gateway, login: Login) -> Json<Me> {
    let shared = &gateway.shared;
    Json(Me {
        name: login.user,
        csrf: login.csrf,
        expires_at: login.ends_at.0,
        app: shared.pages_app.0,
        currency: shared.config.shop.currency.clone(),
        development: shared.development,
    })
}

/// `GET /api/v1/console/me`.
pub async fn me(State(gateway): State<Gateway>, login: Login) -> Json<Me> {
    me_of(&gateway, login)
}

/// With the link of a first start.
#[derive(Deserialize)]
pub struct SetUp {
    token: String,
    name: String,
    password: String,
}

/// `POST /api/v1/console/setup`.
pub async fn set_up(
    State(gateway): State<Gateway>,
    Peer(from): Peer,
    headers: HeaderMap,
    Body(asked): Body<SetUp>,
) -> Result<Response, Problem> {
    let (name, password) = (good_name(&asked.name)?, good_password("password", asked.password)?);
    let now = gateway.shared.clock.now();
    let token = gateway.shared.console.set_up(asked.token, name.clone(), password, now).await;
    let token = token.map_err(|why| Problem::not_in(why, Fault::WrongToken, now))?;
    Ok(logged_in(&gateway, &headers, name, &token, "console.set_up", from).await)
}

/// A name and a password.
#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
}

/// `POST /api/v1/console/login`.
pub async fn login(
    State(gateway): State<Gateway>,
    Peer(from): Peer,
    headers: HeaderMap,
    Body(Credentials { name, password }): Body<Credentials>,
) -> Result<Response, Problem> {
    let now = gateway.shared.clock.now();
    // What can be nobody's is not worth a look, and would fill the books of guesses.
    if good_name(&name).is_err() || password.chars().count() > *password::LENGTH.end() {
        return Err(Fault::WrongPassword.into());
    }
    let name = name.trim().to_owned();
    let token = gateway.shared.console.login(name.clone(), password, from, now).await;
    let token = token.map_err(|why| Problem::not_in(why, Fault::WrongPassword, now))?;
    Ok(logged_in(&gateway, &headers, name, &token, "console.login", from).await)
}

async fn logged_in(
    gateway: &Gateway,
    headers: &HeaderMap,
    user: String,
    token: &str,
    what: &str,
    from: IpAddr,
) -> Response {
    let now = gateway.shared.clock.now();
    audit::enter(gateway, gateway.shared.pages_app, user.clone(), what, user.clone(), from).await;
    let login = auth::login(ConsoleSession { user, made_at: now, used_at: now }, token);
    let cookie = auth::set_cookie(gateway, headers, token);
    ([(header::SET_COOKIE, cookie)], me_of(gateway, login)).into_response()
}

/// `POST /api/v1/console/logout`.
pub async fn logout(
    State(gateway): State<Gateway>,
    login: Login,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    gateway.shared.console.table(move |table| table.end_session(&login.hash)).await?;
    let cookie = auth::drop_cookie(&gateway, &headers);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)], Extension(About(login.user))))
}

/// The password that was, and the one that is to be.
#[derive(Deserialize)]
pub struct NewPassword {
    old: String,
    new: String,
}

/// `POST /api/v1/console/password`.
pub async fn set_password(
    State(gateway): State<Gateway>,
    login: Login,
    Peer(from): Peer,
    Body(NewPassword { old, new }): Body<NewPassword>,
) -> Result<impl IntoResponse, Problem> {
    let new = good_password("new", new)?;
    let (console, now) = (&gateway.shared.console, gateway.shared.clock.now());
    let known = console.knows_password(login.user.clone(), old, from, now).await;
    known.map_err(|why| Problem::not_in(why, Fault::WrongOldPassword, now).at_field("old"))?;
    let hash = console.hash(new).await.map_err(|why| Problem::not_in(why, Fault::Busy, now))?;
    let user = login.user.clone();
    if !console.table(move |table| table.set_password(&user, &hash, &login.hash)).await? {
        return Err(Fault::SessionEnded.into());
    }
    Ok((StatusCode::NO_CONTENT, Extension(About(login.user))))
}

/// A user of the console.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    name: String,
    created_at: u64,
}

/// `GET /api/v1/console/users`.
pub async fn users(State(gateway): State<Gateway>) -> Result<Json<Page<User>>, Problem> {
    let users = gateway.shared.console.table(|table| table.users()).await?;
    let user = |ConsoleUser { name, created_at }| User { name, created_at: created_at.0 };
    Ok(Json(Page::whole(users.into_iter().map(user).collect())))
}

/// `POST /api/v1/console/users`.
pub async fn add_user(
    State(gateway): State<Gateway>,
    Body(Credentials { name, password }): Body<Credentials>,
) -> Result<impl IntoResponse, Problem> {
    let (name, password) = (good_name(&name)?, good_password("password", password)?);
    let (console, now) = (&gateway.shared.console, gateway.shared.clock.now());
    let hash = console.hash(password).await.map_err(|why| Problem::not_in(why, Fault::Busy, now))?;
    let user = name.clone();
    match console.table(move |table| table.add_user(&user, &hash, now, USERS_MAX)).await? {
        UserAdded::Done => {}
        UserAdded::Taken => return Err(Problem::from(Fault::NameTaken).at_field("name")),
        UserAdded::Full => return Err(Fault::TooMany.into()),
    }
    let about = Extension(About(name.clone()));
    Ok((StatusCode::CREATED, about, Json(User { name, created_at: now.0 })))
}

/// `DELETE /api/v1/console/users/{name}`.
pub async fn remove_user(State(gateway): State<Gateway>, At(name): At<String>) -> Result<StatusCode, Problem> {
    match gateway.shared.console.table(move |table| table.remove_user(&name)).await? {
        UserRemoved::Done => Ok(StatusCode::NO_CONTENT),
        UserRemoved::Missing => Err(Fault::NotFound.into()),
        UserRemoved::LastOne => Err(Fault::LastUser.into()),
    }
}

fn good_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Problem::field("name", format!("1 to {NAME_MAX} characters")));
    }
    Ok(name.to_owned())
}

fn good_password(field: &str, password: String) -> Result<String, Problem> {
    if password::LENGTH.contains(&password.chars().count()) {
        return Ok(password);
    }
    let (least, most) = password::LENGTH.into_inner();
    Err(Problem::field(field, format!("{least} to {most} characters")))
}
