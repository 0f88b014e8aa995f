// The viewer's orders, the newest first.

import type { Order } from '@hawker/shop';
import { h } from '../dom';
import { money, when, wordsOf, type ShopContext } from './context';
import { orderLeaf } from './order';
import { emptyNote, goodsPicture, loading, waiting } from './parts';
import type { Leaf } from './sheet';

/** Pictures of one order in the list. */
const PICTURES_SHOWN = 4;

export function ordersLeaf(context: ShopContext): Leaf {
  const { model } = context;
  return {
    title: () => wordsOf(context).orders,
    draw(life) {
      const w = wordsOf(context);
      const list = h('div', { class: 'shop-body' }, waiting(context));
      life.watch(model.store, ['orders'], ({ orders }) => {
        if (!orders) return;
        list.replaceChildren(...(orders.length > 0 ? orders.map((order) => orderCard(context, order)) : [emptyNote('list', w.noOrders, w.noOrdersText)]));
      });
      loading(context, life, model.loadOrders, list);
      return [list];
    },
  };
}

function orderCard(context: ShopContext, order: Order): HTMLElement {
  const w = wordsOf(context);
  const [first] = order.lines;
  const pieces = order.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return h('button', { class: 'order-card', type: 'button', onclick: () => context.show(orderLeaf(context, order)) },
    h('span', { class: 'order-card-head' }, h('small', {}, when(context, order.createdAt)), h('b', { 'data-state': order.state }, w.states[order.state])),
    h('span', { class: 'order-card-body' },
      ...order.lines.slice(0, PICTURES_SHOWN).map((line) => goodsPicture(line.picture, 'line-picture')),
      order.lines.length === 1 && first ? h('strong', {}, first.title) : null),
    h('span', { class: 'order-card-foot' }, h('small', {}, w.pieces(pieces)), h('b', {}, money(context, order.total, order.currency))));
}
