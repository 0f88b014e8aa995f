//! The calls of a client, typed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Client;
use crate::error::Error;
use crate::protocol::{Request, profile_from, profile_request};
use crate::types::{
    Counter, Custom, Element, MemberPage, NewRoom, OnlineCount, Outgoing, Profile, ProfileUpdate, Role, RoomId,
    RoomProfile, RoomStats, RoomUpdate, Sent, UserId,
};

/// Every call can fail with [`Error::Closed`], [`Error::Timeout`], [`Error::Disconnected`], [`Error::TooManyRequests`]
/// and [`Error::Refused`] with the server's code; calls that need a login with [`Error::NotLoggedIn`] and
/// [`Error::Kicked`]. Below only what is peculiar to a call is listed. Calls made while the connection is down wait for
/// it.
impl Client {
    // Login

    /// Logs `user` in with a UserSig made by [`user_sig`](crate::user_sig) or by the shop's own server.
    ///
    /// # Errors
    /// Refused with 70001 (expired), 70003 (malformed), 70009 (wrong key), 70013 (another user's), 70014 (another
    /// app's); [`Error::RepeatedLogin`] if somebody is logged in.
    pub async fn login(&self, user: impl Into<UserId>, user_sig: impl Into<String>) -> Result<(), Error> {
        let request = Request::Login { user: user.into(), user_sig: user_sig.into() };
        self.request(request).await.map(drop)
    }

    /// Logs out; all rooms are left. The connection stays and another user may log in.
    pub async fn logout(&self) -> Result<(), Error> {
        self.request(Request::Logout).await.map(drop)
    }

    // Rooms

    /// Joins a room and answers with its profile. Recent messages follow as events marked `history`. Joining a room
    /// twice is harmless.
    ///
    /// # Errors
    /// Refused with 10010 if there is no such room, 10007 if the user is banned.
    pub async fn join(&self, room: impl Into<RoomId>) -> Result<RoomProfile, Error> {
        let value = self.request(Request::Join { room: room.into(), anonymous: false }).await?;
        parse("get_group_self_member_info", value)
    }

    /// Joins a room without a login: only receives, by polling.
    ///
    /// # Errors
    /// Refused with 10010 if there is no such room.
    pub async fn join_anonymously(&self, room: impl Into<RoomId>) -> Result<(), Error> {
        self.request(Request::Join { room: room.into(), anonymous: true }).await.map(drop)
    }

    /// Leaves a room.
    ///
    /// # Errors
    /// Refused with 10009: the host cannot leave, only [`dismiss`](Client::dismiss).
    pub async fn quit(&self, room: impl Into<RoomId>) -> Result<(), Error> {
        self.request(Request::Quit { room: room.into() }).await.map(drop)
    }

    /// Creates a room, owned by the logged-in user, who has not joined it by that.
    ///
    /// # Errors
    /// Refused with 10021 if the id is taken, 10025 if it is taken by the same owner; [`Error::Interrupted`] if the
    /// connection was lost meanwhile and it is not known whether the room exists.
    pub async fn create_room(&self, new: NewRoom) -> Result<RoomId, Error> {
        #[derive(Deserialize)]
        struct Created {
            #[serde(rename = "GroupId")]
            room: RoomId,
        }
        let mut body = json!({"Type": "AVChatRoom", "Name": new.name, "Introduction": new.introduction,
            "Notification": new.notification, "FaceUrl": new.avatar, "Owner_Account": self.me()?, "WebPushFlag": 1});
        if let Some(id) = new.id {
            body["GroupId"] = json!(id);
        }
        if !new.custom.is_empty() {
            body["AppDefinedData"] = json!(new.custom);
        }
        let created: Created = self.ask("group_open_http_svc.create_group", body, false).await?;
        Ok(created.room)
    }

    /// Ends a room for everybody.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is its owner.
    pub async fn dismiss(&self, room: impl Into<RoomId>) -> Result<(), Error> {
        let body = json!({"GroupId": room.into()});
        self.call("group_open_http_svc.destroy_group", body, true).await.map(drop)
    }

