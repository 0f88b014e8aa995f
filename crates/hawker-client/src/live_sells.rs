//! The live-selling component: likes, gifts, follows, goods, on top of [`Client`].
//!
//! Speaks the same wire as the npm package `im-live-sells`, so both can be in one room: an event is a custom message
//! whose `Data` is the event's name and whose `Ext` is its value; pushed goods and the state of the room are custom
//! fields of the room.

use std::fmt;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};

use futures_util::Stream;
use serde::Deserialize;

use crate::client::{Client, Events, Queue};
use crate::error::Error;
use crate::protocol::{Event, GapKind, KickReason, Lagged, MemberTip, NetState, RemovalReason, RoomChange};
use crate::types::{
    Custom, Element, MemberCard, Outgoing, Priority, Profile, RoomId, RoomMessage, RoomProfile, RoomUpdate, Sent,
    UserId,
};

/// Names of the events on the wire (`Data` of the custom message). The published package and its document differ for
/// following: both names are understood, the package's is sent.
pub mod names {
    /// A like; counted exactly by the server.
    pub const LIKE: &str = "LIKE";
    /// A gift.
    pub const SEND_GIFT: &str = "SEND_GIFT";
    /// Follow the host, as the package says it.
    pub const ATTENTION: &str = "ATTENTION";
    /// Follow the host, as the document says it.
    pub const ATTENT: &str = "ATTENT";
    /// The member field that holds the host whom a member follows.
    pub const ATTENT_FIELD: &str = "attent";
    /// Follow the host no longer.
    pub const CANCEL_ATTENTION: &str = "CANCELATTENTION";
    /// Bought goods.
    pub const BUY_GOODS: &str = "BUY_GOODS";
    /// Took a coupon.
    pub const USE_COUPON: &str = "USE_COUPON";
    /// The room field with the pushed goods.
    pub const ADD_GOODS: &str = "add_goods";
    /// The room field with the state of the room.
    pub const ROOM_STATUS: &str = "room_status";
}

/// Who did something, and what it said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Act {
    /// Who.
    pub user: UserId,
    /// That user's name, empty if none is set.
    pub nick: String,
    /// URL of that user's picture, empty if none is set.
    pub avatar: String,
    /// The value sent along: of a like the extension, of a gift which gift, of a purchase which goods.
    pub value: String,
}

/// What the component tells.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LiveSellsEvent {
    /// The room's state changed (`ROOM_STATUS_CHANGE`): `live`, `paused`, `ended` or whatever the host's page says.
    RoomStatus(Act),
    /// A member came (`JOIN_GROUP`).
    Join(MemberCard),
    /// A member went (`EXIT_GROUP`).
    Exit(MemberCard),
    /// The announcement changed (`NOTIFACATION`).
    Notification(String),
    /// The room's name or introduction changed (`INTRODUCTION`).
    Introduction {
        /// The new name, if it changed.
        name: Option<String>,
        /// The new introduction, if it changed.
        introduction: Option<String>,
    },
    /// Somebody else said something (`MESSAGE`); what this client says is in the answer to
    /// [`LiveSells::send_message`].
    Message(RoomMessage),
    /// A like (`LIKE`). Like all the following also for one's own.
    Like(Act),
    /// A gift (`SEND_GIFT`).
    SendGift(Act),
    /// Somebody follows the host (`ATTENT`).
    Attent(Act),
    /// Somebody follows the host no longer.
    CancelAttent(Act),
    /// Somebody bought something (`BUY_GOODS`).
    BuyGoods(Act),
    /// Somebody took a coupon (`USE_COUPON`).
    UseCoupon(Act),
    /// The pushed goods changed (`ADD_GOODS`); an empty value takes the card away.
    AddGoods(Act),
    /// Any other event sent by name, by a changed custom field, or by a notice of the shop's server.
    Custom {
        /// The event's name.
        name: String,
        /// Who, and the value.
        act: Act,
    },
    /// A notice of the shop's server without an event's name.
    Notice(String),
    /// The user was logged out by the server (`KICKED`).
    Kicked(KickReason),
    /// The connection changed (`NETWORK_CHANGE`).
    Network(NetState),
    /// Calls may be made (`SDK_READY`).
    Ready,
    /// Calls may be made no longer (`SDK_NOT_READY`).
    NotReady,
    /// The user's own profile changed elsewhere (`PROFILE_UPDATE`).
    ProfileUpdate(Profile),
    /// The room is gone.
    Dismissed,
    /// The user is in the room no longer.
    Removed(RemovalReason),
    /// Something was missed and cannot be had again.
    Gap(GapKind),
    /// This receiver was too slow; so much fell out.
    Lagged(Lagged),
    /// Something went wrong (`ERROR`).
    Error(Error),
}

