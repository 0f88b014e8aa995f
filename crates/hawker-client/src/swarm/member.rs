//! One member of the swarm as a state machine: bytes in, what to do out.
//!
//! Small, because there are thousands: what is only needed while joining is dropped afterwards.

use serde_json::{Value, json};

use super::frame;
use super::scan::{self, Scanner};
use super::{Entrance, Hearing};
use crate::protocol::{self, Frame, Head};
use crate::usersig::user_sig;

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// connect(2) is under way.
    Connecting,
    /// The upgrade is asked for.
    Upgrading,
    /// The login is asked for.
    LoggingIn,
    /// The join is asked for.
    Joining,
    /// In the room.
    Joined,
    /// Closed.
    Gone,
}

/// One member.
#[derive(Debug)]
pub struct Member {
    /// Its socket.
    pub fd: i32,
    /// Where it stands.
    pub phase: Phase,
    /// Its delays are measured.
    pub sampled: bool,
    /// When it was last heard, seconds of the monotonic clock.
    pub heard_secs: u32,
    /// How many answers of the join are still to come.
    answers_left: u8,
    scanner: Scanner,
    /// What came before it was in the room and is not used up.
    early: Vec<u8>,
}

/// What bytes meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More is to come.
    Wait,
    /// The upgrade is done: now log in.
    LogIn,
    /// Logged in: now join with this token.
    Join(Token),
    /// In the room; so many messages came along.
    Joined(u64),
}

/// What a login gives.
#[derive(Debug, PartialEq, Eq)]
pub struct Token {
    a2: String,
    tiny_id: String,
}

impl Token {
    /// The session's token.
    pub fn a2(&self) -> &str {
        &self.a2
    }

    /// The user's number.
    pub fn tiny_id(&self) -> &str {
        &self.tiny_id
    }
}

impl Member {
    /// A member that starts to connect.
    pub fn new(fd: i32, sampled: bool) -> Member {
        let (phase, scanner) = (Phase::Connecting, Scanner::default());
        Member { fd, phase, sampled, heard_secs: 0, answers_left: 0, scanner, early: Vec::new() }
    }

    /// The room takes viewers without an account: no login, the join follows the upgrade.
    pub fn watches(&mut self) {
        (self.phase, self.answers_left) = (Phase::Joining, 1);
    }

    /// Takes in what came before the member was in the room. `answers` is how many replies the join takes; 0: being
    /// upgraded is enough.
    pub fn early(&mut self, piece: &[u8], answers: u8) -> Result<Step, String> {
        self.early.extend_from_slice(piece);
        match self.phase {
            Phase::Upgrading => self.upgrading(answers),
            Phase::LoggingIn => self.logging_in(answers),
            Phase::Joining => self.joining(),
            phase => Err(format!("bytes while {phase:?}")),
        }
    }

    fn upgrading(&mut self, answers: u8) -> Result<Step, String> {
        let Some(end) = frame::head_end(&self.early) else {
            return Ok(Step::Wait);
        };
        if !frame::is_upgraded(&self.early[..end]) {
            let head = String::from_utf8_lossy(&self.early[..end.min(60)]).replace("\r\n", " ");
            return Err(format!("upgrade refused: {head}"));
        }
        self.early.drain(..end);
        if answers == 0 {
            return Ok(self.enter());
        }
        self.phase = Phase::LoggingIn;
        Ok(Step::LogIn)
    }

    fn logging_in(&mut self, answers: u8) -> Result<Step, String> {
        let Some(reply) = self.next_answer()? else {
            return Ok(Step::Wait);
        };
        let text = |key: &str| reply.body[key].as_str().unwrap_or_default().to_owned();
        (self.phase, self.answers_left) = (Phase::Joining, answers);
        Ok(Step::Join(Token { a2: text("A2Key"), tiny_id: text("TinyId") }))
    }

    fn joining(&mut self) -> Result<Step, String> {
        while self.answers_left > 0 {
            if self.next_answer()?.is_none() {
                return Ok(Step::Wait);
            }
            self.answers_left -= 1;
        }
        Ok(self.enter())
    }

