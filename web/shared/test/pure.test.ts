import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  byteLength, CommentRing, couponFace, decodeGift, decodeGoods, formatCount, formatCountdown, formatPrice, groupFromPath, hueOf, initial, majorText, parsePrice, pageAddress, preferredLanguage, readFragment,
  roomPath, truncateBytes,
} from '../src/index';

test('a price is written as the language and the currency ask', () => {
  const rows: [number, string, string, string][] = [
    [3990, 'CNY', 'zh-CN', '¥39.90'],
    [4000, 'CNY', 'zh-CN', '¥40'],
    [3990, 'CNY', 'en', '¥39.90'],
    [1299, 'USD', 'en', '$12.99'],
    [500, 'JPY', 'en', '¥500'],
    [1234567, 'KWD', 'en', 'KWD 1,234.567'],
    [0, 'EUR', 'en', '€0'],
    [3990, 'not a code', 'en', 'not a code 39.90'],
    [3990, '', 'en', '39.90'],
  ];
  for (const [minor, currency, locale, want] of rows) {
    assert.equal(formatPrice(minor, currency, locale).replace(/\u00a0/g, ' '), want);
  }
});

test('the point of a large price is moved in the text and loses nothing', () => {
  assert.equal(majorText(9007199254740991, 2), '90071992547409.91');
  assert.equal(majorText(5, 2), '0.05');
  assert.equal(majorText(-1999, 2), '-19.99');
});

test('a typed price becomes minor units or is refused', () => {
  const rows: [string, string, number | null][] = [
    ['39.9', 'CNY', 3990], ['39,90', 'EUR', 3990], ['39', 'CNY', 3900], [' 7. ', 'CNY', 700], ['500', 'JPY', 500],
    ['0.1', 'CNY', 10], ['500.5', 'JPY', null], ['1.999', 'CNY', null], ['-1', 'CNY', null], ['1e3', 'CNY', null],
    ['', 'CNY', null], ['abc', 'CNY', null], ['1.234', 'KWD', 1234],
  ];
  for (const [text, currency, want] of rows) assert.equal(parsePrice(text, currency), want, text);
});

test('lengths are bytes of UTF-8', () => {
  assert.equal(byteLength('abc'), 3);
  assert.equal(byteLength('直播'), 6);
  assert.equal(byteLength('🎁'), 4);
});

test('a text is cut between characters, never inside one', () => {
  assert.equal(truncateBytes('直播间', 7), '直播');
  assert.equal(truncateBytes('a🎁b', 4), 'a');
  assert.equal(truncateBytes('short', 300), 'short');
});

test('a goods card of the shop says what is left, and what a flash sale asks', () => {
  const card = {
    id: '11', title: '手工茶杯', price: 3990, currency: 'CNY', picture: 'https://example.com/cup.jpg', listPrice: 5990, stock: 3,
    sale: { id: 8, price: 1990, endsAt: 1_700_000_000_000 },
  };
  assert.deepEqual(decodeGoods(JSON.stringify({ ...card, id: 11 })), card);
});

test('a card of any other application has neither', () => {
  const card = { id: 'g1', title: 'Cup', price: 3990, currency: 'CNY', picture: '' };
  const plain = { ...card, listPrice: 0, stock: null, sale: null };
  assert.deepEqual(decodeGoods(JSON.stringify(card)), plain);
  for (const broken of [{ stock: '3' }, { listPrice: -1 }, { sale: 7 }, { sale: {} }, { sale: { id: 1, price: 1.5, endsAt: 1 } }]) {
    assert.deepEqual(decodeGoods(JSON.stringify({ ...card, ...broken })), plain);
  }
});

test('what is not a goods card is no card', () => {
  for (const text of ['', '{', '[]', 'null', '"cup"', '{"title":"","price":1}', '{"title":"cup"}',
    '{"title":"cup","price":"1"}', '{"title":"cup","price":1.5}', '{"title":"cup","price":-1}', '{"title":7,"price":1}']) {
    assert.equal(decodeGoods(text), null, text);
  }
  assert.equal(decodeGoods(undefined), null);
});

test('only ordinary addresses are loaded as pictures', () => {
  assert.equal(pageAddress(' https://example.com/a.jpg '), 'https://example.com/a.jpg');
  assert.equal(pageAddress('/demo/cup.svg'), '/demo/cup.svg');
  for (const bad of ['javascript:alert(1)', 'data:image/svg+xml,<svg/>', '//elsewhere/a.jpg', 'a.jpg', '']) {
    assert.equal(pageAddress(bad), '');
  }
});

