//! What those who run a room do with counters, and who may take back what was said.

use hawker_core::answer::Answer;
use hawker_core::change::{Change, Snapshot};
use hawker_core::command::{Command, OpenRoom, RoomCommand};
use hawker_core::engine::{AppRules, Caller, Engine, Input, Output};
use hawker_core::limits::Limits;
use hawker_core::post::{Draft, Element, Face, Meaning, Post, Posted, Priority, Tallying};
use hawker_core::rng::Rng;
use hawker_core::room::tallies::LIKES;
use hawker_core::room::{Actor, Context, Room, RoomEvent};
use hawker_core::words::Words;
use hawker_core::{AccountId, AppId, Refusal, RoomId, RoomKey, Time, UserId};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const APP: AppId = AppId(7);

/// A room with its host, an admin and two members, and what it was told.
struct Show {
    room: Room,
    now: Time,
    limits: Limits,
    rng: Rng,
    told: Vec<Arc<Posted>>,
}

/// Somebody; who is named `app admin` or `nobody` is what that says.
fn actor(name: &str) -> Actor {
    let account = name.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte));
    let face = Face { account: AccountId(account), user: name.into(), nick: "".into(), avatar: "".into() };
    Actor { face, app_admin: name == "app admin", anonymous: name == "nobody" }
}

impl Show {
    fn start() -> Self {
        let (now, limits) = (Time(1_000_000), Limits::default());
        let open = OpenRoom { live_room: true, name: "Tea".into(), ..OpenRoom::default() };
        let room = Room::open(now, RoomKey::new(APP, "live"), Some("host".into()), &open, &limits);
        let mut show = Self { room, now, limits, rng: Rng::new(1), told: Vec::new() };
        for member in ["host", "admin", "mei", "li"] {
            show.ok(member, RoomCommand::Join { history: false });
        }
        show.ok("host", RoomCommand::SetAdmins { users: vec!["admin".into()], admin: true });
        show
    }

    fn ask(&mut self, who: &str, command: RoomCommand) -> Result<Answer, Refusal> {
        let words = Words::default();
        let mut ctx = Context { now: self.now, limits: &self.limits, words: &words, rng: &mut self.rng };
        let verdict = self.room.decide(&mut ctx, &actor(who), command)?;
        for event in &verdict.events {
            self.room.apply(self.now, &self.limits, event);
            if let RoomEvent::Posted(posted) = event {
                self.told.push(posted.clone());
            }
        }
        Ok(verdict.answer)
    }

    fn ok(&mut self, who: &str, command: RoomCommand) -> Answer {
        self.ask(who, command).expect("allowed")
    }

    fn tally(&mut self, who: &str, how: Tallying, tallies: &[(&str, i64)]) -> Result<Answer, Refusal> {
        let tallies = tallies.iter().map(|(key, number)| (Arc::from(*key), *number)).collect();
        self.ask(who, RoomCommand::Tally { how, tallies })
    }

    /// All counters but the likes.
    fn tallies(&mut self) -> Vec<(String, i64)> {
        let Answer::Tallies { tallies, .. } = self.ok("nobody", RoomCommand::Tallies { keys: None }) else {
            panic!("counters were asked for");
        };
        tallies.iter().skip(1).map(|(key, value)| (key.to_string(), *value)).collect()
    }

    /// Says something a second later and returns its number.
    fn say(&mut self, who: &str, meaning: Meaning) -> u64 {
        self.now = self.now + Duration::from_secs(1);
        match self.ok(who, RoomCommand::Send(draft(self.told.len() as u32, meaning))) {
            Answer::Sent { seq, dropped: false, .. } => seq,
            other => panic!("not said: {other:?}"),
        }
    }