    /// A room's profile; also for rooms that are not joined.
    ///
    /// # Errors
    /// Refused with 10010 if there is no such room.
    pub async fn room_profile(&self, room: impl Into<RoomId>) -> Result<RoomProfile, Error> {
        const COMMAND: &str = "group_open_http_svc.get_group_self_member_info";
        let body = self.call(COMMAND, profile_request(&room.into()), true).await?;
        let entry = body.get("GroupInfo").and_then(|list| list.get(0)).cloned().unwrap_or_default();
        refused_entry(COMMAND, &entry)?;
        parse(COMMAND, entry)
    }

    /// Changes a room's profile; everybody in the room is told.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is the owner or an admin of the app, 10004 for a field that is too long.
    pub async fn update_room_profile(&self, room: impl Into<RoomId>, update: RoomUpdate) -> Result<(), Error> {
        let body = room_update_json(&room.into(), &update);
        self.call("group_open_http_svc.modify_group_base_info", body, true).await.map(drop)
    }

    /// What the room has seen so far.
    pub async fn room_stats(&self, room: impl Into<RoomId>) -> Result<RoomStats, Error> {
        self.ask("hawker_room.stats", json!({"GroupId": room.into()}), true).await
    }

    // Members

    /// Forbids a member to speak for so long, in whole seconds; zero lifts it.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin.
    pub async fn mute(
        &self,
        room: impl Into<RoomId>,
        user: impl Into<UserId>,
        time: Duration,
    ) -> Result<(), Error> {
        self.change_member(room.into(), user.into(), "ShutUpTime", json!(time.as_secs())).await
    }

    /// Makes a member an admin, or an admin a member.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is the owner, 10004 for [`Role::Owner`].
    pub async fn set_role(
        &self,
        room: impl Into<RoomId>,
        user: impl Into<UserId>,
        role: Role,
    ) -> Result<(), Error> {
        self.change_member(room.into(), user.into(), "Role", json!(role)).await
    }

    /// Sets a custom field of a member, for those who run the room; an empty value deletes it.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin, 10004 if key or value do not fit.
    pub async fn set_member_field(
        &self,
        room: impl Into<RoomId>,
        user: impl Into<UserId>,
        key: &str,
        value: &str,
    ) -> Result<(), Error> {
        let fields = json!([{"Key": key, "Value": value}]);
        self.change_member(room.into(), user.into(), "AppMemberDefinedData", fields).await
    }

    /// Keeps a custom field of one's own in a room, such as `attent`, the host that one follows; an empty value deletes
    /// it. At most 5 fields of 512 bytes.
    ///
    /// # Errors
    /// Refused with 10004 if key or value do not fit.
    pub async fn set_my_member_field(&self, room: impl Into<RoomId>, key: &str, value: &str) -> Result<(), Error> {
        self.set_member_field(room, self.me()?, key, value).await
    }

    /// The custom fields of a member of a room.
    ///
    /// # Errors
    /// Refused with 10010 if there is no such room.
    pub async fn member_fields(
        &self,
        room: impl Into<RoomId>,
        user: impl Into<UserId>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let body = json!({"GroupId": room.into(), "Member_List_Account": [user.into()]});
        let reply = self.call("group_open_http_svc.get_specified_group_member_info", body, true).await?;
        let fields = reply["MemberList"][0]["AppMemberDefinedData"].as_array().cloned().unwrap_or_default();
        let text = |field: &Value, part: &str| field[part].as_str().unwrap_or_default().to_owned();
        Ok(fields.iter().map(|field| (text(field, "Key"), text(field, "Value"))).collect())
    }

    async fn change_member(&self, room: RoomId, user: UserId, field: &str, value: Value) -> Result<(), Error> {
        let mut body = json!({"GroupId": room, "Member_Account": user});
        body[field] = value;
        self.call("group_open_http_svc.modify_group_member_info", body, true).await.map(drop)
    }

    /// Removes members and keeps them out for so long, in whole seconds.
    ///
    /// # Errors
    /// Refused with 10007 unless the user is owner or admin.
    pub async fn ban(
        &self,
        room: impl Into<RoomId>,
        users: &[UserId],
        time: Duration,
        reason: &str,
    ) -> Result<(), Error> {
        let body = json!({"GroupId": room.into(), "Members_Account": users, "Duration": time.as_secs(),
            "Description": reason});
        self.call("group_open_http_svc.ban_group_member", body, true).await.map(drop)
    }

