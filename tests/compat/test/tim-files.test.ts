// Pictures, sounds, videos and files with @hawker/tim and the chats of TWebLive on it, in Node. The browser's part is in tests/browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type TIM from '@hawker/tim';
import type TWebLive from '@hawker/tweblive';
import { miniProgram } from '../../../sdk/tim/test/mini-program.js';
import { type Fields, type FileMade, Player, type Seen, refused } from './player.js';
import { TestServer } from './server.js';

const OURS = '@hawker/tim';
const PICTURE: FileMade = { name: 'cat.png', type: 'image/png', content: 'png' };
let server: TestServer;
let rooms = 0;

async function show(): Promise<{ to: Fields; room: string; sender: Player; others: Player[] }> {
  rooms += 1;
  const room = await server.room(`files${rooms}`);
  const sender = await Player.member(server, OURS, `sender${rooms}`, room);
  const others = [await Player.member(server, OURS, `ours${rooms}`, room), await Player.member(server, '@tencentcloud/chat', `theirs${rooms}`, room)];
  return { to: { to: room, conversationType: 'GROUP' }, room, sender, others };
}

/** The bytes behind an address. */
async function bytesAt(url: unknown): Promise<Buffer> {
  const response = await fetch(url as string);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

interface Size extends Fields { url: string; width: number; height: number; sizeType: number }

describe('files with @hawker/tim', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  it('are pictures in three sizes, which everybody can fetch', async () => {
    const { to, sender, others } = await show();
    const { message, heard } = await sender.sendFile('Image', to, PICTURE);
    const sizes = message.payload.imageInfoArray as Size[];
    assert.deepEqual(sizes.map(({ sizeType, width, height }) => [sizeType, width, height]), [[1, 1, 1], [3, 1, 1], [2, 1, 1]]);
    assert.equal(message.payload.imageFormat, 3);
    assert.equal(heard.at(-1), 1);
    for (const other of others) {
      const seen = await other.see(({ ID }) => ID === message.ID, 'the picture');
      const got = seen.payload.imageInfoArray as Size[];
      assert.deepEqual(got.map(({ url }) => url), sizes.map(({ url }) => url), other.sdk);
      assert.deepEqual((await bytesAt(got[0]?.url)).subarray(1, 4).toString(), 'PNG');
      await bytesAt(got[2]?.url);
    }
  });

  it('are sounds, videos and files of any kind', async () => {
    const { to, sender, others } = await show();
    const kinds: [kind: string, type: string, file: FileMade, address: string, size: string][] = [
      ['Audio', 'TIMSoundElem', { name: 'tone.wav', type: 'audio/wav', content: 'wav' }, 'url', 'size'],
      ['Video', 'TIMVideoFileElem', { name: 'film.mp4', type: 'video/mp4', content: 'mp4', size: 2000 }, 'videoUrl', 'videoSize'],
      ['File', 'TIMFileElem', { name: '价目表.txt', type: 'text/plain', content: 'text', size: 3000 }, 'fileUrl', 'fileSize'],
    ];
    for (const [kind, type, file, address, size] of kinds) {
      const { message, heard } = await sender.sendFile(kind, to, file);
      assert.equal(heard.at(-1), 1);
      for (const other of others) {
        const seen = await other.see(({ ID }) => ID === message.ID, kind);
        assert.equal(seen.type, type);
        assert.equal((await bytesAt(seen.payload[address])).length, seen.payload[size], `${kind} for ${other.sdk}`);
        if (kind === 'File') assert.equal(seen.payload.fileName, '价目表.txt');
      }
    }
  });

  it('go to one user as well', async () => {
    const { sender, others } = await show();
    for (const other of others) {
      const { message } = await sender.sendFile('Image', { to: other.userID, conversationType: 'C2C' }, PICTURE);
      const seen = await other.see(({ ID }) => ID === message.ID, 'the picture');
      assert.equal((seen.payload.imageInfoArray as Size[])[0]?.url, (message.payload.imageInfoArray as Size[])[0]?.url);
    }
  });

  it('are refused when they are empty, too large or not what they say, and nothing is sent', async () => {
    const { to, room, sender } = await show();
    const rows: [kind: string, file: FileMade, code: number][] = [
      ['Image', { ...PICTURE, size: 0 }, 2108],
      ['Image', { ...PICTURE, name: 'cat.pdf', type: 'application/pdf' }, 2252],
      ['Image', { ...PICTURE, name: 'cat', type: '' }, 2252],
      ['Image', { ...PICTURE, size: 20 * 1024 * 1024 + 1 }, 2253],
      ['Image', { ...PICTURE, content: 'text' }, 2252],
      ['Image', { ...PICTURE, size: 40 }, 2252],
      ['Video', { name: 'film.avi', type: 'video/avi', content: 'mp4' }, 2352],
      ['Video', { name: 'film.mp4', type: 'video/mp4', content: 'text' }, 2352],
      ['Audio', { name: 'tone.mp3', type: 'audio/mpeg', content: 'wav', size: 20 * 1024 * 1024 + 1 }, 2301],
      ['Audio', { name: 'tone.mp3', type: 'audio/mpeg', content: 'text' }, 2300],
      ['File', { name: 'empty.txt', type: 'text/plain', content: 'text', size: 0 }, 2108],
    ];
    for (const [kind, file, code] of rows) {
      await refused(code, sender.sendFile(kind, to, file)).catch((error: unknown) => { throw new Error(`${kind} ${JSON.stringify(file)}`, { cause: error }); });
    }
    await refused(2101, sender.sendFile('Image', { to: 'elsewhere', conversationType: 'GROUP' }, PICTURE));
    await sender.say(room, 'only this');
    assert.equal((await server.rest('hawker_room/stats', { GroupId: room })).MsgCount, 1);
    await sender.tim('logout');
    await refused(3005, sender.sendFile('Image', to, PICTURE));
  });

  for (const stack of [['tweblive', OURS], ['@hawker/tweblive', OURS]] as const) {
    it(`are sent by ${stack[0]} on it`, async () => {
      const { room, others } = await show();
      const userID = `im${rooms}`;
      const sender = await Player.im(server, stack, userID);
      await sender.im('login', { userID, userSig: server.sign(userID) });
      await sender.hear('IM_READY');
      await sender.im('enterRoom', room);
      const { message, heard } = await sender.imSendImage({ roomID: room, priority: 'Low' }, PICTURE);
      for (const other of others) await other.see(({ ID }) => ID === message.ID, 'the picture');
      // The published package does not pass the handler on.
      assert.deepEqual(heard, stack[0] === 'tweblive' ? [] : [1]);
      const guest = await Player.im(server, ['@hawker/tweblive', OURS], '');
      await guest.im('enterRoom', room);
      const [seen] = await guest.hear<Seen[]>('IM_IMAGE_MESSAGE_RECEIVED');
      assert.equal(seen?.ID, message.ID);
    });
  }

  it('are sent by a mini program, from what its chooser gave', async () => {
    const { room, others } = await show();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hawker-chooser-'));
    const filePath = path.join(folder, 'cat.png');
    writeFileSync(filePath, POINT);
    const load = miniProgram();
    const sdk = load('../../sdk/tim/dist/index.cjs') as typeof TIM;
    const Live = load('../../sdk/tweblive/dist/index.cjs', { '@hawker/tim': sdk }) as typeof TWebLive;
    const im = Live.createIM({ SDKAppID: server.sdkAppID, proxyServer: server.ws });
    im.setLogLevel(4);
    try {
      const userID = `phone${rooms}`;
      const ready = new Promise<void>((resolve) => { im.on(Live.EVENT.IM_READY, () => { resolve(); }); });
      await im.login({ userID, userSig: server.sign(userID) });
      await ready;
      await im.enterRoom(room);
      const chosen = [
        { tempFilePaths: [filePath], tempFiles: [{ path: filePath, size: POINT.length }] },
        { tempFiles: [{ tempFilePath: filePath, size: POINT.length, fileType: 'image' }], type: 'image' },
        { tempFilePaths: [filePath] },
      ];
      for (const file of chosen) {
        const heard: number[] = [];
        const { data: { message } } = await im.sendImageMessage({ roomID: room, file, onProgress: (share) => { heard.push(share); } });
        assert.deepEqual(heard, [1]);
        for (const other of others) await other.see(({ ID }) => ID === message.ID, 'the picture');
      }
      const file = { tempFilePaths: [path.join(folder, 'gone.png')] };
      await assert.rejects(im.sendImageMessage({ roomID: room, file }), (error: { code: number; message: string }) => error.code === 2401 && /gone\.png/.test(error.message));
    } finally {
      await im.destroy();
      rmSync(folder, { recursive: true });
    }
  });
});

/** A PNG of one point. */
const POINT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');
