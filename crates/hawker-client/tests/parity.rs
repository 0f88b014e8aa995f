//! What `@hawker/tim` and TWebLive's IM can, done by the Rust client against the real server.
#![cfg(target_os = "linux")]

mod shop;

use hawker_client::tweblive::{Entered, Im, ImEvent, ImEvents};
use hawker_client::{Custom, Event, NewRoom, Priority, Words};
use shop::{ROOM, code, shop, wait};
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
