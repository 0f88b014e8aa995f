// Hearts that rise when somebody likes. Each is one element that removes itself; never more than a screenful, because
// a popular room gets more likes in a second than anybody can see.

import { calm, h, icon } from '../dom';

const SHOWN_MAX = 28;
/** Of one report of the counter; the number beside the heart tells the rest. */
const PER_REPORT_MAX = 10;
/** The server reports the counter about once a second, so others' hearts are spread over that. */
const SPREAD_MS = 950;
const COLOURS = ['#ff4d77', '#ff8a4c', '#ffcc58', '#ff6fb5', '#9d7bff', '#4cc9f0'];

export interface Hearts {
  readonly element: HTMLElement;
  /** One heart, at a place of the window or from the like button. */
  rise(at?: { readonly x: number; readonly y: number }): void;
  /** As many as others have liked since the last report. */
  shower(count: number): void;
}

export function hearts(): Hearts {
  const element = h('div', { class: 'hearts', 'aria-hidden': 'true' });

  const rise = (at?: { readonly x: number; readonly y: number }) => {
    if (calm() || document.hidden || element.childElementCount >= SHOWN_MAX) return;
    const heart = h('i', { class: at ? 'heart big' : 'heart' }, icon('heart'));
    heart.style.color = COLOURS[Math.floor(Math.random() * COLOURS.length)] ?? '#ff4d77';
    heart.style.setProperty('--sway', `${Math.random() * 56 - 28}px`);
    heart.style.setProperty('--turn', `${Math.random() * 50 - 25}deg`);
    heart.style.setProperty('--size', String(0.75 + Math.random() * 0.6));
    if (at) placeAt(heart, element, at);
    heart.addEventListener('animationend', () => heart.remove());
    element.append(heart);
  };

  return {
    element,
    rise,
    shower(count) {
      const shown = Math.min(count, PER_REPORT_MAX);
      for (let i = 0; i < shown; i += 1) setTimeout(() => rise(), (SPREAD_MS * i) / shown);
    },
  };
}

function placeAt(heart: HTMLElement, layer: HTMLElement, at: { readonly x: number; readonly y: number }): void {
  const box = layer.getBoundingClientRect();
  heart.style.left = `${at.x - box.left - 24}px`;
  heart.style.top = `${at.y - box.top - 40}px`;
}
