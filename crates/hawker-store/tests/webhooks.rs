//! The tables of webhooks: cursors, the order of streams, what is kept and what is cleared away.

use hawker_core::{AppId, Time};
use hawker_store::{DeliveryState, NewWebhook, Outcome, Queued, Store, Verdict, WebhookTable};
use rusqlite::{Connection, params};
use tempfile::TempDir;

const APP: AppId = AppId(1);
const MANY: (usize, usize) = (1000, 1000);

struct Shop {
    _folder: TempDir,
    db: Connection,
    table: WebhookTable,
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let db = Connection::open(store.path()).unwrap();
        Self { table: store.webhooks().unwrap(), db, _folder: folder }
    }

    fn endpoint(&self) -> i64 {
        let new = NewWebhook {
            app: APP,
            url: "https://shop.example/hook".into(),
            events: "order.*".into(),
            active: true,
            secret: "s".into(),
            created_at: Time(1),
        };
        self.table.add(&new, 9).unwrap().unwrap()
    }

    fn happens(&self, stream: &str, kind: &str, at: u64) -> i64 {
        self.happens_in(APP, stream, kind, at)
    }

    fn happens_in(&self, app: AppId, stream: &str, kind: &str, at: u64) -> i64 {
        let sql = "INSERT INTO event (app, stream, kind, at, body) VALUES (?1, ?2, ?3, ?4, '{\"a\":1}')";
        self.db.execute(sql, params![app.0, stream, kind, at as i64]).unwrap();
        self.db.last_insert_rowid()
    }

    fn queue(&self, webhook: i64, now: u64) -> usize {
        self.table.queue(webhook, Time(now), MANY, |kind| kind.starts_with("order.")).unwrap()
    }

    fn due(&self, webhook: i64, now: u64) -> Vec<i64> {
        let due = self.table.due(webhook, Time(now), 100).unwrap();
        due.into_iter().map(|due| due.event).collect()
    }

    /// What is due first becomes this.
    fn conclude(&self, webhook: i64, at: u64, verdict: Verdict) {
        let due = self.table.due(webhook, Time(at), 1).unwrap();
        let outcome =
            Outcome { delivery: due[0].id, at: Time(at), status: 200, took: 3, answer: "thanks".into(), verdict };
        self.table.conclude(&[outcome]).unwrap();
    }
}

#[test]
fn an_endpoint_hears_what_it_wants_from_now_on_and_each_once() {
    let shop = Shop::open();
    shop.happens("order/1", "order.created", 1);
    let hook = shop.endpoint();
    assert_eq!(shop.queue(hook, 5), 0, "from now on");
    let paid = shop.happens("order/1", "order.paid", 6);
    shop.happens("coupon/1", "coupon.claimed", 6);
    shop.happens_in(AppId(2), "order/1", "order.paid", 6);
    assert_eq!(shop.queue(hook, 7), 3, "decided about all");
    assert_eq!(shop.queue(hook, 7), 0);
    let due = shop.table.due(hook, Time(7), 9).unwrap();
    assert_eq!(due.len(), 1);
    let due = &due[0];
    assert_eq!(
        (due.event, due.stream.as_str(), due.kind.as_str(), due.at, due.body.as_str(), due.attempts),
        (paid, "order/1", "order.paid", Time(6), "{\"a\":1}", 0)
    );
}

#[test]
fn only_the_oldest_of_a_stream_is_due() {
    let shop = Shop::open();
    let hook = shop.endpoint();
    let first = shop.happens("order/1", "order.created", 1);
    let second = shop.happens("order/1", "order.paid", 2);
    let other = shop.happens("order/2", "order.created", 3);
    shop.queue(hook, 10);
    assert!(shop.due(hook, 9).is_empty());
    assert_eq!(shop.due(hook, 10), [first, other]);
    shop.conclude(hook, 11, Verdict::Again(Time(50)));
    assert_eq!(shop.due(hook, 49), [other], "what is behind it waits too");
    assert_eq!(shop.due(hook, 50), [other, first]);
    shop.conclude(hook, 12, Verdict::Delivered);
    shop.conclude(hook, 50, Verdict::Failed);
    assert_eq!(shop.due(hook, 50), [second], "the next, when it was given up");
    let states: Vec<_> = shop
        .table
        .deliveries(hook, None, i64::MAX, 9)
        .unwrap()
        .into_iter()
        .map(|delivery| (delivery.event, delivery.state, delivery.attempts))
        .collect();
    assert_eq!(
        states,
        [
            (other, DeliveryState::Delivered, 1),
            (second, DeliveryState::Waiting, 0),
            (first, DeliveryState::Failed, 2)
        ]
    );
    let listed = shop.table.find(APP, hook).unwrap().unwrap();
    assert_eq!((listed.waiting, listed.last_status, listed.last_at), (1, 200, Time(50)));
}

