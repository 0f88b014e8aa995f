// Gift banners: two at a time, the rest wait their turn. The same gift of the same person again, while its banner is
// there, counts up instead of waiting. How far, the server says (`combo`), so that being told twice counts once.

import { displayName, type GiftSent, type Person } from '@hawker/web-shared';
import { giftIcon, h, replay } from '../dom';
import { words, type Page } from '../page';
import { avatar } from './avatar';

const SLOTS = 2;
const SHOWN_MS = 3200;
/** More than this would be shown long after it happened; the list of comments has them all the same. */
const WAITING_MAX = 20;

interface Banner {
  readonly key: string;
  readonly who: Person;
  readonly gift: GiftSent;
  count: number;
}

interface Shown extends Banner {
  readonly element: HTMLElement;
  readonly number: HTMLElement;
  timer: ReturnType<typeof setTimeout>;
}

export interface Gifts {
  readonly element: HTMLElement;
  show(who: Person, gift: GiftSent): void;
}

export function gifts({ store }: Page): Gifts {
  const element = h('div', { class: 'gifts', 'aria-hidden': 'true' });
  const shown: Shown[] = [];
  const waiting: Banner[] = [];

  const open = (banner: Banner) => {
    const number = h('b', { class: 'times' });
    const node = bannerElement(banner, giftWords(banner.gift), number);
    const entry: Shown = { ...banner, element: node, number, timer: setTimeout(() => close(entry), SHOWN_MS) };
    shown.push(entry);
    countUp(entry, entry.count);
    element.append(node);
  };
  const close = (entry: Shown) => {
    shown.splice(shown.indexOf(entry), 1);
    entry.element.classList.add('leaving');
    setTimeout(() => entry.element.remove(), 350);
    const next = waiting.shift();
    if (next) open(next);
  };
  const countUp = (entry: Shown, to: number) => {
    entry.count = Math.max(entry.count, to);
    entry.number.textContent = `×${entry.count}`;
    replay(entry.number, 'bump');
  };
  const giftWords = (gift: GiftSent) => {
    const w = words(store.state);
    return w.sentGift(gift.id ? w.giftNames[gift.id] : gift.name || w.someGift);
  };

  return {
    element,
    show(who, gift) {
      const key = `${who.userID} ${gift.id ?? gift.name}`;
      const running = shown.find((entry) => entry.key === key);
      if (running) {
        countUp(running, gift.combo);
        clearTimeout(running.timer);
        running.timer = setTimeout(() => close(running), SHOWN_MS);
        return;
      }
      const queued = waiting.find((entry) => entry.key === key);
      if (queued) queued.count = Math.max(queued.count, gift.combo);
      else if (shown.length < SLOTS) open({ key, who, gift, count: gift.combo });
      else if (waiting.length < WAITING_MAX) waiting.push({ key, who, gift, count: gift.combo });
    },
  };
}

function bannerElement({ who, gift }: Banner, what: string, number: HTMLElement): HTMLElement {
  return h('div', { class: 'gift-banner' },
    avatar(who),
    h('span', { class: 'gift-text' }, h('strong', {}, displayName(who)), h('small', {}, what)),
    giftIcon(gift.id),
    number);
}
