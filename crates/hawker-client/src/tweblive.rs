//! The IM part of TWebLive: the chat of a live room in a dozen calls, on top of [`Client`].
//!
//! Speaks the same wire as the npm packages, so all can be in one room. The end of a broadcast is a custom message whose
//! `Data` is `push_stopped` and whose `Desc` is the host's last word.
//!
//! ```no_run
//! # async fn example() -> Result<(), hawker_client::Error> {
//! use hawker_client::tweblive::{Im, ImEvent};
//! use hawker_client::{Client, ConnectOptions, Priority};
//!
//! let client = Client::connect(ConnectOptions::new("ws://127.0.0.1:8080", 1400000001)).await?;
//! let (im, mut events) = Im::new(&client);
//! im.login("viewer_001", "the UserSig from the shop's own server").await?;
//! im.enter_room("AV1").await?;
//! im.send_text_message("AV1", "hello", Priority::Normal).await?;
//! while let Some(event) = events.next().await {
//!     if let ImEvent::TextMessage(message) = event {
//!         println!("{}: {:?}", message.nick, message.text());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;

use crate::client::{Client, Events};
use crate::error::Error;
use crate::protocol::{Event, KickReason, Lagged, MemberTip, NetState};
use crate::types::{
    Custom, Element, MemberCard, NewRoom, Outgoing, Priority, Profile, ProfileUpdate, RoomId, RoomMessage, Sent,
    UserId,
};

/// `Data` of the custom message that tells a room that the broadcast is over.
pub const PUSH_STOPPED: &str = "push_stopped";

/// How entering a room went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// In the room now (`ENTER_ROOM_SUCCESS`).
    Success,
    /// In the room already (`ALREADY_IN_ROOM`).
    AlreadyInRoom,
}

/// What happens (`TWebLive.EVENT`).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ImEvent {
    /// Calls may be made (`IM_READY`).
    Ready,
    /// Calls may be made no longer (`IM_NOT_READY`).
    NotReady,
    /// A text (`IM_TEXT_MESSAGE_RECEIVED`).
    TextMessage(RoomMessage),
    /// A message of the application (`IM_CUSTOM_MESSAGE_RECEIVED`).
    CustomMessage(RoomMessage),
    /// A picture (`IM_IMAGE_MESSAGE_RECEIVED`).
    ImageMessage(RoomMessage),
    /// Somebody came (`IM_REMOTE_USER_JOIN`).
    RemoteUserJoin {
        /// Where.
        room: RoomId,
        /// Who.
        user: MemberCard,
    },
    /// Somebody went (`IM_REMOTE_USER_LEAVE`).
    RemoteUserLeave {
        /// Where.
        room: RoomId,
        /// Who.
        user: MemberCard,
    },
    /// The server logged the user out (`IM_KICKED_OUT`).
    KickedOut(KickReason),
    /// The connection changed (`IM_NET_STATE_CHANGED`).
    NetStateChanged(NetState),
    /// The broadcast is over (`IM_PUSH_STOPPED`).
    PushStopped {
        /// Where.
        room: RoomId,
        /// The host's last word; may be empty.
        postscript: String,
    },
    /// This receiver was too slow; so much fell out.
    Lagged(Lagged),
}

/// The rooms that this component has entered.
type Rooms = Arc<Mutex<BTreeSet<RoomId>>>;

/// The chat of live rooms.
#[derive(Debug, Clone)]
pub struct Im {
    client: Client,
    rooms: Rooms,
}

impl Im {
    /// The component on a client, and what it hears from now on.
    pub fn new(client: &Client) -> (Im, ImEvents) {
        let rooms = Rooms::default();
        let events = ImEvents { events: client.events(), rooms: rooms.clone() };
        (Im { client: client.clone(), rooms }, events)
    }

    /// The client below, with everything it can.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Creates a room; its creator has to enter it too (`createRoom`).
    ///
    /// # Errors
    /// As [`Client::create_room`]; refused with 10004 for an announcement of more than 300, an introduction of more than
    /// 240 or a picture's address of more than 100 bytes.
    pub async fn create_room(&self, new: NewRoom) -> Result<RoomId, Error> {
        self.client.create_room(new).await
    }

    /// Enters a room; without a login as somebody who only receives (`enterRoom`).
    ///
    /// # Errors
    /// As [`Client::join`] and [`Client::join_anonymously`].
    pub async fn enter_room(&self, room: impl Into<RoomId>) -> Result<Entered, Error> {
        let room = room.into();
        if self.rooms.lock().expect("no panic while locked").contains(&room) {
            return Ok(Entered::AlreadyInRoom);
        }
        match self.client.user() {
            Some(_) => drop(self.client.join(&room).await?),
            None => self.client.join_anonymously(&room).await?,
        }
        self.rooms.lock().expect("no panic while locked").insert(room);
        Ok(Entered::Success)
    }

    /// Leaves a room (`exitRoom`).
    ///
    /// # Errors
    /// As [`Client::quit`].
    pub async fn exit_room(&self, room: impl Into<RoomId>) -> Result<(), Error> {
        let room = room.into();
        self.client.quit(&room).await?;
        self.rooms.lock().expect("no panic while locked").remove(&room);
        Ok(())
    }

