//! The keys of applications. What a key is, only its maker sees, and once.

use super::audit::About;
use super::auth::Caller;
use super::input::{At, Body};
use super::list::Page;
use super::problem::{Fault, Problem};
use crate::console::scope::{self, Scope};
use crate::console::secret;
use crate::gateway::Gateway;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_store::{ApiKeyRecord, NewApiKey};
use serde::{Deserialize, Serialize};

/// Keys of one app.
const KEYS_MAX: usize = 100;
/// Characters of a key's name.
const NAME_MAX: usize = 60;

/// A key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    id: i64,
    name: String,
    scopes: Vec<String>,
    /// The key itself, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    created_at: u64,
    last_used_at: u64,
}

/// `GET /api/v1/api-keys`.
pub async fn list(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
) -> Result<Json<Page<ApiKey>>, Problem> {
    let keys = gateway.shared.console.table(move |table| table.keys(app)).await?;
    Ok(Json(Page::whole(keys.into_iter().map(shown).collect())))
}

fn shown(key: ApiKeyRecord) -> ApiKey {
    ApiKey {
        id: key.id,
        name: key.name,
        scopes: key.scopes.split_terminator(' ').map(str::to_owned).collect(),
        key: None,
        created_at: key.created_at.0,
        last_used_at: key.used_at.0,
    }
}

/// A key that is to be.
#[derive(Deserialize)]
pub struct NewKey {
    name: String,
    scopes: Vec<String>,
}

/// `POST /api/v1/api-keys`.
pub async fn add(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Body(asked): Body<NewKey>,
) -> Result<impl IntoResponse, Problem> {
    let name = asked.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Problem::field("name", format!("1 to {NAME_MAX} characters")));
    }
    let scopes: Result<Vec<Scope>, ()> = asked.scopes.iter().map(|scope| scope.parse()).collect();
    let scopes = scopes.ok().filter(|scopes| !scopes.is_empty());
    let scopes = scope::list(&scopes.ok_or_else(|| Problem::field("scopes", "at least one, such as orders:read"))?);
    let (key, created_at) = (secret::new_api_key(), gateway.shared.clock.now());
    let new = NewApiKey { app, hash: secret::hash(&key), name: name.clone(), scopes: scopes.clone(), created_at };
    let id = gateway.shared.console.table(move |table| table.add_key(&new, KEYS_MAX)).await?;
    let id = id.ok_or(Fault::TooMany)?;
    let about = Extension(About(format!("{id} {name} {scopes}")));
    let made = shown(ApiKeyRecord { id, app, name, scopes, created_at, used_at: hawker_core::Time(0) });
    Ok((StatusCode::CREATED, about, Json(ApiKey { key: Some(key), ..made })))
}

/// `DELETE /api/v1/api-keys/{id}`.
pub async fn remove(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    At(id): At<i64>,
) -> Result<StatusCode, Problem> {
    let gone = gateway.shared.console.table(move |table| table.remove_key(app, id)).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Fault::NotFound.into()) }
}
