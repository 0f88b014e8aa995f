//! The console over HTTP: the first link, logins, sessions, keys, and what is entered in the audit log.

mod support;

use serde_json::{Value, json};
use std::process::Command;
use support::console::{App, Console, PASSWORD, login, post, problem, token};
use support::http::{self, Reply};
use support::{Server, until};

const SETUP: &str = "/api/v1/console/setup";
const ME: &str = "/api/v1/console/me";
const USERS: &str = "/api/v1/console/users";

fn state(server: &Server) -> Value {
    http::ask(server.addr, "GET", "/api/v1/console/state", &[], b"").json()
}

fn refused(reply: &Reply) -> (u16, String) {
    problem(reply)
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn the_first_link_sets_up_once() {
    let mut server = Server::start("");
    assert_eq!(state(&server), json!({ "setUp": false, "development": false }));
    let first = server.console_link.clone().unwrap();
    server.stop();
    server.start_again();
    let link = server.console_link.clone().expect("a new one at each start, until somebody is set up");
    let body = |link: &str, name: &str| json!({ "token": token(link), "name": name, "password": PASSWORD });
    assert_eq!(refused(&post(server.addr, SETUP, &body(&first, "evil"))), is(403, "wrong_token"));
    assert_eq!(refused(&post(server.addr, SETUP, &body("/console#setup=x", "evil"))), is(403, "wrong_token"));
    let short = json!({ "token": token(&link), "name": "mei", "password": "short" });
    let reply = post(server.addr, SETUP, &short);
    assert_eq!(refused(&reply), is(422, "bad_parameter"));
    assert_eq!(reply.json()["fields"][0]["field"], "password");
    let console = Console::of(server.addr, &post(server.addr, SETUP, &body(&link, " mei ")));
    assert_eq!(console.read(ME)["name"], "mei");
    assert_eq!(refused(&post(server.addr, SETUP, &body(&link, "evil"))), is(403, "wrong_token"));
    assert_eq!(state(&server)["setUp"], true);
    server.stop();
    server.start_again();
    assert_eq!(server.console_link, None);
    let console = Console { addr: server.addr, ..console };
    assert_eq!(console.read(USERS)["items"].as_array().unwrap().len(), 1);
    assert!(!server.log().contains(token(&link)), "the log holds no links");
}

#[test]
fn who_is_locked_out_asks_the_machine_for_a_link() {
    let server = Server::start("");
    let before = Console::set_up(&server);
    let mut command = Command::new(env!("CARGO_BIN_EXE_hawker"));
    command.arg("console-link").arg("--data").arg(server.data()).arg("--config").arg(server.config());
    let output = command.output().expect("it can be started");
    let link = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && link.starts_with("http://"), "{link}");
    let body = json!({ "token": token(&link), "name": "mei", "password": "another password" });
    let now = Console::of(server.addr, &post(server.addr, SETUP, &body));
    assert_eq!(refused(&before.get(ME)), is(401, "session_ended"));
    assert_eq!(refused(&login(server.addr, "mei", PASSWORD)), is(401, "wrong_password"));
    assert_eq!(now.read(ME)["name"], "mei");
}

#[test]
fn a_login_gives_a_cookie_that_pages_of_others_cannot_use() {
    let server = Server::start("[files]\ntrust_forwarded = true\n[shop]\ncurrency = 'EUR'\ndevelopment = true\n");
    Console::set_up(&server);
    let reply = login(server.addr, "mei", PASSWORD);
    let cookie = reply.header("set-cookie").unwrap();
    for part in ["hawker_console=", "Path=/", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "over plain HTTP it would not come back");
    let me = reply.json();
    assert_eq!(
        (&me["currency"], &me["development"], &me["app"]),
        (&json!("EUR"), &json!(true), &json!(support::APP))
    );
    let expected = (support::now_secs() + 12 * 3600) * 1000;
    assert!(me["expiresAt"].as_u64().unwrap().abs_diff(expected) < 60_000, "{me}");
    for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
        assert_eq!(reply.header(name), Some(value));
    }
    let body = json!({ "name": "mei", "password": PASSWORD }).to_string();
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "shop.example"),
    ];
    let reply = http::ask(server.addr, "POST", "/api/v1/console/login", &headers, body.as_bytes());
    assert!(reply.header("set-cookie").unwrap().contains("; Secure"));
    let form =
        http::ask(server.addr, "POST", "/api/v1/console/login", &[("Content-Type", "text/plain")], body.as_bytes());
    assert_eq!(refused(&form), is(415, "bad_content_type"));
}

