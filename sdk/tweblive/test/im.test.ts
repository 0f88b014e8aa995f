import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EVENT as TIM_EVENT } from '@hawker/tim';
import TWebLive, { Code, HawkerError, type IM } from '../src/index.js';
import { FakeServer, nextEvent, webSocket } from '../../tim/test/fake-server.js';

const server = new FakeServer();
let apps = 0;

/** A chat of an app of its own, connected to the server of the test. */
function chat(): IM {
  apps += 1;
  const im = TWebLive.createIM({ SDKAppID: apps, proxyServer: server.url, webSocket });
  im.setLogLevel(4);
  return im;
}

describe('the chat of TWebLive', () => {
  before(() => server.start());
  after(() => server.stop());

  it('is one per SDKAppID until it is destroyed', async () => {
    const im = chat();
    const options = { SDKAppID: apps, proxyServer: server.url, webSocket };
    assert.equal(TWebLive.createIM(options), im);
    await im.destroy();
    const next = TWebLive.createIM(options);
    assert.notEqual(next, im);
    await next.destroy();
  });

  it('is refused without a valid SDKAppID, and says what it does not offer', () => {
    for (const options of [undefined, {}, { SDKAppID: 'x' }]) {
      assert.throws(() => TWebLive.createIM(options as never), (error: unknown) => error instanceof HawkerError && [Code.noSdkAppId, Code.noOptions].includes(error.code));
    }
    for (const name of ['createPusher', 'createPlayer'] as const) {
      assert.throws(() => TWebLive[name](), (error: unknown) => error instanceof HawkerError && error.code === Code.notOffered && error.message.includes(name));
    }
  });

  it('tells of its own room only, and goes on with the room before when another cannot be entered', async () => {
    const [here, elsewhere] = [server.room('here'), server.room('elsewhere')];
    const im = chat();
    const heard: unknown[] = [];
    im.on(TWebLive.EVENT.IM_TEXT_MESSAGE_RECEIVED, ({ data }) => { heard.push(...data.map(({ payload }) => (payload as { text: string }).text)); });
    const ready = nextEvent(im.tim, TIM_EVENT.SDK_READY);
    await im.login({ userID: 'bob', userSig: 's' });
    await ready;
    await im.enterRoom('here');
    await assert.rejects(im.enterRoom('gone'), { code: 10010 });
    elsewhere.members.add('bob');
    const say = (room: typeof here, Text: string): void => { server.publish(room, 3, [{ MsgType: 'TIMTextElem', MsgContent: { Text } }], 'ann'); };
    say(elsewhere, 'not here');
    const last = nextEvent(im.tim, TIM_EVENT.MESSAGE_RECEIVED);
    say(here, 'here');
    await last;
    assert.deepEqual(heard, ['here']);
    await im.destroy();
  });

  it('calls handlers with their context, each once, until they are taken off', async () => {
    const room = server.room('calls');
    const im = chat();
    const calls: string[] = [];
    function handler(this: { name: string }): void { calls.push(this.name); }
    const [one, two] = [{ name: 'one' }, { name: 'two' }];
    for (const context of [one, two, one]) im.on(TWebLive.EVENT.IM_PUSH_STOPPED, handler, context);
    im.off(TWebLive.EVENT.IM_PUSH_STOPPED, handler, two);
    const ready = nextEvent(im.tim, TIM_EVENT.SDK_READY);
    await im.login({ userID: 'cat', userSig: 's' });
    await ready;
    await im.enterRoom('calls');
    const told = nextEvent(im.tim, TIM_EVENT.MESSAGE_RECEIVED);
    server.publish(room, 3, [{ MsgType: 'TIMCustomElem', MsgContent: { Data: 'push_stopped', Desc: 'bye', Ext: '' } }], 'ann');
    await told;
    assert.deepEqual(calls, ['one']);
    assert.throws(() => { im.on('', handler); }, /eventName/);
    assert.throws(() => { im.on('x', 5 as never); }, /handler/);
    await im.destroy();
  });
});
