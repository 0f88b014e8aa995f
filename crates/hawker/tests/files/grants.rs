//! Who may put, where and how often: signed addresses.

use super::*;

#[test]
fn only_users_get_addresses() {
    let server = Server::start("");
    let ask = json!({ "file_type": 1, "file_name": "a.png", "upload_method": 0, "Duration": 900 });
    assert_eq!(Wire::open(server.addr).refused(SIGN, &ask), 10007);
    let mut left = server.user("mei");
    left.ok("im_open_status.wslogout", &json!({}));
    left.token.clear();
    assert_eq!(left.refused(SIGN, &ask), 10007);
    let rest = server.rest("im_cos_msg/pre_sig", &ask);
    assert_eq!(rest["ErrorCode"], 60009, "{rest}");

    // The official SDKs send this without their token, but with the signature of their login.
    let mut wire = server.user("lan");
    let mut head = wire.head(SIGN);
    (head["a2"], head["identifier"], head["usersig"]) = ("".into(), "lan".into(), sig("lan").into());
    let seq = head["seq"].as_u64().unwrap();
    wire.send(&json!({ "head": head, "body": ask }));
    assert_eq!(wire.reply(seq)["ErrorCode"], 0);

    for bad in [
        json!({}),
        json!({ "file_type": 1 }),
        json!({ "file_type": 4, "file_name": "a" }),
        json!({ "file_type": 257, "file_name": "a" }),
        json!({ "file_type": "1", "file_name": "a" }),
        json!({ "file_type": 1, "file_name": 7 }),
        json!({ "file_type": 1, "file_name": "a", "Duration": 0 }),
        json!({ "file_type": 1, "file_name": "a", "Duration": -1 }),
        json!({ "file_type": 1, "file_name": "a", "file_size": 0 }),
        json!({ "file_type": 1, "file_name": "a", "file_size": 29360129 }),
        json!({ "file_type": 1, "file_name": "a", "file_size": "1" }),
    ] {
        assert_eq!(wire.refused(SIGN, &bad), 90001, "{bad}");
    }
    assert_eq!(server.metric("hawker_upload_addresses_total"), 1);
}

#[test]
fn a_changed_or_expired_address_takes_nothing() {
    let mut server = Server::start("");
    let mut wire = server.user("mei");
    let answer = signed(&mut wire, IMAGE, "a.png");
    let other = signed(&mut wire, IMAGE, "a.png");
    let good = target(&answer, "upload_url");
    let file = |answer: &Value| answer["request_id"].as_str().unwrap().to_owned();
    let signature = |good: &str| good.rsplit_once("&sig=").unwrap().1.to_owned();
    let user = good.split("user=").nth(1).unwrap().split('&').next().unwrap();
    let changed = [
        ("the file", good.replacen(&file(&answer), &file(&other), 1)),
        ("the size", good.replacen("max=29360128", "max=99999999", 1)),
        ("the kind", good.replacen("kind=1", "kind=255", 1)),
        ("the app", good.replacen(&format!("app={APP}"), "app=1400000002", 1)),
        ("the user", good.replacen(user, "bGFu", 1)),
        ("the time", good.replacen("until=", "until=9", 1)),
        ("the name", good.replacen("name=", "name=eA", 1)),
        ("the ending", good.replacen(".png", ".html", 1)),
        ("the signature", good.replacen(&signature(&good), &signature(&target(&other, "upload_url")), 1)),
        ("no signature", good.rsplit_once("&sig=").unwrap().0.to_owned()),
        ("half a signature", good[..good.len() - 10].to_owned()),
        ("one more word", format!("{good}&x=1")),
        ("nothing", target(&answer, "download_url")),
    ];
    let original = png(10, 10);
    for (what, target) in changed {
        assert_ne!(target, good, "{what}");
        for method in ["PUT", "POST"] {
            let reply = http::ask(server.addr, method, &target, &[], &original);
            assert_eq!((reply.status, &*reply.text()), (403, r#"{"error":"the signature is wrong"}"#), "{what}");
        }
    }
    let short = wire.ok(SIGN, &json!({ "file_type": 1, "file_name": "a.png", "Duration": 1 }));
    // It refuses what is no picture until it refuses everything.
    until("the address expires", || {
        let reply = put_to(&server, &short, b"no picture");
        assert!(matches!(reply.status, 415 | 403), "{}", reply.text());
        reply.status == 403 && reply.text().contains("expired")
    });
    assert_eq!(put_to(&server, &short, &original).status, 403);
    must_be_empty(&server);
    assert_eq!(put_to(&server, &answer, &original).status, 200, "the good one is still good");
    server.must_be_well();
}

#[test]
fn an_address_takes_one_file_and_the_same_again() {
    with_each_store("", |server| {
        let mut wire = server.user("mei");
        let (one, two) = (png(10, 10), png(20, 20));
        let answer = put(server, &mut wire, IMAGE, "a.png", &one);
        let again = put_to(server, &answer, &one);
        assert_eq!((again.status, &again.json()["width"]), (200, &json!(10)));
        assert_eq!(put_to(server, &answer, &two).status, 409);
        assert_eq!(get(server, &target(&answer, "download_url")).body, one);
        assert_eq!(rows(server), 1);

        // Twice at once: one of them is told so.
        let answer = signed(&mut wire, IMAGE, "a.png");
        let length = two.len().to_string();
        let mut first =
            Exchange::begin(server.addr, "PUT", &target(&answer, "upload_url"), &[("Content-Length", &length)]);
        first.send(&two[..100]);
        until("the first is under way", || under_way(server) == 1);
        assert_eq!(put_to(server, &answer, &two).status, 409);
        first.send(&two[100..]);
        assert_eq!(first.reply(false).status, 200);
    });
}

#[test]
fn addresses_begin_as_the_sender_reached_the_server_or_as_configured() {
    let ask = json!({ "file_type": 1, "file_name": "a.png" });
    let connect = |server: &Server, headers: &str| {
        let stream = TcpStream::connect(server.addr).unwrap();
        let mut wire = Wire::upgrade_with(stream, APP, "binfo", "i", headers);
        wire.login("mei");
        wire
    };
    let begins = |wire: &mut Wire| {
        let answer = wire.ok(SIGN, &ask);
        let fields = ["upload_url", "download_url", "thumb_url", "large_url"];
        let urls = fields.map(|field| answer[field].as_str().unwrap().to_owned());
        let start = urls[0].split("/files/").next().unwrap().to_owned();
        assert!(urls.iter().all(|url| url.starts_with(&format!("{start}/files/"))), "{urls:?}");
        start
    };
    let forwarded = "Host: inner:8080\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: chat.example.com\r\n";

    let server = Server::start("");
    assert_eq!(begins(&mut connect(&server, forwarded)), "http://inner:8080");
    for host in ["evil/path", "evil?x=", "user@evil", "a\"b", ""] {
        assert_eq!(connect(&server, &format!("Host: {host}\r\n")).refused(SIGN, &ask), 60002, "{host}");
    }
    assert_eq!(connect(&server, "").refused(SIGN, &ask), 60002);

    let server = Server::start("[files]\ntrust_forwarded = true\n");
    assert_eq!(begins(&mut connect(&server, forwarded)), "https://chat.example.com");

    let server = Server::start("[files]\npublic_url = 'https://shop.example/chat/'\n");
    assert_eq!(begins(&mut connect(&server, "Host: evil\r\n")), "https://shop.example/chat");
}
