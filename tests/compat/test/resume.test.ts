import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Player, SDKS, type Seen } from './player.js';
import { Wire } from './proxy.js';
import { TestServer } from './server.js';

const text = (wanted: string) => ({ type, payload }: Seen): boolean => type === 'TIMTextElem' && payload.text === wanted;
const texts = (player: Player): unknown[] => player.seen().filter(({ type }) => type === 'TIMTextElem').map(({ payload }) => payload.text);
const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);

describe('a connection that is cut', () => {
  let server: TestServer;
  let wire: Wire;
  before(async () => { server = await TestServer.start('[session]\nhello_secs = 5\n', 'ring_messages = 30\n'); });
  after(() => server?.stop());
  beforeEach(async () => { wire = await Wire.to(server); });
  afterEach(async () => { server.dismiss(); await wire.close(); });

  for (const sdk of SDKS) {
    it(`costs ${sdk} nothing of what was said meanwhile, and nobody thinks it left`, async () => {
      const room = await server.room(`cut${SDKS.indexOf(sdk)}`);
      const speaker = await Player.member(server, '@hawker/tim', 'speaker', room);
      const listener = await Player.member(wire.over(server), sdk, 'listener', room);
      await speaker.say(room, 'n0');
      await listener.see(text('n0'), 'the first message');
      wire.cut();
      for (const each of numbered(8).slice(1, 7)) await speaker.say(room, each);
      wire.mend();
      await listener.see(text('n6'), 'what was said meanwhile');
      await speaker.say(room, 'n7');
      await listener.see(text('n7'), 'what is said now');
      assert.deepEqual(texts(listener), numbered(8));
      assert.deepEqual(speaker.seen().filter(({ payload }) => payload.operationType === 2), []);
    });
  }

  it('lets @hawker/tim send what was waiting, once', async () => {
    const room = await server.room('waiting');
    const listener = await Player.member(server, '@hawker/tim', 'listener', room);
    const speaker = await Player.member(wire.over(server), '@hawker/tim', 'speaker', room);
    const sending = Promise.all(numbered(5).map((each) => speaker.say(room, each)));
    wire.cut();
    wire.mend();
    await sending;
    await speaker.say(room, 'the end');
    await listener.see(text('the end'), 'the end');
    assert.deepEqual(texts(listener).sort(), [...numbered(5), 'the end'].sort());
  });

  it('is a gap that @hawker/tim tells of, when the room no longer remembers', async () => {
    const room = await server.room('busy');
    const speaker = await Player.member(server, '@hawker/tim', 'speaker', room);
    const listener = await Player.member(wire.over(server), '@hawker/tim', 'listener', room);
    await speaker.say(room, 'before');
    await listener.see(text('before'), 'the message before');
    wire.cut();
    for (const each of numbered(40)) await speaker.say(room, each);
    wire.mend();
    assert.deepEqual(await listener.hear('hawkerRoomGap'), { groupID: room, rejoined: false });
    await listener.see(text('n39'), 'what is left');
    const seen = texts(listener);
    assert.deepEqual(seen.slice(-20), numbered(40).slice(-20));
    assert.equal(new Set(seen).size, seen.length);
  });

  it('leaves an anonymous viewer of @hawker/tim at its place', async () => {
    const room = await server.room('public');
    const speaker = await Player.member(server, '@hawker/tim', 'speaker', room);
    const viewer = await Player.stranger(wire.over(server), '@hawker/tim');
    await viewer.tim('joinGroup', { groupID: room });
    await speaker.say(room, 'n0');
    await viewer.see(text('n0'), 'the first message');
    wire.cut();
    for (const each of numbered(5).slice(1)) await speaker.say(room, each);
    wire.mend();
    await viewer.see(text('n4'), 'what was said meanwhile');
    assert.deepEqual(texts(viewer), numbered(5));
    assert.equal(viewer.count('hawkerRoomGap'), 0);
  });
});
