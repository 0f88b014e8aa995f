//! Gifts and wallets.

use super::*;

#[test]
fn gifts_are_offered_changed_and_withdrawn() {
    let (server, console) = shop();
    let gifts = console.read("/api/v1/gifts");
    assert_eq!(gifts["items"][0]["id"], "rose");
    let draft = json!({ "name": "星星", "nameEn": "Star", "coins": 3, "picture": "/files/a/s.png", "state": "on" });
    let saved = console.done("PUT", "/api/v1/gifts/star", &draft);
    assert_eq!((&saved["id"], &saved["nameEn"], &saved["coins"]), (&json!("star"), &json!("Star"), &json!(3)));
    assert_eq!(last_entry(&console), ("gift.saved".into(), "star".into()));
    let offered = |wire: &mut Wire| wire.ok("live_shop.get_gifts", &json!({}))["Items"].as_array().unwrap().len();
    let mut ann = server.user("ann");
    assert_eq!(offered(&mut ann), 9);
    let mut off = draft.clone();
    off["state"] = json!("off");
    console.done("PUT", "/api/v1/gifts/star", &off);
    assert_eq!(offered(&mut ann), 8);
    let kept = console.read("/api/v1/gifts")["items"].clone();
    assert!(kept.as_array().unwrap().iter().any(|gift| gift["id"] == "star" && gift["state"] == "off"));
    for (field, value, code) in [
        ("coins", json!(0), "bad_amount"),
        ("coins", json!(-3), "bad_amount"),
        ("name", json!(""), "bad_parameter"),
        ("picture", json!("javascript:alert(1)"), "bad_parameter"),
        ("state", json!("sometimes"), "bad_parameter"),
        ("more", json!(1), "bad_parameter"),
    ] {
        let mut body = draft.clone();
        body[field] = value;
        is(&console.send("PUT", "/api/v1/gifts/star", &body), 422, code);
    }
}

#[test]
fn wallets_are_corrected_and_say_why() {
    let (server, console) = shop();
    let _ann = server.user("ann");
    let _bob = server.user("bob");
    let adjust = |user: &str, change: i64, reason: &str| {
        console.send(
            "POST",
            &format!("/api/v1/wallets/{user}/adjust"),
            &json!({ "change": change, "reason": reason }),
        )
    };
    let wallet = adjust("ann", 100, "welcome").json();
    assert_eq!((&wallet["user"], &wallet["coins"]), (&json!("ann"), &json!(100)));
    assert_eq!(last_entry(&console), ("wallet.adjusted".into(), "ann +100 welcome".into()));
    assert_eq!(adjust("ann", -30, "mistake").json()["coins"], 70);
    is(&adjust("ann", -71, "too much"), 409, "balance_low");
    is(&adjust("ann", 0, "nothing"), 422, "bad_amount");
    is(&adjust("ann", i64::MIN, "nothing"), 422, "bad_amount");
    is(&adjust("ann", 5, ""), 422, "bad_parameter");
    is(&adjust("nobody", 5, "who?"), 404, "account_missing");
    let told = console.read("/api/v1/wallets/ann");
    let entries = told["entries"].as_array().unwrap();
    assert_eq!(
        (&entries[0]["change"], &entries[0]["balance"], &entries[0]["about"]),
        (&json!(-30), &json!(70), &json!("mistake"))
    );
    assert_eq!((&entries[1]["kind"], entries.len(), &told["next"]), (&json!("adjusted"), 2, &Value::Null));
    let page = console.read("/api/v1/wallets/ann?limit=1");
    let rest = console.read(&format!("/api/v1/wallets/ann?limit=1&cursor={}", page["next"].as_str().unwrap()));
    assert_eq!(rest["entries"][0]["change"], 100);
    assert_eq!(console.read("/api/v1/wallets/bob")["entries"], json!([]));
    is(&console.get("/api/v1/wallets/nobody"), 404, "account_missing");
    adjust("bob", 1, "welcome");
    assert_eq!(console.read("/api/v1/wallets?q=AN")["items"], json!([{ "user": "ann", "coins": 70 }]));
    let first = console.read("/api/v1/wallets?limit=1");
    assert_eq!((&first["items"][0]["user"], &first["next"]), (&json!("ann"), &json!("ann")));
    assert_eq!(console.read("/api/v1/wallets?cursor=ann")["items"][0]["user"], "bob");
    for _ in 0..2 {
        let body = json!({ "change": 9, "reason": "gift" });
        let wallet = send_once(&console, "POST", "/api/v1/wallets/bob/adjust", "k", &body).json();
        assert_eq!(wallet["coins"], 10);
    }
}

#[test]
fn who_is_muted_twice_with_one_key_is_muted_once() {
    let (server, console) = shop();
    let _bad = server.member("bad", ROOM);
    let before = entries(&console);
    for _ in 0..2 {
        let muted =
            send_once(&console, "POST", &format!("{IN_ROOM}/mute"), "m", &json!({ "user": "bad", "secs": 60 }));
        assert_eq!(muted.status, 204);
    }
    assert_eq!(entries(&console), before + 1);
}
