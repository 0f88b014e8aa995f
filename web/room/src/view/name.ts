// What comes up from below when somebody wants to do something and has no name yet: the question for one.

import { GuestRefused, NICK_BYTES_MAX, truncateBytes } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { words, type Page } from '../page';

export function nameSheet(page: Page): HTMLElement {
  const { store } = page;
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'name-title' });
  dialog.addEventListener('close', () => store.set({ naming: false }));
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  store.watch(['naming', 'language'], ({ naming }) => {
    if (!naming) return dialog.open ? dialog.close() : undefined;
    dialog.replaceChildren(question(page, () => dialog.close()));
    if (!dialog.open) dialog.showModal();
    dialog.querySelector('input')?.focus();
  });
  return dialog;
}

function question({ store, actions }: Page, close: () => void): HTMLElement {
  const w = words(store.state);
  const input = h('input', { class: 'name', id: 'name', type: 'text', placeholder: w.nameHint, autocomplete: 'nickname', required: true, enterkeyhint: 'go' });
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
  const submit = (event: Event) => {
    event.preventDefault();
    if (input.value.trim()) void enter();
  };
  return h('form', { class: 'sheet-body', onsubmit: submit },
    h('button', { class: 'sheet-close', type: 'button', 'aria-label': w.close, onclick: close }, icon('close')),
    h('h2', { id: 'name-title' }, w.nameTitle), h('p', { class: 'soft' }, w.nameText),
    h('label', { class: 'unseen', for: 'name' }, w.nameLabel), input, problem, go);
}
