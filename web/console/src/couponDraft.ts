// A coupon as it is typed.

import { moneyField, readCount, readMoney, type Typed } from './money';
import { readTime, timeField } from './times';
import type { Coupon, CouponDraft, Off } from './types';

export interface CouponForm {
  title: string;
  kind: 'amount' | 'percent';
  amount: string;
  rate: string;
  max: string;
  threshold: string;
  scope: 'shop' | 'goods';
  goods: number[];
  startsAt: string;
  endsAt: string;
  stock: string;
  perUser: string;
}

const WEEK_MS = 7 * 86_400_000;
const MINUTE_MS = 60_000;

export function couponForm(coupon: Coupon | null, currency: string, now: number): CouponForm {
  if (!coupon) {
    // The clock of the server may be a little behind.
    return { title: '', kind: 'amount', amount: '', rate: '', max: '', threshold: '', scope: 'shop', goods: [], startsAt: timeField(now - MINUTE_MS), endsAt: timeField(now + WEEK_MS), stock: '100', perUser: '1' };
  }
  const { off } = coupon;
  return {
    title: coupon.title,
    kind: 'amount' in off ? 'amount' : 'percent',
    amount: 'amount' in off ? moneyField(off.amount, currency) : '',
    rate: 'percent' in off ? String(off.percent.rate) : '',
    max: 'percent' in off && off.percent.max ? moneyField(off.percent.max, currency) : '',
    threshold: coupon.threshold ? moneyField(coupon.threshold, currency) : '',
    scope: coupon.goods.length ? 'goods' : 'shop',
    goods: [...coupon.goods],
    startsAt: timeField(coupon.startsAt),
    endsAt: timeField(coupon.endsAt),
    stock: String(coupon.stock),
    perUser: String(coupon.perUser),
  };
}

type Reason = Extract<Typed, { wrong: unknown }>['wrong'] | 'badRate' | 'endBefore' | 'needGoods';
export type CouponWrong = Partial<Record<'title' | 'amount' | 'rate' | 'max' | 'threshold' | 'goods' | 'startsAt' | 'endsAt' | 'stock' | 'perUser', Reason>>;

export function readCoupon(form: CouponForm, currency: string): { readonly draft: CouponDraft | null; readonly wrong: CouponWrong } {
  const wrong: CouponWrong = {};
  const take = (field: keyof CouponWrong, typed: Typed): number => {
    if ('value' in typed) return typed.value;
    wrong[field] = typed.wrong;
    return 0;
  };
  const title = form.title.trim();
  if (!title) wrong.title = 'needed';
  const off = readOff(form, currency, take, wrong);
  const threshold = take('threshold', readMoney(form.threshold, currency, { empty: 0 }));
  const stock = take('stock', readCount(form.stock, { min: 1 }));
  const perUser = take('perUser', readCount(form.perUser, { min: 1 }));
  const goods = form.scope === 'goods' ? form.goods : [];
  if (form.scope === 'goods' && goods.length === 0) wrong.goods = 'needGoods';
  const startsAt = readTime(form.startsAt);
  const endsAt = readTime(form.endsAt);
  if (!startsAt) wrong.startsAt = 'needed';
  if (!endsAt) wrong.endsAt = 'needed';
  else if (endsAt <= startsAt) wrong.endsAt = 'endBefore';
  return { draft: Object.keys(wrong).length ? null : { title, off, threshold, goods, startsAt, endsAt, stock, perUser }, wrong };
}

function readOff(form: CouponForm, currency: string, take: (field: keyof CouponWrong, typed: Typed) => number, wrong: CouponWrong): Off {
  if (form.kind === 'amount') return { amount: take('amount', readMoney(form.amount, currency, { min: 1 })) };
  const rate = take('rate', readCount(form.rate));
  if (!wrong.rate && (rate < 1 || rate > 100)) wrong.rate = 'badRate';
  return { percent: { rate, max: take('max', readMoney(form.max, currency, { empty: 0 })) } };
}
