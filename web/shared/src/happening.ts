// What a message means to somebody watching.
//
// The SDK hands over messages in the shape of the chat protocol: custom messages named by their data, tips with
// numbers, notices with other numbers. Both pages, and an anonymous viewer as well as a signed-in one, read them
// here, so that nobody sees a gift where somebody else sees a line of text.

import { type Coupon, type CouponTaken, decodeShopEvent, isLedger, type Sale, SHOP_EVENT, type StockTold } from '@hawker/shop';
import { decodeGoods, GOODS_FIELD, isAmount, type GoodsCard } from './goods';
import { decodeGift, type GiftSent } from './gift';
import { pictureOf, type Picture } from './picture';
import { STREAM_FIELD, streamSince } from './stream';

export const STATUS_FIELD = 'room_status';
export const SLOW_FIELD = 'slow_mode';

export type RoomStatus = 'waiting' | 'live' | 'paused' | 'ended';

export interface Person {
  readonly userID: string;
  readonly nick: string;
  readonly avatar: string;
}

/** Something that somebody did. */
interface Deed {
  readonly id: string;
  readonly who: Person;
  /** Unix seconds, by the server's clock. */
  readonly time: number;
}

/** Something of the shop: `real` when the server says so, else somebody's program does. */
interface Trade extends Deed {
  readonly real: boolean;
  /** How many others did the same and are told of together with this one. */
  readonly others: number;
}

export type Happening =
  | (Deed & {
      readonly kind: 'comment';
      readonly text: string;
      readonly picture: Picture | null;
      /** As the SDK gave it, to pin it or take it back. */
      readonly message: ChatMessage;
    })
  | (Deed & { readonly kind: 'like' })
  | (Trade & { readonly kind: 'gift'; readonly gift: GiftSent })
  | (Trade & { readonly kind: 'buy'; readonly goods: GoodsCard | null })
  | (Trade & { readonly kind: 'coupon'; readonly title: string; readonly taken: CouponTaken | null })
  | (Deed & { readonly kind: 'follow'; readonly following: boolean })
  | (Deed & { readonly kind: 'drop'; readonly coupon: Coupon })
  /** A flash sale began, ended, or is sold out. */
  | { readonly kind: 'sale'; readonly sale: Sale }
  | { readonly kind: 'stock'; readonly stock: StockTold }
  /** The shelf changed. */
  | { readonly kind: 'shelf' }
  | (Deed & { readonly kind: 'join' | 'quit' })
  | { readonly kind: 'goods'; readonly goods: GoodsCard | null }
  | { readonly kind: 'status'; readonly status: RoomStatus }
  /** Since when there is video; 0: there is none. */
  | { readonly kind: 'stream'; readonly since: number }
  | { readonly kind: 'announcement'; readonly text: string }
  | { readonly kind: 'mute'; readonly userID: string; readonly seconds: number }
  | { readonly kind: 'mute_all'; readonly on: boolean }
  /** Viewers wait so many seconds between two comments; 0: they do not. */
  | { readonly kind: 'slow'; readonly seconds: number }
  | { readonly kind: 'left'; readonly why: 'kicked' | 'dismissed' | 'banned' };

/** As much of the SDK's message as is read here. */
export interface ChatMessage {
  readonly ID: string;
  readonly type: string;
  readonly payload: unknown;
  readonly from: string;
  readonly to?: string;
  readonly nick?: string;
  readonly avatar?: string;
  readonly time: number;
  readonly sequence?: number;
  readonly cloudCustomData?: string;
}

/** The seconds in the room's field; whatever is no number is none. */
export function slowSeconds(value: string | undefined): number {
  return Math.max(0, Number(value) || 0);
}

export function roomStatus(value: string | undefined): RoomStatus {
  return value === 'live' || value === 'paused' || value === 'ended' ? value : 'waiting';
}

export function happeningsOf(message: ChatMessage): Happening[] {
  const payload = record(message.payload);
  switch (message.type) {
    case 'TIMTextElem':
      return [{ kind: 'comment', ...deedOf(message), text: text(payload['text']), picture: null, message }];
    case 'TIMImageElem': {
      const picture = pictureOf(payload);
      return picture ? [{ kind: 'comment', ...deedOf(message), text: '', picture, message }] : [];
    }
    case 'TIMCustomElem':
      return customHappenings(message, text(payload['data']), text(payload['extension']));
    case 'TIMGroupTipElem':
      return tipHappenings(message, payload);
    case 'TIMGroupSystemNoticeElem':
      return noticeHappenings(payload);
    default:
      return [];
  }
}

