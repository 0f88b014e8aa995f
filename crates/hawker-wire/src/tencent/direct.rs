//! Direct messages and presence in the wire's spelling: answers and pushes (`docs/direct-messages.md`).

use super::decode::Shape;
use super::elements;
use super::envelope::outcome;
use super::error::{Family, wire_error};
use super::push::WireItem;
use crate::json::{self, Object};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hawker_core::direct::{
    Conversation, DirectAnswer, Letter, MessageKey, MessageNo, Notice, Presence, PresenceOf, Reminding,
};
use hawker_core::post::{Element, Face};
use hawker_core::{AccountId, Refusal, UserId};

/// The kinds of items that are not of a room. Clients do not look at the numbers, only at the name of the array.
pub(super) const MESSAGE: u8 = 9;
pub(super) const NOTICE: u8 = 10;
pub(super) const PRESENCE: u8 = 22;

/// The flag of a message that was taken back, in histories and in lists.
const TAKEN_BACK: u32 = 8;

/// Writes a notice as an item: one element of its array, or several of them with commas between.
pub fn item(notice: &Notice) -> WireItem {
    match notice {
        Notice::Message(letter) => {
            let json = json::object(|message| self::message(message, letter));
            WireItem { event: MESSAGE, json: json.into() }
        }
        Notice::ReadBy { reader, secs } => about(|notify| {
            notify.object("C2cReadedReceipt", |receipt| {
                receipt.text("To_Account", reader.as_str());
                receipt.list("UinPairReadArray", [()], |out, ()| {
                    json::object_into(out, |one| {
                        one.number("LastReadTime", *secs);
                    });
                });
            });
        }),
        Notice::ReadElsewhere { peer, secs } => about(|notify| {
            notify.object("ReadC2cMsgNotify", |read| {
                read.list("UinPairReadArray", [()], |out, ()| {
                    json::object_into(out, |one| {
                        one.text("From_Account", peer.as_str()).number("LastReadTime", *secs);
                    });
                });
            });
        }),
        Notice::Recalled(letter) => about(|notify| taken_back(notify, letter)),
        Notice::Presence(changes) => {
            let mut json = String::new();
            for (n, one) in changes.iter().enumerate() {
                if n > 0 {
                    json.push(',');
                }
                presence_of(&mut json, one);
            }
            WireItem { event: PRESENCE, json: json.into() }
        }
    }
}

