// The row above the video: who sells, how many watch, which language.

import { displayName, formatCount, languageTag } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { isOpen, words, type Page, type PageState } from '../page';
import { avatar } from './avatar';

export function top({ store, actions }: Page): HTMLElement {
  const face = h('span', { class: 'host-face' });
  const name = h('strong', { class: 'host-name' });
  const badge = h('span', { class: 'badge' });
  const follow = h('button', { class: 'follow', type: 'button', onclick: () => actions.follow(!store.state.following) });
  const host = h('div', { class: 'host' }, face, h('span', { class: 'host-text' }, name, badge), follow);
  const viewers = h('span', { class: 'viewers', role: 'img' });
  const element = h('header', { class: 'top' }, host, viewers);

  store.watch(['host', 'name'], (state) => {
    host.hidden = !state.host;
    if (!state.host) return;
    face.replaceChildren(avatar(state.host));
    name.textContent = displayName(state.host);
  });
  store.watch(['following', 'host', 'me', 'language', 'presence', 'status'], (state) => drawFollow(follow, state));
  store.watch(['status', 'language'], (state) => {
    badge.textContent = words(state)[state.status];
    badge.dataset['status'] = state.status;
  });
  store.watch(['viewers', 'language', 'presence'], (state) => drawViewers(viewers, state));
  return element;
}

export function languageSwitch({ store, actions }: Page): HTMLElement {
  const button = h('button', { class: 'round language', type: 'button', onclick: () => actions.switchLanguage() });
  store.watch(['language'], (state) => {
    button.textContent = words(state).language;
    button.setAttribute('aria-label', words(state).languageLabel);
  });
  return button;
}

function drawFollow(button: HTMLButtonElement, state: PageState): void {
  const w = words(state);
  button.hidden = !isOpen(state) || state.me?.userID === state.host?.userID || (!state.me && !state.guests);
  button.classList.toggle('on', state.following);
  button.setAttribute('aria-pressed', String(state.following));
  button.replaceChildren(...(state.following ? [icon('check'), w.following] : [icon('plus'), w.follow]));
}

function drawViewers(element: HTMLElement, state: PageState): void {
  element.hidden = state.presence !== 'in' || state.viewers === null;
  const shown = formatCount(state.viewers ?? 0, languageTag(state.language));
  element.replaceChildren(icon('eye'), shown);
  element.setAttribute('aria-label', words(state).viewers(shown));
}
