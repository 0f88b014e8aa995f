//! `MsgBody`: the elements of a message (`messages-and-limits.md` §1), read and written.

use super::error::WireError;
use crate::json;
use hawker_core::post::{Element, Meaning};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// An element as it came.
#[derive(Deserialize)]
pub(super) struct RawElement<'a> {
    #[serde(rename = "MsgType", borrow)]
    kind: Cow<'a, str>,
    #[serde(rename = "MsgContent", borrow)]
    content: &'a RawValue,
}

#[derive(Deserialize)]
struct TextContent<'a> {
    #[serde(rename = "Text", borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct CustomContent<'a> {
    #[serde(rename = "Data", borrow, default)]
    data: Cow<'a, str>,
    #[serde(rename = "Desc", borrow, default)]
    desc: Cow<'a, str>,
    #[serde(rename = "Ext", borrow, default)]
    ext: Cow<'a, str>,
    #[serde(rename = "Sound", borrow, default)]
    sound: Cow<'a, str>,
}

#[derive(Deserialize)]
struct FaceContent<'a> {
    #[serde(rename = "Index")]
    index: i64,
    #[serde(rename = "Data", borrow, default)]
    data: Cow<'a, str>,
}

/// What a live room takes besides text, custom and face; carried as it came.
const CARRIED: [&str; 6] =
    ["TIMImageElem", "TIMSoundElem", "TIMFileElem", "TIMVideoFileElem", "TIMLocationElem", "TIMRelayElem"];

/// How deep a carried content may be nested; parsers commonly stop at 128, and the frame has some levels of its own.
const CARRIED_DEPTH_MAX: usize = 32;

/// Reads the elements of a message.
pub(super) fn read(raw: &[RawElement<'_>]) -> Result<Vec<Element>, WireError> {
    raw.iter().map(read_one).collect()
}

fn read_one(raw: &RawElement<'_>) -> Result<Element, WireError> {
    fn content<'a, T: Deserialize<'a>>(raw: &'a RawElement<'_>) -> Result<T, WireError> {
        serde_json::from_str(raw.content.get())
            .map_err(|error| WireError::new(10004, format!("MsgContent of {}: {error}", raw.kind)))
    }
    Ok(match &*raw.kind {
        "TIMTextElem" => Element::Text(content::<TextContent<'_>>(raw)?.text.into()),
        "TIMCustomElem" => {
            let CustomContent { data, desc, ext, sound } = content(raw)?;
            Element::Custom { data: data.into(), desc: desc.into(), ext: ext.into(), sound: sound.into() }
        }
        "TIMFaceElem" => {
            let FaceContent { index, data } = content(raw)?;
            Element::Face { index, data: data.into() }
        }
        kind if CARRIED.contains(&kind) => {
            if !every_client_can_read(raw.content.get()) {
                let info = format!("MsgContent of {kind} is not an object that every client can read");
                return Err(WireError::new(10004, info));
            }
            Element::Other { kind: kind.into(), content: raw.content.get().into() }
        }
        kind => return Err(WireError::new(10004, format!("unknown MsgType {kind:?}"))),
    })
}

/// What is carried as it came reaches every member in one frame with what others said: what a strict parser refuses
/// (half a surrogate pair, a number out of range, an abyss of brackets) would cost them all of it.
fn every_client_can_read(content: &str) -> bool {
    let object = content.trim_start().starts_with('{');
    object && depth(content) <= CARRIED_DEPTH_MAX && serde_json::from_str::<serde_json::Value>(content).is_ok()
}

/// How deep brackets are nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Writes one element.
pub(super) fn write(out: &mut String, element: &Element) {
    json::object_into(out, |object| match element {
        Element::Text(text) => {
            object.text("MsgType", "TIMTextElem").object("MsgContent", |content| {
                content.text("Text", text);
            });
        }
        Element::Custom { data, desc, ext, sound } => {
            object.text("MsgType", "TIMCustomElem").object("MsgContent", |content| {
                content.text("Data", data).text("Desc", desc).text("Ext", ext);
                if !sound.is_empty() {
                    content.text("Sound", sound);
                }
            });
        }
        Element::Face { index, data } => {
            object.text("MsgType", "TIMFaceElem").object("MsgContent", |content| {
                content.number("Index", *index).text("Data", data);
            });
        }
        Element::Other { kind, content } => {
            object.text("MsgType", kind).raw("MsgContent", content);
        }
    });
}

/// What a message is about, by the event names that the live-selling components put into `Data` (seeds 000, 002
/// and the published package). Names are compared without regard to case and underscores.
pub(super) fn meaning(elements: &[Element]) -> Meaning {
    let [Element::Custom { data, .. }, ..] = elements else { return Meaning::Chat };
    if data.len() > 32 {
        return Meaning::Chat;
    }
    let name: String = data.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    match name.as_str() {
        "like" | "dianzan" => Meaning::Like,
        "sendgift" | "gift" | "buygoods" | "usecoupon" | "attent" | "attention" | "cancelattention"
        | "addgoods" | "roomstatuschange" | "pushstopped" => Meaning::Commerce,
        _ => Meaning::Chat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(data: &str) -> [Element; 1] {
        [Element::Custom { data: data.into(), desc: "".into(), ext: "".into(), sound: "".into() }]
    }

    #[test]
    fn what_is_carried_as_it_came_can_be_read_by_every_client() {
        let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        for (content, want) in [
            (r#"{"UUID":"u","ImageInfoArray":[{"Type":1}]}"#.to_owned(), true),
            (r#" {"brackets in a text":"[[[[\\\"{{{{"}"#.to_owned(), true),
            ("[]".into(), false),
            (r#"{"half a pair":"\ud800"}"#.into(), false),
            (r#"{"number":1e999}"#.into(), false),
            (nested(32), true),
            (nested(33), false),
        ] {
            assert_eq!(every_client_can_read(&content), want, "{content}");
        }
    }

    #[test]
    fn the_components_event_names_have_a_meaning() {
        for (data, want) in [
            ("LIKE", Meaning::Like),
            ("SEND_GIFT", Meaning::Commerce),
            ("BUY_GOODS", Meaning::Commerce),
            ("USE_COUPON", Meaning::Commerce),
            ("ATTENTION", Meaning::Commerce),
            ("CANCELATTENTION", Meaning::Commerce),
            ("push_stopped", Meaning::Commerce),
            ("dianzan", Meaning::Like),
            ("{\"vote\":1}", Meaning::Chat),
        ] {
            assert_eq!(meaning(&custom(data)), want, "{data}");
        }
        assert_eq!(meaning(&[Element::Text("LIKE".into())]), Meaning::Chat);
    }
}
