export { createShop, KEY_CHARS_MAX, newKey, Shop } from './shop.js';
export type { Keyed, OrderRequest, SaleRequest, ShopChat, ShopOptions } from './shop.js';
export { SHOP_ERROR, shopErrorName, type ShopErrorName } from './errors.js';
export {
  type Bought, type CouponTaken, decodeShopEvent, type FollowTold, type GiftShown, isLedger, type PushedGoods, SHOP_EVENT,
  type ShopEvent, type ShopEventName, type ShopEvents, shopEventsOf, type ShopMessage, type StockTold,
} from './events.js';
export { Code, HawkerError } from '@hawker/client';
export type * from './types.js';