    /// The next reply to one of the requests of entering; an error if it says no. Pushes and heartbeats are skipped.
    fn next_answer(&mut self) -> Result<Option<Frame>, String> {
        loop {
            let Some((opcode, payload, len)) = frame::first_frame(&self.early) else {
                return Ok(None);
            };
            if opcode == 8 {
                return Err("closed by the server while joining".to_owned());
            }
            let answer = answer(payload);
            self.early.drain(..len);
            if let Some(frame) = answer? {
                return Ok(Some(frame));
            }
        }
    }

    fn enter(&mut self) -> Step {
        self.phase = Phase::Joined;
        let rest = std::mem::take(&mut self.early);
        Step::Joined(self.scanner.count(&rest))
    }

    /// How many messages end in this piece; only once joined.
    #[inline]
    pub fn count(&mut self, piece: &[u8]) -> u64 {
        self.scanner.count(piece)
    }
}

/// The frame, if it answers one of the requests of entering.
fn answer(payload: &[u8]) -> Result<Option<Frame>, String> {
    let frame = protocol::decode(payload).map_err(|error| error.to_string())?;
    let ours = ["wslogin", "apply_join_group", "get_group_self_member_info"];
    if !ours.iter().any(|command| frame.servcmd.ends_with(command)) {
        return Ok(None);
    }
    match frame.body["ErrorCode"].as_u64().unwrap_or(0) {
        0 => Ok(Some(frame)),
        code => Err(format!("{} refused with {code}: {}", frame.servcmd, frame.body["ErrorInfo"])),
    }
}

/// What a member sends to be let in.
impl Entrance {
    /// How many replies the join takes.
    pub(super) fn answers(&self) -> u8 {
        match self.hearing {
            Hearing::Push { ask_profile, .. } => 1 + u8::from(ask_profile),
            Hearing::Pull => 1,
        }
    }

    /// The login.
    pub(crate) fn login_frame(&self, user: &str, now_unix_secs: u64) -> Vec<u8> {
        let user_sig = user_sig(self.sdk_app_id, &self.secret, user, 86_400, now_unix_secs);
        let head = Head {
            servcmd: "im_open_status.wslogin",
            seq: 1,
            sdkappid: self.sdk_app_id,
            reqtime: now_unix_secs,
            identifier: user,
            usersig: &user_sig,
            ..Head::default()
        };
        framed([(head, json!({"State": "Online", "is_web_uniapp": 0, "InstType": 0}))])
    }

    /// The join and, if wanted, the question for the profile, to be sent in one go.
    pub(super) fn join_frames(&self, token: &Token, now_unix_secs: u64) -> Vec<u8> {
        let head = |servcmd, seq| Head {
            servcmd,
            seq,
            sdkappid: self.sdk_app_id,
            reqtime: now_unix_secs,
            a2: &token.a2,
            tinyid: &token.tiny_id,
            status_instid: 1,
            ..Head::default()
        };
        let mut join = json!({"GroupId": self.room, "WebPushFlag": 1});
        if let Hearing::Push { history: true, .. } = self.hearing {
            join["HugeGroupHistoryMsgFlag"] = json!(1);
        }
        let profile = json!({"GroupIdList": [self.room], "ResponseFilter": {
            "GroupBaseInfoFilter": ["Type", "Name", "Owner_Account"], "MemberInfoFilter": ["Role"]}});
        let requests = [
            (head("group_open_http_svc.apply_join_group", 2), join),
            (head("group_open_http_svc.get_group_self_member_info", 3), profile),
        ];
        framed(requests.into_iter().take(self.answers().into()))
    }

    /// The join of a viewer without an account.
    pub(super) fn watch_frame(&self) -> Vec<u8> {
        let head = Head {
            servcmd: "group_open_http_noauth_svc.apply_join_group",
            seq: 2,
            sdkappid: self.sdk_app_id,
            ..Head::default()
        };
        framed([(head, json!({"GroupId": self.room, "WebPushFlag": 1}))])
    }

