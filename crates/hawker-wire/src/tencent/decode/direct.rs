//! Commands about direct messages (`docs/direct-messages.md`).

use super::{Asked, Read, Shape, SomeUsers, Via, users};
use crate::tencent::elements::{self, RawElement};
use crate::tencent::error::WireError;
use hawker_core::UserId;
use hawker_core::command::Command;
use hawker_core::direct::{DirectCommand, MessageKey, MessageNo, Wishes};
use hawker_core::post::{Draft, Priority};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The vendor keeps a message at most seven days.
const LIFE_MAX_SECS: u64 = 7 * 24 * 3600;

pub(super) fn direct(of: Option<String>, what: DirectCommand, shape: Shape) -> Result<Asked, WireError> {
    let of = of.filter(|of| !of.is_empty()).map(UserId::from);
    Ok(Asked::Rules(Command::Direct { of, what }, shape))
}

/// `<seq>_<random>_<seconds>`.
fn message_key(text: &str) -> Result<MessageKey, WireError> {
    let parts: Vec<u64> = text.split('_').map_while(|part| part.parse().ok()).collect();
    let key = match parts[..] {
        [seq, random, secs] if text.split('_').count() == 3 => {
            Some((u32::try_from(seq).ok(), u32::try_from(random).ok(), secs))
        }
        _ => None,
    };
    match key {
        Some((Some(seq), Some(random), secs)) => Ok(MessageKey { seq, random, secs }),
        _ => Err(WireError::new(90054, format!("MsgKey {text:?} is not <MsgSeq>_<MsgRandom>_<MsgTime>"))),
    }
}

