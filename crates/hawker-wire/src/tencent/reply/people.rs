//! Profiles of users.

use crate::json::{self, Object};
use crate::tencent::decode::Shape;
use hawker_core::UserId;
use hawker_core::command::ProfileValue;
use std::collections::BTreeSet;
use std::sync::Arc;

type Profiles = [(UserId, Option<Arc<hawker_core::profile::Profile>>)];

pub(super) fn profiles(body: &mut Object<'_>, profiles: &Profiles, shape: &Shape) {
    let wanted = match shape {
        Shape::PortraitGet(tags) => Some(tags),
        _ => None,
    };
    body.list("UserProfileItem", profiles, |out, (user, profile)| {
        json::object_into(out, |item| {
            item.text("To_Account", user.as_str());
            match profile {
                Some(profile) => {
                    let tags =
                        profile.items().filter(|(tag, _)| wanted.is_none_or(|wanted| asked_for(wanted, tag)));
                    item.list("ProfileItem", tags, |out, (tag, value)| profile_item(out, tag, &value));
                    item.number("ResultCode", 0).text("ResultInfo", "");
                }
                // The SDKs show strangers with empty profiles; only REST tells that there is no account.
                None if wanted.is_none() => {
                    item.raw("ProfileItem", "[]").number("ResultCode", 0).text("ResultInfo", "");
                }
                None => {
                    item.number("ResultCode", 40003).text("ResultInfo", "account not exist");
                }
            }
            item.number("StandardSequence", 0).number("CustomSequence", 0);
        });
    });
    let missing: Vec<_> = profiles.iter().filter(|(_, profile)| profile.is_none()).collect();
    if wanted.is_some() {
        if !missing.is_empty() {
            body.list("Fail_Account", missing, |out, (user, _)| json::string(out, user.as_str()));
        }
        body.text("ErrorDisplay", "");
    }
    body.number("CurrentStandardSequence", 0);
}

fn asked_for(wanted: &BTreeSet<String>, tag: &str) -> bool {
    wanted.contains(&wire_tag(tag))
}

fn wire_tag(tag: &str) -> String {
    if tag.starts_with("Custom_") { format!("Tag_Profile_{tag}") } else { format!("Tag_Profile_IM_{tag}") }
}

fn profile_item(out: &mut String, tag: &str, value: &ProfileValue) {
    json::object_into(out, |item| {
        item.text("Tag", &wire_tag(tag));
        match value {
            ProfileValue::Text(text) => item.text("Value", text),
            ProfileValue::Number(number) => item.number("Value", *number),
        };
    });
}
