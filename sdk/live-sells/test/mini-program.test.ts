import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type TIM from '@hawker/tim';
import type { Chat, WebSocketConstructor } from '@hawker/tim';
import { FakeServer } from '../../tim/test/fake-server.js';
import { miniProgram } from '../../tim/test/mini-program.js';
import type TIMLiveSell from '../src/index.js';

describe('the published bundles in a mini program', () => {
  const server = new FakeServer();
  before(() => server.start());
  after(() => server.stop());

  it('bring a like from one phone to the other', async () => {
    server.room('room');
    const phones = ['bob', 'ann'].map((userName) => {
      const load = miniProgram();
      const sdk = load('../tim/dist/index.cjs') as typeof TIM;
      const Component = load('dist/index.cjs') as typeof TIMLiveSell;
      const tls = new Component({ SDKAppID: 1400000001, userSig: 's', userName, roomID: 'room', TIM: sdk, proxyServer: server.url, webSocket: undefined as unknown as WebSocketConstructor });
      tls.tim.setLogLevel(4);
      return { tls, ready: new Promise<void>((resolve) => { tls.once(Component.EVENT.SDK_READY, () => { resolve(); }); }) };
    });
    await Promise.all(phones.map(async ({ tls, ready }) => { await ready; await tls.joinRoom(); }));
    const [bob, ann] = phones.map(({ tls }) => tls) as [TIMLiveSell<Chat>, TIMLiveSell<Chat>];
    const heard = new Promise<{ userID: string; value: string }>((resolve) => { ann.on('LIKE', resolve); });
    await bob.like('level 3');
    const { userID, value } = await heard;
    assert.deepEqual([userID, value], ['bob', 'level 3']);
    await Promise.all([bob.destroy(), ann.destroy()]);
  });
});
