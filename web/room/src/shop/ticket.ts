// A coupon as it looks everywhere: what it takes off, from which total, until when.

import type { Coupon } from '@hawker/shop';
import { couponFace } from '@hawker/web-shared';
import { h } from '../dom';
import { money, soon, wordsOf, type ShopContext } from './context';

export function ticket(context: ShopContext, coupon: Coupon, end: HTMLElement, more: { readonly dim?: boolean } = {}): HTMLElement {
  const w = wordsOf(context);
  const { percent } = coupon.off;
  const terms = [
    coupon.threshold > 0 ? w.threshold(money(context, coupon.threshold)) : w.anyOrder,
    percent && percent.max > 0 ? w.upTo(money(context, percent.max)) : '',
    coupon.goods.length > 0 ? w.some : '',
  ].filter((term) => term !== '');
  return h('article', { class: more.dim ? 'ticket dim' : 'ticket' },
    h('b', { class: 'ticket-face' }, couponFace(coupon.off, context.model.store.state.shelf?.currency ?? '', context.page.store.state.language)),
    h('div', { class: 'ticket-text' },
      h('strong', {}, coupon.title), h('span', {}, terms.join(' · ')), h('small', {}, w.until(soon(context, coupon.endsAt)))),
    end);
}
