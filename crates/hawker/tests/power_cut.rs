//! `kill -9`, again and again, while several clients change things: nothing that was acknowledged is lost.
//!
//! What was asked and not answered may have happened or not, so every value counts up: after the power cut it must be
//! somewhere between what was acknowledged last and what was asked last.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};
use support::{DEADLINE, Ended, Server, Wire};

const SQUARE: &str = "square";
const WORKERS: usize = 4;
const ROUNDS: u64 = 24;

/// A value that one client counts up.
#[derive(Default)]
struct Counted {
    asked: u64,
    acknowledged: u64,
}

impl Counted {
    fn must_hold(&self, value: u64, what: &str) {
        assert!(
            (self.acknowledged..=self.asked).contains(&value),
            "{what}: {} was acknowledged and {} asked, but {value} was kept",
            self.acknowledged,
            self.asked
        );
    }
}

/// One client, and what it was told.
struct Worker {
    wire: Wire,
    own_room: String,
    step: u64,
    name: Counted,
    nick: Counted,
    attent: Counted,
    rooms: Vec<String>,
    muted: Vec<String>,
    admins: Counted,
    /// Numbers in the square that this client has heard of.
    seqs: BTreeSet<u64>,
}

impl Worker {
    fn start(server: &Server, number: usize) -> Self {
        let user = format!("worker_{number}");
        let mut wire = Wire::open_as(server.addr, support::APP, "binfo", &user);
        wire.login(&user);
        wire.join(SQUARE);
        let own_room = format!("room_{number}");
        let create = json!({ "Type": "AVChatRoom", "GroupId": own_room, "Name": "n0" });
        wire.ok("group_open_http_svc.create_group", &create);
        Self {
            wire,
            own_room,
            step: number as u64,
            name: Counted::default(),
            nick: Counted::default(),
            attent: Counted::default(),
            rooms: Vec::new(),
            muted: Vec::new(),
            admins: Counted::default(),
            seqs: BTreeSet::new(),
        }
    }

    /// Works until the power is gone.
    fn work(&mut self, told: &Sender<()>) {
        while self.one_step().is_ok() {
            let _ = told.send(());
        }
    }

    fn one_step(&mut self) -> Result<(), Ended> {
        self.step += 1;
        let (user, room) = (self.wire.user.clone(), self.own_room.clone());
        match self.step % 7 {
            0 => {
                self.name.asked += 1;
                let body = json!({ "GroupId": room, "Name": format!("n{}", self.name.asked) });
                self.done("group_open_http_svc.modify_group_base_info", &body)?;
                self.name.acknowledged = self.name.asked;
            }
            1 => {
                self.nick.asked += 1;
                let nick = format!("n{}", self.nick.asked);
                let body = json!({ "ProfileItem": [{ "Tag": "Tag_Profile_IM_Nick", "Value": nick }] });
                self.done("profile.portrait_set", &body)?;
                self.nick.acknowledged = self.nick.asked;
            }
            2 => {
                self.attent.asked += 1;
                let field = json!([{ "Key": "attent", "Value": format!("n{}", self.attent.asked) }]);
                let body = json!({ "GroupId": SQUARE, "Member_Account": user, "AppMemberDefinedData": field });
                self.done("group_open_http_svc.modify_group_member_info", &body)?;
                self.attent.acknowledged = self.attent.asked;
            }
            3 => {
                let victim = format!("victim_{}", self.step);
                let body = json!({ "GroupId": room, "Members_Account": [victim], "MuteTime": 100_000 });
                self.done("group_open_http_svc.forbid_send_msg", &body)?;
                self.muted.push(victim);
            }
            4 => {
                let fresh = format!("{room}_{}", self.step);
                let body = json!({ "Type": "AVChatRoom", "GroupId": fresh, "Name": "n" });
                self.done("group_open_http_svc.create_group", &body)?;
                self.rooms.push(fresh);
            }
            5 => {
                self.admins.asked += 1;
                let goods = json!([{ "Key": "add_goods", "Value": format!("n{}", self.admins.asked) }]);
                self.done(
                    "group_open_http_svc.modify_group_base_info",
                    &json!({ "GroupId": room, "AppDefinedData": goods }),
                )?;
                self.admins.acknowledged = self.admins.asked;
            }
            _ => {
                let message = self.wire.text(SQUARE, "hello");
                let answer = self.done("group_open_http_svc.send_group_msg", &message)?;
                self.hear_number(answer["MsgSeq"].as_u64().unwrap());
            }
        }
        Ok(())
    }

