import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import vm from 'node:vm';
import { WebSocket } from 'ws';
import type TIM from '@hawker/tim';
import type { Chat, WebSocketConstructor } from '@hawker/tim';
import { FakeServer } from '../../tim/test/fake-server.js';
import type TIMLiveSell from '../src/index.js';

type Callback<T = void> = (value: T) => void;

/** `wx.connectSocket` as documented: options in, a SocketTask out, everything else by callback. */
function connectSocket({ url, fail }: { url: string; fail?: Callback<{ errMsg: string }> }): object {
  const socket = new WebSocket(url);
  socket.on('error', () => fail?.({ errMsg: 'connectSocket:fail' }));
  return {
    send: (options: { data: string; fail?: Callback<{ errMsg: string }> }) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(options.data);
      else options.fail?.({ errMsg: 'sendSocketMessage:fail' });
    },
    close: ({ code, reason }: { code?: number; reason?: string }) => { socket.close(code, reason); },
    onOpen: (callback: Callback<{ header: object }>) => { socket.on('open', () => { callback({ header: {} }); }); },
    onMessage: (callback: Callback<{ data: string | ArrayBuffer }>) => { socket.on('message', (data: Buffer, binary) => { callback({ data: binary ? new Uint8Array(data).buffer : data.toString() }); }); },
    onClose: (callback: Callback<{ code: number }>) => { socket.on('close', (code) => { callback({ code }); }); },
    onError: (callback: Callback<{ errMsg: string }>) => { socket.on('error', () => { callback({ errMsg: 'error' }); }); },
  };
}

/** Loads published bundles into a world that has the language, timers, the console and `wx`, and nothing else. */
function miniProgram(): (file: string) => unknown {
  const context = vm.createContext({ wx: { connectSocket }, setTimeout, clearTimeout, console });
  return (file) => {
    const run = vm.runInContext(`(function (module, exports) {${readFileSync(path.resolve(file), 'utf8')}\n})`, context) as (module: object, exports: object) => void;
    const module = { exports: {} };
    run(module, module.exports);
    return module.exports;
  };
}

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
