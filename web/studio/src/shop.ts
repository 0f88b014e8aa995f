// The shop of one room as its host runs it: the shelf, what can be put on it, flash sales, coupons, and what was sold.

import { createShop, type Coupon, type Goods, type RoomSales, type SaleRequest, type Shelf, type ShopChat, type ShelfItem } from '@hawker/shop';
import { ref, shallowRef } from 'vue';
import { withSale, withStock, withTaken, type Happening } from '@hawker/web-shared';

/** Sales are counted by the server; they are asked for at this pace, and soon after something was bought. */
const SALES_MS = 5000;
const SALES_SOON_MS = 600;
const TICK_MS = 1000;

/** `attempt` does something and tells the host when it could not be done. */
export function createShopDesk(
  chat: ShopChat & { getServerTime(): number }, groupID: string, attempt: (action: Promise<unknown>) => Promise<boolean>,
) {
  const shop = createShop({ chat, roomID: groupID });
  /** Null before it is known. */
  const shelf = shallowRef<Shelf | null>(null);
  /** Everything that the shop sells; null before it was asked for. */
  const goods = shallowRef<readonly Goods[] | null>(null);
  const coupons = shallowRef<readonly Coupon[]>([]);
  const sales = shallowRef<RoomSales | null>(null);
  /** The server's clock, for countdowns. */
  const now = ref(chat.getServerTime());
  const timers: ReturnType<typeof setInterval>[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;

  const keep = (fresh: Shelf) => { shelf.value = fresh; };
  const loadShelf = () => shop.getShelf().then(keep);
  const loadSales = async () => {
    if (!document.hidden) sales.value = await shop.getSales();
  };
  const quietly = (action: Promise<unknown>) => { action.catch(() => undefined); };
  /** What there is to choose from changes in the console, in another tab. */
  const lookAgain = () => {
    if (document.hidden) return;
    quietly(shop.listGoods().then((found) => { goods.value = found; }));
    quietly(shop.listCoupons().then((found) => { coupons.value = found; }));
  };
  const salesSoon = () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      quietly(loadSales());
    }, SALES_SOON_MS);
  };

  return {
    shelf, goods, coupons, sales, now,
    /** Asks for everything; the room is open. */
    open() {
      if (timers.length === 0) {
        document.addEventListener('visibilitychange', lookAgain);
        timers.push(setInterval(() => { now.value = chat.getServerTime(); }, TICK_MS), setInterval(() => quietly(loadSales()), SALES_MS));
      }
      quietly(loadShelf());
      lookAgain();
      quietly(loadSales());
    },
    stop() {
      timers.splice(0).forEach(clearInterval);
      document.removeEventListener('visibilitychange', lookAgain);
      clearTimeout(soon);
    },
    hear(happening: Happening) {
      if (happening.kind === 'shelf') return quietly(loadShelf());
      if (happening.kind === 'buy' || happening.kind === 'gift' || happening.kind === 'coupon') salesSoon();
      if (happening.kind === 'coupon' && happening.taken) coupons.value = withTaken(coupons.value, happening.taken);
      if (!shelf.value) return;
      if (happening.kind === 'stock') keep(withStock(shelf.value, happening.stock));
      if (happening.kind === 'sale') keep(withSale(shelf.value, happening.sale));
    },
    loadGoods: () => attempt(shop.listGoods().then((found) => { goods.value = found; })),
    loadCoupons: () => attempt(shop.listCoupons().then((found) => { coupons.value = found; })),
    /** Shown at once; what the server says then is what counts. */
    async setShelf(items: readonly ShelfItem[]) {
      const before = shelf.value;
      if (before) keep({ ...before, items: [...items] });
      const done = await attempt(shop.setShelf(items.map((item) => ({ goods: item.goods.id, badge: item.badge }))).then(keep));
      if (!done && before) keep(before);
      return done;
    },
    push: (id: number | null) => attempt(shop.pushGoods(id).then(keep)),
    startSale: (request: SaleRequest) => attempt(shop.startSale(request).then((sale) => { if (shelf.value) keep(withSale(shelf.value, sale)); })),
    endSale: (id: number) => attempt(shop.endSale(id).then((sale) => { if (shelf.value) keep(withSale(shelf.value, sale)); })),
    drop: (id: number) => attempt(shop.dropCoupon(id).then((fresh) => {
      coupons.value = coupons.value.map((coupon) => (coupon.id === fresh.id ? fresh : coupon));
    })),
  };
}
