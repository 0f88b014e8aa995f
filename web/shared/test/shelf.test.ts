import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Claim, Coupon, Goods, Sale, Shelf, Sku } from '@hawker/shop';
import { bestClaim, claimDiscount, discountOf, goodsOfferOf, isClaimable, offerOf, withSale, withStock, withTaken } from '../src/index';

const NOW = 1_000;
const sku = (id: number, more: Partial<Sku> = {}): Sku => ({ id, name: `v${id}`, code: '', price: 4000, listPrice: 0, available: 5, held: 0, sold: 0, ...more });
const goods = (id: number, ...skus: Sku[]): Goods =>
  ({ id, title: `Goods ${id}`, description: '', pictures: [], state: 'on', skus, createdAt: 0, changedAt: 0 });
const sale = (more: Partial<Sale> = {}): Sale => ({
  id: 90, room: 'r', goods: 1, sku: 11, price: 2000, quota: 10, perBuyer: 1, startsAt: 0, endsAt: NOW + 1, held: 0, sold: 0, left: 3, state: 'running', ...more,
});
const shelf = (items: Goods[], sales: Sale[] = []): Shelf =>
  ({ room: 'r', currency: 'CNY', items: items.map((it) => ({ goods: it, badge: '' })), pushed: null, sales, coupons: [] });
const coupon = (more: Partial<Coupon> = {}): Coupon => ({
  id: 5, title: '', off: { amount: 500 }, threshold: 0, goods: [], startsAt: 0, endsAt: NOW + 1, stock: 10, perUser: 1, claimed: 0, used: 0, left: 10, state: 'open', ...more,
});
const claim = (id: number, of: Coupon, state: Claim['state'] = 'held'): Claim => ({ id, coupon: of, state, at: 0, order: null });
const WANTED = [{ goods: 1, price: 999, quantity: 1 }, { goods: 2, price: 2000, quantity: 2 }];

test('a flash sale gives the price while it runs, strikes out the other, and no more than its quota is left', () => {
  const it = sku(11, { listPrice: 4500 });
  assert.deepEqual(offerOf(shelf([], [sale()]), it, NOW), { sku: it, price: 2000, listPrice: 4500, left: 3, sale: sale() });
  assert.equal(offerOf(shelf([], [sale()]), sku(11), NOW).listPrice, 4000);
  for (const over of [{ endsAt: NOW }, { startsAt: NOW + 1, endsAt: NOW + 2, state: 'scheduled' as const }, { sku: 12 }]) {
    assert.equal(offerOf(shelf([], [sale(over)]), it, NOW).price, 4000);
  }
  assert.equal(offerOf(shelf([], [sale({ left: 0 })]), it, NOW).left, 0, 'sold out until it is over');
  assert.equal(offerOf(shelf([], [sale()]), sku(11, { available: 1 }), NOW).left, 1);
});

test('goods cost what their cheapest variant costs that can be had', () => {
  const three = goods(1, sku(11, { available: 0, price: 1000 }), sku(12, { price: 3000 }), sku(13, { price: 5000 }));
  const offer = goodsOfferOf(shelf([three]), three, NOW);
  assert.deepEqual([offer?.sku.id, offer?.price, offer?.from, offer?.total], [12, 3000, true, 10]);
  const one = goods(1, sku(11, { price: 3000 }), sku(12, { price: 5000, available: 0 }));
  assert.equal(goodsOfferOf(shelf([one]), one, NOW)?.from, false);
  const gone = goods(1, sku(11, { available: 0, price: 1000 }), sku(12, { available: 0 }));
  assert.deepEqual([goodsOfferOf(shelf([gone]), gone, NOW)?.price, goodsOfferOf(shelf([gone]), gone, NOW)?.left], [1000, 0]);
  assert.equal(goodsOfferOf(shelf([]), goods(1), NOW), null);
});

test('what the room hears of stock and sales is on the shelf', () => {
  const before = shelf([goods(1, sku(11), sku(12))], [sale()]);
  const after = withStock(before, { skus: [[11, 2], [77, 1]], sales: [[90, 1]] });
  assert.deepEqual(after.items[0]?.goods.skus.map(({ available }) => available), [2, 5]);
  assert.equal(after.sales[0]?.left, 1);
  assert.equal(before.sales[0]?.left, 3);
  assert.deepEqual(withSale(before, sale({ state: 'over' })).sales, []);
  assert.deepEqual(withSale(before, sale({ left: 0 })).sales.map(({ left }) => left), [0]);
  assert.equal(withSale(shelf([]), sale()).sales.length, 1);
  const taken = withTaken([coupon(), coupon({ id: 6 })], { id: 5, title: '', others: 0, claimed: 4, left: 6 });
  assert.deepEqual(taken.map(({ claimed, left }) => [claimed, left]), [[4, 6], [0, 10]]);
});

test('a coupon takes off what it says, of the goods it is for, and never more than they cost', () => {
  const rows: [Partial<Coupon>, number | string][] = [
    [{}, 500], [{ off: { amount: 9999 } }, 4999], [{ goods: [1], off: { amount: 9999 } }, 999],
    [{ off: { percent: { rate: 20, max: 0 } }, goods: [1] }, 199], [{ off: { percent: { rate: 20, max: 100 } } }, 100],
    [{ threshold: 4999 }, 500], [{ threshold: 5000 }, 'below'], [{ goods: [2], threshold: 4001 }, 'below'],
    [{ goods: [3] }, 'not_for'], [{ endsAt: NOW }, 'not_now'], [{ startsAt: NOW + 1 }, 'not_now'],
  ];
  for (const [more, want] of rows) assert.equal(discountOf(coupon(more), WANTED, NOW), want, JSON.stringify(more));
});

test('the best claim is the one that saves most and can be used', () => {
  const claims = [
    claim(1, coupon()), claim(2, coupon({ off: { amount: 900 } })), claim(3, coupon({ off: { amount: 2000 } }), 'used'),
    claim(4, coupon({ off: { amount: 3000 }, threshold: 99_999 })),
  ];
  assert.equal(bestClaim(claims, WANTED, NOW)?.id, 2);
  assert.equal(bestClaim([], WANTED, NOW), null);
  assert.equal(bestClaim(claims, [], NOW), null);
  assert.equal(claimDiscount(claim(3, coupon(), 'reserved'), WANTED, NOW), 'spent');
});

test('who has all that one user gets cannot claim more', () => {
  assert.equal(isClaimable(coupon(), [], NOW), true);
  assert.equal(isClaimable(coupon(), [claim(1, coupon(), 'used')], NOW), false);
  assert.equal(isClaimable(coupon({ perUser: 2 }), [claim(1, coupon())], NOW), true);
  for (const not of [{ left: 0 }, { state: 'closed' as const }, { endsAt: NOW }, { startsAt: NOW + 1 }]) assert.equal(isClaimable(coupon(not), [], NOW), false);
});