    fn recall(&mut self, who: &str, seqs: &[u64]) -> Result<Vec<Result<(), Refusal>>, Refusal> {
        match self.ask(who, RoomCommand::Recall { seqs: seqs.into(), reason: "oops".into() })? {
            Answer::Recalled(outcomes) => {
                assert_eq!(outcomes.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), seqs, "in the order asked");
                Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
            }
            other => panic!("not an answer to a recall: {other:?}"),
        }
    }
}

fn draft(random: u32, meaning: Meaning) -> Draft {
    Draft {
        meaning,
        priority: Priority::Normal,
        random,
        sent_at: 5,
        client_seq: 1,
        elements: [Element::Text("hi".into())].into(),
        cloud_data: "".into(),
        bytes: 2,
    }
}

fn keys(keys: &[&str]) -> Option<Vec<Arc<str>>> {
    Some(keys.iter().map(|key| Arc::from(*key)).collect())
}

#[test]
fn a_counter_is_set_raised_and_lowered_and_everybody_is_told() {
    let mut show = Show::start();
    for (how, number, value) in [
        (Tallying::Add, 2, 2),
        (Tallying::Set, 5, 5),
        (Tallying::Add, 2, 7),
        (Tallying::Subtract, 10, -3),
        (Tallying::Add, -4, -7),
        (Tallying::Set, i64::MIN, i64::MIN),
    ] {
        let answer = show.tally("host", how, &[("seats", number)]).unwrap();
        let told = show.told.last().unwrap();
        assert_eq!(answer, Answer::Tallies { tallies: vec![("seats".into(), value)], seq: told.seq });
        assert_eq!(told.post, Post::Tallied { how, tallies: vec![("seats".into(), value)] });
        assert_eq!(show.tallies(), [("seats".into(), value)]);
    }
}

#[test]
fn only_who_runs_the_room_counts_and_everybody_reads() {
    let mut show = Show::start();
    for (who, want) in [
        ("host", Ok(())),
        ("admin", Ok(())),
        ("app admin", Ok(())),
        ("mei", Err(Refusal::NotAllowed)),
        ("a stranger", Err(Refusal::NotAllowed)),
        ("nobody", Err(Refusal::NotAllowed)),
    ] {
        assert_eq!(show.tally(who, Tallying::Add, &[("seats", 1)]).map(drop), want, "{who}");
        let all = RoomCommand::DropTallies { keys: keys(&["votes"]) };
        assert_eq!(show.ask(who, all).map(drop), want, "{who}");
        assert!(matches!(show.ask(who, RoomCommand::Tallies { keys: None }), Ok(Answer::Tallies { .. })), "{who}");
    }
    assert_eq!(show.tallies(), [("seats".into(), 3)]);
}

