import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { COMPONENTS, type ComponentName, type Fields, Player, SDKS, type SdkName } from './player.js';
import { TestServer } from './server.js';

let server: TestServer;
let rooms = 0;

function freshRoom(): Promise<string> {
  rooms += 1;
  return server.room(`shop${rooms}`);
}

const NAMES = [
  'SDK_READY', 'JOIN_GROUP', 'EXIT_GROUP', 'NOTIFACATION', 'MESSAGE', 'PROFILE_UPDATE', 'ERROR', 'KICKED', 'NETWORK_CHANGE',
  'SDK_NOT_READY', 'LIKE', 'BUY_GOODS', 'USE_COUPON', 'SEND_GIFT', 'ATTENTION', 'CANCELATTENTION', 'ADD_GOODS',
  'ROOM_STATUS_CHANGE', 'INTRODUCTION', 'BIT_BEGIN', 'add_goods', 'room_status', 'customLike', 'mine',
];

describe('live-selling components over the real server', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const component of COMPONENTS) {
    for (const sdk of SDKS) describe(`${component} on ${sdk}`, () => { scenarios(component, sdk); });
  }

  it('understand each other in one room, on every SDK', async () => {
    const room = await freshRoom();
    const pairs = COMPONENTS.flatMap((component) => SDKS.map((sdk) => ({ component, sdk })));
    const players = await Promise.all(pairs.map(({ component, sdk }, n) => seller(component, sdk, `mix${n}`, room)));
    for (const player of players) {
      await player.tls('sendCustomMsgAndEmitEvent', 'mine', `from ${player.userID}`);
      await Promise.all(players.filter((other) => other !== player).map((other) =>
        other.hear('tls:mine', (data: Fields) => data.userID === player.userID && data.extension === `from ${player.userID}`)));
    }
  });
});

/** A user with a component who has joined the room, in the way the published package wants it. */
async function seller(component: ComponentName, sdk: SdkName, userID: string, room: string): Promise<Player> {
  await server.named(userID);
  const player = await Player.seller(server, component, sdk, userID, room, NAMES);
  await player.tls('joinRoom', { roomID: room, getOwnerInfo: true });
  return player;
}

