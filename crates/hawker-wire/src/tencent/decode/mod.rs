//! The command table: what a client may ask, over whichever transport.
//!
//! `group_open_http_svc.send_group_msg` over a socket and `/v4/group_open_http_svc/send_group_msg` over HTTP come
//! out as the same [`Command`]. Spellings of 2022 and of today are both taken (`rest-api.md` §14).

mod attributes;
mod conversations;
mod direct;
mod media;
mod members;
mod messages;
mod moderation;
mod people;
mod presence;
mod rooms;
mod shop;
mod upload;

use crate::json;
use crate::tencent::envelope::outcome_body;
use crate::tencent::error::{Family, WireError};
use hawker_core::command::{Command, RoomCommand};
use hawker_core::{AppId, RoomId, Time, UserId};
pub use media::MediaQuestion;
use serde::Deserialize;
pub use shop::MALFORMED;
use std::borrow::Cow;
use std::collections::BTreeSet;
pub use upload::Upload;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Over a WebSocket, by a client.
    Socket,
    /// Over HTTP, by an administrator.
    Http,
}

/// What decoding may use besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// How it came.
    pub via: Via,
    /// The app it is for.
    pub app: AppId,
    /// Now.
    pub now: Time,
}

/// What was asked.
#[derive(Debug, PartialEq)]
pub enum Asked {
    /// A login, whose signature or token the gateway checks. Holds what the client wants to resume.
    Login(Option<Vec<(RoomId, u64)>>),
    /// A question for the rules, and how to write the answer.
    Rules(Command, Shape),
    /// A question whose answer never changes.
    Always(Cow<'static, str>),
    /// What is new in a room, for those who are not pushed to.
    Poll(Poll),
}

/// How an answer is spelled: some are asked for by several commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As the answer's kind says.
    Plain,
    /// `portrait_get_all` of the SDKs.
    PortraitGetAll,
    /// `portrait_get` of the REST API, with the tags asked for.
    PortraitGet(BTreeSet<String>),
    /// `get_group_self_member_info`: with the caller's own record.
    SelfInfo,
    /// `get_group_public_info`.
    PublicInfo,
    /// `get_group_info` of the REST API, with the fields asked for (all if empty).
    GroupInfo(BTreeSet<String>),
    /// `get_members` of live rooms.
    OnlineMembers,
    /// `get_group_member_info`.
    MemberInfo,
    /// `get_group_shutted_uin`, the old spelling.
    ShuttedUin,
    /// Sending over REST, which tells more.
    SentOverRest,
    /// `batchsendmsg`.
    SentToMany,
    /// `admin_getroammsg`.
    HistoryOverRest,
    /// `read_all_unread_msg`.
    ReadAll,
    /// `set_c2c_peer_mute_notifications`.
    Reminding,
    /// `query_online_status`.
    OnlineStatus,
    /// `batch_delete`.
    Dropped,
    /// `black_list_add` and `black_list_delete`.
    Blocked,
    /// Attributes as an answer to a change of them.
    AttributesChanged,
    /// `pre_sig`: where to put a file; the gateway writes it.
    Upload(Upload),
    /// `live_media.*`, of the profile of one room; the gateway writes it.
    Media(MediaQuestion),
}

/// A long poll (`wire-protocol.md` §9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// The room, from the key that the join gave out.
    pub room: RoomId,
    /// The next number wanted; 0 for the recent history.
    pub start_seq: u64,
}

