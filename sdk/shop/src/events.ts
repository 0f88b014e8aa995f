/** What the room hears of the shop: custom messages and room fields, and what is in them. */
import { type Body, bodiesOf, bodyOf, numberOf, stringOf } from '@hawker/client';
import type { Coupon, Sale } from './types.js';

/** Names of the shop's custom messages (`payload.data`) and room fields. */
export const SHOP_EVENT = {
  /** Somebody's order was paid: {@link Bought}. */
  BUY_GOODS: 'BUY_GOODS',
  /** Somebody claimed a coupon: {@link CouponTaken}. */
  USE_COUPON: 'USE_COUPON',
  /** Somebody gave a gift: {@link GiftShown}. */
  SEND_GIFT: 'SEND_GIFT',
  /** Somebody follows: {@link FollowTold}. */
  ATTENTION: 'ATTENTION',
  /** Somebody follows no more: {@link FollowTold}. */
  CANCELATTENTION: 'CANCELATTENTION',
  /** A coupon rains: {@link Coupon}. */
  COUPON_DROP: 'COUPON_DROP',
  /** A flash sale began, ended, or is sold out: {@link Sale}. */
  FLASH_SALE: 'FLASH_SALE',
  /** Pieces that are left, at most once a second: {@link StockTold}. */
  GOODS_STOCK: 'GOODS_STOCK',
  /** Room field: the goods that the host is showing, {@link PushedGoods}, or `null` for none. */
  ADD_GOODS: 'add_goods',
  /** Room field: a number that grows when the shelf changes; `getShelf` has the new one. */
  GOODS_SHELF: 'goods_shelf',
} as const;

/** A purchase. */
export interface Bought {
  id: number;
  title: string;
  /** Of one piece, in minor units of `currency`. */
  price: number;
  currency: string;
  picture: string;
  quantity: number;
  /** Purchases of others that are told of together with this one. */
  others: number;
  /** Pieces of all of them. */
  units: number;
}

/** A coupon that was claimed. */
export interface CouponTaken {
  id: number;
  title: string;
  /** Claims of others that are told of together with this one. */
  others: number;
  /** All claims so far. */
  claimed: number;
  left: number;
}

/** A gift as the room sees it. */
export interface GiftShown {
  id: string;
  name: string;
  count: number;
  /** Price of all of them. */
  coins: number;
  /** How many of this gift in a row, these included. */
  combo: number;
}

/** A follow, or its end. */
export interface FollowTold {
  /** Who is followed. */
  userID: string;
  followers: number;
}

/** Pieces left, as `[id, pieces]`. */
export interface StockTold {
  skus: [sku: number, available: number][];
  sales: [sale: number, left: number][];
}

/** The goods that the host is showing. */
export interface PushedGoods {
  id: number;
  title: string;
  price: number;
  currency: string;
  picture: string;
  /** 0: nothing to strike out. */
  listPrice: number;
  stock: number;
  /** The flash sale that runs for them. */
  sale?: { id: number; price: number; endsAt: number };
}

/** Every event with its data. */
export interface ShopEvents {
  BUY_GOODS: Bought;
  USE_COUPON: CouponTaken;
  SEND_GIFT: GiftShown;
  ATTENTION: FollowTold;
  CANCELATTENTION: FollowTold;
  COUPON_DROP: Coupon;
  FLASH_SALE: Sale;
  GOODS_STOCK: StockTold;
  add_goods: PushedGoods | null;
  goods_shelf: number;
}

/** Name of an event of the shop. */
export type ShopEventName = keyof ShopEvents;

/** One event of the shop, as {@link shopEventsOf} finds it in a message. */
export type ShopEvent = {
  [Name in ShopEventName]: {
    name: Name;
    data: ShopEvents[Name];
    /** Who did it: the buyer, the giver, the host. */
    userID: string;
    nick: string;
    avatar: string;
    /** Unix seconds, by the server's clock. */
    time: number;
    /** Whether the server made it. Others are claims of a viewer: anybody can send `BUY_GOODS`. */
    ledger: boolean;
  }
}[ShopEventName];

/** As much of a message of `@hawker/tim` as is read here. */
export interface ShopMessage {
  readonly type: string;
  readonly payload: unknown;
  readonly from: string;
  readonly nick?: string;
  readonly avatar?: string;
  readonly time: number;
  readonly cloudCustomData?: string;
}

const DECODERS: { [Name in ShopEventName]: (body: Body) => ShopEvents[Name] | null } = {
  BUY_GOODS: (body) => ({
    id: numberOf(body.id), title: stringOf(body.title), price: numberOf(body.price), currency: stringOf(body.currency),
    picture: stringOf(body.picture), quantity: numberOf(body.quantity, 1), others: numberOf(body.others),
    units: numberOf(body.units, numberOf(body.quantity, 1)),
  }),
  USE_COUPON: (body) => ({
    id: numberOf(body.id), title: stringOf(body.title), others: numberOf(body.others), claimed: numberOf(body.claimed), left: numberOf(body.left),
  }),
  SEND_GIFT: (body) => ({
    id: stringOf(body.id), name: stringOf(body.name), count: numberOf(body.count, 1), coins: numberOf(body.coins), combo: numberOf(body.combo, 1),
  }),
  ATTENTION: followOf,
  CANCELATTENTION: followOf,
  COUPON_DROP: couponOf,
  FLASH_SALE: saleOf,
  GOODS_STOCK: ({ skus, sales }) => ({ skus: pairsOf(skus), sales: pairsOf(sales) }),
  add_goods: pushedOf,
  goods_shelf: () => null,
};

