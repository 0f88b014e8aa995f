import { type Body, Code, bad, isBody, textOf } from '@hawker/client';
import type {
  Address, Board, Claim, Coupon, Followed, Gift, GiftSent, Goods, Order, RoomSales, Sale, Shelf, TopUp, Wallet,
} from './types.js';
import { lowered, raised } from './wire.js';

/** Longest key of a write, in characters. */
export const KEY_CHARS_MAX = 64;

/** The part of `@hawker/tim` that the shop uses: an instance of `TIM.create`. */
export interface ShopChat {
  request(command: string, body: Body): Promise<{ data: Body }>;
}

/** What a {@link Shop} is made from. */
export interface ShopOptions {
  /** An instance of `@hawker/tim`; its login is the shop's. */
  chat: ShopChat;
  /** The room; without it, what needs a room rejects with 2905. */
  roomID?: string;
}

/** Of every write: the same `key` again gives the same answer again, for 24 hours; default a new one. */
export interface Keyed {
  /** 1 to 64 characters. */
  key?: string;
}

/** What is ordered. */
export interface OrderRequest extends Keyed {
  /** Variants and how many of each, from 1. */
  lines: readonly { sku: number; quantity: number }[];
  /** A claim to use. */
  claim?: number;
  address?: Address;
  remark?: string;
  /** The total that the buyer was shown; another one is refused with `PRICE_CHANGED`. */
  expectTotal?: number;
}

/** A flash sale to start. */
export interface SaleRequest extends Keyed {
  sku: number;
  /** At most the variant's own. */
  price: number;
  /** Pieces at this price, from 1. */
  quota: number;
  /** Pieces for one user, from 1. */
  perBuyer: number;
  /** Default now. */
  startsAt?: number;
  endsAt: number;
}

/**
 * The shop of one room, for the user who is logged in at `chat`. Shelf, goods, gifts and board can be looked at without a login.
 *
 * Every method rejects with a `HawkerError`: 2905 for a wrong argument, before anything is sent; 20002 for what needs a
 * login; 2800 and 2801 for the network; the server's code, which for the shop is in `SHOP_ERROR`. What is
 * said below of errors names those only. A lost connection sends a request again; the key keeps it from being done twice.
 */
export class Shop {
  /** The room that calls are about. */
  roomID: string;
  private readonly chat: ShopChat;

  /** Errors (thrown): 2905 when `chat` is no instance of `@hawker/tim`. */
  constructor(options: ShopOptions) {
    if (!isBody(options) || typeof options.chat?.request !== 'function') {
      throw bad(Code.badArgument, 'chat', 'must be an instance of @hawker/tim');
    }
    this.chat = options.chat;
    this.roomID = options.roomID ?? '';
  }

  // Goods

  /** What the room sells now. */
  getShelf(): Promise<Shelf> {
    return this.ask('get_shelf', { room: this.room() });
  }

  /** Goods by their id. Errors: `GOODS_MISSING`. */
  getGoods(id: number): Promise<Goods> {
    return this.ask('get_goods', { id: idFrom(id, 'id') });
  }

  // Coupons

  /** Claims a coupon for oneself. Errors: `COUPON_MISSING`, `COUPON_GONE`, `COUPON_NOT_NOW`, `OVER_LIMIT`. */
  claimCoupon(coupon: number, options: Keyed = {}): Promise<Claim> {
    return this.ask('claim_coupon', { ...this.roomIfAny(), coupon: idFrom(coupon, 'coupon'), key: keyFrom(options) });
  }

  /** The coupons that one has claimed. */
  myCoupons(): Promise<Claim[]> {
    return this.list('my_coupons');
  }

  // Orders

