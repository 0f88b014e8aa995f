// Pages that everybody can use, and that run nothing which somebody typed.
//
// One shop whose every text is markup: what axe looks at is full, and what was typed would run if any page let it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { barriers, type Scheme } from '../src/axe';
import { DESK, openBrowser, see, shot, visit, type Visitor } from '../src/browser';
import { startServer, type Server } from '../src/server';
import { MERCHANT, openShop, type Shop } from '../src/shop';
import { join } from '../src/viewer';

const CONFIG = `
[pages]
guests = true
[shop]
development = true
[webhooks]
allow_private = true
`;
const SMALL_PHONE = { width: 360, height: 740 };
const LAPTOP = { width: 1280, height: 800 };
const ROOM = 'markup';
/** As long as the name of a room may be. */
const SHORT = '<img src=x onerror=ran=1>';
const IMAGE = '<img src=x onerror="window.ran = 1">';
const SCRIPT = '<script>window.ran = 1</script>';
const DAY_MS = 24 * 3600 * 1000;
/** More stops than any page has before what is looked for. */
const STOPS_MAX = 120;

let server: Server;
let shop: Shop;
let browser: Browser;
let desk: Visitor;
let phone: Visitor;
let host: Visitor;
let viewer: Visitor;
let goods: number;
let coupon: number;
let webhook: number;

const card = () => viewer.page.getByRole('region', { name: 'On offer now' });