/// Reads a request. An error is the answer; nothing else follows from it.
pub fn decode(ctx: Context, servcmd: &str, body: &str) -> Result<Asked, WireError> {
    let (service, command) = servcmd.split_once('.').unwrap_or((servcmd, ""));
    let family = if ctx.via == Via::Http { Family::over_rest(service) } else { Family::of(service) };
    let read = Read { ctx, family, body };
    match (service, command) {
        ("im_open_status", "wslogin") => read.wslogin(),
        ("im_open_status", "wslogout") => rules(Command::Logout),
        ("im_open_status", "wshello") => rules(Command::Hello),
        ("profile", "portrait_set") => read.portrait_set(),
        ("profile", "portrait_get_all") => read.portrait_get_all(),
        ("profile", "portrait_get") => read.portrait_get(),
        ("im_open_login_svc", "account_import") => read.account_import(),
        ("im_open_login_svc", "kick") => read.kick(),
        ("im_cos_msg", "pre_sig") => read.pre_sig(),
        ("live_shop", command) => read.live_shop(command),
        ("live_media", command) => read.live_media(command),
        ("hawker_room", "set_budget") => read.set_budget(),
        ("hawker_room", "set_words") => read.set_room_words(),
        ("hawker_room", "get_words") => read.about_room(RoomCommand::Words, Shape::Plain),
        ("hawker_words", "set") => read.set_app_words(),
        ("hawker_words", "get") => rules(Command::Words),
        ("hawker_room", "stats") => read.about_room(RoomCommand::Stats, Shape::Plain),
        ("group_open_long_polling_http_svc" | "group_open_long_polling_http_noauth_svc", "get_msg") => read.poll(),
        ("group_open_http_noauth_svc", "apply_join_group") => read.about_room(RoomCommand::Watch, Shape::Plain),
        (service, command) if service.starts_with("group_open") || service.starts_with("million_group") => {
            read.group(command)
        }
        (service, command) => {
            let direct = match service {
                "openim" => read.openim(command),
                "recentcontact" => read.recentcontact(command),
                "sns" => read.sns(command),
                "im_open_status" => read.presence(command),
                _ => None,
            };
            direct.unwrap_or_else(|| Ok(Asked::Always(read.always(service, command)?)))
        }
    }
}

fn rules(command: Command) -> Result<Asked, WireError> {
    Ok(Asked::Rules(command, Shape::Plain))
}

fn users(names: Vec<String>) -> Vec<UserId> {
    names.into_iter().map(UserId::from).collect()
}

struct Read<'a> {
    ctx: Context,
    family: Family,
    body: &'a str,
}

