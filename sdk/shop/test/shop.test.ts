import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Chat } from '@hawker/tim';
import { FakeServer } from '../../tim/test/fake-server.js';
import { Code, createShop, HawkerError, newKey, SHOP_ERROR, type Shop, shopErrorName } from '../src/index.js';

const server = new FakeServer();
let chat: Chat;
let shop: Shop;

before(async () => {
  await server.start();
  chat = await server.user('bob');
});
after(async () => {
  await chat.destroy();
  await server.stop();
});
beforeEach(() => { shop = createShop({ chat, roomID: 'live_42' }); });
afterEach(() => { server.answers.clear(); server.refuse.clear(); });

/** What the server was asked last under this name. */
const asked = (command: string): Record<string, unknown> => server.last(`live_shop.${command}`).body;
const refused = (field: RegExp) => (error: unknown): boolean =>
  error instanceof HawkerError && error.code === Code.badArgument && field.test(error.message);

const SKU = { Id: 12, Name: 'Blue', Code: 'C-1', Price: 3990, ListPrice: 4990, Available: 3, Held: 1, Sold: 6 };
const GOODS = { Id: 11, Title: 'Cup', Description: '', Pictures: ['/a.jpg'], State: 'on', Skus: [SKU], CreatedAt: 5, ChangedAt: 6 };

describe('the names', () => {
  it('of an answer are the shop\'s, at every depth, without the envelope', async () => {
    server.answers.set('live_shop.get_shelf', { GroupId: 'live_42', Currency: 'CNY', Items: [{ Goods: GOODS, Badge: 'new' }], Pushed: null, Sales: [], Coupons: [] });
    assert.deepEqual(await shop.getShelf(), {
      room: 'live_42', currency: 'CNY', pushed: null, sales: [], coupons: [],
      items: [{
        badge: 'new',
        goods: {
          id: 11, title: 'Cup', description: '', pictures: ['/a.jpg'], state: 'on', createdAt: 5, changedAt: 6,
          skus: [{ id: 12, name: 'Blue', code: 'C-1', price: 3990, listPrice: 4990, available: 3, held: 1, sold: 6 }],
        },
      }],
    });
    assert.deepEqual(asked('get_shelf'), { GroupId: 'live_42' });
  });

  it('of a request are the wire\'s, at every depth, and what is left out is not sent', async () => {
    const address = { name: 'Mei', phone: '1', text: 'Street 1' };
    await shop.createOrder({ lines: [{ sku: 12, quantity: 2 }], claim: 7, address, expectTotal: 7480, key: 'k' });
    assert.deepEqual(asked('create_order'), {
      GroupId: 'live_42', Lines: [{ Sku: 12, Quantity: 2 }], Claim: 7, Address: { Name: 'Mei', Phone: '1', Text: 'Street 1' },
      ExpectTotal: 7480, Key: 'k',
    });
  });
});

describe('every call', () => {
  const rows: [command: string, call: (shop: Shop) => Promise<unknown>, body: Record<string, unknown>][] = [
    ['get_goods', (it) => it.getGoods(11), { Id: 11 }],
    ['claim_coupon', (it) => it.claimCoupon(5, { key: 'k' }), { GroupId: 'live_42', Coupon: 5, Key: 'k' }],
    ['get_order', (it) => it.getOrder(3), { Id: 3 }],
    ['cancel_order', (it) => it.cancelOrder(3), { Id: 3 }],
    ['confirm_order', (it) => it.confirmOrder(3), { Id: 3 }],
    ['send_gift', (it) => it.sendGift('rose', 5, { key: 'k' }), { GroupId: 'live_42', Gift: 'rose', Count: 5, Key: 'k' }],
    ['get_wallet', (it) => it.getWallet(), {}],
    ['top_up', (it) => it.topUp(100, { key: 'k' }), { Coins: 100, Key: 'k' }],
    ['get_board', (it) => it.getBoard(), { GroupId: 'live_42' }],
    ['follow', (it) => it.follow('host'), { User: 'host', GroupId: 'live_42' }],
    ['unfollow', (it) => it.unfollow('host'), { User: 'host', GroupId: 'live_42' }],
    ['is_following', (it) => it.isFollowing('host'), { User: 'host' }],
    ['set_shelf', (it) => it.setShelf([{ goods: 11, badge: 'new' }, { goods: 12 }]), { GroupId: 'live_42', Items: [{ Goods: 11, Badge: 'new' }, { Goods: 12, Badge: '' }] }],
    ['push_goods', (it) => it.pushGoods(11), { GroupId: 'live_42', Goods: 11 }],
    ['push_goods', (it) => it.pushGoods(null), { GroupId: 'live_42', Goods: null }],
    ['start_sale', (it) => it.startSale({ sku: 12, price: 1990, quota: 50, perBuyer: 2, endsAt: 9, key: 'k' }), { GroupId: 'live_42', Sku: 12, Price: 1990, Quota: 50, PerBuyer: 2, EndsAt: 9, Key: 'k' }],
    ['end_sale', (it) => it.endSale(8), { Id: 8 }],
    ['drop_coupon', (it) => it.dropCoupon(5), { GroupId: 'live_42', Coupon: 5 }],
    ['get_sales', (it) => it.getSales(), { GroupId: 'live_42' }],
  ];
  for (const [command, call, body] of rows) {
    it(`${command} asks with what it was given: ${JSON.stringify(body)}`, async () => {
      server.answers.set(`live_shop.${command}`, { Id: 1 });
      assert.deepEqual(await call(shop), { id: 1 });
      assert.deepEqual(asked(command), body);
    });
  }

  const lists: [command: string, call: (shop: Shop) => Promise<unknown[]>][] = [
    ['my_coupons', (it) => it.myCoupons()], ['my_orders', (it) => it.myOrders()], ['get_gifts', (it) => it.getGifts()],
    ['following', (it) => it.following()], ['list_goods', (it) => it.listGoods()], ['list_coupons', (it) => it.listCoupons()],
  ];
  for (const [command, call] of lists) {
    it(`${command} resolves with the list itself`, async () => {
      server.answers.set(`live_shop.${command}`, { Items: [{ Id: 1 }] });
      assert.deepEqual(await call(shop), [{ id: 1 }]);
      server.answers.set(`live_shop.${command}`, {});
      assert.deepEqual(await call(shop), []);
    });
  }
});

