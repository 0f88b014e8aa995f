//! What is fuzzed. Each module has a `run` that takes bytes and panics when a promise is broken, and `seeds` to begin
//! with. The binaries hand in bytes: `fuzz_targets/` with a fuzzer that sees coverage, `bin/run.rs` without one.

pub mod commands;
pub mod elements;
pub mod engine;
pub mod envelope;
pub mod files;
pub mod media;
pub mod token;
pub mod usersig;
pub mod ws;

/// Something that takes any bytes.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Takes bytes; panics when a promise is broken.
    pub run: fn(&[u8]),
    /// Good inputs, from which bad ones are made.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 9] = [
    Target { name: "ws", run: ws::run, seeds: ws::seeds },
    Target { name: "envelope", run: envelope::run, seeds: envelope::seeds },
    Target { name: "commands", run: commands::run, seeds: commands::seeds },
    Target { name: "elements", run: elements::run, seeds: elements::seeds },
    Target { name: "usersig", run: usersig::run, seeds: usersig::seeds },
    Target { name: "token", run: token::run, seeds: token::seeds },
    Target { name: "files", run: files::run, seeds: files::seeds },
    Target { name: "media", run: media::run, seeds: media::seeds },
    Target { name: "engine", run: engine::run, seeds: engine::seeds },
];

/// Words that inputs are likely to need.
pub const WORDS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "18446744073709551616",
    "4294967296",
    "\\u0000",
    "\\ud800",
    "\\\"",
    "\u{feff}",
    "小美",
    "\u{0}",
    "GroupId",
    "MsgBody",
    "MsgType",
    "MsgContent",
    "TIMTextElem",
    "TIMCustomElem",
    "TIMFaceElem",
    "TIMImageElem",
    "Text",
    "Data",
    "Random",
    "Members_Account",
    "AppDefinedData",
    "Key",
    "Value",
    "head",
    "body",
    "servcmd",
    "group_open_http_svc.",
    "Resume",
];
