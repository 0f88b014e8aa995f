//! Messages between two users, and who is there.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Client;
use super::calls::parse;
use crate::error::Error;
use crate::protocol::{Request, direct_message};
use crate::types::{
    Conversation, DirectMessage, DirectPage, DirectSent, HistoryCursor, MessageKey, Outgoing, UserId, UserStatus,
};

/// An entry of the list of conversations.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawConversation {
    #[serde(rename = "To_Account")]
    peer: UserId,
    peer_nick: String,
    peer_avatar: String,
    msg_time_stamp: u64,
    msg_seq: u64,
    msg_random: u32,
    #[serde(rename = "LastC2CMsgFrom_Account")]
    last_from: UserId,
    last_msg_flags: u64,
    last_msg: Option<Value>,
    top_flags: u64,
    #[serde(rename = "C2cPeerReadTime")]
    peer_read_secs: u64,
    unread_msg_count: u64,
}

impl RawConversation {
    fn read(self, me: &UserId) -> Conversation {
        let last = self.last_msg.as_ref().and_then(|last| {
            let to = if self.last_from == *me { &self.peer } else { me };
            let whole = json!({"From_Account": self.last_from, "To_Account": to, "MsgSeq": self.msg_seq,
                "MsgRandom": self.msg_random, "MsgTimeStamp": self.msg_time_stamp, "MsgBody": last["MsgBody"],
                "CloudCustomData": last["CloudCustomData"].as_str().unwrap_or_default(),
                "MsgFlagBits": self.last_msg_flags});
            direct_message(&whole, Some(me))
        });
        Conversation {
            peer: self.peer,
            nick: self.peer_nick,
            avatar: self.peer_avatar,
            time_secs: self.msg_time_stamp,
            last,
            unread: self.unread_msg_count,
            pinned: self.top_flags & 1 != 0,
            peer_read_secs: self.peer_read_secs,
        }
    }
}