#[test]
fn a_full_queue_reads_no_further() {
    let shop = Shop::open();
    let hook = shop.endpoint();
    for at in 1..=3 {
        shop.happens(&format!("order/{at}"), "order.created", at);
    }
    let queue = || shop.table.queue(hook, Time(9), (1000, 2), |_| true).unwrap();
    assert_eq!(queue(), 2);
    assert_eq!(queue(), 0);
    assert_eq!(shop.table.test(APP, hook, Time(9), 2).unwrap(), Queued::Full);
    shop.conclude(hook, 9, Verdict::Delivered);
    assert_eq!(queue(), 1);
}

#[test]
fn what_is_sent_again_comes_last_in_its_stream() {
    let shop = Shop::open();
    let hook = shop.endpoint();
    let first = shop.happens("order/1", "order.created", 1);
    shop.queue(hook, 5);
    let delivery = shop.table.due(hook, Time(5), 1).unwrap()[0].id;
    shop.conclude(hook, 5, Verdict::Delivered);
    let second = shop.happens("order/1", "order.paid", 6);
    shop.queue(hook, 6);
    assert_eq!(shop.table.resend(AppId(2), delivery, Time(7), 9).unwrap(), Queued::Missing, "somebody else's");
    let Queued::As(again) = shop.table.resend(APP, delivery, Time(7), 9).unwrap() else { panic!("queued") };
    assert_ne!(again, delivery);
    assert_eq!(shop.due(hook, 7), [second]);
    shop.conclude(hook, 7, Verdict::Delivered);
    assert_eq!(shop.due(hook, 7), [first]);
    assert_eq!(shop.table.delivery(again).unwrap().unwrap().body, "{\"a\":1}");
}

#[test]
fn a_test_tells_of_nothing() {
    let shop = Shop::open();
    let hook = shop.endpoint();
    assert_eq!(shop.table.test(AppId(2), hook, Time(5), 9).unwrap(), Queued::Missing);
    assert!(matches!(shop.table.test(APP, hook, Time(5), 9).unwrap(), Queued::As(_)));
    let due = &shop.table.due(hook, Time(5), 9).unwrap()[0];
    assert_eq!((due.event, due.kind.as_str(), due.body.as_str()), (0, "webhook.test", "{}"));
}

#[test]
fn an_endpoint_that_is_turned_on_again_hears_what_happens_then() {
    let shop = Shop::open();
    let hook = shop.endpoint();
    let change = |active| shop.table.change(APP, hook, "https://other.example/", "order.*", active).unwrap();
    assert!(change(false));
    assert_eq!(shop.table.active().unwrap(), []);
    shop.happens("order/1", "order.created", 1);
    assert!(change(true));
    assert_eq!(shop.table.active().unwrap()[0].url, "https://other.example/");
    assert_eq!(shop.queue(hook, 5), 0);
    let heard = shop.happens("order/1", "order.paid", 2);
    assert!(change(true), "a change that does not turn it on leaves the cursor where it is");
    shop.queue(hook, 5);
    assert_eq!(shop.due(hook, 5), [heard]);
    assert!(shop.table.remove(APP, hook).unwrap());
    assert!(shop.due(hook, 5).is_empty(), "deliveries go with it");
    assert!(!shop.table.remove(APP, hook).unwrap());
}

#[test]
fn old_things_go_and_what_an_order_needs_stays() {
    let shop = Shop::open();
    let hook = shop.endpoint();
    shop.happens("order/1", "order.created", 1);
    shop.happens("coupon/1", "coupon.claimed", 1);
    let events = || -> i64 { shop.db.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap() };
    assert_eq!(shop.table.clear(Time(100), 9).unwrap(), 0, "the endpoint has not decided about them");
    shop.queue(hook, 2);
    shop.table.clear(Time(100), 9).unwrap();
    assert_eq!(events(), 1, "the order's");
    assert_eq!(shop.table.deliveries(hook, None, i64::MAX, 9).unwrap().len(), 1, "it waits");
    shop.conclude(hook, 3, Verdict::Delivered);
    shop.table.clear(Time(2), 9).unwrap();
    assert_eq!(shop.table.deliveries(hook, None, i64::MAX, 9).unwrap().len(), 1, "it is not that old");
    shop.table.clear(Time(100), 9).unwrap();
    assert_eq!(shop.table.deliveries(hook, None, i64::MAX, 9).unwrap(), []);
    assert_eq!(events(), 1);
}