  /**
   * Orders goods: the pieces are held until the order is paid at its `payUrl` or its `payUntil` has passed.
   *
   * Errors: `ORDER_EMPTY`, `SKU_MISSING`, `NOT_FOR_SALE`, `SOLD_OUT`, `OVER_LIMIT`, `BAD_AMOUNT`, `PRICE_CHANGED`, and for the
   * claim `CLAIM_MISSING`, `CLAIM_SPENT`, `COUPON_NOT_NOW`, `COUPON_BELOW_THRESHOLD`, `COUPON_NOT_FOR_GOODS`.
   */
  createOrder(order: OrderRequest): Promise<Order> {
    const { lines, claim, address, remark, expectTotal } = objectFrom(order, 'order');
    if (!Array.isArray(lines)) throw bad(Code.badArgument, 'lines', 'must list {sku, quantity}');
    return this.ask('create_order', {
      ...this.roomIfAny(),
      lines: lines.map((line) => {
        const { sku, quantity } = objectFrom(line, 'lines');
        return { sku: idFrom(sku, 'lines.sku'), quantity: wholeFrom(quantity, 'lines.quantity', 1) };
      }),
      claim, address, remark, expectTotal, key: keyFrom(order),
    });
  }

  /** One order. Errors: `ORDER_MISSING`, also for somebody else's. */
  getOrder(id: number): Promise<Order> {
    return this.ask('get_order', { id: idFrom(id, 'id') });
  }

  /** Takes an order back that is not paid; pieces and coupon come back. Errors: `ORDER_MISSING`, `ORDER_STATE`. */
  cancelOrder(id: number): Promise<Order> {
    return this.ask('cancel_order', { id: idFrom(id, 'id') });
  }

  /** Says that a shipped order has come. Errors: `ORDER_MISSING`, `ORDER_STATE`. */
  confirmOrder(id: number): Promise<Order> {
    return this.ask('confirm_order', { id: idFrom(id, 'id') });
  }

  /** One's last 50 orders, the newest first. */
  myOrders(): Promise<Order[]> {
    return this.list('my_orders');
  }

  // Gifts

  /** The catalogue. */
  getGifts(): Promise<Gift[]> {
    return this.list('get_gifts');
  }

  /** Gives the host a gift: it is paid and shown to the room, or neither. Errors: `GIFT_MISSING`, `BALANCE_LOW`, `BAD_AMOUNT`. */
  sendGift(gift: string, count = 1, options: Keyed = {}): Promise<GiftSent> {
    return this.ask('send_gift', {
      room: this.room(), gift: textOf(gift, 'gift'), count: wholeFrom(count, 'count', 1), key: keyFrom(options),
    });
  }

  /** One's own coins. */
  getWallet(): Promise<Wallet> {
    return this.ask('get_wallet');
  }

  /** Begins to buy coins; they are there when it is paid at its `payUrl`. Errors: `BAD_AMOUNT`. */
  topUp(coins: number, options: Keyed = {}): Promise<TopUp> {
    return this.ask('top_up', { coins: wholeFrom(coins, 'coins', 1), key: keyFrom(options) });
  }

  /** Who gave the room most. */
  getBoard(): Promise<Board> {
    return this.ask('get_board', { room: this.room() });
  }

  // Follows

  /** Follows a user; the room hears of it. Errors: `NOT_YOURSELF`. */
  follow(userID: string): Promise<Followed> {
    return this.ask('follow', { user: textOf(userID, 'userID'), ...this.roomIfAny() });
  }

  /** The reverse of {@link follow}. */
  unfollow(userID: string): Promise<Followed> {
    return this.ask('unfollow', { user: textOf(userID, 'userID'), ...this.roomIfAny() });
  }

  /** Whether one follows this user, and how many do. */
  isFollowing(userID: string): Promise<Followed> {
    return this.ask('is_following', { user: textOf(userID, 'userID') });
  }

  /** The ids of those whom one follows. */
  following(): Promise<string[]> {
    return this.list('following');
  }

  // For host and admins of the room

