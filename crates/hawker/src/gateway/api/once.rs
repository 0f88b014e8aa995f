//! Writes that come with a key of their own (`Idempotency-Key`) are done once: who did not hear the answer asks again and
//! is given the same one.
//!
//! Writes of the shop have their keys kept by the rules as well, together with what they did: that holds also when the power
//! goes before the answer is kept.

use super::auth::Caller;
use super::problem::{Fault, Problem};
use crate::gateway::Gateway;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hawker_store::{GivenAnswer, SecretHash};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

/// The header with the key.
const HEADER: &str = "idempotency-key";
/// Characters of a key.
const KEY_MAX: usize = 64;
/// How long a key is good.
const GOOD: Duration = Duration::from_secs(24 * 3600);
/// Bytes of an answer that is kept.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Marks an answer that was given before.
#[derive(Clone)]
pub struct Again;

/// Who, and with which key.
type Claim = (String, String);

/// Writes with keys that are being done just now.
#[derive(Default)]
pub struct UnderWay(Mutex<HashSet<Claim>>);

/// One of them, until it is done.
struct Place<'a>(&'a UnderWay, Claim);

impl UnderWay {
    fn begin(&self, claim: Claim) -> Option<Place<'_>> {
        let new = self.0.lock().expect("nobody panics while holding the set").insert(claim.clone());
        new.then(|| Place(self, claim))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.0.lock().expect("nobody panics while holding the set").remove(&self.1);
    }
}

/// The key of a request, if it has one.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(HEADER) else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=KEY_MAX).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::field("Idempotency-Key", format!("1 to {KEY_MAX} characters")))?;
    Ok(Some(key.to_owned()))
}

/// Does what is asked, or answers as before.
pub async fn run(gateway: &Gateway, caller: &Caller, body_max: usize, request: Request, next: Next) -> Response {
    match key(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => {
            let done = run_once(gateway, caller, key, body_max, request, next).await;
            done.unwrap_or_else(Problem::into_response)
        }
        Err(problem) => problem.into_response(),
    }
}

async fn run_once(
    gateway: &Gateway,
    caller: &Caller,
    key: String,
    body_max: usize,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, body_max).await.map_err(|_| Fault::TooLarge)?;
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let hash = hash(parts.method.as_str(), target, &body);
    let claim = (caller.id.clone(), key);
    let _place = gateway.under_way.begin(claim.clone()).ok_or(Fault::Busy)?;
    if let Some(given) = given(gateway, claim.clone()).await? {
        return if given.request == hash { Ok(again(given)) } else { Err(Fault::KeyReused.into()) };
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.status().is_success() { keep(gateway, claim, hash, response).await } else { Ok(response) }
}

fn hash(method: &str, target: &str, body: &Bytes) -> SecretHash {
    let head = Sha256::new().chain_update(method).chain_update([0]).chain_update(target).chain_update([0]);
    head.chain_update(body).finalize().into()
}

async fn given(gateway: &Gateway, (who, key): Claim) -> Result<Option<GivenAnswer>, Problem> {
    let since = gateway.shared.clock.now() - GOOD;
    Ok(gateway.shared.console.table(move |table| table.answer(&who, &key, since)).await?)
}

fn again(given: GivenAnswer) -> Response {
    let status = StatusCode::from_u16(given.status).unwrap_or(StatusCode::OK);
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response =
        if given.body.is_empty() { status.into_response() } else { (status, kind, given.body).into_response() };
    response.extensions_mut().insert(Again);
    response
}

/// What was done stays done, also if its answer cannot be kept: a large one is not.
async fn keep(
    gateway: &Gateway,
    (who, key): Claim,
    request: SecretHash,
    response: Response,
) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Fault::Internal)?;
    if body.len() > ANSWER_BYTES_MAX {
        return Ok(Response::from_parts(parts, Body::from(body)));
    }
    let now = gateway.shared.clock.now();
    let answer = GivenAnswer { request, status: parts.status.as_u16(), body: body.to_vec() };
    let kept = gateway.shared.console.table(move |table| table.keep_answer(&who, &key, &answer, now, now - GOOD));
    if let Err(error) = kept.await {
        tracing::error!(%error, "an answer was not kept for who asks again");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}
