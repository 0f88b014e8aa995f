// What a page shows of a film, read from the pixels of its only video.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { PATIENCE_MS } from './browser';
import { BAR, BARS, FRAMES_PER_SECOND } from './film';

/** Numbers of pictures begin anew after so many. */
export const NUMBERS = 2 ** BARS;

/** The number of the picture that is shown; -1 while there is none. */
export function numberShown(page: Page): Promise<number> {
  return page.evaluate(({ BAR, BARS }) => {
    const video = document.querySelector('video');
    const { videoWidth: width = 0, videoHeight: height = 0 } = video ?? {};
    const pen = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    if (!video || !pen || width === 0) return -1;
    pen.drawImage(video, 0, 0);
    const bright = (bar: number) => (pen.getImageData((bar + 0.5) * BAR, height - BAR / 2, 1, 1).data[1] ?? 0) > 127;
    return Array.from({ length: BARS }, (_, bar) => (bright(bar) ? 2 ** bar : 0)).reduce((sum, bit) => sum + bit, 0);
  }, { BAR, BARS });
}

/** Waits until the picture has gone on by a second of the film, and not by much more. */
export async function moves(page: Page): Promise<void> {
  const from = await numberShown(page);
  await until(page, 'the picture stands still', async () => {
    const gone = (await numberShown(page) - from + NUMBERS) % NUMBERS;
    return gone >= FRAMES_PER_SECOND && gone < NUMBERS / 2;
  });
}

/** Waits for something outside of the page, looking once for each of its frames. */
export async function until(page: Page, what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await holds()) {
    assert.ok(performance.now() < deadline, what);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}
