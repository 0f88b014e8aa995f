//! One member of the swarm as a state machine: bytes in, what to do out.
//!
//! Small, because there are thousands: what is only needed while joining is dropped afterwards.

use serde_json::json;

use super::frame;
use super::scan::{self, Scanner};
use crate::protocol::{self, Head};
use crate::usersig::user_sig;

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// connect(2) is under way.
    Connecting,
    /// The upgrade is asked for.
    Upgrading,
    /// Login and join are asked for.
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
    /// How many answers are still to come before it is in the room.
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
    /// The upgrade is done: now log in and join.
    LogIn,
    /// In the room; so many messages came along.
    Joined(u64),
}

impl Member {
    /// A member that starts to connect.
    pub fn new(fd: i32, sampled: bool) -> Member {
        let (phase, scanner) = (Phase::Connecting, Scanner::default());
        Member {
            fd,
            phase,
            sampled,
            heard_secs: 0,
            answers_left: 0,
            scanner,
            early: Vec::new(),
        }
    }

    /// Takes in what came before the member was in the room. `answers` is how many replies the join takes; 0: being
    /// upgraded is enough.
    pub fn early(&mut self, piece: &[u8], answers: u8) -> Result<Step, String> {
        self.early.extend_from_slice(piece);
        match self.phase {
            Phase::Upgrading => self.upgrading(answers),
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
        self.answers_left = answers;
        if answers == 0 {
            return Ok(self.enter());
        }
        self.phase = Phase::Joining;
        Ok(Step::LogIn)
    }

    fn joining(&mut self) -> Result<Step, String> {
        let mut taken = 0;
        while self.answers_left > 0 {
            let Some((opcode, payload, len)) = frame::first_frame(&self.early[taken..]) else {
                break;
            };
            if opcode == 8 {
                return Err("closed by the server while joining".to_owned());
            }
            self.answers_left -= u8::from(is_answer(payload)?);
            taken += len;
        }
        self.early.drain(..taken);
        Ok(if self.answers_left == 0 {
            self.enter()
        } else {
            Step::Wait
        })
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

/// Whether a frame answers one of the requests of the join; an error if it says no. Pushes and heartbeats do not count.
fn is_answer(payload: &[u8]) -> Result<bool, String> {
    let frame = protocol::decode(payload).map_err(|error| error.to_string())?;
    let ours = ["wslogin", "apply_join_group", "get_group_self_member_info"];
    if !ours.iter().any(|command| frame.servcmd.ends_with(command)) {
        return Ok(false);
    }
    match frame
        .body
        .get("ErrorCode")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(0)
    {
        0 => Ok(true),
        code => Err(format!(
            "{} refused with {code}: {}",
            frame.servcmd, frame.body["ErrorInfo"]
        )),
    }
}

/// What a member sends to be let in.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The app.
    pub sdk_app_id: u64,
    /// Its secret.
    pub secret: String,
    /// The room.
    pub room: String,
    /// Also ask for the room's profile, as the official SDKs do.
    pub ask_profile: bool,
}

impl Entry {
    /// How many replies the requests get.
    pub fn answers(&self) -> u8 {
        2 + u8::from(self.ask_profile)
    }

    /// Login, join and, if wanted, profile as frames to be sent in one go. The later ones are answered as the user who
    /// logs in with the first.
    pub fn frames(&self, user: &str, now_unix_secs: u64) -> Vec<u8> {
        let user_sig = user_sig(self.sdk_app_id, &self.secret, user, 86_400, now_unix_secs);
        let login = json!({"State": "Online", "is_web_uniapp": 0, "InstType": 0});
        let join = json!({"GroupId": self.room, "WebPushFlag": 1});
        let profile = json!({"GroupIdList": [self.room], "ResponseFilter": {
            "GroupBaseInfoFilter": ["Type", "Name", "Owner_Account"], "MemberInfoFilter": ["Role"]}});
        let mut requests = vec![
            ("im_open_status.wslogin", login),
            ("group_open_http_svc.apply_join_group", join),
        ];
        if self.ask_profile {
            requests.push(("group_open_http_svc.get_group_self_member_info", profile));
        }
        let mut out = Vec::new();
        for (seq, (servcmd, body)) in (1..).zip(requests) {
            let head = Head {
                servcmd,
                seq,
                sdkappid: self.sdk_app_id,
                reqtime: now_unix_secs,
                identifier: user,
                usersig: &user_sig,
                ..Head::default()
            };
            frame::push_masked_text(&mut out, &protocol::encode(&head, &body));
        }
        out
    }
}

/// What a silent member sends now and then.
pub fn heartbeat(sdk_app_id: u64) -> Vec<u8> {
    let head = Head {
        servcmd: "heartbeat.alive",
        seq: 9,
        sdkappid: sdk_app_id,
        ..Head::default()
    };
    let mut out = Vec::new();
    frame::push_masked_text(&mut out, &protocol::encode(&head, &json!({})));
    out
}

/// The text of a message that the swarm can time.
pub fn stamped_text(time_ns: u64, number: u64) -> String {
    format!("message {number} {}", scan::stamp(time_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(command: &str, code: u32) -> Vec<u8> {
        let body = json!({"head": {"servcmd": command, "seq": 1}, "body": {"ErrorCode": code, "SelfInfo": {"MsgSeq": 1}}});
        frame::text_frame(body.to_string().as_bytes())
    }

    fn push() -> Vec<u8> {
        frame::text_frame(
            br#"{"head":{"servcmd":"im_open_push.msg_push"},"body":{"EventArray":[{"MsgSeq":7}]}}"#,
        )
    }

    fn upgraded() -> Vec<u8> {
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec()
    }

    fn member(phase: Phase) -> Member {
        Member {
            phase,
            ..Member::new(3, false)
        }
    }

    #[test]
    fn joins_whatever_the_pieces_and_counts_only_what_follows() {
        let stream = [
            reply("im_open_status.wslogin", 0),
            push(),
            reply("a.apply_join_group", 0),
            reply("a.get_group_self_member_info", 0),
            push(),
        ]
        .concat();
        for size in [1, 7, 100, stream.len()] {
            let mut member = member(Phase::Upgrading);
            assert_eq!(member.early(&upgraded(), 3), Ok(Step::LogIn));
            let mut messages = 0;
            for piece in stream.chunks(size) {
                messages += match member.phase {
                    Phase::Joined => member.count(piece),
                    _ => match member.early(piece, 3).unwrap() {
                        Step::Joined(count) => count,
                        _ => 0,
                    },
                };
            }
            assert_eq!(
                (member.phase, messages),
                (Phase::Joined, 1),
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn without_answers_to_wait_for_the_upgrade_is_all() {
        let mut member = member(Phase::Upgrading);
        assert_eq!(
            member.early(&[upgraded(), push()].concat(), 0),
            Ok(Step::Joined(1))
        );
    }

    #[test]
    fn refusals_say_what_was_refused() {
        let mut joining = member(Phase::Upgrading);
        joining.early(&upgraded(), 2).unwrap();
        let error = joining
            .early(&reply("im_open_status.wslogin", 70009), 2)
            .unwrap_err();
        assert!(error.contains("wslogin refused with 70009"), "{error}");
        let error = member(Phase::Upgrading)
            .early(b"HTTP/1.1 404 Not Found\r\n\r\n", 2)
            .unwrap_err();
        assert!(error.contains("404"), "{error}");
    }
}
