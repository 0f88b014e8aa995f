import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { EVENT, TYPES } from '@hawker/tim';
import { EVENT as TLS_EVENT } from '@hawker/live-sells';

type Constants = Record<string, Record<string, unknown>>;

/** The constants of an official package, read in a process of its own: some packages look around when loaded. */
function constantsOf(sdk: string, component = '-'): Promise<Constants> {
  return new Promise((resolve, reject) => {
    const child = fork(path.resolve('constants.cjs'), [sdk, component], { silent: true });
    child.once('message', (constants: Constants) => { resolve(constants); child.kill(); });
    child.once('exit', (code) => { reject(new Error(`ended with ${code}`)); });
  });
}

describe('constants', () => {
  for (const sdk of ['tim-js-sdk', '@tencentcloud/chat']) {
    it(`are those of ${sdk}, every one`, async () => {
      const official = await constantsOf(sdk);
      for (const [set, ours] of [['EVENT', EVENT], ['TYPES', TYPES]] as const) {
        const theirs = official[set] ?? {};
        assert.ok(Object.keys(theirs).length > 20);
        for (const [name, value] of Object.entries(theirs)) assert.equal((ours as Record<string, unknown>)[name], value, `${set}.${name}`);
      }
    });
  }

  it('of the component are those of im-live-sells, every one, and the document\'s ATTENT', async () => {
    const { COMPONENT = {} } = await constantsOf('tim-js-sdk', 'im-live-sells');
    assert.ok(Object.keys(COMPONENT).length > 20);
    for (const [name, value] of Object.entries(COMPONENT)) assert.equal((TLS_EVENT as Record<string, unknown>)[name], value, name);
    assert.equal(TLS_EVENT.ATTENT, 'ATTENTION');
  });
});
