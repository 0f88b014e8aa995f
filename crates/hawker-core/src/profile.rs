//! What everybody may read: of a user, and of a room.

use crate::command::{ProfileItem, ProfileValue};
use crate::limits::Limits;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What others may read of a user (`rest-api.md` §6). Most users have a nick and a picture and nothing else.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// `Nick`.
    pub nick: Arc<str>,
    /// `Image`: the address of the picture.
    pub avatar: Arc<str>,
    /// All other tags that were set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<Box<BTreeMap<Arc<str>, ProfileValue>>>,
}

/// What kind of value a tag takes.
enum TagKind {
    Text,
    Number,
    OneOf(&'static [&'static str]),
}

fn tag_kind(tag: &str) -> Option<TagKind> {
    Some(match tag {
        "Nick" | "Image" | "SelfSignature" | "Location" => TagKind::Text,
        "BirthDay" | "Language" | "Level" | "Role" | "MsgSettings" => TagKind::Number,
        "Gender" => TagKind::OneOf(&["Gender_Type_Unknown", "Gender_Type_Female", "Gender_Type_Male"]),
        "AllowType" => {
            TagKind::OneOf(&["AllowType_Type_NeedConfirm", "AllowType_Type_AllowAny", "AllowType_Type_DenyAny"])
        }
        "AdminForbidType" => TagKind::OneOf(&["AdminForbid_Type_None", "AdminForbid_Type_SendOut"]),
        custom => {
            let key = custom.strip_prefix("Custom_")?;
            let good = (1..=8).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphabetic());
            good.then_some(TagKind::Text)?
        }
    })
}

/// Custom tags of one profile (`messages-and-limits.md` §6).
const CUSTOM_TAGS_MAX: usize = 20;

impl Profile {
    /// The profile after these changes; refused whole if one of them is not allowed.
    pub fn with(&self, items: &[ProfileItem], limits: &Limits) -> Result<Profile, Refusal> {
        let mut profile = self.clone();
        for item in items {
            profile.set(item, limits)?;
        }
        let custom = profile.more.iter().flat_map(|more| more.keys()).filter(|tag| tag.starts_with("Custom_"));
        if custom.count() > CUSTOM_TAGS_MAX {
            return Err(Refusal::TooMany { what: "custom profile fields", limit: CUSTOM_TAGS_MAX });
        }
        Ok(profile)
    }

    fn set(&mut self, item: &ProfileItem, limits: &Limits) -> Result<(), Refusal> {
        let kind = tag_kind(&item.tag).ok_or(Refusal::UnknownTag)?;
        let value = match (kind, &item.value) {
            (TagKind::Text, ProfileValue::Text(text)) => {
                let limit = limits.profile_value_bytes_max;
                if text.len() > limit {
                    return Err(Refusal::TooLong { field: "Value", limit });
                }
                item.value.clone()
            }
            (TagKind::OneOf(words), ProfileValue::Text(word)) if words.contains(&&**word) => item.value.clone(),
            (TagKind::Number, ProfileValue::Number(_)) => item.value.clone(),
            _ => return Err(Refusal::BadTagValue),
        };
        match (&*item.tag, value) {
            ("Nick", ProfileValue::Text(text)) => self.nick = text,
            ("Image", ProfileValue::Text(text)) => self.avatar = text,
            (_, value) => drop(self.more.get_or_insert_default().insert(item.tag.clone(), value)),
        }
        Ok(())
    }

    /// Every tag that was set.
    pub fn items(&self) -> impl Iterator<Item = (&str, ProfileValue)> {
        let texts = [("Nick", &self.nick), ("Image", &self.avatar)];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let more = self.more.iter().flat_map(|more| more.iter().map(|(tag, value)| (&**tag, value.clone())));
        texts.map(|(tag, text)| (tag, ProfileValue::Text(text.clone()))).chain(more)
    }
}

/// What everybody may read of a room.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RoomProfile {
    /// Its name.
    pub name: Arc<str>,
    /// Its introduction.
    pub introduction: Arc<str>,
    /// Its announcement.
    pub notification: Arc<str>,
    /// Its picture.
    pub avatar: Arc<str>,
    /// Everybody but the host and the admins is muted.
    pub mute_all: bool,
    /// Custom fields, such as `add_goods` and `room_status`.
    pub fields: BTreeMap<Arc<str>, Arc<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_takes_known_tags_of_the_right_type_only() {
        let text = |text: &str| ProfileValue::Text(text.into());
        for (tag, value, want) in [
            ("Nick", text("Mei"), Ok(())),
            ("Nick", ProfileValue::Number(1), Err(Refusal::BadTagValue)),
            ("Nick", text(&"x".repeat(501)), Err(Refusal::TooLong { field: "Value", limit: 500 })),
            ("Level", ProfileValue::Number(3), Ok(())),
            ("Level", text("3"), Err(Refusal::BadTagValue)),
            ("Gender", text("Gender_Type_Female"), Ok(())),
            ("Gender", text("other"), Err(Refusal::BadTagValue)),
            ("Custom_Shop", text("a"), Ok(())),
            ("Custom_9", text("a"), Err(Refusal::UnknownTag)),
            ("Wealth", text("a"), Err(Refusal::UnknownTag)),
        ] {
            let item = ProfileItem { tag: tag.into(), value };
            let got = Profile::default().with(std::slice::from_ref(&item), &Limits::default());
            assert_eq!(got.map(drop), want, "{item:?}");
        }
    }
}
