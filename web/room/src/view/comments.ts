// Comments over the video. The list holds the newest few; whoever scrolls up to read is left in peace and told how
// many came meanwhile.

import { CommentRing, displayName, fitWithin, hueOf, type Happening, type Person, type Picture } from '@hawker/web-shared';
import { giftIcon, h, icon } from '../dom';
import { words, type Page } from '../page';
import type { Words } from '../words';

/** What a phone can scroll through without noticing; older lines leave the page. */
const KEPT = 80;
/** Pixels of a picture in the list, at most. */
const THUMB_SIDE = 124;
/** Closer to the end than this counts as being at the end. */
const NEAR_END_PX = 48;

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
  show(happening: Happening): void;
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
  const came = h('p', { class: 'came', hidden: true });
  const element = h('div', { class: 'talk' }, h('div', { class: 'comments-frame' }, list, unread), came);
  let waiting: Line[] = [];
  let missed = 0;
  let cameTimer: ReturnType<typeof setTimeout> | undefined;

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
  const showCame = (who: Person) => {
    came.textContent = words(store.state).came(displayName(who));
    came.hidden = false;
    clearTimeout(cameTimer);
    cameTimer = setTimeout(() => { came.hidden = true; }, 2500);
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
    show(happening) {
      if (happening.kind === 'join') return showCame(happening.who);
      const line = lineOf(happening, words(store.state), store.state.host?.userID, openPicture);
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
  happening: Happening, w: Words, hostID: string | undefined, open: (picture: Picture) => void,
): HTMLElement | null {
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
    case 'buy': {
      const what = happening.goods ? w.bought_line(happening.goods.title) : w.bought_plain;
      return eventLine('buy-line', happening.who, what, icon('bag'));
    }
    case 'coupon':
      return eventLine('buy-line', happening.who, w.coupon, icon('ticket'));
    default:
      return null;
  }
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
