// The place of the video, and what is there while none is seen: a poster that lives a little, and the host.

import { displayName, pageAddress } from '@hawker/web-shared';
import { h } from '../dom';
import { words, type Page, type PageState } from '../page';
import { avatar } from './avatar';

/** A second tap within this long, near the first, is a like. */
const DOUBLE_TAP_MS = 320;

export function stage({ store, actions }: Page, film: HTMLElement): HTMLElement {
  const picture = h('div', { class: 'stage-picture' });
  const host = h('div', { class: 'stage-host' });
  const text = h('div', { class: 'stage-text' });
  const lamps = h('div', { class: 'lamps', 'aria-hidden': 'true' }, ...Array.from({ length: 9 }, () => h('i')));
  const element = h('div', { class: 'stage' },
    h('div', { class: 'glow', 'aria-hidden': 'true' }), lamps, picture, film, h('div', { class: 'stage-center' }, host, text));

  let lastTap = 0;
  element.addEventListener('pointerup', (event) => {
    const now = event.timeStamp;
    if (now - lastTap < DOUBLE_TAP_MS) actions.like({ x: event.clientX, y: event.clientY });
    lastTap = now;
  });

  store.watch(['picture'], (state) => showPicture(picture, state.picture));
  store.watch(['host', 'status', 'name', 'presence', 'watching', 'language'], (state) => {
    element.dataset['status'] = state.status;
    element.classList.toggle('watching', state.watching);
    host.replaceChildren(...(state.host && !state.watching && !isCovered(state) ? [avatar(state.host)] : []));
    text.replaceChildren(...lines(state));
  });
  return element;
}

function showPicture(element: HTMLElement, picture: string): void {
  const address = pageAddress(picture);
  element.replaceChildren(...(address ? [h('img', { src: address, alt: '', referrerpolicy: 'no-referrer' })] : []));
}

/** A veil lies over the stage and shows the host itself. */
function isCovered({ presence, status }: PageState): boolean {
  const away = presence !== 'in' && presence !== 'opening' && presence !== 'failed';
  return away || status === 'paused' || status === 'ended';
}

function lines(state: PageState): HTMLElement[] {
  const w = words(state);
  if (state.presence === 'opening' || state.presence === 'failed') return [h('p', {}, w.opening)];
  if (isCovered(state) || state.watching) return [];
  const title = state.name || (state.host ? displayName(state.host) : '');
  if (state.status === 'live') return [h('h1', {}, title)];
  return [h('h1', {}, w.waitingTitle), h('p', {}, w.waitingText)];
}