    /// Logs in. `true`: the same user was logged in already, and nothing happened (`repeatLogin`).
    ///
    /// # Errors
    /// As [`Client::login`].
    pub async fn login(&self, user: impl Into<UserId>, user_sig: impl Into<String>) -> Result<bool, Error> {
        let user = user.into();
        if self.client.user().as_ref() == Some(&user) {
            return Ok(true);
        }
        self.client.login(user, user_sig).await.map(|()| false)
    }

    /// Logs out; all rooms are left (`logout`).
    ///
    /// # Errors
    /// As [`Client::logout`].
    pub async fn logout(&self) -> Result<(), Error> {
        self.client.logout().await?;
        self.rooms.lock().expect("no panic while locked").clear();
        Ok(())
    }

    /// Changes one's own name and picture; `None` leaves them as they are (`setMyProfile`).
    ///
    /// # Errors
    /// As [`Client::update_my_profile`].
    pub async fn set_my_profile(&self, nick: Option<&str>, avatar: Option<&str>) -> Result<(), Error> {
        let (nick, avatar) = (nick.map(str::to_owned), avatar.map(str::to_owned));
        self.client.update_my_profile(ProfileUpdate { nick, avatar, ..ProfileUpdate::default() }).await
    }

    /// One's own profile (`getMyProfile`).
    ///
    /// # Errors
    /// As [`Client::my_profile`].
    pub async fn my_profile(&self) -> Result<Profile, Error> {
        self.client.my_profile().await
    }

    /// Says something (`sendTextMessage`).
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_text_message(
        &self,
        room: impl Into<RoomId>,
        text: impl Into<String>,
        priority: Priority,
    ) -> Result<Sent, Error> {
        self.client.send(room, Outgoing::text(text).priority(priority)).await
    }

    /// Sends a message of the application: a like, a gift (`sendCustomMessage`).
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_custom_message(
        &self,
        room: impl Into<RoomId>,
        custom: Custom,
        priority: Priority,
    ) -> Result<Sent, Error> {
        self.client.send(room, Outgoing::custom(custom).priority(priority)).await
    }

    /// Shows a picture (`sendImageMessage`); `progress` is told the part that is uploaded, 0 to 1.
    ///
    /// # Errors
    /// As [`Client::upload`] and [`Client::send`].
    pub async fn send_image_message(
        &self,
        room: impl Into<RoomId>,
        name: &str,
        content: impl Into<Bytes>,
        priority: Priority,
        progress: impl FnMut(f64) + Send + Sync + Unpin + 'static,
    ) -> Result<Sent, Error> {
        let image = self.client.upload_image(name, content, progress).await?;
        self.client.send(room, Outgoing::new(Element::Image(image)).priority(priority)).await
    }

    /// Tells the room that the broadcast is over, with a last word (`stopPush`).
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn stop_push(&self, room: impl Into<RoomId>, postscript: &str) -> Result<Sent, Error> {
        let custom = Custom { data: PUSH_STOPPED.to_owned(), desc: postscript.to_owned(), ext: String::new() };
        self.send_custom_message(room, custom, Priority::High).await
    }
}

/// What the component hears, from [`Im::new`]. Ends when the client is closed.
#[derive(Debug)]
pub struct ImEvents {
    events: Events,
    rooms: Rooms,
}

impl ImEvents {
    /// The next event; `None` when the client is closed. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<ImEvent> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Rooms that ended, or that somebody was put out of, can be entered again.
    fn note(&self, event: &Event) {
        let mut rooms = self.rooms.lock().expect("no panic while locked");
        match event {
            Event::Dismissed { room } | Event::Removed { room, .. } => drop(rooms.remove(room)),
            Event::NotReady => rooms.clear(),
            _ => {}
        }
    }
}

impl Stream for ImEvents {
    type Item = ImEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ImEvent>> {
        loop {
            let Some(event) = std::task::ready!(Pin::new(&mut self.events).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            self.note(&event);
            if let Some(told) = translate(event) {
                return Poll::Ready(Some(told));
            }
        }
    }
}

fn translate(event: Event) -> Option<ImEvent> {
    let who = |tip: MemberTip| Some((tip.room, tip.members.into_iter().next()?));
    Some(match event {
        Event::Ready { .. } => ImEvent::Ready,
        Event::NotReady => ImEvent::NotReady,
        Event::Message(message) => return said(message),
        Event::MemberJoined(tip) => who(tip).map(|(room, user)| ImEvent::RemoteUserJoin { room, user })?,
        Event::MemberLeft(tip) => who(tip).map(|(room, user)| ImEvent::RemoteUserLeave { room, user })?,
        Event::Kicked(reason) => ImEvent::KickedOut(reason),
        Event::NetState(state) => ImEvent::NetStateChanged(state),
        Event::Lagged(lagged) => ImEvent::Lagged(lagged),
        _ => return None,
    })
}

fn said(message: RoomMessage) -> Option<ImEvent> {
    match message.elements.first()? {
        Element::Text(_) => Some(ImEvent::TextMessage(message)),
        Element::Image(_) => Some(ImEvent::ImageMessage(message)),
        Element::Custom(custom) if custom.data == PUSH_STOPPED => {
            Some(ImEvent::PushStopped { postscript: custom.desc.clone(), room: message.room })
        }
        Element::Custom(_) => Some(ImEvent::CustomMessage(message)),
        _ => None,
    }
}
