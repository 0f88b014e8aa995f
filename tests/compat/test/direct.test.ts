import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Fields, OFFICIAL, Player, type SdkName, type Seen, refused } from './player.js';
import { TestServer } from './server.js';

interface Conversation {
  conversationID: string;
  unreadCount: number;
  peerReadTime: number;
  isPinned: boolean;
  messageRemindType: string;
  lastMessage: { payload: Fields | null; fromAccount: string; isRevoked: boolean; isPeerRead: boolean };
  userProfile: { nick: string };
}

interface History {
  messageList: (Seen & { isRevoked: boolean; isPeerRead: boolean; isRead: boolean })[];
  nextReqMessageID: string;
  isCompleted: boolean;
}

const text = (wanted: string) => ({ type, payload }: Seen): boolean => type === 'TIMTextElem' && payload.text === wanted;
const texts = (messages: Seen[]): unknown[] => messages.map(({ payload }) => payload.text);

async function list(player: Player): Promise<Conversation[]> {
  const { conversationList } = await player.tim('getConversationList') as { conversationList: Conversation[] };
  return conversationList;
}

/** The conversation with a user, as the SDK tells of it when it fits. */
async function conversation(player: Player, peer: string, fits: (one: Conversation) => boolean): Promise<Conversation> {
  const find = (all: Conversation[]): Conversation | undefined => all.find((one) => one.conversationID === `C2C${peer}` && fits(one));
  const now = find(await list(player));
  if (now) return now;
  const told = await player.hear('onConversationListUpdated', (all: Conversation[]) => find(all) !== undefined);
  return find(told) as Conversation;
}

function history(player: Player, peer: string, nextReqMessageID?: string): Promise<History> {
  return player.tim('getMessageList', { conversationID: `C2C${peer}`, nextReqMessageID }) as unknown as Promise<History>;
}