/// The live-selling component in one room.
#[derive(Clone)]
pub struct LiveSells {
    client: Client,
    room: RoomId,
    me: MemberCard,
    host: Profile,
    /// One's own events are shown to one's own stream, as in the package.
    queue: Weak<Queue>,
}

impl fmt::Debug for LiveSells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSells").field("room", &self.room).field("me", &self.me.user).finish_non_exhaustive()
    }
}

impl LiveSells {
    /// Joins a room with a logged-in client. Answers with the component and its events; a second component in the same
    /// room may be had by joining again.
    ///
    /// # Errors
    /// As [`Client::join`]; [`Error::NotLoggedIn`].
    pub async fn join(client: &Client, room: impl Into<RoomId>) -> Result<(LiveSells, LiveSellsEvents), Error> {
        let room = room.into();
        let events = client.events();
        let profile = client.join(&room).await?;
        let me = client.my_profile().await?;
        let host = client.profiles(std::slice::from_ref(&profile.owner)).await?.pop();
        let host = host.unwrap_or(Profile { user: profile.owner, ..Profile::default() });
        let me = MemberCard { user: me.user, nick: me.nick, avatar: me.avatar, joined_secs: 0 };
        let queue = std::sync::Arc::downgrade(&events.queue());
        let live = LiveSells { client: client.clone(), room: room.clone(), me, host, queue };
        Ok((live, LiveSellsEvents { events, room }))
    }

    /// The client below, with everything it can (the package's `tim` object).
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The room.
    pub fn room(&self) -> &RoomId {
        &self.room
    }

    /// The host's profile, as of the join.
    pub fn host(&self) -> &Profile {
        &self.host
    }

    /// Sends a text message.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_message(&self, text: impl Into<String>) -> Result<Sent, Error> {
        self.client.send_text(&self.room, text).await
    }

    /// Likes the host; `extension` may say more, such as the user's level.
    ///
    /// # Errors
    /// As [`Client::send`]. A like that is not shown for lack of room is counted all the same.
    pub async fn like(&self, extension: &str) -> Result<Act, Error> {
        self.send_event(names::LIKE, extension, Priority::Lowest).await
    }

    /// Sends a gift; `extension` says which.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn gift(&self, extension: &str) -> Result<Act, Error> {
        self.send_event(names::SEND_GIFT, extension, Priority::High).await
    }

    /// Follows the host: shown to the room, and kept in one's own member field `attent`.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn attention(&self) -> Result<Act, Error> {
        let act = self.send_event(names::ATTENTION, self.host.user.as_str(), Priority::High).await?;
        self.client.set_my_member_field(&self.room, names::ATTENT_FIELD, self.host.user.as_str()).await?;
        Ok(act)
    }

    /// Follows the host no longer.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn cancel_attention(&self) -> Result<Act, Error> {
        let act = self.send_event(names::CANCEL_ATTENTION, self.host.user.as_str(), Priority::High).await?;
        self.client.set_my_member_field(&self.room, names::ATTENT_FIELD, "").await?;
        Ok(act)
    }

    /// Shows the room that goods were bought. A claim, not an order: orders are made at the shop.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn buy_goods(&self, goods: &str) -> Result<Act, Error> {
        self.send_event(names::BUY_GOODS, goods, Priority::High).await
    }

    /// Shows the room that a coupon was taken.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn use_coupon(&self, coupon: &str) -> Result<Act, Error> {
        self.send_event(names::USE_COUPON, coupon, Priority::High).await
    }

    /// Sends any event by name; all components in the room, this one included, tell it under that name
    /// (`sendCustomMsgAndEmitEvent`).
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_custom_event(&self, name: &str, extension: &str) -> Result<Act, Error> {
        self.send_event(name, extension, Priority::High).await
    }

    async fn send_event(&self, name: &str, value: &str, priority: Priority) -> Result<Act, Error> {
        let custom = Custom::new(name, value);
        let sent = self.client.send(&self.room, Outgoing::custom(custom.clone()).priority(priority)).await?;
        self.echo(custom, priority, sent);
        let MemberCard { user, nick, avatar, .. } = self.me.clone();
        Ok(Act { user, nick, avatar, value: value.to_owned() })
    }

    /// The server's copy of an own message is not told twice, so it is told here.
    fn echo(&self, custom: Custom, priority: Priority, sent: Sent) {
        let Some(queue) = self.queue.upgrade() else {
            return;
        };
        queue.push(Event::Message(RoomMessage {
            room: self.room.clone(),
            seq: sent.seq,
            random: 0,
            time_secs: sent.time_secs,
            from: self.me.user.clone(),
            nick: self.me.nick.clone(),
            avatar: self.me.avatar.clone(),
            elements: vec![Element::Custom(custom)],
            priority,
            cloud_data: String::new(),
            own: true,
            history: false,
        }));
    }

    /// The room's profile with its custom fields.
    ///
    /// # Errors
    /// As [`Client::room_profile`].
    pub async fn room_info(&self) -> Result<RoomProfile, Error> {
        self.client.room_profile(&self.room).await
    }

    /// Shows a goods card to the whole room (host only); an empty text takes it away.
    ///
    /// # Errors
    /// As [`Client::update_room_profile`]; at most 512 bytes.
    pub async fn push_goods(&self, card: &str) -> Result<(), Error> {
        self.client.update_room_profile(&self.room, RoomUpdate::field(names::ADD_GOODS, card)).await
    }

    /// Sets the room's state (host only): `live`, `paused` or `ended`.
    ///
    /// # Errors
    /// As [`Client::update_room_profile`].
    pub async fn set_room_status(&self, status: &str) -> Result<(), Error> {
        self.client.update_room_profile(&self.room, RoomUpdate::field(names::ROOM_STATUS, status)).await
    }

    /// Leaves the room. Does nothing for the host, who cannot.
    ///
    /// # Errors
    /// As [`Client::quit`].
    pub async fn exit(&self) -> Result<(), Error> {
        if self.me.user == self.host.user { Ok(()) } else { self.client.quit(&self.room).await }
    }
}

