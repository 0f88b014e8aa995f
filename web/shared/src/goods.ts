// The goods card: what the room field `add_goods` holds.
//
// The field is written by whoever owns the room and read by every viewer, so it is read as something a stranger
// wrote: a wrong type is no card, a picture that is not an ordinary address is no picture.

import { byteLength, FIELD_BYTES_MAX } from './bytes';

export const GOODS_FIELD = 'add_goods';

export interface Goods {
  readonly id: string;
  readonly title: string;
  /** In minor units of `currency`. */
  readonly price: number;
  readonly currency: string;
  /** An address, or empty. */
  readonly picture: string;
}

export function encodeGoods(goods: Goods): string {
  const { id, title, price, currency, picture } = goods;
  return JSON.stringify({ id, title, price, currency, picture });
}

export function decodeGoods(text: string | undefined): Goods | null {
  if (!text) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return goodsOf(value);
}

function goodsOf(value: unknown): Goods | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, title, price, currency, picture } = value as Record<string, unknown>;
  if (typeof title !== 'string' || title === '') return null;
  if (typeof price !== 'number' || !Number.isSafeInteger(price) || price < 0) return null;
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : title,
    title,
    price,
    currency: typeof currency === 'string' ? currency : '',
    picture: typeof picture === 'string' ? pictureAddress(picture) : '',
  };
}

/** The address when it is one we load pictures from (`http`, `https`, or a path on this server), else empty. */
export function pictureAddress(address: string): string {
  const trimmed = address.trim();
  return /^https?:\/\//i.test(trimmed) || /^\/(?!\/)/.test(trimmed) ? trimmed : '';
}

export function goodsFits(goods: Goods): boolean {
  return byteLength(encodeGoods(goods)) <= FIELD_BYTES_MAX;
}
