//! What a room hears of its stream: the field `live_stream`, and where the show is (`room_status`).

use super::Media;
use crate::gateway::{AskError, Gateway};
use hawker_core::answer::{Answer, RoomView};
use hawker_core::command::{Command, RoomCommand};
use hawker_core::post::ProfileChange;
use hawker_core::{RoomId, Time};
use hawker_wire::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The field that says whether there is a stream.
const STREAM: &str = "live_stream";
/// The field that says where the show is.
const STATUS: &str = "room_status";
/// An encoder that is back within this has not interrupted the show.
const INTERRUPTED_AFTER: Duration = Duration::from_secs(10);
/// How often the task looks for shows that are interrupted, if nothing else happens.
const IDLE: Duration = Duration::from_secs(3600);

/// What has happened to a stream.
pub enum News {
    /// It can be watched.
    Begun(RoomId, Time),
    /// It is over.
    Ended(RoomId, Time),
}

/// Whether a room believes that there is a stream, by its fields.
pub fn had_stream(fields: &std::collections::BTreeMap<Arc<str>, Arc<str>>) -> bool {
    fields.get(STREAM).is_some_and(|value| value.contains(r#""state":"live""#))
}

/// Tells rooms, one after the other, for as long as the server runs.
pub async fn run(gateway: Gateway, mut news: mpsc::Receiver<News>, interrupted: Vec<RoomId>) {
    let mut due: HashMap<RoomId, Instant> = HashMap::new();
    let now = gateway.shared.clock.now();
    for room in interrupted {
        begun_or_ended(&gateway, &room, now, false).await;
        due.insert(room, Instant::now() + INTERRUPTED_AFTER);
    }
    loop {
        let next = due.values().min().copied().unwrap_or_else(|| Instant::now() + IDLE);
        tokio::select! {
            one = news.recv() => match one {
                Some(News::Begun(room, at)) => {
                    due.remove(&room);
                    begun_or_ended(&gateway, &room, at, true).await;
                }
                Some(News::Ended(room, at)) => {
                    begun_or_ended(&gateway, &room, at, false).await;
                    due.insert(room, Instant::now() + INTERRUPTED_AFTER);
                }
                None => return,
            },
            () = tokio::time::sleep_until(next) => {
                let now = Instant::now();
                let over: Vec<RoomId> = due.extract_if(|_, at| *at <= now).map(|(room, _)| room).collect();
                for room in over {
                    paused(&gateway, &room).await;
                }
            }
        }
    }
}

async fn begun_or_ended(gateway: &Gateway, room: &RoomId, at: Time, live: bool) {
    let state = json::object(|body| {
        body.text("state", if live { "live" } else { "off" }).number("since", at.0);
    });
    change(gateway, room, STREAM, &state).await;
    let waits = |view: &RoomView| match view.profile.fields.get(STATUS) {
        Some(status) => matches!(&**status, "waiting" | "paused"),
        None => true,
    };
    if live && Media::room(gateway, room).await.is_ok_and(|view| view.as_ref().is_some_and(waits)) {
        change(gateway, room, STATUS, "live").await;
    }
}

async fn paused(gateway: &Gateway, room: &RoomId) {
    let is_live = |view: &RoomView| view.profile.fields.get(STATUS).is_some_and(|status| &**status == "live");
    if Media::room(gateway, room).await.is_ok_and(|view| view.as_ref().is_some_and(is_live)) {
        change(gateway, room, STATUS, "paused").await;
    }
}

async fn change(gateway: &Gateway, room: &RoomId, field: &str, value: &str) {
    let change = ProfileChange::Field(field.into(), Some(value.into()));
    if let Err(error) = ask(gateway, Command::Room(room.clone(), RoomCommand::Change(vec![change]))).await {
        tracing::warn!(%room, field, ?error, "a room could not be told of its stream");
    }
}

async fn ask(gateway: &Gateway, command: Command) -> Result<Answer, AskError> {
    let app = gateway.shared.pages_app;
    gateway.ask(app, gateway.shared.administrator(app), command).await
}

impl Media {
    /// A room; `None` if there is none.
    pub(super) async fn room(gateway: &Gateway, room: &RoomId) -> Result<Option<RoomView>, AskError> {
        match ask(gateway, Command::RoomProfiles { rooms: vec![room.clone()] }).await? {
            Answer::RoomProfiles(mut views) => Ok(views.pop().and_then(Result::ok)),
            _ => Ok(None),
        }
    }
}
