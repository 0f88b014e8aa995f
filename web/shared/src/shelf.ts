// The shop's rules as a page needs them to show a price before the server has said it: which flash sale runs, how many are
// left, what a coupon takes off. The server decides again, and refuses what it sees otherwise.

import type { Claim, Coupon, CouponTaken, Goods, Sale, Shelf, Sku, StockTold } from '@hawker/shop';

/** The shelf with the pieces that are left now. */
export function withStock(shelf: Shelf, told: StockTold): Shelf {
  const available = new Map(told.skus);
  const left = new Map(told.sales);
  const fresh = (sku: Sku): Sku => ({ ...sku, available: available.get(sku.id) ?? sku.available });
  return {
    ...shelf,
    items: shelf.items.map((item) => ({ ...item, goods: { ...item.goods, skus: item.goods.skus.map(fresh) } })),
    sales: shelf.sales.map((sale) => ({ ...sale, left: left.get(sale.id) ?? sale.left })),
  };
}

/** The shelf with a flash sale as it is now. */
export function withSale(shelf: Shelf, sale: Sale): Shelf {
  const others = shelf.sales.filter(({ id }) => id !== sale.id);
  return { ...shelf, sales: sale.state === 'over' ? others : [...others, sale] };
}

/** Coupons as they are after somebody took one. */
export function withTaken(coupons: readonly Coupon[], { id, claimed, left }: CouponTaken): Coupon[] {
  return coupons.map((coupon) => (coupon.id === id ? { ...coupon, claimed, left } : coupon));
}

/** What a variant costs now, and how many can be had. */
export interface Offer {
  readonly sku: Sku;
  readonly price: number;
  /** To be struck out; 0: nothing. */
  readonly listPrice: number;
  /** Pieces that can be ordered at this price. */
  readonly left: number;
  /** The flash sale that gives the price. */
  readonly sale: Sale | null;
}

export function offerOf(shelf: Shelf, sku: Sku, now: number): Offer {
  // What the server calls running has begun, whatever this clock says.
  const runs = (one: Sale) => (one.state === 'running' || one.startsAt <= now) && now < one.endsAt;
  const sale = shelf.sales.find((one) => one.sku === sku.id && runs(one)) ?? null;
  if (!sale) return { sku, price: sku.price, listPrice: sku.listPrice, left: Math.max(0, sku.available), sale };
  return {
    sku, price: sale.price, listPrice: Math.max(sku.listPrice, sku.price),
    left: Math.max(0, Math.min(sku.available, sale.left)), sale,
  };
}

/** What goods cost: the cheapest variant that can be had, or the cheapest when none can. */
export interface GoodsOffer extends Offer {
  /** Whether other variants that can be had cost more. */
  readonly from: boolean;
  /** Pieces of all variants. */
  readonly total: number;
}

export function goodsOfferOf(shelf: Shelf, goods: Goods, now: number): GoodsOffer | null {
  const offers = goods.skus.map((sku) => offerOf(shelf, sku, now));
  const there = offers.filter(({ left }) => left > 0);
  const choice = (there.length > 0 ? there : offers).sort((one, other) => one.price - other.price);
  const [best] = choice;
  if (!best) return null;
  return {
    ...best,
    from: choice.some(({ price }) => price > best.price),
    total: offers.reduce((sum, { left }) => sum + left, 0),
  };
}

/** What is about to be ordered. */
export interface Wanted {
  readonly goods: number;
  readonly price: number;
  readonly quantity: number;
}

/** Why a coupon cannot be used. */
export type CouponUnfit = 'spent' | 'not_now' | 'not_for' | 'below';

/** What a coupon takes off, or why it cannot be used. */
export function discountOf(coupon: Coupon, wanted: readonly Wanted[], now: number): number | CouponUnfit {
  if (now < coupon.startsAt || now >= coupon.endsAt) return 'not_now';
  const meant = wanted.filter(({ goods }) => coupon.goods.length === 0 || coupon.goods.includes(goods));
  if (meant.length === 0) return 'not_for';
  const price = meant.reduce((sum, line) => sum + line.price * line.quantity, 0);
  if (price < coupon.threshold) return 'below';
  const { amount, percent } = coupon.off;
  if (percent === undefined) return Math.min(amount, price);
  const part = Math.floor((price * percent.rate) / 100);
  return Math.min(percent.max > 0 ? Math.min(part, percent.max) : part, price);
}

/** The claim that saves most; null when none can be used. */
export function bestClaim(claims: readonly Claim[], wanted: readonly Wanted[], now: number): Claim | null {
  let best: Claim | null = null;
  let most = 0;
  for (const claim of claims) {
    const off = claimDiscount(claim, wanted, now);
    if (typeof off !== 'number' || off <= most) continue;
    best = claim;
    most = off;
  }
  return best;
}

export function claimDiscount(claim: Claim, wanted: readonly Wanted[], now: number): number | CouponUnfit {
  return claim.state === 'held' ? discountOf(claim.coupon, wanted, now) : 'spent';
}

/** Whether somebody who has these claims may claim the coupon. */
export function isClaimable(coupon: Coupon, claims: readonly Claim[], now: number): boolean {
  const mine = claims.filter((claim) => claim.coupon.id === coupon.id).length;
  return coupon.state === 'open' && coupon.left > 0 && now >= coupon.startsAt && now < coupon.endsAt && mine < coupon.perUser;
}