describe('keys', () => {
  it('are made for each write, a new one each time', async () => {
    await shop.claimCoupon(5);
    const first = asked('claim_coupon').Key;
    await shop.claimCoupon(5);
    assert.match(String(first), /^[0-9a-f]{32}$/);
    assert.notEqual(asked('claim_coupon').Key, first);
    assert.notEqual(newKey(), newKey());
  });

  it('stay the same when a lost connection makes the request go out again', async () => {
    server.silent.add('live_shop.top_up');
    const request = server.next('live_shop.top_up');
    const answer = shop.topUp(100);
    const { body } = await request;
    server.silent.clear();
    const again = server.next('live_shop.top_up');
    server.cut();
    assert.equal((await again).body.Key, body.Key);
    await answer;
  });
});

describe('what is refused', () => {
  it('by the server comes with the shop\'s number, which has a name', async () => {
    server.refuse.set('live_shop.claim_coupon', SHOP_ERROR.COUPON_GONE);
    await assert.rejects(shop.claimCoupon(5), (error: unknown) =>
      error instanceof HawkerError && error.code === 61007 && shopErrorName(error.code) === 'COUPON_GONE');
    assert.equal(shopErrorName(10010), null);
    assert.equal(new Set(Object.values(SHOP_ERROR)).size, 30);
  });

  it('before anything is sent names the field', async () => {
    const nowhere = createShop({ chat });
    const wrong: [() => unknown, RegExp][] = [
      [() => createShop({} as never), /chat/], [() => createShop(undefined as never), /chat/],
      [() => nowhere.getShelf(), /roomID/], [() => nowhere.sendGift('rose'), /roomID/],
      [() => shop.getGoods(0), /id/], [() => shop.getGoods('11' as never), /id/], [() => shop.getGoods(2 ** 53), /id/],
      [() => shop.claimCoupon(5, { key: '' }), /key/], [() => shop.claimCoupon(5, { key: 'x'.repeat(65) }), /key/],
      [() => shop.createOrder(undefined as never), /order/], [() => shop.createOrder({} as never), /lines/],
      [() => shop.createOrder({ lines: [null] } as never), /lines/],
      [() => shop.createOrder({ lines: [{ sku: 12, quantity: 0 }] }), /lines\.quantity/],
      [() => shop.createOrder({ lines: [{ sku: -1, quantity: 1 }] }), /lines\.sku/],
      [() => shop.sendGift(''), /gift/], [() => shop.sendGift('rose', 1.5), /count/], [() => shop.topUp(0), /coins/],
      [() => shop.follow(''), /userID/], [() => shop.pushGoods(undefined as never), /goods/], [() => shop.setShelf({} as never), /items/],
      [() => shop.startSale({ sku: 12, price: -1, quota: 1, perBuyer: 1, endsAt: 9 }), /price/],
    ];
    const before = server.received.length;
    for (const [call, field] of wrong) await assert.rejects(async () => { await call(); }, refused(field));
    assert.equal(server.received.length, before);
  });

  it('without a room goes on where none is needed', async () => {
    const nowhere = createShop({ chat });
    await nowhere.claimCoupon(5, { key: 'k' });
    assert.deepEqual(asked('claim_coupon'), { Coupon: 5, Key: 'k' });
  });

  it('without a login is what the server says: everybody may look', async () => {
    const stranger = server.chat();
    const shop = createShop({ chat: stranger, roomID: 'live_1' });
    server.answers.set('live_shop.get_shelf', { GroupId: 'live_1', Currency: 'CNY', Items: [], Pushed: null, Sales: [], Coupons: [] });
    assert.equal((await shop.getShelf()).currency, 'CNY');
    server.refuse.set('live_shop.my_orders', 20002);
    await assert.rejects(shop.myOrders(), { code: 20002 });
    await stranger.destroy();
  });
});
