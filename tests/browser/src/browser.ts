// Real browsers, and what is wrong with a page whatever a test looks at.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** For whatever should appear. */
export const PATIENCE_MS = 15_000;
const SHOTS = path.resolve('shots');

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };

export function openBrowser(): Promise<Browser> {
  mkdirSync(SHOTS, { recursive: true });
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
}

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page reported as wrong so far. */
  readonly errors: string[];
  /** While the network is cut, a page cannot but report it. */
  tolerate(pattern: RegExp): void;
}

export interface VisitorOptions {
  readonly size?: { readonly width: number; readonly height: number };
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
}

export async function visit(browser: Browser, options: VisitorOptions = {}): Promise<Visitor> {
  const size = options.size ?? PHONE;
  const phone = size.width < 600;
  const context = await browser.newContext({
    viewport: size, locale: options.locale ?? 'en-US', deviceScaleFactor: 2, isMobile: phone, hasTouch: phone,
    colorScheme: options.colorScheme ?? 'light', serviceWorkers: 'block',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  const tolerated: RegExp[] = [];
  const note = (text: string) => { if (!tolerated.some((pattern) => pattern.test(text))) errors.push(text); };
  page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`); });
  // A nick or comment that ran would open this; nothing of ours does.
  page.on('dialog', (dialog) => { note(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  return { page, context, errors, tolerate: (pattern) => void tolerated.push(pattern) };
}

export async function shot(visitor: Visitor, name: string): Promise<void> {
  await visitor.page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}

/** Waits until it is on the page and can be seen. */
export function see(locator: Locator): Promise<void> {
  return locator.first().waitFor({ state: 'visible' });
}

/** Waits until it is gone. */
export function miss(locator: Locator): Promise<void> {
  return locator.first().waitFor({ state: 'hidden' });
}
