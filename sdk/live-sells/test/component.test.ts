import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Chat } from '@hawker/tim';
import { FakeServer } from '../../tim/test/fake-server.js';
import TIMLiveSell, { type DataOf, EVENT, type Happening, TLS } from '../src/index.js';

const server = new FakeServer();
const components: TIMLiveSell<Chat>[] = [];

before(() => server.start());
after(() => server.stop());
beforeEach(() => { server.rooms.clear(); server.refuse.clear(); server.memberFields.clear(); server.room('room'); });
afterEach(async () => { for (const tls of components.splice(0)) await tls.destroy(); });

function make(userName: string, options = {}): TIMLiveSell<Chat> {
  const tls = new TIMLiveSell({ SDKAppID: 1400000001, userSig: 'signature', userName, roomID: 'room', TIM: server.tim, ...options });
  tls.tim.setLogLevel(4);
  components.push(tls);
  return tls;
}

function next<E extends string>(tls: TIMLiveSell<Chat>, name: E): Promise<DataOf<E>> {
  return new Promise((resolve) => { tls.once(name, resolve); });
}

async function ready(userName: string, options = {}): Promise<TIMLiveSell<Chat>> {
  const tls = make(userName, options);
  await next(tls, EVENT.SDK_READY);
  return tls;
}

async function joined(userName: string): Promise<TIMLiveSell<Chat>> {
  const tls = await ready(userName);
  await tls.joinRoom();
  return tls;
}

const BOB = { nick: 'Nick of bob', avatar: 'https://img.example/bob', userID: 'bob' };
/** What the own profile says in these tests: a nick and no picture. */
const OWN = { nick: 'Nick of bob', avatar: '', userID: 'bob' };

describe('event names', () => {
  it('are under the class, the default and the named export', () => {
    assert.equal(TIMLiveSell.EVENT, EVENT);
    assert.equal(TLS, TIMLiveSell);
    assert.equal(EVENT.ATTENT, EVENT.ATTENTION);
  });
});

describe('constructor', () => {
  it('logs in, passes further options to the SDK and has the profile when ready', async () => {
    const given: Record<string, unknown>[] = [];
    const TIM = { ...server.tim, create: (options: { SDKAppID: number }) => { given.push(options); return server.chat(options); } };
    const tls = await ready('bob', { TIM, unlimitedAVChatRoom: true });
    assert.deepEqual(given, [{ SDKAppID: 1400000001, scene: 'tls', unlimitedAVChatRoom: true }]);
    assert.equal(tls.isSdkReady, true);
    assert.equal(tls.userInfo.nick, 'Nick of bob');
    assert.equal(tls.groupInfo.ownerID, 'host');
    assert.equal(tls.tim.getLoginUser(), 'bob');
  });

  it('reports a refused login as ERROR', async () => {
    server.refuse.set('im_open_status.wslogin', 70009);
    const { data } = await next(make('bob'), EVENT.ERROR);
    assert.equal(data.code, 70009);
  });

  it('is ready on an instance that is logged in already', async () => {
    const chat = await server.user('bob');
    const tls = await ready('bob', { TIM: { ...server.tim, create: () => chat } });
    assert.equal(tls.userInfo.userID, 'bob');
  });

  it('refuses to be made without its parts', () => {
    const good = { SDKAppID: 1400000001, userSig: 's', userName: 'bob', roomID: 'room', TIM: server.tim };
    for (const [change, field] of [[{ TIM: undefined }, /TIM/], [{ TIM: {} }, /TIM/], [{ userName: '' }, /userName/]] as const) {
      assert.throws(() => new TIMLiveSell({ ...good, ...change } as never), field);
    }
    assert.throws(() => new TIMLiveSell(undefined as never), /config/);
  });
});