  /** Sets the room's shelf whole, in this order. Errors: `GOODS_MISSING`. */
  setShelf(items: readonly { goods: number; badge?: string }[]): Promise<Shelf> {
    if (!Array.isArray(items)) throw bad(Code.badArgument, 'items', 'must list {goods, badge}');
    return this.ask('set_shelf', {
      room: this.room(),
      items: items.map((item: unknown) => {
        const { goods, badge = '' } = objectFrom(item, 'items');
        return { goods: idFrom(goods, 'items.goods'), badge };
      }),
    });
  }

  /** Shows goods to the room, `null` shows none; goods that are not on the shelf go to its head. Errors: `GOODS_MISSING`, `NOT_FOR_SALE`. */
  pushGoods(goods: number | null): Promise<Shelf> {
    return this.ask('push_goods', { room: this.room(), goods: goods === null ? null : idFrom(goods, 'goods') });
  }

  /** Starts a flash sale; a variant has one at a time in a room. Errors: `SKU_MISSING`, `BAD_AMOUNT`. */
  startSale(sale: SaleRequest): Promise<Sale> {
    const { sku, price, quota, perBuyer, startsAt, endsAt } = objectFrom(sale, 'sale');
    return this.ask('start_sale', {
      room: this.room(), sku: idFrom(sku, 'sku'), price: wholeFrom(price, 'price', 1), quota: wholeFrom(quota, 'quota', 1),
      perBuyer: wholeFrom(perBuyer, 'perBuyer', 1), startsAt, endsAt: wholeFrom(endsAt, 'endsAt', 1), key: keyFrom(sale),
    });
  }

  /** Ends a flash sale before its time. Errors: `SALE_MISSING`. */
  endSale(id: number): Promise<Sale> {
    return this.ask('end_sale', { id: idFrom(id, 'id') });
  }

  /** Lets a coupon rain in the room. Errors: `COUPON_MISSING`, `COUPON_GONE`, `COUPON_NOT_NOW`. */
  dropCoupon(coupon: number): Promise<Coupon> {
    return this.ask('drop_coupon', { room: this.room(), coupon: idFrom(coupon, 'coupon') });
  }

  /** Everything that the shop has on sale, to choose a shelf from. */
  listGoods(): Promise<Goods[]> {
    return this.list('list_goods');
  }

  /** The shop's open coupons. */
  listCoupons(): Promise<Coupon[]> {
    return this.list('list_coupons');
  }

  /** What the room has sold. */
  getSales(): Promise<RoomSales> {
    return this.ask('get_sales', { room: this.room() });
  }

  // Asking

  private room(): string {
    return textOf(this.roomID, 'roomID');
  }

  private roomIfAny(): { room?: string } {
    return this.roomID === '' ? {} : { room: this.roomID };
  }

  private async ask<T>(command: string, body: Body = {}): Promise<T> {
    const { data } = await this.chat.request(`live_shop.${command}`, raised(body));
    return lowered(data) as T;
  }

  private async list<T>(command: string): Promise<T[]> {
    const { items } = await this.ask<{ items?: T[] }>(command);
    return Array.isArray(items) ? items : [];
  }
}

/** A new {@link Shop}. */
export function createShop(options: ShopOptions): Shop {
  return new Shop(options);
}

/** A key for a write that may be repeated: 32 hexadecimal digits. */
export function newKey(): string {
  return Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
}

function keyFrom({ key }: Keyed): string {
  if (key === undefined) return newKey();
  const text = textOf(key, 'key');
  if (text.length > KEY_CHARS_MAX) throw bad(Code.badArgument, 'key', `must not be longer than ${KEY_CHARS_MAX} characters`);
  return text;
}

function objectFrom(value: unknown, field: string): Body {
  if (!isBody(value)) throw bad(Code.badArgument, field, 'must be an object');
  return value;
}

function idFrom(value: unknown, field: string): number {
  return wholeFrom(value, field, 1);
}

function wholeFrom(value: unknown, field: string, min: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min) throw bad(Code.badArgument, field, `must be a whole number from ${min}`);
  return value as number;
}
