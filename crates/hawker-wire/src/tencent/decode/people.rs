//! Commands about people: sessions, profiles, accounts.

use super::{Asked, Read, Shape, rules};
use crate::tencent::error::WireError;
use hawker_core::UserId;
use hawker_core::command::{Command, ProfileItem, ProfileValue};
use serde::Deserialize;
use std::sync::Arc;

impl Read<'_> {
    pub(super) fn wslogin(&self) -> Result<Asked, WireError> {
        let body: WsLogin = self.body()?;
        let resume = body.resume.map(|list| list.into_iter().map(|one| (one.room.into(), one.seq)).collect());
        Ok(Asked::Login(resume))
    }

    pub(super) fn portrait_set(&self) -> Result<Asked, WireError> {
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

    pub(super) fn portrait_get_all(&self) -> Result<Asked, WireError> {
        let body: PortraitGetAll = self.body()?;
        let users = body.users.into_iter().map(|item| item.user.into()).collect();
        Ok(Asked::Rules(Command::Profiles { users }, Shape::PortraitGetAll))
    }

    pub(super) fn portrait_get(&self) -> Result<Asked, WireError> {
        let body: PortraitGet = self.body()?;
        if body.users.is_empty() {
            return Err(WireError::new(40002, "To_Account is empty"));
        }
        let users = body.users.into_iter().map(UserId::from).collect();
        Ok(Asked::Rules(Command::Profiles { users }, Shape::PortraitGet(body.tags.into_iter().collect())))
    }

    pub(super) fn account_import(&self) -> Result<Asked, WireError> {
        let body: AccountImport = self.body()?;
        let (nick, avatar) = (body.nick.map(Arc::from), body.avatar.map(Arc::from));
        rules(Command::ImportAccount { user: body.user.into(), nick, avatar })
    }

    pub(super) fn kick(&self) -> Result<Asked, WireError> {
        let body: Kick = self.body()?;
        rules(Command::KickAccount { user: body.user.into() })
    }
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
