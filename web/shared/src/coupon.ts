// What stands large on a coupon: ¥5 · 8折 · 20% off.

import type { CouponOff } from '@hawker/shop';
import { languageTag, type Language } from './languages';
import { formatPrice } from './money';

export function couponFace(off: CouponOff, currency: string, language: Language): string {
  if (off.percent === undefined) return formatPrice(off.amount, currency, languageTag(language));
  const { rate } = off.percent;
  // In Chinese a discount is told by the part that is left to be paid, in tenths.
  return language === 'zh' ? `${Number(((100 - rate) / 10).toFixed(1))}折` : `${rate}% off`;
}
