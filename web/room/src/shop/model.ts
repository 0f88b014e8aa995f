// What the viewer knows of the shop, and what they may ask it. The parts of the shop draw from one picture, which the
// room's events keep up to date.

import { createShop, type Address, type Board, type Claim, type Gift, type Order, type OrderRequest, type Shelf, type Shop, type ShopChat } from '@hawker/shop';
import { goodsOfferOf, remember, remembered, withSale, withStock, withTaken, type Happening } from '@hawker/web-shared';
import type { CardOffer } from '../page';
import { createStore, type Store } from '../store';

const ADDRESS_KEY = 'hawker.address';
/** Longest parts of an address, in characters; the server's bounds are bytes, three of them for a Chinese character. */
export const ADDRESS_CHARS_MAX = { name: 60, phone: 40, text: 160 } as const;
/** A crowd that asks for the shelf at once would be a storm: who looks at it asks within the first, all others within the second. */
const SHELF_SOON_MS = 500;
const SHELF_LATER_MS = 6000;

export interface ShopState {
  /** Null before it is known. */
  shelf: Shelf | null;
  claims: readonly Claim[];
  orders: readonly Order[] | null;
  gifts: readonly Gift[] | null;
  coins: number | null;
  board: Board | null;
  address: Address | null;
}

export interface ShopModel {
  readonly store: Store<ShopState>;
  readonly shop: Shop;
  /** The server's clock, Unix milliseconds. */
  now(): number;
  loadShelf(): Promise<void>;
  loadClaims(): Promise<void>;
  loadOrders(): Promise<void>;
  loadGifts(): Promise<void>;
  loadBoard(): Promise<void>;
  claim(coupon: number): Promise<Claim>;
  order(request: OrderRequest): Promise<Order>;
  /** Puts an order as it is now among the known ones. */
  keepOrder(order: Order): void;
  keepAddress(address: Address): void;
  /** Asks for the shelf in a while; sooner when it is looked at. */
  shelfChanged(looking: boolean): void;
  hear(happening: Happening, looking: boolean): void;
}

interface Clock {
  getServerTime(): number;
}

export function createModel(chat: ShopChat & Clock, groupID: string): ShopModel {
  const shop = createShop({ chat, roomID: groupID });
  const store = createStore<ShopState>({
    shelf: null, claims: [], orders: null, gifts: null, coins: null, board: null, address: knownAddress(),
  });
  let shelfTimer: ReturnType<typeof setTimeout> | undefined;

  const loadShelf = async () => store.set({ shelf: await shop.getShelf() });
  const loadClaims = async () => store.set({ claims: await shop.myCoupons() });
  const keepOrder = (order: Order) => {
    const others = (store.state.orders ?? []).filter(({ id }) => id !== order.id);
    store.set({ orders: [...others, order].sort((one, other) => other.createdAt - one.createdAt) });
  };
  /** A host who sorts the shelf changes it many times; what comes while one waits is asked for together. */
  const shelfChanged = (looking: boolean) => {
    if (looking) clearTimeout(shelfTimer);
    else if (shelfTimer !== undefined) return;
    shelfTimer = setTimeout(() => {
      shelfTimer = undefined;
      loadShelf().catch(() => undefined);
    }, Math.random() * (looking ? SHELF_SOON_MS : SHELF_LATER_MS));
  };

  return {
    store, shop, loadShelf, loadClaims, keepOrder, shelfChanged,
    now: () => chat.getServerTime(),
    loadOrders: async () => store.set({ orders: await shop.myOrders() }),
    async loadGifts() {
      const [gifts, wallet] = await Promise.all([shop.getGifts(), shop.getWallet()]);
      store.set({ gifts: gifts.filter(({ state }) => state === 'on'), coins: wallet.coins });
    },
    loadBoard: async () => store.set({ board: await shop.getBoard() }),
    async claim(coupon) {
      const claim = await shop.claimCoupon(coupon);
      store.set({ claims: [claim, ...store.state.claims.filter(({ id }) => id !== claim.id)] });
      return claim;
    },
    async order(request) {
      const order = await shop.createOrder(request);
      keepOrder(order);
      // The coupon is spoken for now.
      if (order.claim !== null) void loadClaims().catch(() => undefined);
      return order;
    },
    keepAddress(address) {
      remember(ADDRESS_KEY, JSON.stringify(address));
      store.set({ address });
    },
    hear(happening, looking) {
      const { shelf } = store.state;
      if (happening.kind === 'shelf') return shelfChanged(looking);
      if (!shelf) return;
      if (happening.kind === 'stock') return store.set({ shelf: withStock(shelf, happening.stock) });
      if (happening.kind === 'sale') return store.set({ shelf: withSale(shelf, happening.sale) });
      if (happening.kind === 'coupon' && happening.taken) return store.set({ shelf: { ...shelf, coupons: withTaken(shelf.coupons, happening.taken) } });
      if (happening.kind !== 'drop') return;
      const others = shelf.coupons.filter(({ id }) => id !== happening.coupon.id);
      store.set({ shelf: { ...shelf, coupons: [happening.coupon, ...others] } });
    },
  };
}

/** How many goods of the shelf a viewer can see. */
export function bagOf(shelf: Shelf): number {
  return shelf.items.filter(({ goods }) => goods.state === 'on').length;
}

/** The card's goods as the shelf knows them; the end of a flash sale by this device's clock, which the card counts with. */
export function cardOffer(shelf: Shelf, goodsID: number, now: number): CardOffer | null {
  const goods = shelf.items.find((item) => item.goods.id === goodsID)?.goods;
  const offer = goods && goodsOfferOf(shelf, goods, now);
  if (!offer) return null;
  return { id: goodsID, price: offer.price, listPrice: offer.listPrice, left: offer.total, saleEndsAt: offer.sale ? offer.sale.endsAt - now + Date.now() : 0 };
}

function knownAddress(): Address | null {
  try {
    const { name, phone, text } = JSON.parse(remembered(ADDRESS_KEY) ?? 'null') as Address;
    return typeof name === 'string' && typeof phone === 'string' && typeof text === 'string' ? { name, phone, text } : null;
  } catch {
    return null;
  }
}
