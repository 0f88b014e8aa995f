import { test } from 'node:test';
import assert from 'node:assert/strict';
import { address } from '../src/http';
import { refundable, stepsOf } from '../src/orderRules';
import { pretty } from '../src/pretty';
import { hashFor, NEW, PAGES, parseHash, setupToken, type PageName } from '../src/router';
import { axisTop, bucketed } from '../src/series';
import { moved } from '../src/sort';
import { SubmitKey } from '../src/submitKey';
import { countdown, dayBounds, readTime, timeField } from '../src/times';

test('every page is found again under its address, whatever its id holds', () => {
  for (const page of Object.keys(PAGES) as PageName[]) {
    const id = PAGES[page].includes(':id') ? 'a/b?c#d 茶' : '';
    assert.deepEqual(parseHash(hashFor(page, id, { q: 'tea & 茶' })), { page, id, query: { q: 'tea & 茶' } });
  }
});

test('an address that names no page is no page', () => {
  assert.equal(parseHash('#/nowhere').page, null);
  assert.equal(parseHash('#/orders/1/2/3').page, null);
  assert.equal(parseHash('').page, 'overview');
  assert.equal(parseHash('#setup=abc').page, 'overview');
  assert.deepEqual(parseHash('#/goods/new'), { page: 'goods', id: NEW, query: {} });
  assert.equal(parseHash('#/rooms/%E0%A4%A').id, '%E0%A4%A');
});

test('the set-up token is read from the printed link alone', () => {
  assert.equal(setupToken('#setup=abc123'), 'abc123');
  assert.equal(setupToken('#/orders?setup=abc'), '');
  assert.equal(setupToken(''), '');
});

test('empty filters do not travel', () => {
  assert.equal(address('/orders', { q: '', state: 'paid', from: null, cursor: undefined, to: 0 }), '/api/v1/orders?state=paid&to=0');
  assert.equal(address('/goods'), '/api/v1/goods');
});

test('a retry carries the same key; another text or a decision makes a new one', () => {
  let made = 0;
  const key = new SubmitKey(() => `key-${(made += 1)}`);
  assert.equal(key.for({ a: 1 }), 'key-1');
  assert.equal(key.for({ a: 1 }), 'key-1');
  assert.equal(key.for({ a: 2 }), 'key-2');
  key.settled();
  assert.equal(key.for({ a: 2 }), 'key-3');
});

test('a row that is moved takes the others along', () => {
  assert.deepEqual(moved(['a', 'b', 'c', 'd'], 0, 2), ['b', 'c', 'a', 'd']);
  assert.deepEqual(moved(['a', 'b', 'c', 'd'], 3, 0), ['d', 'a', 'b', 'c']);
  assert.deepEqual(moved(['a', 'b'], 0, 9), ['b', 'a']);
  assert.deepEqual(moved(['a', 'b'], 7, 0), ['a', 'b']);
});

test('only what was paid can go back, and never more', () => {
  const order = { state: 'paid', total: 1000, refunded: 300, paidLate: false } as const;
  assert.equal(refundable(order), 700);
  assert.equal(refundable({ ...order, state: 'created' }), 0);
  assert.equal(refundable({ ...order, state: 'cancelled' }), 0);
  assert.equal(refundable({ ...order, state: 'cancelled', paidLate: true }), 700);
});

test('a cancelled order shows how far it came', () => {
  const order = { createdAt: 1, paidAt: 0, shippedAt: 0, doneAt: 0, cancelledAt: 5 };
  assert.deepEqual(stepsOf(order).map(({ name }) => name), ['created', 'cancelled']);
  assert.deepEqual(stepsOf({ ...order, cancelledAt: 0 }).map(({ name }) => name), ['created', 'paid', 'shipped', 'done']);
  assert.deepEqual(stepsOf({ ...order, paidAt: 9 }).map(({ name }) => name), ['created', 'cancelled', 'paid']);
});

test('a time survives the field, to the minute', () => {
  const ms = new Date(2026, 10, 20, 19, 5).getTime();
  assert.equal(timeField(ms), '2026-11-20T19:05');
  assert.equal(readTime(timeField(ms)), ms);
  assert.equal(timeField(0), '');
  assert.equal(readTime(''), 0);
  assert.equal(readTime('nonsense'), 0);
});

test('a day ends where the next begins', () => {
  const day = dayBounds('2026-11-20');
  assert.ok(day);
  assert.equal(day.from, new Date(2026, 10, 20).getTime());
  assert.equal(day.to, new Date(2026, 10, 21).getTime());
  assert.equal(dayBounds(''), null);
});

test('a clock runs down to nought and stays there', () => {
  assert.equal(countdown(65_000), '1:05');
  assert.equal(countdown(59_001), '1:00');
  assert.equal(countdown(750_000), '12:30');
  assert.equal(countdown(3_723_000), '1:02:03');
  assert.equal(countdown(-1), '0:00');
});

test('neighbouring minutes become one bar, and nothing is lost', () => {
  const points = Array.from({ length: 130 }, (_, at) => ({ at, value: 1 }));
  const bars = bucketed(points, 60);
  assert.ok(bars.length <= 60);
  assert.equal(bars.reduce((sum, { value }) => sum + value, 0), 130);
  assert.deepEqual(bucketed([], 60), []);
});

test('an axis ends at a round number at or above the largest', () => {
  const rows: [number, number][] = [[0, 1], [1, 1], [7, 10], [18, 20], [21, 25], [190_000, 200_000], [2_600, 5_000]];
  for (const [largest, top] of rows) assert.equal(axisTop(largest), top);
});

test('JSON is laid out, other answers stay', () => {
  assert.equal(pretty('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(pretty('<h1>502</h1>'), '<h1>502</h1>');
  assert.equal(pretty(null), '');
});
