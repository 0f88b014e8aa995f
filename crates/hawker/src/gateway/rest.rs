//! The vendor's server REST API (`rest-api.md`): the command table over HTTP, for administrators.

use super::{AskError, Gateway};
use crate::metrics::Metrics;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hawker_core::answer::Answer;
use hawker_core::{AppId, Refusal};
use hawker_wire::tencent::decode::{Asked, Context, Shape, Via, decode};
use hawker_wire::tencent::envelope::outcome_body;
use hawker_wire::tencent::error::{Family, WireError, wire_error};
use hawker_wire::tencent::reply::{self, Extras};
use serde::Deserialize;

/// What every call carries in its address.
#[derive(Deserialize)]
pub struct Credentials {
    sdkappid: Option<String>,
    identifier: Option<String>,
    usersig: Option<String>,
    contenttype: Option<String>,
}

/// One call.
pub async fn call(
    State(gateway): State<Gateway>,
    Path((service, command)): Path<(String, String)>,
    Query(credentials): Query<Credentials>,
    body: Bytes,
) -> Response {
    Metrics::bump(&gateway.shared.metrics.http_requests_total);
    match answer(&gateway, &service, &command, &credentials, &body).await {
        Ok(body) => json(body),
        Err(error) => json(outcome_body(error.code, &error.info)),
    }
}

/// Browsers ask before they call.
pub async fn preflight() -> Response {
    json(String::new())
}

fn json(body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("X-Requested-With")),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST")),
    ];
    (headers, body).into_response()
}

async fn answer(
    gateway: &Gateway,
    service: &str,
    command: &str,
    credentials: &Credentials,
    body: &[u8],
) -> Result<String, WireError> {
    let (app, admin) = administrator(gateway, credentials)?;
    let body = std::str::from_utf8(body).map_err(|_| WireError::new(60003, "the body is not UTF-8"))?;
    let ctx = Context { via: Via::Http, app, now: gateway.shared.clock.now() };
    match decode(ctx, &format!("{service}.{command}"), body)? {
        Asked::Always(body) => Ok(body.into_owned()),
        Asked::Rules(command, shape) => match gateway.ask(app, admin, command).await {
            Ok(Answer::RoomProfiles(mut views)) if let Shape::Media(what) = shape => {
                let view =
                    views.pop().map_or(Err(Refusal::RoomMissing), |view| view.map_err(|(_, refusal)| refusal));
                // Administrators run every show.
                let room = view.map(|view| (view.room, true));
                Ok(gateway.shared.media_answer(app, what, room, None).await)
            }
            Ok(answer) => Ok(reply::body(&answer, &shape, &Extras::default())),
            Err(AskError::Refused(refusal)) => Err(wire_error(&refusal, Family::over_rest(service))),
            Err(AskError::Late | AskError::Gone) => Err(WireError::new(60008, "no answer in time, try again")),
        },
        Asked::Login(_) | Asked::Poll(_) => Err(WireError::new(60009, "only over a WebSocket")),
    }
}

fn administrator<'a>(gateway: &Gateway, credentials: &'a Credentials) -> Result<(AppId, &'a str), WireError> {
    let id = credentials.sdkappid.as_deref().ok_or_else(|| WireError::new(60012, "sdkappid is missing"))?;
    let app = id.parse().map(AppId).map_err(|_| WireError::new(60006, "sdkappid is not a number"))?;
    let secrets = gateway.shared.apps.get(&app).ok_or_else(|| WireError::new(60006, "unknown sdkappid"))?;
    let identifier = credentials.identifier.as_deref().unwrap_or("");
    if credentials.contenttype.as_deref().is_some_and(|kind| kind != "json") {
        return Err(WireError::new(60025, "contenttype must be json"));
    }
    let sig = credentials.usersig.as_deref().unwrap_or("");
    let checked = gateway.shared.verify(app, identifier, sig);
    checked.map_err(|bad| WireError::new(bad.code(), bad.to_string()))?;
    if !secrets.admins.iter().any(|admin| admin == identifier) {
        return Err(WireError::new(60010, "identifier is not an app admin"));
    }
    Ok((app, identifier))
}
