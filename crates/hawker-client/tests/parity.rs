//! What `@hawker/tim` and TWebLive's IM can, done by the Rust client against the real server.
#![cfg(target_os = "linux")]

mod shop;

use hawker_client::tweblive::{Entered, Im, ImEvent, ImEvents};
use hawker_client::{
    AttributeChange, Custom, DirectMessage, Element, Error, Event, Events, NewRoom, Outgoing, Presence, Priority,
    Words,
};
use shop::{ROOM, code, shop, wait};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test]
async fn pinned_messages_words_and_slow_mode() {
    let shop = shop();
    let host = shop.host().await;
    let (mei, mut events) = shop.viewer("mei").await;
    let sent = mei.send_text(ROOM, "where is it from?").await.unwrap();
    assert_eq!(code(mei.pin_message(ROOM, sent.seq).await), 10007);
    host.pin_message(ROOM, sent.seq).await.unwrap();
    let pin = wait(&mut events, |event| if let Event::MessagePinned(pin) = event { Some(pin) } else { None }).await;
    assert_eq!((pin.by.as_str(), pin.message.text()), ("host", Some("where is it from?")));
    let pins = mei.pinned_messages(ROOM).await.unwrap();
    assert_eq!((pins.len(), pins[0].message.seq, pins[0].by.as_str()), (1, sent.seq, "host"));
    host.unpin_message(ROOM, sent.seq).await.unwrap();
    wait(&mut events, |event| matches!(event, Event::MessageUnpinned { seq, .. } if seq == sent.seq).then_some(()))
        .await;

    let words = Words { reject: vec!["spam".into()], mask: vec!["笨蛋".into()] };
    host.set_room_words(ROOM, &words).await.unwrap();
    assert_eq!(host.room_words(ROOM).await.unwrap(), words);
    assert_eq!(code(mei.room_words(ROOM).await), 10007);
    assert_eq!(code(mei.send_text(ROOM, "SPAM").await), 80001);

    host.set_slow_mode(ROOM, Duration::from_secs(60)).await.unwrap();
    mei.send_text(ROOM, "one").await.unwrap();
    assert_eq!(code(mei.send_text(ROOM, "two").await), 10023);
    host.set_slow_mode(ROOM, Duration::ZERO).await.unwrap();
    mei.send_text(ROOM, "three").await.unwrap();
    let found = mei.find_room(ROOM).await.unwrap();
    assert_eq!((found.name.as_str(), found.owner.as_str(), found.me), ("Tea", "host", None));
    assert_eq!(code(mei.find_room("nowhere").await), 10010);
}