    fn done(&mut self, command: &str, body: &Value) -> Result<Value, Ended> {
        let answer = self.wire.try_ask(command, body)?;
        assert_eq!(answer["ErrorCode"], 0, "{command} {body}: {answer}");
        Ok(answer)
    }

    fn hear_number(&mut self, seq: u64) {
        assert!(self.seqs.insert(seq), "{seq} was given out twice");
    }

    /// Comes back with its token and finds everything that it was told of.
    fn find_everything(&mut self, server: &Server) {
        let back = self.wire.come_back(server.addr, None);
        assert_eq!(back["ErrorCode"], 0, "the session was acknowledged: {back}");
        let user = self.wire.user.clone();
        let room = self.wire.profile(&self.own_room.clone());
        assert_eq!(room["Owner_Account"], user);
        self.name.must_hold(counted(&room["Name"]), "the name of a room");
        self.admins.must_hold(counted(&room["AppDefinedData"][0]["Value"]), "the goods of a room");
        let profile = self.wire.ok("profile.portrait_get_all", &json!({ "UserItem": [{ "To_Account": user }] }));
        let nick = &profile["UserProfileItem"][0]["ProfileItem"][0]["Value"];
        self.nick.must_hold(counted(nick), "a nickname");
        let ask = json!({ "GroupId": SQUARE, "Member_List_Account": [user] });
        let member = self.wire.ok("group_open_http_svc.get_specified_group_member_info", &ask);
        let attent = &member["MemberList"][0]["AppMemberDefinedData"][0]["Value"];
        self.attent.must_hold(counted(attent), "a field of a member");
        assert!(member["MemberList"][0]["JoinTime"].as_u64().unwrap() > 0, "still in the room: {member}");
        let muted =
            self.wire.ok("group_open_http_svc.get_group_muted_account", &json!({ "GroupId": self.own_room }));
        let muted: BTreeSet<_> = muted["MutedAccountList"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["Member_Account"].as_str().unwrap().to_owned())
            .collect();
        assert!(
            self.muted.iter().all(|victim| muted.contains(victim)),
            "{:?} are muted, {muted:?} are kept",
            self.muted
        );
        for rooms in self.rooms.chunks(50) {
            let found = server.rest_ok("group_open_http_svc/get_group_info", &json!({ "GroupIdList": rooms }));
            for room in found["GroupInfo"].as_array().unwrap() {
                assert_eq!(room["ErrorCode"], 0, "{room}");
            }
        }
    }
}

