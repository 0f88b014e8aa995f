//! Rooms, as those see them who run the shop.

use super::audit::About;
use super::auth::{self, Caller};
use super::input::{Asked, At, Body};
use super::list::{Page, Paging, bad_cursor};
use super::problem::{Fault, Problem};
use super::{Search, ask};
use crate::console::scope::Area;
use crate::gateway::{Gateway, rooms as shown_to_all};
use crate::secrets;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::future::try_join_all;
use hawker_core::answer::{Answer, RoomView, Stats};
use hawker_core::command::{Command, OpenRoom, RoomCommand};
use hawker_core::post::ProfileChange;
use hawker_core::{RoomId, Time, UserId};
use hawker_store::ListedRoom;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The field of a room that says how its show stands.
const STATUS: &str = "room_status";
/// How a show can stand.
pub const STATUSES: [&str; 4] = ["waiting", "live", "paused", "ended"];
/// The field that says when the show begins, in milliseconds since 1970.
const STARTS_AT: &str = "starts_at";
/// Who owns a room that was made without naming anybody.
const HOST: &str = "host";
/// The link to the studio is good for a day.
const LINK_SECS: u64 = 24 * 3600;

/// A room.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomRow {
    id: String,
    name: Arc<str>,
    owner: String,
    /// One of [`STATUSES`], or what a host has made of it.
    pub status: Arc<str>,
    /// When the show begins; 0: nobody has said.
    pub starts_at: u64,
    /// Viewers now.
    pub online: u32,
    likes: u64,
    messages: u64,
    created_at: u64,
    notification: Arc<str>,
    mute_all: bool,
}

fn row(view: RoomView, stats: &Stats) -> RoomRow {
    let field = |name: &str| view.profile.fields.get(name);
    RoomRow {
        id: view.room.to_string(),
        name: view.profile.name.clone(),
        owner: view.owner.map_or(String::new(), |owner| owner.to_string()),
        status: field(STATUS).cloned().unwrap_or_else(|| STATUSES[0].into()),
        starts_at: field(STARTS_AT).and_then(|at| at.parse().ok()).unwrap_or(0),
        online: stats.online,
        likes: stats.likes,
        messages: stats.messages,
        created_at: view.created_at.0,
        notification: view.profile.notification.clone(),
        mute_all: view.profile.mute_all,
    }
}

/// The rows of rooms that are still there.
async fn rows(gateway: &Gateway, caller: &Caller, rooms: Vec<RoomId>) -> Result<Vec<RoomRow>, Problem> {
    let mut rows = Vec::new();
    for some in rooms.chunks(gateway.shared.config.limits().rooms_per_call_max) {
        let answer = ask(gateway, caller, Command::RoomProfiles { rooms: some.to_vec() }).await?;
        let Answer::RoomProfiles(views) = answer else { return Err(Fault::Internal.into()) };
        let found = views.into_iter().flatten().map(async |view| {
            let stats = in_room(gateway, caller, &view.room, RoomCommand::Stats).await?;
            let Answer::Stats(stats) = stats else { return Err(Problem::from(Fault::Internal)) };
            Ok(row(view, &stats))
        });
        rows.extend(try_join_all(found).await?);
    }
    Ok(rows)
}

/// One room.
async fn one(gateway: &Gateway, caller: &Caller, room: &RoomId) -> Result<RoomRow, Problem> {
    let row = rows(gateway, caller, vec![room.clone()]).await?.pop();
    row.ok_or_else(|| hawker_core::Refusal::RoomMissing.into())
}

/// Asks the rules something about a room.
pub async fn in_room(
    gateway: &Gateway,
    caller: &Caller,
    room: &RoomId,
    command: RoomCommand,
) -> Result<Answer, Problem> {
    ask(gateway, caller, Command::Room(room.clone(), command)).await
}

/// `GET /api/v1/rooms`.
pub async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Asked(paging): Asked<Paging>,
    Asked(Search { q }): Asked<Search>,
) -> Result<Json<Page<RoomRow>>, Problem> {
    let limit = paging.limit()?;
    let behind = paging.cursor().map(behind).transpose()?;
    let listed = listed(&gateway, &caller, q, behind, limit + 1).await?;
    let page = Page::of(listed, limit, |last| format!("{}.{}", last.created_at.0, last.room));
    let rooms = page.items.into_iter().map(|listed| listed.room).collect();
    Ok(Json(Page { items: rows(&gateway, &caller, rooms).await?, next: page.next }))
}

/// The newest rooms, so many at most.
pub async fn newest(gateway: &Gateway, caller: &Caller, most: usize) -> Result<Vec<RoomRow>, Problem> {
    let rooms = listed(gateway, caller, String::new(), None, most).await?;
    rows(gateway, caller, rooms.into_iter().map(|listed| listed.room).collect()).await
}

async fn listed(
    gateway: &Gateway,
    caller: &Caller,
    q: String,
    behind: Option<ListedRoom>,
    most: usize,
) -> Result<Vec<ListedRoom>, Problem> {
    let (app, listing) = (caller.app, gateway.shared.listing.clone());
    let listed = tokio::task::spawn_blocking(move || listing.rooms(app, &q, behind.as_ref(), most)).await;
    Ok(listed.expect("looking does not panic")?)
}

