//! What can be asked of a shop.

use super::checkout::NewOrder;
use super::coupon::CouponDraft;
use super::gift::Gift;
use super::goods::GoodsDraft;
use super::payment::Payment;
use super::sale::SaleDraft;
use super::shelf::ShelfItem;
use crate::id::{RoomId, UserId};
use std::sync::Arc;

/// A question to the shop of an app.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopRequest {
    /// In whose name an administrator asks; `None` is the caller.
    pub user: Option<UserId>,
    /// Makes a write safe to repeat: the same key with the same command gives the same answer.
    pub key: Option<Arc<str>>,
    /// What.
    pub what: ShopCommand,
}

/// See [`ShopRequest::what`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ShopCommand {
    /// What a room sells.
    Shelf(RoomId),
    /// One piece of goods.
    Goods(u64),
    /// Take a piece of a coupon.
    Claim {
        /// Which.
        coupon: u64,
        /// The room that shall hear of it.
        room: Option<RoomId>,
    },
    /// The pieces of coupons that the user has.
    MyClaims,
    /// Buy.
    CreateOrder(NewOrder),
    /// Not buy after all; a merchant cancels anybody's.
    CancelOrder(u64),
    /// It has arrived.
    ConfirmOrder(u64),
    /// The user's orders.
    MyOrders,
    /// One order.
    Order(u64),
    /// The gifts that are offered.
    Gifts,
    /// Give the host of a room something.
    SendGift {
        /// The room.
        room: RoomId,
        /// Which gift.
        gift: Arc<str>,
        /// How many.
        count: u32,
    },
    /// The user's coins.
    Wallet,
    /// Buy coins.
    TopUp(i64),
    /// Who gave most in a room.
    Board(RoomId),
    /// Follow a host, or no longer.
    Follow {
        /// Whom.
        host: UserId,
        /// The room that shall hear of it.
        room: Option<RoomId>,
        /// Follow or not.
        on: bool,
    },
    /// Whom the user follows.
    Following,
    /// Whether the user follows somebody, and how many do.
    IsFollowing(UserId),

    /// Arrange the shelf of a room (hosts).
    SetShelf(RoomId, Vec<ShelfItem>),
    /// Push goods in a room, or nothing (hosts).
    PushGoods(RoomId, Option<u64>),
    /// Start or schedule a flash sale (hosts).
    StartSale(SaleDraft),
    /// End one (hosts).
    EndSale(u64),
    /// Offer a coupon to a room (hosts).
    DropCoupon(RoomId, u64),
    /// All goods that can be sold (hosts).
    ListGoods,
    /// All coupons that can be offered (hosts).
    ListCoupons,
    /// What a room has sold (hosts).
    Sales(RoomId),

    /// Make or change goods (merchants, as all that follow).
    SaveGoods(GoodsDraft),
    /// The same with many, all or none.
    ImportGoods(Vec<GoodsDraft>),
    /// Sell it no more.
    RemoveGoods(u64),
    /// Put pieces in, or take them out.
    MoveStock {
        /// The variant.
        sku: u64,
        /// How many; below zero takes out.
        change: i64,
    },
    /// Make or change a coupon.
    SaveCoupon(CouponDraft),
    /// Let nobody claim it any more.
    CloseCoupon(u64),
    /// A paid order is on its way.
    Ship {
        /// Which.
        order: u64,
        /// Who carries it.
        carrier: Arc<str>,
        /// Under which number.
        tracking: Arc<str>,
    },
    /// A shipped order has arrived.
    Complete(u64),
    /// Give money back.
    Refund {
        /// Of which order.
        order: u64,
        /// How much.
        amount: i64,
        /// Why.
        reason: Arc<str>,
        /// The goods are back, too. Counts with the refund of the rest.
        restock: bool,
    },
    /// Make or change a gift.
    SaveGift(Gift),
    /// Correct a wallet.
    Adjust {
        /// Whose.
        user: UserId,
        /// By how many coins.
        change: i64,
        /// Why.
        reason: Arc<str>,
    },
    /// A payment provider reports a payment; its signature was checked.
    Pay(Payment),
    /// An order or a top-up as its payment page shows it.
    Payable(u64),
}

/// Who may ask something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, logged in or not.
    Anybody,
    /// Who is logged in.
    User,
    /// The owner and the admins of the room, or of any room if none is named.
    Host,
    /// Administrators of the app.
    Merchant,
}

impl ShopCommand {
    /// Who may ask it.
    pub fn access(&self) -> Access {
        use ShopCommand::*;
        match self {
            Shelf(_) | Goods(_) | Gifts | Board(_) | Payable(_) => Access::Anybody,
            Claim { .. } | MyClaims | CreateOrder(_) | CancelOrder(_) | ConfirmOrder(_) | MyOrders | Order(_) => {
                Access::User
            }
            SendGift { .. } | Wallet | TopUp(_) | Follow { .. } | Following | IsFollowing(_) => Access::User,
            SetShelf(..) | PushGoods(..) | StartSale(_) | EndSale(_) | DropCoupon(..) => Access::Host,
            ListGoods | ListCoupons | Sales(_) => Access::Host,
            SaveGoods(_) | ImportGoods(_) | RemoveGoods(_) | MoveStock { .. } | SaveCoupon(_) => Access::Merchant,
            CloseCoupon(_) | Ship { .. } | Complete(_) | Refund { .. } | SaveGift(_) => Access::Merchant,
            Adjust { .. } | Pay(_) => Access::Merchant,
        }
    }

    /// The room that it names.
    pub fn room(&self) -> Option<&RoomId> {
        use ShopCommand::*;
        match self {
            Shelf(room) | Board(room) | Sales(room) | SetShelf(room, _) | PushGoods(room, _) => Some(room),
            DropCoupon(room, _) | SendGift { room, .. } => Some(room),
            StartSale(draft) => Some(&draft.room),
            Claim { room, .. } | Follow { room, .. } => room.as_ref(),
            CreateOrder(order) => order.room.as_ref(),
            _ => None,
        }
    }
}
