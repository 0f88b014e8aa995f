// What the state of an order allows.

import type { Order, OrderState } from './types';

const PAID: readonly OrderState[] = ['paid', 'shipped', 'done'];

/** How much can still go back to the buyer; 0 where nothing was paid. */
export function refundable(order: Pick<Order, 'state' | 'total' | 'refunded' | 'paidLate'>): number {
  return PAID.includes(order.state) || order.paidLate ? Math.max(0, order.total - order.refunded) : 0;
}

export type Step = { readonly name: 'created' | 'paid' | 'shipped' | 'done' | 'cancelled'; readonly at: number };

/** The way of an order, with a time for each step that was taken. A cancelled one ends where it was cancelled. */
export function stepsOf(order: Pick<Order, 'createdAt' | 'paidAt' | 'shippedAt' | 'doneAt' | 'cancelledAt'>): Step[] {
  const way: Step[] = [
    { name: 'created', at: order.createdAt },
    { name: 'paid', at: order.paidAt },
    { name: 'shipped', at: order.shippedAt },
    { name: 'done', at: order.doneAt },
  ];
  if (!order.cancelledAt) return way;
  return [...way.filter(({ at }) => at > 0), { name: 'cancelled' as const, at: order.cancelledAt }].sort((a, b) => a.at - b.at);
}