    /// How many are in the room.
    pub async fn online_count(&self, room: impl Into<RoomId>) -> Result<OnlineCount, Error> {
        self.ask("group_open_http_svc.get_online_member_num", json!({"GroupId": room.into()}), true).await
    }

    /// Members, newest first; `from` is 0 for the first page, then [`MemberPage::next`].
    pub async fn members(&self, room: impl Into<RoomId>, from: u64) -> Result<MemberPage, Error> {
        let body = json!({"GroupId": room.into(), "Timestamp": from});
        self.ask("group_open_avchatroom_http_svc.get_members", body, true).await
    }

    // Messages

    /// Sends a message. Within 5 minutes the server takes a repetition of it only once, so it survives a reconnect.
    ///
    /// # Errors
    /// Refused with 10007 (not a member), 10010 (no such room), 10017 (muted), 10023 (too often), 80001 (filtered),
    /// 80002 (more than 12 KB); [`Error::HeldBack`] if the server asked for a pause. A message over the room's budget
    /// is dropped without an error; see [`room_stats`](Client::room_stats).
    pub async fn send(&self, room: impl Into<RoomId>, message: Outgoing) -> Result<Sent, Error> {
        let value = self.request(Request::Send { room: room.into(), message }).await?;
        parse("send_group_msg", value)
    }

    /// Sends a text with normal priority; see [`send`](Client::send).
    pub async fn send_text(&self, room: impl Into<RoomId>, text: impl Into<String>) -> Result<Sent, Error> {
        self.send(room, Outgoing::text(text)).await
    }

    /// Sends a custom message with normal priority; see [`send`](Client::send).
    pub async fn send_custom(&self, room: impl Into<RoomId>, custom: Custom) -> Result<Sent, Error> {
        self.send(room, Outgoing::custom(custom)).await
    }

    /// Sends a sticker with normal priority; see [`send`](Client::send).
    pub async fn send_face(
        &self,
        room: impl Into<RoomId>,
        index: i64,
        data: impl Into<String>,
    ) -> Result<Sent, Error> {
        self.send(room, Outgoing::new(Element::Face { index, data: data.into() })).await
    }

    /// Takes a message back.
    ///
    /// # Errors
    /// Refused with 10030 (no such message), 10031 (too late), 10007 (not one's own and not an admin).
    pub async fn recall(&self, room: impl Into<RoomId>, seq: u64) -> Result<(), Error> {
        let body = json!({"GroupId": room.into(), "MsgSeqList": [{"MsgSeq": seq}], "TopicId": ""});
        let reply = self.call("group_open_http_svc.group_msg_recall", body, true).await?;
        let code = reply["RecallRetList"][0]["RetCode"].as_u64().unwrap_or(0) as u32;
        refusal("group_open_http_svc.group_msg_recall", code, "")
    }

    // Profiles

    /// The logged-in user's own profile.
    pub async fn my_profile(&self) -> Result<Profile, Error> {
        let me = self.me()?;
        let mut profiles = self.profiles(std::slice::from_ref(&me)).await?;
        Ok(profiles.pop().unwrap_or(Profile { user: me, ..Profile::default() }))
    }

    /// Profiles of several users, at most 100; users that do not exist are left out.
    pub async fn profiles(&self, users: &[UserId]) -> Result<Vec<Profile>, Error> {
        let items: Vec<Value> = users
            .iter()
            .map(|user| json!({"To_Account": user, "StandardSequence": 0, "CustomSequence": 0}))
            .collect();
        let body = json!({"From_Account": self.me()?, "UserItem": items});
        let reply = self.call("profile.portrait_get_all", body, true).await?;
        let found = reply.get("UserProfileItem").and_then(Value::as_array).into_iter().flatten();
        Ok(found.filter_map(profile_of_item).collect())
    }

    /// Changes the logged-in user's own profile; it shows in the user's next messages.
    ///
    /// # Errors
    /// Refused with 40601 for a value of more than 500 bytes.
    pub async fn update_my_profile(&self, update: ProfileUpdate) -> Result<(), Error> {
        let known = [("Tag_Profile_IM_Nick", update.nick), ("Tag_Profile_IM_Image", update.avatar)];
        let known = known.into_iter().filter_map(|(tag, value)| Some((tag.to_owned(), value?)));
        let items: Vec<Value> =
            known.chain(update.other).map(|(tag, value)| json!({"Tag": tag, "Value": value})).collect();
        let body = json!({"From_Account": self.me()?, "ProfileItem": items});
        self.call("profile.portrait_set", body, true).await.map(drop)
    }

