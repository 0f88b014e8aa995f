import { test } from 'node:test';
import assert from 'node:assert/strict';
import { couponForm, readCoupon } from '../src/couponDraft';
import { readSku, skuRow } from '../src/goodsDraft';
import { AMOUNT_MAX, moneyField, readCount, readMoney } from '../src/money';
import { readSale } from '../src/saleDraft';
import type { Coupon, Sku } from '../src/types';

const NOW = Date.UTC(2026, 10, 20, 12);
const sku: Sku = { id: 7, name: 'Blue', code: 'B', price: 3990, listPrice: 5900, available: 12, held: 1, sold: 4 };

test('an amount is read in the currency of the shop, and each mistake has its own name', () => {
  assert.deepEqual(readMoney('39.90', 'CNY'), { value: 3990 });
  assert.deepEqual(readMoney('500', 'JPY'), { value: 500 });
  assert.deepEqual(readMoney('', 'CNY'), { wrong: 'needed' });
  assert.deepEqual(readMoney('', 'CNY', { empty: 0 }), { value: 0 });
  assert.deepEqual(readMoney('-1', 'CNY'), { wrong: 'badMoney' });
  assert.deepEqual(readMoney('1.999', 'CNY'), { wrong: 'badMoney' });
  assert.deepEqual(readMoney('0', 'CNY', { min: 1 }), { wrong: 'tooSmall' });
  assert.deepEqual(readMoney('50.01', 'CNY', { max: 5000 }), { wrong: 'tooLarge' });
  assert.deepEqual(readMoney('999999999999', 'CNY'), { wrong: 'tooLarge' });
  assert.deepEqual(readMoney('10000000000', 'CNY'), { value: AMOUNT_MAX });
});

test('an amount survives the way into a field and out of it', () => {
  for (const minor of [0, 1, 99, 100, 3990, AMOUNT_MAX]) assert.deepEqual(readMoney(moneyField(minor, 'CNY'), 'CNY'), { value: minor });
});

test('a count is whole, and negative only where a change is asked for', () => {
  assert.deepEqual(readCount('12'), { value: 12 });
  assert.deepEqual(readCount('+5', { min: -3 }), { value: 5 });
  assert.deepEqual(readCount('−3', { min: -3 }), { value: -3 });
  assert.deepEqual(readCount('-4', { min: -3 }), { wrong: 'tooSmall' });
  assert.deepEqual(readCount('-1'), { wrong: 'tooSmall' });
  assert.deepEqual(readCount('1.5'), { wrong: 'badNumber' });
  assert.deepEqual(readCount('1e3'), { wrong: 'badNumber' });
  assert.deepEqual(readCount('9999999999999'), { wrong: 'tooLarge' });
});

test('a known variant keeps its id and says nothing about stock; a new one starts with some', () => {
  assert.deepEqual(readSku(skuRow(sku, 'CNY'), 'CNY', true).draft, { id: 7, name: 'Blue', code: 'B', price: 3990, listPrice: 5900 });
  const fresh = { ...skuRow(null, 'CNY'), name: ' Red ', price: '12', stock: '30' };
  assert.deepEqual(readSku(fresh, 'CNY', false).draft, { name: 'Red', code: '', price: 1200, listPrice: 0, stock: 30 });
});

test('a variant with mistakes is not sent, and each field says why', () => {
  const bad = { ...skuRow(null, 'CNY'), price: 'x', listPrice: '1', stock: '-2' };
  const { draft, wrong } = readSku(bad, 'CNY', false);
  assert.equal(draft, null);
  assert.deepEqual(wrong, { name: 'needed', price: 'badMoney', stock: 'tooSmall' });
  assert.deepEqual(readSku({ ...bad, price: '39', listPrice: '39', stock: '' }, 'CNY', true).wrong, { listPrice: 'listBelow' });
});

test('a coupon is the same after it was shown in the form', () => {
  const coupon: Coupon = {
    id: 3, title: 'Spring', off: { percent: { rate: 20, max: 5000 } }, threshold: 9900, goods: [4, 5], startsAt: NOW, endsAt: NOW + 3_600_000,
    stock: 50, perUser: 2, claimed: 0, used: 0, left: 50, state: 'open',
  };
  const { id, claimed, used, left, state, ...draft } = coupon;
  assert.deepEqual([id, claimed, used, left, state], [3, 0, 0, 50, 'open']);
  assert.deepEqual(readCoupon(couponForm(coupon, 'CNY', NOW), 'CNY').draft, draft);
});

test('a coupon that makes no sense is told field by field', () => {
  const form = couponForm(null, 'CNY', NOW);
  assert.deepEqual(readCoupon(form, 'CNY').wrong, { title: 'needed', amount: 'needed' });
  const percent = { ...form, title: 'x', kind: 'percent' as const, rate: '120', scope: 'goods' as const, stock: '0', endsAt: form.startsAt };
  assert.deepEqual(readCoupon(percent, 'CNY').wrong, { rate: 'badRate', goods: 'needGoods', stock: 'tooSmall', endsAt: 'endBefore' });
});

test('a flash sale is cheaper than usual and of pieces that exist', () => {
  assert.deepEqual(readSale({ price: '19.90', quota: '12', perBuyer: '1' }, sku, 'CNY').terms, { price: 1990, quota: 12, perBuyer: 1 });
  assert.deepEqual(readSale({ price: '39.90', quota: '13', perBuyer: '0' }, sku, 'CNY').wrong, { price: 'notCheaper', quota: 'moreThanStock', perBuyer: 'tooSmall' });
});
