// A whole show, from opening the room to closing it, with a host at a desk and a viewer on a phone.
//
// The steps build on each other like the show itself: one room, two browsers, the real server between them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { DESK, miss, openBrowser, PATIENCE_MS, see, shot, visit, type Visitor } from '../src/browser';
import { openLine, type Line } from '../src/line';
import { merchant, startServer, type Server } from '../src/server';

const ROOM = 'show_1';
const SCRIPT = '<script>alert(1)</script>';
const PICTURE = '<img src=x onerror=alert(2)>';
const GOODS = 'Celadon cup <b>280 ml</b>';
const DAY_MS = 24 * 3600 * 1000;

let server: Server;
let line: Line;
let browser: Browser;
let host: Visitor;
let viewer: Visitor;

before(async () => {
  server = await startServer();
  line = await openLine(server.address);
  browser = await openBrowser();
  host = await visit(browser, { size: DESK });
  viewer = await visit(browser);
});

after(async () => {
  await browser?.close();
  await line?.close();
  await server?.stop();
});

const studio = () => host.page;
const room = () => viewer.page;
const comment = (text: string) => room().getByRole('log').getByText(text, { exact: true });
const heard = (text: string) => studio().getByRole('log', { name: 'Comments' }).getByText(text, { exact: true });
const lineOf = (text: string) => studio().locator('.chat-line', { hasText: text }).last();
const actions = (text: string) => lineOf(text).getByRole('button', { name: /Actions for/ });
const event = (text: string) => studio().getByRole('log', { name: 'Events' }).getByText(text);
const sayField = () => room().locator('.say');
const phoneSays = async (text: string) => {
  await sayField().fill(text);
  await sayField().press('Enter');
};

