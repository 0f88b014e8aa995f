//! Webhooks: endpoints, what was delivered to them, and what was not.

use super::audit::About;
use super::auth::Caller;
use super::input::{Asked, At, Body};
use super::list::{Page, Paging};
use super::problem::{Fault, Problem};
use crate::gateway::Gateway;
use crate::secrets;
use crate::webhooks::address::{self, BadUrl};
use crate::webhooks::{pattern, told};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::AppId;
use hawker_store::{DeliveryRecord, DeliveryState, NewWebhook, Queued, WebhookRecord};
use serde::{Deserialize, Serialize};

/// Bytes of what was sent that are shown.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// An endpoint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    id: i64,
    url: String,
    events: Vec<String>,
    active: bool,
    /// The key of its signatures, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    created_at: u64,
    waiting: u64,
    last_status: u16,
    last_at: u64,
}

fn shown(record: WebhookRecord) -> Webhook {
    Webhook {
        id: record.id,
        url: record.url,
        events: record.events.split_terminator(' ').map(str::to_owned).collect(),
        active: record.active,
        secret: None,
        created_at: record.created_at.0,
        waiting: record.waiting,
        last_status: record.last_status,
        last_at: record.last_at.0,
    }
}

/// `GET /api/v1/webhooks`.
pub async fn list(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
) -> Result<Json<Page<Webhook>>, Problem> {
    let endpoints = gateway.shared.webhooks.table(move |table| table.list(app)).await?;
    Ok(Json(Page::whole(endpoints.into_iter().map(shown).collect())))
}

/// An endpoint as it is to be.
#[derive(Deserialize)]
pub struct Wanted {
    url: String,
    events: Vec<String>,
    active: bool,
}

impl Wanted {
    /// Its patterns, with blanks between them, if all is well.
    fn check(&self, gateway: &Gateway) -> Result<String, Problem> {
        match address::endpoint(&self.url, gateway.shared.config.webhooks.allow_private) {
            Ok(_) => {}
            Err(BadUrl::Invalid) => {
                return Err(Problem::field("url", "an address of http or https, without a password"));
            }
            Err(BadUrl::Private) => return Err(Problem::from(Fault::PrivateAddress).at_field("url")),
        }
        let patterns = &self.events;
        let good = patterns.iter().all(|pattern| pattern::is_pattern(pattern));
        if !good || patterns.is_empty() || patterns.len() > pattern::PATTERNS_MAX {
            return Err(Problem::field("events", "names of events, such as order.paid or order.*"));
        }
        Ok(patterns.join(" "))
    }
}

/// `POST /api/v1/webhooks`.
pub async fn add(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Body(wanted): Body<Wanted>,
) -> Result<impl IntoResponse, Problem> {
    let events = wanted.check(&gateway)?;
    let (secret, created_at) = (secrets::signing_key(), gateway.shared.clock.now());
    let Wanted { url, active, .. } = wanted;
    let new = NewWebhook { app, url: url.clone(), events, active, secret: secret.clone(), created_at };
    let most = gateway.shared.config.webhooks.endpoints_max;
    let id = gateway.shared.webhooks.table(move |table| table.add(&new, most)).await?.ok_or(Fault::TooMany)?;
    let made = Webhook { secret: Some(secret), ..find(&gateway, app, id).await? };
    Ok((StatusCode::CREATED, Extension(About(format!("{id} {url}"))), Json(made)))
}

/// `PUT /api/v1/webhooks/{id}`.
pub async fn change(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<i64>,
    Body(wanted): Body<Wanted>,
) -> Result<impl IntoResponse, Problem> {
    let events = wanted.check(&gateway)?;
    let Wanted { url, active, .. } = wanted;
    let about = Extension(About(format!("{id} {url}")));
    if !gateway.shared.webhooks.table(move |table| table.change(app, id, &url, &events, active)).await? {
        return Err(Fault::NotFound.into());
    }
    gateway.shared.webhooks.wake();
    Ok((about, Json(find(&gateway, app, id).await?)))
}