/// Messages between two users. They are kept before they are answered, and reach a user who was away after the next
/// login: [`Event::Direct`](crate::Event::Direct) tells of each once, [`Event::Unread`](crate::Event::Unread) of the counts.
impl Client {
    /// Sends a message to another user. The server takes a repetition of it only once, so it survives a reconnect.
    ///
    /// # Errors
    /// Refused with 20003 (no such user), 20007 (the other has blocked the sender), 80001 (filtered), 80002 (more than
    /// 12 KB).
    pub async fn send_direct(&self, to: impl Into<UserId>, message: Outgoing) -> Result<DirectSent, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Reply {
            msg_seq: u64,
            msg_random: u32,
            msg_time: u64,
        }
        let reply = self.request(Request::SendDirect { to: to.into(), message }).await?;
        let Reply { msg_seq: seq, msg_random: random, msg_time: time_secs } = parse("openim.sendmsg", reply)?;
        Ok(DirectSent { key: MessageKey { seq, random, time_secs } })
    }

    /// All conversations of the logged-in user, the pinned ones first, then the newest.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, Error> {
        const COMMAND: &str = "recentcontact.page_get";
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "PascalCase", default)]
        struct Page {
            session_item: Vec<RawConversation>,
            complete_flag: u64,
            time_stamp: u64,
            start_index: u64,
            top_time_stamp: u64,
            top_start_index: u64,
        }
        let me = self.me()?;
        let (mut list, mut page) = (Vec::new(), Page::default());
        loop {
            let place = [page.time_stamp, page.start_index, page.top_time_stamp, page.top_start_index];
            let body = json!({"From_Account": me, "TimeStamp": place[0], "StartIndex": place[1],
                "TopTimeStamp": place[2], "TopStartIndex": place[3], "OrderType": 1,
                "MsgAssistFlags": 4, "AssistFlags": 15});
            page = self.ask(COMMAND, body, true).await?;
            let items = std::mem::take(&mut page.session_item);
            // A server that says "there is more" and gets no further would be asked for ever.
            let next = [page.time_stamp, page.start_index, page.top_time_stamp, page.top_start_index];
            let ends = page.complete_flag == 1 || items.is_empty() || next == place;
            list.extend(items.into_iter().map(|raw| raw.read(&me)));
            if ends {
                break;
            }
        }
        list.sort_by_key(|conversation| (!conversation.pinned, std::cmp::Reverse(conversation.time_secs)));
        Ok(list)
    }

    /// What was said between the logged-in user and another, newest last: the newest `count` (at most 100), or those
    /// before the place where an earlier page ended.
    pub async fn direct_history(
        &self,
        peer: impl Into<UserId>,
        before: Option<&HistoryCursor>,
        count: usize,
    ) -> Result<DirectPage, Error> {
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "PascalCase", default)]
        struct Page {
            complete: u64,
            msg_list: Vec<Value>,
            msg_key: String,
            last_msg_time: u64,
        }
        let me = self.me()?;
        let from = before.cloned().unwrap_or_default();
        let body = json!({"Peer_Account": peer.into(), "MaxCnt": count, "LastMsgTime": from.time_secs,
            "MsgKey": from.key, "WithRecalledMsg": 1, "GetDirection": 0});
        let page: Page = self.ask("openim.getroammsg", body, true).await?;
        let messages = page.msg_list.iter().filter_map(|value| direct_message(value, Some(&me))).collect();
        let older =
            (page.complete == 0).then_some(HistoryCursor { key: page.msg_key, time_secs: page.last_msg_time });
        Ok(DirectPage { messages, older })
    }

    /// Says that everything of a user up to a time has been read; that user is told. `None` is now.
    pub async fn mark_read(&self, peer: impl Into<UserId>, up_to_secs: Option<u64>) -> Result<(), Error> {
        let peer = peer.into();
        let up_to_secs = match up_to_secs {
            Some(secs) => secs,
            None => self.conversations().await?.iter().find(|one| one.peer == peer).map_or(0, |one| one.time_secs),
        };
        let item = json!({"To_Account": peer, "LastedMsgTime": up_to_secs, "Receipt": 1});
        let body = json!({"C2CMsgReaded": {"Cookie": "", "C2CMsgReadedItem": [item]}});
        self.call("openim.msgreaded", body, true).await.map(drop)
    }

    /// Says that everything of everybody has been read.
    pub async fn mark_all_read(&self) -> Result<(), Error> {
        let body = json!({"C2CReadAllMsg": 1, "GroupReadInfo": []});
        self.call("openim.read_all_unread_msg", body, true).await.map(drop)
    }

    /// Takes a message back that one has sent.
    ///
    /// # Errors
    /// Refused with 20016 (too late), 20022 (no such message), 20023 (taken back already).
    pub async fn recall_direct(&self, to: impl Into<UserId>, key: MessageKey) -> Result<(), Error> {
        let info = json!({"From_Account": self.me()?, "To_Account": to.into(), "MsgSeq": key.seq,
            "MsgRandom": key.random, "MsgTimeStamp": key.time_secs});
        self.call("openim.msgwithdraw", json!({"MsgInfo": info}), true).await.map(drop)
    }

    /// Deletes messages for the logged-in user; the other keeps them.
    pub async fn delete_direct(&self, peer: impl Into<UserId>, messages: &[DirectMessage]) -> Result<(), Error> {
        let keys: Vec<_> = messages.iter().map(|message| message.key.to_string()).collect();
        let body = json!({"From_Account": self.me()?, "To_Account": peer.into(), "MsgKeyList": keys});
        self.call("openim.delete_c2c_msg_ramble", body, true).await.map(drop)
    }

    /// Deletes everything that was said with a user for the logged-in user; the conversation stays in the list.
    pub async fn clear_direct_history(&self, peer: impl Into<UserId>) -> Result<(), Error> {
        let body = json!({"From_Account": self.me()?, "To_Account": peer.into(), "Type": 1});
        self.call("recentcontact.clear_msg", body, true).await.map(drop)
    }

    /// Takes a conversation off the list of the logged-in user, with what was said in it.
    pub async fn delete_conversation(&self, peer: impl Into<UserId>) -> Result<(), Error> {
        let body = json!({"From_Account": self.me()?, "ContactItem": [{"To_Account": peer.into(), "Type": 1}],
            "ClearRamble": 1});
        self.call("recentcontact.batch_delete", body, true).await.map(drop)
    }

    /// Keeps a conversation at the top of the list, or no longer.
    pub async fn pin_conversation(&self, peer: impl Into<UserId>, pinned: bool) -> Result<(), Error> {
        let item = json!({"Type": 1, "To_Account": peer.into()});
        let body = json!({"From_Account": self.me()?, "OperationType": if pinned { 1 } else { 2 },
            "RecentContactItem": [item]});
        self.call("recentcontact.top", body, true).await.map(drop)
    }

    /// Blocks a user, who can then send nothing any more to the logged-in one; or lets it again.
    pub async fn block(&self, user: impl Into<UserId>, blocked: bool) -> Result<(), Error> {
        let command = if blocked { "sns.black_list_add" } else { "sns.black_list_delete" };
        let body = json!({"From_Account": self.me()?, "To_Account": [user.into()]});
        self.call(command, body, true).await.map(drop)
    }

    // Status

    /// Says something about oneself that others read beside whether one is there; empty: nothing.
    pub async fn set_status_text(&self, text: &str) -> Result<(), Error> {
        let body = json!({"CustomStatus": text});
        self.call("im_open_status.ws_set_custom_status", body, true).await.map(drop)
    }

    /// Whether other users are there, at most 500; users that do not exist are left out.
    pub async fn statuses(&self, users: &[UserId]) -> Result<Vec<UserStatus>, Error> {
        let body = json!({ "To_Account": users });
        let reply = self.call("im_open_status.ws_get_user_status", body, true).await?;
        let list = reply.get("UserStatusList").and_then(Value::as_array).into_iter().flatten();
        Ok(list.filter_map(UserStatus::from_wire).collect())
    }

    /// Wants to be told by [`Event::UserStatus`](crate::Event::UserStatus) when one of these users, at most 100, comes or
    /// goes. Ends with the login.
    pub async fn subscribe_statuses(&self, users: &[UserId]) -> Result<(), Error> {
        let body = json!({ "To_Account": users });
        self.call("im_open_status.ws_status_subscribe", body, true).await.map(drop)
    }

    /// Wants to be told no longer; with nobody named: of nobody.
    pub async fn unsubscribe_statuses(&self, users: &[UserId]) -> Result<(), Error> {
        let body = if users.is_empty() { json!({"UnsubscribeAll": 1}) } else { json!({ "To_Account": users }) };
        self.call("im_open_status.ws_status_unsubscribe", body, true).await.map(drop)
    }
}
