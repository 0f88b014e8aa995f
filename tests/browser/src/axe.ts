// What a page makes hard for somebody who does not see, point or read as most do.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(path.resolve('package.json')).resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE: ReadonlySet<unknown> = new Set(['serious', 'critical']);
const CONTRAST: RunOptions = { runOnly: { type: 'rule', values: ['color-contrast'] } };

export type Scheme = 'light' | 'dark';

/** In each of these; colours alone differ between the two. */
export async function barriers(page: Page, schemes: readonly Scheme[]): Promise<string[]> {
  const found: string[] = [];
  for (const [index, colorScheme] of schemes.entries()) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...await look(page, colorScheme, index === 0 ? {} : CONTRAST));
  }
  return found;
}

async function look(page: Page, scheme: Scheme, options: RunOptions): Promise<string[]> {
  // Colours that are on their way to others are neither.
  await page.evaluate(() => document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish()));
  // Evaluated, not added as a tag: the policy of the pages runs nothing but their own files.
  await page.evaluate(`window.axe || ${SOURCE}`);
  const { violations } = await page.evaluate(
    (options) => (window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    { resultTypes: ['violations'], ...options } as RunOptions,
  );
  const where = `${new URL(page.url()).pathname}${new URL(page.url()).hash} ${page.viewportSize()?.width} ${scheme}`;
  return violations.filter(({ impact }) => GRAVE.has(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${where}: ${id} ${target.join(' ')} ${any[0]?.message ?? ''}`));
}
