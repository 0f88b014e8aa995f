//! Everything that leaves on the wire, written down: a change of spelling shows as a change of these files.
//!
//! One line per thing, named, as it is written; each is checked to be good JSON.

use hawker_core::answer::{Answer, LoggedIn, MemberView, Role, RoomView, Stats};
use hawker_core::command::ProfileValue;
use hawker_core::direct::{
    Conversation, DirectAnswer, DirectMessage, Letter, MessageNo, Notice, Presence, PresenceOf, Reminding, Taker,
    Wishes,
};
use hawker_core::engine::KickReason;
use hawker_core::post::{
    AttributesHow, Class, Element, Face, MessageRef, Pin, Post, Posted, Priority, ProfileChange, Tallying,
};
use hawker_core::profile::Profile;
use hawker_core::profile::RoomProfile;
use hawker_core::room::ledger::{DropReason, Ledger};
use hawker_core::words::{WordLists, Words};
use hawker_core::{AccountId, AppId, Refusal, RoomKey, SessionId, Time, UserId};
use hawker_wire::tencent::decode::{Context, Shape, Via, decode};
use hawker_wire::tencent::direct;
use hawker_wire::tencent::envelope;
use hawker_wire::tencent::error::{Family, wire_error};
use hawker_wire::tencent::push::{self, WireItem};
use hawker_wire::tencent::reply::{self, Extras, ResumeStatus, UploadAnswer};
use hawker_wire::{json, ws};
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

const APP: AppId = AppId(1_400_000_001);
const NOW: Time = Time(1_700_000_000_500);

/// Lines of named JSON.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, name: &str, json: &str) {
        let read: Result<serde_json::Value, _> = serde_json::from_str(json);
        assert!(read.is_ok(), "{name}: {json}: {read:?}");
        writeln!(self.0, "{name}: {json}").expect("a string takes everything");
    }
}

fn face(user: &str) -> Face {
    Face {
        account: AccountId(144_115_200_000_000_007),
        user: user.into(),
        nick: "小美 \"Mei\"".into(),
        avatar: "http://localhost/mei.png".into(),
    }
}

fn posted(seq: u64, post: Post) -> Posted {
    let room = RoomKey::new(APP, "live_42");
    Posted { room, room_name: "Tea".into(), seq, random: 4711, at: NOW, class: Class::Vital, post }
}

fn message(elements: Vec<Element>, priority: Priority, cloud_data: &str) -> Post {
    Post::Message {
        from: face("mei"),
        priority,
        sent_at: 1_699_999_999,
        client_seq: 12,
        elements: elements.into(),
        cloud_data: cloud_data.into(),
    }
}