impl<'a> Read<'a> {
    fn body<T: Deserialize<'a>>(&self) -> Result<T, WireError> {
        serde_json::from_str(self.body).map_err(|error| {
            if error.is_syntax() || error.is_eof() {
                return WireError::new(if self.ctx.via == Via::Http { 60003 } else { 10011 }, error.to_string());
            }
            // Read once more, slowly, to name the field.
            let mut again = serde_json::Deserializer::from_str(self.body);
            let named = serde_path_to_error::deserialize::<_, T>(&mut again).err();
            let info = named.map_or_else(|| error.to_string(), |error| error.to_string());
            WireError::new(self.family.bad_field(&info), info)
        })
    }

    fn about_room(&self, command: RoomCommand, shape: Shape) -> Result<Asked, WireError> {
        let OneRoom { room } = self.body()?;
        Ok(Asked::Rules(Command::Room(room.into_owned().into(), command), shape))
    }

    /// Sending is told more over REST.
    fn sent_shape(&self) -> Shape {
        if self.ctx.via == Via::Http { Shape::SentOverRest } else { Shape::Plain }
    }

    fn group(&self, command: &str) -> Result<Asked, WireError> {
        match command {
            "create_group" => self.create_group(),
            "destroy_group" => self.about_room(RoomCommand::Dismiss, Shape::Plain),
            "apply_join_group" => self.join(),
            "quit_group" => self.about_room(RoomCommand::Quit, Shape::Plain),
            "get_group_self_member_info" => self.room_profiles(|_| Shape::SelfInfo),
            "get_group_public_info" => self.room_profiles(|_| Shape::PublicInfo),
            "get_group_info" => self.room_profiles(Shape::GroupInfo),
            "modify_group_base_info" => self.modify_group_base_info(),
            "modify_group_member_info" => self.modify_group_member_info(),
            "get_specified_group_member_info" => self.member_records(),
            "get_group_member_info" => self.member_page(Shape::MemberInfo),
            "get_members" => self.member_page(Shape::OnlineMembers),
            "get_online_member_num" => self.about_room(RoomCommand::OnlineCount, Shape::Plain),
            "forbid_send_msg" => self.forbid_send_msg(),
            "get_group_muted_account" => self.about_room(RoomCommand::MutedUsers, Shape::Plain),
            "get_group_shutted_uin" => self.about_room(RoomCommand::MutedUsers, Shape::ShuttedUin),
            "ban_group_member" => self.ban(true),
            "unban_group_member" => self.ban(false),
            "get_group_ban_member" => self.banned(),
            "modify_admin" => self.modify_admin(),
            "get_admin_list" => self.about_room(RoomCommand::Admins, Shape::Plain),
            "send_group_msg" => self.send_group_msg(),
            "send_group_system_notification" => self.notify(),
            "group_msg_recall" => self.recall(),
            "group_msg_get" => self.messages(),
            "pin_message" => self.pin(true),
            "unpin_message" => self.pin(false),
            "get_pinned_messages" => self.about_room(RoomCommand::Pins, Shape::Plain),
            "update_group_counter" => self.update_counters(),
            "get_group_counter" => self.get_counters(),
            "set_group_attr" => self.set_attributes(true),
            "modify_group_attr" => self.set_attributes(false),
            "delete_group_attr" => self.delete_attributes(),
            "clear_group_attr" => self.clear_attributes(),
            "get_group_attr" => self.about_room(RoomCommand::Attributes, Shape::Plain),
            "change_group_owner" => Err(WireError::new(10007, "the owner of an AVChatRoom cannot be changed")),
            "delete_group_counter" => self.delete_counters(),
            "get_joined_group_list" => Ok(Asked::Always(
                r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","TotalCount":0,"GroupIdList":[]}"#.into(),
            )),
            unknown => Err(self.unknown(unknown)),
        }
    }

    fn unknown(&self, command: &str) -> WireError {
        let code = if self.ctx.via == Via::Http { 60009 } else { 10003 };
        WireError::new(code, format!("unknown command {command:?}"))
    }

    /// Questions that the SDKs ask on login and that have nothing to do with live rooms. What is not known is
    /// answered with the bare OK, which is what the SDKs need (`wire-protocol.md` §2).
    fn always(&self, service: &str, command: &str) -> Result<Cow<'static, str>, WireError> {
        const OK: &str = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;
        if self.ctx.via == Via::Http {
            return Err(self.unknown(command));
        }
        Ok(match (service, command) {
            ("heartbeat", "alive") => OK.into(),
            ("recentcontact", "get_contact_group") => {
                r#"{"ActionStatus":"OK","ErrorCode":0,"CompleteFlag":1,"GroupItem":[],"MarkItem":[],"ContactItem":[]}"#
                    .into()
            }
            ("openim", "authkey") => {
                r#"{"ActionStatus":"OK","ErrorCode":0,"AuthKey":"none","ExpiredTime":86400}"#.into()
            }
            ("im_sdk_config_mgr", "fetch_config") => self.fetch_config().into(),
            ("im_sdk_config_mgr", "fetch_imsdk_purchase_bitsv2") => json::object(|body| {
                body.number("int32_error_code", 0).text("str_error_message", "");
                body.text("str_purchase_bits", PURCHASE_BITS).number("uint32_expired_time", 86400);
            })
            .into(),
            _ => outcome_body(0, "").into(),
        })
    }

    fn fetch_config(&self) -> String {
        json::object(|body| {
            body.number("int32_error_code", 0).text("str_error_message", "").text("str_json_config", "{}");
            body.number("uint32_expired_time", 86400).number("uint32_sdkappid", self.ctx.app.0);
            body.number("uint64_version", 1);
        })
    }
}

/// Every feature is in the free binary: all bits are set.
pub const PURCHASE_BITS: &str = "1111111111111111111111111111111111111111111111111111111111111111";

#[derive(Deserialize)]
struct OneRoom<'a> {
    #[serde(rename = "GroupId", borrow)]
    room: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value")]
    value: String,
}

#[derive(Deserialize)]
struct SomeUsers {
    #[serde(rename = "To_Account")]
    users: Vec<String>,
}