impl Read<'_> {
    /// A command of `openim`; `None` is one that is not about direct messages.
    pub(super) fn openim(&self, command: &str) -> Option<Result<Asked, WireError>> {
        Some(match (command, self.ctx.via) {
            ("sendmsg", _) => self.sendmsg(),
            ("batchsendmsg", Via::Http) => self.batchsendmsg(),
            ("getroammsg", Via::Socket) => self.getroammsg(),
            ("admin_getroammsg", Via::Http) => self.admin_getroammsg(),
            ("getmsg", Via::Socket) => self.getmsg(),
            ("msgreaded", Via::Socket) => self.msgreaded(),
            ("admin_set_msg_read", Via::Http) => self.admin_set_msg_read(),
            ("read_all_unread_msg", Via::Socket) => self.read_all(),
            ("get_peer_read_time", Via::Socket) => self.get_peer_read_time(),
            ("get_c2c_unread_msg_num", Via::Http) => self.unread_numbers(),
            ("msgwithdraw", Via::Socket) => self.msgwithdraw(),
            ("admin_msgwithdraw", Via::Http) => self.admin_msgwithdraw(),
            ("delete_c2c_msg_ramble", Via::Socket) => self.delete_messages(),
            ("set_c2c_peer_mute_notifications", Via::Socket) => self.set_reminding(),
            ("get_c2c_peer_mute_notifications", Via::Socket) => {
                direct(None, DirectCommand::Reminders, Shape::Plain)
            }
            ("query_online_status" | "querystate" | "query_state", Via::Http) => self.query_online_status(),
            // Taken for done, these would be lost in silence.
            ("modify_c2c_msg" | "c2c_msg_read_receipt" | "set_key_values" | "reaction_add" | "reaction_del", _) => {
                Err(WireError::new(90009, format!("{command} is not offered")))
            }
            _ => return None,
        })
    }

    fn draft<To>(&self, message: &Message<'_, To>) -> Result<(Draft, Wishes, u32), WireError> {
        let raw: Vec<RawElement<'_>> = serde_json::from_str(message.elements.get())
            .map_err(|error| WireError::new(90002, format!("MsgBody: {error}")))?;
        let elements = elements::read(&raw).map_err(|error| WireError::new(90010, error.info))?;
        if message.life.is_some_and(|life| life > LIFE_MAX_SECS) {
            return Err(WireError::new(90026, format!("MsgLifeTime is longer than {LIFE_MAX_SECS} seconds")));
        }
        let wants = |control: &str| message.control.iter().any(|given| given == control);
        let wishes = Wishes {
            counts: !wants("NoUnread"),
            shows: !wants("NoLastMsg"),
            receipt: message.receipt == 1,
            online_only: message.life == Some(0) || message.online_only == 1,
        };
        let draft = Draft {
            meaning: elements::meaning(&elements),
            priority: Priority::Normal,
            random: message.random,
            sent_at: message.client_time.unwrap_or(self.ctx.now.secs()),
            client_seq: 0,
            bytes: message.elements.get().len() + message.cloud_data.len(),
            elements: elements.into(),
            cloud_data: message.cloud_data.as_ref().into(),
        };
        // Over REST the number may be left out; any will do, as long as the random one differs.
        let seq = match (message.seq, self.ctx.via) {
            (Some(seq), _) => seq,
            (None, Via::Http) => message.random.rotate_left(16) ^ self.ctx.now.secs() as u32,
            (None, Via::Socket) => return Err(WireError::new(90004, "MsgSeq is missing")),
        };
        Ok((draft, wishes, seq))
    }

    fn sendmsg(&self) -> Result<Asked, WireError> {
        let body: Message<'_, String> = self.body()?;
        let (draft, wishes, seq) = self.draft(&body)?;
        let copy = body.copy == Some(1);
        let what = DirectCommand::Send { to: body.to.into(), seq, draft, wishes, copy };
        direct(body.from.map(Cow::into_owned), what, self.sent_shape())
    }

    fn batchsendmsg(&self) -> Result<Asked, WireError> {
        let body: Message<'_, Vec<String>> = self.body()?;
        let (draft, wishes, seq) = self.draft(&body)?;
        let copy = body.copy == Some(1);
        let what = DirectCommand::SendMany { to: users(body.to), seq, draft, wishes, copy };
        direct(body.from.map(Cow::into_owned), what, Shape::SentToMany)
    }

    fn getroammsg(&self) -> Result<Asked, WireError> {
        let body: GetRoamMsg = self.body()?;
        let forward = match body.direction {
            0 => false,
            1 => true,
            _ => return Err(WireError::new(90001, "GetDirection is 0 or 1")),
        };
        let from = match (body.cursor.as_str(), body.time) {
            ("", 0) => None,
            ("", secs) if forward => {
                Some(MessageNo(MessageNo::first_at(hawker_core::Time::from_secs(secs)).0.saturating_sub(1)))
            }
            ("", secs) => Some(MessageNo(MessageNo::last_of_second(secs).0 + 1)),
            (cursor, _) => {
                Some(MessageNo(cursor.parse().map_err(|_| WireError::new(90054, "MsgKey is not one of ours"))?))
            }
        };
        let what = DirectCommand::History { peer: body.peer.into(), from, until: None, forward, limit: body.count };
        direct(None, what, Shape::Plain)
    }

    fn admin_getroammsg(&self) -> Result<Asked, WireError> {
        let body: AdminGetRoamMsg = self.body()?;
        let from = match body.cursor.as_deref() {
            None | Some("") => MessageNo(MessageNo::last_of_second(body.max_time).0 + 1),
            Some(cursor) => {
                MessageNo(cursor.parse().map_err(|_| WireError::new(90054, "LastMsgKey is not one of ours"))?)
            }
        };
        let until = MessageNo::first_at(hawker_core::Time::from_secs(body.min_time));
        let what = DirectCommand::History {
            peer: body.peer.into(),
            from: Some(from),
            until: Some(until),
            forward: false,
            limit: body.count,
        };
        direct(Some(body.user), what, Shape::HistoryOverRest)
    }

    fn getmsg(&self) -> Result<Asked, WireError> {
        let body: GetMsg = self.body()?;
        let after = match body.cookie.as_str() {
            "" => None,
            // A cookie of another server, perhaps: as if it had none.
            cookie => cookie.parse().ok().map(MessageNo),
        };
        direct(None, DirectCommand::Sync { after }, Shape::Plain)
    }

    fn msgreaded(&self) -> Result<Asked, WireError> {
        let body: MsgReaded = self.body()?;
        let reads = body.reads.items.into_iter().map(|item| (item.peer.into(), item.secs)).collect();
        direct(None, DirectCommand::Read { reads }, Shape::Plain)
    }

    fn admin_set_msg_read(&self) -> Result<Asked, WireError> {
        let body: AdminSetRead = self.body()?;
        let secs = body.secs.unwrap_or(self.ctx.now.secs());
        let what = DirectCommand::Read { reads: vec![(body.peer.into(), secs)] };
        direct(Some(body.reader), what, Shape::Plain)
    }

    fn read_all(&self) -> Result<Asked, WireError> {
        let body: ReadAll = self.body()?;
        if body.direct != 1 {
            // Rooms have no unread counts.
            return Ok(Asked::Always(crate::tencent::envelope::outcome_body(0, "").into()));
        }
        direct(None, DirectCommand::ReadAll, Shape::ReadAll)
    }

    fn get_peer_read_time(&self) -> Result<Asked, WireError> {
        let body: SomeUsers = self.body()?;
        direct(None, DirectCommand::ReadBy { peers: users(body.users) }, Shape::Plain)
    }

    fn unread_numbers(&self) -> Result<Asked, WireError> {
        let body: UnreadNumbers = self.body()?;
        direct(Some(body.user), DirectCommand::Unread { peers: body.peers.map(users) }, Shape::Plain)
    }

    fn msgwithdraw(&self) -> Result<Asked, WireError> {
        let body: Withdraw = self.body()?;
        let Withdrawn { from, to, seq, random, secs } = body.message;
        let what = DirectCommand::Recall { to: to.into(), key: MessageKey { seq, random, secs } };
        direct(Some(from), what, Shape::Plain)
    }

    fn admin_msgwithdraw(&self) -> Result<Asked, WireError> {
        let body: AdminWithdraw = self.body()?;
        let what = DirectCommand::Recall { to: body.to.into(), key: message_key(&body.key)? };
        direct(Some(body.from), what, Shape::Plain)
    }

    fn delete_messages(&self) -> Result<Asked, WireError> {
        let body: DeleteMessages = self.body()?;
        let keys = body.keys.iter().map(|key| message_key(key)).collect::<Result<_, _>>()?;
        direct(body.user, DirectCommand::Delete { peer: body.peer.into(), keys }, Shape::Plain)
    }
}

