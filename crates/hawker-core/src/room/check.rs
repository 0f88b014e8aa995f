//! What a text, a key or an id must look like before anything is decided about it.

use crate::command::{AttributeWrite, OpenRoom};
use crate::id::{RoomId, UserId};
use crate::limits::Limits;
use crate::post::{Draft, ProfileChange};
use crate::refusal::Refusal;
use crate::room::slow::{self, SLOW_MODE};
use crate::room::tallies::LIKES;
use std::sync::Arc;

/// Ids are printable ASCII (`messages-and-limits.md` §6).
fn printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// A user id: 1 to 32 bytes of printable ASCII.
pub fn user_id(user: &UserId) -> Result<(), Refusal> {
    let text = user.as_str();
    if (1..=32).contains(&text.len()) && printable(text) { Ok(()) } else { Err(Refusal::BadUserId) }
}

/// A room id that somebody chose: 1 to 48 bytes of printable ASCII. `@TGS#` begins the ids that the server makes.
pub fn chosen_room_id(room: &RoomId) -> Result<(), Refusal> {
    if room.as_str().starts_with("@TGS#") { Err(Refusal::BadRoomId) } else { room_id(room) }
}

/// Any room id.
pub fn room_id(room: &RoomId) -> Result<(), Refusal> {
    let text = room.as_str();
    if (1..=48).contains(&text.len()) && printable(text) { Ok(()) } else { Err(Refusal::BadRoomId) }
}

fn within(field: &'static str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.len() <= limit { Ok(()) } else { Err(Refusal::TooLong { field, limit }) }
}

fn field_key(key: &str, limits: &Limits) -> Result<(), Refusal> {
    within("Key", key, limits.field_key_bytes_max)?;
    let starts_well = key.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    let goes_on_well = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if starts_well && goes_on_well { Ok(()) } else { Err(Refusal::BadParameter("Key")) }
}

/// The texts and fields of a new room.
pub fn open_room(open: &OpenRoom, limits: &Limits) -> Result<(), Refusal> {
    if !open.live_room {
        return Err(Refusal::NotALiveRoom);
    }
    if open.name.is_empty() {
        return Err(Refusal::BadParameter("Name"));
    }
    within("Name", &open.name, limits.name_bytes_max)?;
    within("Introduction", &open.introduction, limits.introduction_bytes_max)?;
    within("Notification", &open.notification, limits.notification_bytes_max)?;
    within("FaceUrl", &open.avatar, limits.avatar_bytes_max)?;
    if open.fields.len() > limits.room_fields_max {
        return Err(Refusal::TooMany { what: "custom fields", limit: limits.room_fields_max });
    }
    open.fields.iter().try_for_each(|(key, value)| room_field(key, value, limits))
}

fn room_field(key: &str, value: &str, limits: &Limits) -> Result<(), Refusal> {
    field_key(key, limits)?;
    within("Value", value, limits.room_field_bytes_max)?;
    if key == SLOW_MODE { slow::check(value, limits) } else { Ok(()) }
}

/// One change of a room's profile.
pub fn profile_change(change: &ProfileChange, limits: &Limits) -> Result<(), Refusal> {
    match change {
        ProfileChange::Name(text) if text.is_empty() => Err(Refusal::BadParameter("Name")),
        ProfileChange::Name(text) => within("Name", text, limits.name_bytes_max),
        ProfileChange::Introduction(text) => within("Introduction", text, limits.introduction_bytes_max),
        ProfileChange::Notification(text) => within("Notification", text, limits.notification_bytes_max),
        ProfileChange::Avatar(text) => within("FaceUrl", text, limits.avatar_bytes_max),
        ProfileChange::MuteAll(_) => Ok(()),
        ProfileChange::Field(key, value) => room_field(key, value.as_deref().unwrap_or(""), limits),
    }
}

/// One custom field of a member.
pub fn member_field(key: &str, value: &str, limits: &Limits) -> Result<(), Refusal> {
    field_key(key, limits)?;
    within("Value", value, limits.member_field_bytes_max)
}

/// Counters that somebody wants to change or take away.
pub fn tallies<'a>(
    field: &'static str,
    keys: impl ExactSizeIterator<Item = &'a Arc<str>>,
    limits: &Limits,
) -> Result<(), Refusal> {
    if keys.len() == 0 {
        return Err(Refusal::BadParameter(field));
    }
    if keys.len() > limits.tallies_max {
        return Err(Refusal::TooMany { what: "counters", limit: limits.tallies_max });
    }
    keys.map(|key| &**key).try_for_each(|key| tally(key, limits))
}

fn tally(key: &str, limits: &Limits) -> Result<(), Refusal> {
    within("Key", key, limits.tally_key_bytes_max)?;
    match key {
        "" => Err(Refusal::BadParameter("Key")),
        LIKES => Err(Refusal::TallyReserved),
        _ => Ok(()),
    }
}

/// Attributes that somebody wants to change or take away.
pub fn attributes(writes: &[AttributeWrite], limits: &Limits) -> Result<(), Refusal> {
    if writes.is_empty() {
        return Err(Refusal::BadParameter("GroupAttr"));
    }
    if writes.len() > limits.attributes_max {
        return Err(Refusal::TooMany { what: "attributes", limit: limits.attributes_max });
    }
    for write in writes {
        if write.key.is_empty() {
            return Err(Refusal::BadParameter("key"));
        }
        within("key", &write.key, limits.attribute_key_bytes_max)?;
        within("value", &write.value, limits.attribute_value_bytes_max)?;
    }
    Ok(())
}

/// The messages of one recall.
pub fn recall(seqs: &[u64], reason: &str, limits: &Limits) -> Result<(), Refusal> {
    if seqs.is_empty() {
        return Err(Refusal::BadParameter("MsgSeqList"));
    }
    if seqs.len() > limits.recalls_per_call_max {
        return Err(Refusal::TooMany { what: "messages in one recall", limit: limits.recalls_per_call_max });
    }
    within("Reason", reason, limits.recall_reason_bytes_max)
}

/// A message.
pub fn draft(draft: &Draft, limits: &Limits) -> Result<(), Refusal> {
    if draft.elements.is_empty() {
        return Err(Refusal::BadParameter("MsgBody"));
    }
    if draft.elements.len() > limits.elements_max {
        return Err(Refusal::TooMany { what: "elements", limit: limits.elements_max });
    }
    if claims_the_ledger(&draft.cloud_data) {
        return Err(Refusal::BadParameter("CloudCustomData"));
    }
    if draft.bytes > limits.message_bytes_max {
        return Err(Refusal::MessageTooLong { limit: limits.message_bytes_max });
    }
    Ok(())
}

/// Only the shop itself says what its books say ([`crate::engine::LEDGER_MARK`]).
fn claims_the_ledger(cloud_data: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Marked {
        #[serde(rename = "ledger")]
        _ledger: serde::de::IgnoredAny,
    }
    !cloud_data.is_empty() && serde_json::from_str::<Marked>(cloud_data).is_ok()
}

/// The users of one call.
pub fn users(users: &[UserId], limits: &Limits) -> Result<(), Refusal> {
    if users.is_empty() {
        return Err(Refusal::BadParameter("Members_Account"));
    }
    if users.len() > limits.accounts_per_call_max {
        return Err(Refusal::TooMany { what: "accounts", limit: limits.accounts_per_call_max });
    }
    users.iter().try_for_each(user_id)
}
