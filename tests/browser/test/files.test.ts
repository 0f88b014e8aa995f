// The unmodified official SDKs with their upload plugin, in a real browser: one page sends pictures, sounds, films and
// files into a room, another sees and plays them. The pages are on a host of their own, as a shop's pages are.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DESK, openBrowser, PATIENCE_MS, visit } from '../src/browser';
import { openOrigin, type Origin } from '../src/origin';
import { guest, startServer, type Server } from '../src/server';

const SDKS = { 'tim-js-sdk': 'TIM', '@tencentcloud/chat': 'TencentCloudChat' } as const;
type Sdk = keyof typeof SDKS;

interface Received { readonly type: string; readonly from: string; readonly payload: Record<string, unknown> }
interface Failure { readonly code: number; readonly message: string }

/** What the tests use of an official SDK, in the page. */
interface Chat {
  login(options: { userID: string; userSig: string }): Promise<unknown>;
  createGroup(options: object): Promise<unknown>;
  joinGroup(options: object): Promise<unknown>;
  registerPlugin(plugins: object): void;
  setLogLevel(level: number): void;
  on(event: string, handler: (event: { data: Received[] }) => void): void;
  sendMessage(message: unknown): Promise<{ data: { message: Received } }>;
  [create: `create${string}Message`]: (options: object) => unknown;
}
interface ShopWindow {
  chat: Chat;
  received: Received[];
  make: Record<string, () => Promise<File>>;
  TIMUploadPlugin: unknown;
}

let server: Server;
let origin: Origin;
let browser: Browser;

before(async () => {
  server = await startServer();
  origin = await openOrigin([...Object.keys(SDKS), 'tim-upload-plugin']);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await origin?.close();
  await server?.stop();
});

/** A page whose user is logged in, and can make files. */
async function open(sdk: Sdk): Promise<Page> {
  const { page } = await visit(browser, { size: DESK });
  await page.goto(origin.url);
  const who = await guest(server, 'Mei');
  await page.evaluate(async ({ name, address, who }) => {
    const shop = window as unknown as ShopWindow;
    const sdk = (window as unknown as Record<string, { EVENT: Record<string, string>; create(options: object): Chat }>)[name];
    if (!sdk) throw new Error(`no ${name}`);
    const chat = sdk.create({ SDKAppID: who.sdkAppID, proxyServer: `ws://${address}` });
    chat.setLogLevel(4);
    chat.registerPlugin({ 'tim-upload-plugin': shop.TIMUploadPlugin });
    shop.chat = chat;
    shop.received = [];
    chat.on(sdk.EVENT.MESSAGE_RECEIVED ?? '', ({ data }) => {
      shop.received.push(...data.map(({ type, from, payload }) => ({ type, from, payload })));
    });
    const ready = new Promise<void>((resolve) => { chat.on(sdk.EVENT.SDK_READY ?? '', () => { resolve(); }); });
    await chat.login({ userID: who.userID, userSig: who.userSig });
    await ready;

    const canvas = (width: number, height: number) => {
      const it = Object.assign(document.createElement('canvas'), { width, height });
      const pen = it.getContext('2d');
      if (!pen) throw new Error('no canvas');
      const colors = pen.createLinearGradient(0, 0, width, height);
      colors.addColorStop(0, 'crimson');
      colors.addColorStop(1, 'gold');
      pen.fillStyle = colors;
      pen.fillRect(0, 0, width, height);
      return { it, pen };
    };
    shop.make = {
      image: async () => {
        const { it } = canvas(1000, 1500);
        const blob = await new Promise<Blob | null>((resolve) => { it.toBlob(resolve, 'image/png'); });
        return new File([blob ?? ''], 'cat.png', { type: 'image/png' });
      },
      page: () => Promise.resolve(new File(['<script>alert(1)</script>'.repeat(10)], 'cat.png', { type: 'image/png' })),
      file: () => Promise.resolve(new File(['the price of tea'], '价目表.txt', { type: 'text/plain' })),
      // A second of a tone.
      audio: () => {
        const rate = 8000;
        const bytes = new DataView(new ArrayBuffer(44 + rate));
        const words = (at: number, text: string) => { [...text].forEach((c, i) => { bytes.setUint8(at + i, c.charCodeAt(0)); }); };
        words(0, 'RIFF'); bytes.setUint32(4, 36 + rate, true); words(8, 'WAVEfmt ');
        bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true);
        bytes.setUint32(24, rate, true); bytes.setUint32(28, rate, true); bytes.setUint16(32, 1, true); bytes.setUint16(34, 8, true);
        words(36, 'data'); bytes.setUint32(40, rate, true);
        for (let at = 0; at < rate; at += 1) bytes.setUint8(44 + at, 128 + 90 * Math.sin(at / 3));
        return Promise.resolve(Object.assign(new File([bytes], 'tone.wav', { type: 'audio/wav' }), { duration: 1 }));
      },
      // Half a second of a film, recorded here.
      video: async () => {
        const { it, pen } = canvas(320, 240);
        const recorder = new MediaRecorder(it.captureStream(25), { mimeType: 'video/mp4;codecs=vp9' });
        const parts: Blob[] = [];
        recorder.ondataavailable = ({ data }) => { parts.push(data); };
        const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
        recorder.start();
        for (let frame = 0; frame < 15; frame += 1) {
          pen.fillRect(0, 0, frame * 20, 20);
          await new Promise((resolve) => { requestAnimationFrame(resolve); });
        }
        recorder.stop();
        await stopped;
        return new File(parts, 'film.mp4', { type: 'video/mp4' });
      },
    };
  }, { name: SDKS[sdk], address: server.address, who });
  return page;
}

