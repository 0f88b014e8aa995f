// Messages between two users, their conversations, status, blacklist and attributes with @hawker/tim, for real.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Fields, Player, SDKS, type Seen, refused } from './player.js';
import { Wire } from './proxy.js';
import { TestServer } from './server.js';

const OURS = '@hawker/tim';
let server: TestServer;
let count = 0;

/** A user of ours with a name of his own. */
async function user(sdk: (typeof SDKS)[number] = OURS, through = server): Promise<Player> {
  count += 1;
  const userID = `pal${count}`;
  await server.named(userID);
  return Player.user(through, sdk, userID);
}

function to(player: Player): Fields {
  return { to: player.userID, conversationType: 'C2C' };
}

/** The conversation with somebody. */
function talk(player: Player): string {
  return `C2C${player.userID}`;
}

interface Conversation extends Fields {
  conversationID: string;
  unreadCount: number;
  lastMessage: Fields & { messageForShow: string; isRevoked: boolean; isPeerRead: boolean };
  userProfile: Fields;
}

async function list(player: Player): Promise<Conversation[]> {
  return (await player.tim('getConversationList')).conversationList as Conversation[];
}

async function history(player: Player, other: Player, more: Fields = {}): Promise<{ messageList: Seen[]; nextReqMessageID: string; isCompleted: boolean }> {
  return await player.tim('getMessageList', { conversationID: talk(other), ...more }) as never;
}

