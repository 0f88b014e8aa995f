// Comments over the video. The list holds the newest few; whoever scrolls up to read is left in peace and told how
// many came meanwhile.

import { CommentRing, displayName, fitWithin, formatCount, hueOf, languageTag, type Happening, type Language, type Person, type Picture } from '@hawker/web-shared';
import { giftIcon, h, icon, replay } from '../dom';
import { words, type Page } from '../page';
import type { Words } from '../words';

/** What a phone can scroll through without noticing; older lines leave the page. */
const KEPT = 80;
/** Pixels of a picture in the list, at most. */
const THUMB_SIDE = 124;
/** Closer to the end than this counts as being at the end. */
const NEAR_END_PX = 48;
/** How long it says who came in, and who bought. */
const CAME_MS = 2500;
const BOUGHT_MS = 4000;

interface Line {
  readonly id: string;
  readonly element: HTMLElement;
}

/** A picture on its way. The answer ends the waiting: with the picture, or without. */
export interface Sending {
  progress(part: number): void;
  done(picture: Picture | null): void;
}

export interface Comments {
  readonly element: HTMLElement;
  /** `past`: it happened before we came. */
  show(happening: Happening, past: boolean): void;
  /** What we said ourselves: the SDK does not hand it back to us. */
  showOwn(id: string, who: Person, text: string): void;
  /** Our own picture, while it is on its way and afterwards. */
  showSending(id: string, who: Person, file: File): Sending;
  remove(id: string): void;
}

export function comments({ store }: Page): Comments {
  const openPicture = (picture: Picture) => store.set({ open: picture });
  const ring = new CommentRing<Line>(KEPT);
  const list = h('div', { class: 'comments', role: 'log', 'aria-live': 'polite', tabindex: '0' });
  const welcome = h('p', { class: 'line welcome' });
  list.append(welcome);
  const unread = h('button', { class: 'unread', type: 'button', hidden: true, onclick: () => toEnd() });
  const passing = h('p', { class: 'passing', hidden: true });
  const element = h('div', { class: 'talk' }, h('div', { class: 'comments-frame' }, list, unread), passing);
  let waiting: Line[] = [];
  let missed = 0;
  let passingTimer: ReturnType<typeof setTimeout> | undefined;
  let boughtUntil = 0;

  const toEnd = () => {
    missed = 0;
    unread.hidden = true;
    list.scrollTop = list.scrollHeight;
  };
  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  list.addEventListener('scroll', () => { if (atEnd()) toEnd(); }, { passive: true });

  // A burst is drawn once per frame, not once per comment.
  const flush = () => {
    const stay = !atEnd();
    const lines = waiting;
    waiting = [];
    const before = new Set(ring.list());
    const fresh = lines.filter((line) => ring.push(line));
    const after = new Set(ring.list());
    for (const line of before) if (!after.has(line)) line.element.remove();
    list.append(...fresh.filter((line) => after.has(line)).map((line) => line.element));
    if (!stay) return toEnd();
    missed += fresh.length;
    unread.hidden = missed === 0;
    unread.replaceChildren(icon('down'), words(store.state).newComments(missed));
  };
  const add = (id: string, line: HTMLElement) => {
    if (waiting.length === 0) requestAnimationFrame(flush);
    waiting.push({ id, element: line });
    if (waiting.length > KEPT) waiting.shift();
  };
  const showPassing = (kind: 'came' | 'bought', ms: number, ...what: (Element | string)[]) => {
    passing.className = `passing ${kind}`;
    passing.replaceChildren(...what);
    passing.hidden = false;
    replay(passing, 'arriving');
    clearTimeout(passingTimer);
    passingTimer = setTimeout(() => { passing.hidden = true; }, ms);
  };
  /** Who buys is not driven away by who comes in. */
  const showCame = (who: Person) => {
    if (Date.now() > boughtUntil) showPassing('came', CAME_MS, words(store.state).came(displayName(who)));
  };
  const showBought = (who: Person, what: string) => {
    boughtUntil = Date.now() + BOUGHT_MS;
    showPassing('bought', BOUGHT_MS, icon('bag'), h('b', {}, displayName(who)), what);
  };

  const remove = (id: string) => {
    const line = ring.list().find((it) => it.id === id);
    line?.element.remove();
    ring.remove(id);
    waiting = waiting.filter((it) => it.id !== id);
  };

  store.watch(['language'], (state) => { welcome.textContent = words(state).welcome; });
  // The keyboard and the goods card change the height; who was reading the newest goes on doing so.
  if ('ResizeObserver' in window) new ResizeObserver(() => { if (missed === 0) toEnd(); }).observe(list);

  return {
    element,
    show(happening, past) {
      const { language, host } = store.state;
      if (happening.kind === 'join') return past ? undefined : showCame(happening.who);
      if (happening.kind === 'buy' && happening.real && !past) showBought(happening.who, purchase(happening, language));
      const line = lineOf(happening, language, host?.userID, openPicture);
      if (line && 'id' in happening) add(happening.id, line);
    },
    showOwn(id, who, text) {
      add(id, commentLine(who, text, words(store.state), store.state.host?.userID));
      missed = 0;
      requestAnimationFrame(toEnd);
    },
    showSending(id, who, file) {
      const w = words(store.state);
      const shown = URL.createObjectURL(file);
      const part = h('span', { class: 'sent-part' });
      const thumb = h('button', { class: 'thumb sending', type: 'button', disabled: true, 'aria-label': w.sending },
        h('img', { src: shown, alt: '', onload: () => { if (missed === 0) toEnd(); } }), part);
      add(id, h('div', { class: 'line picture-line' }, nick(who), thumb));
      missed = 0;
      requestAnimationFrame(toEnd);
      return {
        progress: (done) => part.style.setProperty('--part', String(done)),
        done: (picture) => {
          if (!picture) {
            URL.revokeObjectURL(shown);
            return remove(id);
          }
          // The list goes on showing what the phone has; nothing is fetched again.
          thumb.classList.remove('sending');
          thumb.disabled = false;
          thumb.setAttribute('aria-label', w.showPicture);
          part.remove();
          thumb.addEventListener('click', () => openPicture(picture));
        },
      };
    },
    remove,
  };
}

