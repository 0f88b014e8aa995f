//! The description of the API for machines. It is written by hand, in `docs/openapi.json`: tests hold it against the table of
//! routes, and against what is really answered.

use super::auth::Need;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../../../docs/openapi.json");

/// `GET /api/v1/openapi.json`.
pub async fn get() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT).into_response()
}

/// A route: method, path, who may use it, and whether it is done once when it comes with a key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    path: String,
    method: &'static str,
    need: String,
    once: bool,
}

impl Operation {
    /// One of the table.
    pub fn new(method: &'static str, path: &str, need: Option<Need>, once: bool) -> Self {
        let need = match need {
            None => String::new(),
            Some(Need::Console) => "console".into(),
            Some(Need::Scope(scope)) => scope.to_string(),
        };
        Self { path: path.to_owned(), method, need, once }
    }
}

/// Whether the document describes exactly these. What differs is said; it is a mistake of ours.
pub fn must_describe(routes: Vec<Operation>) {
    let (routes, described) = (BTreeSet::from_iter(routes), described());
    let missing: Vec<_> = routes.difference(&described).collect();
    let surplus: Vec<_> = described.difference(&routes).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "docs/openapi.json lacks {missing:?} and invents {surplus:?}"
    );
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn described() -> BTreeSet<Operation> {
    let document: Value = serde_json::from_str(DOCUMENT).expect("docs/openapi.json is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| METHODS.map(|method| (path, method, &item[method])));
    operations.filter(|(.., one)| one.is_object()).map(|(path, method, one)| operation(path, method, one)).collect()
}

fn operation(path: &str, method: &'static str, one: &Value) -> Operation {
    let console = one["security"].as_array().is_some_and(|all| !all.is_empty());
    let scope = one["security"][1]["key"][0].as_str();
    let need = scope.unwrap_or(if console { "console" } else { "" }).to_owned();
    let parameters = one["parameters"].as_array().into_iter().flatten();
    let once = parameters.clone().any(|one| one["$ref"] == "#/components/parameters/IdempotencyKey");
    Operation { path: path.to_owned(), method, need, once }
}
