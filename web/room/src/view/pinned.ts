// What the host keeps in sight: the newest pinned message, two lines until it is tapped. More than one: the tap goes on
// to the next.

import { displayName } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { isOpen, words, type Page } from '../page';

export function pinned({ store }: Page): HTMLElement {
  let at = 0;
  const who = h('b');
  const text = h('span', { class: 'pinned-text' });
  const place = h('span', { class: 'pinned-place' });
  const element = h('button', { class: 'pinned', type: 'button' }, icon('pin'), h('span', { class: 'pinned-body' }, who, text), place);

  const draw = () => {
    const { state } = store;
    const pins = [...state.pins].reverse();
    element.hidden = !isOpen(state) || pins.length === 0;
    const pin = pins[at % Math.max(1, pins.length)];
    if (!pin) return;
    who.textContent = displayName(pin.who);
    text.textContent = pin.text || words(state).picture;
    place.textContent = pins.length > 1 ? `${(at % pins.length) + 1}/${pins.length}` : '';
    element.setAttribute('aria-label', `${words(state).pinned}: ${who.textContent}: ${text.textContent}`);
  };
  element.addEventListener('click', () => {
    if (store.state.pins.length > 1 && element.classList.contains('whole')) at += 1;
    else element.classList.toggle('whole');
    draw();
  });
  store.watch(['pins'], () => { at = 0; draw(); });
  store.watch(['language', 'presence', 'status'], draw);
  return element;
}
