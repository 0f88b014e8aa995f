// The player as it is published, in a real browser, with real H.264 and AAC: the number of every picture is read from its
// pixels, so what is seen is known to move, to be fresh, and to come back.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { DESK, openBrowser, PATIENCE_MS, shot, visit, type Visitor } from '../src/browser';
import { openChannel, type Channel } from '../src/channel';
import { FRAMES_PER_SECOND, makeFilm, type Film } from '../src/film';
import { openModules } from '../src/modules';
import type { Origin } from '../src/origin';
import { moves, NUMBERS, numberShown, until } from '../src/picture';

/** From the wish to play to the first picture, with the engine to be loaded. */
const FIRST_PICTURE_MS = 2000;
/** From the camera to the eye, by FLV. */
const DELAY_S = 1.5;

/** What the tests use of the player, in the page. */
interface Player {
  readonly video: HTMLVideoElement;
  readonly state: string;
  readonly silenced: boolean;
  readonly stats: { way: string | null; delay: number | null; buffered: number; speed: number };
  muted: boolean;
  play(): void;
  on(event: string, handler: (data: Record<string, unknown>) => void): () => void;
  destroy(): void;
}
interface PlayerWindow {
  player: Player;
  /** When it was asked for, and when it showed its first picture. */
  asked: number;
  shown: number;
}

let film: Film;
let origin: Origin;
let browser: Browser;
let channel: Channel;
let viewer: Visitor;

before(async () => {
  film = await makeFilm();
  origin = await openModules();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await origin?.close();
});
beforeEach(async () => {
  channel = await openChannel(film);
  viewer = await visit(browser, { size: DESK });
  await viewer.page.goto(origin.url);
});
afterEach(async () => {
  await viewer.context.close();
  await channel.close();
});

/** Makes a player in the page. */
async function open(options: { sources: { flv?: string; hls?: string }; muted?: boolean; ways?: string[] }): Promise<void> {
  await viewer.page.evaluate(async (options) => {
    const here = window as unknown as PlayerWindow;
    const name = '@hawker/player';
    const { createPlayer } = await import(name) as { createPlayer(element: Element, options: object): Player };
    here.asked = performance.now();
    here.player = createPlayer(document.body, options);
    // What the browser plays by itself may be read only so.
    here.player.video.crossOrigin = 'anonymous';
    here.player.video.requestVideoFrameCallback(() => { here.shown = performance.now(); });
  }, options);
}

const state = (wanted: string): Promise<unknown> => viewer.page.waitForFunction(
  (wanted) => (window as unknown as PlayerWindow).player.state === wanted, wanted, { timeout: PATIENCE_MS });
const moved = (): Promise<void> => moves(viewer.page);

/** Seconds between the film and what is seen of it. */
async function delay(): Promise<number> {
  const seen = await numberShown(viewer.page);
  return ((channel.frame() - seen + NUMBERS) % NUMBERS) / FRAMES_PER_SECOND;
}

