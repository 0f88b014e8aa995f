// A merchant's whole show: a shop is set up, goods are made, a host goes live, two viewers buy, the merchant ships and
// refunds, and the numbers of the show add up to what was done.
//
// The steps build on each other. The merchant is at a desk and never leaves the console but for the host's studio.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { miss, openBrowser, see, shot, visit, type Visitor } from '../src/browser';
import { openReceiver, type Receiver } from '../src/receiver';
import { startServer, type Server } from '../src/server';
import { giveAddress, join, pay } from '../src/viewer';

const CONFIG = `
[pages]
guests = true
[shop]
development = true
[webhooks]
allow_private = true
`;
const LAPTOP = { width: 1280, height: 800 };
const ROOM = 'teaware';
const SHOW = 'Teaware at night';
const CUP = 'Celadon cup';
const TRAY = 'Bamboo tray';
const COUPON = 'For new viewers';
const MERCHANT = 'Mei';
const PASSWORD = 'tea leaves and rain';
const DAY_MS = 24 * 3600 * 1000;
const HEADER = 'id,title,description,pictures,state,variant,code,price,list_price,stock';

let server: Server;
let receiver: Receiver;
let browser: Browser;
let merchant: Visitor;
let host: Visitor;
let ann: Visitor;
let bo: Visitor;
let secret = '';

before(async () => {
  [server, receiver, browser] = await Promise.all([startServer(CONFIG), openReceiver(), openBrowser()]);
  [merchant, host, ann, bo] = await Promise.all([
    visit(browser, { size: LAPTOP }), visit(browser, { size: LAPTOP, colorScheme: 'dark' }), visit(browser), visit(browser),
  ]);
});

after(async () => {
  await browser?.close();
  await receiver?.close();
  await server?.stop();
});

const desk = () => merchant.page;
const button = (name: string | RegExp, page = desk()) => page.getByRole('button', { name, exact: typeof name === 'string' });
const field = (name: string | RegExp, page = desk()) => page.getByLabel(name, { exact: typeof name === 'string' });
const heading = (name: string, page = desk()) => page.getByRole('heading', { name, exact: true });
const dialog = (page = desk()) => page.getByRole('dialog').last();
const toast = (text: string) => desk().locator('.toast', { hasText: text });
const goTo = async (name: string) => {
  await desk().locator('.side').getByRole('link', { name }).click();
  await see(heading(name));
};
/** A number of a strip of numbers. */
const tile = (name: string) => desk().locator('.strip > div', { has: desk().getByText(name, { exact: true }) }).locator('dd');
/** For `datetime-local`, in the time of this machine. */
const moment = (at: number) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
const csv = (name: string, ...lines: string[]) => ({ name, mimeType: 'text/csv', buffer: Buffer.from([HEADER, ...lines].join('\r\n')) });
const card = (page: Page) => page.getByRole('region', { name: 'On offer now' });
const openRoom = async () => {
  await goTo('Rooms');
  await desk().getByRole('link', { name: SHOW, exact: true }).click();
  await see(heading('Shelf'));
};
const orderOf = async (buyer: string, goods: string) => {
  await goTo('Orders');
  await desk().getByRole('row', { name: new RegExp(`${goods}.*${buyer}`) }).getByRole('link').first().click();
  await see(heading('Ships to'));
};

