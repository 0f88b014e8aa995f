// A flash sale as it is typed.

import { readCount, readMoney, type Typed } from './money';
import type { Sku } from './types';

export interface SaleForm {
  readonly price: string;
  readonly quota: string;
  readonly perBuyer: string;
}

export interface SaleTerms {
  readonly price: number;
  readonly quota: number;
  readonly perBuyer: number;
}

export type SaleWrong = Partial<Record<keyof SaleForm, Extract<Typed, { wrong: unknown }>['wrong'] | 'notCheaper' | 'moreThanStock'>>;

/** A flash sale is cheaper than usual, and of pieces that exist. */
export function readSale(form: SaleForm, sku: Pick<Sku, 'price' | 'available'>, currency: string): { readonly terms: SaleTerms | null; readonly wrong: SaleWrong } {
  const price = readMoney(form.price, currency);
  const quota = readCount(form.quota, { min: 1 });
  const perBuyer = readCount(form.perBuyer, { min: 1 });
  const wrong: SaleWrong = {};
  if ('wrong' in price) wrong.price = price.wrong;
  else if (price.value >= sku.price) wrong.price = 'notCheaper';
  if ('wrong' in quota) wrong.quota = quota.wrong;
  else if (quota.value > sku.available) wrong.quota = 'moreThanStock';
  if ('wrong' in perBuyer) wrong.perBuyer = perBuyer.wrong;
  if (Object.keys(wrong).length || 'wrong' in price || 'wrong' in quota || 'wrong' in perBuyer) return { terms: null, wrong };
  return { terms: { price: price.value, quota: quota.value, perBuyer: perBuyer.value }, wrong };
}
