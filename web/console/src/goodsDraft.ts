// Goods as they are saved again.

import { readCount, readMoney, moneyField, type Typed } from './money';
import type { Goods, GoodsDraft, Sku, SkuDraft } from './types';

/** What is saved of goods as they are. */
export function draftOf({ title, description, pictures, state, skus }: Goods): GoodsDraft {
  return { title, description, pictures, state, skus: skus.map(({ id, name, code, price, listPrice }) => ({ id, name, code, price, listPrice })) };
}

export function available({ skus }: Goods): number {
  return skus.reduce((sum, sku) => sum + sku.available, 0);
}

export function sold({ skus }: Goods): number {
  return skus.reduce((sum, sku) => sum + sku.sold, 0);
}

/** One variant as it stands in the form. */
export interface SkuRow {
  /** For the list on the page; the server does not know it. */
  readonly row: number;
  readonly sku: Sku | null;
  name: string;
  code: string;
  price: string;
  listPrice: string;
  stock: string;
}

let rows = 0;

export function skuRow(sku: Sku | null, currency: string): SkuRow {
  rows += 1;
  return {
    row: rows,
    sku,
    name: sku?.name ?? '',
    code: sku?.code ?? '',
    price: sku ? moneyField(sku.price, currency) : '',
    listPrice: sku?.listPrice ? moneyField(sku.listPrice, currency) : '',
    stock: '',
  };
}

export type SkuField = 'name' | 'price' | 'listPrice' | 'stock';
export type SkuWrong = Partial<Record<SkuField, Extract<Typed, { wrong: unknown }>['wrong'] | 'listBelow'>>;

/** The variant to save, or what is wrong with it. One variant alone needs no name. */
export function readSku(row: SkuRow, currency: string, alone: boolean): { readonly draft: SkuDraft | null; readonly wrong: SkuWrong } {
  const price = readMoney(row.price, currency);
  const listPrice = readMoney(row.listPrice, currency, { empty: 0 });
  const stock: Typed = row.sku ? { value: 0 } : readCount(row.stock, { empty: 0 });
  const wrong: SkuWrong = {};
  if (!row.name.trim() && !alone) wrong.name = 'needed';
  if ('wrong' in price) wrong.price = price.wrong;
  if ('wrong' in listPrice) wrong.listPrice = listPrice.wrong;
  else if ('value' in price && listPrice.value > 0 && listPrice.value <= price.value) wrong.listPrice = 'listBelow';
  if ('wrong' in stock) wrong.stock = stock.wrong;
  if (Object.keys(wrong).length || 'wrong' in price || 'wrong' in listPrice || 'wrong' in stock) return { draft: null, wrong };
  const draft = { name: row.name.trim(), code: row.code.trim(), price: price.value, listPrice: listPrice.value };
  return { draft: row.sku ? { id: row.sku.id, ...draft } : { ...draft, stock: stock.value }, wrong };
}
