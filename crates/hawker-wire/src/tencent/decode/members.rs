//! Commands about the members of a room: who is there, what they may do.

use super::{Asked, Field, Read, Shape, rules, users};
use crate::tencent::error::WireError;
use hawker_core::UserId;
use hawker_core::command::{Command, RoomCommand};
use serde::Deserialize;

impl Read<'_> {
    pub(super) fn modify_group_member_info(&self) -> Result<Asked, WireError> {
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

    pub(super) fn member_records(&self) -> Result<Asked, WireError> {
        let body: SomeMembers = self.body()?;
        let users = users(body.users);
        rules(Command::Room(body.room.into(), RoomCommand::MemberRecords { users }))
    }

    pub(super) fn member_page(&self, shape: Shape) -> Result<Asked, WireError> {
        let body: MemberPage = self.body()?;
        let page = body.timestamp.or(body.offset).unwrap_or(0);
        Ok(Asked::Rules(Command::Room(body.room.into(), RoomCommand::Members { page }), shape))
    }

    pub(super) fn forbid_send_msg(&self) -> Result<Asked, WireError> {
        let body: Forbid = self.body()?;
        let users = users(body.users);
        rules(Command::Room(body.room.into(), RoomCommand::Mute { users, secs: body.secs }))
    }

    pub(super) fn ban(&self, on: bool) -> Result<Asked, WireError> {
        let body: Ban = self.body()?;
        let secs = match (on, body.secs) {
            (false, _) => 0,
            (true, Some(secs)) if secs > 0 => secs,
            (true, _) => return Err(WireError::new(10004, "Duration is missing or zero")),
        };
        if body.reason.len() > 1000 {
            return Err(WireError::new(10004, "Description is longer than 1000 bytes"));
        }
        let users = users(body.users);
        let command = RoomCommand::Ban { users, secs, reason: body.reason.into() };
        rules(Command::Room(body.room.into(), command))
    }

    pub(super) fn modify_admin(&self) -> Result<Asked, WireError> {
        let body: ModifyAdmin = self.body()?;
        let admin = match body.what {
            1 => true,
            2 => false,
            _ => return Err(WireError::new(10004, "CommandType is 1 or 2")),
        };
        let users = users(body.users);
        rules(Command::Room(body.room.into(), RoomCommand::SetAdmins { users, admin }))
    }
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