fn behind(cursor: &str) -> Result<ListedRoom, Problem> {
    let (at, room) = cursor.split_once('.').ok_or_else(bad_cursor)?;
    Ok(ListedRoom { room: room.into(), created_at: Time(at.parse().map_err(|_| bad_cursor())?) })
}

/// `GET /api/v1/rooms/{room}`: what anybody may know, and for those who may look at rooms all that is in a list.
pub async fn get(State(gateway): State<Gateway>, At(room): At<String>, parts: Parts) -> Result<Response, Problem> {
    let Some(caller) = auth::reader(&gateway, &parts, Area::Rooms).await else {
        return Ok(shown_to_all::room(gateway, room).await);
    };
    let row = one(&gateway, &caller, &room.as_str().into()).await?;
    let all = shown_to_all::find(&gateway, room.into()).await.map_err(|()| Fault::Busy)?;
    let mut all: Value = all.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    match (&mut all, serde_json::to_value(&row)) {
        (Value::Object(all), Ok(Value::Object(row))) => all.extend(row),
        _ => return Ok(Json(row).into_response()),
    }
    Ok(Json(all).into_response())
}

/// A room that is to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewRoom {
    id: Option<String>,
    name: String,
    owner: Option<String>,
    starts_at: Option<u64>,
}

/// `POST /api/v1/rooms`.
pub async fn open(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body(new): Body<NewRoom>,
) -> Result<impl IntoResponse, Problem> {
    let owner = UserId::from(new.owner.filter(|owner| !owner.is_empty()).unwrap_or_else(|| HOST.into()));
    let account = Command::ImportAccount { user: owner.clone(), nick: None, avatar: None };
    ask(&gateway, &caller, account).await?;
    let mut fields: Vec<(Arc<str>, Arc<str>)> = vec![(STATUS.into(), STATUSES[0].into())];
    fields.extend(new.starts_at.filter(|at| *at > 0).map(|at| (STARTS_AT.into(), at.to_string().into())));
    let open = OpenRoom {
        room: Some(new.id.filter(|id| !id.is_empty()).unwrap_or_else(secrets::name).into()),
        owner: Some(owner),
        live_room: true,
        name: new.name.into(),
        fields,
        ..OpenRoom::default()
    };
    let Answer::Opened { room } = ask(&gateway, &caller, Command::OpenRoom(open)).await? else {
        return Err(Fault::Internal.into());
    };
    Ok((StatusCode::CREATED, Extension(About(room.to_string())), Json(one(&gateway, &caller, &room).await?)))
}

/// What is to change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomChange {
    name: Option<Arc<str>>,
    notification: Option<Arc<str>>,
    status: Option<String>,
    starts_at: Option<u64>,
    mute_all: Option<bool>,
}

impl RoomChange {
    fn changes(self) -> Result<Vec<ProfileChange>, Problem> {
        let status = self.status.as_deref();
        if status.is_some_and(|status| !STATUSES.contains(&status)) {
            return Err(Problem::field("status", STATUSES.join(", ")));
        }
        let starts_at = self.starts_at.map(|at| (at > 0).then(|| at.to_string().into()));
        let changes = [
            self.name.map(ProfileChange::Name),
            self.notification.map(ProfileChange::Notification),
            status.map(|status| ProfileChange::Field(STATUS.into(), Some(status.into()))),
            starts_at.map(|at| ProfileChange::Field(STARTS_AT.into(), at)),
            self.mute_all.map(ProfileChange::MuteAll),
        ];
        Ok(changes.into_iter().flatten().collect())
    }
}

/// `PATCH /api/v1/rooms/{room}`.
pub async fn change(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    Body(change): Body<RoomChange>,
) -> Result<Json<RoomRow>, Problem> {
    let (room, changes) = (RoomId::from(room), change.changes()?);
    if !changes.is_empty() {
        in_room(&gateway, &caller, &room, RoomCommand::Change(changes)).await?;
    }
    Ok(Json(one(&gateway, &caller, &room).await?))
}

/// `DELETE /api/v1/rooms/{room}`.
pub async fn dismiss(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
) -> Result<StatusCode, Problem> {
    in_room(&gateway, &caller, &room.into(), RoomCommand::Dismiss).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An address.
#[derive(Serialize)]
pub struct Link {
    url: String,
}

/// `POST /api/v1/rooms/{room}/studio-link`: signs the owner in. The signature is in the fragment: it never leaves the
/// browser.
pub async fn studio_link(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    headers: HeaderMap,
) -> Result<Json<Link>, Problem> {
    let found = one(&gateway, &caller, &room.into()).await?;
    if found.owner.is_empty() {
        return Err(Problem::from(Fault::NotFound).with_detail("the room has no owner"));
    }
    let owner = UserId::from(found.owner);
    let sig = gateway.shared.sign(caller.app, &owner, LINK_SECS).ok_or(Fault::Internal)?;
    let origin = auth::origin(&gateway, &headers).unwrap_or_default();
    let values = [("room", found.id.as_str()), ("user", owner.as_str()), ("sig", &sig)];
    let fragment = serde_urlencoded::to_string(values).map_err(|_| Fault::Internal)?;
    Ok(Json(Link { url: format!("{origin}/studio#{fragment}") }))
}
