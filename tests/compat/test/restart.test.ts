import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Player, SDKS, type Seen } from './player.js';
import { TestServer } from './server.js';

const text = (wanted: string) => ({ type, payload }: Seen): boolean => type === 'TIMTextElem' && payload.text === wanted;

describe('a server that is killed and started again', () => {
  let server: TestServer;
  // Official SDKs come back with their next hello; a short interval keeps the test short.
  before(async () => { server = await TestServer.start('[session]\nhello_secs = 5\n'); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const sdk of SDKS) {
    it(`keeps logins and rooms of ${sdk}`, async () => {
      const room = await server.room(`crash${SDKS.indexOf(sdk)}`);
      const [first, second] = await Promise.all([Player.member(server, sdk, 'first', room), Player.member(server, sdk, 'second', room)]);
      const before = await first.say(room, 'before');
      await second.see(text('before'), 'the message before');
      await server.crash();
      await Promise.all([first, second].map((player) => player.hear('netStateChange', ({ state }: { state: string }) => state === 'connected')));
      const after = await first.say(room, 'after');
      assert.ok(after.sequence > before.sequence, 'the room goes on counting');
      await second.see(text('after'), 'the message after');
      assert.deepEqual(first.seen().filter(({ type, payload }) => type === 'TIMGroupTipElem' && payload.operationType === 2), [], 'nobody seems to have left');
      assert.equal(second.seen().filter(text('before')).length, 1);
      assert.equal(first.count('kickedOut') + second.count('kickedOut'), 0);
    });
  }

  it('loses no answered message of @hawker/tim, and doubles none', async () => {
    const room = await server.room('busy');
    const [speaker, listener] = await Promise.all([Player.member(server, '@hawker/tim', 'speaker', room), Player.member(server, '@hawker/tim', 'listener', room)]);
    const sending = (async () => {
      for (let n = 0; n < 20; n += 1) await speaker.say(room, `n${n}`);
    })();
    await listener.see(text('n3'), 'the fourth message');
    await server.crash();
    await sending;
    await listener.see(text('n19'), 'the last message');
    const numbers = listener.seen().filter(({ type }) => type === 'TIMTextElem').map(({ payload }) => payload.text);
    const gaps = listener.count('hawkerRoomGap');
    assert.deepEqual([...new Set(numbers)], numbers, 'nothing twice');
    if (gaps === 0) assert.deepEqual(numbers, Array.from({ length: 20 }, (_, n) => `n${n}`));
  });

  it('keeps what the room says about itself', async () => {
    const room = await server.room('kept');
    const owner = await Player.member(server, '@hawker/tim', 'host', room);
    await owner.tim('updateGroupProfile', { groupID: room, notification: 'Soon', groupCustomField: [{ key: 'room_status', value: 'live' }] });
    await server.crash();
    const { group } = await owner.tim('getGroupProfile', { groupID: room }) as { group: { notification: string; groupCustomField: unknown } };
    assert.deepEqual([group.notification, group.groupCustomField], ['Soon', [{ key: 'room_status', value: 'live' }]]);
  });

  it('goes on for viewers without a login', async () => {
    const room = await server.room('public');
    const speaker = await Player.member(server, '@hawker/tim', 'speaker', room);
    const viewers = await Promise.all(SDKS.map((sdk) => Player.stranger(server, sdk)));
    await Promise.all(viewers.map((viewer) => viewer.tim('joinGroup', { groupID: room })));
    await speaker.say(room, 'before');
    await Promise.all(viewers.map((viewer) => viewer.see(text('before'), 'the message before')));
    await server.crash();
    await speaker.say(room, 'after');
    const [, , ours] = viewers;
    await ours?.see(text('after'), 'the message after');
  });
});
