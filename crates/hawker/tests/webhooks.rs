//! Webhooks, with a real server at the other end: signed, in order, again and again, and never into private networks.

mod support;

use hawker_core::Time;
use hawker_wire::hook;
use rusqlite::params;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::console::{Console, problem};
use support::receiver::{Receiver, Told};
use support::{APP, Server, now_secs, until};

/// Endpoints may be here, and failures are tried again soon.
const CONFIG: &str = "[webhooks]\nallow_private = true\nwait_first_ms = 10\nwait_secs_max = 1\n";

struct Shop {
    server: Server,
    console: Console,
}

impl Shop {
    fn open(config: &str) -> Self {
        let server = Server::start(config);
        let console = Console::set_up(&server);
        Self { server, console }
    }

    /// A new endpoint.
    fn endpoint(&self, url: &str, events: &[&str]) -> Value {
        self.console.done("POST", "/api/v1/webhooks", &json!({ "url": url, "events": events, "active": true }))
    }

    /// Something happens, as the rules of the shop write it down.
    fn happens(&self, stream: &str, kind: &str, body: &Value) -> i64 {
        let db = self.server.database();
        let sql = "INSERT INTO event (app, stream, kind, at, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        db.execute(sql, params![APP, stream, kind, now_secs() as i64 * 1000, body.to_string()]).unwrap();
        db.last_insert_rowid()
    }

    fn deliveries(&self, hook: &Value, query: &str) -> Vec<Value> {
        let page = self.console.read(&format!("/api/v1/webhooks/{}/deliveries{query}", hook["id"]));
        page["items"].as_array().unwrap().clone()
    }

    /// Waits until nothing waits any more.
    fn settle(&self, hook: &Value) {
        until("everything is delivered or given up", || self.deliveries(hook, "?state=waiting").is_empty());
    }

    fn kill_and_start_again(&mut self) {
        self.server.kill();
        self.server.start_again();
        self.console.addr = self.server.addr;
    }
}

/// The numbers of what was told, by stream.
fn by_stream(told: &[Told]) -> BTreeMap<String, Vec<i64>> {
    let mut streams: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for told in told {
        streams.entry(told.stream().to_owned()).or_default().push(told.id());
    }
    streams
}

#[test]
fn an_event_arrives_signed_and_as_it_was() {
    let shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["order.*"]);
    let secret = hook["secret"].as_str().expect("it is shown once");
    shop.happens("coupon/7", "coupon.claimed", &json!({ "id": 7 }));
    let event = shop.happens("order/12", "order.paid", &json!({ "id": 12, "title": "茶 <script>" }));
    let told = &receiver.wait_for(1)[0];
    assert_eq!(
        told.body,
        json!({
            "id": event, "app": APP, "event": "order.paid", "at": told.body["at"], "stream": "order/12",
            "data": { "id": 12, "title": "茶 <script>" },
        })
    );
    let (timestamp, signature) = (told.header("hawker-timestamp"), told.header("hawker-signature"));
    let now = Time::from_secs(now_secs());
    assert!(hook::is_signed(secret, timestamp, signature, &told.raw, now));
    assert!(!hook::is_signed("another", timestamp, signature, &told.raw, now));
    assert_eq!((told.header("hawker-event"), told.header("content-type")), ("order.paid", "application/json"));
    shop.settle(&hook);
    let delivery = &shop.deliveries(&hook, "?state=delivered")[0];
    assert_eq!(told.header("hawker-delivery"), delivery["id"].to_string());
    assert_eq!(
        (&delivery["event"], &delivery["status"], &delivery["attempts"]),
        (&json!("order.paid"), &json!(200), &json!(1))
    );
    assert_eq!(delivery["answer"], "heard\n");
    assert_eq!(serde_json::from_str::<Value>(delivery["request"].as_str().unwrap()).unwrap(), told.body);
    let listed = &shop.console.read("/api/v1/webhooks")["items"][0];
    assert_eq!(
        (&listed["lastStatus"], &listed["waiting"], &listed["secret"]),
        (&json!(200), &json!(0), &Value::Null)
    );
    assert_eq!(receiver.told().len(), 1, "what it did not ask for it does not hear");
}