/// The number in `n7`; 0 if nothing is there.
fn counted(value: &Value) -> u64 {
    value.as_str().map_or(0, |text| text.trim_start_matches('n').parse().expect("a number"))
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_goes_and_no_number_is_given_out_twice() {
    let mut server = Server::start(
        "[room]\nrooms_per_owner_max = 100000\nmessages_per_second = 100000\nmessages_per_second_per_user = 100000\n\
         [connection]\nrequests_per_second = 100000\n",
    );
    server.open_room(SQUARE, "host");
    let mut host = server.member("host", SQUARE);
    let mut workers: Vec<_> = (0..WORKERS).map(|number| Worker::start(&server, number)).collect();
    let mut highest = 0;
    let mut all_seqs = BTreeSet::new();
    for round in 0..ROUNDS {
        // Now after few acknowledgements, now after many.
        let goal = 2 + (round * 37) % 90;
        std::thread::scope(|scope| {
            let (tell, told) = channel();
            for worker in &mut workers {
                let tell = tell.clone();
                scope.spawn(move || worker.work(&tell));
            }
            drop(tell);
            for _ in 0..goal {
                told.recv_timeout(DEADLINE).expect("the clients get somewhere");
            }
            server.kill();
        });
        for worker in &mut workers {
            for seq in std::mem::take(&mut worker.seqs) {
                assert!(seq > highest, "{seq} was given out after the power cut, {highest} before it");
                assert!(all_seqs.insert(seq), "{seq} was given out twice");
            }
        }
        highest = all_seqs.last().copied().unwrap_or(0);
        server.start_again();
        for worker in &mut workers {
            worker.find_everything(&server);
        }
        assert_eq!(host.come_back(server.addr, None)["ErrorCode"], 0);
        // Nobody joined again, and everybody hears.
        let text = format!("round {round}");
        let seq = host.say(SQUARE, &text);
        assert!(seq > highest, "{seq} was given out after the power cut, {highest} before it");
        all_seqs.insert(seq);
        highest = seq;
        for worker in &mut workers {
            worker.wire.hear(&text);
        }
    }
    let acknowledged: u64 = workers.iter().map(|worker| worker.name.acknowledged).sum();
    assert!(acknowledged > 0 && all_seqs.len() > ROUNDS as usize, "the clients did something at all");
    server.must_be_well();
}

#[test]
fn sanctions_and_admins_survive_a_power_cut() {
    let mut server = Server::start("");
    server.open_room(SQUARE, "host");
    let mut mei = server.member("mei", SQUARE);
    let mut bad = server.member("bad", SQUARE);
    let mut helper = server.member("helper", SQUARE);
    let call = |server: &Server, command: &str, body: Value| {
        server.rest_ok(&format!("group_open_http_svc/{command}"), &body)
    };
    call(
        &server,
        "forbid_send_msg",
        json!({ "GroupId": SQUARE, "Members_Account": ["mei"], "MuteTime": 4_294_967_295_u32 }),
    );
    call(&server, "ban_group_member", json!({ "GroupId": SQUARE, "Members_Account": ["bad"], "Duration": 1000 }));
    call(&server, "modify_admin", json!({ "GroupId": SQUARE, "CommandType": 1, "Admin_Account": ["helper"] }));
    call(&server, "modify_group_base_info", json!({ "GroupId": SQUARE, "MuteAllMember": "On" }));
    server.kill();
    server.start_again();
    for wire in [&mut mei, &mut bad, &mut helper] {
        assert_eq!(wire.come_back(server.addr, None)["ErrorCode"], 0);
    }
    assert_eq!(mei.say_refused(SQUARE, "quiet"), 10017);
    assert_eq!(bad.refused("group_open_http_svc.apply_join_group", &json!({ "GroupId": SQUARE })), 10007);
    helper.say(SQUARE, "still an admin");
    mei.hear("still an admin");
    assert!(bad.heard().is_empty(), "who is banned stays out");
}

#[test]
fn a_dismissed_room_stays_dismissed() {
    let mut server = Server::start("");
    server.open_room(SQUARE, "host");
    let mut host = server.member("host", SQUARE);
    host.say(SQUARE, "the last word");
    host.ok("group_open_http_svc.destroy_group", &json!({ "GroupId": SQUARE }));
    server.kill();
    server.start_again();
    host.come_back(server.addr, None);
    assert_eq!(host.say_refused(SQUARE, "hello"), 10010);
}

#[test]
fn a_second_server_over_the_same_folder_is_refused() {
    let server = Server::start("");
    let mut second = std::process::Command::new(env!("CARGO_BIN_EXE_hawker"));
    second.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(server.data());
    let output = second.output().expect("it can be started");
    assert!(!output.status.success());
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(why.contains("another server is using this data folder"), "{why}");
}
