//! The audit log: what was done, by whom, to what, from where.

use super::auth::Caller;
use super::input::Asked;
use super::list::{Page, Paging};
use super::problem::Problem;
use crate::gateway::Gateway;
use axum::Json;
use axum::extract::State;
use hawker_core::AppId;
use hawker_store::{AuditEntry, AuditRecord};
use serde::Serialize;
use std::net::IpAddr;

/// What a write was about, if its path does not say it. Put among the extensions of its answer.
#[derive(Clone)]
pub struct About(pub String);

/// Nothing was changed after all: there is nothing to enter. Put among the extensions of an answer.
#[derive(Clone)]
pub struct Unchanged;

/// Bytes of what an entry is about.
const ABOUT_BYTES_MAX: usize = 200;

/// Enters what was done. That it cannot be entered does not undo it.
pub async fn enter(gateway: &Gateway, app: AppId, who: String, what: &str, mut about: String, from: IpAddr) {
    about.truncate(about.floor_char_boundary(ABOUT_BYTES_MAX));
    let at = gateway.shared.clock.now();
    let entry = AuditEntry { app, at, who, what: what.into(), about, origin: from.to_string() };
    if let Err(error) = gateway.shared.console.enter(entry).await {
        tracing::error!(%error, what, "an entry of the audit log was not kept");
    }
}

/// An entry.
#[derive(Serialize)]
pub struct Entry {
    id: i64,
    at: u64,
    who: String,
    what: String,
    about: String,
    from: String,
}

/// `GET /api/v1/audit`.
pub async fn list(
    State(gateway): State<Gateway>,
    Caller { app, .. }: Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<Entry>>, Problem> {
    let (limit, below) = (paging.limit()?, paging.below()?);
    let records = gateway.shared.console.table(move |table| table.audit(app, below, limit + 1)).await?;
    Ok(Json(Page::of(records.into_iter().map(entry).collect(), limit, |entry| entry.id.to_string())))
}

fn entry(AuditRecord { id, entry }: AuditRecord) -> Entry {
    let AuditEntry { at, who, what, about, origin, .. } = entry;
    Entry { id, at: at.0, who, what, about, from: origin }
}