/** What the value of an event or room field says; `null` when it says nothing (a card that was taken away, no JSON). */
export function decodeShopEvent<Name extends ShopEventName>(name: Name, value: string): ShopEvents[Name] | null {
  if (name === SHOP_EVENT.GOODS_SHELF) return numberOf(value) as ShopEvents[Name];
  const body = parsed(value);
  return body && DECODERS[name](body);
}

/** The shop's events in a message of `MESSAGE_RECEIVED`; none in one that is about anything else. */
export function shopEventsOf(message: ShopMessage): ShopEvent[] {
  const { type, payload, from, nick = '', avatar = '', time } = message;
  const about = { userID: from, nick, avatar, time, ledger: isLedger(message) };
  const found: ShopEvent[] = [];
  for (const [name, value] of valuesOf(type, bodyOf(payload))) {
    const data = decodeShopEvent(name, value);
    // A card that was taken away is an event, too.
    if (data !== null || name === SHOP_EVENT.ADD_GOODS) found.push({ name, data, ...about } as ShopEvent);
  }
  return found;
}

/** Whether the server made this message: nobody else can mark one so. */
export function isLedger(message: Pick<ShopMessage, 'cloudCustomData'>): boolean {
  return parsed(message.cloudCustomData ?? '')?.ledger === 1;
}

/** Numbers of tips that tell of a changed profile. */
const PROFILE_CHANGED = 6;

function valuesOf(type: string, payload: Body): [name: ShopEventName, value: string][] {
  const pairs: [unknown, unknown][] = type === 'TIMCustomElem' ? [[payload.data, payload.extension]]
    : type === 'TIMGroupTipElem' && payload.operationType === PROFILE_CHANGED
      ? bodiesOf(bodyOf(payload.newGroupProfile).groupCustomField).map(({ key, value }) => [key, value])
      : [];
  return pairs.flatMap(([name, value]) => (isName(name) ? [[name, stringOf(value)]] : []));
}

function isName(name: unknown): name is ShopEventName {
  return typeof name === 'string' && Object.prototype.hasOwnProperty.call(DECODERS, name);
}

function parsed(text: string): Body | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Body : null;
  } catch {
    return null;
  }
}

function followOf(body: Body): FollowTold {
  return { userID: stringOf(body.userID), followers: numberOf(body.followers) };
}

function couponOf(body: Body): Coupon | null {
  const { amount, percent } = bodyOf(body.off);
  const { rate, max } = bodyOf(percent);
  if (numberOf(body.id) < 1) return null;
  return {
    id: numberOf(body.id), title: stringOf(body.title),
    off: percent === undefined ? { amount: numberOf(amount) } : { percent: { rate: numberOf(rate), max: numberOf(max) } },
    threshold: numberOf(body.threshold), goods: Array.isArray(body.goods) ? body.goods.map((id) => numberOf(id)) : [],
    startsAt: numberOf(body.startsAt), endsAt: numberOf(body.endsAt), stock: numberOf(body.stock), perUser: numberOf(body.perUser, 1),
    claimed: numberOf(body.claimed), used: numberOf(body.used), left: numberOf(body.left), state: body.state === 'closed' ? 'closed' : 'open',
  };
}

function saleOf(body: Body): Sale | null {
  if (numberOf(body.id) < 1) return null;
  const { state } = body;
  return {
    id: numberOf(body.id), room: stringOf(body.room), goods: numberOf(body.goods), sku: numberOf(body.sku), price: numberOf(body.price),
    quota: numberOf(body.quota), perBuyer: numberOf(body.perBuyer), startsAt: numberOf(body.startsAt), endsAt: numberOf(body.endsAt),
    held: numberOf(body.held), sold: numberOf(body.sold), left: numberOf(body.left),
    state: state === 'running' || state === 'scheduled' ? state : 'over',
  };
}

function pushedOf(body: Body): PushedGoods | null {
  const title = stringOf(body.title);
  if (title === '') return null;
  const sale = bodyOf(body.sale);
  return {
    id: numberOf(body.id), title, price: numberOf(body.price), currency: stringOf(body.currency), picture: stringOf(body.picture),
    listPrice: numberOf(body.listPrice), stock: numberOf(body.stock),
    ...(body.sale === undefined ? {} : { sale: { id: numberOf(sale.id), price: numberOf(sale.price), endsAt: numberOf(sale.endsAt) } }),
  };
}

function pairsOf(value: unknown): [number, number][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair): [number, number][] => (Array.isArray(pair) ? [[numberOf(pair[0]), numberOf(pair[1])]] : []));
}