describe('the room', () => {
  it('is joined with the own and the host\'s profile', async () => {
    const tls = await ready('bob');
    const { userInfo, groupInfo } = await tls.joinRoom();
    assert.deepEqual([userInfo.userID, groupInfo.groupID], ['bob', 'room']);
    assert.deepEqual([groupInfo.ownerInfo?.userID, groupInfo.ownerInfo?.nick], ['host', 'Nick of host']);
    const again = await tls.joinRoom();
    assert.equal(again.groupInfo.ownerInfo?.userID, 'host');
  });

  it('may be named on joining, and its host left out', async () => {
    server.room('other');
    const tls = await ready('bob', { roomID: undefined });
    await assert.rejects(tls.joinRoom(), /roomID/);
    const { groupInfo } = await tls.joinRoom({ roomID: 'other', getOwnerInfo: false });
    assert.deepEqual([groupInfo.groupID, groupInfo.ownerInfo, tls.roomID], ['other', undefined, 'other']);
  });

  it('is described by its host, who need not be asked for', async () => {
    const tls = await ready('bob');
    const { userID, nick, avatar, groupAvatar, ownerInfo, name } = await tls.getRoomInfo();
    assert.deepEqual([userID, nick, avatar, name], ['host', 'Nick of host', '', 'Room room']);
    assert.equal(groupAvatar, 'https://img.example/room');
    assert.equal(ownerInfo?.userID, 'host');
    assert.equal((await tls.getUserInfo()).userID, 'bob');
    assert.equal((await tls.getGroupMemberList()).code, 0);
  });

  it('is left by viewers, not by the host', async () => {
    const tls = await joined('bob');
    assert.deepEqual(await tls.exitRoom(), { status: 'success', groupID: 'room' });
    const host = await joined('host');
    assert.deepEqual(await host.exitRoom(), { status: 'owner', groupID: 'room' });
  });

  it('passes refusals on', async () => {
    const tls = await ready('bob', { roomID: 'nowhere' });
    await assert.rejects(tls.joinRoom(), (error: { code: number }) => error.code === 10010);
    await assert.rejects(tls.like(), (error: { code: number }) => error.code === 2101);
  });
});

describe('what viewers do', () => {
  it('reaches the others as text, data only', async () => {
    const bob = await joined('bob');
    const ann = await joined('ann');
    const arrival = next(ann, EVENT.MESSAGE);
    const text = '<img src=x onerror=alert(1)> "界"';
    assert.deepEqual(await bob.sendMessage(text), { ...OWN, message: text });
    assert.deepEqual(await arrival, { ...BOB, message: text, avtar: BOB.avatar });
    for (const bad of ['', 5, undefined]) await assert.rejects(bob.sendMessage(bad as never), /msg/);
  });

  const actions: [string, string, string, (tls: TIMLiveSell<Chat>) => Promise<unknown>][] = [
    ['like()', EVENT.LIKE, '', (tls) => tls.like()],
    ['like(extension)', EVENT.LIKE, 'level 3', (tls) => tls.like('level 3')],
    ['like(key)', EVENT.LIKE, '', (tls) => tls.like('LIKE')],
    ['like(key, extension)', 'customLike', 'level 3', (tls) => tls.like('customLike', 'level 3')],
    ['gift(extension)', EVENT.SEND_GIFT, 'rocket', (tls) => tls.gift('rocket')],
    ['gift(key, extension)', 'customGift', 'rocket', (tls) => tls.gift('customGift', 'rocket')],
    ['sendGift', EVENT.SEND_GIFT, 'rocket', (tls) => tls.sendGift('rocket')],
    ['buy(key, goods)', 'customBuy', '{"id":1}', (tls) => tls.buy('customBuy', { id: 1 })],
    ['buyGoods(text)', EVENT.BUY_GOODS, 'sku-1', (tls) => tls.buyGoods('sku-1')],
    ['buyGoods(object)', EVENT.BUY_GOODS, '{"id":1}', (tls) => tls.buyGoods({ id: 1 })],
    ['useCoupon', EVENT.USE_COUPON, 'c1', (tls) => tls.useCoupon('c1')],
    ['attention', EVENT.ATTENT, 'x', (tls) => tls.attention('x')],
    ['cancelAttention', EVENT.CANCELATTENTION, '', (tls) => tls.cancelAttention()],
    ['sendCustomMsgAndEmitEvent', 'mine', 'more', (tls) => tls.sendCustomMsgAndEmitEvent('mine', 'more')],
  ];
  for (const [title, event, value, act] of actions) {
    it(`${title} raises ${event} here and at the others`, async () => {
      const bob = await joined('bob');
      const ann = await joined('ann');
      const there = next(ann, event);
      const here = next(bob, event);
      const asMessage = next(ann, EVENT.MESSAGE);
      assert.deepEqual(await act(bob), { ...OWN, value });
      const happening = { value, extension: value, description: '', data: event };
      assert.deepEqual(await there, { ...BOB, ...happening });
      assert.deepEqual(await here, { ...OWN, ...happening });
      assert.deepEqual(await asMessage, { ...BOB, message: '', data: event, extension: value, description: '' });
    });
  }

  it('keeps followed hosts in the member field attent', async () => {
    const tls = await joined('bob');
    await tls.attention();
    assert.deepEqual(server.memberFields.get('bob'), [{ Key: 'attent', Value: 'host' }]);
    await tls.cancelAttention();
    assert.deepEqual(server.memberFields.get('bob'), [{ Key: 'attent', Value: '' }]);
  });

  it('follows also where the SDK refuses member fields', async () => {
    server.refuse.set('group_open_http_svc.modify_group_member_info', 10007);
    const tls = await joined('bob');
    assert.equal((await tls.attention()).userID, 'bob');
  });

  it('is refused when it is no event name or no text', async () => {
    const tls = await joined('bob');
    for (const name of ['', 5, 'KICKED', 'SDK_READY', 'MESSAGE']) await assert.rejects(tls.sendCustomMsgAndEmitEvent(name as never), /eventName/);
    await assert.rejects(tls.sendCustomMsgAndEmitEvent('mine', 5 as never), /extension/);
  });
});

