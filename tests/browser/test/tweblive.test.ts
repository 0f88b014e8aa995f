// Our packages as they are published, in a real browser: the chat of TWebLive sends pictures from a file input and as
// files, tells how far it is, and loads what it needs for that when it needs it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DESK, openBrowser, PATIENCE_MS, visit, type Visitor } from '../src/browser';
import { openLine, type Line } from '../src/line';
import { openModules } from '../src/modules';
import type { Origin } from '../src/origin';
import { guest, startServer, type Server } from '../src/server';

interface Size { readonly url: string; readonly width: number; readonly height: number }
interface Received { readonly ID: string; readonly payload: { readonly imageInfoArray: Size[] } }
interface Outcome { readonly code?: number; readonly message?: string; readonly heard: number[]; readonly sent?: Received }

/** What the tests use of `@hawker/tweblive`, in the page. */
interface Im {
  on(event: string, handler: (event: { data: Received[] }) => void): void;
  setLogLevel(level: number): void;
  login(options: object): Promise<unknown>;
  createRoom(options: object): Promise<unknown>;
  enterRoom(roomID: string): Promise<unknown>;
  sendImageMessage(options: object): Promise<{ data: { message: Received } }>;
  tim: { createImageMessage(options: object): Received; resendMessage(message: Received): Promise<{ data: { message: Received } }> };
}
interface ShopWindow { im: Im; failed?: Received | undefined; onWay: number[]; pictures: Received[]; picture(width: number, height: number): Promise<File> }

const ROOM = 'pictures';
let server: Server;
let line: Line;
let origin: Origin;
let browser: Browser;
let sender: Visitor;
let viewer: Visitor;

/** A page whose user is in the room; the first makes it, and its line can be cut. */
async function open(makes: boolean): Promise<Visitor> {
  const visitor = await visit(browser, { size: DESK });
  await visitor.page.goto(origin.url);
  const who = await guest(server, 'Mei');
  await visitor.page.evaluate(async ({ address, who, room, makes }) => {
    const shop = window as unknown as ShopWindow;
    // By name, as the import map says; the compiler of the tests need not know it.
    const name = '@hawker/tweblive';
    const { default: TWebLive } = await import(name) as { default: { EVENT: Record<string, string>; createIM(options: object): Im } };
    const im = TWebLive.createIM({ SDKAppID: who.sdkAppID, proxyServer: `ws://${address}` });
    im.setLogLevel(4);
    shop.im = im;
    shop.pictures = [];
    im.on(TWebLive.EVENT.IM_IMAGE_MESSAGE_RECEIVED ?? '', ({ data }) => { shop.pictures.push(...data); });
    const ready = new Promise<void>((resolve) => { im.on(TWebLive.EVENT.IM_READY ?? '', () => { resolve(); }); });
    await im.login({ userID: who.userID, userSig: who.userSig });
    await ready;
    if (makes) await im.createRoom({ roomID: room, name: 'Pictures' });
    await im.enterRoom(room);
    // Noise, so that it stays large and travels in more than one piece.
    shop.picture = async (width, height) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const pen = canvas.getContext('2d');
      if (!pen) throw new Error('no canvas');
      const image = pen.createImageData(width, height);
      for (let at = 0; at < image.data.length; at += 4) {
        image.data[at] = Math.random() * 255;
        image.data[at + 1] = Math.random() * 255;
        image.data[at + 2] = Math.random() * 255;
        image.data[at + 3] = 255;
      }
      pen.putImageData(image, 0, 0);
      const blob = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/png'); });
      return new File([blob ?? ''], 'noise.png', { type: 'image/png' });
    };
  }, { address: (makes ? line : server).address, who, room: ROOM, makes });
  return visitor;
}

before(async () => {
  server = await startServer();
  line = await openLine(server.address);
  origin = await openModules();
  browser = await openBrowser();
  sender = await open(true);
  viewer = await open(false);
});

after(async () => {
  await browser?.close();
  await origin?.close();
  await line?.close();
  await server?.stop();
});

/** Files of our packages that the page has loaded. */
function loaded(page: Page): Promise<string[]> {
  return page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((name) => name.endsWith('.js')));
}

/** Sends what the picker holds, or a file that is made in the page. */
function send(page: Page, what: 'picker' | { width: number; height: number } | { text: string }): Promise<Outcome> {
  return page.evaluate(async ({ room, what }) => {
    const shop = window as unknown as ShopWindow;
    const file = what === 'picker' ? document.querySelector('#picker')
      : 'text' in what ? new File([what.text], 'cat.png', { type: 'image/png' }) : await shop.picture(what.width, what.height);
    const heard: number[] = (shop.onWay = []);
    try {
      const { data: { message } } = await shop.im.sendImageMessage({ roomID: room, file, onProgress: (share: number) => { heard.push(share); } });
      return { heard, sent: { ID: message.ID, payload: message.payload } };
    } catch (error) {
      const { code, message, data } = error as { code: number; message: string; data?: { message: Received } };
      shop.failed = data?.message;
      return { heard, code, message };
    }
  }, { room: ROOM, what });
}