function lineOf(
  happening: Happening, language: Language, hostID: string | undefined, open: (picture: Picture) => void,
): HTMLElement | null {
  const w = words({ language });
  switch (happening.kind) {
    case 'comment': {
      const { who, text, picture } = happening;
      if (!picture) return commentLine(who, text, w, hostID);
      return h('div', { class: 'line picture-line' },
        who.userID === hostID && h('span', { class: 'tag' }, w.host), nick(who), thumbnail(picture, w, open));
    }
    case 'gift': {
      const { id, name, count } = happening.gift;
      const what = w.sentGift(id ? w.giftNames[id] : name || w.someGift) + (count > 1 ? ` ×${count}` : '');
      return eventLine('gift-line', happening.who, what, giftIcon(id));
    }
    case 'follow':
      return happening.following ? eventLine('follow-line', happening.who, w.followed, icon('heart')) : null;
    case 'buy':
      return eventLine('buy-line', happening.who, purchase(happening, language), icon('bag'));
    case 'coupon': {
      const { others } = happening;
      return eventLine('buy-line', happening.who, others > 0 ? w.couponToo(formatCount(others, languageTag(language))) : w.coupon, icon('ticket'));
    }
    case 'drop':
      return eventLine('buy-line', happening.who, w.dropped(happening.coupon.title), icon('ticket'));
    default:
      return null;
  }
}

/** A purchase that the server knows of; what somebody else's program says is a wish. */
function purchase({ real, others, goods }: Extract<Happening, { kind: 'buy' }>, language: Language): string {
  const w = words({ language });
  if (!goods) return w.wantsPlain;
  if (!real) return w.wants(goods.title);
  return others > 0 ? w.boughtToo(formatCount(others, languageTag(language)), goods.title) : w.bought(goods.title);
}

/** A small picture that opens over the whole screen. Its place has the right shape before it is there. */
function thumbnail(picture: Picture, w: Words, open: (picture: Picture) => void): HTMLElement {
  const { width, height } = fitWithin(picture, THUMB_SIDE);
  const image = h('img', { src: picture.thumb, alt: '', width, height, loading: 'lazy', decoding: 'async', referrerpolicy: 'no-referrer' });
  return h('button', { class: 'thumb', type: 'button', 'aria-label': w.showPicture, onclick: () => open(picture) }, image);
}

function commentLine(who: Person, text: string, w: Words, hostID: string | undefined): HTMLElement {
  const isHost = who.userID === hostID;
  return h('p', { class: isHost ? 'line host-line' : 'line' },
    isHost && h('span', { class: 'tag' }, w.host), nick(who), h('span', { class: 'said' }, text));
}

function eventLine(kind: string, who: Person, what: string, picture: Element): HTMLElement {
  return h('p', { class: `line ${kind}` }, picture, nick(who), h('span', {}, what));
}

function nick(who: Person): HTMLElement {
  const element = h('span', { class: 'nick' }, displayName(who));
  element.style.setProperty('--hue', String(hueOf(who.userID)));
  return element;
}
