// Whether the picture is still true: a bar while we are cut off, and a moment longer to say that it is over.

import { h, icon } from '../dom';
import { words, type Page } from '../page';

const BACK_MS = 1800;

export function connection({ store }: Page): HTMLElement {
  const text = h('span');
  const element = h('div', { class: 'net', role: 'status' }, icon('wifi'), text);
  let wasCut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  store.watch(['net', 'presence', 'language'], (state) => {
    const cut = state.presence === 'failed' || (state.presence === 'in' && state.net !== 'connected');
    clearTimeout(timer);
    element.classList.toggle('back', !cut && wasCut);
    if (cut) text.textContent = words(state)[state.net === 'disconnected' ? 'disconnected' : 'connecting'];
    else if (wasCut) {
      text.textContent = words(state).connected;
      timer = setTimeout(() => { element.hidden = true; }, BACK_MS);
    }
    element.hidden = !cut && !wasCut;
    wasCut = cut;
  });
  return element;
}