/** Sends a file that the page makes; what the sender's own message says, or why it was not sent. */
function send(page: Page, room: string, kind: string, file: string): Promise<Received | Failure> {
  return page.evaluate(async ({ room, kind, file }) => {
    const { chat, make } = window as unknown as ShopWindow;
    const made = await make[file]?.();
    const message = chat[`create${kind}Message`]?.({ to: room, conversationType: 'GROUP', payload: { file: made } });
    try {
      const { data } = await chat.sendMessage(message);
      return { type: data.message.type, from: data.message.from, payload: JSON.parse(JSON.stringify(data.message.payload)) as Record<string, unknown> };
    } catch (error) {
      const { code, message } = error as Failure;
      return { code, message };
    }
  }, { room, kind, file });
}

/** Waits until the page has received a message of a type. */
async function received(page: Page, type: string): Promise<Received> {
  const handle = await page.waitForFunction(
    (type) => (window as unknown as ShopWindow).received.find((message) => message.type === type), type, { timeout: PATIENCE_MS });
  return await handle.jsonValue() as Received;
}

/** Shows a picture in the page and says how large it is. */
function shown(page: Page, url: string): Promise<[number, number]> {
  return page.evaluate(async (url) => {
    const image = document.body.appendChild(new Image());
    image.src = url;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight] as [number, number];
  }, url);
}

/** Plays in the page; how long it is and how wide. */
function played(page: Page, kind: 'audio' | 'video', url: string): Promise<{ duration: number; width: number }> {
  return page.evaluate(async ({ kind, url }) => {
    const player = document.body.appendChild(document.createElement(kind));
    player.muted = true;
    player.src = url;
    await player.play();
    return { duration: player.duration, width: 'videoWidth' in player ? player.videoWidth : 0 };
  }, { kind, url });
}

const pairs: [Sdk, Sdk][] = [['tim-js-sdk', '@tencentcloud/chat'], ['@tencentcloud/chat', 'tim-js-sdk']];
for (const [from, to] of pairs) {
  describe(`${from} sends to ${to}`, { timeout: 120_000 }, () => {
    let sender: Page;
    let viewer: Page;
    const room = `files_${from.length}`;

    before(async () => {
      [sender, viewer] = await Promise.all([open(from), open(to)]);
      await sender.evaluate((groupID) =>
        (window as unknown as ShopWindow).chat.createGroup({ type: 'AVChatRoom', groupID, name: 'Files' }), room);
      for (const page of [sender, viewer]) {
        await page.evaluate((groupID) => (window as unknown as ShopWindow).chat.joinGroup({ groupID, type: 'AVChatRoom' }), room);
      }
    });

    after(async () => { for (const page of [sender, viewer]) await page?.context().close(); });

    it('a picture, which is seen in three sizes', async () => {
      const sent = await send(sender, room, 'Image', 'image');
      assert.ok('payload' in sent, JSON.stringify(sent));
      const { payload } = await received(viewer, 'TIMImageElem');
      const infos = payload.imageInfoArray as { url: string; width: number; height: number; sizeType?: number; type: number }[];
      assert.equal(infos.length, 3, JSON.stringify(infos));
      const sizes = new Set<string>();
      for (const { url, width, height } of infos) {
        assert.ok(url.startsWith(`http://${server.address}/files/`), url);
        const size = await shown(viewer, url);
        assert.deepEqual(size, [width, height], url);
        sizes.add(size.join('x'));
      }
      assert.deepEqual([...sizes].sort(), ['1000x1500', '198x297', '720x1080']);
    });

    it('a file, which is read by the page and saved under its name', async () => {
      const sent = await send(sender, room, 'File', 'file');
      assert.ok('payload' in sent, JSON.stringify(sent));
      const { payload } = await received(viewer, 'TIMFileElem');
      assert.equal(payload.fileName, '价目表.txt');
      const url = payload.fileUrl as string;
      assert.equal(await viewer.evaluate(async (url) => (await fetch(url)).text(), url), 'the price of tea');
      const download = viewer.waitForEvent('download');
      await viewer.evaluate((url) => { Object.assign(document.createElement('a'), { href: url }).click(); }, url);
      assert.match((await download).suggestedFilename(), /\.txt$/);
    });

    it('a sound, which is played', async () => {
      const sent = await send(sender, room, 'Audio', 'audio');
      assert.ok('payload' in sent, JSON.stringify(sent));
      const { payload } = await received(viewer, 'TIMSoundElem');
      const { duration } = await played(viewer, 'audio', payload.url as string);
      assert.ok(Math.abs(duration - 1) < 0.01, String(duration));
    });

    it('a film, which is played', async () => {
      const sent = await send(sender, room, 'Video', 'video');
      assert.ok('payload' in sent, JSON.stringify(sent));
      const { payload } = await received(viewer, 'TIMVideoFileElem');
      const { width } = await played(viewer, 'video', payload.videoUrl as string);
      assert.equal(width, 320);
    });

    it('nothing, if the picture is none', async () => {
      const sent = await send(sender, room, 'Image', 'page');
      assert.ok('code' in sent && sent.code > 0, JSON.stringify(sent));
      const before = await viewer.evaluate(() => (window as unknown as ShopWindow).received.length);
      // What is sent after it arrives alone.
      await send(sender, room, 'File', 'file');
      await viewer.waitForFunction((before) => (window as unknown as ShopWindow).received.length > before, before);
      const types = await viewer.evaluate(() => (window as unknown as ShopWindow).received.map((message) => message.type));
      assert.equal(types.filter((type) => type === 'TIMImageElem').length, 1, types.join());
    });
  });
}