async fn find(gateway: &Gateway, app: AppId, id: i64) -> Result<Webhook, Problem> {
    let found = gateway.shared.webhooks.table(move |table| table.find(app, id)).await?;
    Ok(shown(found.ok_or(Fault::NotFound)?))
}

/// `DELETE /api/v1/webhooks/{id}`.
pub async fn remove(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<i64>,
) -> Result<StatusCode, Problem> {
    let gone = gateway.shared.webhooks.table(move |table| table.remove(app, id)).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Fault::NotFound.into()) }
}

/// A delivery.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    id: i64,
    event: String,
    stream: String,
    at: u64,
    state: &'static str,
    attempts: u32,
    next_at: u64,
    status: u16,
    took: u64,
    request: String,
    answer: String,
}

fn shown_delivery(app: AppId, record: DeliveryRecord) -> Delivery {
    let mut request = told(app, record.event, &record.kind, record.happened_at, &record.stream, &record.body);
    request.truncate(request.floor_char_boundary(REQUEST_BYTES_MAX));
    Delivery {
        id: record.id,
        event: record.kind,
        stream: record.stream,
        at: record.made_at.0,
        state: STATES.iter().find(|(state, _)| *state == record.state).map_or("", |(_, name)| name),
        attempts: record.attempts,
        next_at: record.next_at.map_or(0, |at| at.0),
        status: record.status,
        took: record.took,
        request,
        answer: record.answer,
    }
}

const STATES: [(DeliveryState, &str); 3] = [
    (DeliveryState::Waiting, "waiting"),
    (DeliveryState::Delivered, "delivered"),
    (DeliveryState::Failed, "failed"),
];

/// Which deliveries.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    state: String,
}

/// `GET /api/v1/webhooks/{id}/deliveries`.
pub async fn deliveries(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<i64>,
    Asked(paging): Asked<Paging>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let (limit, below) = (paging.limit()?, paging.below()?);
    let state = match which.state.as_str() {
        "" => None,
        state => Some(
            STATES
                .iter()
                .find(|(_, name)| *name == state)
                .ok_or_else(|| Problem::field("state", "waiting, delivered or failed"))?
                .0,
        ),
    };
    find(&gateway, app, id).await?;
    let found = gateway.shared.webhooks.table(move |table| table.deliveries(id, state, below, limit + 1)).await?;
    let items = found.into_iter().map(|record| shown_delivery(app, record)).collect();
    Ok(Json(Page::of(items, limit, |delivery: &Delivery| delivery.id.to_string())))
}

/// `POST /api/v1/webhooks/{id}/test`.
pub async fn test(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<i64>,
) -> Result<impl IntoResponse, Problem> {
    let (now, most) = (gateway.shared.clock.now(), gateway.shared.config.webhooks.waiting_max);
    let queued = gateway.shared.webhooks.table(move |table| table.test(app, id, now, most)).await?;
    answer(&gateway, app, queued).await
}

/// `POST /api/v1/deliveries/{id}/resend`.
pub async fn resend(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<i64>,
) -> Result<impl IntoResponse, Problem> {
    let (now, most) = (gateway.shared.clock.now(), gateway.shared.config.webhooks.waiting_max);
    let queued = gateway.shared.webhooks.table(move |table| table.resend(app, id, now, most)).await?;
    answer(&gateway, app, queued).await
}

/// The delivery that waits now.
async fn answer(gateway: &Gateway, app: AppId, queued: Queued) -> Result<(StatusCode, Json<Delivery>), Problem> {
    let id = match queued {
        Queued::As(id) => id,
        Queued::Missing => return Err(Fault::NotFound.into()),
        Queued::Full => return Err(Fault::TooMany.into()),
    };
    gateway.shared.webhooks.wake();
    let delivery = gateway.shared.webhooks.table(move |table| table.delivery(id)).await?;
    let delivery = delivery.ok_or(Fault::NotFound)?;
    Ok((StatusCode::ACCEPTED, Json(shown_delivery(app, delivery))))
}