/// What the component tells, from [`LiveSells::join`]. Ends when the client is closed.
#[derive(Debug)]
pub struct LiveSellsEvents {
    events: Events,
    room: RoomId,
}

impl LiveSellsEvents {
    /// The next event; `None` when the client is closed. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<LiveSellsEvent> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for LiveSellsEvents {
    type Item = LiveSellsEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<LiveSellsEvent>> {
        loop {
            match std::task::ready!(Pin::new(&mut self.events).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(event) => {
                    if let Some(told) = translate(&self.room, event) {
                        return Poll::Ready(Some(told));
                    }
                }
            }
        }
    }
}

/// What an event means to the component; nothing if it is of another room or of no interest.
fn translate(here: &RoomId, event: Event) -> Option<LiveSellsEvent> {
    Some(match event {
        Event::Message(message) if message.room == *here => said(message),
        Event::MemberJoined(tip) if tip.room == *here => LiveSellsEvent::Join(first(tip)?),
        Event::MemberLeft(tip) if tip.room == *here => LiveSellsEvent::Exit(first(tip)?),
        Event::ProfileChanged(change) if change.room == *here => return changed(change),
        Event::Notice(notice) if notice.room == *here => noticed(notice.text),
        Event::Dismissed { room } if room == *here => LiveSellsEvent::Dismissed,
        Event::Removed { room, reason } if room == *here => LiveSellsEvent::Removed(reason),
        Event::Gap { room, kind, .. } if room == *here => LiveSellsEvent::Gap(kind),
        Event::Kicked(reason) => LiveSellsEvent::Kicked(reason),
        Event::NetState(state) => LiveSellsEvent::Network(state),
        Event::Ready { .. } => LiveSellsEvent::Ready,
        Event::NotReady => LiveSellsEvent::NotReady,
        Event::MyProfileChanged(profile) => LiveSellsEvent::ProfileUpdate(profile),
        Event::Lagged(lagged) => LiveSellsEvent::Lagged(lagged),
        Event::Fault(error) => LiveSellsEvent::Error(error),
        _ => return None,
    })
}

fn first(tip: MemberTip) -> Option<MemberCard> {
    tip.members.into_iter().next()
}

fn said(message: RoomMessage) -> LiveSellsEvent {
    let Some(Element::Custom(custom)) = message.elements.first() else {
        return LiveSellsEvent::Message(message);
    };
    let act = Act {
        user: message.from.clone(),
        nick: message.nick.clone(),
        avatar: message.avatar.clone(),
        value: custom.ext.clone(),
    };
    named(&custom.data, act)
}

fn named(name: &str, act: Act) -> LiveSellsEvent {
    match name {
        names::LIKE => LiveSellsEvent::Like(act),
        names::SEND_GIFT => LiveSellsEvent::SendGift(act),
        names::ATTENTION | names::ATTENT => LiveSellsEvent::Attent(act),
        names::CANCEL_ATTENTION | "CANCELATTENT" => LiveSellsEvent::CancelAttent(act),
        names::BUY_GOODS => LiveSellsEvent::BuyGoods(act),
        names::USE_COUPON => LiveSellsEvent::UseCoupon(act),
        names::ADD_GOODS | "ADD_GOODS" => LiveSellsEvent::AddGoods(act),
        names::ROOM_STATUS | "ROOM_STATUS_CHANGE" => LiveSellsEvent::RoomStatus(act),
        name => LiveSellsEvent::Custom { name: name.to_owned(), act },
    }
}

