// What covers the room when there is nothing to watch: paused, ended, closed, or not for us.

import { displayName, formatCount, languageTag } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { words, type Page, type PageState } from '../page';
import { avatar } from './avatar';

interface Cover {
  readonly title: string;
  readonly text: string;
  readonly button?: string;
  readonly whole: boolean;
}

export function veil({ store, actions }: Page): HTMLElement {
  const element = h('div', { class: 'veil', role: 'status' });
  store.watch(['presence', 'status', 'language', 'host', 'likes', 'peak'], (state) => {
    const cover = coverOf(state);
    element.hidden = !cover;
    element.classList.toggle('whole', cover?.whole ?? false);
    element.replaceChildren(...(cover ? [body(cover, state, actions.reload)] : []));
  });
  return element;
}

function coverOf(state: PageState): Cover | null {
  const w = words(state);
  switch (state.presence) {
    case 'missing': return { title: w.missingTitle, text: w.missingText, whole: true };
    case 'dismissed': return { title: w.dismissedTitle, text: w.dismissedText, whole: true };
    case 'kicked': return { title: w.kickedTitle, text: w.kickedText, whole: true };
    case 'banned': return { title: w.bannedTitle, text: w.bannedText, button: w.reload, whole: true };
    case 'elsewhere': return { title: w.elsewhereTitle, text: w.elsewhereText, button: w.again, whole: true };
    case 'expired': return { title: w.expiredTitle, text: w.expiredText, button: w.reload, whole: true };
    default:
  }
  if (state.status === 'ended') return { title: w.endedTitle, text: w.endedText, whole: true };
  if (state.status === 'paused') return { title: w.pausedTitle, text: w.pausedText, whole: false };
  return null;
}

function body(cover: Cover, state: PageState, reload: () => void): HTMLElement {
  return h('div', { class: 'veil-body' },
    state.host
      ? h('div', { class: 'veil-host' }, avatar(state.host), h('span', {}, displayName(state.host)))
      : h('div', { class: 'veil-mark' }, icon('bag')),
    h('h1', {}, cover.title), h('p', {}, cover.text),
    state.status === 'ended' && state.presence === 'in' && totals(state),
    cover.button !== undefined && h('button', { class: 'primary', type: 'button', onclick: reload }, cover.button));
}

function totals(state: PageState): HTMLElement {
  const w = words(state);
  const locale = languageTag(state.language);
  const total = (count: number | null, what: string) =>
    count !== null && h('div', {}, h('b', {}, formatCount(count, locale)), h('span', {}, what));
  return h('div', { class: 'totals' }, total(state.peak, w.peak), total(state.likes, w.likesTotal));
}
