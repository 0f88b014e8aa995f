//! Holds answers against `docs/openapi.json`: what is answered is described, and nothing else is.

use super::http::Reply;
use serde_json::Value;
use std::path::Path;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = std::fs::read_to_string(path).expect("the description of the API");
    serde_json::from_str(&text).expect("JSON")
});

/// An answer is as it is described. What is not described at all must not be there.
pub fn must_match(method: &str, target: &str, reply: &Reply) {
    let path = target.split('?').next().expect("a path");
    let Some(operation) = operation(method, path) else {
        assert!(matches!(reply.status, 404 | 405), "{method} {path} is not described: {}", reply.text());
        return;
    };
    let at = format!("{method} {path} {}", reply.status);
    let responses = &operation["responses"];
    let described = match responses.get(reply.status.to_string()) {
        Some(good) => good,
        None => {
            assert!(reply.status >= 400, "{at} is not described: {}", reply.text());
            resolved(&responses["default"])
        }
    };
    let Some(content) = described["content"].as_object() else {
        assert!(reply.body.is_empty(), "{at} is described without a body: {}", reply.text());
        return;
    };
    let kind = reply.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let content = content.get(kind).unwrap_or_else(|| panic!("{at} is not described as {kind}: {}", reply.text()));
    if let Some(schema) = content.get("schema") {
        check(schema, &reply.json(), &at);
    }
}

/// The operation of a path; one that is spelled out comes before one with names in it.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (have, want) = (path.split('/'), template.split('/'));
        have.clone().count() == want.clone().count()
            && have.zip(want).all(|(have, want)| want.starts_with('{') || have == want)
    };
    let item = paths.get(path).or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, item)| item));
    item?.get(method.to_ascii_lowercase())
}

/// What a reference leads to.
fn resolved(schema: &'static Value) -> &'static Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    let pointer = reference.strip_prefix('#').expect("a reference within the document");
    DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

fn check(schema: &'static Value, value: &Value, at: &str) {
    let schema = resolved(schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let keys = |choice: &Value| {
            choice["required"]
                .as_array()
                .is_some_and(|keys| keys.iter().all(|key| value.get(key.as_str().expect("a name")).is_some()))
        };
        let choice = choices
            .iter()
            .map(resolved)
            .find(|choice| keys(choice))
            .unwrap_or_else(|| panic!("{at}: none of the choices: {value}"));
        return check(choice, value, at);
    }
    let types: Vec<_> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    assert!(types.iter().any(|kind| is(kind, value)), "{at}: {value} is none of {types:?}");
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value} is none of {words:?}");
    }
    match value {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| check(&schema["items"], item, &format!("{at}[{index}]")));
        }
        Value::Object(fields) => {
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                assert!(fields.contains_key(name), "{at}: {name} is missing in {value}");
            }
            for (name, field) in fields {
                let described = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
                let free = schema.get("properties").is_none();
                match described {
                    Some(schema) => check(schema, field, &format!("{at}.{name}")),
                    None => assert!(free, "{at}: {name} is not described, in {value}"),
                }
            }
        }
        _ => {}
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}
