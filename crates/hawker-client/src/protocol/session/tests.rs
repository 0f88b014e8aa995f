//! The session against a scripted server, without a socket.

use super::super::event::{GapKind, KickReason, NetState, RemovalReason};
use super::*;

const TICKET: Ticket = Ticket(1);

/// A session and what it has put out.
struct Bench {
    session: Session,
    now: Now,
    sent: Vec<Value>,
    events: Vec<Event>,
    done: Vec<(Ticket, Result<Value, Error>)>,
    connects: usize,
    disconnects: usize,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(Limits::default(), ReconnectPolicy::default())
    }

    fn with(limits: Limits, reconnect: ReconnectPolicy) -> Bench {
        let config = Config { url: "ws://h".into(), sdk_app_id: 14, compress: true, limits, reconnect };
        let mut bench = Bench {
            session: Session::new(config, 7),
            now: Now { at: Time::from_secs(1), unix_secs: 1_700_000_000 },
            sent: vec![],
            events: vec![],
            done: vec![],
            connects: 0,
            disconnects: 0,
        };
        bench.drain();
        bench
    }

    fn open() -> Bench {
        let mut bench = Bench::new();
        bench.input(Input::Opened);
        bench.reply("heartbeat.alive", json!({}));
        bench
    }

    /// Logged in as `me`.
    fn ready() -> Bench {
        let mut bench = Bench::open();
        bench.login();
        bench.reply(
            "im_open_status.wslogin",
            json!({"A2Key": "token", "TinyId": "144", "InstId": 1, "HelloInterval": 30}),
        );
        bench
    }

    /// Logged in as `me` and in room `r`, whose next message is number 10.
    fn in_room() -> Bench {
        let mut bench = Bench::ready();
        bench.request(TICKET, Request::Join { room: "r".into(), anonymous: false });
        bench.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess", "HugeGroupFlag": 1}));
        bench.reply("get_group_self_member_info", json!({"GroupInfo": [{"GroupId": "r", "NextMsgSeq": 10}]}));
        bench.events.clear();
        bench.done.clear();
        bench
    }

    fn login(&mut self) {
        self.request(TICKET, Request::Login { user: "me".into(), user_sig: "sig".into() });
    }

    fn input(&mut self, input: Input<'_>) {
        self.session.handle(self.now, input);
        self.drain();
    }

    fn request(&mut self, ticket: Ticket, request: Request) {
        self.input(Input::Request(ticket, request));
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Connect { .. } => self.connects += 1,
                Output::Disconnect => self.disconnects += 1,
                Output::Send(frame) => self.sent.push(serde_json::from_slice(&frame).unwrap()),
                Output::Event(event) => self.events.push(event),
                Output::Done(ticket, result) => self.done.push((ticket, result)),
            }
        }
    }

    /// The last request of that command.
    fn last(&self, command: &str) -> Value {
        let is = |frame: &&Value| frame["head"]["servcmd"].as_str().unwrap().ends_with(command);
        self.sent.iter().rfind(is).unwrap_or_else(|| panic!("no {command} in {:?}", self.sent)).clone()
    }

    fn count(&self, command: &str) -> usize {
        self.sent.iter().filter(|frame| frame["head"]["servcmd"].as_str().unwrap().ends_with(command)).count()
    }

    fn reply(&mut self, command: &str, body: Value) {
        let head = self.last(command)["head"].clone();
        let frame = json!({"head": {"servcmd": head["servcmd"], "seq": head["seq"]}, "body": body});
        self.input(Input::Frame(frame.to_string().as_bytes()));
    }

    fn push(&mut self, body: Value) {
        self.push_as("im_open_push.msg_push", body);
    }

    fn push_as(&mut self, servcmd: &str, body: Value) {
        let frame = json!({"head": {"servcmd": servcmd}, "body": body});
        self.input(Input::Frame(frame.to_string().as_bytes()));
    }

    fn push_message(&mut self, seq: u64, random: u64, from: &str) {
        self.push(json!({"EventArray": [{"Event": 3, "GroupMsgArray": [{"From_Account": from, "ToGroupId": "r",
            "MsgSeq": seq, "MsgRandom": random, "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]}]}]}));
    }

    fn lose(&mut self) {
        self.input(Input::Closed { reason: "gone".into() });
    }

    /// The connection is lost and found again.
    fn reconnect(&mut self) {
        self.lose();
        self.sleep();
        self.input(Input::Opened);
    }

    /// Sleeps until the session wants to be woken.
    fn sleep(&mut self) {
        self.now.at = self.session.wake_at().expect("something to wait for").max(self.now.at);
        self.input(Input::Tick);
    }

    fn message_seqs(&self) -> Vec<u64> {
        self.events.iter().filter_map(|e| if let Event::Message(m) = e { Some(m.seq) } else { None }).collect()
    }

    fn call(&mut self, ticket: u64, repeatable: bool) {
        let request = Request::Call { command: "a.b".into(), body: json!({}), repeatable };
        self.request(Ticket(ticket), request);
    }
}

#[test]
fn login_shows_the_signature_and_later_requests_the_token() {
    let mut bench = Bench::ready();
    assert_eq!(bench.last("wslogin")["head"]["usersig"], "sig");
    bench.call(2, true);
    assert_eq!(bench.last("a.b")["head"]["a2"], "token");
    assert_eq!(bench.last("a.b")["head"].get("usersig"), None);
    assert!(bench.events.contains(&Event::Ready { user: "me".into() }));
}

#[test]
fn refused_login_leaves_the_client_usable() {
    let mut bench = Bench::open();
    bench.login();
    bench.reply("wslogin", json!({"ErrorCode": 70009, "ErrorInfo": "bad"}));
    assert!(matches!(&bench.done[..], [(TICKET, Err(Error::Refused { code: 70009, .. }))]));
    bench.login();
    assert_eq!(bench.count("wslogin"), 2);
}

#[test]
fn second_login_and_calls_without_one_are_refused_here() {
    let mut bench = Bench::open();
    bench.call(5, true);
    assert_eq!(bench.done.pop(), Some((Ticket(5), Err(Error::NotLoggedIn))));
    bench.login();
    bench.login();
    assert_eq!(bench.done.pop(), Some((TICKET, Err(Error::RepeatedLogin))));
}

#[test]
fn replies_find_their_requests_in_any_order() {
    let mut bench = Bench::ready();
    bench.call(2, true);
    let first = bench.last("a.b")["head"]["seq"].clone();
    bench.call(3, true);
    bench.reply("a.b", json!({"n": 3}));
    let frame = json!({"head": {"servcmd": "a.b", "seq": first}, "body": {"n": 2}});
    bench.input(Input::Frame(frame.to_string().as_bytes()));
    let answers: Vec<_> = bench.done[1..].iter().map(|(t, r)| (t.0, r.as_ref().unwrap()["n"].clone())).collect();
    assert_eq!(answers, [(3, json!(3)), (2, json!(2))]);
}

#[test]
fn unanswered_request_times_out_and_a_late_reply_harms_nobody() {
    let mut bench = Bench::ready();
    bench.call(2, true);
    bench.now.at += Limits::default().request_timeout;
    bench.input(Input::Tick);
    assert!(matches!(bench.done.last(), Some((Ticket(2), Err(Error::Timeout { .. })))));
    let answers = bench.done.len();
    bench.reply("a.b", json!({}));
    assert_eq!(bench.done.len(), answers);
}

#[test]
fn a_message_is_delivered_once_whatever_the_server_repeats() {
    let mut bench = Bench::in_room();
    for seq in [10, 11, 10, 12, 11, 13] {
        bench.push_message(seq, seq + 1000, "other");
    }
    assert_eq!(bench.message_seqs(), [10, 11, 12, 13]);
}

#[test]
fn own_message_does_not_come_back_but_that_of_another_device_does() {
    let mut bench = Bench::in_room();
    bench.request(Ticket(2), Request::Send { room: "r".into(), message: Outgoing::text("hi") });
    let random = bench.last("send_group_msg")["body"]["Random"].as_u64().unwrap();
    bench.push_message(10, random, "me");
    bench.push_message(11, random + 1, "me");
    assert_eq!(bench.message_seqs(), [11]);
    assert!(matches!(&bench.events[0], Event::Message(message) if message.own));
}

#[test]
fn pushes_of_rooms_that_are_not_joined_are_ignored() {
    let mut bench = Bench::ready();
    bench.push_message(10, 1, "other");
    assert!(bench.message_seqs().is_empty());
}

#[test]
fn returning_client_names_the_last_message_of_each_room() {
    let mut bench = Bench::in_room();
    bench.push_message(10, 1000, "other");
    bench.reconnect();
    let login = bench.last("wslogin");
    assert_eq!(login["head"]["a2"], "token");
    assert_eq!(login["body"]["Resume"], json!([{"GroupId": "r", "MsgSeq": 10}]));
    bench.reply("wslogin", json!({"InstId": 1, "Resume": [{"GroupId": "r", "Status": "Resumed"}]}));
    bench.push_message(10, 1000, "other");
    bench.push_message(11, 1001, "other");
    assert_eq!(bench.message_seqs(), [10, 11]);
    assert!(!bench.events.iter().any(|event| matches!(event, Event::Gap { .. })));
}

#[test]
fn nothing_heard_yet_means_resuming_from_the_join() {
    let mut bench = Bench::in_room();
    bench.reconnect();
    assert_eq!(bench.last("wslogin")["body"]["Resume"], json!([{"GroupId": "r", "MsgSeq": 9}]));
}

#[test]
fn a_gap_is_told() {
    let mut bench = Bench::in_room();
    bench.push_message(10, 1000, "other");
    bench.reconnect();
    bench.reply("wslogin", json!({"Resume": [{"GroupId": "r", "Status": "GapTooLarge"}]}));
    let gap = Event::Gap { room: "r".into(), after_seq: 10, kind: GapKind::TooLarge };
    assert!(bench.events.contains(&gap));
}

#[test]
fn membership_that_ended_meanwhile_is_renewed() {
    let mut bench = Bench::in_room();
    bench.push_message(10, 1000, "other");
    bench.reconnect();
    bench.reply("wslogin", json!({"Resume": [{"GroupId": "r", "Status": "NotMember"}]}));
    bench.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess"}));
    bench.reply("get_group_self_member_info", json!({"GroupInfo": [{"GroupId": "r", "NextMsgSeq": 31}]}));
    bench.push_message(31, 1031, "other");
    assert_eq!(bench.message_seqs(), [10, 31]);
    assert!(bench.events.iter().any(|e| matches!(e, Event::Gap { kind: GapKind::Rejoined, .. })));
}

#[test]
fn room_that_is_gone_meanwhile_is_reported() {
    for (code, event) in [
        (10010, Event::Dismissed { room: "r".into() }),
        (10007, Event::Removed { room: "r".into(), reason: RemovalReason::NotReadmitted { code: 10007 } }),
    ] {
        let mut bench = Bench::in_room();
        bench.reconnect();
        bench.reply("wslogin", json!({"Resume": [{"GroupId": "r", "Status": "NotMember"}]}));
        bench.reply("apply_join_group", json!({"ErrorCode": code}));
        assert!(bench.events.contains(&event), "{code}");
    }
}

#[test]
fn repeatable_requests_survive_the_connection_and_others_do_not() {
    let mut bench = Bench::ready();
    bench.call(2, true);
    bench.call(3, false);
    bench.lose();
    assert_eq!(bench.done.pop(), Some((Ticket(3), Err(Error::Interrupted { command: "a.b".into() }))));
    bench.sleep();
    bench.input(Input::Opened);
    let sent = bench.count("a.b");
    bench.reply("wslogin", json!({}));
    assert_eq!(bench.count("a.b"), sent + 1, "sent again, and only after the login");
    bench.reply("a.b", json!({"n": 2}));
    assert!(matches!(bench.done.last(), Some((Ticket(2), Ok(_)))));
}

#[test]
fn refused_token_is_replaced_by_a_login_with_the_signature() {
    let mut bench = Bench::in_room();
    bench.reconnect();
    bench.reply("wslogin", json!({"ErrorCode": 70001}));
    assert_eq!(bench.last("wslogin")["head"]["usersig"], "sig");
    bench.reply("wslogin", json!({"A2Key": "token2", "TinyId": "144", "InstId": 2}));
    assert_eq!(bench.last("apply_join_group")["head"]["a2"], "token2");
    assert!(!bench.events.contains(&Event::NotReady));
}

#[test]
fn expired_signature_ends_the_login() {
    let mut bench = Bench::in_room();
    bench.reconnect();
    bench.reply("wslogin", json!({"ErrorCode": 70001}));
    bench.reply("wslogin", json!({"ErrorCode": 70001}));
    assert!(bench.events.contains(&Event::Kicked(KickReason::SignatureExpired)));
    assert!(bench.events.contains(&Event::NotReady));
    assert_eq!(bench.session.user(), None);
}

#[test]
fn server_that_refuses_every_return_is_asked_ever_more_rarely() {
    let reconnect = ReconnectPolicy { attempts_max: 3, ..ReconnectPolicy::default() };
    let mut bench = Bench::with(Limits::default(), reconnect);
    bench.input(Input::Opened);
    bench.login();
    bench.reply("wslogin", json!({"A2Key": "token", "TinyId": "144"}));
    bench.lose();
    while bench.session.wake_at().is_some() {
        bench.sleep();
        bench.input(Input::Opened);
        bench.reply("heartbeat.alive", json!({}));
        bench.reply("wslogin", json!({"ErrorCode": 10002}));
    }
    assert_eq!(bench.events.last(), Some(&Event::NetState(NetState::Disconnected)));
}

#[test]
fn kick_ends_the_login_and_what_waits() {
    let mut bench = Bench::in_room();
    bench.call(2, true);
    bench
        .push(json!({"EventArray": [{"Event": 10, "C2cNotifyMsgArray": [{"KickoutMsgNotify": {"KickType": 1}}]}]}));
    assert_eq!(bench.last("wslogout")["body"]["wslogout_type"], 1);
    assert_eq!(bench.done.last(), Some(&(Ticket(2), Err(Error::Kicked(KickReason::MultipleAccount)))));
    assert_eq!(bench.events, [Event::Kicked(KickReason::MultipleAccount), Event::NotReady]);
}

#[test]
fn silent_server_is_asked_and_then_left() {
    let mut bench = Bench::ready();
    bench.reply("heartbeat.alive", json!({}));
    let beats = bench.count("heartbeat.alive");
    bench.sleep();
    assert_eq!(bench.count("heartbeat.alive"), beats + 1);
    bench.sleep();
    assert_eq!(bench.disconnects, 1);
    bench.sleep();
    assert_eq!(bench.connects, 2);
}

#[test]
fn hello_is_said_as_often_as_the_server_wants() {
    let mut bench = Bench::ready();
    while bench.count("wshello") < 2 {
        bench.sleep();
        bench.reply("heartbeat.alive", json!({}));
    }
    assert_eq!(bench.now.at, Time::from_secs(61));
}

#[test]
fn client_gives_up_and_starts_again_with_a_request() {
    let reconnect = ReconnectPolicy { attempts_max: 2, ..ReconnectPolicy::default() };
    let mut bench = Bench::with(Limits::default(), reconnect);
    bench.login();
    bench.lose();
    bench.sleep();
    bench.lose();
    assert_eq!(bench.done.pop(), Some((TICKET, Err(Error::Disconnected { reason: "gone".into() }))));
    assert_eq!(bench.events.last(), Some(&Event::NetState(NetState::Disconnected)));
    bench.login();
    assert_eq!(bench.connects, 3);
}

#[test]
fn anonymous_viewer_polls_from_its_cursor_and_keeps_it_over_a_cut() {
    let mut bench = Bench::open();
    bench.request(TICKET, Request::Join { room: "r".into(), anonymous: true });
    bench.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess", "LongPollingKey": "k"}));
    assert_eq!(bench.last("noauth_svc.get_msg")["body"]["StartSeq"], 0);
    let message = json!({"Event": 3, "GroupId": "r", "MsgSeq": 7, "MsgBody": []});
    bench.reply("get_msg", json!({"ErrorCode": 0, "Key": "k2", "NextSeq": 8, "RspMsgList": [message]}));
    assert!(matches!(&bench.events[..], [.., Event::Message(message)] if message.seq == 7 && message.history));
    bench.reconnect();
    bench.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess", "LongPollingKey": "k3"}));
    let poll = bench.last("get_msg");
    assert_eq!((&poll["body"]["StartSeq"], &poll["body"]["Key"]), (&json!(8), &json!("k3")));
    bench.reply("get_msg", json!({"ErrorCode": 0, "NextSeq": 20, "RspMsgList": [], "Gap": 1}));
    assert!(matches!(bench.events.last(), Some(Event::Gap { kind: GapKind::TooLarge, .. })));
}

#[test]
fn command_under_brake_is_held_back_until_its_time() {
    let mut bench = Bench::ready();
    bench.push_as("OverLoadPush.notify2", json!({"OverLoadServCmd": "a.b", "DelaySecs": 5}));
    bench.call(2, true);
    assert!(matches!(bench.done.last(), Some((Ticket(2), Err(Error::HeldBack { .. })))));
    bench.now.at += Time::from_secs(5);
    bench.call(3, true);
    assert_eq!(bench.count("a.b"), 1);
}

#[test]
fn abandoned_request_that_was_not_sent_is_forgotten() {
    let mut bench = Bench::new();
    bench.login();
    bench.input(Input::Abandoned(TICKET));
    bench.input(Input::Opened);
    assert_eq!(bench.count("wslogin"), 0);
    bench.login();
    assert_eq!(bench.count("wslogin"), 1);
}

#[test]
fn too_many_waiting_requests_are_refused() {
    let limits = Limits { requests_max: 3, ..Limits::default() };
    let mut bench = Bench::with(limits, ReconnectPolicy::default());
    bench.login();
    for ticket in 2..5 {
        bench.call(ticket, true);
    }
    assert_eq!(bench.done, [(Ticket(4), Err(Error::TooManyRequests))]);
}

#[test]
fn dismissed_room_is_not_resumed() {
    let mut bench = Bench::in_room();
    bench.push(json!({"EventArray": [{"Event": 5, "GroupTips": [{"ToGroupId": "r", "MsgSeq": 12, "MsgRandom": 5,
        "MsgBody": {"ReportType": 5}}]}]}));
    assert_eq!(bench.events, [Event::Dismissed { room: "r".into() }]);
    bench.reconnect();
    assert_eq!(bench.last("wslogin")["body"]["Resume"], json!([]));
}

#[test]
fn unreadable_frame_is_reported_and_skipped() {
    let mut bench = Bench::in_room();
    bench.input(Input::Frame(b"{"));
    bench.push_message(10, 1000, "other");
    assert!(matches!(&bench.events[..], [Event::Fault(_), Event::Message(_)]));
}

fn direct(from: &str, seq: u64) -> Value {
    let to = if from == "me" { "bob" } else { "me" };
    json!({"From_Account": from, "To_Account": to, "MsgSeq": seq, "MsgRandom": seq + 100, "MsgTimeStamp": 1000 + seq,
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": format!("m{seq}")}}]})
}

fn direct_seqs(bench: &Bench) -> Vec<u64> {
    let seq = |event: &Event| if let Event::Direct(message) = event { Some(message.key.seq) } else { None };
    bench.events.iter().filter_map(seq).collect()
}

#[test]
fn messages_between_users_are_told_once_however_they_come() {
    let mut bench = Bench::ready();
    assert_eq!(bench.last("openim.getmsg")["body"]["Cookie"], "");
    bench.reply(
        "openim.getmsg",
        json!({"Cookie": "5", "SyncFlag": 2,
        "C2CPairUnreadCount": [{"From_Account": "bob", "UnreadCount": 2}]}),
    );
    assert!(bench.events.contains(&Event::Unread { peer: "bob".into(), count: 2 }));
    bench.push(json!({"EventArray": [{"Event": 9, "C2cMsgArray": [direct("bob", 1)]}]}));
    bench.push(json!({"EventArray": [{"Event": 9, "C2cMsgArray": [direct("bob", 1), direct("bob", 2)]}]}));
    bench.reconnect();
    bench.reply("wslogin", json!({"A2Key": "token", "TinyId": "144", "InstId": 1}));
    assert_eq!(bench.last("openim.getmsg")["body"]["Cookie"], "5", "goes on where it was");
    bench.reply(
        "openim.getmsg",
        json!({"Cookie": "7", "SyncFlag": 1, "MsgList": [direct("bob", 2), direct("bob", 3)]}),
    );
    bench.reply("openim.getmsg", json!({"Cookie": "8", "SyncFlag": 2, "MsgList": [direct("bob", 4)]}));
    assert_eq!(direct_seqs(&bench), [1, 2, 3, 4]);
    assert_eq!(bench.count("openim.getmsg"), 3, "and no further question");
}

#[test]
fn what_is_sent_to_a_user_does_not_come_back() {
    let mut bench = Bench::ready();
    let request = Request::SendDirect { to: "bob".into(), message: Outgoing::text("hi") };
    bench.request(Ticket(4), request);
    let sent = bench.last("openim.sendmsg")["body"].clone();
    assert_eq!((&sent["From_Account"], &sent["To_Account"]), (&json!("me"), &json!("bob")));
    bench.reply("openim.sendmsg", json!({"MsgSeq": sent["MsgSeq"], "MsgTime": 99}));
    let (ticket, answer) = bench.done.pop().unwrap();
    assert_eq!((ticket, &answer.unwrap()["MsgRandom"]), (Ticket(4), &sent["MsgRandom"]));
    let mut copy = direct("me", 1);
    (copy["MsgSeq"], copy["MsgRandom"], copy["MsgTimeStamp"]) =
        (sent["MsgSeq"].clone(), sent["MsgRandom"].clone(), json!(99));
    bench.push(json!({"EventArray": [{"Event": 9, "C2cMsgArray": [copy, direct("me", 6)]}]}));
    assert_eq!(direct_seqs(&bench), [6], "only what was sent elsewhere");
}

#[test]
fn a_question_for_what_was_missed_is_asked_again_and_not_for_ever() {
    let mut bench = Bench::ready();
    bench.reply("openim.getmsg", json!({"ErrorCode": 90994, "ErrorInfo": "busy"}));
    assert_eq!(bench.count("openim.getmsg"), 1);
    while bench.count("wshello") == 0 {
        bench.sleep();
        bench.reply("heartbeat.alive", json!({}));
    }
    bench.reply("wshello", json!({}));
    assert_eq!(bench.count("openim.getmsg"), 2);
    bench.reply("openim.getmsg", json!({"Cookie": "5", "SyncFlag": 1}));
    bench.reply("openim.getmsg", json!({"Cookie": "5", "SyncFlag": 1}));
    assert_eq!(bench.count("openim.getmsg"), 3, "it gets no further");
}

#[test]
fn no_number_of_the_server_stops_the_client() {
    let mut bench = Bench::open();
    bench.login();
    let endless = json!({"A2Key": "token", "TinyId": "144", "InstId": 1, "HelloInterval": u64::MAX});
    bench.reply("im_open_status.wslogin", endless);
    bench.push_as("OverLoadPush.notify2", json!({"OverLoadServCmd": "a.b", "DelaySecs": u64::MAX}));
    bench.call(5, false);
    assert!(bench.session.wake_at().is_some());
}
