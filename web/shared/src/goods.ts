// The card of the goods that the host is showing: what the room field `add_goods` holds, and what a purchase says.
//
// The server writes it for the shop, but anybody who runs the room can, and a purchase is told by any viewer's program;
// so it is read as something a stranger wrote: a wrong type is no card, a picture that is not an ordinary address is no
// picture.

import { pageAddress } from './address';

export const GOODS_FIELD = 'add_goods';

export interface GoodsCard {
  readonly id: string;
  readonly title: string;
  /** In minor units of `currency`. */
  readonly price: number;
  readonly currency: string;
  /** An address, or empty. */
  readonly picture: string;
  /** To be struck out; 0: nothing. */
  readonly listPrice: number;
  /** Pieces left; null where nobody counts them. */
  readonly stock: number | null;
  readonly sale: CardSale | null;
}

/** The flash sale of a card. */
export interface CardSale {
  readonly id: number;
  readonly price: number;
  /** Unix milliseconds. */
  readonly endsAt: number;
}

export function decodeGoods(text: string | undefined): GoodsCard | null {
  if (!text) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return typeof value === 'object' && value !== null ? goodsOf(value as Record<string, unknown>) : null;
}

function goodsOf({ id, title, price, currency, picture, listPrice, stock, sale }: Record<string, unknown>): GoodsCard | null {
  if (typeof title !== 'string' || title === '' || !isAmount(price)) return null;
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : title,
    title,
    price,
    currency: typeof currency === 'string' ? currency : '',
    picture: typeof picture === 'string' ? pageAddress(picture) : '',
    listPrice: isAmount(listPrice) ? listPrice : 0,
    stock: isAmount(stock) ? stock : null,
    sale: typeof sale === 'object' && sale !== null ? saleOf(sale as Record<string, unknown>) : null,
  };
}

function saleOf({ id, price, endsAt }: Record<string, unknown>): CardSale | null {
  return isAmount(id) && isAmount(price) && isAmount(endsAt) ? { id, price, endsAt } : null;
}

export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
