//! What a member of a room hears of the shop.

use super::{Item, Wire};
use serde_json::Value;

/// The event's name and value, if an item is a custom message.
pub fn event(item: &Item) -> Option<(String, Value)> {
    let content = &item.json["MsgBody"][0]["MsgContent"];
    let (name, value) = (content["Data"].as_str()?, content["Ext"].as_str()?);
    Some((name.to_owned(), serde_json::from_str(value).ok()?))
}

/// The next message of this name.
pub fn hear(wire: &mut Wire, name: &str) -> (Item, Value) {
    let item = wire.wait_for(|item| event(item).is_some_and(|(heard, _)| heard == name));
    let (_, value) = event(&item).unwrap();
    (item, value)
}

/// The next tip that says what a field of the room is now.
pub fn hear_field(wire: &mut Wire, field: &str) -> String {
    let item = wire.wait_for(|item| find_field(&item.json, field).is_some());
    find_field(&item.json, field).unwrap()
}

/// A key and its value, wherever a tip has them.
fn find_field(value: &Value, field: &str) -> Option<String> {
    match value {
        Value::Array(values) => values.iter().find_map(|value| find_field(value, field)),
        Value::Object(fields) => {
            let named = ["Key", "key"].iter().any(|key| fields.get(*key).is_some_and(|name| name == field));
            if named {
                let value = fields.get("Value").or_else(|| fields.get("value")).and_then(Value::as_str);
                return Some(value.unwrap_or("").to_owned());
            }
            fields.values().find_map(|value| find_field(value, field))
        }
        _ => None,
    }
}