before(async () => {
  [server, browser] = await Promise.all([startServer(CONFIG), openBrowser()]);
  shop = await openShop(server);
  [desk, phone, host, viewer] = await Promise.all([
    visit(browser, { size: LAPTOP, locale: 'zh-CN' }), visit(browser, { size: SMALL_PHONE, locale: 'zh-CN' }),
    visit(browser, { size: DESK, locale: 'zh-CN' }), visit(browser),
  ]);
  await Promise.all([shop.signIn(desk.context), shop.signIn(phone.context)]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function fill(): Promise<void> {
  const sku = { name: IMAGE, code: SCRIPT, price: 3990, listPrice: 5990, stock: 8 };
  const made = await Promise.all([
    shop.post<{ id: number }>('/goods', { title: IMAGE, description: SCRIPT, pictures: ['/demo/mug.svg'], state: 'on', skus: [sku, { ...sku, name: SCRIPT, stock: 0 }] }),
    shop.post<{ id: number }>('/goods', { title: SCRIPT, description: '', pictures: [], state: 'on', skus: [{ ...sku, name: '' }] }),
    shop.post<{ id: number }>('/coupons', { title: IMAGE, off: { amount: 500 }, threshold: 1000, goods: [], startsAt: Date.now(), endsAt: Date.now() + DAY_MS, stock: 100, perUser: 1 }),
    shop.post<{ id: number }>('/webhooks', { url: `http://127.0.0.1:9/${encodeURIComponent(IMAGE)}`, events: ['order.*'], active: true }),
    shop.post('/rooms', { id: ROOM, name: SHORT, owner: 'host', startsAt: Date.now() + DAY_MS }),
    shop.post('/api-keys', { name: IMAGE, scopes: ['goods:read'] }),
    shop.post('/console/users', { name: 'Lin', password: 'a password of hers' }),
    shop.put('/gifts/rose', { name: IMAGE, nameEn: IMAGE, coins: 10, picture: '', state: 'on' }),
  ]);
  const [first, second, third, fourth] = made;
  goods = first.id;
  coupon = third.id;
  webhook = fourth.id;
  await shop.put(`/rooms/${ROOM}/shelf`, { items: [{ goods, badge: '<img src=x>' }, { goods: second.id, badge: '' }] });
  await shop.post(`/rooms/${ROOM}/push`, { goods });
}

/** What is on the page by now is text: nothing was made of it. */
async function nothingRan({ page }: Visitor): Promise<void> {
  const made = await page.evaluate(() => ({ ran: 'ran' in window, images: document.querySelectorAll('[onerror], img[src="x"]').length }));
  assert.deepEqual(made, { ran: false, images: 0 }, page.url());
}

async function noBarriers({ page }: Visitor, schemes: readonly Scheme[] = ['light']): Promise<void> {
  assert.deepEqual(await barriers(page, schemes), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${page.url()} sticks out`);
}

/** A page of the console, when it shows what it is about. */
async function open({ page }: Visitor, fragment: string, about: string): Promise<void> {
  // Another query, so that nothing of the page before is still there.
  await page.goto(`http://${server.address}/console?${encodeURIComponent(fragment)}#/${fragment}`);
  const main = page.locator('main');
  await see(main.getByText(about).or(main.getByPlaceholder(about)).filter({ visible: true }));
}

describe('a shop whose every text is markup', { timeout: 180_000 }, () => {
  it('shows it as text to host and viewers', async () => {
    await fill();
    const { url } = await shop.post<{ url: string }>(`/rooms/${ROOM}/studio-link`, {});
    await host.page.goto(new URL(url, `http://${server.address}`).href);
    await see(host.page.getByRole('heading', { name: SHORT }));
    await host.page.getByRole('button', { name: '开始直播' }).click();
    await join(viewer.page, `http://${server.address}/room/${ROOM}`, IMAGE);
    await see(card().getByText(IMAGE));
    await viewer.page.locator('.say').fill(SCRIPT);
    await viewer.page.locator('.say').press('Enter');
    await see(host.page.getByRole('log', { name: '评论' }).getByText(SCRIPT));
    await shop.post(`/rooms/${ROOM}/drop`, { coupon });
    await see(viewer.page.getByText(IMAGE).last());
    await noBarriers(viewer);
    await shot(viewer, 'markup-rain');
    await viewer.page.getByRole('button', { name: 'Catch this coupon' }).click();
    await viewer.page.getByRole('button', { name: 'Go shopping' }).click();
  });

  it('has no barriers on any sheet of the room, nor where it is paid', async () => {
    const { page } = viewer;
    const sheet = (title: string | RegExp) => see(page.locator('.shop').getByRole('heading', { name: title }));
    const back = () => page.locator('.shop-back').click();
    await sheet(/^Shelf/);
    await noBarriers(viewer);
    await shot(viewer, 'markup-shelf');
    await page.getByRole('button', { name: 'My coupons' }).click();
    await sheet('My coupons');
    await noBarriers(viewer);
    await back();
    await page.locator('.shop').getByRole('button', { name: /^Buy/ }).first().click();
    await sheet('Your order');
    await page.getByRole('button', { name: 'Add an address' }).click();
    await page.getByLabel('Name', { exact: true }).fill(IMAGE);
    await page.getByLabel('Phone').fill(SCRIPT.slice(0, 20));
    await page.getByLabel('Address', { exact: true }).fill(SCRIPT);
    await page.getByLabel('Note to the shop').fill(IMAGE);
    await noBarriers(viewer);
    await shot(viewer, 'markup-buy');
    const [payment] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: 'Place order' }).click()]);
    await see(payment.getByRole('heading', { name: /</ }));
    const paying = { ...viewer, page: payment };
    await noBarriers(paying, ['light', 'dark']);
    await nothingRan(paying);
    await shot(paying, 'markup-pay');
    await payment.getByRole('button', { name: 'Pay (test)' }).click();
    await see(payment.getByText('Paid (test)'));
    await noBarriers(paying);
    await payment.close();
    await see(page.locator('.order-state').getByText('Paid', { exact: true }));
    await noBarriers(viewer);
    await page.getByRole('button', { name: 'All my orders' }).click();
    await sheet('My orders');
    await noBarriers(viewer);
    await page.locator('.shop-close').click();
    await page.getByRole('button', { name: 'Gift', exact: true }).click();
    await sheet('Gifts');
    await noBarriers(viewer);
    await page.getByRole('button', { name: 'Top fans' }).click();
    await sheet('Top fans');
    await noBarriers(viewer);
    await back();
    await page.getByRole('button', { name: /Top up/ }).click();
    await sheet('Top up coins');
    await noBarriers(viewer);
    await page.locator('.shop-close').click();
    await noBarriers(viewer);
    await nothingRan(viewer);
  });

  it('has no barriers where a name is asked for', async () => {
    const late = await visit(browser);
    await late.page.goto(`http://${server.address}/room/${ROOM}`);
    await late.page.locator('.say').click();
    await see(late.page.getByLabel('Your name'));
    await noBarriers(late);
    assert.deepEqual(late.errors, []);
    await late.context.close();
  });

  it('has no barriers in the studio', async () => {
    await see(host.page.getByRole('log', { name: '动态' }).getByText(IMAGE));
    await noBarriers(host, ['light', 'dark']);
    await nothingRan(host);
    await shot(host, 'markup-studio');
  });

  it('has no barriers on any page of the console, at a desk and on a small phone', async () => {
    const [bought] = (await shop.get<{ items: { id: number; user: string }[] }>('/orders')).items;
    assert.ok(bought);
    const { id: order, user } = bought;
    await shop.post(`/orders/${order}/ship`, { carrier: IMAGE, tracking: SCRIPT });
    await shop.post(`/orders/${order}/refund`, { amount: 100, reason: IMAGE, restock: false });
    await shop.post(`/wallets/${user}/adjust`, { change: 100, reason: IMAGE });
    const pages = [
      ['', SHORT], ['goods', IMAGE], ['goods/new', '39.90'], [`goods/${goods}`, IMAGE], ['coupons', IMAGE], ['coupons/new', '5.00'], [`coupons/${coupon}`, IMAGE],
      ['orders', IMAGE], [`orders/${order}`, SCRIPT], ['rooms', SHORT], [`rooms/${ROOM}`, IMAGE], [`rooms/${ROOM}/statistics`, IMAGE], ['gifts', IMAGE],
      ['wallets', user], [`wallets/${user}`, IMAGE], ['users', IMAGE], ['webhooks', '127.0.0.1:9'], [`webhooks/${webhook}`, 'order.paid'],
      ['settings', 'CNY'], ['settings/keys', IMAGE], ['settings/people', 'Lin'], ['audit', IMAGE],
    ] as const;
    const walk = async (visitor: Visitor, name: string, schemes: readonly Scheme[]) => {
      for (const [fragment, about] of pages) {
        await open(visitor, fragment, about);
        await noBarriers(visitor, schemes);
        await nothingRan(visitor);
        await shot(visitor, `console-${name}-${fragment.replace(user, 'one').replaceAll('/', '-') || 'overview'}`);
      }
    };
    await Promise.all([walk(desk, 'desk', ['dark', 'light']), walk(phone, 'phone', ['dark'])]);
  });

  it('has reported no error on any page', () => {
    for (const { errors } of [desk, phone, host, viewer]) assert.deepEqual(errors, []);
  });
});