/// What single and batch messages have in common.
#[derive(Deserialize)]
#[serde(bound(deserialize = "To: Deserialize<'de>"))]
struct Message<'a, To> {
    #[serde(rename = "To_Account")]
    to: To,
    #[serde(rename = "From_Account", borrow)]
    from: Option<Cow<'a, str>>,
    #[serde(rename = "MsgSeq")]
    seq: Option<u32>,
    #[serde(rename = "MsgRandom")]
    random: u32,
    #[serde(rename = "MsgBody", borrow)]
    elements: &'a RawValue,
    #[serde(rename = "CloudCustomData", borrow, default)]
    cloud_data: Cow<'a, str>,
    #[serde(rename = "MsgClientTime")]
    client_time: Option<u64>,
    #[serde(rename = "MsgLifeTime")]
    life: Option<u64>,
    #[serde(rename = "OnlineOnlyFlag", default)]
    online_only: u32,
    #[serde(rename = "SendMsgControl", default)]
    control: Vec<String>,
    #[serde(rename = "IsNeedReadReceipt", default)]
    receipt: u32,
    #[serde(rename = "SyncOtherMachine")]
    copy: Option<u32>,
}

#[derive(Deserialize)]
struct GetRoamMsg {
    #[serde(rename = "Peer_Account")]
    peer: String,
    #[serde(rename = "MaxCnt")]
    count: usize,
    #[serde(rename = "LastMsgTime", default)]
    time: u64,
    #[serde(rename = "MsgKey", default)]
    cursor: String,
    #[serde(rename = "GetDirection", default)]
    direction: u32,
}

#[derive(Deserialize)]
struct AdminGetRoamMsg {
    #[serde(rename = "Operator_Account", alias = "From_Account")]
    user: String,
    #[serde(rename = "Peer_Account", alias = "To_Account")]
    peer: String,
    #[serde(rename = "MaxCnt")]
    count: usize,
    #[serde(rename = "MinTime")]
    min_time: u64,
    #[serde(rename = "MaxTime")]
    max_time: u64,
    #[serde(rename = "LastMsgKey")]
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct GetMsg {
    #[serde(rename = "Cookie", default)]
    cookie: String,
}

#[derive(Deserialize)]
struct MsgReaded {
    #[serde(rename = "C2CMsgReaded")]
    reads: Reads,
}

#[derive(Deserialize)]
struct Reads {
    #[serde(rename = "C2CMsgReadedItem")]
    items: Vec<ReadItem>,
}

#[derive(Deserialize)]
struct ReadItem {
    #[serde(rename = "To_Account")]
    peer: String,
    #[serde(rename = "LastedMsgTime")]
    secs: u64,
}

#[derive(Deserialize)]
struct AdminSetRead {
    #[serde(rename = "Report_Account")]
    reader: String,
    #[serde(rename = "Peer_Account")]
    peer: String,
    #[serde(rename = "MsgReadTime")]
    secs: Option<u64>,
}

#[derive(Deserialize)]
struct ReadAll {
    #[serde(rename = "C2CReadAllMsg", default)]
    direct: u32,
}

#[derive(Deserialize)]
struct UnreadNumbers {
    #[serde(rename = "To_Account")]
    user: String,
    #[serde(rename = "Peer_Account")]
    peers: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Withdraw {
    #[serde(rename = "MsgInfo")]
    message: Withdrawn,
}

#[derive(Deserialize)]
struct Withdrawn {
    #[serde(rename = "From_Account")]
    from: String,
    #[serde(rename = "To_Account")]
    to: String,
    #[serde(rename = "MsgSeq")]
    seq: u32,
    #[serde(rename = "MsgRandom")]
    random: u32,
    #[serde(rename = "MsgTimeStamp")]
    secs: u64,
}

#[derive(Deserialize)]
struct AdminWithdraw {
    #[serde(rename = "From_Account")]
    from: String,
    #[serde(rename = "To_Account")]
    to: String,
    #[serde(rename = "MsgKey")]
    key: String,
}

#[derive(Deserialize)]
struct DeleteMessages {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "To_Account")]
    peer: String,
    #[serde(rename = "MsgKeyList")]
    keys: Vec<String>,
}
