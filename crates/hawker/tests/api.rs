//! What the console and applications do beside the shop: rooms, what is said in them, users, pictures, settings.

mod support;

use serde_json::{Value, json};
use std::time::Duration;
use support::console::{self, Console, problem};
use support::http::{self, Reply};
use support::{APP, SECRET, Server, until};

const ROOMS: &str = "/api/v1/rooms";

fn shop(config: &str) -> (Server, Console) {
    let server = Server::start(config);
    let console = Console::set_up(&server);
    (server, console)
}

fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!(problem(reply), (status, code.to_owned()));
}

fn open(console: &Console, id: &str) -> Value {
    console.done(
        "POST",
        ROOMS,
        &json!({ "id": id, "name": "Tea", "owner": "host", "startsAt": 1_700_000_000_000_u64 }),
    )
}

#[test]
fn a_room_is_made_changed_and_closed() {
    let (server, console) = shop("");
    let room = open(&console, "tea");
    assert_eq!(
        room,
        json!({
            "id": "tea", "name": "Tea", "owner": "host", "status": "waiting", "startsAt": 1_700_000_000_000_u64,
            "online": 0, "likes": 0, "messages": 0, "createdAt": room["createdAt"], "notification": "",
            "muteAll": false,
        })
    );
    let mut viewer = server.member("viewer", "tea");
    let changed = console.done(
        "PATCH",
        "/api/v1/rooms/tea",
        &json!({ "name": "Green tea", "status": "live", "notification": "at eight", "muteAll": true, "startsAt": 0 }),
    );
    assert_eq!(
        (&changed["name"], &changed["status"], &changed["online"]),
        (&json!("Green tea"), &json!("live"), &json!(1))
    );
    assert_eq!(
        (&changed["notification"], &changed["muteAll"], &changed["startsAt"]),
        (&json!("at eight"), &json!(true), &json!(0))
    );
    assert_eq!(viewer.say_refused("tea", "hello"), 10017);
    is(&console.send("PATCH", "/api/v1/rooms/tea", &json!({ "status": "over" })), 422, "bad_parameter");
    is(&console.send("PATCH", "/api/v1/rooms/none", &json!({ "name": "x" })), 404, "room_missing");
    is(
        &console.send("POST", ROOMS, &json!({ "id": "tea", "name": "x", "owner": "host" })),
        409,
        "room_taken_by_you",
    );
    is(&console.send("POST", ROOMS, &json!({ "id": "@TGS#x", "name": "x" })), 422, "bad_room_id");
    is(&console.send("POST", ROOMS, &json!({ "name": "" })), 422, "bad_parameter");
    is(&console.send("POST", ROOMS, &json!({ "name": "x".repeat(31) })), 422, "too_long");
    let made = console.done("POST", ROOMS, &json!({ "name": "nameless" }));
    assert_eq!(made["owner"], "host");
    console.done("DELETE", "/api/v1/rooms/tea", &json!({}));
    is(&console.get("/api/v1/rooms/tea/comments"), 404, "room_missing");
    assert_eq!(console.read(ROOMS)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn rooms_are_listed_newest_first_in_pages() {
    let (_server, console) = shop("");
    for id in ["a", "b", "c", "green_1"] {
        open(&console, id);
    }
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = console.read("/api/v1/rooms?limit=3");
    let next = first["next"].as_str().unwrap();
    let rest = console.read(&format!("/api/v1/rooms?limit=3&cursor={next}"));
    assert_eq!(rest["next"], Value::Null);
    let mut all = ids(&first);
    all.extend(ids(&rest));
    all.sort_unstable();
    assert_eq!(all, ["a", "b", "c", "green_1"]);
    assert_eq!(ids(&console.read("/api/v1/rooms?q=een_")), ["green_1"]);
    is(&console.get("/api/v1/rooms?cursor=x"), 422, "bad_parameter");
}

#[test]
fn strangers_see_of_a_room_what_they_always_saw() {
    let (server, console) = shop("");
    open(&console, "tea");
    let public = http::ask(server.addr, "GET", "/api/v1/rooms/tea", &[], b"").json();
    assert_eq!(
        (&public["name"], &public["createdAt"], &public["owner"]),
        (&json!("Tea"), &Value::Null, &Value::Null)
    );
    let own = console.read("/api/v1/rooms/tea");
    assert_eq!((&own["status"], &own["owner"], &own["pinned"]), (&json!("waiting"), &json!("host"), &json!([])));
    let key = console.key(&["rooms:read"]);
    assert_eq!(key.send("GET", "/api/v1/rooms/tea", &json!({})).json()["id"], "tea");
    let other = console.key(&["orders:read"]);
    assert_eq!(other.send("GET", "/api/v1/rooms/tea", &json!({})).json()["id"], Value::Null);
    assert_eq!(http::ask(server.addr, "GET", "/api/v1/rooms/none", &[], b"").status, 404);
}

#[test]
fn the_shop_speaks_and_takes_back_what_was_said() {
    let (server, console) = shop("");
    open(&console, "tea");
    let mut viewer = server.member("viewer", "tea");
    viewer.say("tea", "<b>hello</b>");
    let said = console.done("POST", "/api/v1/rooms/tea/comments", &json!({ "text": "welcome 欢迎" }));
    viewer.hear("welcome 欢迎");
    is(&console.send("POST", "/api/v1/rooms/tea/comments", &json!({ "text": " " })), 422, "bad_parameter");
    // Chat is written soon, not before it is heard.
    let comments = || console.read("/api/v1/rooms/tea/comments")["items"].as_array().unwrap().clone();
    until("both are kept", || comments().len() == 2);
    let listed = comments();
    assert_eq!((&listed[0]["text"], &listed[0]["user"]), (&json!("<b>hello</b>"), &json!("viewer")));
    assert_eq!((&listed[1]["seq"], &listed[1]["text"]), (&said["seq"], &json!("welcome 欢迎")));
    let path = format!("/api/v1/rooms/tea/comments/{}", listed[0]["seq"]);
    console.done("DELETE", &path, &json!({}));
    until("it is gone", || comments().len() == 1);
    is(&console.send("DELETE", &path, &json!({})), 404, "message_missing");
}

#[test]
fn who_misbehaves_is_muted_and_sent_out() {
    let (server, console) = shop("");
    open(&console, "tea");
    let mut bad = server.member("bad", "tea");
    let mut worse = server.member("worse", "tea");
    console.done("POST", "/api/v1/rooms/tea/mute", &json!({ "user": "bad", "secs": 600 }));
    assert_eq!(bad.say_refused("tea", "hello"), 10017);
    console.done("POST", "/api/v1/rooms/tea/mute", &json!({ "user": "for ever", "secs": u32::MAX }));
    console.done("POST", "/api/v1/rooms/tea/ban", &json!({ "user": "worse", "secs": 600 }));
    assert_eq!(worse.say_refused("tea", "hello"), 10007);
    let sanctions = console.read("/api/v1/rooms/tea/sanctions");
    assert_eq!((&sanctions["muted"][0]["user"], &sanctions["banned"][0]["user"]), (&json!("bad"), &json!("worse")));
    assert!(sanctions["muted"][0]["until"].as_u64() > Some(support::now_secs() * 1000));
    assert_eq!(sanctions["muted"][1], json!({ "user": "for ever", "until": 0 }));
    console.done("POST", "/api/v1/rooms/tea/mute", &json!({ "user": "bad", "secs": 0 }));
    bad.say("tea", "hello again");
    let entry = &console.read("/api/v1/audit")["items"][0];
    assert_eq!((&entry["what"], &entry["about"]), (&json!("room.muted"), &json!("tea bad 0")));
}

#[test]
fn the_studio_link_signs_the_owner_in() {
    let (_server, console) = shop("");
    let room = console.done("POST", ROOMS, &json!({ "id": "tea & cake", "name": "Tea", "owner": "mei&co" }));
    assert_eq!(room["owner"], "mei&co");
    let link = console.done("POST", "/api/v1/rooms/tea%20%26%20cake/studio-link", &json!({}));
    let url = link["url"].as_str().unwrap();
    let values = url.strip_prefix("http://hawker/studio#").expect("our own page");
    let (room_and_user, sig) = values.split_once("&sig=").unwrap();
    assert_eq!(room_and_user, "room=tea+%26+cake&user=mei%26co");
    let now = hawker_core::Time::from_secs(support::now_secs());
    let verified = hawker_wire::usersig::verify(hawker_core::AppId(APP), SECRET, "mei&co", sig, now).expect("good");
    assert_eq!(verified.expires_at.since(now).as_secs().div_ceil(3600), 24);
    console.done("PATCH", "/api/v1/rooms/tea%20%26%20cake", &json!({ "status": "live" }));
    is(&console.send("POST", "/api/v1/rooms/none/studio-link", &json!({})), 404, "room_missing");
}

#[test]
fn users_are_found_and_sent_away() {
    let (server, console) = shop("");
    let mut mei = server.user("mei");
    let items = json!([{ "Tag": "Tag_Profile_IM_Nick", "Value": "小美" }]);
    mei.ok("profile.portrait_set", &json!({ "ProfileItem": items }));
    server.rest_ok("im_open_login_svc/account_import", &json!({ "UserID": "lan" }));
    let users = console.read("/api/v1/users");
    assert_eq!(users["items"][0], json!({ "user": "lan", "nick": "", "avatar": "", "online": false }));
    let found = console.read("/api/v1/users?q=%E5%B0%8F");
    assert_eq!(found["items"], json!([{ "user": "mei", "nick": "小美", "avatar": "", "online": true }]));
    console.done("POST", "/api/v1/users/mei/kick", &json!({}));
    assert_eq!(console.read("/api/v1/users?q=mei")["items"][0]["online"], false);
    is(&console.send("POST", "/api/v1/users/nobody/kick", &json!({})), 404, "account_missing");
}

fn put_picture(mei: &Console, kind: &str, bytes: &[u8]) -> Reply {
    let headers = [("Cookie", &*mei.cookie), ("X-CSRF-Token", &mei.csrf), ("Content-Type", kind)];
    console::ask(mei.addr, "POST", "/api/v1/pictures", &headers, bytes)
}

fn png() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

#[test]
fn pictures_of_the_shop_stay() {
    let (mut server, console) = shop("[files]\nkeep_days = 1\nuser_bytes_max = 10\nsweep_secs = 1\n");
    let reply = put_picture(&console, "image/png", &png());
    assert_eq!(reply.status, 201, "{}", reply.text());
    let made = reply.json();
    let path = made["url"].as_str().unwrap().strip_prefix("http://hawker").unwrap().to_owned();
    let get = |server: &Server| http::ask(server.addr, "GET", &path, &[], b"");
    assert_eq!((get(&server).status, get(&server).header("content-type")), (200, Some("image/png")));
    server.stop();
    let age = Duration::from_secs(400 * 24 * 3600).as_millis() as i64;
    server.database().execute("UPDATE file SET made_at = made_at - ?1", [age]).unwrap();
    server.start_again();
    let console = Console { addr: server.addr, ..console };
    assert_eq!(get(&server).status, 200, "however old it is");
    is(&put_picture(&console, "image/png", b"not a picture at all"), 422, "bad_picture");
    is(&put_picture(&console, "image/png", b""), 422, "bad_picture");
    is(&put_picture(&console, "image/svg+xml", b"<svg/>"), 415, "bad_content_type");
    let stranger = http::ask(server.addr, "POST", "/api/v1/pictures", &[("Content-Type", "image/png")], &png());
    is(&stranger, 401, "not_logged_in");
}

#[test]
fn a_write_with_a_key_is_done_once() {
    let (_server, console) = shop("");
    let send = |mei: &Console, key: &str, name: &str| {
        let headers = [
            ("Cookie", &*mei.cookie),
            ("X-CSRF-Token", &mei.csrf),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", key),
        ];
        console::ask(mei.addr, "POST", ROOMS, &headers, json!({ "name": name }).to_string().as_bytes())
    };
    let first = send(&console, "k1", "Tea");
    let again = send(&console, "k1", "Tea");
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(console.read(ROOMS)["items"].as_array().unwrap().len(), 1);
    is(&send(&console, "k1", "Coffee"), 409, "key_reused");
    is(&send(&console, &"k".repeat(65), "Tea"), 422, "bad_parameter");
    assert_eq!(send(&console, "k2", "").status, 422);
    assert_eq!(send(&console, "k2", "").status, 422, "what was refused did not happen");
    let entries = console.read("/api/v1/audit")["items"].as_array().unwrap().len();
    assert_eq!(entries, 2, "set up, and one room");
}

#[test]
fn settings_tell_no_secrets() {
    let (_server, console) = shop("");
    let settings = console.read("/api/v1/settings");
    assert_eq!((&settings["app"], &settings["currency"]), (&json!(APP), &json!("CNY")));
    assert_eq!(settings["apps"][0], json!({ "id": APP, "admins": ["administrator"] }));
    assert_eq!(settings["urls"]["studio"], "http://hawker/studio");
    assert!(settings["limits"]["room.messages_per_second"].is_u64());
    assert!(!settings.to_string().contains(SECRET));
}

#[test]
fn the_description_is_served() {
    let server = Server::start("");
    let served = http::ask(server.addr, "GET", "/api/v1/openapi.json", &[], b"");
    assert_eq!((served.status, &served.json()["openapi"]), (200, &json!("3.1.0")));
}
