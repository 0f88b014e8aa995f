//! The command table: what a client may ask, over whichever transport.
//!
//! `group_open_http_svc.send_group_msg` over a socket and `/v4/group_open_http_svc/send_group_msg` over HTTP come
//! out as the same [`Command`]. Spellings of 2022 and of today are both taken (`rest-api.md` §14).

mod attributes;
mod direct;
mod moderation;
mod upload;

use crate::json;
use crate::tencent::elements::{self, RawElement};
use crate::tencent::envelope::outcome_body;
use crate::tencent::error::{Family, WireError};
use hawker_core::command::{Command, OpenRoom, ProfileItem, ProfileValue, RoomCommand};
use hawker_core::post::{Draft, Priority, ProfileChange, Tallying};
use hawker_core::{AppId, RoomId, Time, UserId};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
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

    fn wslogin(&self) -> Result<Asked, WireError> {
        let body: WsLogin = self.body()?;
        let resume = body.resume.map(|list| list.into_iter().map(|one| (one.room.into(), one.seq)).collect());
        Ok(Asked::Login(resume))
    }

    fn portrait_set(&self) -> Result<Asked, WireError> {
        let body: PortraitSet = self.body()?;
        let items = body
            .items
            .into_iter()
            .map(|item| self.profile_item(&item.tag, item.value))
            .collect::<Result<_, _>>()?;
        rules(Command::SetProfile { user: body.user.map(UserId::from), items })
    }

    fn profile_item(&self, tag: &str, value: TagValue) -> Result<ProfileItem, WireError> {
        let name = match tag.strip_prefix("Tag_Profile_IM_") {
            Some(name) => Arc::from(name),
            None => match tag.strip_prefix("Tag_Profile_") {
                Some(custom) if custom.starts_with("Custom_") => Arc::from(custom),
                _ => return Err(WireError::new(40009, format!("unknown profile tag {tag:?}"))),
            },
        };
        let value = match value {
            TagValue::Text(text) => ProfileValue::Text(text.into()),
            TagValue::Number(number) => ProfileValue::Number(number),
        };
        Ok(ProfileItem { tag: name, value })
    }

    fn portrait_get_all(&self) -> Result<Asked, WireError> {
        let body: PortraitGetAll = self.body()?;
        let users = body.users.into_iter().map(|item| item.user.into()).collect();
        Ok(Asked::Rules(Command::Profiles { users }, Shape::PortraitGetAll))
    }

    fn portrait_get(&self) -> Result<Asked, WireError> {
        let body: PortraitGet = self.body()?;
        if body.users.is_empty() {
            return Err(WireError::new(40002, "To_Account is empty"));
        }
        let users = body.users.into_iter().map(UserId::from).collect();
        Ok(Asked::Rules(Command::Profiles { users }, Shape::PortraitGet(body.tags.into_iter().collect())))
    }

    fn account_import(&self) -> Result<Asked, WireError> {
        let body: AccountImport = self.body()?;
        let (nick, avatar) = (body.nick.map(Arc::from), body.avatar.map(Arc::from));
        rules(Command::ImportAccount { user: body.user.into(), nick, avatar })
    }

    fn kick(&self) -> Result<Asked, WireError> {
        let body: Kick = self.body()?;
        rules(Command::KickAccount { user: body.user.into() })
    }

    fn poll(&self) -> Result<Asked, WireError> {
        let body: PollBody = self.body()?;
        Ok(Asked::Poll(Poll { room: body.key.into(), start_seq: body.start_seq }))
    }

    fn create_group(&self) -> Result<Asked, WireError> {
        let body: CreateGroup = self.body()?;
        if body.members.is_some_and(|members| !members.is_empty()) {
            return Err(WireError::new(10007, "MemberList is not for AVChatRoom"));
        }
        rules(Command::OpenRoom(OpenRoom {
            room: body.room.filter(|room| !room.is_empty()).map(RoomId::from),
            owner: body.owner.filter(|owner| !owner.is_empty()).map(UserId::from),
            live_room: body.kind == "AVChatRoom",
            name: body.name.into(),
            introduction: body.introduction.into(),
            notification: body.notification.into(),
            avatar: body.avatar.into(),
            fields: body.fields.into_iter().map(|field| (field.key.into(), field.value.into())).collect(),
        }))
    }

    fn join(&self) -> Result<Asked, WireError> {
        let body: Join = self.body()?;
        let join = RoomCommand::Join { history: body.history == 1 };
        rules(Command::Room(body.room.into(), join))
    }

    fn room_profiles(&self, shape: impl FnOnce(BTreeSet<String>) -> Shape) -> Result<Asked, WireError> {
        let body: RoomProfiles = self.body()?;
        let rooms = body.rooms.into_iter().map(RoomId::from).collect();
        let fields = body.filter.map(|filter| filter.base.into_iter().collect()).unwrap_or_default();
        Ok(Asked::Rules(Command::RoomProfiles { rooms }, shape(fields)))
    }

    fn modify_group_base_info(&self) -> Result<Asked, WireError> {
        let body: ModifyGroup = self.body()?;
        let mut changes: Vec<ProfileChange> = Vec::new();
        for field in body.fields {
            let value = Some(field.value).filter(|value| !value.is_empty()).map(Arc::from);
            changes.push(ProfileChange::Field(field.key.into(), value));
        }
        changes.extend(body.name.map(|text| ProfileChange::Name(text.into())));
        changes.extend(body.introduction.map(|text| ProfileChange::Introduction(text.into())));
        changes.extend(body.notification.map(|text| ProfileChange::Notification(text.into())));
        changes.extend(body.avatar.map(|text| ProfileChange::Avatar(text.into())));
        match body.mute_all.as_deref() {
            None => {}
            Some("On") => changes.push(ProfileChange::MuteAll(true)),
            Some("Off") => changes.push(ProfileChange::MuteAll(false)),
            Some(_) => return Err(WireError::new(10004, "MuteAllMember is On or Off")),
        }
        rules(Command::Room(body.room.into(), RoomCommand::Change(changes)))
    }

    fn modify_group_member_info(&self) -> Result<Asked, WireError> {
        let body: ModifyMember = self.body()?;
        if body.name_card.is_some() || body.remind.is_some() {
            return Err(WireError::new(10007, "AVChatRoom has no NameCard and no MsgFlag of a member"));
        }
        let users = vec![UserId::from(body.user.as_str())];
        let mut commands = Vec::new();
        commands.extend(body.mute.map(|secs| RoomCommand::Mute { users: users.clone(), secs }));
        match body.role.as_deref() {
            None => {}
            Some("Admin") => commands.push(RoomCommand::SetAdmins { users, admin: true }),
            Some("Member") => commands.push(RoomCommand::SetAdmins { users, admin: false }),
            Some(_) => return Err(WireError::new(10004, "Role is Admin or Member")),
        }
        if let Some(fields) = body.fields {
            let fields = fields.into_iter().map(|field| (field.key.into(), field.value.into())).collect();
            commands.push(RoomCommand::SetMemberFields { user: Some(body.user.into()), fields });
        }
        match <[RoomCommand; 1]>::try_from(commands) {
            Ok([command]) => rules(Command::Room(body.room.into(), command)),
            Err(_) => Err(WireError::new(10004, "one of MuteTime, Role and AppMemberDefinedData at a time")),
        }
    }

    fn member_records(&self) -> Result<Asked, WireError> {
        let body: SomeMembers = self.body()?;
        let users = body.users.into_iter().map(UserId::from).collect();
        rules(Command::Room(body.room.into(), RoomCommand::MemberRecords { users }))
    }

    fn member_page(&self, shape: Shape) -> Result<Asked, WireError> {
        let body: MemberPage = self.body()?;
        let page = body.timestamp.or(body.offset).unwrap_or(0);
        Ok(Asked::Rules(Command::Room(body.room.into(), RoomCommand::Members { page }), shape))
    }

    fn forbid_send_msg(&self) -> Result<Asked, WireError> {
        let body: Forbid = self.body()?;
        let users = body.users.into_iter().map(UserId::from).collect();
        rules(Command::Room(body.room.into(), RoomCommand::Mute { users, secs: body.secs }))
    }

    fn ban(&self, on: bool) -> Result<Asked, WireError> {
        let body: Ban = self.body()?;
        let secs = match (on, body.secs) {
            (false, _) => 0,
            (true, Some(secs)) if secs > 0 => secs,
            (true, _) => return Err(WireError::new(10004, "Duration is missing or zero")),
        };
        if body.reason.len() > 1000 {
            return Err(WireError::new(10004, "Description is longer than 1000 bytes"));
        }
        let users = body.users.into_iter().map(UserId::from).collect();
        let command = RoomCommand::Ban { users, secs, reason: body.reason.into() };
        rules(Command::Room(body.room.into(), command))
    }

    fn modify_admin(&self) -> Result<Asked, WireError> {
        let body: ModifyAdmin = self.body()?;
        let admin = match body.what {
            1 => true,
            2 => false,
            _ => return Err(WireError::new(10004, "CommandType is 1 or 2")),
        };
        let users = body.users.into_iter().map(UserId::from).collect();
        rules(Command::Room(body.room.into(), RoomCommand::SetAdmins { users, admin }))
    }

    fn send_group_msg(&self) -> Result<Asked, WireError> {
        let body: SendGroupMsg<'_> = self.body()?;
        let raw: Vec<RawElement<'_>> = serde_json::from_str(body.elements.get())
            .map_err(|error| WireError::new(10004, format!("MsgBody: {error}")))?;
        let elements = elements::read(&raw)?;
        let priority = match body.priority.as_deref() {
            None | Some("Normal") => Priority::Normal,
            Some("High") => Priority::High,
            Some("Low") => Priority::Low,
            Some("Lowest") => Priority::Lowest,
            Some(_) => return Err(WireError::new(10004, "MsgPriority is High, Normal, Low or Lowest")),
        };
        let draft = Draft {
            meaning: elements::meaning(&elements),
            priority,
            random: body.random,
            sent_at: body.client_time.unwrap_or(self.ctx.now.secs()),
            client_seq: body.client_seq,
            bytes: body.elements.get().len() + body.cloud_data.len(),
            elements: elements.into(),
            cloud_data: body.cloud_data.into(),
        };
        let command = match body.from {
            Some(from) => RoomCommand::SendAs(UserId::from(&*from), draft),
            None => RoomCommand::Send(draft),
        };
        let shape = if self.ctx.via == Via::Http { Shape::SentOverRest } else { Shape::Plain };
        Ok(Asked::Rules(Command::Room(RoomId::from(&*body.room), command), shape))
    }

    fn set_budget(&self) -> Result<Asked, WireError> {
        let body: SetBudget = self.body()?;
        // Zero is no number of messages: it takes the room's own number away.
        let per_second = Some(body.per_second).filter(|per_second| *per_second > 0);
        rules(Command::Room(body.room.into(), RoomCommand::SetBudget(per_second)))
    }

    fn notify(&self) -> Result<Asked, WireError> {
        let body: Notification = self.body()?;
        if body.to.is_some_and(|to| !to.is_empty()) {
            return Err(WireError::new(10004, "ToMembers_Account is not for AVChatRoom"));
        }
        rules(Command::Room(body.room.into(), RoomCommand::Notify { content: body.content.into() }))
    }

    fn recall(&self) -> Result<Asked, WireError> {
        let body: Recall = self.body()?;
        let seqs = body.messages.into_iter().map(|message| message.seq).collect();
        rules(Command::Room(body.room.into(), RoomCommand::Recall { seqs, reason: body.reason.into() }))
    }

    fn update_counters(&self) -> Result<Asked, WireError> {
        let body: UpdateCounters = self.body()?;
        let how = match body.mode.as_str() {
            "Set" => Tallying::Set,
            "Increase" => Tallying::Add,
            "Decrease" => Tallying::Subtract,
            _ => return Err(WireError::new(10004, "Mode is Set, Increase or Decrease")),
        };
        let tallies = body.counters.into_iter().map(|counter| (counter.key.into(), counter.value)).collect();
        rules(Command::Room(body.room.into(), RoomCommand::Tally { how, tallies }))
    }

    /// The SDKs ask for all counters with an empty list.
    fn get_counters(&self) -> Result<Asked, WireError> {
        let body: CounterKeys = self.body()?;
        let keys = body.keys.filter(|keys| !keys.is_empty());
        rules(Command::Room(body.room.into(), RoomCommand::Tallies { keys }))
    }

    /// Here an empty list is not all of them: whoever computed it did not mean that.
    fn delete_counters(&self) -> Result<Asked, WireError> {
        let body: CounterKeys = self.body()?;
        rules(Command::Room(body.room.into(), RoomCommand::DropTallies { keys: body.keys }))
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
struct WsLogin {
    #[serde(rename = "Resume")]
    resume: Option<Vec<ResumeOne>>,
}

#[derive(Deserialize)]
struct ResumeOne {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "MsgSeq")]
    seq: u64,
}