test('the ring keeps the newest and takes a comment once', () => {
  const ring = new CommentRing<{ id: string }>(3);
  for (const id of ['1', '2', '2', '3', '4', '5']) ring.push({ id });
  assert.deepEqual(ring.list().map((it) => it.id), ['3', '4', '5']);
  assert.equal(ring.forgotten, 2);
  assert.equal(ring.push({ id: '5' }), false);
  assert.equal(ring.remove('4'), true);
  assert.equal(ring.remove('4'), false);
  assert.deepEqual(ring.list().map((it) => it.id), ['3', '5']);
});

test('gifts of the shop and of any application are read, and counts stay sane', () => {
  const shop = { id: 'rose', name: '玫瑰', count: 3, coins: 30, combo: 12 };
  assert.deepEqual(decodeGift(JSON.stringify(shop)), shop);
  const one = { count: 1, combo: 1, coins: 0 };
  assert.deepEqual(decodeGift('rocket'), { id: 'rocket', name: 'rocket', ...one });
  assert.deepEqual(decodeGift('{"name":"大飞机","num":2}'), { id: null, name: '大飞机', count: 2, combo: 2, coins: 0 });
  assert.equal(decodeGift('{"id":"rose","count":1e9}').count, 9999);
  assert.equal(decodeGift('{"id":"rose","count":5,"combo":2}').combo, 5);
  assert.deepEqual(decodeGift('{"id":"rose","count":"x","combo":{},"coins":-5}'), { id: 'rose', name: 'rose', ...one });
  assert.equal(decodeGift('').name, '');
  assert.equal(decodeGift('{"gift":"tea","name":"Milk tea"}').id, 'tea');
});

test('a coupon says large what it takes off', () => {
  const percent = (rate: number) => ({ percent: { rate, max: 0 } });
  assert.equal(couponFace({ amount: 500 }, 'CNY', 'zh'), '¥5');
  assert.equal(couponFace({ amount: 550 }, 'USD', 'en'), '$5.50');
  assert.deepEqual([20, 25, 7].map((rate) => couponFace(percent(rate), 'CNY', 'zh')), ['8折', '7.5折', '9.3折']);
  assert.equal(couponFace(percent(20), 'CNY', 'en'), '20% off');
});

test('a countdown shows hours only when there are some, and ends at nothing', () => {
  assert.deepEqual([0, -5, 999, 61_000, 3_599_000, 3_723_000, 90_000_000].map(formatCountdown),
    ['0:00', '0:00', '0:01', '1:01', '59:59', '1:02:03', '25:00:00']);
});

test('the address names the room, also with escaped characters', () => {
  assert.equal(groupFromPath('/room/live_42'), 'live_42');
  assert.equal(groupFromPath(roomPath('@TGS#E/1 x')), '@TGS#E/1 x');
  assert.equal(groupFromPath('/room/%E0%A4%A'), '%E0%A4%A');
  assert.equal(groupFromPath('/studio'), '');
});

test('the fragment signs in only with both user and signature', () => {
  assert.deepEqual(readFragment('#room=r&user=u&sig=a*b-_'), { room: 'r', credentials: { userID: 'u', userSig: 'a*b-_' } });
  assert.deepEqual(readFragment('#user=u'), { room: '', credentials: null });
  assert.deepEqual(readFragment(''), { room: '', credentials: null });
});

test('the remembered language wins, then what the browser asks for', () => {
  assert.equal(preferredLanguage('en', ['zh-CN']), 'en');
  assert.equal(preferredLanguage(null, ['fr', 'zh-Hant-TW', 'en']), 'zh');
  assert.equal(preferredLanguage('xx', ['en-GB']), 'en');
  assert.equal(preferredLanguage(null, ['fr']), 'en');
});

test('counts are exact while small', () => {
  assert.equal(formatCount(9431, 'en'), '9,431');
  assert.equal(formatCount(12_345, 'en'), '12.3K');
  assert.equal(formatCount(12_345, 'zh-CN'), '1.2万');
});

test('a person keeps one colour and one letter', () => {
  assert.equal(hueOf('viewer'), hueOf('viewer'));
  assert.equal(initial('mei'), 'M');
  assert.equal(initial('👩‍🌾 farm'), '👩‍🌾');
  assert.equal(initial(''), '?');
});