function scenarios(component: ComponentName, sdk: SdkName): void {
  const ours = component === '@hawker/live-sells';
  const short = `${component.slice(0, 2).replace(/\W/g, 'h')}${sdk.replace(/\W/g, '').slice(0, 6)}`;
  let users = 0;
  const name = (): string => `${short}_${users += 1}`;
  const person = (userID: string): Fields => ({ nick: `Nick of ${userID}`, avatar: `https://img.example/${userID}`, userID });

  it('joins with the host\'s profile, describes the room, leaves', async () => {
    const room = await freshRoom();
    const userID = name();
    await server.named(userID);
    const player = await Player.seller(server, component, sdk, userID, room, NAMES);
    const { userInfo, groupInfo } = await player.tls('joinRoom', ...(ours ? [] : [{ roomID: room, getOwnerInfo: true }])) as { userInfo: Fields; groupInfo: Fields };
    assert.equal(userInfo.nick, `Nick of ${userID}`);
    const host = groupInfo.ownerInfo as Fields;
    assert.deepEqual([groupInfo.groupID, host.userID, host.nick, host.avatar], [room, 'host', 'Nick of host', 'https://img.example/host']);
    const info = await player.tls('getRoomInfo');
    assert.equal((info.ownerInfo as Fields).userID, 'host');
    if (ours) assert.deepEqual([info.userID, info.nick], ['host', 'Nick of host']);
    const left = await player.tls('exitRoom');
    if (ours) assert.equal(left.status, 'success');
  });

  it('sends and hears every event of the viewers', async () => {
    const room = await freshRoom();
    const [me, you] = [name(), name()];
    const [sender, receiver] = await Promise.all([seller(component, sdk, me, room), seller(component, sdk, you, room)]);
    const sent = await sender.tls('sendMessage', 'hello <b>"界"</b>');
    assert.deepEqual([sent.nick, sent.message], [`Nick of ${me}`, 'hello <b>"界"</b>']);
    const message = await receiver.hear('tls:MESSAGE', (data: Fields) => data.message === 'hello <b>"界"</b>');
    assert.deepEqual([message.nick, message.userID], [`Nick of ${me}`, me]);
    const actions: [string, unknown[], string, string][] = [
      ['like', ['LIKE', 'level 3'], 'LIKE', 'level 3'],
      ['like', ['customLike', 'level 4'], 'customLike', 'level 4'],
      ['sendGift', ['rocket'], 'SEND_GIFT', 'rocket'],
      ['buy', ['BUY_GOODS', { id: 1 }], 'BUY_GOODS', '{"id":1}'],
      ['useCoupon', ['c1'], 'USE_COUPON', 'c1'],
      ['attention', ['hi'], 'ATTENTION', 'hi'],
      ['cancelAttention', ['bye'], 'CANCELATTENTION', 'bye'],
      ['sendCustomMsgAndEmitEvent', ['mine', 'more'], 'mine', 'more'],
      ...(ours ? [['like', ['level 5'], 'LIKE', 'level 5'], ['gift', ['car'], 'SEND_GIFT', 'car'], ['buyGoods', ['sku'], 'BUY_GOODS', 'sku']] as [string, unknown[], string, string][] : []),
    ];
    for (const [method, args, event, extension] of actions) {
      const back = await sender.tls(method, ...args);
      assert.deepEqual([back.nick, back.value], [`Nick of ${me}`, extension], method);
      const data = await receiver.hear(`tls:${event}`, (heard: Fields) => heard.extension === extension);
      assert.deepEqual({ nick: data.nick, avatar: data.avatar, userID: data.userID }, person(me), method);
      if (ours) assert.equal(data.value, extension);
      await sender.hear(`tls:${event}`, (heard: Fields) => heard.value === extension);
    }
  });

  it('hears who comes and goes', async () => {
    const room = await freshRoom();
    const guest = name();
    const player = await seller(component, sdk, name(), room);
    const other = await seller('@hawker/live-sells', '@hawker/tim', guest, room);
    assert.deepEqual(await player.hear('tls:JOIN_GROUP', ({ userID }: Fields) => userID === guest), person(guest));
    await other.tls('exitRoom');
    assert.deepEqual(await player.hear('tls:EXIT_GROUP', ({ userID }: Fields) => userID === guest), person(guest));
  });

  it('hears of goods, status, announcement and notices of the server', async () => {
    const room = await freshRoom();
    const player = await seller(component, sdk, name(), room);
    const change = (fields: Fields): Promise<Fields> => server.rest('group_open_http_svc/modify_group_base_info', { GroupId: room, ...fields });
    await change({ AppDefinedData: [{ Key: 'add_goods', Value: '{"id":"1"}' }] });
    assert.equal((await player.hear('tls:add_goods')).value, '{"id":"1"}');
    await change({ AppDefinedData: [{ Key: 'room_status', Value: 'live' }] });
    assert.equal((await player.hear('tls:room_status')).value, 'live');
    // Two fields at once still arrive as one each: the published package reads the first of a tip only.
    await change({ AppDefinedData: [{ Key: 'add_goods', Value: '2' }, { Key: 'room_status', Value: 'ended' }] });
    await player.hear('tls:add_goods', ({ value }: Fields) => value === '2');
    await player.hear('tls:room_status', ({ value }: Fields) => value === 'ended');
    await change({ Notification: 'Flash sale' });
    assert.equal((await player.hear('tls:NOTIFACATION')).notification, 'Flash sale');
    await server.rest('group_open_http_svc/send_group_system_notification', { GroupId: room, Content: '{"type":"BIT_BEGIN","msg":{"price":5}}' });
    assert.deepEqual((await player.hear('tls:BIT_BEGIN')).msg, { price: 5 });
    await server.rest('group_open_http_svc/send_group_system_notification', { GroupId: room, Content: 'plain' });
    await player.hear('tls:MESSAGE', ({ payload }: Fields) => (payload as Fields | undefined)?.userDefinedField === 'plain');
    if (!ours) return;
    assert.equal((await player.hear('tls:ADD_GOODS')).value, '{"id":"1"}');
    assert.equal((await player.hear('tls:ROOM_STATUS_CHANGE')).value, 'live');
    await change({ Name: 'New name' });
    assert.equal((await player.hear('tls:INTRODUCTION')).name, 'New name');
  });

  it('hears what the shop behind the room sells, claims and gives', async () => {
    const room = await freshRoom();
    const [me, buyer] = [name(), name()];
    await server.named(buyer);
    const player = await seller(component, sdk, me, room);
    const shop = (command: string, body: Fields): Promise<Fields> => server.rest(`live_shop/${command}`, body);
    const goods = await shop('save_goods', { Title: 'Tea', Skus: [{ Price: 3990, Stock: 5 }] });
    const [sku] = goods.Skus as [Fields];
    await shop('push_goods', { GroupId: room, Goods: goods.Id });
    const card = JSON.parse(String((await player.hear('tls:add_goods')).value)) as Fields;
    assert.deepEqual([card.id, card.title, card.price, card.stock], [goods.Id, 'Tea', 3990, 5]);

    const now = Date.now();
    const coupon = await shop('save_coupon', { Title: '3 off', Off: { Amount: 300 }, StartsAt: now - 1000, EndsAt: now + 60_000, Stock: 9 });
    const claim = await shop('claim_coupon', { User: buyer, GroupId: room, Coupon: coupon.Id });
    const heard = async (event: string): Promise<Fields> => {
      const data = await player.hear(`tls:${event}`, ({ userID }: Fields) => userID === buyer);
      assert.deepEqual({ nick: data.nick, avatar: data.avatar, userID: data.userID }, person(buyer), event);
      return JSON.parse(String(data.extension)) as Fields;
    };
    assert.equal((await heard('USE_COUPON')).claimed, 1);
    const order = await shop('create_order', { User: buyer, GroupId: room, Lines: [{ Sku: sku.Id, Quantity: 1 }], Claim: claim.Id });
    await shop('report_payment', { Reference: order.Id, Transaction: `w${room}${me}`, Amount: 3690, Currency: 'CNY' });
    assert.equal((await heard('BUY_GOODS')).title, 'Tea');
    await shop('adjust_wallet', { User: buyer, Change: 10, Reason: 'welcome' });
    await shop('send_gift', { User: buyer, GroupId: room, Gift: 'rose', Count: 3 });
    assert.deepEqual(await heard('SEND_GIFT'), { id: 'rose', name: '玫瑰', count: 3, coins: 3, combo: 3 });
    await shop('follow', { From_Account: buyer, User: 'host', GroupId: room });
    assert.equal((await heard('ATTENTION')).userID, 'host');
  });

  it('passes the SDK\'s events on', async () => {
    const room = await freshRoom();
    const userID = name();
    const player = await seller(component, sdk, userID, room);
    await player.tim('updateMyProfile', { nick: 'Mei' });
    await player.hear('tls:PROFILE_UPDATE');
    await Player.user(server, sdk, userID);
    const { data } = await player.hear('tls:KICKED') as { data: Fields };
    assert.equal(data.type, 'multipleAccount');
    await player.hear('tls:SDK_NOT_READY');
    await assert.rejects(player.tim('getMyProfile'));
    await player.hear('tls:ERROR');
  });

  it('is destroyed', async () => {
    const room = await freshRoom();
    const player = await seller(component, sdk, name(), room);
    await player.tls('destroy');
  });

  if (!ours) return;
  it('keeps followed hosts, as far as the SDK lets it', async () => {
    const room = await freshRoom();
    const player = await seller(component, sdk, name(), room);
    await player.tls('attention');
    if (sdk === '@tencentcloud/chat') return;
    const { memberList } = await player.tim('getGroupMemberProfile', { groupID: room, userIDList: [player.userID], memberCustomFieldFilter: ['attent'] }) as { memberList: Fields[] };
    assert.deepEqual(memberList[0]?.memberCustomField, [{ key: 'attent', value: 'host' }]);
  });
}