async fn im(events: &mut ImEvents, mut fits: impl FnMut(&ImEvent) -> bool) -> ImEvent {
    let search = async {
        loop {
            let event = events.next().await.expect("the client is open");
            if fits(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), search).await.expect("an event that never came")
}

#[tokio::test]
async fn the_chat_of_tweblive() {
    let shop = shop();
    let (host_client, viewer_client) = (shop.client().await, shop.client().await);
    let (host, _host_events) = Im::new(&host_client);
    let (viewer, mut events) = Im::new(&viewer_client);
    assert!(!host.login("host", shop.sig("host", 3600)).await.unwrap());
    assert!(host.login("host", shop.sig("host", 3600)).await.unwrap(), "logged in already");
    for (notification, introduction, avatar) in [
        ("x".repeat(301), String::new(), String::new()),
        (String::new(), "x".repeat(241), String::new()),
        (String::new(), String::new(), "x".repeat(101)),
    ] {
        let new = NewRoom { name: "A".into(), notification, introduction, avatar, ..NewRoom::default() };
        assert_eq!(code(host.create_room(new).await), 10004);
    }
    let new = NewRoom { name: "我的直播间".into(), id: Some("AV1".into()), ..NewRoom::default() };
    let room = host.create_room(new).await.unwrap();
    assert_eq!(host.enter_room(&room).await.unwrap(), Entered::Success);
    assert_eq!(host.enter_room(&room).await.unwrap(), Entered::AlreadyInRoom);
    assert_eq!(code(host.enter_room("nowhere").await), 10010);

    viewer.login("mei", shop.sig("mei", 3600)).await.unwrap();
    im(&mut events, |event| *event == ImEvent::Ready).await;
    viewer.set_my_profile(Some("Mei"), Some("https://img.example/mei")).await.unwrap();
    assert_eq!(viewer.my_profile().await.unwrap().nick, "Mei");
    assert_eq!(viewer.enter_room(&room).await.unwrap(), Entered::Success);
    host.send_text_message(&room, "欢迎", Priority::High).await.unwrap();
    let heard = im(&mut events, |event| matches!(event, ImEvent::TextMessage(_))).await;
    assert!(matches!(heard, ImEvent::TextMessage(message) if message.text() == Some("欢迎")));
    let dianzan = Custom { data: "dianzan".into(), desc: "d".into(), ext: "e".into() };
    host.send_custom_message(&room, dianzan.clone(), Priority::Low).await.unwrap();
    let heard = im(&mut events, |event| matches!(event, ImEvent::CustomMessage(_))).await;
    assert!(matches!(heard, ImEvent::CustomMessage(message) if message.custom() == Some(&dianzan)));
    let guest = shop.user("li").await;
    guest.join(&room).await.unwrap();
    im(&mut events, |event| matches!(event, ImEvent::RemoteUserJoin { user, .. } if user.user.as_str() == "li"))
        .await;
    guest.quit(&room).await.unwrap();
    im(&mut events, |event| matches!(event, ImEvent::RemoteUserLeave { user, .. } if user.user.as_str() == "li"))
        .await;
    host.stop_push(&room, "欢迎下次再来").await.unwrap();
    let over = im(&mut events, |event| matches!(event, ImEvent::PushStopped { .. })).await;
    assert_eq!(over, ImEvent::PushStopped { room: room.clone(), postscript: "欢迎下次再来".into() });

    viewer.exit_room(&room).await.unwrap();
    assert_eq!(code(viewer.send_text_message(&room, "hi", Priority::Normal).await), 10007);
    viewer.logout().await.unwrap();
    im(&mut events, |event| *event == ImEvent::NotReady).await;
    assert_eq!(viewer.enter_room(&room).await.unwrap(), Entered::Success, "without a login");
    host.send_text_message(&room, "for all", Priority::Normal).await.unwrap();
    im(&mut events, |event| matches!(event, ImEvent::TextMessage(message) if message.text() == Some("for all")))
        .await;
}

async fn direct(events: &mut Events) -> DirectMessage {
    wait(events, |event| if let Event::Direct(message) = event { Some(message) } else { None }).await
}

#[tokio::test]
async fn messages_between_two_users() {
    let shop = shop();
    let (mei, keeper) = (shop.user("mei").await, shop.user("keeper").await);
    let (mut mei_events, mut events) = (mei.events(), keeper.events());
    let asked = mei.send_direct("keeper", Outgoing::text("is it still there?")).await.unwrap();
    let heard = direct(&mut events).await;
    assert_eq!((heard.key, heard.text(), heard.own), (asked.key, Some("is it still there?"), false));
    assert_eq!(code(mei.send_direct("nobody", Outgoing::text("hello?")).await), 20003);
    mei.send_direct("keeper", Outgoing::text("hello?")).await.unwrap();
    direct(&mut events).await;

    let list = keeper.conversations().await.unwrap();
    assert_eq!((list.len(), list[0].peer.as_str(), list[0].unread), (1, "mei", 2));
    assert_eq!(list[0].last.as_ref().and_then(DirectMessage::text), Some("hello?"));
    keeper.mark_read("mei", None).await.unwrap();
    wait(&mut mei_events, |event| {
        matches!(event, Event::PeerRead { peer, .. } if peer.as_str() == "keeper").then_some(())
    })
    .await;
    assert_eq!(keeper.conversations().await.unwrap()[0].unread, 0);
    let answered = keeper.send_direct("mei", Outgoing::text("one is left")).await.unwrap();
    assert_eq!(direct(&mut mei_events).await.key, answered.key);
    keeper.recall_direct("mei", answered.key).await.unwrap();
    wait(&mut mei_events, |event| {
        matches!(event, Event::DirectRecalled { key, .. } if key == answered.key).then_some(())
    })
    .await;

    let first = mei.direct_history("keeper", None, 2).await.unwrap();
    let older = mei.direct_history("keeper", first.older.as_ref(), 2).await.unwrap();
    let texts: Vec<_> =
        older.messages.iter().chain(&first.messages).map(|one| one.text().map(str::to_owned)).collect();
    assert_eq!(
        texts,
        [Some("is it still there?".to_owned()), Some("hello?".to_owned()), None],
        "the last was taken back"
    );
    assert_eq!(older.older, None);
    mei.delete_direct("keeper", &older.messages).await.unwrap();
    assert_eq!(mei.direct_history("keeper", None, 10).await.unwrap().messages.len(), 2);
    assert_eq!(keeper.direct_history("mei", None, 10).await.unwrap().messages.len(), 3, "for oneself only");
    mei.clear_direct_history("keeper").await.unwrap();
    assert!(mei.direct_history("keeper", None, 10).await.unwrap().messages.is_empty());

    keeper.pin_conversation("mei", true).await.unwrap();
    assert!(keeper.conversations().await.unwrap()[0].pinned);
    keeper.block("mei", true).await.unwrap();
    assert_eq!(code(mei.send_direct("keeper", Outgoing::text("hey")).await), 20007);
    keeper.block("mei", false).await.unwrap();
    mei.send_direct("keeper", Outgoing::text("thanks")).await.unwrap();
    keeper.mark_all_read().await.unwrap();
    keeper.delete_conversation("mei").await.unwrap();
    assert!(keeper.conversations().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_said_to_a_user_who_was_away_is_told_and_survives_a_crash() {
    let mut shop = shop();
    let mei = shop.user("mei").await;
    let keeper = shop.user("keeper").await;
    keeper.logout().await.unwrap();
    mei.send_direct("keeper", Outgoing::text("one")).await.unwrap();
    mei.send_direct("keeper", Outgoing::text("two")).await.unwrap();
    let mut events = keeper.events();
    keeper.login("keeper", shop.sig("keeper", 3600)).await.unwrap();
    let unread =
        wait(&mut events, |event| if let Event::Unread { count, .. } = event { Some(count) } else { None }).await;
    assert_eq!(unread, 2);
    shop.server.restart(&shop.program).unwrap();
    let mut back = keeper.events();
    mei.send_direct("keeper", Outgoing::text("three")).await.unwrap();
    assert_eq!(direct(&mut back).await.text(), Some("three"));
    let history = keeper.direct_history("mei", None, 10).await.unwrap();
    let texts: Vec<_> = history.messages.iter().filter_map(DirectMessage::text).collect();
    assert_eq!(texts, ["one", "two", "three"]);
}

#[tokio::test]
async fn attributes_and_status() {
    let shop = shop();
    let host = shop.host().await;
    let (mei, mut events) = shop.viewer("mei").await;
    host.replace_attributes(ROOM, &[("lot", "7"), ("bid", "100")]).await.unwrap();
    let change =
        wait(&mut events, |event| if let Event::AttributesChanged(change) = event { Some(change) } else { None })
            .await;
    assert_eq!((change.change, change.attributes.len()), (AttributeChange::Replaced, 2));
    let known = mei.attributes(ROOM).await.unwrap();
    assert_eq!((known.get("lot"), known.get("bid")), (Some("7"), Some("100")));
    host.update_attributes(ROOM, &[("bid", "120")], Some(&known)).await.unwrap();
    assert_eq!(
        code(mei.update_attributes(ROOM, &[("bid", "110")], Some(&known)).await),
        10056,
        "somebody was faster"
    );
    host.delete_attributes(ROOM, &["lot"]).await.unwrap();
    assert_eq!(mei.attributes(ROOM).await.unwrap().values.keys().collect::<Vec<_>>(), ["bid"]);
    host.clear_attributes(ROOM).await.unwrap();
    assert!(mei.attributes(ROOM).await.unwrap().values.is_empty());
    assert_eq!(code(host.replace_attributes(ROOM, &[(&"k".repeat(33), "v")]).await), 10045);

    let li = shop.user("li").await;
    mei.subscribe_statuses(&["li".into()]).await.unwrap();
    li.set_status_text("忙").await.unwrap();
    let status =
        wait(&mut events, |event| if let Event::UserStatus(status) = event { Some(status) } else { None }).await;
    assert_eq!((status.user.as_str(), status.presence, status.text.as_str()), ("li", Presence::Online, "忙"));
    li.logout().await.unwrap();
    wait(&mut events, |event| {
        matches!(event, Event::UserStatus(status) if status.presence != Presence::Online).then_some(())
    })
    .await;
    assert_eq!(mei.statuses(&["li".into(), "host".into()]).await.unwrap().len(), 2);
    mei.unsubscribe_statuses(&[]).await.unwrap();
}

/// A picture as small as one can be: one white pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
    0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00,
    0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0x0f, 0x00, 0x01, 0x01, 0x01, 0x00, 0xb1, 0x38, 0xf6,
    0x14, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn pictures_and_files_go_through_the_servers_store() {
    let shop = shop();
    let host = shop.host().await;
    let (_mei, mut events) = shop.viewer("mei").await;
    let parts = Arc::new(Mutex::new(Vec::new()));
    let told = parts.clone();
    let image = host.upload_image("../cup.png", PIXEL, move |part| told.lock().unwrap().push(part)).await.unwrap();
    assert_eq!((image.format, image.sizes.len(), image.sizes[0].width, image.sizes[0].height), (3, 3, 1, 1));
    assert_eq!(parts.lock().unwrap().last(), Some(&1.0));
    host.send(ROOM, Outgoing::new(Element::Image(image.clone()))).await.unwrap();
    let heard =
        wait(&mut events, |event| if let Event::Message(message) = event { Some(message) } else { None }).await;
    assert_eq!(heard.elements, [Element::Image(image)]);
    let file = host.upload_file("price list.txt", "cup 59", |_| {}).await.unwrap();
    assert_eq!((file.name.as_str(), file.bytes), ("price list.txt", 6));
    let refused = host.upload_image("page.png", "<html></html>", |_| {}).await.unwrap_err();
    assert!(matches!(&refused, Error::Upload { status: 415, .. }), "{refused:?}");

    let (im, _) = Im::new(&host);
    im.send_image_message(ROOM, "cup.png", PIXEL, Priority::Normal, |_| {}).await.unwrap();
    let heard =
        wait(&mut events, |event| if let Event::Message(message) = event { Some(message) } else { None }).await;
    assert!(matches!(&heard.elements[..], [Element::Image(_)]));
}
