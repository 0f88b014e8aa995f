import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fitWithin, happeningsOf, roomStatus, type ChatMessage } from '../src/index';

function message(type: string, payload: unknown): ChatMessage {
  return { ID: 'm1', type, payload, from: 'viewer', nick: 'Viewer', avatar: '', time: 1700000000 };
}
const deed = { id: 'm1', who: { userID: 'viewer', nick: 'Viewer', avatar: '' }, time: 1700000000 };
const custom = (data: string, extension = '') => message('TIMCustomElem', { data, description: '', extension });
const ledger = (data: string, value: unknown): ChatMessage => ({ ...custom(data, JSON.stringify(value)), cloudCustomData: '{"ledger":1}' });
const tip = (payload: object) => message('TIMGroupTipElem', payload);

test('a text is a comment', () => {
  const said = message('TIMTextElem', { text: '<b>hi</b>' });
  assert.deepEqual(happeningsOf(said), [{ kind: 'comment', ...deed, text: '<b>hi</b>', picture: null, message: said }]);
});

test('a picture is a comment, if a page may load it', () => {
  const size = (url: string, width = 0, sizeType = 1) => ({ url, width, height: width / 2, sizeType });
  const shown = (...sizes: object[]) => {
    const [happening] = happeningsOf(message('TIMImageElem', { imageInfoArray: sizes }));
    return happening?.kind === 'comment' ? happening.picture : null;
  };
  assert.deepEqual(shown(size('http://h/a.png', 400), size('http://h/a-198.jpg', 198, 3), size('http://h/a-720.jpg', 720, 2)),
    { thumb: 'http://h/a-198.jpg', full: 'http://h/a-720.jpg', width: 400, height: 200 });
  assert.deepEqual(shown(size('https://h/only.png')), { thumb: 'https://h/only.png', full: 'https://h/only.png', width: 0, height: 0 });
  for (const url of ['javascript:alert(1)', 'data:text/html,x', '//h/a.png', '', 'file:///etc/passwd']) assert.equal(shown(size(url)), null, url);
  assert.equal(shown(), null);
});

test('a picture has its size before it is there', () => {
  const within = (width: number, height: number) => fitWithin({ thumb: '', full: '', width, height }, 180);
  assert.deepEqual(within(400, 200), { width: 180, height: 90 });
  assert.deepEqual(within(90, 60), { width: 90, height: 60 });
  assert.deepEqual(within(0, 0), { width: 180, height: 180 });
  assert.deepEqual(within(10_000, 10), { width: 180, height: 48 });
});

test('slow mode is a field of the room', () => {
  const field = (value: string) => happeningsOf(message('TIMGroupTipElem',
    { operationType: 6, newGroupProfile: { groupCustomField: [{ key: 'slow_mode', value }] } }));
  for (const [value, seconds] of [['30', 30], ['', 0], ['x', 0], ['-5', 0]] as const) {
    assert.deepEqual(field(value), [{ kind: 'slow', seconds }]);
  }
});

test('custom messages are what their name says, in both spellings', () => {
  assert.deepEqual(happeningsOf(custom('LIKE')), [{ kind: 'like', ...deed }]);
  assert.deepEqual(happeningsOf(custom('SEND_GIFT', 'rose')),
    [{ kind: 'gift', ...deed, real: false, others: 0, gift: { id: 'rose', name: 'rose', count: 1, combo: 1, coins: 0 } }]);
  assert.deepEqual(happeningsOf(custom('BUY_GOODS', 'whatever')), [{ kind: 'buy', ...deed, real: false, others: 0, goods: null }]);
  assert.deepEqual(happeningsOf(custom('USE_COUPON', '5 off')), [{ kind: 'coupon', ...deed, real: false, others: 0, title: '', taken: null }]);
  for (const name of ['ATTENT', 'ATTENTION']) {
    assert.deepEqual(happeningsOf(custom(name)), [{ kind: 'follow', ...deed, following: true }]);
  }
  for (const name of ['CANCELATTENT', 'CANCELATTENTION']) {
    assert.deepEqual(happeningsOf(custom(name)), [{ kind: 'follow', ...deed, following: false }]);
  }
  assert.deepEqual(happeningsOf(custom('SOMETHING_ELSE', 'x')), []);
});