#[test]
fn guessing_has_to_wait_and_names_are_not_told_apart() {
    let server = Server::start("");
    let owner = Console::set_up(&server);
    for name in ["mei", "nobody"] {
        for _ in 0..5 {
            assert_eq!(refused(&login(server.addr, name, "wrong password")), is(401, "wrong_password"));
        }
        let reply = login(server.addr, name, "wrong password");
        assert_eq!(refused(&reply), is(429, "too_often"), "{name}");
        assert!(reply.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    }
    assert_eq!(owner.read(ME)["name"], "mei", "who is in stays in");
    until("the wait is over", || login(server.addr, "mei", PASSWORD).status == 200);
}

#[test]
fn a_write_without_its_token_is_refused() {
    let server = Server::start("");
    let console = Console::set_up(&server);
    let body = json!({ "name": "lan", "password": PASSWORD });
    for csrf in ["", "x", &console.csrf[1..]] {
        let forged = Console { csrf: csrf.to_owned(), ..console.clone() };
        assert_eq!(refused(&forged.send("POST", USERS, &body)), is(403, "csrf"));
        assert_eq!(refused(&forged.send("DELETE", "/api/v1/console/users/mei", &json!({}))), is(403, "csrf"));
    }
    let other = Console::login(&server, "mei", PASSWORD);
    let mixed = Console { csrf: other.csrf, ..console.clone() };
    assert_eq!(refused(&mixed.send("POST", USERS, &body)), is(403, "csrf"), "that of another session");
    assert_eq!(console.send("POST", USERS, &body).status, 201);
}

#[test]
fn sessions_end() {
    let mut server = Server::start("");
    let console = Console::set_up(&server);
    assert_eq!(refused(&http::ask(server.addr, "GET", ME, &[], b"")), is(401, "not_logged_in"));
    let forged = Console { cookie: "hawker_console=x".into(), ..console.clone() };
    assert_eq!(refused(&forged.get(ME)), is(401, "session_ended"));
    assert_eq!(console.send("POST", "/api/v1/console/logout", &json!({})).status, 204);
    assert_eq!(refused(&console.get(ME)), is(401, "session_ended"));

    let hour = 3_600_000;
    for (used, made) in [(13 * hour, 13 * hour), (0, 8 * 24 * hour)] {
        let console = Console::login(&server, "mei", PASSWORD);
        assert_eq!(console.get(ME).status, 200);
        server.stop();
        let aged = "UPDATE console_session SET used_at = used_at - ?1, made_at = made_at - ?2";
        server.database().execute(aged, [used, made]).unwrap();
        server.start_again();
        let console = Console { addr: server.addr, ..console };
        assert_eq!(refused(&console.get(ME)), is(401, "session_ended"));
    }
    let console = Console::login(&server, "mei", PASSWORD);
    server.kill();
    server.start_again();
    let console = Console { addr: server.addr, ..console };
    assert_eq!(console.get(ME).status, 200, "a restart ends no session");
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let server = Server::start("");
    let console = Console::set_up(&server);
    let other = Console::login(&server, "mei", PASSWORD);
    let change =
        |old: &str, new: &str| console.send("POST", "/api/v1/console/password", &json!({ "old": old, "new": new }));
    let reply = change("not the old one", "a new password");
    assert_eq!(refused(&reply), is(403, "wrong_password"));
    assert_eq!(reply.json()["fields"][0]["field"], "old");
    assert_eq!(refused(&change(PASSWORD, "short")), is(422, "bad_parameter"));
    assert_eq!(other.get(ME).status, 200);
    assert_eq!(change(PASSWORD, "a new password").status, 204);
    assert_eq!(refused(&other.get(ME)), is(401, "session_ended"));
    assert_eq!(console.get(ME).status, 200);
    assert_eq!(login(server.addr, "mei", "a new password").status, 200);
}

#[test]
fn users_come_and_go_and_the_last_one_stays() {
    let server = Server::start("");
    let mei = Console::set_up(&server);
    mei.done("POST", USERS, &json!({ "name": "阿兰", "password": PASSWORD }));
    assert_eq!(
        refused(&mei.send("POST", USERS, &json!({ "name": "阿兰", "password": PASSWORD }))),
        is(409, "name_taken")
    );
    let lan = Console::login(&server, "阿兰", PASSWORD);
    for bad in [json!({ "name": "", "password": PASSWORD }), json!({ "name": "a\nb", "password": PASSWORD })] {
        assert_eq!(refused(&mei.send("POST", USERS, &bad)), is(422, "bad_parameter"));
    }
    lan.done("DELETE", "/api/v1/console/users/mei", &json!({}));
    assert_eq!(refused(&mei.get(ME)), is(401, "session_ended"));
    assert_eq!(refused(&lan.send("DELETE", "/api/v1/console/users/mei", &json!({}))), is(404, "not_found"));
    let last = lan.send("DELETE", "/api/v1/console/users/%E9%98%BF%E5%85%B0", &json!({}));
    assert_eq!(refused(&last), is(409, "last_user"));
}

#[test]
fn a_key_may_do_what_its_scopes_say_and_nothing_else() {
    let server = Server::start("");
    let console = Console::set_up(&server);
    let reader = console.key(&["webhooks:read", "webhooks:read", "orders:write"]);
    assert!(reader.key.starts_with("hk_"));
    assert_eq!(reader.send("GET", "/api/v1/webhooks", &json!({})).status, 200);
    let hook = json!({ "url": "https://shop.example/hook", "events": ["order.*"], "active": true });
    assert_eq!(refused(&reader.send("POST", "/api/v1/webhooks", &hook)), is(403, "scope_missing"));
    for path in [ME, USERS, "/api/v1/api-keys", "/api/v1/audit"] {
        assert_eq!(refused(&reader.send("GET", path, &json!({}))), is(403, "console_only"), "{path}");
    }
    let writer = console.key(&["webhooks:write"]);
    assert_eq!(writer.send("POST", "/api/v1/webhooks", &hook).status, 201);
    assert_eq!(refused(&writer.send("GET", "/api/v1/webhooks", &json!({}))), is(403, "scope_missing"));
    let forged = App { addr: server.addr, key: format!("{}x", writer.key) };
    assert_eq!(refused(&forged.send("GET", "/api/v1/webhooks", &json!({}))), is(401, "bad_key"));

    let keys = console.read("/api/v1/api-keys");
    let keys = keys["items"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[1]["scopes"], json!(["orders:write", "webhooks:read"]));
    assert!(keys.iter().all(|key| key["key"].is_null() && key["lastUsedAt"].as_u64() > Some(0)), "{keys:?}");
    console.done("DELETE", &format!("/api/v1/api-keys/{}", keys[1]["id"]), &json!({}));
    assert_eq!(refused(&reader.send("GET", "/api/v1/webhooks", &json!({}))), is(401, "bad_key"));
    for bad in [
        json!({ "name": "a", "scopes": [] }),
        json!({ "name": "a", "scopes": ["all"] }),
        json!({ "name": " ", "scopes": ["orders:read"] }),
    ] {
        assert_eq!(refused(&console.send("POST", "/api/v1/api-keys", &bad)), is(422, "bad_parameter"), "{bad}");
    }
}

#[test]
fn every_change_is_entered_and_nothing_else() {
    let server = Server::start("[files]\ntrust_forwarded = true\n");
    let console = Console::set_up(&server);
    let app = console.key(&["webhooks:write"]);
    app.send(
        "POST",
        "/api/v1/webhooks",
        &json!({ "url": "https://shop.example/", "events": ["*"], "active": true }),
    );
    let headers = [
        ("Cookie", &*console.cookie),
        ("X-CSRF-Token", &console.csrf),
        ("X-Forwarded-For", "10.1.1.1, 203.0.113.9"),
        ("Content-Type", "application/json"),
    ];
    assert_eq!(http::ask(server.addr, "DELETE", "/api/v1/webhooks/1", &headers, b"").status, 204);
    console.send("DELETE", "/api/v1/webhooks/1", &json!({}));
    console.get("/api/v1/webhooks");
    let page = console.read("/api/v1/audit?limit=3");
    let entries: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| ["who", "what", "about", "from"].map(|field| entry[field].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(entries[0], ["mei", "webhook.removed", "1", "203.0.113.9"]);
    assert_eq!(entries[1], ["key till", "webhook.added", "1 https://shop.example/", "127.0.0.1"]);
    assert_eq!(entries[2], ["mei", "api_key.added", "1 till webhooks:write", "127.0.0.1"]);
    let rest = console.read(&format!("/api/v1/audit?cursor={}", page["next"].as_str().unwrap()));
    let rest = rest["items"].as_array().unwrap();
    assert_eq!((rest.len(), &rest[0]["what"]), (1, &json!("console.set_up")));
}

#[test]
fn what_cannot_be_read_is_told_where() {
    let server = Server::start("");
    let console = Console::set_up(&server);
    let headers =
        [("Cookie", &*console.cookie), ("X-CSRF-Token", &console.csrf), ("Content-Type", "application/json")];
    let post = |body: &str| http::ask(server.addr, "POST", "/api/v1/webhooks", &headers, body.as_bytes());
    assert_eq!(refused(&post("{")), is(400, "bad_request"));
    assert_eq!(refused(&post("")), is(400, "bad_request"));
    for (body, field) in [
        (r#"{"url":"https://a.example/","events":["*"]}"#, "active"),
        (r#"{"url":7,"events":["*"],"active":true}"#, "url"),
        (r#"{"url":"https://a.example/","events":["*",7],"active":true}"#, "events[1]"),
        (r#"{"url":"a.example","events":["*"],"active":true}"#, "url"),
        (r#"{"url":"https://a.example/","events":["Order"],"active":true}"#, "events"),
        (r#"{"url":"https://a.example/","events":[],"active":true}"#, "events"),
    ] {
        let reply = post(body);
        assert_eq!(refused(&reply), is(422, "bad_parameter"), "{body}");
        assert_eq!(reply.json()["fields"][0]["field"], field);
    }
    assert_eq!(refused(&post(&format!("\"{}\"", "a".repeat(2 << 20)))), is(413, "too_large"));
    assert_eq!(refused(&console.get("/api/v1/audit?limit=1000")), is(422, "bad_parameter"));
    assert_eq!(refused(&console.get("/api/v1/audit?limit=x")), is(400, "bad_request"));
    assert_eq!(refused(&console.get("/api/v1/nothing")), is(404, "not_found"));
    assert_eq!(refused(&console.get("/api/v1/webhooks/x/deliveries")), is(404, "not_found"));
    assert_eq!(refused(&console.send("PUT", "/api/v1/webhooks", &json!({}))), is(405, "method_not_allowed"));
    let app = http::ask(server.addr, "GET", "/api/v1/app", &[], b"");
    assert_eq!(app.json()["sdkAppID"], support::APP, "what was open stays open");
}
