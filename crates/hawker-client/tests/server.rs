//! The client against the real server, end to end.
#![cfg(target_os = "linux")]

mod shop;

use std::time::Duration;

use hawker_client::bench::Server;
use hawker_client::live_sells::{LiveSells, LiveSellsEvent};
use hawker_client::viewers::{DemoOptions, run_demo};
use hawker_client::{
    Client, Error, Event, Events, NetState, Outgoing, Priority, ProfileUpdate, Role, RoomMessage, RoomUpdate,
    user_sig,
};
use shop::{ROOM, Shop, code, shop, wait};

async fn message(events: &mut Events) -> RoomMessage {
    wait(events, |event| if let Event::Message(message) = event { Some(message) } else { None }).await
}

#[tokio::test]
async fn members_hear_each_other_in_one_order() {
    let shop = shop();
    let host = shop.host().await;
    let mut host_events = host.events();
    let (mei, mut mei_events) = shop.viewer("mei").await;
    let first = host.send_text(ROOM, "欢迎").await.unwrap();
    let heard = message(&mut mei_events).await;
    assert_eq!((heard.text(), heard.seq, &heard.from), (Some("欢迎"), first.seq, &"host".into()));
    let second = mei.send(ROOM, Outgoing::text("hi").priority(Priority::Low)).await.unwrap();
    assert!(second.seq > first.seq);
    let heard = message(&mut host_events).await;
    assert_eq!((heard.text(), heard.seq, heard.own), (Some("hi"), second.seq, false), "and not one's own");
}

#[tokio::test]
async fn bad_signatures_are_refused_by_their_codes() {
    let shop = shop();
    let client = shop.client().await;
    assert_eq!(code(client.login("mei", shop.sig("mei", 5)).await), 70001);
    assert_eq!(code(client.login("mei", shop.sig("lan", 3600)).await), 70013);
    assert_eq!(code(client.login("mei", user_sig(shop.conf.sdk_app_id, "other", "mei", 3600, 1)).await), 70009);
    assert_eq!(code(client.login("mei", "nonsense").await), 70003);
    client.login("mei", shop.sig("mei", 3600)).await.unwrap();
    client.logout().await.unwrap();
    client.login("lan", shop.sig("lan", 3600)).await.unwrap();
    assert_eq!(client.user(), Some("lan".into()));
}

#[tokio::test]
async fn muted_viewer_cannot_speak_until_unmuted() {
    let shop = shop();
    let host = shop.host().await;
    let (mei, _) = shop.viewer("mei").await;
    host.mute(ROOM, "mei", Duration::from_secs(600)).await.unwrap();
    assert_eq!(code(mei.send_text(ROOM, "hi").await), 10017);
    host.mute(ROOM, "mei", Duration::ZERO).await.unwrap();
    mei.send_text(ROOM, "hi").await.unwrap();
    host.update_room_profile(ROOM, RoomUpdate { mute_all: Some(true), ..RoomUpdate::default() }).await.unwrap();
    assert_eq!(code(mei.send_text(ROOM, "hi").await), 10017);
    host.send_text(ROOM, "the host may").await.unwrap();
    assert!(mei.room_profile(ROOM).await.unwrap().all_muted());
}

#[tokio::test]
async fn only_those_who_may_change_things() {
    let shop = shop();
    let host = shop.host().await;
    let (mei, _) = shop.viewer("mei").await;
    assert_eq!(code(mei.update_room_profile(ROOM, RoomUpdate::field("room_status", "ended")).await), 10007);
    assert_eq!(code(mei.mute(ROOM, "host", Duration::from_secs(60)).await), 10007);
    assert_eq!(code(mei.dismiss(ROOM).await), 10007);
    assert_eq!(code(host.quit(ROOM).await), 10009);
    assert_eq!(code(mei.join("nowhere").await), 10010);
    assert_eq!(code(mei.room_profile("nowhere").await), 10010);
    let (lan, _) = shop.viewer("lan").await;
    assert_eq!(code(mei.mute(ROOM, "lan", Duration::from_secs(60)).await), 10007);
    host.set_role(ROOM, "mei", Role::Admin).await.unwrap();
    mei.mute(ROOM, "lan", Duration::from_secs(60)).await.unwrap();
    assert_eq!(code(lan.send_text(ROOM, "hi").await), 10017);
    let status = RoomUpdate::field("room_status", "ended");
    assert_eq!(code(mei.update_room_profile(ROOM, status).await), 10007, "the profile is the host's alone");
}

