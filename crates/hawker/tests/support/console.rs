//! The console as a browser uses it, and the API as an application does.

use super::http::{self, Reply};
use super::{Server, schema};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// A password that is good.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Console {
    pub addr: SocketAddr,
    /// The cookie, as `name=value`.
    pub cookie: String,
    /// What goes along with writes.
    pub csrf: String,
}

impl Console {
    /// Uses the link of the first start: `mei` is there afterwards, and logged in.
    pub fn set_up(server: &Server) -> Self {
        let link = server.console_link.as_deref().expect("nobody is set up");
        let body = json!({ "token": token(link), "name": "mei", "password": PASSWORD });
        Self::of(server.addr, &post(server.addr, "/api/v1/console/setup", &body))
    }

    /// Logs in.
    pub fn login(server: &Server, name: &str, password: &str) -> Self {
        Self::of(server.addr, &login(server.addr, name, password))
    }

    /// What an answer to a login gives.
    pub fn of(addr: SocketAddr, reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.text());
        let cookie = reply.header("set-cookie").expect("a cookie").split(';').next().unwrap().to_owned();
        let csrf = reply.json()["csrf"].as_str().expect("a token").to_owned();
        Self { addr, cookie, csrf }
    }

    pub fn get(&self, path: &str) -> Reply {
        ask(self.addr, "GET", path, &[("Cookie", &self.cookie)], b"")
    }

    /// What is there.
    pub fn read(&self, path: &str) -> Value {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        let headers = [("Cookie", &*self.cookie), ("X-CSRF-Token", &self.csrf), JSON];
        ask(self.addr, method, path, &headers, body.to_string().as_bytes())
    }

    /// A write that must succeed.
    pub fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.send(method, path, body);
        assert!((200..300).contains(&reply.status), "{method} {path}: {}", reply.text());
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    /// A new key with these scopes.
    pub fn key(&self, scopes: &[&str]) -> App {
        let made = self.done("POST", "/api/v1/api-keys", &json!({ "name": "till", "scopes": scopes }));
        App { addr: self.addr, key: made["key"].as_str().expect("it is shown once").to_owned() }
    }
}

/// An application with a key.
pub struct App {
    pub addr: SocketAddr,
    pub key: String,
}

impl App {
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        let bearer = format!("Bearer {}", self.key);
        ask(self.addr, method, path, &[("Authorization", &bearer), JSON], body.to_string().as_bytes())
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The token of a link.
pub fn token(link: &str) -> &str {
    link.split_once("/console#setup=").expect("a link").1.trim()
}

/// Asks to log in.
pub fn login(addr: SocketAddr, name: &str, password: &str) -> Reply {
    post(addr, "/api/v1/console/login", &json!({ "name": name, "password": password }))
}

/// Asks, and holds the answer against the description of the API.
pub fn ask(addr: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let reply = http::ask(addr, method, path, headers, body);
    schema::must_match(method, path, &reply);
    reply
}

/// Posts as nobody.
pub fn post(addr: SocketAddr, path: &str, body: &Value) -> Reply {
    ask(addr, "POST", path, &[JSON], body.to_string().as_bytes())
}

/// Status and code of a problem, which must look like one.
pub fn problem(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{}", reply.text());
    let problem = reply.json();
    let code = problem["code"].as_str().expect("a code").to_owned();
    assert_eq!(problem["type"], format!("/docs/errors#{code}"));
    assert_eq!(problem["status"], reply.status);
    assert!(!problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty());
    (reply.status, code)
}