describe('messages between two users with @hawker/tim', () => {
  before(async () => { server = await TestServer.start('[direct]\nmessages_per_second_per_user = 1000\n'); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const sdk of SDKS) {
    it(`go to and from ${sdk}, every kind of them`, async () => {
      const [me, other] = [await user(), await user(sdk)];
      const sent = await me.send('Text', other.userID, { text: '你好 <b>' }, { ...to(other), cloudCustomData: 'extra' });
      const seen = await other.see(({ type }) => type === 'TIMTextElem', 'the text');
      assert.deepEqual([seen.ID, seen.payload.text, seen.from, seen.nick, seen.flow], [sent.ID, '你好 <b>', me.userID, `Nick of ${me.userID}`, 'in']);
      await me.send('Custom', other.userID, { data: 'd', description: 'e', extension: 'f' }, to(other));
      assert.deepEqual((await other.see(({ type }) => type === 'TIMCustomElem', 'the custom message')).payload, { data: 'd', description: 'e', extension: 'f' });
      await me.send('Face', other.userID, { index: 3, data: 'x' }, to(other));
      await other.see(({ type, payload }) => type === 'TIMFaceElem' && payload.index === 3, 'the face');
      await me.send('Location', other.userID, { description: 'here', longitude: 1.5, latitude: -2 }, to(other));
      const place = await other.see(({ type }) => type === 'TIMLocationElem', 'the place');
      assert.deepEqual([place.payload.description, place.payload.longitude, place.payload.latitude], ['here', 1.5, -2]);
      const back = await other.send('Text', me.userID, { text: 'back' }, to(me));
      const heard = await me.see(({ payload }) => payload.text === 'back', 'the answer');
      assert.deepEqual([heard.ID, heard.flow, (heard as Seen & Fields).conversationID], [back.ID, 'in', talk(other)]);
    });

    it(`make conversations that ${sdk} and ours count alike`, async () => {
      const [me, other] = [await user(sdk), await user()];
      await list(me);
      for (const text of ['one', 'two', 'three']) await other.send('Text', me.userID, { text }, to(me));
      await me.hear('onConversationListUpdated', (all: Conversation[]) => all.some(({ unreadCount }) => unreadCount === 3));
      const [conversation] = await list(me);
      assert.deepEqual([conversation?.conversationID, conversation?.unreadCount, conversation?.lastMessage.messageForShow], [talk(other), 3, 'three']);
      await me.tim('setMessageRead', { conversationID: talk(other) });
      if (sdk === OURS) await me.hear('onTotalUnreadMessageCountUpdated', (total: number) => total === 0);
      assert.equal((await list(me))[0]?.unreadCount, 0);
      assert.equal(await me.value('getTotalUnreadMessageCount'), 0);
      const read = await other.hear<Seen[]>('onMessageReadByPeer');
      assert.ok(read.some(({ payload }) => payload.text === 'three'), 'the last of them');
    });
  }

  it('are listed, looked up, pinned, announced otherwise, and taken away', async () => {
    const [me, ann, bob] = [await user(), await user(), await user()];
    for (const other of [ann, bob]) await other.send('Text', me.userID, { text: `from ${other.userID}` }, to(me));
    await me.see(({ from }) => from === bob.userID, 'the second message');
    assert.deepEqual((await list(me)).map(({ conversationID }) => conversationID).sort(), [talk(ann), talk(bob)].sort());
    const some = (await me.tim('getConversationList', [talk(ann)])).conversationList as Conversation[];
    assert.deepEqual(some.map(({ conversationID }) => conversationID), [talk(ann)]);
    const { conversation } = await me.tim('getConversationProfile', talk(ann)) as { conversation: Conversation };
    assert.deepEqual([conversation.userProfile.nick, conversation.unreadCount], [`Nick of ${ann.userID}`, 1]);
    await me.tim('pinConversation', { conversationID: talk(ann), isPinned: true });
    const pinned = await list(me);
    assert.deepEqual([pinned[0]?.conversationID, pinned[0]?.isPinned], [talk(ann), true]);
    const again = await Player.user(server, OURS, me.userID);
    assert.equal((await list(again))[0]?.isPinned, true, 'kept by the server');
    assert.equal((await again.tim('setMessageRemindType', { userIDList: [ann.userID], messageRemindType: 'Discard' })).failureUserIDList instanceof Array, true);
    assert.equal((await again.tim('deleteConversation', talk(ann))).conversationID, talk(ann));
    assert.deepEqual((await list(again)).map(({ conversationID }) => conversationID), [talk(bob)]);
    assert.deepEqual((await history(again, ann)).messageList, [], 'with its history');
    const { conversationIDList } = await again.tim('deleteConversation', { conversationIDList: [talk(bob)], clearHistoryMessage: false });
    assert.deepEqual(conversationIDList, [talk(bob)]);
    assert.equal((await history(again, bob)).messageList.length, 1, 'without it');
  });

  it('are read back a page at a time, from the newest', async () => {
    const [me, other] = [await user(), await user()];
    for (let n = 0; n < 35; n += 1) await me.send('Text', other.userID, { text: `n${n}` }, to(other));
    const texts: unknown[] = [];
    let next = '';
    let completed = false;
    for (let page = 0; page < 5 && !completed; page += 1) {
      const answer = await history(other, me, next === '' ? {} : { nextReqMessageID: next });
      texts.unshift(...answer.messageList.map(({ payload }) => payload.text));
      ({ nextReqMessageID: next, isCompleted: completed } = answer);
    }
    assert.ok(completed);
    assert.deepEqual(texts, Array.from({ length: 35 }, (_, n) => `n${n}`));
    assert.equal((await history(other, me, { count: 4 })).messageList.length, 4);
    assert.equal((await history(other, me, { count: 1000 })).messageList.length, 15);
    const [first] = (await history(other, me)).messageList;
    assert.equal((await other.value('findMessage', first?.ID) as Seen).ID, first?.ID);
    await other.tim('clearHistoryMessage', talk(me));
    assert.deepEqual((await history(other, me)).messageList, []);
    assert.equal((await history(me, other)).messageList.length, 15, 'the other still has them');
  });

  it('are taken back and deleted', async () => {
    const [me, other] = [await user(), await user()];
    await list(other);
    await me.sendAndRevoke(other.userID, 'oops', 'C2C');
    const [revoked] = await other.hear<Seen[]>('onMessageRevoked');
    assert.deepEqual([(revoked as Seen & Fields).conversationID, (revoked as Seen & Fields).revoker], [talk(me), me.userID]);
    assert.equal((await list(other))[0]?.lastMessage.isRevoked, true);
    await other.hear('onTotalUnreadMessageCountUpdated', (total: number) => total === 0);
    await me.send('Text', other.userID, { text: 'stays' }, to(other));
    await other.see(({ payload }) => payload.text === 'stays', 'the second');
    const before = (await history(other, me)).messageList;
    await other.tim('deleteMessage', before);
    assert.deepEqual((await history(other, me)).messageList, []);
    assert.equal((await history(me, other)).messageList.length, 2, 'for oneself only');
  });

  it('that were missed come with the reconnect, once each', async () => {
    const wire = await Wire.to(server);
    const me = await user(OURS, wire.over(server));
    const other = await user();
    await other.send('Text', me.userID, { text: 'before' }, to(me));
    await me.see(({ payload }) => payload.text === 'before', 'the first');
    wire.cut();
    for (const text of ['m1', 'm2', 'm3']) await other.send('Text', me.userID, { text }, to(me));
    wire.mend();
    await me.see(({ payload }) => payload.text === 'm3', 'the last that was missed');
    await other.send('Text', me.userID, { text: 'after' }, to(me));
    await me.see(({ payload }) => payload.text === 'after', 'the one after');
    assert.deepEqual(me.seen().map(({ payload }) => payload.text), ['before', 'm1', 'm2', 'm3', 'after']);
    await me.hear('onTotalUnreadMessageCountUpdated', (total: number) => total === 5);
    await wire.close();
  });

  it('that are unread are counted after a login, and all read at once', async () => {
    const [me, ann, bob] = [await user(), await user(), await user()];
    await me.tim('logout');
    for (const other of [ann, bob]) await other.send('Text', me.userID, { text: 'x' }, to(me));
    await ann.send('Text', me.userID, { text: 'y' }, to(me));
    await me.tim('login', { userID: me.userID, userSig: server.sign(me.userID) });
    await me.hear('onTotalUnreadMessageCountUpdated', (total: number) => total === 3);
    assert.equal(await me.value('getTotalUnreadMessageCount'), 3);
    await me.tim('setAllMessageRead', { scope: 'readAllMessage' });
    assert.equal(await me.value('getTotalUnreadMessageCount'), 0);
    assert.deepEqual((await list(me)).map(({ unreadCount }) => unreadCount), [0, 0]);
    await me.tim('setAllMessageRead');
  });

  it('are not taken from those on the blacklist', async () => {
    const [me, other] = [await user(), await user()];
    assert.deepEqual(await me.tim('getBlacklist'), []);
    assert.deepEqual(await me.tim('addToBlacklist', { userIDList: [other.userID] }), [other.userID]);
    assert.deepEqual(await me.hear('blacklistUpdated'), [other.userID]);
    await refused(20007, other.send('Text', me.userID, { text: 'x' }, to(me)));
    assert.deepEqual(await me.tim('removeFromBlacklist', { userIDList: [other.userID] }), []);
    await other.send('Text', me.userID, { text: 'x' }, to(me));
  });

  it('tell who is there, and what they say of themselves', async () => {
    const [me, other] = [await user(), await user()];
    await me.tim('subscribeUserStatus', { userIDList: [other.userID] });
    await other.tim('setSelfStatus', { customStatus: '忙 busy' });
    await me.hear('onUserStatusUpdated', (list: Fields[]) => list.some(({ userID, customStatus }) => userID === other.userID && customStatus === '忙 busy'));
    const { successUserList, failureUserList } = await me.tim('getUserStatus', { userIDList: [other.userID, me.userID, 'nobody-at-all'] }) as Record<string, Fields[]>;
    assert.deepEqual(successUserList?.find(({ userID }) => userID === other.userID), { userID: other.userID, statusType: 1, customStatus: '忙 busy' });
    assert.equal(successUserList?.find(({ userID }) => userID === me.userID)?.statusType, 1);
    assert.deepEqual(failureUserList?.map(({ userID }) => userID), ['nobody-at-all']);
    await other.tim('logout');
    await me.hear('onUserStatusUpdated', (list: Fields[]) => list.some(({ userID, statusType }) => userID === other.userID && statusType !== 1));
    await me.tim('unsubscribeUserStatus', { userIDList: [other.userID] });
    await me.tim('unsubscribeUserStatus');
  });

  it('refuse what is wrong, with a code and the field, and send nothing', async () => {
    const [me, other] = [await user(), await user()];
    const rows: [method: string, args: unknown[], code: number, field: RegExp][] = [
      ['getConversationList', ['x'], 2905, /options/],
      ['getConversationList', [['elsewhere']], 2503, /conversationID/],
      ['getConversationProfile', [], 2503, /conversationID/],
      ['getConversationProfile', ['C2C'], 2503, /conversationID/],
      ['getConversationProfile', ['GROUPx'], 2500, /conversationID/],
      ['deleteConversation', [5], 2503, /conversationID/],
      ['deleteConversation', [{}], 2905, /conversationIDList/],
      ['deleteConversation', [{ conversationIDList: [] }], 2905, /conversationIDList/],
      ['deleteConversation', [{ conversationIDList: ['C2Cx'], clearHistoryMessage: 1 }], 2905, /clearHistoryMessage/],
      ['clearHistoryMessage', ['x'], 2503, /conversationID/],
      ['pinConversation', [], 3153, /options/],
      ['pinConversation', [{ conversationID: 'C2Cx' }], 2905, /isPinned/],
      ['setMessageRemindType', [{ userIDList: ['a'], messageRemindType: 'Loud' }], 2905, /messageRemindType/],
      ['setMessageRemindType', [{ messageRemindType: 'Discard' }], 2716, /userIDList/],
      ['setMessageRead', [], 3153, /options/],
      ['setMessageRead', [{ conversationID: 'x' }], 2503, /conversationID/],
      ['setAllMessageRead', [{ scope: 'x' }], 2905, /scope/],
      ['getMessageList', [], 3153, /options/],
      ['getMessageList', [{}], 2503, /conversationID/],
      ['getMessageList', [{ conversationID: 'C2Ca', nextReqMessageID: 'never' }], 2905, /nextReqMessageID/],
      ['getMessageList', [{ conversationID: 'C2Ca', nextReqMessageID: 5 }], 2905, /nextReqMessageID/],
      ['getMessageList', [{ conversationID: 'C2Ca', count: 0 }], 2905, /count/],
      ['deleteMessage', [], 2905, /messageList/],
      ['deleteMessage', [[{}]], 2105, /messageList/],
      ['revokeMessage', ['x'], 2105, /message/],
      ['getUserStatus', [{}], 2716, /userIDList/],
      ['setSelfStatus', [{}], 2905, /customStatus/],
      ['subscribeUserStatus', [{ userIDList: [5] }], 2002, /userIDList/],
      ['unsubscribeUserStatus', [{ userIDList: 'a' }], 2716, /userIDList/],
      ['addToBlacklist', [{ userIDList: [me.userID] }], 2742, /userIDList/],
      ['removeFromBlacklist', [{}], 2716, /userIDList/],
    ];
    for (const [method, args, code, field] of rows) {
      await refused(code, me.tim(method, ...args)).catch((error: unknown) => { throw new Error(`${method}(${JSON.stringify(args)})`, { cause: error }); });
      await assert.rejects(me.tim(method, ...args), field, method);
    }
    await assert.rejects(me.send('Text', 'x'.repeat(33), { text: 'x' }, { conversationType: 'C2C' }), /to /);
    await refused(80002, me.send('Text', other.userID, { text: '界'.repeat(4200) }, to(other)));
    await refused([20003, 90048], me.send('Text', 'nobody-at-all', { text: 'x' }, { conversationType: 'C2C' }));
    await other.send('Text', me.userID, { text: 'only this' }, to(me));
    assert.deepEqual((await history(me, other)).messageList.map(({ payload }) => payload.text), ['only this']);
    await me.tim('logout');
    for (const method of ['getConversationList', 'getBlacklist', 'setAllMessageRead', 'unsubscribeUserStatus']) await refused(3005, me.tim(method));
  });
});

describe('attributes of a room with @hawker/tim', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const sdk of SDKS) {
    it(`are set, changed, taken away, and told to ${sdk}`, async () => {
      const room = await server.room(`at_${sdk.replace(/\W/g, '')}`);
      const host = await Player.member(server, OURS, 'host', room);
      const viewer = await Player.member(server, sdk, `viewer_${sdk.replace(/\W/g, '')}`, room);
      await viewer.tim('getGroupAttributes', { groupID: room, keyList: [] });
      const told = (wanted: Fields): Promise<Fields> => viewer.hear('groupAttributesUpdated', (data: Fields) =>
        data.groupID === room && JSON.stringify(data.groupAttributes) === JSON.stringify(wanted));
      const set = await host.tim('initGroupAttributes', { groupID: room, groupAttributes: { lot: '1', price: '9' } });
      assert.deepEqual(set.groupAttributes, { lot: '1', price: '9' });
      await told({ lot: '1', price: '9' });
      await host.tim('setGroupAttributes', { groupID: room, groupAttributes: { price: '10' } });
      await told({ lot: '1', price: '10' });
      assert.deepEqual((await host.tim('getGroupAttributes', { groupID: room, keyList: ['price'] })).groupAttributes, { price: '10' });
      assert.deepEqual((await host.tim('deleteGroupAttributes', { groupID: room, keyList: ['lot'] })).keyList, ['lot']);
      await told({ price: '10' });
      await host.tim('deleteGroupAttributes', { groupID: room, keyList: [] });
      await told({});
      assert.deepEqual((await viewer.tim('getGroupAttributes', { groupID: room, keyList: [] })).groupAttributes, {});
    });
  }

  it('are refused where they are wrong', async () => {
    const room = await server.room('attributes_wrong');
    const host = await Player.member(server, OURS, 'host', room);
    const rows: [method: string, args: unknown[], code: number | number[], field: RegExp][] = [
      ['initGroupAttributes', [{ groupID: room }], 2905, /groupAttributes/],
      ['initGroupAttributes', [{ groupAttributes: { a: 'b' } }], 2602, /groupID/],
      ['setGroupAttributes', [{ groupID: room, groupAttributes: { a: 5 } }], 2905, /groupAttributes\.a/],
      ['setGroupAttributes', [{ groupID: room, groupAttributes: { ['k'.repeat(33)]: 'x' } }], 10045, /./],
      ['setGroupAttributes', [{ groupID: room, groupAttributes: { a: 'x'.repeat(4001) } }], 10046, /./],
      ['deleteGroupAttributes', [{ groupID: room }], 2905, /keyList/],
      ['deleteGroupAttributes', [{ groupID: room, keyList: ['never'] }], [10050, 10056], /./],
      ['getGroupAttributes', [{ groupID: room, keyList: 'x' }], 2905, /keyList/],
    ];
    for (const [method, args, code, field] of rows) {
      await refused(code, host.tim(method, ...args)).catch((error: unknown) => { throw new Error(`${method}(${JSON.stringify(args)})`, { cause: error }); });
      await assert.rejects(host.tim(method, ...args), field, method);
    }
    assert.deepEqual((await host.tim('getGroupAttributes', { groupID: room })).groupAttributes, {});
  });
});