describe('a keyboard alone', { timeout: 60_000 }, () => {
  let typist: Visitor;
  const page = () => typist.page;
  /** Goes on with Tab until it has the focus. */
  const reach = async (target: Locator) => {
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page().keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${target.toString()}`);
  };
  const press = async (target: Locator, key = 'Enter') => {
    await see(target);
    await reach(target);
    await page().keyboard.press(key);
  };
  const type = async (target: Locator, text: string) => {
    await see(target);
    await reach(target);
    await page().keyboard.type(text);
  };

  before(async () => {
    typist = await visit(browser, { size: LAPTOP });
    typist.tolerate(/401/);
  });
  after(() => typist.context.close());

  it('signs in', async () => {
    await page().goto(`http://${server.address}/console`);
    await see(page().getByLabel('Your name'));
    await noBarriers(typist, ['light', 'dark']);
    await type(page().getByLabel('Your name'), MERCHANT.name);
    await type(page().getByLabel('Password', { exact: true }), MERCHANT.password);
    await page().keyboard.press('Enter');
    await see(page().getByRole('heading', { name: 'Overview' }));
  });

  it('makes goods', async () => {
    const menu = page().locator('.side');
    await press(menu.getByRole('link', { name: 'Goods' }));
    await press(page().getByRole('link', { name: 'New goods' }));
    await type(page().getByLabel('Title'), 'Bamboo tray');
    await type(page().getByLabel('Price (CNY)'), '20');
    await type(page().getByLabel('First stock'), '8');
    await press(page().getByRole('button', { name: 'Save' }));
    await see(page().getByRole('row', { name: /Bamboo tray/ }));
  });

  it('puts them on a shelf and moves them', async () => {
    await press(page().locator('.side').getByRole('link', { name: 'Rooms' }));
    await press(page().getByRole('link', { name: SHORT, exact: true }));
    await press(page().getByRole('button', { name: 'Add goods' }));
    await press(page().getByRole('dialog').getByRole('checkbox', { name: 'Bamboo tray' }), 'Space');
    await press(page().getByRole('dialog').getByRole('button', { name: 'Save' }));
    const grip = page().getByRole('button', { name: /^Move Bamboo tray/ });
    await press(grip, 'ArrowUp');
    await page().keyboard.press('ArrowUp');
    await see(page().locator('.shelf-item').first().getByText('Bamboo tray'));
    await see(page().getByText('Bamboo tray: place 1 of 3'));
    assert.equal(await grip.evaluate((element) => element === document.activeElement), true);
    await see(host.page.locator('.shelf-row').first().getByText('Bamboo tray'));
    await shot(typist, 'console-keyboard');
    assert.deepEqual(typist.errors, []);
  });
});