#[derive(Deserialize)]
struct PortraitSet {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "ProfileItem")]
    items: Vec<TagItem>,
}

#[derive(Deserialize)]
struct TagItem {
    #[serde(rename = "Tag")]
    tag: String,
    #[serde(rename = "Value")]
    value: TagValue,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TagValue {
    Text(String),
    Number(u32),
}

#[derive(Deserialize)]
struct PortraitGetAll {
    #[serde(rename = "UserItem")]
    users: Vec<ToAccount>,
}

#[derive(Deserialize)]
struct ToAccount {
    #[serde(rename = "To_Account")]
    user: String,
}

#[derive(Deserialize)]
struct PortraitGet {
    #[serde(rename = "To_Account")]
    users: Vec<String>,
    #[serde(rename = "TagList")]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct AccountImport {
    #[serde(rename = "UserID", alias = "Identifier")]
    user: String,
    #[serde(rename = "Nick")]
    nick: Option<String>,
    #[serde(rename = "FaceUrl")]
    avatar: Option<String>,
}

#[derive(Deserialize)]
struct Kick {
    #[serde(rename = "UserID", alias = "Identifier")]
    user: String,
}

#[derive(Deserialize)]
struct PollBody {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "StartSeq", default)]
    start_seq: u64,
}

#[derive(Deserialize)]
struct Field {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value")]
    value: String,
}

