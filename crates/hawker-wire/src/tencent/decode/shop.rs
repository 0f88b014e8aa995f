//! The shop's commands: `live_shop.*`.
//!
//! Their bodies are those of our own REST API with each name's first letter in upper case, and `GroupId` for a room: one
//! description of each object, in the manner of the services around.

use super::{Asked, Read, Shape, WireError};
use hawker_core::command::Command;
use hawker_core::shop::ShopRequest;
use hawker_core::shop::checkout::NewOrder;
use hawker_core::shop::command::ShopCommand;
use hawker_core::shop::shelf::ShelfItem;
use hawker_core::{RoomId, UserId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A command is malformed; beside it stand the numbers of [`hawker_core::shop::ShopRefusal`].
pub const MALFORMED: u32 = 61000;

impl Read<'_> {
    pub(super) fn live_shop(&self, command: &str) -> Result<Asked, WireError> {
        let mut fields: Map<String, Value> = self.body()?;
        let mut text = |name: &str| match fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(WireError::new(MALFORMED, format!("{name} must be a text"))),
        };
        let key = text("Key")?.map(Arc::from);
        // In whose name an administrator asks. Where `User` is whom the command is about, that is `From_Account`.
        let about_somebody = matches!(command, "follow" | "unfollow" | "is_following" | "adjust_wallet");
        let user = text(if about_somebody { "From_Account" } else { "User" })?.map(UserId::from);
        let body = Value::Object(fields.into_iter().map(|(name, value)| (lower(&name), lowered(value))).collect());
        let what = self.shop_command(command, body)?;
        let request = ShopRequest { user, key, what };
        Ok(Asked::Rules(Command::Shop(Box::new(request)), Shape::Plain))
    }

    fn shop_command(&self, command: &str, body: Value) -> Result<ShopCommand, WireError> {
        Ok(match command {
            "get_shelf" => ShopCommand::Shelf(read::<InRoom>(body)?.room),
            "get_goods" => ShopCommand::Goods(read::<One>(body)?.id),
            "claim_coupon" => {
                let Claim { coupon, room } = read(body)?;
                ShopCommand::Claim { coupon, room }
            }
            "my_coupons" => ShopCommand::MyClaims,
            "create_order" => ShopCommand::CreateOrder(read::<NewOrder>(body)?),
            "cancel_order" => ShopCommand::CancelOrder(read::<One>(body)?.id),
            "confirm_order" => ShopCommand::ConfirmOrder(read::<One>(body)?.id),
            "my_orders" => ShopCommand::MyOrders,
            "get_order" => ShopCommand::Order(read::<One>(body)?.id),
            "get_gifts" => ShopCommand::Gifts,
            "send_gift" => {
                let Giving { room, gift, count } = read(body)?;
                ShopCommand::SendGift { room, gift, count }
            }
            "get_wallet" => ShopCommand::Wallet,
            "top_up" => ShopCommand::TopUp(read::<Coins>(body)?.coins),
            "get_board" => ShopCommand::Board(read::<InRoom>(body)?.room),
            "follow" | "unfollow" => {
                let Host { user, room } = read(body)?;
                ShopCommand::Follow { host: user, room, on: command == "follow" }
            }
            "is_following" => ShopCommand::IsFollowing(read::<Host>(body)?.user),
            "following" => ShopCommand::Following,
            "set_shelf" => {
                let Items { room, items } = read(body)?;
                ShopCommand::SetShelf(room, items)
            }
            "push_goods" => {
                let Pushing { room, goods } = read(body)?;
                ShopCommand::PushGoods(room, goods)
            }
            "start_sale" => ShopCommand::StartSale(read(body)?),
            "end_sale" => ShopCommand::EndSale(read::<One>(body)?.id),
            "drop_coupon" => {
                let Dropping { room, coupon } = read(body)?;
                ShopCommand::DropCoupon(room, coupon)
            }
            "list_goods" => ShopCommand::ListGoods,
            "list_coupons" => ShopCommand::ListCoupons,
            "get_sales" => ShopCommand::Sales(read::<InRoom>(body)?.room),
            command => self.merchant_command(command, body)?,
        })
    }

    fn merchant_command(&self, command: &str, body: Value) -> Result<ShopCommand, WireError> {
        Ok(match command {
            "save_goods" => ShopCommand::SaveGoods(read(body)?),
            "remove_goods" => ShopCommand::RemoveGoods(read::<One>(body)?.id),
            "set_stock" => {
                let Stocking { sku, change } = read(body)?;
                ShopCommand::MoveStock { sku, change }
            }
            "save_coupon" => ShopCommand::SaveCoupon(read(body)?),
            "close_coupon" => ShopCommand::CloseCoupon(read::<One>(body)?.id),
            "ship_order" => {
                let Shipping { id, carrier, tracking } = read(body)?;
                ShopCommand::Ship { order: id, carrier, tracking }
            }
            "complete_order" => ShopCommand::Complete(read::<One>(body)?.id),
            "refund_order" => {
                let Refunding { id, amount, reason, restock } = read(body)?;
                ShopCommand::Refund { order: id, amount, reason, restock }
            }
            "save_gift" => ShopCommand::SaveGift(read(body)?),
            "adjust_wallet" => {
                let Adjusting { user, change, reason } = read(body)?;
                ShopCommand::Adjust { user, change, reason }
            }
            "report_payment" => ShopCommand::Pay(read(body)?),
            unknown => return Err(self.unknown(unknown)),
        })
    }
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, WireError> {
    serde_path_to_error::deserialize(body).map_err(|error| WireError::new(MALFORMED, error.to_string()))
}

/// The name of a field as the rules have it.
fn lower(name: &str) -> String {
    if name == "GroupId" {
        return "room".into();
    }
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn lowered(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (lower(&name), lowered(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(lowered).collect()),
        value => value,
    }
}

macro_rules! bodies { ($($name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* })*) => { $(
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct $name { $($(#[$attr])* $field: $type,)* }
)* } }

bodies! {
    InRoom { room: RoomId, }
    One { id: u64, }
    Claim { coupon: u64, #[serde(default)] room: Option<RoomId>, }
    Giving { room: RoomId, gift: Arc<str>, count: u32, }
    Coins { coins: i64, }
    Host { user: UserId, #[serde(default)] room: Option<RoomId>, }
    Items { room: RoomId, items: Vec<ShelfItem>, }
    Pushing { room: RoomId, goods: Option<u64>, }
    Dropping { room: RoomId, coupon: u64, }
    Stocking { sku: u64, change: i64, }
    Shipping { id: u64, #[serde(default)] carrier: Arc<str>, #[serde(default)] tracking: Arc<str>, }
    Refunding { id: u64, amount: i64, #[serde(default)] reason: Arc<str>, #[serde(default)] restock: bool, }
    Adjusting { user: UserId, change: i64, reason: Arc<str>, }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hawker_core::shop::ShopRefusal;

    #[test]
    fn names_change_their_first_letter() {
        let wire = serde_json::json!({ "GroupId": "r", "Items": [{ "ListPrice": 1, "Off": { "Amount": 5 } }] });
        let ours = serde_json::json!({ "room": "r", "items": [{ "listPrice": 1, "off": { "amount": 5 } }] });
        assert_eq!(lowered(wire), ours);
    }

    #[test]
    fn every_refusal_has_a_number_of_its_own() {
        let mut numbers: Vec<_> = ShopRefusal::ALL.iter().map(|refusal| refusal.number()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ShopRefusal::ALL.len());
        assert!(numbers.iter().all(|number| *number > MALFORMED));
    }
}