describe('a shop and its first show', { timeout: 180_000 }, () => {
  it('is set up once, by whoever holds the link that the server printed', async () => {
    await desk().goto(server.setUpLink);
    await see(heading('Welcome to your shop'));
    assert.equal(new URL(desk().url()).hash, '', 'the token does not stay in the address');
    await field('Your name').fill(MERCHANT);
    await field('Password').fill('short');
    await see(desk().getByText('5 more characters'));
    assert.equal(await button('Open the shop').isDisabled(), true);
    await field('Password').fill(PASSWORD);
    await shot(merchant, 'console-setup');
    await button('Open the shop').click();
    await see(heading('Overview'));
    await shot(merchant, 'console-overview-empty');
  });

  it('cannot be set up again with the same link', async () => {
    const late = await visit(browser, { size: LAPTOP });
    await late.page.goto(server.setUpLink);
    await see(heading('Welcome back', late.page));
    await late.context.close();
  });

  it('has goods with a picture and two variants, and says what is missing', async () => {
    await goTo('Goods');
    await desk().getByRole('link', { name: 'New goods' }).first().click();
    await button('Save').click();
    await see(desk().getByText('Please fill this in.'));
    await shot(merchant, 'console-goods-missing');
    await field('Title').fill(CUP);
    await field(/^Description/).fill('Thrown by hand, fired with pine.');
    await button('Add a variant').click();
    for (const [index, [name, code, price, list, stock]] of [['Small', 'CUP-S', '39.90', '59', '10'], ['Large', 'CUP-L', '59.90', '', '5']].entries()) {
      const variant = desk().getByRole('group', { name: `Variant ${index + 1}` });
      await variant.getByLabel('Variant', { exact: true }).fill(name ?? '');
      await variant.getByLabel(/^Code/).fill(code ?? '');
      await variant.getByLabel('Price (CNY)').fill(price ?? '');
      await variant.getByLabel(/^List price/).fill(list ?? '');
      await variant.getByLabel('First stock').fill(stock ?? '');
    }
    await desk().locator('.pictures input[type=file]').setInputFiles(path.resolve('../../crates/hawker/demo/photo-mug.jpg'));
    await see(desk().getByRole('img', { name: 'Picture 1' }));
    await shot(merchant, 'console-goods');
    await button('Save').click();
    await see(desk().getByRole('row', { name: new RegExp(CUP) }).getByText('15'));
  });

  it('imports goods from a file, but nothing of a file with a wrong line, and says what is wrong with it', async () => {
    await button('Import CSV').click();
    const file = dialog().locator('input[type=file]');
    merchant.tolerate(/422.*import/);
    await file.setInputFiles(csv('broken.csv', `,${TRAY},,,on,,TRAY,20.00,,8`, ',Tea towel,,,on,,TOWEL,minus one,,3'));
    await see(dialog().getByText('One line needs a correction. Nothing was imported.'));
    await see(dialog().getByRole('row', { name: '3 price Not an amount in the currency of the shop, e.g. 39.90.' }));
    await shot(merchant, 'console-import');
    assert.equal(await button('Import now').isDisabled(), true);
    await file.setInputFiles(csv('good.csv', `,${TRAY},,,on,,TRAY,20.00,,8`, ',Tea towel,,,on,,TOWEL,12.50,,3'));
    await see(dialog().getByText('2 lines are fine: 2 new, 0 changed.'));
    await button('Import now').click();
    await see(toast('Imported: 2 new, 0 changed'));
    await see(desk().getByRole('row', { name: /Tea towel/ }));
    assert.equal(await desk().getByRole('row').count(), 4, 'the head and three goods');
    await shot(merchant, 'console-goods-list');
  });

  it('makes a coupon', async () => {
    await goTo('Coupons');
    await desk().getByRole('link', { name: 'New coupon' }).first().click();
    await field('Name').fill(COUPON);
    await field('How much off (CNY)').fill('5');
    await field('From an order of (CNY)').fill('30');
    await field('How many').fill('100');
    await field('Per person').fill('1');
    await shot(merchant, 'console-coupon');
    await button('Save').click();
    await see(desk().getByRole('row', { name: new RegExp(`${COUPON}.*0 of 100`) }));
  });

  it('tells an endpoint of its own, whose secret is shown once', async () => {
    await goTo('Webhooks');
    await button('New endpoint').first().click();
    await field('Address').fill(receiver.url);
    for (const events of ['Coupons', 'Rooms', 'Gifts', 'Follows']) await dialog().getByLabel(events).check();
    await button('Save').click();
    secret = await dialog().getByRole('textbox', { name: 'The secret of this endpoint' }).inputValue();
    assert.match(secret, /^\S{20,}$/);
    await shot(merchant, 'console-secret');
    await dialog().getByRole('button', { name: 'Close' }).last().click();
  });

  it('plans a show', async () => {
    await goTo('Rooms');
    await button('New room').first().click();
    await field('Name of the show').fill(SHOW);
    await field('Room ID').fill(ROOM);
    await field('Starts at').fill(moment(Date.now() + DAY_MS));
    await button('New room').last().click();
    await see(heading(SHOW));
    await see(desk().getByText('Not started'));
    await shot(merchant, 'console-room-new');
    await see(desk().getByText('Nothing on the shelf'));
  });

  it('puts goods on the shelf and sorts them', async () => {
    await button('Add goods').first().click();
    await dialog().getByRole('checkbox', { name: TRAY }).check();
    await dialog().getByRole('checkbox', { name: CUP }).check();
    await button('Save').click();
    const row = (place: number) => desk().locator('.shelf-item').nth(place);
    await see(row(1).getByText(CUP));
    const to = await row(0).boundingBox();
    await row(1).locator('.grip').hover();
    await desk().mouse.down();
    await desk().mouse.move((to?.x ?? 0) + 20, (to?.y ?? 0) + 5, { steps: 5 });
    await desk().mouse.up();
    await see(row(0).getByText(CUP));
    await field(`Badge of ${CUP}`).fill('New');
    await field(`Badge of ${CUP}`).press('Enter');
  });

  it('has a link that signs the host in, who goes live', async () => {
    await button('Studio link').click();
    const link = dialog().getByRole('link', { name: 'Open the studio' });
    const address = await link.getAttribute('href') ?? '';
    await shot(merchant, 'console-studio-link');
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await host.page.goto(new URL(address, desk().url()).href);
    await see(heading(SHOW, host.page));
    await Promise.all([ann, bo].map(({ page }, index) => join(page, `http://${server.address}/room/${ROOM}`, ['Ann', 'Bo'][index] ?? '')));
    await see(heading('The show starts soon', ann.page));
    await host.page.getByRole('button', { name: 'Go live' }).click();
    await Promise.all([ann, bo].map(({ page }) => miss(heading('The show starts soon', page))));
    await see(desk().getByText('On air'));
  });

  it('shows viewers what the merchant pushes, and what the host does', async () => {
    await button(`Push to the viewers: ${CUP}`).click();
    await Promise.all([ann, bo].map(({ page }) => see(card(page).getByText(CUP))));
    await see(host.page.getByText('Viewers see this now'));
    await host.page.locator('.shelf-row', { hasText: TRAY }).getByRole('button', { name: /^Show to viewers/ }).click();
    await Promise.all([ann, bo].map(({ page }) => see(card(page).getByText(TRAY))));
    await see(desk().locator('.shelf-item.pushed', { hasText: TRAY }));
  });

  it('hears what viewers say, and answers as the shop', async () => {
    await ann.page.locator('.say').fill('Is it safe in the dishwasher?');
    await ann.page.locator('.say').press('Enter');
    await see(desk().getByRole('log').getByText('Is it safe in the dishwasher?'));
    await field('Say something as the shop…').fill('It is!');
    await field('Say something as the shop…').press('Enter');
    await see(bo.page.getByRole('log').getByText('It is!'));
  });

  it('lets coupons rain on both viewers', async () => {
    await button(`Drop in the room: ${COUPON}`).click();
    for (const { page } of [ann, bo]) {
      await button('Catch this coupon', page).click();
      await see(page.getByText('You have it!'));
      await button('Go shopping', page).click();
    }
    await see(ann.page.locator('.shop').getByText('New', { exact: true }));
    await shot(ann, 'room-shelf-two');
  });

  it('sells with the coupon', async () => {
    await ann.page.getByRole('button', { name: new RegExp(CUP) }).click();
    await button('Small', ann.page).click();
    await button('One more', ann.page).click();
    await giveAddress(ann.page, 'Ann');
    await see(ann.page.locator('.foot-total', { hasText: '¥74.80' }));
    await shot(ann, 'room-buy-coupon');
    await pay(ann.page, () => button('Place order', ann.page).click());
    await see(ann.page.locator('.order-state').getByText('Paid', { exact: true }));
  });

  it('sells in a flash sale, at its price and one to each', async () => {
    await button('Start a flash sale').click();
    await field('Variant').selectOption({ label: `${CUP} · Large` });
    await field('Sale price (CNY)').fill('49.90');
    await field('Pieces').fill('2');
    await shot(merchant, 'console-flash');
    await button('Start').click();
    await see(desk().getByText('2 of 2 left'));
    await bo.page.getByRole('button', { name: new RegExp(CUP) }).click();
    await button('Large', bo.page).click();
    await see(bo.page.locator('.buy-price', { hasText: '¥49.90' }));
    assert.equal(await button('One more', bo.page).isDisabled(), true);
    await giveAddress(bo.page, 'Bo');
    await shot(bo, 'room-buy-flash');
    await pay(bo.page, () => button('Place order', bo.page).click());
    await see(bo.page.locator('.order-state').getByText('Paid', { exact: true }));
    await see(desk().getByText('1 of 2 left'));
    await button(`End: ${CUP} · Large`).click();
    await dialog().getByRole('button', { name: 'End' }).click();
    await see(desk().getByText('No flash sale is running.'));
  });

  it('sells from the card', async () => {
    await bo.page.locator('.shop-close').click();
    await card(bo.page).getByRole('button', { name: 'Buy' }).click();
    await see(bo.page.locator('.foot-total', { hasText: '¥20' }));
    await pay(bo.page, () => button('Place order', bo.page).click());
    await see(bo.page.locator('.order-state').getByText('Paid', { exact: true }));
    await bo.page.locator('.shop-close').click();
  });

  it('takes gifts for coins, and follows', async () => {
    await ann.page.locator('.shop-close').click();
    await button('Gift', ann.page).click();
    await button(/Top up/, ann.page).click();
    await button('Continue', ann.page).click();
    await pay(ann.page, () => ann.page.getByRole('link', { name: /^Pay/ }).click());
    await button(/^Candy/, ann.page).click();
    for (let tap = 0; tap < 3; tap += 1) await ann.page.locator('.combo').click();
    await see(bo.page.locator('.gift-banner', { hasText: '×3' }));
    await ann.page.locator('.shop-close').click();
    await button('Follow', ann.page).click();
    await see(button('Following', ann.page));
    await see(tile('Revenue').getByText('¥139.70'));
    await shot(merchant, 'console-room-live');
    await shot(host, 'studio-dark');
    await shot(bo, 'room-after-sale');
  });

  it('ships an order, which the buyer then confirms', async () => {
    await orderOf('Ann', CUP);
    await button('Ship').click();
    await field('Carrier').fill('SF Express');
    await field('Tracking number').fill('SF10086');
    await dialog().getByRole('button', { name: 'Ship' }).click();
    await see(desk().locator('.steps .taken', { hasText: 'Shipped' }));
    await button(/^Shelf/, ann.page).click();
    await button(/^My orders/, ann.page).click();
    await ann.page.getByRole('button', { name: new RegExp(CUP) }).click();
    await see(ann.page.getByText('SF Express SF10086'));
    await shot(ann, 'room-order-shipped');
    await button('I have received it', ann.page).click();
    await see(ann.page.locator('.order-state').getByText('Completed'));
  });

  it('refunds a part', async () => {
    await desk().reload();
    await see(desk().locator('.steps .taken', { hasText: 'Done' }));
    await button('Refund').click();
    await see(dialog().getByText('Up to ¥74.80 can be refunded.'));
    await field('Amount (CNY)').fill('80');
    await dialog().getByRole('button', { name: /^Refund/ }).click();
    await see(dialog().getByText('Too large.'));
    await field('Amount (CNY)').fill('10');
    await field(/^Reason/).fill('A scratch');
    await button('Refund ¥10').click();
    await see(desk().getByText('−¥10'));
    await shot(merchant, 'console-order');
  });

  it('refunds all of an order, and the goods are back in stock', async () => {
    await orderOf('Bo', TRAY);
    await button('Refund').click();
    await button('Refund ¥20').click();
    await see(desk().getByText('Refunded', { exact: true }));
    await goTo('Goods');
    await see(desk().getByRole('row', { name: new RegExp(`${TRAY}.*8`) }));
    await shot(merchant, 'console-goods-sold');
  });

  it('ends, and its numbers are what was done', async () => {
    await host.page.getByRole('button', { name: 'End', exact: true }).click();
    await host.page.getByRole('button', { name: 'End the show' }).click();
    await Promise.all([ann, bo].map(({ page }) => see(heading('The show has ended', page))));
    await openRoom();
    await see(desk().getByText('Ended'));
    await desk().getByRole('link', { name: 'Statistics' }).click();
    await see(heading('Course of the show'));
    const told = async (name: string) => (await tile(name).textContent())?.trim();
    assert.deepEqual(
      await Promise.all(['Revenue', 'Orders paid', 'Pieces sold', 'Buyers', 'Per paid order', 'Orders that were paid', 'Coupons claimed', 'Refunded', 'Gifts', 'Coins'].map(told)),
      ['¥139.70', '3', '4', '2', '¥46.57', '100%', '2', '¥30', '3', '30'],
    );
    await see(desk().locator('.chart-total', { hasText: '¥139.70' }));
    const best = desk().locator('.best', { hasText: CUP });
    await see(best.getByText('3 items'));
    await shot(merchant, 'console-statistics');
    const [download] = await Promise.all([desk().waitForEvent('download'), desk().getByRole('link', { name: 'Export CSV' }).click()]);
    const [head, ...rows] = readFileSync(await download.path(), 'utf8').trim().split(/\r?\n/).map((line) => line.split(','));
    assert.deepEqual(head?.map((name) => name.replace('\uFEFF', '')), ['at', 'orders', 'revenue', 'claims', 'coins']);
    const sum = (column: number) => rows.reduce((all, row) => all + Math.round(Number(row[column]) * 100), 0) / 100;
    assert.deepEqual([1, 2, 3, 4].map(sum), [3, 139.7, 2, 30]);
  });

  it('has told the endpoint everything, signed and in order', async () => {
    await receiver.until('order.refunded');
    await goTo('Webhooks');
    await desk().getByRole('link', { name: receiver.url }).click();
    await see(desk().locator('.delivery', { hasText: 'order.refunded' }).getByText('Delivered · 200'));
    await shot(merchant, 'console-deliveries');
    assert.ok(receiver.letters.every(({ signedWith }) => signedWith(secret) && !signedWith(`${secret}?`)));
    const streams = new Map<string, string[]>();
    for (const { told } of receiver.letters) streams.set(told.stream, [...(streams.get(told.stream) ?? []), told.event]);
    const orders = [...streams.values()].filter(([first]) => first === 'order.created').map((events) => events.join(' ')).sort();
    assert.deepEqual(orders, [
      'order.created order.paid',
      'order.created order.paid order.refunded',
      'order.created order.paid order.shipped order.done order.refunded',
    ]);
    const told = receiver.letters.map(({ told: { event } }) => event);
    for (const event of ['coupon.claimed', 'gift.sent', 'follow.added', 'room.goods_pushed']) assert.ok(told.includes(event), event);
  });

  it('has written down who did what', async () => {
    await goTo('Audit log');
    const entry = (what: string, about: string) => desk().getByRole('row', { name: new RegExp(`${what}.*${about}.*${MERCHANT}`) });
    for (const [what, about] of [['Set up the shop', ''], ['Opened a room', ROOM], ['Made a studio link', ROOM], ['Uploaded a picture', '']] as const) await see(entry(what, about));
    await shot(merchant, 'console-audit');
  });

  it('shows on the overview what is left to do', async () => {
    await goTo('Overview');
    await shot(merchant, 'console-overview');
  });

  it('asks to sign in again when the session ended elsewhere, and keeps what was typed', async () => {
    await goTo('Goods');
    await desk().getByRole('link', { name: CUP }).click();
    await field(/^Description/).fill('Fired twice.');
    merchant.tolerate(/401/);
    const other = await merchant.context.newPage();
    await other.goto(`http://${server.address}/console`);
    await button('Sign out', other).click();
    await see(heading('Welcome back', other));
    await other.close();
    // The page may have noticed by itself, and lie below the question already.
    await button('Save').dispatchEvent('click');
    await see(heading('Please sign in again'));
    await shot(merchant, 'console-expired');
    await field('Password').fill('not the password');
    await button('Sign in').click();
    await see(dialog().getByText('Name or password is wrong.'));
    await field('Password').fill(PASSWORD);
    await button('Sign in').click();
    await miss(heading('Please sign in again'));
    assert.equal(await field(/^Description/).inputValue(), 'Fired twice.');
    await button('Save').click();
    await see(toast('Saved'));
  });

  it('has reported no error on any page', () => {
    for (const { errors } of [merchant, host, ann, bo]) assert.deepEqual(errors, []);
  });
});