#[derive(Deserialize)]
struct CreateGroup {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "GroupId")]
    room: Option<String>,
    #[serde(rename = "Owner_Account")]
    owner: Option<String>,
    #[serde(rename = "Introduction", default)]
    introduction: String,
    #[serde(rename = "Notification", default)]
    notification: String,
    #[serde(rename = "FaceUrl", default)]
    avatar: String,
    #[serde(rename = "AppDefinedData", default)]
    fields: Vec<Field>,
    #[serde(rename = "MemberList")]
    members: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Join {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "HugeGroupHistoryMsgFlag", default)]
    history: u32,
}

#[derive(Deserialize)]
struct RoomProfiles {
    #[serde(rename = "GroupIdList")]
    rooms: Vec<String>,
    #[serde(rename = "ResponseFilter")]
    filter: Option<ResponseFilter>,
}

#[derive(Deserialize)]
struct ResponseFilter {
    #[serde(rename = "GroupBaseInfoFilter", default)]
    base: Vec<String>,
}

#[derive(Deserialize)]
struct ModifyGroup {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Name")]
    name: Option<String>,
    #[serde(rename = "Introduction")]
    introduction: Option<String>,
    #[serde(rename = "Notification")]
    notification: Option<String>,
    #[serde(rename = "FaceUrl")]
    avatar: Option<String>,
    #[serde(rename = "MuteAllMember", alias = "ShutUpAllMember")]
    mute_all: Option<String>,
    #[serde(rename = "AppDefinedData", default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct ModifyMember {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Member_Account")]
    user: String,
    #[serde(rename = "MuteTime", alias = "ShutUpTime")]
    mute: Option<u32>,
    #[serde(rename = "Role")]
    role: Option<String>,
    #[serde(rename = "AppMemberDefinedData")]
    fields: Option<Vec<Field>>,
    #[serde(rename = "NameCard")]
    name_card: Option<serde::de::IgnoredAny>,
    #[serde(rename = "MsgFlag")]
    remind: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct SomeMembers {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Member_List_Account")]
    users: Vec<String>,
}

#[derive(Deserialize)]
struct MemberPage {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Timestamp")]
    timestamp: Option<u64>,
    #[serde(rename = "Offset")]
    offset: Option<u64>,
}

#[derive(Deserialize)]
struct Forbid {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Members_Account")]
    users: Vec<String>,
    #[serde(rename = "MuteTime", alias = "ShutUpTime")]
    secs: u32,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Members_Account")]
    users: Vec<String>,
    #[serde(rename = "Duration")]
    secs: Option<u32>,
    #[serde(rename = "Description", default)]
    reason: String,
}

#[derive(Deserialize)]
struct ModifyAdmin {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "CommandType")]
    what: u32,
    #[serde(rename = "Admin_Account")]
    users: Vec<String>,
}