fn about(fill: impl FnOnce(&mut Object<'_>)) -> WireItem {
    WireItem { event: NOTICE, json: json::object(fill).into() }
}

fn message(item: &mut Object<'_>, letter: &Letter) {
    let message = &letter.message;
    // The SDKs turn the two around in a copy for another connection of the sender.
    let (from, to) = if letter.copy { (&letter.to, &letter.from.user) } else { (&letter.from.user, &letter.to) };
    item.text("From_Account", from.as_str()).text("To_Account", to.as_str());
    item.text("TinyId", &message.from.to_string())
        .number("MsgSeq", message.seq)
        .number("MsgRandom", message.random);
    item.number("MsgTimeStamp", message.no.at().secs()).number("MsgClientTime", message.sent_at);
    item.list("MsgBody", message.elements.iter(), elements::write);
    item.text("CloudCustomData", &message.cloud_data);
    item.text("From_AccountNick", &letter.from.nick).text("From_AccountHeadurl", &letter.from.avatar);
    item.text("MsgKey", &key_text(&message.key()));
    item.number("IsNeedReadReceipt", u8::from(message.wishes.receipt));
    if message.wishes.online_only {
        item.number("MsgLifeTime", 0);
    }
    if letter.copy {
        item.number("IsSyncMsg", 1);
    }
    let controls = [("NoUnread", message.wishes.counts), ("NoLastMsg", message.wishes.shows)];
    let controls = controls.iter().filter(|(_, as_usual)| !as_usual);
    item.list("SendMsgControl", controls, |out, (control, _)| json::string(out, control));
    if let Some(taker) = &letter.taken_by {
        item.number("MsgFlagBits", TAKEN_BACK);
        item.object("RevokerInfo", |info| {
            info.text("Revoker_Account", taker.as_str());
        });
    }
}

fn taken_back(notify: &mut Object<'_>, letter: &Letter) {
    let message = &letter.message;
    notify.object("WithdrawC2cMsgNotify", |withdraw| {
        withdraw.list("C2cWithdrawInfoArray", [()], |out, ()| {
            json::object_into(out, |info| {
                info.text("From_Account", letter.from.user.as_str()).text("To_Account", letter.to.as_str());
                info.text("TinyId", &message.from.to_string());
                info.number("MsgSeq", message.seq).number("MsgRandom", message.random);
                info.number("MsgTime", message.no.at().secs()).number("MsgClientTime", message.sent_at);
                let taker = letter.taken_by.as_ref().map_or("", UserId::as_str);
                info.object("RevokerInfo", |revoker| {
                    revoker.text("Revoker_Account", taker);
                });
            });
        });
    });
}

fn key_text(key: &MessageKey) -> String {
    format!("{}_{}_{}", key.seq, key.random, key.secs)
}

fn presence_name(presence: Presence) -> (u8, &'static str) {
    match presence {
        Presence::Online => (1, "Online"),
        Presence::Offline => (2, "Offline"),
        Presence::LoggedOut => (3, "Offline"),
    }
}

fn presence_of(out: &mut String, one: &PresenceOf) {
    json::object_into(out, |item| {
        item.text("To_Account", one.user.as_str()).number("Status", presence_name(one.presence).0);
        item.text("CustomStatus", &presence_text(&one.text));
    });
}

/// What a user says about being there, as clients read it.
pub(super) fn presence_text(text: &str) -> String {
    STANDARD.encode(text)
}

/// Fills the body of an answer about presence; the outcome is written already.
pub(super) fn presence_answer(body: &mut Object<'_>, found: &[PresenceOf], missing: &[UserId], shape: &Shape) {
    if *shape == Shape::OnlineStatus {
        body.list("QueryResult", found, |out, one| {
            json::object_into(out, |item| {
                let state = presence_name(one.presence).1;
                item.text("To_Account", one.user.as_str()).text("Status", state).text("State", state);
            });
        });
        body.list("ErrorList", missing, |out, user| {
            json::object_into(out, |item| {
                item.text("To_Account", user.as_str()).number("ErrorCode", 70107);
            });
        });
        return;
    }
    body.list("UserStatusList", found, presence_of);
    body.list("ErrorList", missing, |out, user| {
        json::object_into(out, |item| {
            item.text("To_Account", user.as_str()).text("Invalid_Account", user.as_str());
            item.number("ErrorCode", 70107).text("ErrorInfo", "the account does not exist");
        });
    });
}

/// Writes the body of an answer about direct messages.
pub(super) fn body(answer: &DirectAnswer, shape: &Shape) -> String {
    json::object(|body| match answer {
        DirectAnswer::Sent { key, failed, sent } if *shape == Shape::SentToMany => {
            sent_to_many(body, key, failed, *sent);
        }
        answer => {
            outcome(body, 0, "");
            fill(body, answer, shape);
        }
    })
}

fn sent_to_many(body: &mut Object<'_>, key: &MessageKey, failed: &[(UserId, Refusal)], sent: usize) {
    let error = |refusal: &Refusal| match refusal {
        Refusal::AccountMissing => 70107,
        refusal => wire_error(refusal, Family::DirectRest).code,
    };
    match (sent, failed.first()) {
        (0, Some((_, refusal))) => outcome(body, error(refusal), &refusal.to_string()),
        (_, None) => outcome(body, 0, ""),
        (_, Some(_)) => {
            body.text("ActionStatus", "SomeError").number("ErrorCode", 0).text("ErrorInfo", "");
        }
    }
    body.text("MsgKey", &key_text(key));
    body.list("ErrorList", failed, |out, (user, refusal)| {
        json::object_into(out, |one| {
            one.text("To_Account", user.as_str()).number("ErrorCode", error(refusal));
        });
    });
}

fn fill(body: &mut Object<'_>, answer: &DirectAnswer, shape: &Shape) {
    match answer {
        DirectAnswer::Sent { key, .. } => {
            body.number("MsgTime", key.secs).text("MsgKey", &key_text(key)).number("MsgSeq", key.seq);
        }
        DirectAnswer::Conversations { conversations, next } => self::conversations(body, conversations, *next),
        DirectAnswer::Synced { up_to, more, messages, recalled, unread } => {
            body.text("Cookie", &up_to.0.to_string()).number("SyncFlag", if *more { 1 } else { 2 });
            body.list("MsgList", messages, |out, letter| json::object_into(out, |item| message(item, letter)));
            // The counts go with the last answer: they set what the messages before have added up to.
            let unread = unread.iter().filter(|_| !*more);
            body.list("C2CPairUnreadCount", unread, |out, (user, count)| {
                json::object_into(out, |one| {
                    one.text("From_Account", user.as_str()).number("UnreadCount", *count);
                });
            });
            body.raw("C2CRemainingUnreadCount", "[]");
            if !recalled.is_empty() {
                body.list("EventArray", [recalled], |out, recalled| {
                    json::object_into(out, |event| {
                        event.number("Event", NOTICE);
                        event.list("C2cNotifyMsgArray", recalled, |out, letter| {
                            json::object_into(out, |notify| taken_back(notify, letter));
                        });
                    });
                });
            }
        }
        DirectAnswer::History { peer, messages, next, last_secs } => {
            history(body, peer, messages, *next, *last_secs, shape);
        }
        DirectAnswer::ReadBy(times) => {
            body.list("ReadTime", times, |out, secs| out.push_str(&secs.to_string()));
        }
        DirectAnswer::Unread { total, of } => {
            body.number("AllC2CUnreadMsgNum", *total);
            body.list("C2CUnreadMsgNumList", of, |out, (user, count)| {
                json::object_into(out, |one| {
                    one.text("Peer_Account", user.as_str()).number("C2CUnreadMsgNum", *count);
                });
            });
        }
        DirectAnswer::Each(outcomes) => each(body, outcomes, shape),
        DirectAnswer::Reminders(list) => {
            body.list("MuteNotificationsList", list, |out, (user, how)| {
                json::object_into(out, |one| {
                    one.text("Peer_Account", user.as_str()).number("Mute_Notifications", reminding(*how));
                });
            });
        }
        DirectAnswer::Blacklist(list) => {
            body.list("BlackListItem", list, |out, (user, since)| {
                json::object_into(out, |one| {
                    one.text("To_Account", user.as_str()).number("AddBlackTimeStamp", since.secs());
                });
            });
            body.number("StartIndex", 0).number("CurruentSequence", 0);
        }
    }
}

fn reminding(how: Reminding) -> u8 {
    match how {
        Reminding::Notify => 0,
        Reminding::Discard => 1,
        Reminding::Silent => 2,
    }
}

fn each(body: &mut Object<'_>, outcomes: &[(UserId, Result<(), Refusal>)], shape: &Shape) {
    let error = |outcome: &Result<(), Refusal>| {
        outcome.as_ref().err().map_or((0, String::new()), |refusal| {
            let error = wire_error(refusal, Family::Direct);
            (error.code, error.info)
        })
    };
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err());
    if *shape == Shape::Reminding {
        body.list("ErrorList", failed, |out, (user, outcome)| {
            json::object_into(out, |one| {
                one.text("To_Account", user.as_str()).number("ErrorCode", error(outcome).0);
            });
        });
        return;
    }
    body.list("ResultItem", outcomes, |out, (user, outcome)| {
        json::object_into(out, |one| {
            let (code, info) = error(outcome);
            if *shape == Shape::Dropped {
                one.number("Type", 1);
            }
            one.text("To_Account", user.as_str()).number("ResultCode", code).text("ResultInfo", &info);
        });
    });
    if *shape == Shape::Blocked {
        body.list("Fail_Account", failed, |out, (user, _)| json::string(out, user.as_str()));
    }
}

