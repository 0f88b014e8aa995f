//! Commands about who is there.

use super::{Asked, Read, Shape, SomeUsers, Via, users};
use crate::tencent::error::WireError;
use hawker_core::command::Command;
use hawker_core::direct::PresenceCommand;
use serde::Deserialize;

fn presence(command: PresenceCommand, shape: Shape) -> Result<Asked, WireError> {
    Ok(Asked::Rules(Command::Presence(command), shape))
}

impl Read<'_> {
    /// A command of `im_open_status` about presence.
    pub(super) fn presence(&self, command: &str) -> Option<Result<Asked, WireError>> {
        if self.ctx.via == Via::Http {
            return None;
        }
        Some(match command {
            "ws_set_custom_status" => self.say_presence(),
            "ws_get_user_status" => self.presence_of(),
            "ws_status_subscribe" => self.subscribe(),
            "ws_status_unsubscribe" => self.unsubscribe(),
            _ => return None,
        })
    }

    pub(super) fn query_online_status(&self) -> Result<Asked, WireError> {
        let body: SomeUsers = self.body()?;
        if body.users.is_empty() {
            return Err(WireError::new(90003, "To_Account is empty"));
        }
        presence(PresenceCommand::Of(users(body.users)), Shape::OnlineStatus)
    }

    fn say_presence(&self) -> Result<Asked, WireError> {
        let body: SayPresence = self.body()?;
        presence(PresenceCommand::Say(body.text.into()), Shape::Plain)
    }

    fn presence_of(&self) -> Result<Asked, WireError> {
        let body: SomeUsers = self.body()?;
        presence(PresenceCommand::Of(users(body.users)), Shape::Plain)
    }

    fn subscribe(&self) -> Result<Asked, WireError> {
        let body: SomeUsers = self.body()?;
        presence(PresenceCommand::Subscribe(users(body.users)), Shape::Plain)
    }

    fn unsubscribe(&self) -> Result<Asked, WireError> {
        let body: Unsubscribe = self.body()?;
        let which = if body.all == 1 { None } else { Some(users(body.users.unwrap_or_default())) };
        presence(PresenceCommand::Unsubscribe(which), Shape::Plain)
    }
}

#[derive(Deserialize)]
struct SayPresence {
    #[serde(rename = "CustomStatus")]
    text: String,
}

#[derive(Deserialize)]
struct Unsubscribe {
    #[serde(rename = "To_Account")]
    users: Option<Vec<String>>,
    #[serde(rename = "UnsubscribeAll", default)]
    all: u32,
}
