import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EVENT } from '@hawker/tim';
import { FakeServer, nextEvent } from '../../tim/test/fake-server.js';
import { decodeShopEvent, isLedger, SHOP_EVENT, type ShopEventName, shopEventsOf, type ShopMessage } from '../src/index.js';

const LEDGER = '{"ledger":1}';
const about = { userID: 'ann', nick: 'Ann', avatar: '', time: 7, ledger: true };

function custom(data: string, value: unknown, cloudCustomData = LEDGER): ShopMessage {
  const extension = typeof value === 'string' ? value : JSON.stringify(value);
  return { type: 'TIMCustomElem', payload: { data, description: '', extension }, from: 'ann', nick: 'Ann', avatar: '', time: 7, cloudCustomData };
}
function fields(...groupCustomField: { key: string; value: string }[]): ShopMessage {
  return { ...custom('', ''), type: 'TIMGroupTipElem', payload: { operationType: 6, newGroupProfile: { groupCustomField } } };
}

const COUPON = {
  id: 5, title: '5 off', off: { amount: 500 }, threshold: 3000, goods: [11], startsAt: 1, endsAt: 2, stock: 100, perUser: 1,
  claimed: 40, used: 3, left: 60, state: 'open' as const,
};
const SALE = {
  id: 8, room: 'live_42', goods: 11, sku: 12, price: 1990, quota: 50, perBuyer: 2, startsAt: 1, endsAt: 2, held: 1, sold: 9, left: 40,
  state: 'running' as const,
};

describe('an event of the shop', () => {
  const rows: [ShopEventName, object][] = [
    ['BUY_GOODS', { id: 11, title: 'Cup', price: 3990, currency: 'CNY', picture: '/a.jpg', quantity: 2, others: 212, units: 230 }],
    ['USE_COUPON', { id: 5, title: '5 off', others: 3, claimed: 44, left: 56 }],
    ['SEND_GIFT', { id: 'rose', name: '玫瑰', count: 2, coins: 20, combo: 7 }],
    ['ATTENTION', { userID: 'host', followers: 9 }], ['CANCELATTENTION', { userID: 'host', followers: 8 }],
    ['COUPON_DROP', COUPON], ['COUPON_DROP', { ...COUPON, off: { percent: { rate: 20, max: 5000 } } }], ['FLASH_SALE', SALE],
    ['GOODS_STOCK', { skus: [[12, 3]], sales: [[8, 39]] }],
  ];
  for (const [name, data] of rows) {
    it(`${name} is read with its data and who did it`, () => {
      assert.deepEqual(shopEventsOf(custom(name, data)), [{ name, data, ...about }]);
    });
  }

  it('of a room field is the card, the empty card, and the number of the shelf', () => {
    const card = { id: 11, title: 'Cup', price: 3990, currency: 'CNY', picture: '/a.jpg', listPrice: 4990, stock: 3, sale: { id: 8, price: 1990, endsAt: 2 } };
    assert.deepEqual(shopEventsOf(fields({ key: 'add_goods', value: JSON.stringify(card) }, { key: 'goods_shelf', value: '4' }, { key: 'room_status', value: 'live' })),
      [{ name: 'add_goods', data: card, ...about }, { name: 'goods_shelf', data: 4, ...about }]);
    assert.deepEqual(shopEventsOf(fields({ key: 'add_goods', value: '' })), [{ name: 'add_goods', data: null, ...about }]);
  });

  it('that a viewer sends is told from one that the server made', () => {
    const [event] = shopEventsOf(custom('BUY_GOODS', { title: 'Cup' }, ''));
    assert.equal(event?.ledger, false);
    for (const [text, want] of [[LEDGER, true], ['', false], ['{', false], ['null', false], ['1', false], ['{"ledger":"1"}', false]] as const) {
      assert.equal(isLedger({ cloudCustomData: text }), want, text);
    }
    assert.equal(isLedger({}), false);
  });

  it('with a broken value is none, and nothing else is one', () => {
    for (const value of ['', '{', 'null', '[]', '7', '"x"']) assert.deepEqual(shopEventsOf(custom('COUPON_DROP', value)), []);
    assert.equal(decodeShopEvent(SHOP_EVENT.COUPON_DROP, '{}'), null);
    assert.equal(decodeShopEvent(SHOP_EVENT.ADD_GOODS, '{"title":7.5}')?.title, '7.5');
    assert.deepEqual(decodeShopEvent(SHOP_EVENT.GOODS_STOCK, '{"skus":[1,["2","x"]]}'), { skus: [[2, 0]], sales: [] });
    for (const name of ['LIKE', 'constructor', 'toString', '__proto__', '']) assert.deepEqual(shopEventsOf(custom(name, {})), []);
    for (const payload of [null, 7, {}, { operationType: 6 }, { operationType: 6, newGroupProfile: 'x' }]) {
      for (const type of ['TIMCustomElem', 'TIMGroupTipElem', 'TIMTextElem']) assert.deepEqual(shopEventsOf({ ...custom('', ''), type, payload }), []);
    }
  });
});

describe('over a connection', () => {
  const server = new FakeServer();
  before(() => server.start());
  after(() => server.stop());

  it('a purchase in a room is heard with the server\'s mark', async () => {
    const room = server.room('live_42');
    const chat = await server.user('bob');
    await chat.joinGroup({ groupID: 'live_42' });
    const told = nextEvent(chat, EVENT.MESSAGE_RECEIVED);
    const value = { id: 11, title: 'Cup', price: 3990, currency: 'CNY', picture: '', quantity: 1, others: 0, units: 1 };
    server.publish(room, 3, [{ MsgType: 'TIMCustomElem', MsgContent: { Data: 'BUY_GOODS', Desc: '', Ext: JSON.stringify(value) } }], 'ann', { CloudCustomData: LEDGER });
    const [message] = await told as ShopMessage[];
    assert.ok(message);
    const [event] = shopEventsOf(message);
    assert.deepEqual([event?.name, event?.data, event?.userID, event?.ledger], ['BUY_GOODS', value, 'ann', true]);
    await chat.destroy();
  });
});
