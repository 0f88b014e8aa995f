//! What the server says about messages between two users.

use serde::Deserialize;
use serde_json::Value;

use super::event::Event;
use super::push;
use crate::types::direct::RawDirect;
use crate::types::{DirectMessage, MessageKey, UserId};

/// A message as `me` sees it; `None` if it cannot be read.
pub(crate) fn message(value: &Value, me: Option<&UserId>) -> Option<DirectMessage> {
    Some(RawDirect::deserialize(value).ok()?.message(me, push::elements))
}

/// What an element of `C2cNotifyMsgArray` tells.
pub(super) fn notices(value: &Value) -> Vec<Event> {
    let list = |outer: &str, inner: &str| -> Vec<Value> {
        let found = value.get(outer).and_then(|notice| notice.get(inner)).and_then(Value::as_array);
        found.cloned().unwrap_or_default()
    };
    let mut told = Vec::new();
    // The peer stands beside the times here, with each of them below.
    let peer = value.get("C2cReadedReceipt").and_then(|notice| notice.get("To_Account")).and_then(Value::as_str);
    for read in list("C2cReadedReceipt", "UinPairReadArray") {
        let peer = peer.unwrap_or_default().into();
        told.push(Event::PeerRead { peer, up_to_secs: number(&read, "LastReadTime") });
    }
    for read in list("ReadC2cMsgNotify", "UinPairReadArray") {
        let peer = user(&read, "From_Account");
        told.push(Event::ReadElsewhere { peer, up_to_secs: number(&read, "LastReadTime") });
    }
    for recalled in list("WithdrawC2cMsgNotify", "C2cWithdrawInfoArray") {
        let key = MessageKey {
            seq: number(&recalled, "MsgSeq"),
            random: number(&recalled, "MsgRandom") as u32,
            time_secs: number(&recalled, "MsgTime"),
        };
        let from = user(&recalled, "From_Account");
        let by = recalled.get("RevokerInfo").map(|revoker| user(revoker, "Revoker_Account"));
        let by = by.unwrap_or_else(|| from.clone());
        told.push(Event::DirectRecalled { from, to: user(&recalled, "To_Account"), key, by });
    }
    told
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or(0)
}

fn user(value: &Value, key: &str) -> UserId {
    value.get(key).and_then(Value::as_str).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn notices_of_reading_and_taking_back() {
        for (notice, want) in [
            (
                json!({"C2cReadedReceipt": {"To_Account": "bob", "UinPairReadArray": [{"LastReadTime": 7}]}}),
                Event::PeerRead { peer: "bob".into(), up_to_secs: 7 },
            ),
            (
                json!({"ReadC2cMsgNotify": {"UinPairReadArray": [{"From_Account": "carl", "LastReadTime": 8}]}}),
                Event::ReadElsewhere { peer: "carl".into(), up_to_secs: 8 },
            ),
            (
                json!({"WithdrawC2cMsgNotify": {"C2cWithdrawInfoArray": [{"From_Account": "bob", "To_Account": "me",
                    "MsgSeq": 1, "MsgRandom": 2, "MsgTime": 3, "RevokerInfo": {"Revoker_Account": "admin"}}]}}),
                Event::DirectRecalled {
                    from: "bob".into(),
                    to: "me".into(),
                    key: MessageKey { seq: 1, random: 2, time_secs: 3 },
                    by: "admin".into(),
                },
            ),
        ] {
            assert_eq!(notices(&notice), [want]);
        }
        assert_eq!(notices(&json!({"KickoutMsgNotify": {"KickType": 1}})), []);
    }
}