    // Counters

    /// Counters of a room; all of them if `keys` is empty. `likes` is the server's own.
    pub async fn counters(&self, room: impl Into<RoomId>, keys: &[&str]) -> Result<Vec<Counter>, Error> {
        let body = json!({"GroupId": room.into(), "GroupCounterKeys": keys});
        self.ask_counters("group_open_http_svc.get_group_counter", body, true).await
    }

    /// Sets counters of a room and answers with their values.
    pub async fn set_counters(&self, room: impl Into<RoomId>, counters: &[Counter]) -> Result<Vec<Counter>, Error> {
        let body = json!({"GroupId": room.into(), "GroupCounter": counters, "Mode": "Set"});
        self.ask_counters("group_open_http_svc.update_group_counter", body, true).await
    }

    /// Adds to a counter, or takes from it, and answers with its value.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the connection was lost meanwhile and it is not known whether it was counted.
    pub async fn add_to_counter(&self, room: impl Into<RoomId>, key: &str, by: i64) -> Result<Vec<Counter>, Error> {
        let mode = if by < 0 { "Decrease" } else { "Increase" };
        let counter = [Counter { key: key.to_owned(), value: by.saturating_abs() }];
        let body = json!({"GroupId": room.into(), "GroupCounter": counter, "Mode": mode});
        self.ask_counters("group_open_http_svc.update_group_counter", body, false).await
    }

    async fn ask_counters(&self, command: &str, body: Value, repeatable: bool) -> Result<Vec<Counter>, Error> {
        #[derive(Deserialize)]
        struct Counters {
            #[serde(rename = "GroupCounter", default)]
            counters: Vec<Counter>,
        }
        let counters: Counters = self.ask(command, body, repeatable).await?;
        Ok(counters.counters)
    }

    // Anything else

    /// Any command of the protocol, `service.command`, with its body; answers with the body of the reply.
    ///
    /// `repeatable` says that doing it twice is the same as doing it once: then it is sent again if the connection is
    /// lost before the answer, otherwise it fails with [`Error::Interrupted`].
    pub async fn call(&self, command: &str, body: Value, repeatable: bool) -> Result<Value, Error> {
        self.request(Request::Call { command: command.to_owned(), body, repeatable }).await
    }

    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        command: &str,
        body: Value,
        repeatable: bool,
    ) -> Result<T, Error> {
        parse(command, self.call(command, body, repeatable).await?)
    }

    pub(super) fn me(&self) -> Result<UserId, Error> {
        self.user().ok_or(Error::NotLoggedIn)
    }
}

pub(crate) fn parse<T: DeserializeOwned>(command: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::Answer { command: command.to_owned(), problem: error.to_string() })
}

fn refusal(command: &str, code: u32, text: &str) -> Result<(), Error> {
    match code {
        0 => Ok(()),
        code => Err(Error::Refused { command: command.to_owned(), code, text: text.to_owned() }),
    }
}

/// Lists carry an error code per entry.
pub(super) fn refused_entry(command: &str, entry: &Value) -> Result<(), Error> {
    let code = entry.get("ErrorCode").and_then(Value::as_u64).unwrap_or(0) as u32;
    refusal(command, code, entry.get("ErrorInfo").and_then(Value::as_str).unwrap_or_default())
}

fn profile_of_item(item: &Value) -> Option<Profile> {
    let user = UserId::from(item.get("To_Account")?.as_str()?);
    refused_entry("profile.portrait_get_all", item).ok()?;
    Some(profile_from(user, item.get("ProfileItem")?))
}

fn room_update_json(room: &RoomId, update: &RoomUpdate) -> Value {
    let mut body = Map::new();
    body.insert("GroupId".to_owned(), json!(room));
    let texts = [
        ("Name", &update.name),
        ("Notification", &update.notification),
        ("Introduction", &update.introduction),
        ("FaceUrl", &update.avatar),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
    if let Some(mute) = update.mute_all {
        body.insert("ShutUpAllMember".to_owned(), json!(if mute { "On" } else { "Off" }));
    }
    if !update.custom.is_empty() {
        body.insert("AppDefinedData".to_owned(), json!(update.custom));
    }
    Value::Object(body)
}