/// Every kind of post. The match makes sure that a new kind is added here.
fn posts() -> Vec<(&'static str, Post)> {
    let by = face("host");
    let users: Vec<UserId> = vec!["mei".into(), "bob".into()];
    let custom = |sound: &str| Element::Custom {
        data: "SEND_GIFT".into(),
        desc: "a rose".into(),
        ext: "{\"n\":1}".into(),
        sound: sound.into(),
    };
    let text = Element::Text("hi \u{1F339}\n\"quoted\" \\ \u{7}".into());
    let image = Element::Other { kind: "TIMImageElem".into(), content: r#"{ "UUID": "u" }"#.into() };
    let changes = [
        ("name", ProfileChange::Name("Green tea".into())),
        ("introduction", ProfileChange::Introduction("leaves".into())),
        ("notification", ProfileChange::Notification("at eight".into())),
        ("avatar", ProfileChange::Avatar("http://localhost/p".into())),
        ("mute all", ProfileChange::MuteAll(true)),
        ("mute all off", ProfileChange::MuteAll(false)),
        ("field", ProfileChange::Field("add_goods".into(), Some("{\"id\":1}".into()))),
        ("field away", ProfileChange::Field("add_goods".into(), None)),
    ];
    let recalled = MessageRef {
        seq: 5,
        random: 99,
        sent_at: 1_699_999_999,
        account: AccountId(144_115_200_000_000_007),
        user: "mei".into(),
    };
    let pinned = Arc::new(posted(9, message(vec![Element::Text("look here".into())], Priority::Normal, "")));
    let mut posts = vec![
        ("text", message(vec![text], Priority::High, "")),
        ("custom", message(vec![custom("")], Priority::Normal, "cloud \"data\"")),
        ("custom with sound", message(vec![custom("ding")], Priority::Low, "")),
        (
            "face and image",
            message(vec![Element::Face { index: -1, data: "f".into() }, image], Priority::Lowest, ""),
        ),
        ("joined", Post::Joined { who: face("mei"), online: 2 }),
        ("left", Post::Left { who: face("mei"), online: 1 }),
        ("muted", Post::Muted { by: by.clone(), users: users.clone(), secs: 60 }),
        ("unmuted", Post::Muted { by: by.clone(), users: users.clone(), secs: 0 }),
        ("admin set", Post::AdminChanged { by: by.clone(), users: users.clone(), admin: true }),
        ("admin cancelled", Post::AdminChanged { by: by.clone(), users: users.clone(), admin: false }),
        ("banned", Post::Banned { by: by.clone(), users: users.clone(), secs: 60 }),
        ("unbanned", Post::Banned { by: by.clone(), users, secs: 0 }),
        ("pinned", Post::Pinned { by: by.clone(), message: pinned.clone() }),
        ("unpinned", Post::Unpinned { by: by.clone(), message: pinned }),
        ("likes", Post::LikesCounted { total: 12_345 }),
        ("counted", Post::Tallied { how: Tallying::Set, tallies: vec![("seats".into(), -3)] }),
        ("counter gone", Post::TalliesDropped { keys: vec!["seats".into()] }),
        (
            "attributes",
            Post::Attributes {
                main: 8,
                how: AttributesHow::Modified,
                attributes: vec![("lot".into(), "9".into(), 8)],
            },
        ),
        ("recalled", Post::Recalled { by: by.clone(), messages: vec![recalled], reason: "typo".into() }),
        ("notice", Post::Notice { by: "administrator".into(), content: "{\"type\":\"coupon\"}".into() }),
        ("dismissed", Post::Dismissed { by: "host".into() }),
        ("you were banned", Post::YouWereBanned { by: "host".into(), secs: 60, reason: "spam".into() }),
    ];
    posts.extend(changes.map(|(name, change)| (name, Post::ProfileChanged { by: by.clone(), change })));
    for (_, post) in &posts {
        match post {
            Post::Message { .. } | Post::Joined { .. } | Post::Left { .. } | Post::ProfileChanged { .. } => {}
            Post::Muted { .. } | Post::AdminChanged { .. } | Post::Banned { .. } | Post::LikesCounted { .. } => {}
            Post::Pinned { .. } | Post::Unpinned { .. } | Post::Attributes { .. } => {}
            Post::Tallied { .. } | Post::TalliesDropped { .. } | Post::Recalled { .. } => {}
            Post::Notice { .. } | Post::Dismissed { .. } | Post::YouWereBanned { .. } => {}
        }
    }
    posts
}

#[test]
fn everything_that_is_pushed() {
    let mut lines = Lines::default();
    for (n, (name, post)) in posts().into_iter().enumerate() {
        let item = push::item(&posted(n as u64 + 1, post));
        lines.add(&format!("{name} ({})", item.event), &item.json);
    }
    assert_snapshot!(lines.0);
}

#[test]
fn frames_around_what_is_pushed() {
    let items: Vec<WireItem> = [(1, 3), (2, 3), (3, 4), (4, 3), (5, 6), (6, 5)]
        .map(|(seq, event)| WireItem { event, json: format!(r#"{{"MsgSeq":{seq}}}"#).into() })
        .into();
    let mut lines = Lines::default();
    lines.add("nothing", &push::frame([]));
    lines.add("one", &push::frame(&items[..1]));
    lines.add("all", &push::frame(&items));
    let mut flat = String::new();
    push::flat(&mut flat, "live_\"42\"", &items[4]);
    lines.add("flat", &flat);
    lines.add("kicked by a login", &push::kick(KickReason::OtherLogin));
    lines.add("kicked by an administrator", &push::kick(KickReason::Admin));
    lines.add("poll", &reply::poll("live_42", 7, false, &items));
    lines.add("poll with a gap", &reply::poll("live_42", 7, true, []));
    lines.add("reply", &envelope::reply("openim.\"x\"", u64::MAX, &envelope::outcome_body(0, "")));
    lines.add("failure", &envelope::outcome_body(10004, "what \"is\" wrong"));
    assert_snapshot!(lines.0);
}

fn room(role: Option<Role>) -> RoomView {
    RoomView {
        room: "live_42".into(),
        profile: RoomProfile {
            name: "Tea".into(),
            introduction: "leaves".into(),
            notification: "at eight".into(),
            avatar: "http://localhost/p".into(),
            mute_all: role.is_some(),
            fields: BTreeMap::from([("add_goods".into(), "{\"id\":1}".into())]),
        },
        owner: role.map(|_| "host".into()),
        created_at: Time(1_600_000_000_000),
        changed_at: Time(1_600_000_001_000),
        spoke_at: Time(1_600_000_002_000),
        info_seq: 3,
        next_seq: 17,
        online: 2,
        role,
        joined_at: role.map(|_| Time(1_600_000_003_000)),
    }
}

fn member(muted_until: Time) -> MemberView {
    MemberView {
        user: "mei".into(),
        nick: "小美".into(),
        avatar: "http://localhost/mei.png".into(),
        role: Role::Member,
        joined_at: Time(1_600_000_003_000),
        muted_until,
        fields: BTreeMap::from([("attent".into(), "host".into())]),
    }
}

fn profile() -> Profile {
    let more = BTreeMap::from([
        (Arc::from("Custom_Shop"), ProfileValue::Text("tea".into())),
        (Arc::from("Level"), ProfileValue::Number(3)),
    ]);
    Profile { nick: "小美".into(), avatar: "http://localhost/mei.png".into(), more: Some(Box::new(more)) }
}

fn stats(ledger: bool) -> Stats {
    let mut books = Ledger::default();
    books.delivered(Class::Vital);
    books.dropped(Class::Like, DropReason::Budget);
    books.dropped(Class::Tip, DropReason::TipBudget);
    Stats { online: 2, peak: 3, likes: 4, messages: 5, ledger: ledger.then(|| Box::new(books)) }
}

fn login() -> Answer {
    Answer::LoggedIn(LoggedIn {
        app: APP,
        account: AccountId(144_115_200_000_000_007),
        session: SessionId(1),
        since: NOW,
        expires_at: Time(NOW.0 + 86_400_000),
        now: NOW,
        presence_text: "tea 🍵".into(),
        resumed: Vec::new(),
    })
}

#[test]
fn every_reply_in_every_shape() {
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    let profiles = Answer::Profiles(vec![("mei".into(), Some(Arc::new(profile()))), ("nobody".into(), None)]);
    let missing = Err(("gone".into(), Refusal::RoomMissing));
    let rooms = |role| Answer::RoomProfiles(vec![Ok(room(role)), missing.clone()]);
    let members = |next_page| Answer::Members { members: vec![member(Time::NEVER)], next_page, total: 1 };
    let muted = Answer::MutedUsers(vec![("mei".into(), Time(1_700_000_060_000)), ("bob".into(), Time::NEVER)]);
    let joined = Answer::Joined { app: APP, room: "live_42".into(), history: true, next_seq: 17 };
    let recalled = Answer::Recalled(vec![(5, Ok(())), (6, Err(Refusal::RecallTooLate))]);
    let sent = |dropped| Answer::Sent { at: NOW, seq: 16, dropped };
    let message = posted(9, message(vec![Element::Text("look here".into())], Priority::Normal, ""));
    let pin = Pin { by: "host".into(), at: NOW, message: Arc::new(message) };
    let words = Words::new(WordLists { reject: vec!["spam".into()], mask: vec!["笨蛋".into()] }).unwrap();
    let mut lines = Lines::default();
    for (name, answer, shape) in [
        ("done", Answer::Done, Shape::Plain),
        ("profiles, all", profiles.clone(), Shape::PortraitGetAll),
        (
            "profiles, some",
            profiles.clone(),
            Shape::PortraitGet(tags(&["Tag_Profile_IM_Nick", "Tag_Profile_Custom_Shop"])),
        ),
        ("opened", Answer::Opened { room: "live_42".into() }, Shape::Plain),
        ("rooms with oneself, owner", rooms(Some(Role::Owner)), Shape::SelfInfo),
        ("rooms with oneself, admin", rooms(Some(Role::Admin)), Shape::SelfInfo),
        ("rooms with oneself, stranger", rooms(None), Shape::SelfInfo),
        ("rooms, public", rooms(Some(Role::Member)), Shape::PublicInfo),
        ("rooms over REST, all", rooms(None), Shape::GroupInfo(tags(&[]))),
        ("rooms over REST, some", rooms(None), Shape::GroupInfo(tags(&["Name", "MemberNum"]))),
        ("joined", joined.clone(), Shape::Plain),
        ("watching", Answer::Watching { room: "live_42".into(), next_seq: 17 }, Shape::Plain),
        ("sent", sent(false), Shape::Plain),
        ("sent and dropped, to a client", sent(true), Shape::Plain),
        ("sent and dropped, over REST", sent(true), Shape::SentOverRest),
        ("online", Answer::OnlineCount(2), Shape::Plain),
        ("members online, more", members(250), Shape::OnlineMembers),
        ("members, end", members(0), Shape::MemberInfo),
        ("member records", Answer::MemberRecords(vec![member(Time::default())]), Shape::Plain),
        ("admins", Answer::Admins(vec![("helper".into(), "H".into(), "".into())]), Shape::Plain),
        ("muted", muted.clone(), Shape::Plain),
        ("muted, the old spelling", muted, Shape::ShuttedUin),
        (
            "counters",
            Answer::Tallies { tallies: vec![("likes".into(), 4), ("seats".into(), -1)], seq: 16 },
            Shape::Plain,
        ),
        ("recalled", recalled, Shape::Plain),
        ("banned", Answer::BannedUsers { banned: vec![("mei".into(), Time::NEVER)], next: 100 }, Shape::Plain),
        ("pins", Answer::Pins(vec![Arc::new(pin.clone())]), Shape::Plain),
        ("messages", Answer::Messages(vec![pin.message]), Shape::Plain),
        ("words", Answer::Words(Arc::new(words)), Shape::Plain),
        ("stats", Answer::Stats(stats(false)), Shape::Plain),
        ("stats with the books", Answer::Stats(stats(true)), Shape::Plain),
    ] {
        lines.add(name, &reply::body(&answer, &shape, &Extras::default()));
    }
    let resumed = [
        ("live_42".into(), ResumeStatus::Resumed),
        ("live_43".into(), ResumeStatus::GapTooLarge),
        ("live_44".into(), ResumeStatus::NotMember),
    ];
    let history = [Arc::new(WireItem { event: 3, json: r#"{"MsgSeq":3}"#.into() })];
    let extras = Extras { token: "token", hello_secs: 15, resumed: &resumed, history: &history };
    let upload = UploadAnswer {
        upload: "http://h/files/f/original.png?sig=s",
        download: "http://h/files/f/original.png",
        small: Some(["http://h/files/f/thumb", "http://h/files/f/large"]),
        id: "f",
        until: NOW,
    };
    lines.add("where to put a picture", &reply::upload(&upload));
    lines.add("where to put a film", &reply::upload(&UploadAnswer { small: None, ..upload }));
    lines.add("logged in and resumed", &reply::body(&login(), &Shape::Plain, &extras));
    lines.add("joined with history", &reply::body(&joined, &Shape::Plain, &extras));
    lines.add("logged in", &reply::body(&login(), &Shape::Plain, &Extras { resumed: &[], ..extras }));
    assert_snapshot!(lines.0);
}

#[test]
fn every_refusal_in_every_family() {
    let until = Time(1_700_000_060_000);
    let refusals = [
        Refusal::NotLoggedIn,
        Refusal::SessionEnded,
        Refusal::KickedByLogin,
        Refusal::KickedByAdmin,
        Refusal::SignatureRevoked,
        Refusal::AdminsOnly,
        Refusal::BadParameter("Name"),
        Refusal::TooLong { field: "Name", limit: 30 },
        Refusal::MessageTooLong { limit: 12_288 },
        Refusal::TooMany { what: "rooms", limit: 1 },
        Refusal::TooMany { what: "rooms of one owner", limit: 1 },
        Refusal::TooMany { what: "rooms at once", limit: 1 },
        Refusal::TooMany { what: "accounts", limit: 500 },
        Refusal::TooMany { what: "elements", limit: 20 },
        Refusal::RoomMissing,
        Refusal::BadRoomId,
        Refusal::BadUserId,
        Refusal::RoomTaken,
        Refusal::RoomTakenByYou,
        Refusal::NotALiveRoom,
        Refusal::NotMember,
        Refusal::Anonymous,
        Refusal::NotAllowed,
        Refusal::Muted { until },
        Refusal::Muted { until: Time::NEVER },
        Refusal::AllMuted,
        Refusal::Banned { until },
        Refusal::OwnerCannotLeave,
        Refusal::AccountMissing,
        Refusal::TallyReserved,
        Refusal::TallyOverflow,
        Refusal::MessageMissing,
        Refusal::RecallTooLate,
        Refusal::RecallNotAllowed,
        Refusal::TooOften,
        Refusal::BadParameter("To_Account"),
        Refusal::TooLong { field: "key", limit: 32 },
        Refusal::TooLong { field: "value", limit: 4000 },
        Refusal::TooLong { field: "all attributes", limit: 16_000 },
        Refusal::TooMany { what: "attributes", limit: 16 },
        Refusal::TooMany { what: "changes of attributes a second", limit: 10 },
        Refusal::Blocked,
        Refusal::DirectMissing,
        Refusal::AlreadyRecalled,
        Refusal::DirectRecallTooLate,
        Refusal::Busy,
        Refusal::AttributesChanged,
        Refusal::AttributeMissing,
        Refusal::UnknownTag,
        Refusal::BadTagValue,
    ];
    let mut lines = String::from("refusal: group login profile direct direct-over-REST other: words\n");
    for refusal in refusals {
        let codes =
            [Family::Group, Family::Login, Family::Profile, Family::Direct, Family::DirectRest, Family::Other];
        let codes = codes.map(|family| wire_error(&refusal, family).code.to_string()).join(" ");
        let info = wire_error(&refusal, Family::Group).info;
        writeln!(lines, "{}: {codes}: {info}", refusal.code()).expect("a string takes everything");
    }
    assert_snapshot!(lines);
}

#[test]
fn answers_that_never_change() {
    let mut lines = Lines::default();
    let ctx = Context { via: Via::Socket, app: APP, now: NOW };
    for command in [
        "heartbeat.alive",
        "recentcontact.get_contact_group",
        "openim.authkey",
        "im_sdk_config_mgr.fetch_config",
        "im_sdk_config_mgr.fetch_imsdk_purchase_bitsv2",
        "group_open_http_svc.get_joined_group_list",
        "million_group_open_http_svc.get_joined_group_list",
        "anything.else",
    ] {
        match decode(ctx, command, "{}") {
            Ok(hawker_wire::tencent::decode::Asked::Always(body)) => lines.add(command, &body),
            other => panic!("{command}: {other:?}"),
        }
    }
    assert_snapshot!(lines.0);
}

#[test]
fn frames_of_the_socket() {
    let mut lines = String::new();
    let mut add = |name: &str, bytes: &[u8]| {
        let head: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        writeln!(lines, "{name}: {head} ({} bytes)", bytes.len()).expect("a string takes everything");
    };
    for (text, length) in [(true, 2), (false, 2), (true, 125), (true, 126), (false, 65_535), (false, 65_536)] {
        let mut frame = Vec::new();
        ws::message(&mut frame, text, &vec![b'x'; length]);
        add(&format!("{} of {length}", if text { "text" } else { "binary" }), &frame);
    }
    add("pong", &ws::pong(b"p"));
    add("close", &ws::close_frame(ws::close::PROTOCOL, "why"));
    add("close with a long reason", &ws::close_frame(1008, &"x".repeat(500)));
    lines.push_str(&ws::switching_protocols("dGhlIHNhbXBsZSBub25jZQ=="));
    assert_snapshot!(lines.replace('\r', ""));
}

#[test]
fn any_text_is_written_as_json_that_reads_back() {
    for text in ["", "plain", "\"\\/\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}", "小美 \u{1F339} \u{2028}", "</script>"] {
        let mut out = String::new();
        json::string(&mut out, text);
        assert_eq!(serde_json::from_str::<String>(&out).expect("JSON"), text);
    }
}

fn letter(taken: bool) -> Letter {
    let from = Face { account: AccountId(1), user: "mei".into(), nick: "小美".into(), avatar: "".into() };
    let taker = Taker { by: AccountId(1), no: MessageNo::first_at(NOW) };
    let message = DirectMessage {
        no: MessageNo::first_at(NOW),
        from: AccountId(1),
        to: AccountId(2),
        seq: 9,
        random: 1009,
        sent_at: NOW.secs() - 1,
        elements: Arc::new([Element::Text("say \"hi\"".into())]),
        cloud_data: "{}".into(),
        bytes: 60,
        wishes: Wishes { counts: false, receipt: true, ..Wishes::default() },
        recalled: taken.then_some(taker),
    };
    Letter { message, from, to: "shop".into(), taken_by: taken.then(|| "mei".into()), copy: false }
}

#[test]
fn direct_messages_and_presence() {
    let mut lines = Lines::default();
    let here = PresenceOf { user: "mei".into(), presence: Presence::Online, text: "tea".into() };
    let gone = PresenceOf { user: "li".into(), presence: Presence::LoggedOut, text: "".into() };
    for (name, notice) in [
        ("message", Notice::Message(Box::new(letter(false)))),
        ("copy", Notice::Message(Box::new(Letter { copy: true, ..letter(false) }))),
        ("read by", Notice::ReadBy { reader: "shop".into(), secs: 5 }),
        ("read elsewhere", Notice::ReadElsewhere { peer: "mei".into(), secs: 5 }),
        ("recalled", Notice::Recalled(Box::new(letter(true)))),
        ("presence", Notice::Presence(vec![here.clone(), gone.clone()])),
    ] {
        lines.add(name, &push::frame([&direct::item(&notice)]));
    }
    let conversation = Conversation {
        peer: AccountId(1),
        newest: MessageNo::first_at(NOW),
        last: None,
        unread: 3,
        pinned: true,
        peer_read_to: MessageNo::first_at(NOW),
    };
    let key = letter(false).message.key();
    let no = MessageNo::first_at(NOW);
    let face = letter(false).from;
    let missing = vec![("mei".into(), Ok(())), ("ghost".into(), Err(Refusal::AccountMissing))];
    let failed = vec![("ghost".into(), Refusal::AccountMissing)];
    let history = |next| DirectAnswer::History {
        peer: "mei".into(),
        messages: vec![letter(false), letter(true)],
        next,
        last_secs: NOW.secs(),
    };
    for (name, answer, shape) in [
        ("sent", DirectAnswer::Sent { key, failed: vec![], sent: 1 }, Shape::Plain),
        ("sent to many", DirectAnswer::Sent { key, failed: vec![], sent: 1 }, Shape::SentToMany),
        ("sent to some", DirectAnswer::Sent { key, failed: failed.clone(), sent: 1 }, Shape::SentToMany),
        ("sent to none", DirectAnswer::Sent { key, failed, sent: 0 }, Shape::SentToMany),
        (
            "conversations",
            DirectAnswer::Conversations {
                conversations: vec![
                    (face.clone(), conversation.clone(), Some(letter(true))),
                    (face, conversation, None),
                ],
                next: Some((MessageNo(no.0 + 5), AccountId(144_115_200_000_000_007))),
            },
            Shape::Plain,
        ),
        (
            "synced",
            DirectAnswer::Synced {
                up_to: no,
                more: false,
                messages: vec![letter(false)],
                recalled: vec![letter(true)],
                unread: vec![("mei".into(), 3)],
            },
            Shape::Plain,
        ),
        (
            "synced, with more",
            DirectAnswer::Synced {
                up_to: no,
                more: true,
                messages: vec![],
                recalled: vec![],
                unread: vec![("mei".into(), 3)],
            },
            Shape::Plain,
        ),
        ("history", history(Some(no)), Shape::Plain),
        ("history over REST", history(None), Shape::HistoryOverRest),
        ("read by", DirectAnswer::ReadBy(vec![5, 0]), Shape::Plain),
        ("unread", DirectAnswer::Unread { total: 7, of: vec![("mei".into(), 3)] }, Shape::Plain),
        ("dropped", DirectAnswer::Each(missing.clone()), Shape::Dropped),
        ("blocked", DirectAnswer::Each(missing.clone()), Shape::Blocked),
        ("reminding", DirectAnswer::Each(missing), Shape::Reminding),
        ("reminders", DirectAnswer::Reminders(vec![("mei".into(), Reminding::Silent)]), Shape::Plain),
        ("blacklist", DirectAnswer::Blacklist(vec![("mei".into(), NOW)]), Shape::Plain),
    ] {
        lines.add(name, &reply::body(&Answer::Direct(answer), &shape, &Extras::default()));
    }
    let presence = Answer::Presence(vec![here, gone], vec!["ghost".into()]);
    for (name, shape) in [("presence", Shape::Plain), ("presence over REST", Shape::OnlineStatus)] {
        lines.add(name, &reply::body(&presence, &shape, &Extras::default()));
    }
    let attributes = Answer::Attributes { main: 8, attributes: vec![("lot".into(), "9".into(), 8)] };
    lines.add("attributes", &reply::body(&attributes, &Shape::Plain, &Extras::default()));
    lines.add("attributes changed", &reply::body(&attributes, &Shape::AttributesChanged, &Extras::default()));
    assert_snapshot!(lines.0);
}
