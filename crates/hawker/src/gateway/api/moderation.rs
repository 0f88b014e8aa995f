//! What is said in a room, and who may not say anything any more.

use super::audit::About;
use super::auth::Caller;
use super::input::{At, Body};
use super::list::Page;
use super::problem::{Fault, Problem};
use super::rooms::in_room;
use crate::gateway::Gateway;
use crate::secrets;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::answer::Answer;
use hawker_core::command::RoomCommand;
use hawker_core::post::{Draft, Element, Meaning, Post, Posted, Priority};
use hawker_core::{RoomId, RoomKey, Time, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Comments that are listed: as many as are kept.
const COMMENTS_MAX: usize = 50;

/// What somebody said.
#[derive(Serialize)]
pub struct Comment {
    seq: u64,
    user: String,
    nick: Arc<str>,
    text: String,
    at: u64,
}

fn comment(posted: &Posted) -> Option<Comment> {
    let Post::Message { from, elements, .. } = &posted.post else { return None };
    let text = elements.iter().find_map(|element| match element {
        Element::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let (user, nick) = (from.user.to_string(), from.nick.clone());
    Some(Comment { seq: posted.seq, user, nick, text: text?, at: posted.at.0 })
}

/// `GET /api/v1/rooms/{room}/comments`: in the order in which they were said.
pub async fn comments(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
) -> Result<Json<Page<Comment>>, Problem> {
    let room = RoomId::from(room);
    in_room(&gateway, &caller, &room, RoomCommand::OnlineCount).await?;
    let (key, listing) = (RoomKey { app: caller.app, room }, gateway.shared.listing.clone());
    let said = tokio::task::spawn_blocking(move || listing.said(&key, COMMENTS_MAX)).await;
    let said = said.expect("looking does not panic")?;
    Ok(Json(Page::whole(said.iter().rev().filter_map(comment).collect())))
}

/// What the shop says.
#[derive(Deserialize)]
pub struct Said {
    text: String,
}

/// The number of what was said.
#[derive(Serialize)]
pub struct Number {
    seq: u64,
}

/// `POST /api/v1/rooms/{room}/comments`.
pub async fn say(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    Body(Said { text }): Body<Said>,
) -> Result<impl IntoResponse, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::field("text", "there is nothing in it"));
    }
    let draft = Draft {
        meaning: Meaning::Chat,
        priority: Priority::High,
        random: u32::from_ne_bytes(secrets::bytes()),
        sent_at: gateway.shared.clock.now().secs(),
        client_seq: 0,
        bytes: text.len(),
        elements: Arc::new([Element::Text(text.into())]),
        cloud_data: "".into(),
    };
    let answer = in_room(&gateway, &caller, &room.into(), RoomCommand::Send(draft)).await?;
    let Answer::Sent { seq, .. } = answer else { return Err(Fault::Internal.into()) };
    Ok((StatusCode::CREATED, Json(Number { seq })))
}

/// `DELETE /api/v1/rooms/{room}/comments/{seq}`.
pub async fn recall(
    State(gateway): State<Gateway>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    let recall = RoomCommand::Recall { seqs: vec![seq], reason: "".into() };
    let answer = in_room(&gateway, &caller, &room.into(), recall).await?;
    let Answer::Recalled(outcomes) = answer else { return Err(Fault::Internal.into()) };
    outcomes.into_iter().try_for_each(|(_, outcome)| outcome)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom, and for how long.
#[derive(Deserialize)]
pub struct Sanction {
    user: String,
    secs: u32,
}

impl Sanction {
    fn about(&self, room: &str) -> Extension<About> {
        Extension(About(format!("{room} {} {}", self.user, self.secs)))
    }
}

/// `POST /api/v1/rooms/{room}/mute`: 0 seconds lift it.
pub async fn mute(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    Body(asked): Body<Sanction>,
) -> Result<impl IntoResponse, Problem> {
    let about = asked.about(&room);
    let mute = RoomCommand::Mute { users: vec![asked.user.into()], secs: asked.secs };
    in_room(&gateway, &caller, &room.into(), mute).await?;
    Ok((StatusCode::NO_CONTENT, about))
}

/// `POST /api/v1/rooms/{room}/ban`: 0 seconds lift it.
pub async fn ban(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
    Body(asked): Body<Sanction>,
) -> Result<impl IntoResponse, Problem> {
    let about = asked.about(&room);
    let ban = RoomCommand::Ban { users: vec![asked.user.into()], secs: asked.secs, reason: "".into() };
    in_room(&gateway, &caller, &room.into(), ban).await?;
    Ok((StatusCode::NO_CONTENT, about))
}

/// Somebody who may not speak, or not be there, until then; 0 is for ever.
#[derive(Serialize)]
pub struct Sanctioned {
    user: String,
    until: u64,
}

/// Who may not speak, and who may not be there.
#[derive(Serialize)]
pub struct Sanctions {
    muted: Vec<Sanctioned>,
    banned: Vec<Sanctioned>,
}

/// `GET /api/v1/rooms/{room}/sanctions`.
pub async fn sanctions(
    State(gateway): State<Gateway>,
    caller: Caller,
    At(room): At<String>,
) -> Result<Json<Sanctions>, Problem> {
    let room = RoomId::from(room);
    let muted = in_room(&gateway, &caller, &room, RoomCommand::MutedUsers).await?;
    let Answer::MutedUsers(muted) = muted else { return Err(Fault::Internal.into()) };
    let (mut all, mut skip) = (Vec::new(), 0);
    loop {
        let banned = in_room(&gateway, &caller, &room, RoomCommand::BannedUsers { skip, limit: 0 }).await?;
        let Answer::BannedUsers { banned, next } = banned else { return Err(Fault::Internal.into()) };
        all.extend(banned);
        if next == 0 {
            return Ok(Json(Sanctions { muted: shown(muted), banned: shown(all) }));
        }
        skip = next;
    }
}

fn shown(sanctions: Vec<(UserId, Time)>) -> Vec<Sanctioned> {
    let until = |time: Time| if time == Time::NEVER { 0 } else { time.0 };
    sanctions.into_iter().map(|(user, time)| Sanctioned { user: user.to_string(), until: until(time) }).collect()
}
