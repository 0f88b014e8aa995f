// Coupon rain: red envelopes fall over the show, one tap claims the coupon. Who wants no motion gets one envelope that
// waits.

import { SHOP_ERROR, type Coupon } from '@hawker/shop';
import { couponFace, errorCode, isClaimable } from '@hawker/web-shared';
import { calm, h, icon } from '../dom';
import { refusal, wordsOf, type ShopContext } from './context';

const ENVELOPES = 26;
/** The last envelope is gone after this; the one that waits goes then, too. */
const RAIN_MS = 9000;
const FALL_MS = [2600, 4200] as const;
/** The answer goes away by itself. */
const ANSWER_MS = 6000;

export interface Rain {
  readonly element: HTMLElement;
  fall(coupon: Coupon): void;
}

export function couponRain(context: ShopContext): Rain {
  const { model, page } = context;
  const element = h('section', { class: 'rain', hidden: true });
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(timer);
    element.hidden = true;
    element.replaceChildren();
  };
  const answer = (title: string, text: string, coupon: Coupon, won: boolean) => {
    const w = wordsOf(context);
    const go = () => {
      stop();
      if (won) context.open({ place: 'shelf' });
    };
    const card = h('div', { class: won ? 'rain-card won' : 'rain-card', role: 'status' },
      h('strong', {}, title),
      won && h('b', { class: 'ticket-face' }, faceOf(coupon)), won && h('span', {}, coupon.title),
      h('p', {}, text), h('button', { class: 'primary', type: 'button', onclick: go }, won ? w.toShelf : w.ok));
    element.replaceChildren(closer(stop), card);
    clearTimeout(timer);
    timer = setTimeout(stop, ANSWER_MS);
  };
  const faceOf = ({ off }: Coupon) => couponFace(off, model.store.state.shelf?.currency ?? '', page.store.state.language);
  const closer = (close: () => void) => h('button', { class: 'round rain-close', type: 'button', 'aria-label': wordsOf(context).close, onclick: close }, icon('close'));

  const claim = (coupon: Coupon): void => {
    if (!page.store.state.me) {
      stop();
      return page.actions.named(() => claim(coupon));
    }
    const w = wordsOf(context);
    element.classList.add('caught');
    clearTimeout(timer);
    model.claim(coupon.id).then(() => answer(w.rainWon, w.rainKept, coupon, true), (error: unknown) => {
      switch (errorCode(error)) {
        case SHOP_ERROR.COUPON_GONE: return answer(w.rainLost, w.rainTooLate, coupon, false);
        case SHOP_ERROR.OVER_LIMIT: return answer(w.rainMine, w.rainKept, coupon, true);
        default: return answer(w.rainLost, refusal(context, error), coupon, false);
      }
    });
  };

  return {
    element,
    fall(coupon) {
      if (document.hidden || !isClaimable(coupon, model.store.state.claims, model.now())) return;
      stop();
      const w = wordsOf(context);
      let tapped = false;
      const tap = () => {
        if (tapped) return;
        tapped = true;
        claim(coupon);
      };
      const falling = calm() ? [] : Array.from({ length: ENVELOPES }, () => envelope(faceOf(coupon), tap));
      element.classList.remove('caught');
      element.setAttribute('aria-label', w.rain);
      element.replaceChildren(...falling, closer(stop),
        h('div', { class: 'rain-call', role: 'alert' }, h('strong', {}, w.rain), h('span', {}, `${coupon.title} · ${w.rainText}`),
          h('button', { class: 'primary', type: 'button', onclick: tap }, icon('ticket'), w.rainOne)));
      element.hidden = false;
      timer = setTimeout(stop, RAIN_MS);
    },
  };
}

/** One of many; the button below is the one for keys and screen readers. */
function envelope(face: string, tap: () => void): HTMLElement {
  const between = (from: number, to: number) => from + Math.random() * (to - from);
  const fall = between(...FALL_MS);
  const element = h('button', { class: 'envelope', type: 'button', tabindex: '-1', 'aria-hidden': 'true', onpointerdown: tap }, h('i'), h('b', {}, face));
  element.style.setProperty('--left', `${between(0, 88)}%`);
  element.style.setProperty('--fall', `${fall}ms`);
  element.style.setProperty('--wait', `${between(0, RAIN_MS - fall)}ms`);
  element.style.setProperty('--turn', `${between(-70, 70)}deg`);
  element.style.setProperty('--size', String(between(0.8, 1.15)));
  return element;
}
