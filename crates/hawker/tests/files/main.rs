//! Pictures and other files: put to signed addresses, checked, kept, sent, and cleared away.
//!
//! What does not depend on where files are kept is run twice: with the data folder, and with an S3-compatible store.

mod bounds;
mod grants;
mod keeping;
mod refused;
mod sent;
#[path = "../support/mod.rs"]
mod support;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::{Value, json};
use std::fs;
use std::io::Cursor;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;
use support::http::{self, Exchange, Reply};
use support::s3::Store;
use support::{ADMIN, APP, SECRET, Server, Wire, rest, sig, until};

const ROOM: &str = "live_42";
const SIGN: &str = "im_cos_msg.pre_sig";
const SEND: &str = "group_open_http_svc.send_group_msg";
const IMAGE: u32 = 1;
const VIDEO: u32 = 2;
const SOUND: u32 = 3;
const OTHER: u32 = 255;

/// Runs a test with each kind of store.
fn with_each_store(config: &str, test: impl Fn(&mut Server)) {
    test(&mut Server::start(config));
    let store = Store::start();
    test(&mut Server::start(&format!("{config}\n{}", store.config())));
    assert_eq!(store.refused(), Vec::<String>::new(), "every request was signed well");
    assert!(!store.seen().is_empty(), "it was used");
}

/// Asks for an address.
fn signed(wire: &mut Wire, kind: u32, name: &str) -> Value {
    wire.ok(SIGN, &json!({ "file_type": kind, "file_name": name, "upload_method": 0, "Duration": 900 }))
}

/// Path and query of an address on this server.
fn target(answer: &Value, field: &str) -> String {
    let url = answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer}"));
    url.strip_prefix("http://hawker").unwrap_or_else(|| panic!("{url}")).to_owned()
}

fn put_to(server: &Server, answer: &Value, bytes: &[u8]) -> Reply {
    http::ask(server.addr, "PUT", &target(answer, "upload_url"), &[], bytes)
}

fn get(server: &Server, target: &str) -> Reply {
    http::ask(server.addr, "GET", target, &[], b"")
}

/// Puts a file that must be taken; the answer to `pre_sig`.
fn put(server: &Server, wire: &mut Wire, kind: u32, name: &str, bytes: &[u8]) -> Value {
    let answer = signed(wire, kind, name);
    let reply = put_to(server, &answer, bytes);
    assert_eq!(reply.status, 200, "{}", reply.text());
    answer
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).expect("memory takes everything");
    out.into_inner()
}

fn picture(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x / 7 * y) as u8])).into()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Png)
}

fn size(bytes: &[u8]) -> (u32, u32) {
    let image = image::load_from_memory(bytes).expect("a picture");
    (image.width(), image.height())
}

fn mp4(bytes: usize) -> Vec<u8> {
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    film.extend((film.len()..bytes).map(|at| (at % 251) as u8));
    film
}

/// Nothing is stored, and nothing is left of what came in.
fn must_be_empty(server: &Server) {
    let count = |folder: &Path| fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(count(&server.data().join("files")), 0, "files");
    assert_eq!(count(&server.data().join("incoming")), 0, "what came in");
    assert_eq!(rows(server), 0, "rows");
}

fn rows(server: &Server) -> i64 {
    server.database().query_row("SELECT count(*) FROM file", [], |row| row.get(0)).expect("a number")
}

fn under_way(server: &Server) -> i64 {
    server.metric("hawker_uploads_open")
}

/// Makes all files older than they are, in a server that does not run.
fn age(server: &Server, by: Duration) {
    let aged = server.database().execute("UPDATE file SET made_at = made_at - ?1", [by.as_millis() as i64]);
    assert!(aged.expect("it can be changed") > 0);
}
