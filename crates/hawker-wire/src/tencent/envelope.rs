//! The envelope of every frame: `{"head":{…},"body":{…}}` (`wire-protocol.md` §2).

use crate::json::{self, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A request as it came; nothing of it is copied but what the JSON had escaped.
#[derive(Deserialize, Debug)]
pub struct Envelope<'a> {
    /// Who asks what.
    #[serde(borrow)]
    pub head: Head<'a>,
    /// The question itself.
    #[serde(borrow, default)]
    pub body: Option<&'a RawValue>,
}

/// What the head says that matters here.
#[derive(Deserialize, Debug, Default)]
pub struct Head<'a> {
    /// `service.command`.
    #[serde(borrow)]
    pub servcmd: Cow<'a, str>,
    /// Repeated in the reply.
    #[serde(default)]
    pub seq: u64,
    /// The user, until logged in.
    #[serde(borrow, default)]
    pub identifier: Cow<'a, str>,
    /// Its signature, until logged in.
    #[serde(borrow, default)]
    pub usersig: Cow<'a, str>,
    /// The session token, once logged in.
    #[serde(borrow, default)]
    pub a2: Cow<'a, str>,
}

impl<'a> Envelope<'a> {
    /// Reads a frame.
    pub fn parse(frame: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(frame)
    }

    /// The body as text; an absent one is an empty object.
    pub fn body(&self) -> &'a str {
        self.body.map_or("{}", RawValue::get)
    }
}

/// Writes a reply around a body.
pub fn reply(servcmd: &str, seq: u64, body: &str) -> String {
    let mut out = String::with_capacity(body.len() + servcmd.len() + 48);
    json::object_into(&mut out, |frame| {
        frame
            .object("head", |head| {
                head.text("servcmd", servcmd).number("seq", seq);
            })
            .raw("body", body);
    });
    out
}

/// The fields that every body begins with.
pub fn outcome(body: &mut Object<'_>, code: u32, info: &str) {
    body.text("ActionStatus", if code == 0 { "OK" } else { "FAIL" });
    body.number("ErrorCode", code).text("ErrorInfo", info);
}

/// A body that says no more than that.
pub fn outcome_body(code: u32, info: &str) -> String {
    json::object(|body| outcome(body, code, info))
}
