// Small things that several leaves show.

import { pageAddress, type IconName } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { refusal, wordsOf, type ShopContext } from './context';
import type { Life } from './sheet';

/** A picture of goods; one that does not load gives way to the bag behind it. */
export function goodsPicture(address: string, className: string): HTMLElement {
  const element = h('div', { class: `picture ${className}` }, icon('bag'));
  const source = pageAddress(address);
  if (!source) return element;
  const image = h('img', { src: source, alt: '', loading: 'lazy', decoding: 'async', referrerpolicy: 'no-referrer', onerror: () => image.remove() });
  element.append(image);
  return element;
}

export function emptyNote(name: IconName, title: string, text: string): HTMLElement {
  return h('div', { class: 'empty' }, icon(name), h('strong', {}, title), h('p', {}, text));
}

/** A button that does one thing at a time, and says so when it could not. */
export function doer(context: ShopContext, className: string, label: string, run: () => Promise<unknown>): HTMLButtonElement {
  const button = h('button', { class: className, type: 'button' }, label);
  button.addEventListener('click', () => {
    if (button.disabled) return;
    button.disabled = true;
    run().catch((error: unknown) => context.say(refusal(context, error))).finally(() => { button.disabled = false; });
  });
  return button;
}

/** Asks for what a leaf shows; when that fails, the leaf offers to ask again. */
export function loading(context: ShopContext, life: Life, load: () => Promise<unknown>, into: HTMLElement): void {
  const w = wordsOf(context);
  load().catch((error: unknown) => {
    if (!life.on) return;
    const again = h('button', { class: 'plain', type: 'button', onclick: () => { into.replaceChildren(waiting(context)); loading(context, life, load, into); } }, w.again);
    into.replaceChildren(h('div', { class: 'empty', role: 'alert' }, icon('wifi'), h('p', {}, refusal(context, error)), again));
  });
}

export function waiting(context: ShopContext): HTMLElement {
  return h('p', { class: 'empty', role: 'status' }, wordsOf(context).loading);
}