#[derive(Deserialize)]
struct SendGroupMsg<'a> {
    #[serde(rename = "GroupId", borrow)]
    room: Cow<'a, str>,
    #[serde(rename = "From_Account", borrow)]
    from: Option<Cow<'a, str>>,
    #[serde(rename = "Random")]
    random: u32,
    #[serde(rename = "MsgPriority", borrow)]
    priority: Option<Cow<'a, str>>,
    #[serde(rename = "MsgBody", borrow)]
    elements: &'a RawValue,
    #[serde(rename = "CloudCustomData", default)]
    cloud_data: String,
    #[serde(rename = "MsgClientTime")]
    client_time: Option<u64>,
    #[serde(rename = "ClientSeq", default)]
    client_seq: u64,
}

#[derive(Deserialize)]
struct SetBudget {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "MessagesPerSecond")]
    per_second: u32,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "Content")]
    content: String,
    #[serde(rename = "ToMembers_Account")]
    to: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Recall {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "MsgSeqList")]
    messages: Vec<OneMessage>,
    #[serde(rename = "Reason", default)]
    reason: String,
}

#[derive(Deserialize)]
struct OneMessage {
    #[serde(rename = "MsgSeq")]
    seq: u64,
}

#[derive(Deserialize)]
struct UpdateCounters {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "GroupCounter")]
    counters: Vec<Counter>,
    #[serde(rename = "Mode")]
    mode: String,
}

#[derive(Deserialize)]
struct Counter {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value")]
    value: i64,
}

#[derive(Deserialize)]
struct CounterKeys {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "GroupCounterKeys")]
    keys: Option<Vec<Arc<str>>>,
}
