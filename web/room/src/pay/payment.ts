// What the page asks the test provider of the server.

import { isAmount } from '@hawker/web-shared';

/** What is to be paid. */
export interface Payment {
  readonly kind: 'order' | 'top_up';
  /** Of the first goods; empty for coins. */
  readonly title: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  readonly state: 'open' | 'paid' | 'over';
}

/** The reference in `/pay/<reference>`. */
export function referenceFrom(path: string): string {
  return /^\/pay\/([^/?#]+)/.exec(path)?.[1] ?? '';
}

/** Null when there is no such payment. Throws when the server does not answer. */
export async function lookUp(reference: string): Promise<Payment | null> {
  const response = await ask(reference, 'GET');
  return response && paymentOf((await response.json()) as Record<string, unknown>);
}

/** Plays the provider, which tells the server that it was paid; then looks what came of it. */
export async function payTest(reference: string): Promise<Payment | null> {
  return (await ask(reference, 'POST')) && lookUp(reference);
}

async function ask(reference: string, method: 'GET' | 'POST'): Promise<Response | null> {
  const response = await fetch(`/api/v1/test-pay/${reference}`, { method });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the test provider answered ${response.status}`);
  return response;
}

/** What an order or top-up is called once it is paid. */
const PAID: ReadonlySet<unknown> = new Set(['paid', 'shipped', 'done']);

function paymentOf({ kind, title, amount, currency, state }: Record<string, unknown>): Payment | null {
  if (!isAmount(amount)) return null;
  return {
    kind: kind === 'top_up' ? 'top_up' : 'order',
    title: typeof title === 'string' ? title : '',
    amount,
    currency: typeof currency === 'string' ? currency : '',
    state: state === 'created' ? 'open' : PAID.has(state) ? 'paid' : 'over',
  };
}
