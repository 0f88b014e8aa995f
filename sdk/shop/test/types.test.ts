// What an application may write, checked by the compiler (`npm run typecheck`); nothing here is run against a server.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Chat } from '@hawker/tim';
import {
  createShop, decodeShopEvent, type Order, type PushedGoods, type Shelf, type ShopChat, type ShopEvent, type ShopEvents,
} from '../src/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function holds<T extends true>(_same?: T): void {
  // The compiler has said it all.
}

it('types say what comes back, and refuse what cannot be', () => {
  const chat: ShopChat = { request: () => Promise.resolve({ data: {} }) };
  const shop = createShop({ chat, roomID: 'live_42' });
  holds<Chat extends ShopChat ? true : false>();
  holds<Same<ReturnType<typeof shop.getShelf>, Promise<Shelf>>>();
  holds<Same<Order['cancelReason'], '' | 'buyer' | 'merchant' | 'timeout'>>();
  holds<Same<ShopEvents['add_goods'], PushedGoods | null>>();
  const told = (event: ShopEvent): string => {
    switch (event.name) {
      case 'BUY_GOODS': return `${event.data.title} ${event.data.others}`;
      case 'GOODS_STOCK': return event.data.skus.map(([sku, available]) => `${sku}: ${available}`).join();
      case 'add_goods': return event.data?.sale?.price.toString() ?? '';
      default: return event.userID;
    }
  };
  const wrong = (): unknown[] => [
    // @ts-expect-error a quantity is needed
    shop.createOrder({ lines: [{ sku: 1 }] }),
    // @ts-expect-error ids of goods are numbers
    shop.getGoods('11'),
    // @ts-expect-error a sale has an end
    shop.startSale({ sku: 1, price: 1, quota: 1, perBuyer: 1 }),
    // @ts-expect-error no such event
    decodeShopEvent('GOODS', ''),
  ];
  assert.deepEqual([typeof told, typeof wrong], ['function', 'function']);
});
