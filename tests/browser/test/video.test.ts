// A host's video on the way: an encoder pushes what the studio says, viewers see it behind the comments, a new key cuts it.
//
// The steps build on each other. The viewer on the phone never signs in.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { DESK, miss, openBrowser, see, shot, visit, type Visitor } from '../src/browser';
import { makeFilm, pushFilm, type Film } from '../src/film';
import { openModules } from '../src/modules';
import type { Origin } from '../src/origin';
import { moves } from '../src/picture';
import { startServer, type Server } from '../src/server';

const CONFIG = `
[pages]
guests = true
[media]
rtmp_listen = "127.0.0.1:0"
`;
const ROOM = 'teaware';

let film: Film;
let server: Server;
let origin: Origin;
let browser: Browser;
let host: Visitor;
let viewer: Visitor;
let encoder: ChildProcess | undefined;

before(async () => {
  [film, server, origin, browser] = await Promise.all([makeFilm(), startServer(CONFIG), openModules(), openBrowser()]);
  host = await visit(browser, { size: DESK });
  viewer = await visit(browser);
});

after(async () => {
  encoder?.kill();
  await browser?.close();
  await origin?.close();
  await server?.stop();
});

const studio = () => host.page;
const panel = () => studio().locator('.stream-card');
const key = () => panel().getByLabel('Stream key', { exact: true }).inputValue();
const screen = (state: string) => viewer.page.locator(`.video[data-state=${state}]`);
const push = async () => {
  const address = await panel().getByLabel('Server (RTMP)', { exact: true }).inputValue();
  encoder = pushFilm(film, `${address}/${await key()}`);
};

describe('video', { timeout: 120_000 }, () => {
  it('has an address and a hidden key for the host', async () => {
    const { user, sig } = server.host;
    await studio().goto(`http://${server.address}/studio#room=${ROOM}&user=${user}&sig=${encodeURIComponent(sig)}`);
    await studio().getByLabel('Name of the show').fill('Teaware at night');
    await studio().getByRole('button', { name: 'Open a room' }).click();
    await see(panel().getByText('No video'));
    assert.match(await key(), /^teaware\?key=[0-9a-f]{32}$/);
    assert.equal(await panel().getByLabel('Stream key', { exact: true }).getAttribute('type'), 'password');
  });

  it('comes to those who wait as soon as an encoder pushes, and the show is live', async () => {
    await viewer.page.goto(`http://${server.address}/room/${ROOM}`);
    await see(viewer.page.getByRole('heading', { name: 'The show starts soon' }));
    await push();
    await screen('playing').waitFor();
    await moves(viewer.page);
    await see(viewer.page.locator('.badge', { hasText: 'LIVE' }));
    await miss(viewer.page.getByRole('heading', { name: 'The show starts soon' }));
    await shot(viewer, 'room-video');
  });

  it('comes to who is late', async () => {
    const late = await visit(browser);
    await late.page.goto(`http://${server.address}/room/${ROOM}`);
    await late.page.locator('.video[data-state=playing]').waitFor();
    await moves(late.page);
    assert.deepEqual(late.errors, []);
    await late.context.close();
  });

  for (const way of ['flv', 'hls']) {
    it(`plays on a page of the shop's own by ${way}`, async () => {
      const shop = await visit(browser, { size: DESK });
      await shop.page.goto(origin.url);
      await shop.page.evaluate(async ({ place, way }) => {
        const name = '@hawker/player';
        const { createPlayer } = await import(name) as { createPlayer(element: Element, options: object): unknown };
        createPlayer(document.body, { sources: { flv: `${place}.flv`, hls: `${place}.m3u8` }, ways: [way], muted: true });
      }, { place: `http://${server.address}/live/${ROOM}`, way });
      await moves(shop.page);
      assert.deepEqual(shop.errors, []);
      await shop.context.close();
    });
  }

  it('is seen by the host, with what arrives and how far behind it is', async () => {
    await see(panel().getByText('Arriving'));
    await panel().getByRole('button', { name: 'Preview' }).click();
    await see(panel().getByText(/\d s behind/));
    await moves(studio());
    await shot(host, 'studio-video');
  });

  it('ends with a new key, and comes back with it', async () => {
    const before = await key();
    await panel().getByRole('button', { name: 'New key' }).click();
    await studio().getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    await screen('idle').waitFor({ state: 'attached' });
    await see(panel().getByText('No video'));
    assert.notEqual(await key(), before);
    await push();
    await screen('playing').waitFor();
    await moves(viewer.page);
  });

  it('nothing went wrong on any page', () => {
    assert.deepEqual(viewer.errors, []);
    assert.deepEqual(host.errors, []);
  });
});