test('what the server tells of the shop is real, with how many others did the same', () => {
  const goods = { id: '11', title: 'Cup', price: 3990, currency: 'CNY', picture: '', listPrice: 0, stock: null, sale: null };
  assert.deepEqual(happeningsOf(ledger('BUY_GOODS', { ...goods, quantity: 1, others: 212, units: 230 })),
    [{ kind: 'buy', ...deed, real: true, others: 212, goods }]);
  assert.deepEqual(happeningsOf(ledger('USE_COUPON', { id: 5, title: '5 off', others: 3, claimed: 4, left: 6 })),
    [{ kind: 'coupon', ...deed, real: true, others: 3, title: '5 off', taken: { id: 5, title: '5 off', others: 3, claimed: 4, left: 6 } }]);
  const told = { skus: [[12, 3]], sales: [] };
  assert.deepEqual(happeningsOf(ledger('GOODS_STOCK', told)), [{ kind: 'stock', stock: told }]);
  for (const [name, kind] of [['COUPON_DROP', 'drop'], ['FLASH_SALE', 'sale']] as const) {
    assert.deepEqual(happeningsOf(ledger(name, { id: 5 })).map((it) => it.kind), [kind]);
    assert.deepEqual(happeningsOf(ledger(name, {})), []);
  }
  assert.deepEqual(happeningsOf(tip({ operationType: 6, newGroupProfile: { groupCustomField: [{ key: 'goods_shelf', value: '4' }] } })), [{ kind: 'shelf' }]);
});

test('a viewer cannot say it: nothing rains, no price falls, nobody else bought', () => {
  for (const name of ['COUPON_DROP', 'FLASH_SALE', 'GOODS_STOCK']) assert.deepEqual(happeningsOf(custom(name, '{"id":5,"skus":[[12,0]]}')), []);
  const [bought] = happeningsOf(custom('BUY_GOODS', '{"title":"Cup","price":1,"others":9999}'));
  assert.ok(bought?.kind === 'buy');
  assert.deepEqual([bought.real, bought.others], [false, 0]);
});

test('a changed profile says what changed, an emptied card is taken away', () => {
  const changed = tip({ operationType: 6, newGroupProfile: {
    groupCustomField: [{ key: 'room_status', value: 'paused' }, { key: 'add_goods', value: '' }],
    notification: 'hello',
    muteAllMembers: true,
  } });
  assert.deepEqual(happeningsOf(changed), [
    { kind: 'status', status: 'paused' },
    { kind: 'goods', goods: null },
    { kind: 'announcement', text: 'hello' },
    { kind: 'mute_all', on: true },
  ]);
});

test('a mute names the member and the seconds', () => {
  assert.deepEqual(happeningsOf(tip({ operationType: 7, memberList: [{ userID: 'viewer', muteTime: 60 }] })),
    [{ kind: 'mute', userID: 'viewer', seconds: 60 }]);
});

test('notices that end a visit say why', () => {
  const why = (operationType: number) => happeningsOf(message('TIMGroupSystemNoticeElem', { operationType }));
  assert.deepEqual(why(4), [{ kind: 'left', why: 'kicked' }]);
  assert.deepEqual(why(5), [{ kind: 'left', why: 'dismissed' }]);
  assert.deepEqual(why(21), [{ kind: 'left', why: 'banned' }]);
  assert.deepEqual(why(255), []);
});

test('a message of an unknown shape means nothing and breaks nothing', () => {
  for (const payload of [null, undefined, 'x', 7, {}, { operationType: 6 }, { operationType: 6, newGroupProfile: 'x' },
    { operationType: 7, memberList: 'x' }]) {
    for (const type of ['TIMGroupTipElem', 'TIMGroupSystemNoticeElem', 'TIMImageElem']) {
      assert.deepEqual(happeningsOf(message(type, payload)), []);
    }
  }
});

test('a status nobody knows is a room that waits', () => {
  assert.equal(roomStatus('live'), 'live');
  assert.equal(roomStatus('party'), 'waiting');
  assert.equal(roomStatus(undefined), 'waiting');
});
