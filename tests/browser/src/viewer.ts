// What a viewer does in a room, on a phone.

import type { Page } from 'playwright-core';
import { miss, see } from './browser';

/** Opens the room and takes a name. */
export async function join(page: Page, address: string, nick: string): Promise<void> {
  await page.goto(address);
  await page.locator('.say').click();
  await page.getByLabel('Your name').fill(nick);
  await page.getByRole('button', { name: 'Join in' }).click();
  await miss(page.getByRole('dialog'));
}

/** Says on the page of the test provider, which `open` opens, that it is paid. */
export async function pay(page: Page, open: () => Promise<void>): Promise<void> {
  const [payment] = await Promise.all([page.waitForEvent('popup'), open()]);
  await payment.getByRole('button', { name: 'Pay (test)' }).click();
  await see(payment.getByText('Paid (test)'));
  await payment.close();
}

/** Where everything goes; asked once. */
export async function giveAddress(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add an address' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Phone').fill('13800000000');
  await page.getByLabel('Address', { exact: true }).fill('Lake Road 1, Hangzhou');
}
