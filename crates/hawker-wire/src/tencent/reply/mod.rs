//! Answers in the wire's spelling: the bodies of replies.

mod media;
mod people;
mod rooms;
mod shop;

use super::decode::{PURCHASE_BITS, Shape};
use super::direct;
use super::envelope::{outcome, outcome_body};
use super::push::{self, WireItem, counter, flat};
use crate::json::{self, Object};
use hawker_core::answer::{Answer, LoggedIn};
use hawker_core::{RoomId, Time};
pub use media::{PushAnswer, StreamAnswer, VideoShown, push_address, stream};
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
        Answer::Profiles(profiles) => ok(|body| people::profiles(body, profiles, shape)),
        // Who asks is told nothing that it does not know; `pre_sig` has an answer of its own.
        Answer::Account { .. } => outcome_body(0, ""),
        Answer::Opened { room } => ok(|body| {
            body.text("GroupId", room.as_str()).text("Type", "AVChatRoom").number("HugeGroupFlag", 1);
        }),
        Answer::RoomProfiles(rooms) => ok(|body| {
            body.list("GroupInfo", rooms, |out, room| rooms::room_profile(out, room, shape));
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
            rooms::members_page(body, members, *next_page, *total, shape);
        }),
        Answer::MemberRecords(members) => ok(|body| {
            body.list("MemberList", members, rooms::member_record);
        }),
        Answer::Admins(admins) => ok(|body| {
            body.list("Admin_List", admins, |out, (user, nick, avatar)| {
                json::object_into(out, |admin| {
                    admin.text("Admin_Account", user.as_str()).text("NickName", nick).text("Avatar", avatar);
                });
            });
        }),
        Answer::MutedUsers(muted) => ok(|body| rooms::muted_users(body, muted, shape)),
        Answer::BannedUsers { banned, next } => ok(|body| {
            body.list("BannedAccountList", banned, |out, (user, until)| {
                json::object_into(out, |one| {
                    one.text("Member_Account", user.as_str()).number("BannedUntil", rooms::until_secs(*until));
                });
            });
            body.number("NextOffset", *next as u64);
        }),
        Answer::Tallies { tallies, seq } => ok(|body| {
            body.list("GroupCounter", tallies, |out, (key, value)| counter(out, key, Some((*value).into())));
            body.number("GroupCounterSeq", *seq);
        }),
        Answer::Recalled(outcomes) => ok(|body| {
            body.list("RecallRetList", outcomes, rooms::recall_outcome);
        }),
        Answer::Pins(pins) => ok(|body| {
            body.list("PinnedMsgList", pins, |out, pin| rooms::pin(out, pin));
        }),
        Answer::Messages(messages) => ok(|body| {
            body.list("RspMsgList", messages, |out, message| out.push_str(&push::message(message)));
            body.number("IsFinished", 1);
        }),
        Answer::Words(words) => ok(|body| {
            body.list("Reject", &words.lists().reject, |out, word| json::string(out, word));
            body.list("Mask", &words.lists().mask, |out, word| json::string(out, word));
        }),
        Answer::Stats(stats) => ok(|body| rooms::stats(body, stats)),
        Answer::Shop(answer) => shop::body(answer),
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
