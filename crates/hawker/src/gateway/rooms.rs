//! What anybody may read of a room before connecting: the page of a viewer without an account shows it.

use super::{AskError, Gateway};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hawker_core::answer::{Answer, RoomView, Stats};
use hawker_core::command::{Command, RoomCommand};
use hawker_core::post::{Element, Pin, Post, Posted};
use hawker_core::{AppId, Refusal, RoomId, Time, UserId};
use hawker_wire::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A crowd that opens the page together asks the rules once.
const FRESH: Duration = Duration::from_secs(1);
/// Rooms remembered; when there are more, those that are not fresh are forgotten.
const REMEMBERED_MAX: usize = 1000;

/// Answers given lately.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<RoomId, Known>>);

/// When a room was looked up, and what was found: `None` if there was none.
type Known = (Time, Option<Arc<str>>);

/// What anybody may know of a room, for `GET /api/v1/rooms/{room}`.
pub async fn room(gateway: Gateway, room: String) -> Response {
    match find(&gateway, room.into()).await {
        Ok(Some(text)) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text.to_string())
                .into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, "{\"error\":\"no such room\"}").into_response(),
        Err(()) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The same as JSON; `None` if there is no such room.
pub async fn find(gateway: &Gateway, room: RoomId) -> Result<Option<Arc<str>>, ()> {
    let now = gateway.shared.clock.now();
    if let Some(found) = gateway.rooms.fresh(&room, now) {
        return Ok(found);
    }
    look(gateway, &room).await.inspect(|found| gateway.rooms.remember(room, now, found.clone()))
}

impl Cache {
    fn fresh(&self, room: &RoomId, now: Time) -> Option<Option<Arc<str>>> {
        let cache = self.0.lock().expect("nobody panics while holding the cache");
        cache.get(room).filter(|(at, _)| now.since(*at) < FRESH).map(|(_, found)| found.clone())
    }

    fn remember(&self, room: RoomId, now: Time, found: Option<Arc<str>>) {
        let mut cache = self.0.lock().expect("nobody panics while holding the cache");
        if cache.len() >= REMEMBERED_MAX {
            cache.retain(|_, (at, _)| now.since(*at) < FRESH);
        }
        if cache.len() < REMEMBERED_MAX {
            cache.insert(room, (now, found));
        }
    }
}

/// Asks the rules; `None` if there is no such room.
async fn look(gateway: &Gateway, room: &RoomId) -> Result<Option<Arc<str>>, ()> {
    let app = gateway.shared.pages_app;
    let profiles = Command::RoomProfiles { rooms: vec![room.clone()] };
    let Ok(Answer::RoomProfiles(mut views)) = gateway.ask(app, "", profiles).await else { return Err(()) };
    let Some(Ok(view)) = views.pop() else { return Ok(None) };
    let stats = match gateway.ask(app, "", Command::Room(room.clone(), RoomCommand::Stats)).await {
        Ok(Answer::Stats(stats)) => stats,
        Err(AskError::Refused(Refusal::RoomMissing)) => return Ok(None),
        _ => return Err(()),
    };
    let pins = match gateway.ask(app, "", Command::Room(room.clone(), RoomCommand::Pins)).await {
        Ok(Answer::Pins(pins)) => pins,
        Err(AskError::Refused(Refusal::RoomMissing)) => return Ok(None),
        _ => return Err(()),
    };
    let host = host(gateway, app, view.owner.as_ref()).await?;
    Ok(Some(write(&view, &stats, &pins, &host).into()))
}

/// The host's id, nick and picture.
async fn host(gateway: &Gateway, app: AppId, owner: Option<&UserId>) -> Result<[Arc<str>; 3], ()> {
    let Some(owner) = owner else { return Ok(["".into(), "".into(), "".into()]) };
    let profiles = Command::Profiles { users: vec![owner.clone()] };
    let Ok(Answer::Profiles(mut found)) = gateway.ask(app, "", profiles).await else { return Err(()) };
    let profile = found.pop().and_then(|(_, profile)| profile).unwrap_or_default();
    Ok([owner.as_str().into(), profile.nick.clone(), profile.avatar.clone()])
}

fn write(view: &RoomView, stats: &Stats, pins: &[Arc<Pin>], [user, nick, avatar]: &[Arc<str>; 3]) -> String {
    let profile = &view.profile;
    json::object(|room| {
        room.text("name", &profile.name).text("picture", &profile.avatar);
        room.text("announcement", &profile.notification);
        room.object("host", |host| {
            host.text("userID", user).text("nick", nick).text("avatar", avatar);
        });
        room.object("fields", |fields| {
            for (key, value) in &profile.fields {
                fields.text(key, value);
            }
        });
        room.list("pinned", pins, |out, pin| pinned(out, &pin.message));
        room.raw("muteAll", if profile.mute_all { "true" } else { "false" });
        room.number("viewers", stats.online).number("peak", stats.peak).number("likes", stats.likes);
    })
}

/// A pinned message as a page shows it: who said it, and the words in it.
fn pinned(out: &mut String, message: &Posted) {
    let Post::Message { from, elements, .. } = &message.post else { return json::object_into(out, |_| {}) };
    let text = elements.iter().find_map(|element| match element {
        Element::Text(text) => Some(text),
        Element::Custom { desc, .. } => Some(desc),
        Element::Face { .. } | Element::Other { .. } => None,
    });
    json::object_into(out, |one| {
        one.number("seq", message.seq).number("time", message.at.secs());
        one.text("userID", from.user.as_str()).text("nick", &from.nick).text("avatar", &from.avatar);
        one.text("text", text.map_or("", |text| text));
    });
}