#[tokio::test]
async fn profiles_and_fields_reach_the_others() {
    let shop = shop();
    let host = shop.host().await;
    let (mei, mut events) = shop.viewer("mei").await;
    let nick = ProfileUpdate { nick: Some("小雨".into()), avatar: Some("http://a/b.png".into()), other: vec![] };
    host.update_my_profile(nick).await.unwrap();
    host.update_room_profile(ROOM, RoomUpdate::field("add_goods", r#"{"id":"mug"}"#)).await.unwrap();
    let change =
        wait(&mut events, |event| if let Event::ProfileChanged(change) = event { Some(change) } else { None })
            .await;
    assert_eq!((change.custom[0].key.as_str(), change.custom[0].value.as_str()), ("add_goods", r#"{"id":"mug"}"#));
    host.send_text(ROOM, "hi").await.unwrap();
    let heard = message(&mut events).await;
    assert_eq!((heard.nick.as_str(), heard.avatar.as_str()), ("小雨", "http://a/b.png"));
    let profile = mei.room_profile(ROOM).await.unwrap();
    assert_eq!((profile.owner, profile.name.as_str()), ("host".into(), "Tea"));
    assert_eq!(mei.profiles(&["host".into()]).await.unwrap()[0].nick, "小雨");
    assert_eq!(host.my_profile().await.unwrap().nick, "小雨");
}

#[tokio::test]
async fn comings_and_goings_are_told_and_counted() {
    let shop = shop();
    let host = shop.host().await;
    let mut events = host.events();
    let (mei, _) = shop.viewer("mei").await;
    let joined =
        wait(&mut events, |event| if let Event::MemberJoined(tip) = event { Some(tip) } else { None }).await;
    assert_eq!(joined.members[0].user, "mei".into());
    assert_eq!(host.online_count(ROOM).await.unwrap().members, 2);
    let members = host.members(ROOM, 0).await.unwrap().members;
    assert!(members.iter().any(|member| member.user == "mei".into()));
    mei.quit(ROOM).await.unwrap();
    let left = wait(&mut events, |event| if let Event::MemberLeft(tip) = event { Some(tip) } else { None }).await;
    assert_eq!(left.members[0].user, "mei".into());
    assert_eq!(code(mei.send_text(ROOM, "hi").await), 10007);
}

#[tokio::test]
async fn newcomer_is_shown_the_recent_history() {
    let shop = shop();
    let host = shop.host().await;
    let sent = host.send_text(ROOM, "earlier").await.unwrap();
    let (_mei, mut events) = shop.viewer("mei").await;
    let heard = message(&mut events).await;
    assert_eq!((heard.text(), heard.seq, heard.history), (Some("earlier"), sent.seq, true));
}

#[tokio::test]
async fn anonymous_viewer_hears_the_room() {
    let shop = shop();
    let host = shop.host().await;
    let viewer = shop.client().await;
    let mut events = viewer.events();
    viewer.join_anonymously(ROOM).await.unwrap();
    host.send_text(ROOM, "hello all").await.unwrap();
    assert_eq!(message(&mut events).await.text(), Some("hello all"));
    assert_eq!(viewer.send_text(ROOM, "hi").await, Err(Error::NotLoggedIn));
}

#[tokio::test]
async fn likes_are_counted_exactly_and_stats_are_for_the_host() {
    let shop = shop();
    let host = shop.host().await;
    let mut events = host.events();
    let (mei, _) = shop.viewer("mei").await;
    let (live, _told) = LiveSells::join(&mei, ROOM).await.unwrap();
    for _ in 0..7 {
        live.like("").await.unwrap();
    }
    wait(&mut events, |event| match event {
        Event::CounterChanged(change) if change.key == "likes" && change.value == Some(7) => Some(()),
        _ => None,
    })
    .await;
    let counters = mei.counters(ROOM, &["likes"]).await.unwrap();
    assert_eq!((counters[0].key.as_str(), counters[0].value), ("likes", 7));
    let stats = host.room_stats(ROOM).await.unwrap();
    assert_eq!((stats.likes, stats.online), (7, 2));
    for line in &stats.ledger {
        let dropped: u64 = line.dropped.iter().map(|dropped| dropped.count).sum();
        assert_eq!(line.received, line.delivered + dropped, "{line:?}");
    }
    assert!(mei.room_stats(ROOM).await.unwrap().ledger.is_empty());
}

#[tokio::test]
async fn live_sells_events_go_through() {
    let shop = shop();
    let host = shop.host().await;
    let (host_live, mut told) = LiveSells::join(&host, ROOM).await.unwrap();
    let (mei, _) = shop.viewer("mei").await;
    let (live, mut mei_told) = LiveSells::join(&mei, ROOM).await.unwrap();
    assert_eq!(live.host().user, "host".into());
    live.gift(r#"{"id":"rose","count":1}"#).await.unwrap();
    live.attention().await.unwrap();
    assert_eq!(host.member_fields(ROOM, "mei").await.unwrap()["attent"], "host");
    live.cancel_attention().await.unwrap();
    assert!(host.member_fields(ROOM, "mei").await.unwrap().is_empty());
    live.buy_goods("mug").await.unwrap();
    live.use_coupon("ten").await.unwrap();
    live.send_custom_event("WAVE", "both hands").await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < 5 {
        match told.next().await.unwrap() {
            LiveSellsEvent::SendGift(act) => heard.push(("gift", act.value)),
            LiveSellsEvent::Attent(act) => heard.push(("attent", act.value)),
            LiveSellsEvent::BuyGoods(act) => heard.push(("buy", act.value)),
            LiveSellsEvent::UseCoupon(act) => heard.push(("coupon", act.value)),
            LiveSellsEvent::Custom { name, act } => heard.push(("custom", format!("{name} {}", act.value))),
            _ => {}
        }
    }
    let want = [
        ("gift", r#"{"id":"rose","count":1}"#),
        ("attent", "host"),
        ("buy", "mug"),
        ("coupon", "ten"),
        ("custom", "WAVE both hands"),
    ];
    assert_eq!(heard, want.map(|(kind, value)| (kind, value.to_owned())));
    host_live.set_room_status("live").await.unwrap();
    host_live.push_goods(r#"{"id":"mug"}"#).await.unwrap();
    let mut fields = Vec::new();
    while fields.len() < 2 {
        match mei_told.next().await.unwrap() {
            LiveSellsEvent::RoomStatus(act) | LiveSellsEvent::AddGoods(act) => fields.push(act.value),
            _ => {}
        }
    }
    assert_eq!(fields, ["live", r#"{"id":"mug"}"#]);
}

#[tokio::test]
async fn dismissed_room_is_gone_for_everybody() {
    let shop = shop();
    let host = shop.host().await;
    let (mei, mut events) = shop.viewer("mei").await;
    host.dismiss(ROOM).await.unwrap();
    wait(&mut events, |event| if let Event::Dismissed { .. } = event { Some(()) } else { None }).await;
    assert_eq!(code(mei.join(ROOM).await), 10010);
}

#[tokio::test]
async fn second_login_of_a_user_ends_the_first() {
    let shop = shop();
    let first = shop.user("mei").await;
    let mut events = first.events();
    let _second = shop.user("mei").await;
    wait(&mut events, |event| if let Event::Kicked(_) = event { Some(()) } else { None }).await;
    assert_eq!(first.my_profile().await, Err(Error::NotLoggedIn));
}

#[tokio::test]
async fn members_survive_a_crash_of_the_server() {
    let mut shop = shop();
    let host = shop.host().await;
    let (mei, mut events) = shop.viewer("mei").await;
    let before = host.send_text(ROOM, "before").await.unwrap();
    assert_eq!(message(&mut events).await.seq, before.seq);
    shop.server.kill().unwrap();
    wait(&mut events, |event| (event == Event::NetState(NetState::Connecting)).then_some(())).await;
    shop.server.restart(&shop.program).unwrap();
    let after = host.send_text(ROOM, "after").await.unwrap();
    assert!(after.seq > before.seq, "the order goes on");
    let heard = message(&mut events).await;
    assert_eq!((heard.text(), heard.seq), (Some("after"), after.seq));
    mei.send_text(ROOM, "still here").await.unwrap();
}

/// A stretch of network that can be cut and mended.
struct Cable {
    url: String,
    whole: tokio::sync::watch::Sender<bool>,
}

impl Cable {
    async fn to(server: &Server) -> Cable {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let target = server.url().trim_start_matches("ws://").to_owned();
        let (whole, is_whole) = tokio::sync::watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let (target, mut is_whole) = (target.clone(), is_whole.clone());
                tokio::spawn(async move {
                    is_whole.wait_for(|whole| *whole).await.ok()?;
                    let mut far = tokio::net::TcpStream::connect(target).await.ok()?;
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_whole.wait_for(|whole| !whole) => {}
                    }
                    Some(())
                });
            }
        });
        Cable { url, whole }
    }

    async fn cut(&self, events: &mut Events) {
        self.whole.send(false).unwrap();
        wait(events, |event| (event == Event::NetState(NetState::Connecting)).then_some(())).await;
    }

    fn mend(&self) {
        self.whole.send(true).unwrap();
    }
}

/// Everything heard up to a text, as numbers in the room's order, and whether a gap was told.
async fn heard_until(events: &mut Events, last: &str) -> (Vec<u64>, bool) {
    let (mut seqs, mut gap) = (Vec::new(), false);
    wait(events, |event| match event {
        Event::Message(message) => {
            seqs.push(message.seq);
            (message.text() == Some(last)).then_some(())
        }
        Event::Gap { .. } => {
            gap = true;
            None
        }
        _ => None,
    })
    .await;
    (seqs, gap)
}

async fn say(host: &Client, times: usize, last: &str) -> Vec<u64> {
    let mut seqs = Vec::new();
    for number in 1..times {
        seqs.push(host.send_text(ROOM, number.to_string()).await.unwrap().seq);
    }
    seqs.push(host.send_text(ROOM, last).await.unwrap().seq);
    seqs
}

/// A member whose connection can be cut.
async fn member_on_a_cable(shop: &Shop) -> (Cable, Client, Events) {
    let cable = Cable::to(&shop.server).await;
    let mei = shop.client_at(&cable.url).await;
    mei.login("mei", shop.sig("mei", 3600)).await.unwrap();
    let events = mei.events();
    mei.join(ROOM).await.unwrap();
    (cable, mei, events)
}

#[tokio::test]
async fn what_was_missed_during_a_cut_is_heard_once_and_in_order() {
    let shop = shop();
    let host = shop.host().await;
    let (cable, _mei, mut events) = member_on_a_cable(&shop).await;
    let before = say(&host, 3, "cut").await;
    assert_eq!(heard_until(&mut events, "cut").await, (before, false));
    cable.cut(&mut events).await;
    let mut missed = say(&host, 20, "mended").await;
    cable.mend();
    wait(&mut events, |event| (event == Event::NetState(NetState::Connected)).then_some(())).await;
    missed.extend(say(&host, 3, "end").await);
    assert_eq!(heard_until(&mut events, "end").await, (missed, false));
}

#[tokio::test]
async fn too_long_a_cut_is_told_as_a_gap() {
    let shop = shop();
    let host = shop.host().await;
    let (cable, _mei, mut events) = member_on_a_cable(&shop).await;
    cable.cut(&mut events).await;
    // More than the server remembers of a room.
    let missed = say(&host, 700, "end").await;
    cable.mend();
    let (seqs, gap) = heard_until(&mut events, "end").await;
    assert!(gap);
    assert_eq!(seqs, missed[missed.len() - seqs.len()..], "what is left of it follows");
}

#[tokio::test]
async fn anonymous_viewer_goes_on_from_its_cursor_after_a_cut() {
    let shop = shop();
    let host = shop.host().await;
    let cable = Cable::to(&shop.server).await;
    let viewer = shop.client_at(&cable.url).await;
    let mut events = viewer.events();
    viewer.join_anonymously(ROOM).await.unwrap();
    let before = say(&host, 3, "cut").await;
    assert_eq!(heard_until(&mut events, "cut").await, (before, false));
    cable.cut(&mut events).await;
    let missed = say(&host, 20, "end").await;
    cable.mend();
    assert_eq!(heard_until(&mut events, "end").await, (missed, false));
}

#[tokio::test]
async fn a_demo_fills_the_room() {
    let shop = shop();
    let options = DemoOptions {
        speed: 50.0,
        ..DemoOptions::new(shop.server.url(), shop.conf.sdk_app_id, &shop.conf.secret, "demo", 5, 1)
    };
    let (seen, is_seen) = tokio::sync::oneshot::channel();
    let watching = async {
        let viewer = shop.user("watcher").await;
        // The host opens the room; until then there is nothing to join.
        let (_live, mut told) = loop {
            match LiveSells::join(&viewer, "demo").await {
                Ok(joined) => break joined,
                Err(error) => assert_eq!(error.code(), 10010),
            }
        };
        let (mut chat, mut goods) = (0, 0);
        while chat < 3 || goods < 1 {
            match told.next().await.unwrap() {
                LiveSellsEvent::Message(_) => chat += 1,
                LiveSellsEvent::AddGoods(_) => goods += 1,
                _ => {}
            }
        }
        seen.send(()).unwrap();
    };
    let until = async { is_seen.await.unwrap() };
    let (report, ()) = tokio::join!(run_demo(options, until), watching);
    let report = report.unwrap();
    assert!(report.joins > 0 && report.deeds > 3, "{report:?}");
}