#[test]
fn a_failing_endpoint_is_tried_again_and_its_stream_waits() {
    let shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    receiver.answer(&[500, 302, 404]);
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    let first = shop.happens("order/1", "order.created", &json!({}));
    let second = shop.happens("order/1", "order.paid", &json!({}));
    let told = receiver.wait_for(5);
    assert_eq!(told.iter().map(Told::id).collect::<Vec<_>>(), [first, first, first, first, second]);
    let same = |name: &str| told[..4].iter().all(|one| one.header(name) == told[0].header(name));
    assert!(same("hawker-delivery"), "an attempt is no new delivery");
    shop.settle(&hook);
    let deliveries = shop.deliveries(&hook, "");
    assert_eq!(deliveries.iter().map(|one| one["attempts"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 4]);
}

#[test]
fn streams_do_not_wait_for_each_other_and_keep_their_order() {
    let shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    receiver.answer(&[500, 200, 500, 503, 200, 500]);
    let mut want: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for number in 0..60 {
        let stream = format!("order/{}", number % 7);
        want.entry(stream.clone()).or_default().push(shop.happens(&stream, "order.paid", &json!({ "n": number })));
    }
    receiver.wait_for(60 + 4);
    shop.settle(&hook);
    let mut heard = by_stream(&receiver.told());
    for ids in heard.values_mut() {
        assert!(ids.is_sorted(), "{ids:?}");
        ids.dedup();
    }
    assert_eq!(heard, want);
}

#[test]
fn a_delivery_is_given_up_and_can_be_sent_again() {
    let shop = Shop::open(&format!("{CONFIG}attempts_max = 2\n"));
    let receiver = Receiver::start();
    receiver.answer(&[500, 500]);
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    let first = shop.happens("order/1", "order.created", &json!({ "id": 1 }));
    let second = shop.happens("order/1", "order.paid", &json!({ "id": 1 }));
    receiver.wait_for(3);
    shop.settle(&hook);
    let failed = shop.deliveries(&hook, "?state=failed");
    assert_eq!((failed.len(), &failed[0]["status"], &failed[0]["nextAt"]), (1, &json!(500), &json!(0)));
    let again = shop.console.done("POST", &format!("/api/v1/deliveries/{}/resend", failed[0]["id"]), &json!({}));
    assert_eq!((&again["event"], &again["state"]), (&json!("order.created"), &json!("waiting")));
    let told = receiver.wait_for(4);
    assert_eq!(told.iter().map(Told::id).collect::<Vec<_>>(), [first, first, second, first]);
    assert_eq!(told[3].body, told[0].body);
    let missing = shop.console.send("POST", "/api/v1/deliveries/999/resend", &json!({}));
    assert_eq!(problem(&missing), (404, "not_found".into()));
}

#[test]
fn a_test_is_delivered_like_everything_else() {
    let shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["order.*"]);
    shop.console.done("POST", &format!("/api/v1/webhooks/{}/test", hook["id"]), &json!({}));
    let told = &receiver.wait_for(1)[0];
    assert_eq!((told.event(), told.id(), &told.body["data"]), ("webhook.test", 0, &json!({})));
    shop.settle(&hook);
    assert_eq!(shop.deliveries(&hook, "")[0]["state"], "delivered");
}

#[test]
fn what_happens_while_the_endpoint_is_dead_arrives_when_it_is_back() {
    let shop = Shop::open(CONFIG);
    let mut receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    let mut want = vec![shop.happens("order/1", "order.created", &json!({}))];
    receiver.wait_for(1);
    shop.settle(&hook);
    receiver.die();
    want.extend((0..5).map(|_| shop.happens("order/1", "order.paid", &json!({}))));
    until("it was tried", || {
        shop.deliveries(&hook, "?state=waiting").iter().any(|one| one["attempts"].as_u64() > Some(0))
    });
    let waiting = shop.deliveries(&hook, "?state=waiting");
    assert_eq!(waiting.len(), 5);
    let head = waiting.last().unwrap();
    assert_eq!((&head["status"], head["answer"].as_str().unwrap().is_empty()), (&json!(0), false), "{head}");
    assert_eq!(waiting[0]["nextAt"], 0, "it is behind another");
    receiver.come_back();
    let told = receiver.wait_for(6);
    assert_eq!(told.iter().map(Told::id).collect::<Vec<_>>(), want);
}

