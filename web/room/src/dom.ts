// Making elements. Children that are strings become text nodes, so nothing a viewer typed can become markup.

import { giftDrawings, icons, type GiftId, type IconName } from '@hawker/web-shared';

type Child = Node | string | null | false;
type Attributes = Record<string, string | number | boolean | null | ((event: Event) => void)>;

const SVG = 'http://www.w3.org/2000/svg';

/** `on…` functions become listeners; `true` is an empty attribute; `false` and `null` are none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

export function icon(name: IconName): SVGSVGElement {
  const drawing = svg('0 0 24 24', 'icon');
  drawing.append(...icons[name].map((d) => path({ d })));
  return drawing;
}

export function giftIcon(id: GiftId | null): SVGSVGElement {
  if (!id) return icon('gift');
  const drawing = svg('0 0 48 48', 'gift-drawing');
  drawing.append(...giftDrawings[id].map(([fill, d]) => path({ fill, d })));
  return drawing;
}

function svg(viewBox: string, className: string): SVGSVGElement {
  const element = document.createElementNS(SVG, 'svg');
  element.setAttribute('viewBox', viewBox);
  element.setAttribute('class', className);
  element.setAttribute('aria-hidden', 'true');
  return element;
}

function path(attributes: Record<string, string>): SVGPathElement {
  const element = document.createElementNS(SVG, 'path');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Lets an animation that has run begin again. */
export function replay(element: Element, className: string): void {
  element.classList.remove(className);
  void (element as HTMLElement).offsetWidth;
  element.classList.add(className);
}

export function calm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
