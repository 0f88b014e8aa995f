//! Answers in the wire's spelling: the bodies of replies.

use super::decode::{PURCHASE_BITS, Shape};
use super::direct;
use super::envelope::{outcome, outcome_body};
use super::error::{Family, wire_error};
use super::push::{self, WireItem, counter, flat};
use crate::json::{self, Object};
use hawker_core::answer::{Answer, LoggedIn, MemberView, Role, RoomView, Stats};
use hawker_core::command::ProfileValue;
use hawker_core::post::{Class, Pin};
use hawker_core::room::ledger::{DropReason, Ledger};
use hawker_core::{Refusal, RoomId, Time, UserId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a body may use besides the answer; the gateway knows these.
#[derive(Default)]
pub struct Extras<'a> {
    /// The session token, for a login.
    pub token: &'a str,
    /// How often a client says hello, in seconds, for a login.
    pub hello_secs: u64,
    /// Per room to resume: whether it is a gap.
    pub resumed: &'a [(RoomId, ResumeStatus)],
    /// What was said before, for a joiner who wants it.
    pub history: &'a [Arc<WireItem>],
}

/// How coming back to a room went, as the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeStatus {
    /// All that was missed follows.
    Resumed,
    /// Some of it is gone.
    GapTooLarge,
    /// Join again.
    NotMember,
}

/// Writes the body of a reply.
pub fn body(answer: &Answer, shape: &Shape, extras: &Extras<'_>) -> String {
    match answer {
        // The SDKs set their counts to zero only if the answer says so.
        Answer::Done if *shape == Shape::ReadAll => ok(|body| {
            body.number("C2CReadAllMsg", 1).raw("GroupReadInfoArray", "[]");
        }),
        Answer::Done => outcome_body(0, ""),
        Answer::LoggedIn(login) => ok(|body| logged_in(body, login, extras)),
        Answer::Profiles(profiles) => ok(|body| self::profiles(body, profiles, shape)),
        // Who asks is told nothing that it does not know; `pre_sig` has an answer of its own.
        Answer::Account { .. } => outcome_body(0, ""),
        Answer::Opened { room } => ok(|body| {
            body.text("GroupId", room.as_str()).text("Type", "AVChatRoom").number("HugeGroupFlag", 1);
        }),
        Answer::RoomProfiles(rooms) => ok(|body| {
            body.list("GroupInfo", rooms, |out, room| room_profile(out, room, shape));
        }),
        Answer::Joined { room, .. } => ok(|body| {
            body.text("JoinedStatus", "JoinedSuccess").number("HugeGroupFlag", 1);
            body.text("AVChatRoomKey", room.as_str());
            if !extras.history.is_empty() {
                body.list("RspMsgList", extras.history, |out, item| flat(out, room.as_str(), item));
            }
        }),
        Answer::Watching { room, next_seq } => ok(|body| {
            body.text("JoinedStatus", "JoinedSuccess").number("HugeGroupFlag", 1);
            body.text("AVChatRoomKey", room.as_str()).text("LongPollingKey", room.as_str());
            body.number("StartSeq", *next_seq);
        }),
        Answer::Sent { at, seq, dropped } => ok(|body| {
            body.number("MsgTime", at.secs()).number("MsgSeq", *seq);
            if *dropped && *shape == Shape::SentOverRest {
                body.text("MsgDropReason", "MsgFreqCtrl");
            }
        }),
        Answer::OnlineCount(online) => ok(|body| {
            body.number("OnlineMemberNum", *online).number("ExpireTime", 10);
        }),
        Answer::Members { members, next_page, total } => ok(|body| {
            members_page(body, members, *next_page, *total, shape);
        }),
        Answer::MemberRecords(members) => ok(|body| {
            body.list("MemberList", members, member_record);
        }),
        Answer::Admins(admins) => ok(|body| {
            body.list("Admin_List", admins, |out, (user, nick, avatar)| {
                json::object_into(out, |admin| {
                    admin.text("Admin_Account", user.as_str()).text("NickName", nick).text("Avatar", avatar);
                });
            });
        }),
        Answer::MutedUsers(muted) => ok(|body| muted_users(body, muted, shape)),
        Answer::BannedUsers { banned, next } => ok(|body| {
            body.list("BannedAccountList", banned, |out, (user, until)| {
                json::object_into(out, |one| {
                    one.text("Member_Account", user.as_str()).number("BannedUntil", until_secs(*until));
                });
            });
            body.number("NextOffset", *next as u64);
        }),
        Answer::Tallies { tallies, seq } => ok(|body| {
            body.list("GroupCounter", tallies, |out, (key, value)| counter(out, key, Some((*value).into())));
            body.number("GroupCounterSeq", *seq);
        }),
        Answer::Recalled(outcomes) => ok(|body| {
            body.list("RecallRetList", outcomes, recall_outcome);
        }),
        Answer::Pins(pins) => ok(|body| {
            body.list("PinnedMsgList", pins, |out, pin| self::pin(out, pin));
        }),
        Answer::Messages(messages) => ok(|body| {
            body.list("RspMsgList", messages, |out, message| out.push_str(&push::message(message)));
            body.number("IsFinished", 1);
        }),
        Answer::Words(words) => ok(|body| {
            body.list("Reject", &words.lists().reject, |out, word| json::string(out, word));
            body.list("Mask", &words.lists().mask, |out, word| json::string(out, word));
        }),
        Answer::Stats(stats) => ok(|body| self::stats(body, stats)),
        Answer::Direct(answer) => direct::body(answer, shape),
        Answer::Presence(found, missing) => ok(|body| direct::presence_answer(body, found, missing, shape)),
        Answer::Attributes { main, attributes } => ok(|body| {
            body.number("AttrMainSeq", *main).list("GroupAttrAry", attributes, |out, (key, value, no)| {
                json::object_into(out, |one| {
                    one.text("key", key);
                    if *shape != Shape::AttributesChanged {
                        one.text("value", value);
                    }
                    one.number("seq", *no);
                });
            });
        }),
    }
}