describe('direct messages', () => {
  let server: TestServer;
  let pair = 0;
  before(async () => { server = await TestServer.start('[direct]\nmessages_per_second_per_user = 1000\n[session]\nhello_secs = 5\n'); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  async function two(one: SdkName, other: SdkName): Promise<[Player, Player]> {
    pair += 1;
    const names = [`viewer${pair}`, `shop${pair}`] as const;
    await Promise.all(names.map((name) => server.named(name)));
    return Promise.all([Player.user(server, one, names[0]), Player.user(server, other, names[1])]);
  }

  for (const one of OFFICIAL) {
    for (const other of OFFICIAL) {
      it(`are written both ways between ${one} and ${other}`, async () => {
        const [viewer, shop] = await two(one, other);
        const asked = await viewer.write(shop.userID, 'Is it blue?', { cloudCustomData: 'extra' });
        const seen = await shop.see(text('Is it blue?'), 'the question');
        assert.deepEqual([seen.from, seen.flow, seen.nick, seen.ID, seen.sequence], [viewer.userID, 'in', `Nick of ${viewer.userID}`, asked.ID, asked.sequence]);
        await shop.send('Custom', viewer.userID, { data: 'card', description: 'd', extension: 'e' }, { conversationType: 'C2C' });
        const card = await viewer.see(({ type }) => type === 'TIMCustomElem', 'the answer');
        assert.deepEqual(card.payload, { data: 'card', description: 'd', extension: 'e' });
        const at = await conversation(shop, viewer.userID, ({ unreadCount }) => unreadCount === 1);
        assert.equal(at.lastMessage.fromAccount, shop.userID);
      });
    }
  }

  for (const sdk of OFFICIAL) {
    it(`wait for ${sdk}: list, unread counts and history after a login`, async () => {
      const [viewer, shop] = await two(OFFICIAL[(OFFICIAL.indexOf(sdk) + 1) % 2] as SdkName, sdk);
      await shop.tim('logout');
      for (let n = 1; n <= 35; n += 1) await viewer.write(shop.userID, `n${n}`);
      await server.crash();
      await viewer.hear('netStateChange', ({ state }: { state: string }) => state === 'connected');
      const again = await Player.user(server, sdk, shop.userID);
      const unread = await conversation(again, viewer.userID, ({ unreadCount }) => unreadCount === 35);
      assert.deepEqual([unread.lastMessage.payload, unread.userProfile.nick], [{ text: 'n35' }, `Nick of ${viewer.userID}`]);
      const pages: unknown[][] = [];
      let page = await history(again, viewer.userID);
      pages.push(texts(page.messageList));
      while (!page.isCompleted) {
        page = await history(again, viewer.userID, page.nextReqMessageID);
        pages.push(texts(page.messageList));
      }
      assert.deepEqual(pages.reverse().flat(), Array.from({ length: 35 }, (_, n) => `n${n + 1}`));
      assert.ok(pages.length > 2, 'in pages');
      await again.tim('setMessageRead', { conversationID: `C2C${viewer.userID}` });
      await viewer.hear('onMessageReadByPeer', (messages: (Seen & { isPeerRead: boolean })[]) => messages.some((one) => text('n35')(one) && one.isPeerRead));
      server.dismiss();
      const third = await Player.user(server, sdk, shop.userID);
      assert.equal((await conversation(third, viewer.userID, () => true)).unreadCount, 0);
    });

    it(`are read, recalled, deleted, pinned and dropped by ${sdk}`, async () => {
      const [viewer, shop] = await two(sdk, sdk);
      await viewer.write(shop.userID, 'one');
      await viewer.write(shop.userID, 'two');
      await shop.see(text('two'), 'the second');
      await viewer.sendAndRevoke(shop.userID, 'oops', 'C2C');
      const revoked = await shop.hear('onMessageRevoked', (messages: Seen[]) => messages.some(text('oops')));
      assert.equal(revoked.length, 1);
      await conversation(shop, viewer.userID, ({ unreadCount }) => unreadCount === 2);
      const known = (await history(shop, viewer.userID)).messageList;
      await shop.tim('deleteMessage', known.filter(text('one')));
      await shop.tim('pinConversation', { conversationID: `C2C${viewer.userID}`, isPinned: true });
      await shop.tim('setMessageRemindType', { userIDList: [viewer.userID], messageRemindType: 'AcceptNotNotify' });
      server.dismiss();

      const again = await Player.user(server, sdk, shop.userID);
      const at = await conversation(again, viewer.userID, ({ unreadCount }) => unreadCount === 1);
      assert.equal(at.isPinned, true);
      assert.deepEqual(at.lastMessage.isRevoked, true);
      const { messageList } = await history(again, viewer.userID);
      assert.deepEqual(messageList.map((one) => [one.payload.text, one.isRevoked]), [['two', false], ['oops', true]]);
      await again.tim('setAllMessageRead', { scope: 'readAllC2CMessage' });
      await conversation(again, viewer.userID, ({ unreadCount }) => unreadCount === 0);
      await again.tim('deleteConversation', `C2C${viewer.userID}`);
      server.dismiss();
      const third = await Player.user(server, sdk, shop.userID);
      assert.deepEqual(await list(third), []);
      // The other side keeps what it has.
      const other = await Player.user(server, sdk, viewer.userID);
      assert.deepEqual(texts((await history(other, shop.userID)).messageList), ['one', 'two', 'oops']);
    });

    it(`that ${sdk} missed while its connection was cut are brought, once`, async () => {
      const [viewer, shop] = await two(sdk, sdk);
      await viewer.write(shop.userID, 'before');
      await shop.see(text('before'), 'the message before');
      await server.kill();
      await server.crash();
      await viewer.hear('netStateChange', ({ state }: { state: string }) => state === 'connected');
      await viewer.write(shop.userID, 'after');
      await shop.see(text('after'), 'the message after');
      assert.equal(shop.seen().filter(text('before')).length, 1);
      assert.equal(shop.seen().filter(text('after')).length, 1);
    });

    it(`are refused to ${sdk} by the blacklist, and to nobody at all`, async () => {
      const [viewer, shop] = await two(sdk, sdk);
      await shop.tim('addToBlacklist', { userIDList: [viewer.userID] });
      await refused(20007, viewer.write(shop.userID, 'psst'));
      await shop.write(viewer.userID, 'you may hear me');
      await viewer.see(text('you may hear me'), 'the other way');
      await shop.tim('removeFromBlacklist', { userIDList: [viewer.userID] });
      await viewer.write(shop.userID, 'again');
      await shop.see(text('again'), 'the message after');
      await refused(20003, viewer.write('nobody-there', 'hello?'));
      assert.deepEqual(texts(shop.seen()), ['again']);
    });

    it(`and presence: ${sdk} is told who comes and goes`, async () => {
      const [viewer, shop] = await two(sdk, sdk);
      const { failureUserList } = await viewer.tim('subscribeUserStatus', { userIDList: [shop.userID, 'ghost'] }) as { failureUserList: Fields[] };
      assert.deepEqual(failureUserList.map(({ userID, code }) => [userID, code]), [['ghost', 70107]]);
      await shop.tim('setSelfStatus', { customStatus: 'busy \u2615' });
      type Statuses = { userID: string; statusType: number; customStatus: string }[];
      await viewer.hear('onUserStatusUpdated', (all: Statuses) => all.some((one) => one.userID === shop.userID && one.customStatus === 'busy \u2615'));
      const { successUserList } = await viewer.tim('getUserStatus', { userIDList: [shop.userID] }) as { successUserList: Statuses };
      assert.deepEqual(successUserList, [{ userID: shop.userID, statusType: 1, customStatus: 'busy \u2615' }]);
      await shop.tim('logout');
      await viewer.hear('onUserStatusUpdated', (all: Statuses) => all.some((one) => one.userID === shop.userID && one.statusType === 3));
      await viewer.tim('unsubscribeUserStatus', { userIDList: [shop.userID] });
    });

    it(`and attributes of a room: ${sdk}`, async () => {
      const room = await server.room(`attr${OFFICIAL.indexOf(sdk)}`);
      const [host, viewer] = await Promise.all([Player.member(server, sdk, 'host', room), Player.member(server, sdk, 'guest', room)]);
      await host.tim('initGroupAttributes', { groupID: room, groupAttributes: { lot: '1', state: 'on' } });
      interface Updated { groupID: string; groupAttributes: Fields; updatedKeyList: string[]; deletedKeyList: string[] }
      await viewer.hear('groupAttributesUpdated', ({ groupAttributes }: Updated) => groupAttributes.lot === '1' && groupAttributes.state === 'on');
      await viewer.tim('setGroupAttributes', { groupID: room, groupAttributes: { lot: '2' } });
      await host.hear('groupAttributesUpdated', ({ groupAttributes }: Updated) => groupAttributes.lot === '2' && groupAttributes.state === 'on');
      await host.tim('deleteGroupAttributes', { groupID: room, keyList: ['state'] });
      await viewer.hear('groupAttributesUpdated', ({ groupAttributes }: Updated) => groupAttributes.lot === '2' && !('state' in groupAttributes));
      await server.crash();
      const late = await Player.member(server, sdk, 'late', room);
      const { groupAttributes } = await late.tim('getGroupAttributes', { groupID: room, keyList: [] }) as { groupAttributes: Fields };
      assert.deepEqual(groupAttributes, { lot: '2' });
      assert.deepEqual(await server.rest('group_open_attr_http_svc/get_group_attr', { GroupId: room }).then(({ GroupAttrAry }) => GroupAttrAry), [{ key: 'lot', value: '2', seq: 2 }]);
    });
  }

  it('reach T and C from the REST interface, which sees and takes back everything', async () => {
    for (const sdk of OFFICIAL) {
      const [viewer, shop] = await two(sdk, sdk);
      const hello = { From_Account: shop.userID, MsgRandom: 7, MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'you won' } }] };
      const { MsgKey } = await server.rest('openim/sendmsg', { ...hello, SyncOtherMachine: 1, To_Account: viewer.userID });
      await viewer.see(text('you won'), 'the message');
      const copy = await shop.see(text('you won'), 'the copy');
      assert.equal(copy.flow, 'out');
      const many = await server.rest('openim/batchsendmsg', { ...hello, MsgRandom: 8, From_Account: 'administrator', To_Account: [viewer.userID, 'ghost'] });
      assert.deepEqual([many.ActionStatus, many.ErrorList], ['SomeError', [{ To_Account: 'ghost', ErrorCode: 70107 }]]);
      const unread = await server.rest('openim/get_c2c_unread_msg_num', { To_Account: viewer.userID, Peer_Account: [shop.userID] });
      assert.deepEqual([unread.AllC2CUnreadMsgNum, unread.C2CUnreadMsgNumList], [2, [{ Peer_Account: shop.userID, C2CUnreadMsgNum: 1 }]]);
      const range = { Operator_Account: viewer.userID, Peer_Account: shop.userID, MaxCnt: 100, MinTime: 0, MaxTime: Math.ceil(Date.now() / 1000) + 60 };
      const kept = await server.rest('openim/admin_getroammsg', range) as { MsgCnt: number; Complete: number; MsgList: { MsgKey: string }[] };
      assert.deepEqual([kept.MsgCnt, kept.Complete, kept.MsgList[0]?.MsgKey], [1, 1, MsgKey]);
      const { SessionItem } = await server.rest('recentcontact/get_list', { From_Account: viewer.userID, TimeStamp: 0, StartIndex: 0, TopTimeStamp: 0, TopStartIndex: 0, AssistFlags: 0 }) as { SessionItem: Fields[] };
      assert.deepEqual(SessionItem.map(({ To_Account }) => To_Account), ['administrator', shop.userID]);
      await server.rest('openim/admin_set_msg_read', { Report_Account: viewer.userID, Peer_Account: shop.userID });
      await shop.hear('onMessageReadByPeer');
      await server.rest('openim/admin_msgwithdraw', { From_Account: shop.userID, To_Account: viewer.userID, MsgKey });
      await viewer.hear('onMessageRevoked', (messages: Seen[]) => messages.some(text('you won')));
      const { QueryResult } = await server.rest('openim/query_online_status', { To_Account: [viewer.userID, 'ghost'] }) as { QueryResult: Fields[] };
      assert.deepEqual(QueryResult.map(({ To_Account, Status }) => [To_Account, Status]), [[viewer.userID, 'Online']]);
    }
  });
});