#[test]
fn nothing_is_lost_and_no_order_changes_when_the_power_goes() {
    let mut shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    let mut want: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for round in 0..6 {
        // Cut while an answer is on its way, or while many are.
        receiver.hold(round % 2 == 0);
        let before = receiver.told().len();
        for number in 0..20 {
            let stream = format!("order/{}", number % 3);
            want.entry(stream.clone()).or_default().push(shop.happens(&stream, "order.paid", &json!({})));
        }
        receiver.wait_for(before + 1);
        shop.kill_and_start_again();
        receiver.hold(false);
    }
    until("everything has arrived", || {
        let mut heard = by_stream(&receiver.told());
        heard.values_mut().for_each(Vec::dedup);
        heard == want
    });
    shop.settle(&hook);
    for ids in by_stream(&receiver.told()).values() {
        assert!(ids.is_sorted(), "again, maybe, but never in another order: {ids:?}");
    }
}

#[test]
fn an_endpoint_that_is_turned_off_or_gone_hears_nothing() {
    let shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    let path = format!("/api/v1/webhooks/{}", hook["id"]);
    let turn = |active: bool| json!({ "url": receiver.url(), "events": ["order.paid"], "active": active });
    shop.console.done("PUT", &path, &turn(false));
    shop.happens("order/1", "order.paid", &json!({}));
    assert_eq!(shop.console.done("PUT", &path, &turn(true))["events"], json!(["order.paid"]));
    let heard = shop.happens("order/1", "order.paid", &json!({}));
    assert_eq!(receiver.wait_for(1)[0].id(), heard);
    shop.console.done("DELETE", &path, &json!({}));
    assert_eq!(problem(&shop.console.send("PUT", &path, &turn(true))), (404, "not_found".into()));
    let other = shop.endpoint(&receiver.url(), &["order.shipped"]);
    shop.happens("order/1", "order.paid", &json!({}));
    let last = shop.happens("order/1", "order.shipped", &json!({}));
    assert_eq!(receiver.wait_for(2).iter().map(Told::id).collect::<Vec<_>>(), [heard, last]);
    shop.settle(&other);
}

#[test]
fn private_addresses_are_refused() {
    let shop = Shop::open("[webhooks]\nwait_first_ms = 10\nwait_secs_max = 1\nattempts_max = 1\n");
    let receiver = Receiver::start();
    for url in
        [receiver.url(), "http://[::1]/".into(), "http://169.254.169.254/latest".into(), "https://10.0.0.1/".into()]
    {
        let body = json!({ "url": url, "events": ["*"], "active": true });
        let reply = shop.console.send("POST", "/api/v1/webhooks", &body);
        assert_eq!(problem(&reply), (422, "private_address".into()), "{url}");
    }
    // A name is only known to be private when it is looked up.
    let hook = shop.endpoint(&format!("http://localhost:{}/hook", receiver.addr.port()), &["*"]);
    shop.happens("order/1", "order.paid", &json!({}));
    until("it is given up", || !shop.deliveries(&hook, "?state=failed").is_empty());
    let failed = &shop.deliveries(&hook, "")[0];
    assert!(failed["answer"].as_str().unwrap().contains("private network"), "{failed}");
    assert!(receiver.told().is_empty());
}

#[test]
fn there_are_only_so_many_endpoints() {
    let shop = Shop::open("[webhooks]\nendpoints_max = 1\n");
    shop.endpoint("https://shop.example/", &["*"]);
    let body = json!({ "url": "https://shop.example/", "events": ["*"], "active": true });
    assert_eq!(problem(&shop.console.send("POST", "/api/v1/webhooks", &body)), (409, "too_many".into()));
}

#[test]
fn what_is_old_is_cleared_away_but_not_the_history_of_orders() {
    let mut shop = Shop::open(CONFIG);
    let receiver = Receiver::start();
    let hook = shop.endpoint(&receiver.url(), &["*"]);
    shop.happens("order/1", "order.paid", &json!({}));
    shop.happens("coupon/1", "coupon.claimed", &json!({}));
    receiver.wait_for(2);
    shop.settle(&hook);
    shop.server.stop();
    let db = shop.server.database();
    let month = 31 * 24 * 3_600_000_i64;
    db.execute("UPDATE event SET at = at - ?1", [month]).unwrap();
    db.execute("UPDATE webhook_delivery SET made_at = made_at - ?1", [month]).unwrap();
    shop.server.start_again();
    shop.console.addr = shop.server.addr;
    until("old deliveries are gone", || shop.deliveries(&hook, "").is_empty());
    let streams: String = db.query_row("SELECT group_concat(stream) FROM event", [], |row| row.get(0)).unwrap();
    assert_eq!(streams, "order/1");
}