describe('FLV', () => {
  it('shows a late viewer a picture at once, that moves and is fresh', async () => {
    await open({ sources: { flv: channel.flv, hls: channel.hls } });
    await state('playing');
    await moved();
    const { took, stats } = await viewer.page.evaluate(() => {
      const { asked, shown, player } = window as unknown as PlayerWindow;
      return { took: shown - asked, stats: player.stats };
    });
    assert.equal(stats.way, 'flv');
    assert.ok(took < FIRST_PICTURE_MS, `first picture after ${took} ms`);
    const late = await delay();
    assert.ok(late < DELAY_S, `${late} s behind`);
    assert.ok(stats.delay !== null && Math.abs(stats.delay - late) < 0.6, `says ${stats.delay} s, is ${late} s`);
    await shot(viewer, 'player');
    assert.deepEqual(viewer.errors, []);
  });

  it('comes back after a cut, by the same way', async () => {
    viewer.tolerate(/ERR_|Failed to load resource/);
    await open({ sources: { flv: channel.flv, hls: channel.hls } });
    await state('playing');
    channel.cut();
    await until(viewer.page, 'nobody came back', () => channel.joins() === 2);
    await state('playing');
    await moved();
    assert.ok(await delay() < DELAY_S);
    assert.equal(await viewer.page.evaluate(() => (window as unknown as PlayerWindow).player.stats.way), 'flv');
  });

  it('comes back when the server falls silent', async () => {
    await open({ sources: { flv: channel.flv } });
    await state('playing');
    channel.hush();
    await state('stalled');
    await until(viewer.page, 'nobody tried again', () => channel.joins() === 2);
  });

  it('plays without sound where the browser refuses it, and with sound after a tap', async () => {
    // Whatever a test evaluates in a page counts as a tap there: the page begins by itself, and tells by itself.
    await viewer.page.addInitScript((flv) => {
      addEventListener('DOMContentLoaded', () => {
        const name = '@hawker/player';
        void import(name).then(({ createPlayer }: { createPlayer(element: Element, options: object): Player }) => {
          const player = createPlayer(document.body, { sources: { flv } });
          (window as unknown as PlayerWindow).player = player;
          const tell = () => console.log([player.state, player.muted ? 'muted' : 'loud', player.silenced ? 'silenced' : ''].join(' '));
          for (const event of ['state', 'sound']) player.on(event, tell);
          addEventListener('click', () => { player.muted = false; });
        });
      });
    }, channel.flv);
    const told = (wanted: string) => viewer.page.waitForEvent('console', { predicate: (message) => message.text() === wanted });
    const silenced = told('playing muted silenced');
    await viewer.page.reload();
    await silenced;
    const loud = told('playing loud ');
    await viewer.page.mouse.click(50, 50);
    await loud;
    await viewer.page.waitForFunction(() => {
      const { player } = window as unknown as PlayerWindow;
      return player.state === 'playing' && ((player.video as { webkitAudioDecodedByteCount?: number }).webkitAudioDecodedByteCount ?? 0) > 0;
    });
  });

  it('asks for a tap where the browser refuses everything, and plays after it', async () => {
    await viewer.page.evaluate(() => {
      // Phones that save power do this.
      const { play } = HTMLMediaElement.prototype;
      let tapped = false;
      addEventListener('pointerdown', () => { tapped = true; });
      HTMLMediaElement.prototype.play = function refuse() {
        return tapped ? play.call(this) : Promise.reject(new DOMException('no', 'NotAllowedError'));
      };
    });
    await open({ sources: { flv: channel.flv } });
    await state('blocked');
    await viewer.page.mouse.click(50, 50);
    await state('playing');
    await moved();
  });

  it('ends its connection when it is destroyed, also while nothing comes', async () => {
    await open({ sources: { flv: channel.flv } });
    await state('playing');
    assert.equal(channel.viewers(), 1);
    channel.hush();
    await viewer.page.evaluate(() => (window as unknown as PlayerWindow).player.destroy());
    await until(viewer.page, 'the connection stayed open', () => channel.viewers() === 0);
    assert.equal(await viewer.page.locator('video').count(), 0);
    assert.equal(channel.joins(), 1);
    assert.deepEqual(viewer.errors, []);
  });
});

describe('HLS', () => {
  for (const way of ['hls', 'native']) {
    it(`plays by ${way}`, async (test) => {
      if (way === 'native' && !await viewer.page.evaluate(() => document.createElement('video').canPlayType('application/vnd.apple.mpegurl'))) {
        return test.skip('this browser has no HLS of its own');
      }
      await open({ sources: { hls: channel.hls }, ways: [way] });
      await state('playing');
      await moved();
      assert.equal(await viewer.page.evaluate(() => (window as unknown as PlayerWindow).player.stats.way), way);
      assert.deepEqual(viewer.errors, []);
    });
  }

  it('is what is left where FLV is none', async () => {
    await open({ sources: { flv: channel.noise, hls: channel.hls }, ways: ['flv', 'hls'] });
    await state('playing');
    await moved();
    assert.equal(await viewer.page.evaluate(() => (window as unknown as PlayerWindow).player.stats.way), 'hls');
  });
});

it('the element plays while it is in the page', async () => {
  await viewer.page.evaluate(async (flv) => {
    const name = '@hawker/player';
    const { definePlayer } = await import(name) as { definePlayer(): void };
    definePlayer();
    document.body.insertAdjacentHTML('beforeend', '<hawker-player muted></hawker-player>');
    document.querySelector('hawker-player')?.setAttribute('flv', flv);
  }, channel.flv);
  await viewer.page.locator('hawker-player[state=playing]').waitFor({ timeout: PATIENCE_MS });
  assert.equal(channel.viewers(), 1);
  await viewer.page.evaluate(() => document.querySelector('hawker-player')?.remove());
  await until(viewer.page, 'the connection stayed open', () => channel.viewers() === 0);
});