    /// Its question what is new from a number on.
    pub(super) fn poll_frame(&self, start_seq: u64) -> Vec<u8> {
        let head = Head {
            servcmd: "group_open_long_polling_http_noauth_svc.get_msg",
            seq: 3,
            sdkappid: self.sdk_app_id,
            ..Head::default()
        };
        // The key of a room is its name here.
        let body = json!({"USP": 1, "StartSeq": start_seq, "HoldTime": 90, "Key": self.room, "DownsizeFlag": 0});
        framed([(head, body)])
    }
}

fn framed<'a>(requests: impl IntoIterator<Item = (Head<'a>, Value)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (head, body) in requests {
        frame::push_masked_text(&mut out, &protocol::encode(&head, &body));
    }
    out
}

/// What a silent member sends now and then.
pub fn heartbeat(sdk_app_id: u64) -> Vec<u8> {
    let head = Head { servcmd: "heartbeat.alive", seq: 9, sdkappid: sdk_app_id, ..Head::default() };
    framed([(head, json!({}))])
}

/// The text of a message that the swarm can time.
pub fn stamped_text(time_ns: u64, number: u64) -> String {
    format!("message {number} {}", scan::stamp(time_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(command: &str, code: u32) -> Vec<u8> {
        let body =
            json!({"head": {"servcmd": command, "seq": 1}, "body": {"ErrorCode": code, "SelfInfo": {"MsgSeq": 1}}});
        frame::text_frame(body.to_string().as_bytes())
    }

    fn push() -> Vec<u8> {
        frame::text_frame(br#"{"head":{"servcmd":"im_open_push.msg_push"},"body":{"EventArray":[{"MsgSeq":7}]}}"#)
    }

    fn upgraded() -> Vec<u8> {
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec()
    }

    fn member(phase: Phase) -> Member {
        Member { phase, ..Member::new(3, false) }
    }

    #[test]
    fn joins_whatever_the_pieces_and_counts_only_what_follows() {
        let login = reply("im_open_status.wslogin", 0);
        let joined = [reply("a.apply_join_group", 0), reply("a.get_group_self_member_info", 0)].concat();
        let stream = [push(), login, push(), joined, push()].concat();
        for size in [1, 7, 100, 1000] {
            let mut member = member(Phase::Upgrading);
            assert_eq!(member.early(&upgraded(), 2), Ok(Step::LogIn));
            let (mut messages, mut joins) = (0, 0);
            for piece in stream.chunks(size) {
                messages += match member.phase {
                    Phase::Joined => member.count(piece),
                    _ => match member.early(piece, 2).unwrap() {
                        Step::Joined(count) => count,
                        Step::Join(_) => {
                            joins += 1;
                            0
                        }
                        _ => 0,
                    },
                };
            }
            // What came with the login's reply waits for the next piece; real replies to the join bring one.
            if member.phase == Phase::Joining
                && let Step::Joined(count) = member.early(b"", 2).unwrap()
            {
                messages += count;
            }
            assert_eq!((member.phase, joins, messages), (Phase::Joined, 1, 1), "pieces of {size}");
        }
    }

    #[test]
    fn without_answers_to_wait_for_the_upgrade_is_all() {
        let mut member = member(Phase::Upgrading);
        assert_eq!(member.early(&[upgraded(), push()].concat(), 0), Ok(Step::Joined(1)));
    }

    #[test]
    fn refusals_say_what_was_refused() {
        let mut joining = member(Phase::Upgrading);
        assert_eq!(joining.early(&upgraded(), 2), Ok(Step::LogIn));
        let error = joining.early(&reply("im_open_status.wslogin", 70009), 2).unwrap_err();
        assert!(error.contains("wslogin refused with 70009"), "{error}");
        let error = member(Phase::Upgrading).early(b"HTTP/1.1 404 Not Found\r\n\r\n", 2).unwrap_err();
        assert!(error.contains("404"), "{error}");
    }
}
