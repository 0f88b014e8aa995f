// A picture over the whole screen, until it is tapped away.

import { h, icon } from '../dom';
import { words, type Page } from '../page';

export function lightbox({ store }: Page): HTMLElement {
  const image = h('img', { alt: '', referrerpolicy: 'no-referrer' });
  const close = h('button', { class: 'round lightbox-close', type: 'button' }, icon('close'));
  const dialog = h('dialog', { class: 'lightbox' }, image, close);
  const shut = () => dialog.close();
  dialog.addEventListener('click', shut);
  dialog.addEventListener('close', () => store.set({ open: null }));
  store.watch(['open', 'language'], ({ open, language }) => {
    close.setAttribute('aria-label', words({ language }).close);
    dialog.setAttribute('aria-label', words({ language }).picture);
    if (!open) return dialog.open ? dialog.close() : undefined;
    image.src = open.full;
    if (!dialog.open) dialog.showModal();
  });
  return dialog;
}
