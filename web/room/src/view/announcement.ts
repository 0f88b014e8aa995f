// The host's announcement: two lines until it is tapped, gone for this text when it is closed.

import { h, icon } from '../dom';
import { words, type Page } from '../page';

export function announcement({ store }: Page): HTMLElement {
  let closed = '';
  const text = h('p');
  const open = h('button', { class: 'announcement-text', type: 'button', 'aria-expanded': 'false' }, icon('horn'), text);
  const close = h('button', { class: 'announcement-close', type: 'button' }, icon('close'));
  const element = h('aside', { class: 'announcement' }, open, close);

  open.addEventListener('click', () => {
    const shown = element.classList.toggle('whole');
    open.setAttribute('aria-expanded', String(shown));
  });
  close.addEventListener('click', () => {
    closed = store.state.announcement;
    element.hidden = true;
  });
  store.watch(['announcement', 'language', 'presence', 'status'], (state) => {
    text.textContent = state.announcement;
    element.hidden = state.presence !== 'in' || !state.announcement || state.announcement === closed || state.status === 'ended';
    element.setAttribute('aria-label', words(state).announcement);
    close.setAttribute('aria-label', words(state).hide);
  });
  return element;
}
