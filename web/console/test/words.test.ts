import { test } from 'node:test';
import assert from 'node:assert/strict';
import { conditionText, couponLook, offText } from '../src/couponText';
import { Problem, problemOf } from '../src/http';
import { reportOf, reportRows, wrongLines } from '../src/importReport';
import { fieldTexts, problemText } from '../src/problems';
import type { Coupon } from '../src/types';
import { en, zh } from '../src/words/all';

/** Every refusal that the shop knows. */
const REFUSALS = [
  'goods_missing', 'sku_missing', 'sold_out', 'sale_not_running', 'over_limit', 'coupon_missing', 'coupon_gone', 'coupon_not_now',
  'coupon_below_threshold', 'coupon_not_for_goods', 'claim_spent', 'claim_missing', 'order_missing', 'order_state', 'price_changed',
  'amount_mismatch', 'currency_mismatch', 'transaction_reused', 'refund_too_much', 'gift_missing', 'balance_low', 'key_reused', 'bad_amount',
  'order_empty', 'not_for_sale', 'too_late', 'payment_missing', 'stock_in_use', 'sale_missing', 'not_yourself', 'bad_parameter', 'too_many',
  'too_long', 'not_allowed', 'room_missing', 'account_missing', 'busy', 'too_often',
];

const money = (minor: number) => `¥${minor / 100}`;

test('every refusal has a sentence of its own in both languages', () => {
  for (const words of [en, zh]) {
    const told = REFUSALS.map((code) => problemText(new Problem(422, code), words));
    assert.equal(new Set(told).size, REFUSALS.length);
    for (const sentence of told) assert.match(sentence, /[.。]$/);
  }
});

test('no Chinese sentence was left in English', () => {
  for (const code of REFUSALS) assert.match(problemText(new Problem(422, code), zh), /[\u4e00-\u9fff]/);
});

test('an unknown refusal is told by its status, and a silent server by its silence', () => {
  assert.equal(problemText(new Problem(403, 'something_new'), en), en.byStatus[403]);
  assert.equal(problemText(new Problem(503, ''), en), en.byStatus[500]);
  assert.equal(problemText(new Problem(418, 'toString'), en), en.byStatus.other);
  assert.equal(problemText(new Problem(0, 'unreachable'), zh), zh.refusals.unreachable);
});

test('fields are told in the language of the page', () => {
  const fields = [{ field: 'url', message: 'the address is in a private network' }];
  assert.deepEqual(fieldTexts({ code: 'private_address', fields }, zh), { url: zh.refusals.private_address });
  assert.deepEqual(fieldTexts({ code: 'bad_parameter', fields: [{ field: 'name', message: '1 to 60 characters' }] }, en), { name: 'Please check this: 1 to 60 characters.' });
  assert.match(fieldTexts({ code: 'bad_parameter', fields }, zh)['url'] ?? '', /^请检查/);
});

test('a problem document is read with whatever it holds', () => {
  const problem = problemOf(429, '7', { code: 'too_often', detail: 'wait', fields: [] });
  assert.deepEqual([problem.status, problem.code, problem.detail, problem.retryAfter, problem.decided], [429, 'too_often', 'wait', 7, true]);
  const broken = problemOf(502, null, null);
  assert.deepEqual([broken.code, broken.retryAfter, broken.decided], ['', 0, false]);
});

test('a refused file is a report, line by line in the order of the file', () => {
  const errors = [
    { line: 9, field: 'price', code: 'bad_amount', message: 'not a price' },
    { line: 2, field: 'stock', code: 'bad_parameter', message: 'not a number' },
    { line: 9, field: 'title', code: 'too_long', message: '' },
  ];
  const report = reportOf(new Problem(422, 'bad_parameter', '', [], 0, { rows: 12, errors }));
  assert.ok(report);
  assert.equal(wrongLines(report), 2);
  assert.deepEqual(reportRows(report, en), [
    { line: 2, field: 'stock', text: 'Not valid in this column: not a number.' },
    { line: 9, field: 'price', text: en.refusals.bad_amount },
    { line: 9, field: 'title', text: en.refusals.too_long },
  ]);
});

test('a refusal without lines is no report', () => {
  assert.equal(reportOf(new Problem(413, 'too_large', '', [], 0, { code: 'too_large' })), null);
  assert.equal(reportOf(new Problem(0, 'unreachable')), null);
});

test('twenty percent off are 8 折 in Chinese', () => {
  assert.equal(offText({ percent: { rate: 20, max: 0 } }, zh, money), '8 折');
  assert.equal(offText({ percent: { rate: 15, max: 0 } }, zh, money), '8.5 折');
  assert.equal(offText({ percent: { rate: 20, max: 5000 } }, en, money), '20% off, at most ¥50');
  assert.equal(offText({ amount: 500 }, en, money), '¥5 off');
  assert.equal(conditionText({ threshold: 3000, goods: [] }, zh, money), '满 ¥30 · 全店通用');
});

test('a coupon that is open but empty, early or late does not look open', () => {
  const coupon = { state: 'open', startsAt: 10, endsAt: 20, left: 1 } as Coupon;
  assert.equal(couponLook(coupon, 10), 'open');
  assert.equal(couponLook(coupon, 9), 'scheduled');
  assert.equal(couponLook(coupon, 20), 'over');
  assert.equal(couponLook({ ...coupon, left: 0 }, 15), 'gone');
  assert.equal(couponLook({ ...coupon, state: 'closed' }, 15), 'closed');
});