#[test]
fn what_a_counter_cannot_be_is_refused_whole() {
    let mut show = Show::start();
    show.tally("host", Tallying::Set, &[("high", i64::MAX), ("low", i64::MIN)]).unwrap();
    let before = show.tallies();
    let (fits, too_long) = ("x".repeat(128), "x".repeat(129));
    let many: Vec<_> = (0..19).map(|n| format!("n{n}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), 1)).collect();
    let too_many = Refusal::TooMany { what: "counters", limit: 20 };
    for (how, tallies, want) in [
        (Tallying::Set, vec![], Refusal::BadParameter("GroupCounter")),
        (Tallying::Set, vec![("seats", 1), ("", 1)], Refusal::BadParameter("Key")),
        (Tallying::Set, vec![("seats", 1), (LIKES, 1)], Refusal::TallyReserved),
        (Tallying::Set, vec![(too_long.as_str(), 1)], Refusal::TooLong { field: "Key", limit: 128 }),
        (Tallying::Add, vec![("seats", 1), ("high", 1)], Refusal::TallyOverflow),
        (Tallying::Subtract, vec![("low", 1)], Refusal::TallyOverflow),
        (Tallying::Subtract, vec![("seats", i64::MIN)], Refusal::TallyOverflow),
        (Tallying::Add, vec![("seats", i64::MAX), ("seats", 1)], Refusal::TallyOverflow),
        (Tallying::Set, many.clone(), too_many.clone()),
        (Tallying::Set, vec![("seats", 1); 21], too_many.clone()),
    ] {
        assert_eq!(show.tally("host", how, &tallies), Err(want));
        assert_eq!(show.tallies(), before);
    }
    show.tally("host", Tallying::Set, &many[..17]).unwrap();
    show.tally("host", Tallying::Set, &[(&fits, 1)]).unwrap();
    assert_eq!(show.tally("host", Tallying::Set, &[("one more", 1)]), Err(too_many));
    show.tally("host", Tallying::Set, &[("high", 1), (&fits, 2)]).unwrap();
}

#[test]
fn counters_are_taken_away_by_name_or_all_at_once() {
    let mut show = Show::start();
    let set = [("a", 1), ("b", 2), ("c", 3)];
    for (named, left, told) in [
        (keys(&["b"]), vec!["a", "c"], Some(vec!["b"])),
        (keys(&["b", "x", "b"]), vec!["a", "c"], Some(vec!["b"])),
        (keys(&["x"]), vec!["a", "b", "c"], None),
        (None, vec![], Some(vec!["a", "b", "c"])),
    ] {
        show.tally("host", Tallying::Set, &set).unwrap();
        let before = show.told.len();
        show.ok("host", RoomCommand::DropTallies { keys: named });
        assert_eq!(show.tallies().iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), left);
        let notice = show.told.get(before).map(|posted| posted.post.clone());
        assert_eq!(notice, told.map(|told| Post::TalliesDropped { keys: keys(&told).unwrap() }));
    }
    for (named, want) in
        [(keys(&[]), Refusal::BadParameter("GroupCounterKeys")), (keys(&[LIKES]), Refusal::TallyReserved)]
    {
        assert_eq!(show.ask("host", RoomCommand::DropTallies { keys: named }), Err(want));
    }
}

#[test]
fn likes_are_read_beside_the_counters() {
    let mut show = Show::start();
    show.tally("host", Tallying::Set, &[("seats", 4)]).unwrap();
    show.say("mei", Meaning::Like);
    let all = vec![(Arc::from(LIKES), 1), (Arc::from("seats"), 4)];
    for (named, want) in [
        (None, all.clone()),
        (keys(&["seats", LIKES]), all.clone()),
        (keys(&["seats"]), all[1..].to_vec()),
        (keys(&[LIKES, "votes"]), all[..1].to_vec()),
    ] {
        let seq = show.told.last().unwrap().seq;
        assert_eq!(show.ok("li", RoomCommand::Tallies { keys: named }), Answer::Tallies { tallies: want, seq });
    }
}

proptest! {
    #[test]
    fn counters_are_what_arithmetic_says(
        steps in proptest::collection::vec(
            (0..3_u8, 0..3_usize, prop_oneof![Just(i64::MAX), Just(i64::MIN), -9..9_i64]),
            1..40,
        ),
    ) {
        let mut show = Show::start();
        let mut want: BTreeMap<String, i128> = BTreeMap::new();
        for (how, key, number) in steps {
            let how = [Tallying::Set, Tallying::Add, Tallying::Subtract][usize::from(how)];
            let key = ["a", "b", "c"][key];
            let before = want.get(key).copied().unwrap_or(0);
            let after = match how {
                Tallying::Set => number.into(),
                Tallying::Add => before + i128::from(number),
                Tallying::Subtract => before - i128::from(number),
            };
            let fits = i64::try_from(after).is_ok();
            prop_assert_eq!(show.tally("host", how, &[(key, number)]).is_ok(), fits);
            if fits {
                want.insert(key.into(), after);
            }
            let got: BTreeMap<_, _> = show.tallies().into_iter().map(|(key, value)| (key, value.into())).collect();
            prop_assert_eq!(&got, &want);
            prop_assert!(show.room.ledger().balances());
        }
    }
}

#[test]
fn a_message_is_taken_back_by_its_sender_and_by_who_runs_the_room() {
    for (who, want) in [
        ("mei", Ok(vec![Ok(())])),
        ("host", Ok(vec![Ok(())])),
        ("admin", Ok(vec![Ok(())])),
        ("app admin", Ok(vec![Ok(())])),
        ("li", Ok(vec![Err(Refusal::RecallNotAllowed)])),
        ("a stranger", Err(Refusal::NotMember)),
        ("nobody", Err(Refusal::Anonymous)),
    ] {
        let mut show = Show::start();
        let seq = show.say("mei", Meaning::Chat);
        assert_eq!(show.recall(who, &[seq]), want, "{who}");
        let told = show.told.iter().any(|posted| matches!(posted.post, Post::Recalled { .. }));
        assert_eq!(told, want == Ok(vec![Ok(())]), "{who}");
    }
}

#[test]
fn everybody_is_told_once_of_all_that_one_call_took_back() {
    let mut show = Show::start();
    let (first, gift) = (show.say("mei", Meaning::Chat), show.say("mei", Meaning::Commerce));
    let host = show.say("host", Meaning::Chat);
    let before = show.told.len();
    let refused = Err(Refusal::RecallNotAllowed);
    assert_eq!(show.recall("mei", &[gift, first, first, host]), Ok(vec![Ok(()), Ok(()), Ok(()), refused]));
    let [posted] = &show.told[before..] else { panic!("one notice") };
    let Post::Recalled { by, messages, reason } = &posted.post else { panic!("a recall: {posted:?}") };
    assert_eq!((by.user.as_str(), &**reason), ("mei", "oops"));
    assert_eq!(messages.iter().map(|message| message.seq).collect::<Vec<_>>(), [gift, first]);
    assert!(messages.iter().all(|message| message.user == by.user && message.sent_at == 5));
    assert!(posted.seq > host, "it has a number of its own");
}

#[test]
fn what_is_no_message_any_more_or_never_was_is_not_found() {
    let mut show = Show::start();
    let (like, said) = (show.say("mei", Meaning::Like), show.say("mei", Meaning::Chat));
    let tip = show.told[0].seq;
    assert_eq!(show.recall("host", &[said]), Ok(vec![Ok(())]));
    for seq in [0, tip, like, said, 999, u64::MAX] {
        assert_eq!(show.recall("host", &[seq]), Ok(vec![Err(Refusal::MessageMissing)]), "{seq}");
    }
}

#[test]
fn a_message_is_taken_back_within_an_hour_or_never() {
    let mut show = Show::start();
    let (first, second) = (show.say("mei", Meaning::Chat), show.say("mei", Meaning::Chat));
    show.now = show.now + Duration::from_secs(3600);
    assert_eq!(show.recall("mei", &[first, second]), Ok(vec![Err(Refusal::RecallTooLate), Ok(())]));
    assert_eq!(show.recall("li", &[first]), Ok(vec![Err(Refusal::RecallNotAllowed)]));
}

#[test]
fn a_room_remembers_as_many_messages_as_its_limit_says() {
    let mut show = Show::start();
    show.limits.recallable_max = 2;
    let said: Vec<_> = (0..3).map(|_| show.say("mei", Meaning::Chat)).collect();
    show.say("li", Meaning::Like);
    assert_eq!(show.recall("host", &said), Ok(vec![Err(Refusal::MessageMissing), Ok(()), Ok(())]));
}

#[test]
fn a_recall_has_bounds() {
    let mut show = Show::start();
    let too_many = Refusal::TooMany { what: "messages in one recall", limit: 10 };
    for (seqs, reason, want) in [
        (vec![], "", Some(Refusal::BadParameter("MsgSeqList"))),
        (vec![1; 10], "", None),
        (vec![1; 11], "", Some(too_many)),
        (vec![1], &*"x".repeat(100), None),
        (vec![1], &*"x".repeat(101), Some(Refusal::TooLong { field: "Reason", limit: 100 })),
    ] {
        let recall = RoomCommand::Recall { seqs, reason: reason.into() };
        assert_eq!(show.ask("host", recall).err(), want);
    }
}

#[test]
fn a_muted_member_takes_back_what_it_said_but_not_too_often() {
    let mut show = Show::start();
    let said: Vec<_> = (0..11).map(|_| show.say("mei", Meaning::Chat)).collect();
    show.now = show.now + Duration::from_secs(1);
    show.ok("host", RoomCommand::Mute { users: vec!["mei".into()], secs: 60 });
    for seq in &said[..10] {
        assert_eq!(show.recall("mei", &[*seq]), Ok(vec![Ok(())]));
    }
    assert_eq!(show.recall("mei", &said[10..]), Err(Refusal::TooOften));
    assert_eq!(show.recall("host", &said[10..]), Ok(vec![Ok(())]), "who runs the room has no such limit");
}

/// What the engine hands out for commands of an administrator, and the commits in it.
fn outputs(engine: &mut Engine<u32>, commands: Vec<(u32, RoomCommand)>) -> Vec<Output<u32>> {
    for (ticket, command) in commands {
        let by = Caller::Admin { app: APP, user: UserId::from("boss") };
        let command = Command::Room(RoomId::from("live"), command);
        engine.handle(Time(1), Input::Asked { by, ticket, command });
    }
    engine.seal();
    std::iter::from_fn(|| engine.poll()).collect()
}

fn engine() -> Engine<u32> {
    let apps = BTreeMap::from([(APP, AppRules::default())]);
    let mut engine = Engine::new(Time(1), apps, Snapshot::default(), 1);
    let open = OpenRoom { room: Some("live".into()), live_room: true, name: "Tea".into(), ..OpenRoom::default() };
    let by = Caller::Admin { app: APP, user: UserId::from("boss") };
    engine.handle(Time(1), Input::Asked { by, ticket: 0, command: Command::OpenRoom(open) });
    engine.seal();
    engine.handle(Time(1), Input::Committed(1));
    while engine.poll().is_some() {}
    engine
}

#[test]
fn a_counter_is_kept_before_anybody_hears_of_it() {
    let mut engine = engine();
    let set = RoomCommand::Tally { how: Tallying::Set, tallies: vec![("seats".into(), 5)] };
    let out = outputs(&mut engine, vec![(1, set)]);
    let [Output::Commit(2, changes)] = &out[..] else { panic!("only a commit: {out:?}") };
    assert!(changes.contains(&Change::Tally(RoomKey::new(APP, "live"), "seats".into(), Some(5))));
    engine.handle(Time(1), Input::Committed(2));
    let told: Vec<_> = std::iter::from_fn(|| engine.poll()).collect();
    assert!(matches!(&told[..], [Output::Deliver(_), Output::Reply { ticket: 1, .. }]), "{told:?}");
}

#[test]
fn what_was_said_and_taken_back_in_one_breath_is_kept_in_that_order() {
    let mut engine = engine();
    let recall = RoomCommand::Recall { seqs: vec![1], reason: "".into() };
    let out = outputs(&mut engine, vec![(1, RoomCommand::Send(draft(1, Meaning::Chat))), (2, recall)]);
    let changes = out.iter().find_map(|output| match output {
        Output::Commit(_, changes) => Some(changes),
        _ => None,
    });
    let changes = changes.expect("a recall is kept");
    let said = changes.iter().position(|change| matches!(change, Change::Said(_))).expect("it was said");
    let key = RoomKey::new(APP, "live");
    let recalled = changes.iter().position(|change| *change == Change::Recalled(key.clone(), 1));
    assert!(recalled.is_some_and(|recalled| recalled > said), "{changes:?}");
    assert!(!out.iter().any(|output| matches!(output, Output::Reply { ticket: 2, .. })), "not before it is kept");
}
