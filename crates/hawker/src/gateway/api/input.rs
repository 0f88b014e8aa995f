//! What a request brings: paths, questions, bodies. What cannot be read is a [`Problem`] that says where.

use super::problem::{Fault, Problem};
use crate::gateway::Gateway;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// What the path names. What cannot be a name of anything is not found.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Gateway> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, gateway).await;
        path.map(|Path(named)| Self(named)).map_err(|_| Fault::NotFound.into())
    }
}

/// What the address asks for behind its question mark.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Gateway> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Gateway) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query
            .map(|Query(asked)| Self(asked))
            .map_err(|bad| Problem::from(Fault::BadRequest).with_detail(bad.body_text()))
    }
}

/// A body of JSON.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Gateway> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        // A page of somebody else's can send a form without asking, but not this.
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Fault::BadContentType.into());
        }
        let bytes = Bytes::from_request(request, gateway).await.map_err(|_| Fault::TooLarge)?;
        read(&bytes).map(Self)
    }
}

/// Reads JSON; what is wrong with it is named by its place.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut json).map_err(unreadable)?;
    json.end().map_err(|error| Problem::from(Fault::BadRequest).with_detail(error.to_string()))?;
    Ok(body)
}

fn unreadable(error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let path = error.path().to_string();
    let inner = error.into_inner();
    if !inner.is_data() {
        return Problem::from(Fault::BadRequest).with_detail(inner.to_string());
    }
    // A field that is missing is named in the message, where its path is that of the object around it.
    let message = inner.to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match (missing, path.as_str()) {
        (Some(missing), ".") => missing.to_owned(),
        (Some(missing), path) => format!("{path}.{missing}"),
        (None, path) => path.to_owned(),
    };
    Problem::field(field, message)
}