/** The address of a picture at the viewer, once it is there, and its size as the browser draws it. */
async function shown(id: string): Promise<{ width: number; height: number }[]> {
  const { page } = viewer;
  await page.waitForFunction((wanted) => (window as unknown as ShopWindow).pictures.some(({ ID }) => ID === wanted), id, { timeout: PATIENCE_MS });
  return page.evaluate(async (wanted) => {
    const picture = (window as unknown as ShopWindow).pictures.find(({ ID }) => ID === wanted);
    return Promise.all((picture?.payload.imageInfoArray ?? []).map(async ({ url }) => {
      const image = Object.assign(new Image(), { src: url });
      await image.decode();
      return { width: image.naturalWidth, height: image.naturalHeight };
    }));
  }, id);
}

/** Lets uploads of the sender take their time while `during` runs. */
async function slowly<T>(during: () => Promise<T>): Promise<T> {
  const wire = await sender.context.newCDPSession(sender.page);
  await wire.send('Network.enable');
  await wire.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 8_000_000 });
  const result = await during();
  await wire.detach();
  return result;
}

describe('pictures with the chat of TWebLive in a browser', { timeout: 120_000 }, () => {
  it('load what they need when the first is sent, not before', async () => {
    assert.deepEqual((await loaded(viewer.page)).sort(), ['/tim/index.js', '/tweblive/index.js']);
    const { sent } = await send(sender.page, { width: 40, height: 30 });
    assert.ok((await loaded(sender.page)).includes('/tim/later.js'));
    assert.deepEqual(await shown(sent?.ID ?? ''), [{ width: 40, height: 30 }, { width: 40, height: 30 }, { width: 40, height: 30 }]);
    assert.deepEqual((await loaded(viewer.page)).sort(), ['/tim/index.js', '/tweblive/index.js'], 'who only looks does not need it');
  });

  it('are refused when what they need cannot be loaded, and go when it can', async () => {
    const late = await open(false);
    await late.page.route('**/later.js', (route) => route.abort());
    late.tolerate(/ERR_FAILED/);
    const refused = await send(late.page, { width: 40, height: 30 });
    assert.deepEqual([refused.code, /not loaded/.test(refused.message ?? '')], [2800, true]);
    await late.page.unroute('**/later.js');
    const { sent } = await send(late.page, { width: 60, height: 30 });
    assert.equal((await shown(sent?.ID ?? ''))[0]?.width, 60);
    assert.deepEqual(late.errors, []);
    await late.context.close();
  });

  it('come from a file input, and tell how far they are', async () => {
    await sender.page.evaluate(async () => {
      const picked = new DataTransfer();
      picked.items.add(await (window as unknown as ShopWindow).picture(1500, 1000));
      (document.querySelector('#picker') as HTMLInputElement).files = picked.files;
    });
    // Four megabytes, so that there is something to tell.
    const { sent, heard } = await slowly(() => send(sender.page, 'picker'));
    assert.ok(heard.length >= 2, `heard ${heard.join(' ')}`);
    assert.deepEqual(heard, [...heard].sort((a, b) => a - b));
    assert.equal(heard.at(-1), 1);
    assert.deepEqual(sent?.payload.imageInfoArray.map(({ width, height }) => [width, height]), [[1500, 1000], [297, 198], [1080, 720]]);
    assert.deepEqual(await shown(sent?.ID ?? ''), [{ width: 1500, height: 1000 }, { width: 297, height: 198 }, { width: 1080, height: 720 }]);
  });

  it('fail when the line is cut half-way, and can be sent again', async () => {
    sender.tolerate(/ERR_|WebSocket/);
    const cut = await slowly(async () => {
      await sender.page.evaluate(() => { (window as unknown as ShopWindow).onWay = []; });
      const sending = send(sender.page, { width: 1500, height: 1000 });
      await sender.page.waitForFunction(() => (window as unknown as ShopWindow).onWay.length > 0, undefined, { timeout: PATIENCE_MS });
      line.cut();
      return sending;
    });
    assert.deepEqual([cut.code, /payload\.file/.test(cut.message ?? ''), cut.heard.includes(1)], [2800, true, false]);
    line.mend();
    const sent = await sender.page.evaluate(async () => {
      const { im, failed } = window as unknown as ShopWindow;
      if (!failed) throw new Error('the error does not carry the message');
      const { data: { message } } = await im.tim.resendMessage(failed);
      return message.ID;
    });
    assert.deepEqual(await shown(sent), [{ width: 1500, height: 1000 }, { width: 297, height: 198 }, { width: 1080, height: 720 }]);
  });

  it('can be shown to oneself before they are sent', async () => {
    const size = await sender.page.evaluate(async (room) => {
      const shop = window as unknown as ShopWindow;
      const file = await shop.picture(50, 20);
      const message = shop.im.tim.createImageMessage({ to: room, conversationType: 'GROUP', payload: { file } });
      const image = Object.assign(new Image(), { src: message.payload.imageInfoArray[0]?.url ?? '' });
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    }, ROOM);
    assert.deepEqual(size, [50, 20]);
  });

  it('are refused when there is none, or it is none', async () => {
    await sender.page.setInputFiles('#picker', []);
    const none = await send(sender.page, 'picker');
    assert.deepEqual([none.code, /payload\.file/.test(none.message ?? '')], [2251, true]);
    sender.tolerate(/415/);
    const text = await send(sender.page, { text: '<script>alert(1)</script>'.repeat(20) });
    assert.deepEqual([text.code, /payload\.file/.test(text.message ?? '')], [2252, true]);
    const empty = await send(sender.page, { text: '' });
    assert.equal(empty.code, 2108);
    assert.deepEqual([...sender.errors, ...viewer.errors], []);
  });
});