describe('a show', { timeout: 180_000 }, () => {
  it('opens a room that does not exist yet from a link of the host', async () => {
    const { user, sig } = server.host;
    await studio().goto(`http://${server.address}/studio#room=${ROOM}&user=${user}&sig=${encodeURIComponent(sig)}`);
    await see(studio().getByText(`There is no room ${ROOM} yet`));
    await studio().getByLabel('Name of the show').fill('Teaware at night');
    await studio().getByRole('button', { name: 'Open a room' }).click();
    await see(studio().getByRole('heading', { name: 'Teaware at night' }));
    assert.equal(new URL(studio().url()).hash, '', 'the signature does not stay in the address');
  });

  it('waits for the host before it is live', async () => {
    await room().goto(`http://${line.address}/room/${ROOM}`);
    await see(room().getByRole('heading', { name: 'The show starts soon' }));
  });

  it('goes live on the pages of those who wait, anonymous or not', async () => {
    await studio().getByRole('button', { name: 'Go live' }).click();
    await see(room().locator('.badge', { hasText: 'LIVE' }));
    await miss(room().getByRole('heading', { name: 'The show starts soon' }));
  });

  it('shows comments to an anonymous viewer', async () => {
    await studio().getByPlaceholder('Say something as the host').fill('Good evening!');
    await studio().keyboard.press('Enter');
    await see(heard('Good evening!'));
    await see(comment('Good evening!'));
  });

  it('asks for a name before the first comment, and shows a name that looks like markup as text', async () => {
    await sayField().click();
    await room().getByLabel('Your name').fill(PICTURE);
    await room().getByRole('button', { name: 'Join in' }).click();
    await miss(room().getByRole('dialog'));
    await phoneSays(SCRIPT);
    await see(comment(SCRIPT));
    await see(heard(SCRIPT));
    await see(studio().getByRole('log', { name: 'Comments' }).getByText(PICTURE));
    assert.equal(await room().locator('.comments script, .comments .said img').count(), 0);
    assert.equal(await studio().locator('.chat-list script, .chat-said img').count(), 0);
  });

  it('remembers the name when the page is loaded again', async () => {
    await room().reload();
    await see(room().locator(`.say[aria-label*="onerror"]`));
    await phoneSays('I am back');
    await see(heard('I am back'));
  });

  it('begins with an empty shelf', async () => {
    await see(studio().getByText('The shelf is empty.'));
  });

  it('puts goods of the shop on the shelf, and shows viewers what the host is showing, with a price in words of their language', async () => {
    const skus = [{ Name: 'Jade', Price: 129_950, ListPrice: 159_900, Stock: 3 }, { Name: 'Plum', Price: 139_950, Stock: 0 }];
    await merchant(server, 'save_goods', { Title: GOODS, Pictures: ['/demo/mug.svg'], State: 'on', Skus: skus, Key: 'goods' });
    await merchant(server, 'save_coupon', {
      Title: 'Welcome', Off: { Amount: 950 }, Threshold: 100_000, StartsAt: Date.now() - DAY_MS, EndsAt: Date.now() + DAY_MS, Stock: 10, Key: 'coupon',
    });
    await studio().reload();
    await studio().getByRole('button', { name: 'Choose goods' }).click();
    await studio().getByRole('checkbox', { name: GOODS }).check();
    await studio().getByRole('button', { name: 'Put 1 on the shelf' }).click();
    await studio().getByRole('button', { name: /^Show to viewers/ }).click();
    const card = room().getByRole('region', { name: 'On offer now' });
    await see(card.getByText(GOODS));
    await see(card.getByText('¥1,299.50'));
    await see(card.getByText('3 left'));
    await see(studio().getByText('Viewers see this now'));
    await see(room().getByRole('button', { name: 'Shelf, 1 goods' }));
  });

  it('starts a flash sale, which the card counts down', async () => {
    await studio().locator('.shelf-row .shelf-text').click();
    await studio().getByRole('button', { name: 'Flash sale' }).click();
    await studio().getByLabel('Price (CNY)').fill('999.50');
    await studio().getByLabel('Pieces').fill('2');
    await studio().getByRole('button', { name: 'Start now' }).click();
    await see(studio().getByText('¥999.50 · 2 of 2 left'));
    await see(room().locator('.goods.flash').getByText('¥999.50'));
    await see(room().getByText(/^Flash sale \d+:\d\d$/));
  });

  it('lets coupons rain, and one tap has one', async () => {
    await studio().getByRole('button', { name: 'Rain: Welcome' }).click();
    await see(room().getByText('Coupons!'));
    await room().getByRole('button', { name: 'Catch this coupon' }).click();
    await see(room().getByText('You have it!'));
    await shot(viewer, 'room-coupon');
    await room().getByRole('button', { name: 'Go shopping' }).click();
    await shot(viewer, 'room-shelf');
    await see(studio().getByText('9 of 10 left'));
  });

  it('sells: the price of the flash sale, the first variant that is there; what is missing is asked for', async () => {
    await room().getByRole('button', { name: `Grab: ${GOODS}` }).click();
    await see(room().locator('.shop').getByText('¥999.50').first());
    assert.equal(await room().getByRole('button', { name: 'Plum' }).isDisabled(), true);
    await room().getByRole('button', { name: 'Place order' }).click();
    await see(room().getByText('Where shall it go?'));
    await room().getByLabel('Name', { exact: true }).fill(SCRIPT);
    await room().getByLabel('Phone').fill('123');
    await room().getByLabel('Address', { exact: true }).fill('Lake 1');
    await shot(viewer, 'room-buy');
    const [payment] = await Promise.all([room().waitForEvent('popup'), room().getByRole('button', { name: 'Place order' }).click()]);
    await see(room().getByText('Waiting for payment'));
    await see(room().getByText(SCRIPT));
    await see(payment.getByText('TEST PAYMENT'));
    await see(payment.getByText('¥999.50'));
    await payment.getByRole('button', { name: 'Pay (test)' }).click();
    await see(payment.getByText('Paid (test)'));
    await payment.close();
    await see(room().locator('.order-state').getByText('Paid', { exact: true }));
    await shot(viewer, 'room-paid');
    await room().locator('.shop-close').click();
    await see(event(`bought ${GOODS}`));
    await see(studio().locator('.tile-revenue dd', { hasText: '¥999.50' }));
    await see(studio().getByText('1 of 2 left'));
  });

  it('ends the flash sale, and the price is what it was', async () => {
    await studio().locator('.shelf-sale').getByRole('button', { name: 'End' }).click();
    await see(room().locator('.goods:not(.flash)').getByText('¥1,299.50'));
  });

  it('tells the host of likes and follows', async () => {
    await room().getByRole('button', { name: 'Like' }).click();
    await room().getByRole('button', { name: 'Like' }).click();
    await see(studio().locator('.tile-likes dd', { hasText: /^[2-9]/ }));
    await room().getByRole('button', { name: 'Follow' }).click();
    await see(room().getByRole('button', { name: 'Following' }));
    await see(event('followed you'));
  });

  it('has gifts paid with coins: bought first, then given in a row, and on the board', async () => {
    await room().getByRole('button', { name: 'Gift' }).click();
    await room().getByRole('button', { name: /Top up/ }).click();
    await room().getByRole('button', { name: 'Continue' }).click();
    const [payment] = await Promise.all([room().waitForEvent('popup'), room().getByRole('link', { name: /^Pay/ }).click()]);
    await payment.getByRole('button', { name: 'Pay (test)' }).click();
    await see(payment.getByText('Paid (test)'));
    await payment.close();
    await room().getByRole('button', { name: 'Candy' }).click();
    for (let tap = 0; tap < 3; tap += 1) await room().locator('.combo').click();
    await see(room().locator('.gift-banner', { hasText: '×3' }));
    await see(event('sent a candy'));
    await see(room().locator('.balance b', { hasText: '270' }));
    await shot(viewer, 'room-gifts');
    await room().getByRole('button', { name: 'Top fans' }).click();
    await see(room().locator('.board li', { hasText: '30' }));
    await room().locator('.shop-close').click();
    await shot(viewer, 'room-live');
    await shot(host, 'studio-live');
  });

  it('keeps the follow when the page is loaded again', async () => {
    await room().reload();
    await see(room().getByRole('button', { name: 'Following' }));
  });

  it('shows the announcement, and counts its bytes before it is published', async () => {
    const field = studio().getByRole('textbox', { name: 'Announcement' });
    await field.fill('茶'.repeat(101));
    await see(studio().getByText('303 of 300 bytes'));
    assert.equal(await studio().getByRole('button', { name: 'Publish' }).isDisabled(), true);
    await field.fill('Prize draw at eight');
    await studio().getByRole('button', { name: 'Publish' }).click();
    await see(room().getByText('Prize draw at eight'));
  });

  it('lets the host mute one viewer, who is told why, and speak again', async () => {
    await actions('I am back').click();
    await studio().getByRole('button', { name: '10 minutes' }).click();
    await see(room().getByText(/You are muted for/));
    assert.equal(await sayField().isDisabled(), true);
    await shot(viewer, 'room-muted');
    await actions('I am back').click();
    await studio().getByRole('button', { name: 'Unmute' }).click();
    await miss(room().getByText(/You are muted for/));
    await phoneSays('Thank you');
    await see(heard('Thank you'));
  });

  it('knows after a reload that the viewer is still muted', async () => {
    await actions('Thank you').click();
    await studio().getByRole('button', { name: '1 hour' }).first().click();
    await see(room().getByText(/You are muted for/));
    await room().reload();
    await see(room().getByText(/You are muted for/));
    await actions('Thank you').click();
    await studio().getByRole('button', { name: 'Unmute' }).click();
    await miss(room().getByText(/You are muted for/));
  });

  it('lets the host silence everyone', async () => {
    const everyone = studio().getByRole('switch', { name: /Mute all|All muted/ });
    await everyone.click();
    await see(room().getByText('Only the host can speak now'));
    await everyone.click();
    await miss(room().getByText('Only the host can speak now'));
  });

  it('pins a question where everybody sees it, those who come later too, and takes it off', async () => {
    await phoneSays('Is it safe in the dishwasher?');
    await actions('Is it safe in the dishwasher?').click();
    await studio().getByRole('button', { name: 'Pin for everyone' }).click();
    const pin = (page = room()) => page.locator('.pinned', { hasText: 'Is it safe in the dishwasher?' });
    await see(pin());
    await see(studio().getByRole('list', { name: 'Pinned' }).getByText('Is it safe in the dishwasher?'));
    const late = await visit(browser);
    await late.page.goto(`http://${server.address}/room/${ROOM}`);
    await see(pin(late.page));
    await shot(late, 'room-pinned');
    await shot(host, 'studio-pinned');
    await studio().getByRole('list', { name: 'Pinned' }).getByRole('button', { name: 'Unpin' }).click();
    await miss(pin());
    await miss(pin(late.page));
    assert.deepEqual(late.errors, []);
    await late.context.close();
  });

  it('takes a comment back from every page', async () => {
    await phoneSays('Buy it cheaper elsewhere');
    await see(heard('Buy it cheaper elsewhere'));
    await actions('Buy it cheaper elsewhere').click();
    await studio().getByRole('button', { name: 'Take it back' }).click();
    await miss(heard('Buy it cheaper elsewhere'));
    await room().reload();
    await see(comment('Thank you'));
    await miss(comment('Buy it cheaper elsewhere'));
  });

  it('has viewers wait in slow mode, and says how long', async () => {
    await studio().getByRole('button', { name: '30 s' }).click();
    await see(studio().locator('.pauses [aria-pressed=true]', { hasText: '30 s' }));
    await phoneSays('One at a time');
    await see(heard('One at a time'));
    await see(room().getByText(/Slow mode: again in \d+ s/));
    assert.equal(await sayField().isDisabled(), true);
    await studio().getByRole('button', { name: 'Off', exact: true }).click();
    await miss(room().getByText(/Slow mode/));
    await phoneSays('Now again');
    await see(heard('Now again'));
  });

  it('refuses some words and masks others', async () => {
    await studio().getByText('Unwanted words').click();
    await studio().getByLabel('Refuse comments with').fill('加微信\nscam');
    await studio().getByLabel('Show as stars').fill('stupid');
    await shot(host, 'studio-words');
    await studio().getByRole('button', { name: 'Save' }).click();
    await see(studio().getByRole('button', { name: 'Saved' }));
    await phoneSays('快加 微信');
    await see(room().getByText('This was not accepted.'));
    await sayField().fill('');
    await phoneSays('what a stupid cup');
    await see(heard('what a ****** cup'));
  });

  it('shows pictures of viewers and of the host to everybody, small in the list and large when tapped', async () => {
    const picture = (name: string) => ({ name, mimeType: 'image/jpeg', buffer: readFileSync(path.resolve(`../../crates/hawker/demo/${name}`)) });
    const shown = async (image: Locator) => {
      await see(image);
      await image.evaluate((element: HTMLImageElement) => element.decode());
      return image.evaluate(({ naturalWidth, naturalHeight, src }: HTMLImageElement) => ({ naturalWidth, naturalHeight, src }));
    };
    await room().locator('input[type=file]').setInputFiles(picture('photo-mug.jpg'));
    const small = await shown(studio().locator('.chat-picture img'));
    assert.deepEqual([small.naturalWidth, small.naturalHeight], [198, 198], 'the list gets a thumbnail');
    await see(room().locator('.thumb:not(.sending)'));
    await studio().locator('input[type=file]').setInputFiles(picture('photo-candle.jpg'));
    const thumb = room().locator('.thumb img').nth(1);
    await shown(thumb);
    await shot(viewer, 'room-pictures');
    await shot(host, 'studio-pictures');
    await thumb.click();
    const large = await shown(room().locator('.lightbox img'));
    assert.equal(large.naturalWidth, 640);
    await shot(viewer, 'room-lightbox');
    await room().keyboard.press('Escape');
    await miss(room().locator('.lightbox'));
    const late = await visit(browser);
    await late.page.goto(`http://${server.address}/room/${ROOM}`);
    await see(late.page.locator('.thumb img').nth(1));
    await late.context.close();
    viewer.tolerate(/415/);
    await room().locator('input[type=file]').setInputFiles({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<html></html>') });
    await see(room().getByText('This picture cannot be shown'));
    await miss(room().locator('.thumb.sending'));
  });

  it('says when it is cut off, comes back by itself and has missed nothing', async () => {
    viewer.tolerate(/WebSocket connection|ERR_/);
    line.cut();
    await see(room().locator('.net', { hasText: /No connection|Reconnecting/ }));
    await shot(viewer, 'room-cut-off');
    await studio().getByPlaceholder('Say something as the host').fill('Said while you were away');
    await studio().keyboard.press('Enter');
    line.mend();
    await see(comment('Said while you were away'));
    await miss(room().locator('.net'));
    assert.equal(await comment('Said while you were away').count(), 1);
  });

  it('speaks Chinese to a Chinese browser, and remembers another choice', async () => {
    const guest = await visit(browser, { locale: 'zh-CN' });
    await guest.page.goto(`http://${server.address}/room/${ROOM}`);
    await see(guest.page.getByText('直播中'));
    await see(guest.page.getByText('欢迎来到直播间'));
    await shot(guest, 'room-zh');
    await guest.page.getByRole('button', { name: '切换到 EN' }).click();
    await see(guest.page.getByText('LIVE'));
    await guest.page.reload();
    await see(guest.page.getByText('LIVE'));
    assert.deepEqual(guest.errors, []);
    await guest.context.close();
  });

  it('counts who watches', async () => {
    await see(studio().locator('.tile-viewers dd', { hasText: /^[1-9]/ }));
    await see(room().locator('.viewers', { hasText: /[1-9]/ }));
  });

  it('takes the card away', async () => {
    await studio().getByRole('button', { name: 'Take away' }).click();
    await miss(room().getByRole('region', { name: 'On offer now' }));
  });

  it('pauses and goes on', async () => {
    await studio().getByRole('button', { name: 'Pause' }).click();
    await see(room().getByRole('heading', { name: 'Back in a moment' }));
    await studio().getByRole('button', { name: 'Resume' }).click();
    await miss(room().getByRole('heading', { name: 'Back in a moment' }));
  });

  it('sends a viewer out and keeps the door closed', async () => {
    const rude = await visit(browser);
    await rude.page.goto(`http://${server.address}/room/${ROOM}`);
    await rude.page.locator('.say').click();
    await rude.page.getByLabel('Your name').fill('Rude');
    await rude.page.getByRole('button', { name: 'Join in' }).click();
    await miss(rude.page.getByRole('dialog'));
    await rude.page.locator('.say').fill('I am rude');
    await rude.page.locator('.say').press('Enter');
    await actions('I am rude').click();
    await studio().getByRole('dialog').getByRole('button', { name: '1 day' }).last().click();
    await see(rude.page.getByRole('heading', { name: 'You cannot enter this room' }));
    await shot(rude, 'room-banned');
    await rude.page.reload();
    await see(rude.page.getByRole('heading', { name: 'You cannot enter this room' }));
    await studio().locator('summary', { hasText: 'Sent out' }).click();
    await shot(host, 'studio-banned');
    await studio().getByRole('listitem').filter({ hasText: 'Rude' }).getByRole('button', { name: 'Let in again' }).click();
    await see(studio().getByText('Nobody is banned.'));
    await rude.page.reload();
    await see(rude.page.locator('.say'));
    await rude.context.close();
  });

  it('ends when the host says so, after a question', async () => {
    await studio().getByRole('button', { name: 'End', exact: true }).click();
    await studio().getByRole('button', { name: 'End the show' }).click();
    await see(room().getByRole('heading', { name: 'The show has ended' }));
    await miss(sayField());
    await shot(viewer, 'room-ended');
  });

  it('is closed for good, and says so to those who were there and those who come later', async () => {
    await studio().getByRole('button', { name: 'More' }).click();
    await studio().getByRole('button', { name: 'Close the room' }).first().click();
    await studio().getByRole('dialog').getByRole('button', { name: 'Close the room' }).last().click();
    await see(room().getByRole('heading', { name: 'The room has been closed' }));
    await see(studio().getByRole('heading', { name: 'Which room?' }));
    const late = await visit(browser);
    await late.page.goto(`http://${server.address}/room/${ROOM}`);
    await see(late.page.getByRole('heading', { name: 'There is no such room' }));
    await late.context.close();
  });

  it('has reported no error on any page', () => {
    assert.deepEqual(host.errors, []);
    assert.deepEqual(viewer.errors, []);
  });
});

describe('the doors', { timeout: 60_000 }, () => {
  it('shows the demo room with its goods and scripted viewers', async () => {
    const guest = await visit(browser);
    await guest.page.goto(`http://${server.address}/room/demo`);
    await see(guest.page.locator('.badge', { hasText: 'LIVE' }));
    await see(guest.page.getByRole('region', { name: 'On offer now' }));
    await see(guest.page.locator('.comments .line:not(.welcome)').nth(4));
    await shot(guest, 'room-demo');
    assert.deepEqual(guest.errors, []);
    await guest.context.close();
  });

  it('opens the demo room for its host, with numbers that move', async () => {
    const desk = await visit(browser, { size: DESK });
    const { user, sig } = server.host;
    await desk.page.goto(`http://${server.address}/studio#room=demo&user=${user}&sig=${encodeURIComponent(sig)}`);
    await see(desk.page.getByText('Viewers see this now'));
    await see(desk.page.locator('.chat-line').nth(4));
    await see(desk.page.locator('.spark-area'));
    await shot(desk, 'studio-demo');
    assert.deepEqual(desk.errors, []);
    await desk.context.close();
  });

  it('refuses a wrong signature with words', async () => {
    const stranger = await visit(browser, { size: DESK });
    await stranger.page.goto(`http://${server.address}/studio`);
    await stranger.page.getByLabel('User ID').fill('host');
    await stranger.page.getByLabel('UserSig').fill('not-a-signature');
    await stranger.page.getByRole('button', { name: 'Sign in' }).click();
    await see(stranger.page.getByText('Sign-in was refused'));
    await shot(stranger, 'studio-sign-in');
    await stranger.context.close();
  });

  it('reads the documentation in the language of the browser, and as Markdown', async () => {
    const reader = await visit(browser, { locale: 'zh-CN' });
    await reader.page.goto(`http://${server.address}/docs`);
    await see(reader.page.getByRole('heading', { name: 'hawker 开发者文档' }));
    assert.equal(await reader.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing sticks out on a phone');
    await shot(reader, 'docs-zh');
    await reader.page.getByRole('link', { name: 'English' }).click();
    await see(reader.page.getByRole('heading', { name: 'hawker for developers' }));
    await reader.page.locator('details.contents summary').click();
    await reader.page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Rust' }).click();
    await see(reader.page.getByRole('heading', { name: 'The Rust client' }));
    assert.deepEqual(reader.errors, []);
    await reader.context.close();
    const get = async (path: string) => {
      const response = await fetch(`http://${server.address}/docs/${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      return [response.status, response.headers.get('content-type')];
    };
    assert.deepEqual(await get('en/rust.md'), [200, 'text/markdown; charset=utf-8']);
    for (const path of ['en/nothing', 'xx/index', '..%2fCargo.toml', 'en%2f..%2f..%2fCargo.toml', 'style/docs.css']) {
      assert.equal((await get(path))[0], 404, path);
    }
  });

  it('runs nothing but its own files: the policy of the pages is strict', async () => {
    for (const page of ['/studio', '/room/demo']) {
      const response = await fetch(`http://${server.address}${page}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      const policy = response.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'self'/);
      assert.doesNotMatch(policy, /script-src[^;]*'unsafe|unsafe-eval/);
    }
  });
});
