//! Commands about conversations and the blacklist (`docs/direct-messages.md`).

use super::direct::direct;
use super::{Asked, Read, Shape, Via, users};
use crate::tencent::envelope::outcome_body;
use crate::tencent::error::WireError;
use hawker_core::command::Command;
use hawker_core::direct::{DirectCommand, MessageNo, Reminding};
use hawker_core::{AccountId, UserId};
use serde::Deserialize;

/// Conversations in one page, as the SDKs expect them: they do not ask for a number.
const CONVERSATIONS_PAGE: usize = 100;

impl Read<'_> {
    /// A command of `recentcontact`.
    pub(super) fn recentcontact(&self, command: &str) -> Option<Result<Asked, WireError>> {
        Some(match (command, self.ctx.via) {
            ("page_get", Via::Socket) => self.page_get(),
            ("get_list", Via::Http) => self.get_list(),
            ("batch_delete", Via::Socket) => self.drop_conversations(),
            ("clear_msg", Via::Socket) => self.clear_history(),
            ("top", Via::Socket) => self.pin_conversations(),
            ("mark_contact" | "create_contact_group" | "del_contact_group" | "update_contact_group", _) => {
                Err(WireError::new(90009, format!("{command} is not offered")))
            }
            _ => return None,
        })
    }

    /// A command of `sns`.
    pub(super) fn sns(&self, command: &str) -> Option<Result<Asked, WireError>> {
        Some(match command {
            "black_list_get" => self.blacklist(),
            "black_list_add" => self.block(true),
            "black_list_delete" => self.block(false),
            _ => return None,
        })
    }

    pub(super) fn set_reminding(&self) -> Result<Asked, WireError> {
        let body: SetReminding = self.body()?;
        let how = match body.how {
            0 => Reminding::Notify,
            1 => Reminding::Discard,
            2 => Reminding::Silent,
            _ => return Err(WireError::new(90001, "Mute_Notifications is 0, 1 or 2")),
        };
        direct(None, DirectCommand::Remind { peers: users(body.users), how }, Shape::Reminding)
    }

    fn page_get(&self) -> Result<Asked, WireError> {
        let body: PageGet = self.body()?;
        // The cursor is a number of 63 bits, of which JavaScript keeps 53: it travels in two halves.
        let after = (body.time > 0 || body.index > 0).then(|| {
            let newest = MessageNo(body.time.saturating_mul(1 << 16).saturating_add(body.top_time & 0xffff));
            (newest, AccountId(body.index.saturating_mul(1 << 16).saturating_add(body.top_index & 0xffff)))
        });
        let what = DirectCommand::Conversations { after, limit: CONVERSATIONS_PAGE };
        direct(body.user, what, Shape::Plain)
    }

    fn get_list(&self) -> Result<Asked, WireError> {
        let body: PageGet = self.body()?;
        let user = body.user.clone().ok_or_else(|| WireError::new(90008, "From_Account is missing"))?;
        self.page_get().map(|asked| match asked {
            Asked::Rules(Command::Direct { what, .. }, shape) => {
                Asked::Rules(Command::Direct { of: Some(user.into()), what }, shape)
            }
            other => other,
        })
    }

    fn drop_conversations(&self) -> Result<Asked, WireError> {
        let body: DropConversations = self.body()?;
        let peers = body.items.into_iter().filter_map(|item| item.peer).map(UserId::from).collect();
        direct(body.user, DirectCommand::Drop { peers, history: body.history == 1 }, Shape::Dropped)
    }

    fn clear_history(&self) -> Result<Asked, WireError> {
        let body: ClearHistory = self.body()?;
        let Some(peer) = body.peer else {
            // A room keeps no history of its own for anybody.
            return Ok(Asked::Always(outcome_body(0, "").into()));
        };
        direct(body.user, DirectCommand::Clear { peer: peer.into() }, Shape::Plain)
    }

    fn pin_conversations(&self) -> Result<Asked, WireError> {
        let body: Pin = self.body()?;
        let on = match body.what {
            1 => true,
            2 => false,
            _ => return Err(WireError::new(90001, "OperationType is 1 or 2")),
        };
        let peers = body.items.into_iter().filter_map(|item| item.peer).map(UserId::from).collect();
        direct(body.user, DirectCommand::Pin { peers, on }, Shape::Plain)
    }

    fn blacklist(&self) -> Result<Asked, WireError> {
        let body: Whose = self.body()?;
        direct(body.user, DirectCommand::Blacklist, Shape::Plain)
    }

    fn block(&self, on: bool) -> Result<Asked, WireError> {
        let body: Block = self.body()?;
        direct(body.user, DirectCommand::Block { users: users(body.users), on }, Shape::Blocked)
    }
}

#[derive(Deserialize)]
struct SetReminding {
    #[serde(rename = "Peer_Account")]
    users: Vec<String>,
    #[serde(rename = "Mute_Notifications")]
    how: u32,
}

#[derive(Deserialize)]
struct PageGet {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "TimeStamp", default)]
    time: u64,
    #[serde(rename = "StartIndex", default)]
    index: u64,
    #[serde(rename = "TopTimeStamp", default)]
    top_time: u64,
    #[serde(rename = "TopStartIndex", default)]
    top_index: u64,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "To_Account")]
    peer: Option<String>,
}

#[derive(Deserialize)]
struct DropConversations {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "ContactItem")]
    items: Vec<Item>,
    #[serde(rename = "ClearRamble", default)]
    history: u32,
}

#[derive(Deserialize)]
struct ClearHistory {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "To_Account")]
    peer: Option<String>,
}

#[derive(Deserialize)]
struct Pin {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "OperationType")]
    what: u32,
    #[serde(rename = "RecentContactItem")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Whose {
    #[serde(rename = "From_Account")]
    user: Option<String>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "From_Account")]
    user: Option<String>,
    #[serde(rename = "To_Account")]
    users: Vec<String>,
}
