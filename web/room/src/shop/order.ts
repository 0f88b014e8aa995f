// One order: what state it is in, what to do next, and what was ordered. While it waits for its payment it is followed, so
// that the page knows as soon as the provider does.

import type { Order } from '@hawker/shop';
import { formatCountdown, pageAddress } from '@hawker/web-shared';
import { h, icon, replay } from '../dom';
import { money, when, wordsOf, type ShopContext } from './context';
import { doer, goodsPicture } from './parts';
import type { Leaf, Life } from './sheet';

/** How often it is asked whether an order is paid, while somebody waits for it. */
const FOLLOW_MS = 2500;
const TICK_MS = 1000;

/** `pay`: the buyer has just ordered and goes to the payment page at once, where the browser allows it. */
export function orderLeaf(context: ShopContext, opened: Order, pay = false): Leaf {
  const { model } = context;
  let payNow = pay;
  return {
    title: () => wordsOf(context).orderTitle,
    draw(life) {
      const body = h('div', { class: 'shop-body' });
      const foot = h('footer', { class: 'shop-foot column' });
      const time = h('span', { class: 'order-time', role: 'timer' });
      let shown: Order | null = null;
      const draw = () => {
        const order = latest(context, opened);
        if (order === shown) return;
        const moved = shown !== null && shown.state !== order.state;
        shown = order;
        body.replaceChildren(...bodyOf(context, order, time));
        foot.replaceChildren(...footOf(context, order));
        const mark = body.querySelector('.order-state');
        if (moved && mark) replay(mark, 'arriving');
      };
      const tick = () => {
        const order = latest(context, opened);
        if (order.state === 'created') time.textContent = wordsOf(context).payWithin(formatCountdown(order.payUntil - model.now()));
      };
      life.watch(model.store, ['orders'], draw);
      life.every(TICK_MS, tick);
      tick();
      follow(context, life, opened);
      if (payNow) goToPay(opened);
      payNow = false;
      return [body, foot];
    },
  };
}

function latest({ model }: ShopContext, opened: Order): Order {
  return model.store.state.orders?.find(({ id }) => id === opened.id) ?? opened;
}

/** A browser that allows no new page after an answer leaves it to the button. */
function goToPay({ state, payUrl }: Order): void {
  const address = pageAddress(payUrl);
  if (state !== 'created' || !address) return;
  const tab = window.open(address, '_blank');
  if (tab) tab.opener = null;
}

function follow(context: ShopContext, life: Life, opened: Order): void {
  const { model } = context;
  let asking = false;
  const ask = () => {
    if (asking || document.hidden || latest(context, opened).state !== 'created') return;
    asking = true;
    model.shop.getOrder(opened.id).then((order) => {
      if (order.state !== latest(context, opened).state) model.keepOrder(order);
    }, () => undefined).finally(() => { asking = false; });
  };
  life.every(FOLLOW_MS, ask);
  // Back from the payment page.
  document.addEventListener('visibilitychange', ask);
  life.onEnd(() => document.removeEventListener('visibilitychange', ask));
}

const MARKS = { created: 'clock', paid: 'check', shipped: 'truck', done: 'check', cancelled: 'close', refunded: 'undo' } as const;

function bodyOf(context: ShopContext, order: Order, time: HTMLElement): Node[] {
  const w = wordsOf(context);
  const price = (minor: number) => money(context, minor, order.currency);
  const row = (name: string, text: string) => [h('dt', {}, name), h('dd', {}, text)];
  const { name, phone, text } = order.address;
  const parts: (HTMLElement | null)[] = [
    h('div', { class: 'order-state', 'data-state': order.state },
      h('span', { class: 'order-mark' }, icon(MARKS[order.state])),
      h('div', {}, h('strong', {}, w.states[order.state]), h('p', {}, order.paidLate ? w.paidLate : w.stateText[order.state]), order.state === 'created' && time)),
    order.tracking !== '' ? h('p', { class: 'row' }, icon('truck'), h('span', { class: 'tracking' }, `${order.carrier} ${order.tracking}`.trim())) : null,
    text !== '' ? h('p', { class: 'row order-to' }, icon('place'), h('span', { class: 'address-shown' }, h('b', {}, `${name} ${phone}`.trim()), h('small', {}, text))) : null,
    h('div', { class: 'order-lines' }, ...order.lines.map((line) => h('article', { class: 'order-line' },
      goodsPicture(line.picture, 'line-picture'),
      h('div', {}, h('strong', {}, line.title), line.variant !== '' && h('small', {}, line.variant)),
      h('div', { class: 'line-price' }, h('b', {}, price(line.price)), h('small', {}, `×${line.quantity}`))))),
    h('dl', { class: 'sums' },
      ...row(w.subtotal, price(order.goodsTotal)), ...(order.discount > 0 ? row(w.discount, `−${price(order.discount)}`) : []),
      h('dt', { class: 'sum-total' }, w.total), h('dd', { class: 'sum-total' }, price(order.total)),
      ...(order.refunded > 0 ? row(w.refundedPart, price(order.refunded)) : []),
      ...row(w.orderNumber, String(order.id)), ...row(w.ordered, when(context, order.createdAt)), ...(order.remark !== '' ? row(w.remark, order.remark) : [])),
  ];
  return parts.filter((part) => part !== null);
}

function footOf(context: ShopContext, order: Order): Node[] {
  const { model } = context;
  const w = wordsOf(context);
  const back = h('button', { class: 'plain', type: 'button', onclick: () => context.close() }, w.toShow);
  const all = h('button', { class: 'plain', type: 'button', onclick: () => context.open({ place: 'orders' }) }, w.allOrders);
  if (order.state === 'shipped') return [doer(context, 'primary', w.confirm, async () => model.keepOrder(await model.shop.confirmOrder(order.id)))];
  if (order.state !== 'created') return [h('div', { class: 'pair' }, all, back)];
  const address = pageAddress(order.payUrl);
  const pay = address
    ? h('a', { class: 'primary', href: address, target: '_blank', rel: 'noopener' }, w.pay(money(context, order.total, order.currency)))
    : h('p', { class: 'problem' }, w.payNowhere);
  return [pay, h('p', { class: 'soft small', role: 'status' }, address ? w.payWaiting : ''), cancelButton(context, order)];
}

/** Asks once more in its own place. */
function cancelButton(context: ShopContext, order: Order): HTMLElement {
  const { model } = context;
  const w = wordsOf(context);
  const place = h('div', { class: 'pair' });
  const ask = () => place.replaceChildren(
    h('button', { class: 'plain', type: 'button', onclick: calm }, w.keep),
    doer(context, 'danger', w.cancel, async () => {
      model.keepOrder(await model.shop.cancelOrder(order.id));
      await model.loadClaims();
    }));
  const calm = () => place.replaceChildren(h('button', { class: 'plain', type: 'button', onclick: ask }, w.cancel));
  calm();
  return place;
}