/// Old components look at the first changed field only, so servers change one per tip.
fn changed(change: RoomChange) -> Option<LiveSellsEvent> {
    if let Some(field) = change.custom.first() {
        let RoomChange { by, nick, avatar, .. } = &change;
        let act = Act { user: by.clone(), nick: nick.clone(), avatar: avatar.clone(), value: field.value.clone() };
        return Some(named(&field.key, act));
    }
    if let Some(notification) = change.notification {
        return Some(LiveSellsEvent::Notification(notification));
    }
    let (name, introduction) = (change.name, change.introduction);
    (name.is_some() || introduction.is_some()).then_some(LiveSellsEvent::Introduction { name, introduction })
}

/// A notice may name an event: `{"type","msg"}`.
fn noticed(text: String) -> LiveSellsEvent {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "type")]
        name: String,
        #[serde(default)]
        msg: serde_json::Value,
    }
    let Ok(notice) = serde_json::from_str::<Named>(&text) else {
        return LiveSellsEvent::Notice(text);
    };
    let value = notice.msg.as_str().map_or_else(|| notice.msg.to_string(), str::to_owned);
    named(&notice.name, Act { value, ..Act::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Item, Notice, items};
    use crate::types::CustomField;
    use serde_json::json;

    fn custom(data: &str, ext: &str) -> Event {
        let body = json!({"EventArray": [{"Event": 3, "GroupMsgArray": [{"From_Account": "u", "ToGroupId": "r",
            "MsgSeq": 7, "MsgRandom": 63, "MsgBody": [{"MsgType": "TIMCustomElem",
                "MsgContent": {"Data": data, "Desc": "", "Ext": ext}}], "GroupInfo": {"From_AccountNick": "N"}}]}]});
        match items(&body).pop() {
            Some(Item::Room { mut events, .. }) => events.pop().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn custom_messages_become_events_by_their_name() {
        let act = Act { user: "u".into(), nick: "N".into(), avatar: String::new(), value: "x".into() };
        for (name, want) in [
            ("LIKE", LiveSellsEvent::Like(act.clone())),
            ("SEND_GIFT", LiveSellsEvent::SendGift(act.clone())),
            ("ATTENTION", LiveSellsEvent::Attent(act.clone())),
            ("ATTENT", LiveSellsEvent::Attent(act.clone())),
            ("CANCELATTENTION", LiveSellsEvent::CancelAttent(act.clone())),
            ("BUY_GOODS", LiveSellsEvent::BuyGoods(act.clone())),
            ("USE_COUPON", LiveSellsEvent::UseCoupon(act.clone())),
            ("BIT_BEGIN", LiveSellsEvent::Custom { name: "BIT_BEGIN".into(), act: act.clone() }),
        ] {
            assert_eq!(translate(&"r".into(), custom(name, "x")), Some(want), "{name}");
        }
    }

    #[test]
    fn other_rooms_are_not_told() {
        assert_eq!(translate(&"elsewhere".into(), custom("LIKE", "x")), None);
    }

    #[test]
    fn changed_fields_become_goods_status_or_their_own_event() {
        let change = |key: &str| RoomChange {
            room: "r".into(),
            custom: vec![CustomField::new(key, "v")],
            ..RoomChange::default()
        };
        let act = Act { value: "v".into(), ..Act::default() };
        for (key, want) in [
            ("add_goods", LiveSellsEvent::AddGoods(act.clone())),
            ("room_status", LiveSellsEvent::RoomStatus(act.clone())),
            ("poll", LiveSellsEvent::Custom { name: "poll".into(), act: act.clone() }),
        ] {
            assert_eq!(translate(&"r".into(), Event::ProfileChanged(change(key))), Some(want), "{key}");
        }
    }

    #[test]
    fn notices_may_name_an_event() {
        let notice = |text: &str| Event::Notice(Notice { room: "r".into(), by: "a".into(), text: text.into() });
        let told = translate(&"r".into(), notice(r#"{"type":"BIT_END","msg":"5"}"#));
        assert!(
            matches!(told, Some(LiveSellsEvent::Custom { name, act }) if name == "BIT_END" && act.value == "5")
        );
        assert_eq!(translate(&"r".into(), notice("hi")), Some(LiveSellsEvent::Notice("hi".into())));
    }
}