/** Both spellings of following are in use: the component's document says one, its package sends the other. */
function customHappenings(message: ChatMessage, name: string, value: string): Happening[] {
  const deed = deedOf(message);
  switch (name) {
    case 'LIKE':
      return [{ kind: 'like', ...deed }];
    case SHOP_EVENT.SEND_GIFT:
      return [{ kind: 'gift', ...tradeOf(message, value), gift: decodeGift(value) }];
    case SHOP_EVENT.BUY_GOODS:
      return [{ kind: 'buy', ...tradeOf(message, value), goods: decodeGoods(value) }];
    case SHOP_EVENT.USE_COUPON:
      return [{
        kind: 'coupon', ...tradeOf(message, value), title: text(valueOf(value)['title']),
        taken: isLedger(message) ? decodeShopEvent(name, value) : null,
      }];
    case 'ATTENT':
    case SHOP_EVENT.ATTENTION:
      return [{ kind: 'follow', ...deed, following: true }];
    case 'CANCELATTENT':
    case SHOP_EVENT.CANCELATTENTION:
      return [{ kind: 'follow', ...deed, following: false }];
    default:
      return isLedger(message) ? serverHappenings(deed, name, value) : [];
  }
}

/** What only the server says: from anybody else it would be a price that nobody gets. */
function serverHappenings(deed: Deed, name: string, value: string): Happening[] {
  switch (name) {
    case SHOP_EVENT.COUPON_DROP: {
      const coupon = decodeShopEvent(name, value);
      return coupon ? [{ kind: 'drop', ...deed, coupon }] : [];
    }
    case SHOP_EVENT.FLASH_SALE: {
      const sale = decodeShopEvent(name, value);
      return sale ? [{ kind: 'sale', sale }] : [];
    }
    case SHOP_EVENT.GOODS_STOCK: {
      const stock = decodeShopEvent(name, value);
      return stock ? [{ kind: 'stock', stock }] : [];
    }
    default:
      return [];
  }
}

function tipHappenings(message: ChatMessage, payload: Record<string, unknown>): Happening[] {
  switch (payload['operationType']) {
    case 1:
      return [{ kind: 'join', ...deedOf(message), who: operator(message, payload) }];
    case 2:
      return [{ kind: 'quit', ...deedOf(message), who: operator(message, payload) }];
    case 6:
      return profileHappenings(record(payload['newGroupProfile']));
    case 7:
      return list(payload['memberList']).map((member) => ({
        kind: 'mute',
        userID: text(member['userID']),
        seconds: Number(member['muteTime']) || 0,
      }));
    default:
      return [];
  }
}

function profileHappenings(profile: Record<string, unknown>): Happening[] {
  const found: Happening[] = [];
  for (const field of list(profile['groupCustomField'])) {
    const value = text(field['value']);
    if (field['key'] === GOODS_FIELD) found.push({ kind: 'goods', goods: decodeGoods(value) });
    if (field['key'] === SHOP_EVENT.GOODS_SHELF) found.push({ kind: 'shelf' });
    if (field['key'] === SLOW_FIELD) found.push({ kind: 'slow', seconds: slowSeconds(value) });
    if (field['key'] === STATUS_FIELD) found.push({ kind: 'status', status: roomStatus(value) });
    if (field['key'] === STREAM_FIELD) found.push({ kind: 'stream', since: streamSince(value) });
  }
  const announcement = profile['notification'] ?? profile['groupNotification'];
  if (typeof announcement === 'string') found.push({ kind: 'announcement', text: announcement });
  if (typeof profile['muteAllMembers'] === 'boolean') found.push({ kind: 'mute_all', on: profile['muteAllMembers'] });
  return found;
}

function noticeHappenings(payload: Record<string, unknown>): Happening[] {
  switch (payload['operationType']) {
    case 4:
      return [{ kind: 'left', why: 'kicked' }];
    case 5:
      return [{ kind: 'left', why: 'dismissed' }];
    case 21:
      return [{ kind: 'left', why: 'banned' }];
    default:
      return [];
  }
}

function deedOf(message: ChatMessage): Deed {
  const { ID, from, nick = '', avatar = '', time } = message;
  return { id: ID, who: { userID: from, nick, avatar }, time };
}

/** Others are counted only by the server; a program that says so itself is one viewer. */
function tradeOf(message: ChatMessage, value: string): Trade {
  const real = isLedger(message);
  const { others } = real ? valueOf(value) : {};
  return { ...deedOf(message), real, others: isAmount(others) ? others : 0 };
}

function operator(message: ChatMessage, payload: Record<string, unknown>): Person {
  const userID = text(payload['operatorID']) || message.from;
  return { userID, nick: message.nick ?? '', avatar: message.avatar ?? '' };
}

/** What a value says when it is an object in JSON; else nothing. */
function valueOf(value: string): Record<string, unknown> {
  try {
    return record(JSON.parse(value));
  } catch {
    return {};
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