describe('what comes from the server', () => {
  it('names who joins and who leaves', async () => {
    const tls = await joined('bob');
    const room = server.rooms.get('room') as never;
    for (const [event, OpType] of [[EVENT.JOIN_GROUP, 1], [EVENT.EXIT_GROUP, 2]] as const) {
      const arrival = next(tls, event);
      server.tip(room, { OpType, Operator_Account: 'ann', List_Account: ['ann'] });
      assert.deepEqual(await arrival, { nick: 'Nick of ann', avatar: 'https://img.example/ann', userID: 'ann' });
    }
  });

  it('tells of every changed field, by the field\'s name and the event\'s', async () => {
    const host = await joined('host');
    const bob = await joined('bob');
    const arrivals = Promise.all([
      next(bob, 'add_goods'), next(bob, EVENT.ADD_GOODS), next(bob, 'room_status'), next(bob, EVENT.ROOM_STATUS_CHANGE),
      next(bob, EVENT.NOTIFACATION), next(bob, EVENT.INTRODUCTION),
    ]);
    await host.tim.updateGroupProfile({
      groupID: 'room', name: 'New', notification: 'Soon',
      groupCustomField: [{ key: 'add_goods', value: '{"id":1}' }, { key: 'room_status', value: 'live' }],
    });
    const [goods, goodsToo, status, statusToo, announcement, introduction] = await arrivals;
    assert.equal((goods as Happening).value, '{"id":1}');
    assert.deepEqual(goodsToo, goods);
    assert.deepEqual(goods, { nick: 'Nick of host', avatar: 'https://img.example/host', userID: 'host', value: '{"id":1}' });
    assert.equal((status as Happening).value, 'live');
    assert.deepEqual(statusToo, status);
    assert.deepEqual(announcement, { notification: 'Soon' });
    assert.deepEqual(introduction, { name: 'New' });
  });

  it('raises the event a notice names, and shows any other notice', async () => {
    const tls = await joined('bob');
    const room = server.rooms.get('room') as never;
    const named = next(tls, EVENT.BIT_BEGIN);
    server.notice(room, { ReportType: 255, UserDefinedField: '{"type":"BIT_BEGIN","msg":{"price":5}}' });
    assert.deepEqual(await named, { msg: { price: 5 } });
    for (const UserDefinedField of ['plain', '"text"', '{"type":5}', '{"type":"KICKED"}', 'null']) {
      const shown = next(tls, EVENT.MESSAGE);
      server.notice(room, { ReportType: 255, UserDefinedField });
      assert.equal((await shown).type, 'TIMGroupSystemNoticeElem');
    }
  });

  it('shows faces as they are', async () => {
    const bob = await joined('bob');
    const ann = await joined('ann');
    const shown = next(ann, EVENT.MESSAGE);
    await bob.tim.sendMessage(bob.tim.createFaceMessage({ to: 'room', conversationType: 'GROUP', payload: { index: 1, data: 'x' } }));
    const { type, payload, userID } = await shown;
    assert.deepEqual([type, payload, userID], ['TIMFaceElem', { index: 1, data: 'x' }, 'bob']);
  });

  it('does not let a viewer raise events of the client or the shop', async () => {
    const bob = await joined('bob');
    const host = await joined('host');
    const ann = await joined('ann');
    const heard: string[] = [];
    for (const name of ['KICKED', 'SDK_NOT_READY', 'ERROR', 'ADD_GOODS', 'room_status']) ann.on(name, () => { heard.push(name); });
    const send = (tls: TIMLiveSell<Chat>, data: string): Promise<unknown> =>
      tls.tim.sendMessage(tls.tim.createCustomMessage({ to: 'room', conversationType: 'GROUP', payload: { data } }));
    for (const name of ['KICKED', 'SDK_NOT_READY', 'ERROR', 'ADD_GOODS', 'room_status']) await send(bob, name);
    const arrival = next(ann, 'last');
    await send(host, 'ADD_GOODS');
    await send(bob, 'last');
    await arrival;
    assert.deepEqual(heard, ['ADD_GOODS']);
  });

  it('passes the SDK\'s events on', async () => {
    const tls = await ready('bob');
    const changed = next(tls, EVENT.PROFILE_UPDATE);
    await tls.tim.updateMyProfile({ nick: 'Bobby' });
    await changed;
    assert.equal(tls.userInfo.nick, 'Bobby');
    server.profiles.clear();
    const network = next(tls, EVENT.NETWORK_CHANGE);
    server.cut();
    assert.equal((await network).data.state, 'connecting');
    await server.next('im_open_status.wslogin');
    const kicked = next(tls, EVENT.KICKED);
    const over = next(tls, EVENT.SDK_NOT_READY);
    server.kick('bob', 1);
    assert.equal((await kicked).data.type, 'multipleAccount');
    await over;
    assert.equal(tls.isSdkReady, false);
    const failed = next(tls, EVENT.ERROR);
    await assert.rejects(tls.getUserInfo(), (error: { code: number }) => error.code === 3003);
    assert.equal((await failed).data.code, 3003);
  });
});

describe('handlers', () => {
  it('hear the document\'s ATTENT and the wire\'s ATTENTION alike, until taken off', async () => {
    const tls = await joined('bob');
    const heard: string[] = [];
    const handler = (): void => { heard.push('ATTENT'); };
    tls.on('ATTENT', handler);
    tls.on('ATTENTION', () => { heard.push('ATTENTION'); });
    await tls.attention();
    assert.deepEqual(heard, ['ATTENT', 'ATTENTION']);
    tls.off('ATTENTION', handler);
    await tls.attention();
    tls.off('ATTENT');
    await tls.attention();
    assert.equal(heard.length, 3);
    assert.throws(() => tls.on('' as never, handler), /eventName/);
    assert.throws(() => tls.on('x', 5 as never), /handler/);
  });

  it('hear nothing after destroy', async () => {
    const tls = await joined('bob');
    tls.on(EVENT.SDK_NOT_READY, () => { assert.fail('heard'); });
    await tls.destroy();
    components.pop();
  });
});
