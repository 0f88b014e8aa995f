/**
 * What the shop is made of. Amounts are whole numbers of minor units of the shop's one currency (`3990` is 39.90 CNY), coins
 * whole numbers of their own, times Unix milliseconds, ids whole numbers below 2^53; gifts, rooms and users have text ids.
 */

/** One variant of goods; what was listed is `available + held + sold`. */
export interface Sku {
  id: number;
  /** Name of the variant, `''` when the goods have one only. */
  name: string;
  /** The merchant's own number for it. */
  code: string;
  price: number;
  /** What it costs elsewhere, to be struck out; 0: nothing to strike. */
  listPrice: number;
  /** Pieces that can be ordered now. */
  available: number;
  /** Pieces in orders that wait for their payment. */
  held: number;
  sold: number;
}

/** Something to sell. */
export interface Goods {
  id: number;
  title: string;
  description: string;
  /** Addresses, the first is the one for cards. */
  pictures: string[];
  state: 'on' | 'off';
  /** Its variants; at least one. */
  skus: Sku[];
  createdAt: number;
  changedAt: number;
}

/** A flash sale of one variant in one room. */
export interface Sale {
  id: number;
  room: string;
  goods: number;
  sku: number;
  price: number;
  /** Pieces that are sold at this price, in all. */
  quota: number;
  /** Pieces that one user gets. */
  perBuyer: number;
  startsAt: number;
  endsAt: number;
  held: number;
  sold: number;
  /** Pieces of the quota that are left; without any the variant is sold out until the sale is over. */
  left: number;
  state: 'scheduled' | 'running' | 'over';
}

/** What a coupon takes off: a fixed amount, or `rate` percent up to `max` (0: no maximum). */
export type CouponOff =
  | { amount: number; percent?: never }
  | { percent: { rate: number; max: number }; amount?: never };

/** A coupon that users claim. */
export interface Coupon {
  id: number;
  title: string;
  off: CouponOff;
  /** The goods it is for must cost at least this together; 0: no threshold. */
  threshold: number;
  /** The goods it is for; empty: the whole shop. */
  goods: number[];
  startsAt: number;
  endsAt: number;
  stock: number;
  /** How many one user may claim. */
  perUser: number;
  claimed: number;
  used: number;
  left: number;
  state: 'open' | 'closed';
}

/** A coupon in somebody's hand. */
export interface Claim {
  id: number;
  coupon: Coupon;
  /** `reserved`: an order that waits for its payment uses it. */
  state: 'held' | 'reserved' | 'used';
  at: number;
  /** The order that uses it. */
  order: number | null;
}

/** Goods on a room's shelf. */
export interface ShelfItem {
  goods: Goods;
  /** A few words on the card, `''` for none. */
  badge: string;
}

/** What a room sells now. */
export interface Shelf {
  room: string;
  currency: string;
  items: ShelfItem[];
  /** The goods that the host is showing. */
  pushed: number | null;
  sales: Sale[];
  /** Coupons that can be claimed. */
  coupons: Coupon[];
}

/** Where an order goes. */
export interface Address {
  name: string;
  phone: string;
  text: string;
}

/** One line of an order, as it was when the order was made. */
export interface OrderLine {
  goods: number;
  sku: number;
  title: string;
  variant: string;
  picture: string;
  quantity: number;
  price: number;
  /** The flash sale that gave the price. */
  sale: number | null;
}

/** Money that went back. */
export interface Refund {
  id: number;
  amount: number;
  reason: string;
  at: number;
}

/** `created` waits for its payment; it ends as `done`, `cancelled` or `refunded`. */
export type OrderState = 'created' | 'paid' | 'shipped' | 'done' | 'cancelled' | 'refunded';

/** An order. Times of what has not happened are 0. */
export interface Order {
  id: number;
  user: string;
  /** The room it was made in, `''` for none. */
  room: string;
  state: OrderState;
  lines: OrderLine[];
  claim: number | null;
  goodsTotal: number;
  discount: number;
  /** What is to be paid: `goodsTotal - discount`. */
  total: number;
  currency: string;
  address: Address;
  remark: string;
  createdAt: number;
  /** An order that is not paid by then is cancelled, and its pieces and coupon come back. */
  payUntil: number;
  paidAt: number;
  shippedAt: number;
  doneAt: number;
  cancelledAt: number;
  cancelReason: '' | 'buyer' | 'merchant' | 'timeout';
  carrier: string;
  tracking: string;
  transaction: string;
  refunds: Refund[];
  refunded: number;
  /** Paid after it was cancelled: the money goes back. */
  paidLate: boolean;
  /** The page to pay on, only while `created`; `''` when the shop has none. */
  payUrl: string;
}

/** A gift of the shop's catalogue. */
export interface Gift {
  id: string;
  name: string;
  nameEn: string;
  /** Price of one, in coins. */
  coins: number;
  picture: string;
  state: 'on' | 'off';
}

/** What a sent gift leaves. */
export interface GiftSent {
  /** Coins that are left. */
  coins: number;
  /** How many of this gift in a row. */
  combo: number;
}

/** Somebody's coins. */
export interface Wallet {
  user: string;
  coins: number;
}

/** Coins that are being bought. */
export interface TopUp {
  id: number;
  user: string;
  coins: number;
  amount: number;
  currency: string;
  state: 'created' | 'paid';
  /** The page to pay on, `''` when the shop has none. */
  payUrl: string;
}

/** A room's most generous viewers, at most 20, the first gave most. */
export interface Board {
  room: string;
  /** Coins that the room was given, in all. */
  total: number;
  items: { user: string; nick: string; avatar: string; coins: number }[];
}

/** How a follow stands now. */
export interface Followed {
  /** Of the user that was asked about. */
  followers: number;
  /** Whether the caller follows that user. */
  following: boolean;
}

/** What a room has sold. */
export interface RoomSales {
  room: string;
  orders: number;
  paid: number;
  units: number;
  revenue: number;
  refunded: number;
  buyers: number;
  /** Coupons claimed. */
  coupons: number;
  gifts: number;
  coins: number;
  goods: { goods: number; title: string; units: number; revenue: number }[];
}
