// Words, slow mode and pinned messages as the unmodified official SDKs meet them.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Fields, Player, type Seen, refused } from './player.js';
import { TestServer } from './server.js';

let server: TestServer;
let rooms = 0;

/** A room of this test's own, with its host and a viewer. */
async function show(hostSdk: 'tim-js-sdk' | '@tencentcloud/chat'): Promise<{ room: string; host: Player; viewer: Player }> {
  rooms += 1;
  const room = await server.room(`moderated${rooms}`, `host${rooms}`);
  const host = await Player.member(server, hostSdk, `host${rooms}`, room);
  const viewer = await Player.member(server, '@tencentcloud/chat', `viewer${rooms}`, room);
  return { room, host, viewer };
}

const said = (wanted: string) => ({ type, payload }: Seen): boolean => type === 'TIMTextElem' && payload.text === wanted;

describe('moderation with the official SDKs', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const sdk of ['tim-js-sdk', '@tencentcloud/chat'] as const) {
    it(`${sdk}: a refused word is an error, a masked one has stars`, async () => {
      const { room, host, viewer } = await show(sdk);
      await server.rest('hawker_words/set', { Reject: ['加微信'], Mask: ['笨蛋'] });
      await refused(80001, host.say(room, '加 微 信'));
      await host.say(room, '笨蛋!');
      await viewer.see(said('**!'), 'the masked text');
      await server.rest('hawker_words/set', { Reject: [], Mask: [] });
    });

    it(`${sdk}: the host turns slow mode on, a viewer has to wait`, async () => {
      const { room, host, viewer } = await show(sdk);
      await host.tim('updateGroupProfile', { groupID: room, groupCustomField: [{ key: 'slow_mode', value: '60' }] });
      await viewer.see(({ payload }) => JSON.stringify(payload).includes('slow_mode'), 'the tip');
      await viewer.say(room, 'one');
      await refused(10023, viewer.say(room, 'two'));
      await host.say(room, 'a');
      await host.say(room, 'b');
      await refused(10004, host.tim('updateGroupProfile', { groupID: room, groupCustomField: [{ key: 'slow_mode', value: 'x' }] }));
    });
  }

  it('@tencentcloud/chat: pins, is told of it, lists what is pinned, takes it off', async () => {
    const { room, host, viewer } = await show('@tencentcloud/chat');
    const message = await viewer.say(room, 'where is it from?');
    await refused(10007, viewer.tim('pinGroupMessage', { groupID: room, message, isPinned: true }));
    await host.tim('pinGroupMessage', { groupID: room, message, isPinned: true });
    interface Pinned { groupID: string; isPinned: boolean; message: Seen; operatorInfo: Fields }
    const told = await viewer.hear<Pinned>('onPinnedGroupMessageUpdated', ({ isPinned }) => isPinned);
    assert.deepEqual([told.groupID, told.message.ID, told.message.payload.text, told.operatorInfo.userID],
      [room, message.ID, 'where is it from?', host.userID]);

    const newcomer = await Player.member(server, '@tencentcloud/chat', 'newcomer', room);
    const { messageList } = await newcomer.tim('getPinnedGroupMessageList', room) as { messageList: (Seen & { pinnerInfo: Fields })[] };
    assert.deepEqual(messageList.map(({ ID, from, payload, pinnerInfo }) => [ID, from, payload.text, pinnerInfo.userID]),
      [[message.ID, viewer.userID, 'where is it from?', host.userID]]);

    await host.tim('pinGroupMessage', { groupID: room, message, isPinned: false });
    const off = await newcomer.hear<Pinned>('onPinnedGroupMessageUpdated', ({ isPinned }) => !isPinned);
    assert.equal(off.message.ID, message.ID);
    assert.deepEqual((await viewer.tim('getPinnedGroupMessageList', room)).messageList, []);
  });
});