type Listed = (Face, Conversation, Option<Letter>);

fn conversations(body: &mut Object<'_>, list: &[Listed], next: Option<(MessageNo, AccountId)>) {
    body.list("SessionItem", list, |out, (peer, conversation, last)| {
        json::object_into(out, |item| self::conversation(item, peer, conversation, last.as_ref()));
    });
    // JavaScript keeps 53 bits of a number: the cursor travels in halves.
    let (newest, peer) = next.map_or((0, 0), |(newest, peer)| (newest.0, peer.0));
    body.number("CompleteFlag", u8::from(next.is_none()));
    body.number("TimeStamp", newest >> 16).number("TopTimeStamp", newest & 0xffff);
    body.number("StartIndex", peer >> 16).number("TopStartIndex", peer & 0xffff).number("TopCompleteFlag", 1);
}

fn conversation(item: &mut Object<'_>, peer: &Face, conversation: &Conversation, last: Option<&Letter>) {
    item.number("Type", 1).text("To_Account", peer.user.as_str());
    item.text("PeerNick", &peer.nick).text("PeerAvatar", &peer.avatar);
    item.number("C2cPeerReadTime", conversation.peer_read_to.at().secs());
    let pinned = u8::from(conversation.pinned);
    item.number("UnreadMsgCount", conversation.unread).number("TopFlags", pinned).number("TopFlag", pinned);
    let at = last.map_or(conversation.newest, |letter| letter.message.no);
    item.number("MsgTimeStamp", at.at().secs()).number("MsgTime", at.at().secs());
    let Some(letter) = last else { return };
    let message = &letter.message;
    item.number("MsgSeq", message.seq).number("MsgRandom", message.random);
    item.text("LastC2CMsgFrom_Account", letter.from.user.as_str());
    item.number("LastMsgFlags", if letter.taken_by.is_some() { TAKEN_BACK } else { 0 });
    item.text("MsgShow", shown(&message.elements));
    item.object("LastMsg", |last| {
        last.list("MsgBody", message.elements.iter(), elements::write);
        last.text("CloudCustomData", &message.cloud_data);
        if let Some(taker) = &letter.taken_by {
            last.object("RevokerInfo", |info| {
                info.text("Revoker_Account", taker.as_str());
            });
        }
    });
}

/// A message in a word.
fn shown(elements: &[Element]) -> &str {
    match elements.first() {
        Some(Element::Text(text)) => text,
        Some(Element::Custom { desc, .. }) => desc,
        _ => "",
    }
}

fn history(
    body: &mut Object<'_>,
    peer: &UserId,
    messages: &[Letter],
    next: Option<MessageNo>,
    last_secs: u64,
    shape: &Shape,
) {
    let cursor = next.map_or(String::new(), |next| next.0.to_string());
    body.number("Complete", u8::from(next.is_none()));
    if *shape == Shape::HistoryOverRest {
        body.number("MsgCnt", messages.len() as u64).number("LastMsgTime", last_secs).text("LastMsgKey", &cursor);
    } else {
        body.text("Peer_Account", peer.as_str()).number("LastMsgTime", last_secs).text("MsgKey", &cursor);
    }
    body.list("MsgList", messages, |out, letter| json::object_into(out, |item| message(item, letter)));
}
