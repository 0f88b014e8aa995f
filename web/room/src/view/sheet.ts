// What comes up from below: the question for a name, and the gifts.

import { GIFT_IDS, GuestRefused, NICK_BYTES_MAX, truncateBytes } from '@hawker/web-shared';
import { giftIcon, h, icon } from '../dom';
import { words, type Page } from '../page';

export function sheet(page: Page): HTMLElement {
  const { store } = page;
  const dialog = h('dialog', { class: 'sheet' });
  const name = nameSheet(page);
  const gift = giftSheet(page);

  dialog.addEventListener('close', () => store.set({ sheet: 'none' }));
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  store.watch(['sheet', 'language'], ({ sheet: wanted }) => {
    if (wanted === 'none') return dialog.open ? dialog.close() : undefined;
    dialog.replaceChildren(wanted === 'name' ? name.draw(() => dialog.close()) : gift.draw(() => dialog.close()));
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-first]')?.focus();
  });
  return dialog;
}

interface Part {
  draw(close: () => void): HTMLElement;
}

function closeButton(label: string, close: () => void): HTMLElement {
  return h('button', { class: 'sheet-close', type: 'button', 'aria-label': label, onclick: close }, icon('close'));
}

function nameSheet({ store, actions }: Page): Part {
  return {
    draw(close) {
      const w = words(store.state);
      const input = h('input', { class: 'name', id: 'name', type: 'text', placeholder: w.nameHint, autocomplete: 'nickname', required: true, enterkeyhint: 'go', 'data-first': true });
      const problem = h('p', { class: 'problem', role: 'alert' });
      const go = h('button', { class: 'primary', type: 'submit' }, w.nameGo);
      input.addEventListener('input', () => { input.value = truncateBytes(input.value, NICK_BYTES_MAX); });
      const enter = async () => {
        go.disabled = true;
        go.textContent = w.nameGoing;
        try {
          await actions.enter(input.value.trim());
        } catch (error) {
          problem.textContent = w[`name_${error instanceof GuestRefused ? error.reason : 'unreachable'}`];
        } finally {
          go.disabled = false;
          go.textContent = w.nameGo;
        }
      };
      return h('form', { class: 'sheet-body', 'aria-labelledby': 'sheet-title', onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) void enter(); } },
        closeButton(w.close, close),
        h('h2', { id: 'sheet-title' }, w.nameTitle), h('p', { class: 'soft' }, w.nameText),
        h('label', { class: 'unseen', for: 'name' }, w.nameLabel), input, problem, go);
    },
  };
}

function giftSheet({ store, actions }: Page): Part {
  return {
    draw(close) {
      const w = words(store.state);
      const tiles = GIFT_IDS.map((id, index) =>
        h('button', { class: 'tile', type: 'button', 'data-first': index === 0, onclick: () => actions.gift(id) },
          giftIcon(id), h('span', {}, w.giftLabels[id])));
      return h('div', { class: 'sheet-body', 'aria-labelledby': 'sheet-title' },
        closeButton(w.close, close), h('h2', { id: 'sheet-title' }, w.gifts), h('div', { class: 'tiles' }, ...tiles));
    },
  };
}
