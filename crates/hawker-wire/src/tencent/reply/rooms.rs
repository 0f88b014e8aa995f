//! Rooms, their members, and what was said in them.

use crate::json::{self, Object};
use crate::tencent::decode::Shape;
use crate::tencent::error::{Family, wire_error};
use crate::tencent::push;
use hawker_core::answer::{MemberView, Role, RoomView, Stats};
use hawker_core::post::{Class, Pin};
use hawker_core::room::ledger::{DropReason, Ledger};
use hawker_core::{Refusal, RoomId, Time, UserId};

pub(super) fn room_profile(out: &mut String, room: &Result<RoomView, (RoomId, Refusal)>, shape: &Shape) {
    match room {
        Err((room, refusal)) => {
            let error = wire_error(refusal, Family::Group);
            json::object_into(out, |info| {
                info.text("GroupId", room.as_str()).number("ErrorCode", error.code).text("ErrorInfo", &error.info);
            });
        }
        Ok(view) => json::object_into(out, |info| {
            info.text("GroupId", view.room.as_str()).number("ErrorCode", 0).text("ErrorInfo", "");
            let fields = match shape {
                Shape::GroupInfo(fields) if !fields.is_empty() => Some(fields),
                _ => None,
            };
            let wants = |field: &str| fields.is_none_or(|fields| fields.contains(field));
            room_fields(info, view, &wants);
            if *shape == Shape::SelfInfo {
                info.object("SelfInfo", |own| self_info(own, view));
            }
        }),
    }
}

fn room_fields(info: &mut Object<'_>, view: &RoomView, wants: &dyn Fn(&str) -> bool) {
    let profile = &view.profile;
    let owner = view.owner.as_ref().map_or("", UserId::as_str);
    let mute_all = if profile.mute_all { "On" } else { "Off" };
    for (field, text) in [
        ("Type", "AVChatRoom"),
        ("Name", &profile.name),
        ("Introduction", &profile.introduction),
        ("Notification", &profile.notification),
        ("FaceUrl", &profile.avatar),
        ("Owner_Account", owner),
        ("ApplyJoinOption", "FreeAccess"),
        ("InviteJoinOption", "DisableInvite"),
        ("MuteAllMember", mute_all),
        ("ShutUpAllMember", mute_all),
    ] {
        if wants(field) {
            info.text(field, text);
        }
    }
    for (field, number) in [
        ("CreateTime", view.created_at.secs()),
        ("LastInfoTime", view.changed_at.secs()),
        ("LastMsgTime", view.spoke_at.secs()),
        ("InfoSeq", view.info_seq),
        ("NextMsgSeq", view.next_seq),
        ("MemberNum", view.online.into()),
        ("MaxMemberNum", u32::MAX.into()),
    ] {
        if wants(field) {
            info.number(field, number);
        }
    }
    info.list("AppDefinedData", &profile.fields, |out, (key, value)| field(out, key, value));
}

fn field(out: &mut String, key: &str, value: &str) {
    json::object_into(out, |field| {
        field.text("Key", key).text("Value", value);
    });
}

fn self_info(own: &mut Object<'_>, view: &RoomView) {
    own.text("Role", view.role.map_or("NotMember", role_name));
    own.number("JoinTime", view.joined_at.unwrap_or_default().secs());
    own.text("MsgFlag", "AcceptAndNotify").text("NameCard", "").number("MsgSeq", 0);
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Member => "Member",
    }
}

pub(super) fn members_page(
    body: &mut Object<'_>,
    members: &[MemberView],
    next_page: u64,
    total: u32,
    shape: &Shape,
) {
    if *shape == Shape::MemberInfo {
        body.number("MemberNum", total).list("MemberList", members, member_record);
        body.number("Next", next_page);
        return;
    }
    body.list("MemberList", members, |out, member| {
        json::object_into(out, |one| {
            one.text("Member_Account", member.user.as_str()).number("JoinTime", member.joined_at.secs());
            one.text("NickName", &member.nick).text("Avatar", &member.avatar).text("FaceUrl", &member.avatar);
            one.text("Role", role_name(member.role)).number("MuteUntil", until_secs(member.muted_until));
        });
    });
    body.number("NextTimestamp", next_page);
}

pub(super) fn until_secs(until: Time) -> u64 {
    // "For ever" is the largest number that the wire's 32 bits hold.
    until.secs().min(u32::MAX.into())
}

pub(super) fn member_record(out: &mut String, member: &MemberView) {
    json::object_into(out, |one| {
        one.text("Member_Account", member.user.as_str()).text("Role", role_name(member.role));
        one.text("NickName", &member.nick).text("Avatar", &member.avatar);
        one.number("JoinTime", member.joined_at.secs()).number("MsgSeq", 0);
        one.text("MsgFlag", "AcceptAndNotify").text("NameCard", "");
        let until = until_secs(member.muted_until);
        one.number("ShutUpUntil", until).number("MuteUntil", until);
        one.list("AppMemberDefinedData", &member.fields, |out, (key, value)| field(out, key, value));
    });
}

pub(super) fn muted_users(body: &mut Object<'_>, muted: &[(UserId, Time)], shape: &Shape) {
    let (list, until_name) = match shape {
        Shape::ShuttedUin => ("ShuttedUinList", "ShuttedUntil"),
        _ => ("MutedAccountList", "MutedUntil"),
    };
    body.list(list, muted, |out, (user, until)| {
        json::object_into(out, |one| {
            one.text("Member_Account", user.as_str()).number(until_name, until_secs(*until));
        });
    });
}

pub(super) fn recall_outcome(out: &mut String, (seq, outcome): &(u64, Result<(), Refusal>)) {
    let code = outcome.as_ref().map_or_else(|refusal| wire_error(refusal, Family::Group).code, |()| 0);
    json::object_into(out, |one| {
        one.number("MsgSeq", *seq).number("RetCode", code);
    });
}

/// The message as it was pushed, with who pinned it and when.
pub(super) fn pin(out: &mut String, pin: &Pin) {
    json::object_into(out, |one| {
        one.text("Pinner_Account", pin.by.as_str()).number("PinTime", pin.at.secs());
    });
    // Both are objects with something in them: one becomes the rest of the other.
    out.pop();
    out.push(',');
    out.push_str(&push::message(&pin.message)[1..]);
}

pub(super) fn stats(body: &mut Object<'_>, stats: &Stats) {
    body.number("OnlineMemberNum", stats.online).number("PeakMemberNum", stats.peak);
    body.number("LikeCount", stats.likes).number("MsgCount", stats.messages);
    if let Some(ledger) = &stats.ledger {
        body.list("Ledger", Class::ALL, |out, class| ledger_line(out, ledger, class));
    }
}

fn ledger_line(out: &mut String, ledger: &Ledger, class: Class) {
    let line = ledger.line(class);
    json::object_into(out, |one| {
        one.text("Class", class.name()).number("Received", line.received).number("Delivered", line.delivered);
        let dropped = DropReason::ALL.into_iter().filter(|reason| line.dropped[*reason as usize] > 0);
        one.list("Dropped", dropped, |out, reason| {
            json::object_into(out, |drop| {
                drop.text("Reason", reason.name()).number("Count", line.dropped[reason as usize]);
            });
        });
    });
}
