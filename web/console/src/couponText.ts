// What a coupon takes off, in few words.

import type { Coupon, CouponDraft, Off } from './types';
import type { Words } from './words/all';

type Money = (minor: number) => string;

export function offText(off: Off, words: Words, money: Money): string {
  if ('amount' in off) return words.coupons.off(money(off.amount));
  const rest = words.coupons.offPercent(off.percent.rate);
  return off.percent.max ? words.coupons.offMax(rest, money(off.percent.max)) : rest;
}

export function conditionText({ threshold, goods }: Pick<CouponDraft, 'threshold' | 'goods'>, words: Words, money: Money): string {
  const from = threshold ? words.coupons.from(money(threshold)) : words.coupons.anyOrder;
  return `${from} · ${goods.length ? words.coupons.someGoods : words.coupons.wholeShop}`;
}

export type CouponLook = keyof Words['coupons']['states'];

/** Open on paper may still mean that nobody can have it. */
export function couponLook(coupon: Coupon, now: number): CouponLook {
  if (coupon.state === 'closed') return 'closed';
  if (now >= coupon.endsAt) return 'over';
  if (now < coupon.startsAt) return 'scheduled';
  return coupon.left > 0 ? 'open' : 'gone';
}