/// Where a file may be put, and where it will be.
pub struct UploadAnswer<'a> {
    /// Where to put it.
    pub upload: &'a str,
    /// Where everybody gets it.
    pub download: &'a str,
    /// Where everybody gets the smaller versions, of a picture: thumbnail and screen size.
    pub small: Option<[&'a str; 2]>,
    /// The file's name, which names the request too.
    pub id: &'a str,
    /// Until when it may be put.
    pub until: Time,
}

/// Writes the answer to `pre_sig`.
pub fn upload(answer: &UploadAnswer<'_>) -> String {
    ok(|body| {
        body.text("upload_url", answer.upload).text("download_url", answer.download);
        if let Some([thumb, large]) = answer.small {
            body.text("thumb_url", thumb).text("large_url", large);
        }
        body.text("request_id", answer.id).number("expired_time", answer.until.secs());
    })
}

fn ok(fill: impl FnOnce(&mut Object<'_>)) -> String {
    json::object(|body| {
        outcome(body, 0, "");
        fill(body);
    })
}

fn logged_in(body: &mut Object<'_>, login: &LoggedIn, extras: &Extras<'_>) {
    body.text("A2Key", extras.token).text("TinyId", &login.account.to_string());
    body.number("InstId", 1).number("HelloInterval", extras.hello_secs);
    body.number("TimeStamp", login.now.secs());
    body.number("Expire", login.expires_at.since(login.now).as_secs());
    body.text("CustomStatus", &direct::presence_text(&login.presence_text)).text("PurchaseBits", PURCHASE_BITS);
    if !extras.resumed.is_empty() {
        body.list("Resume", extras.resumed, |out, (room, status)| {
            json::object_into(out, |one| {
                one.text("GroupId", room.as_str());
                one.text(
                    "Status",
                    match status {
                        ResumeStatus::Resumed => "Resumed",
                        ResumeStatus::GapTooLarge => "GapTooLarge",
                        ResumeStatus::NotMember => "NotMember",
                    },
                );
            });
        });
    }
}

type Profiles = [(UserId, Option<Arc<hawker_core::profile::Profile>>)];

fn profiles(body: &mut Object<'_>, profiles: &Profiles, shape: &Shape) {
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

fn room_profile(out: &mut String, room: &Result<RoomView, (RoomId, Refusal)>, shape: &Shape) {
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

fn members_page(body: &mut Object<'_>, members: &[MemberView], next_page: u64, total: u32, shape: &Shape) {
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

fn until_secs(until: Time) -> u64 {
    // "For ever" is the largest number that the wire's 32 bits hold.
    until.secs().min(u32::MAX.into())
}

fn member_record(out: &mut String, member: &MemberView) {
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

fn muted_users(body: &mut Object<'_>, muted: &[(UserId, Time)], shape: &Shape) {
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

fn recall_outcome(out: &mut String, (seq, outcome): &(u64, Result<(), Refusal>)) {
    let code = outcome.as_ref().map_or_else(|refusal| wire_error(refusal, Family::Group).code, |()| 0);
    json::object_into(out, |one| {
        one.number("MsgSeq", *seq).number("RetCode", code);
    });
}

/// The message as it was pushed, with who pinned it and when.
fn pin(out: &mut String, pin: &Pin) {
    json::object_into(out, |one| {
        one.text("Pinner_Account", pin.by.as_str()).number("PinTime", pin.at.secs());
    });
    // Both are objects with something in them: one becomes the rest of the other.
    out.pop();
    out.push(',');
    out.push_str(&push::message(&pin.message)[1..]);
}

fn stats(body: &mut Object<'_>, stats: &Stats) {
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

/// Writes the body of a poll's reply.
pub fn poll<'a>(room: &str, next_seq: u64, gap: bool, items: impl IntoIterator<Item = &'a WireItem>) -> String {
    ok(|body| {
        body.text("Key", room).number("NextSeq", next_seq);
        body.list("RspMsgList", items, |out, item| flat(out, room, item));
        body.number("NextBroadcastSeq", 1).raw("RspBroadcastMsgList", "[]");
        if gap {
            body.number("Gap", 1);
        }
    })
}
