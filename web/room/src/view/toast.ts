import { h, replay } from '../dom';

const SHOWN_MS = 2400;

export interface Toast {
  readonly element: HTMLElement;
  say(text: string): void;
}

export function toast(): Toast {
  const element = h('div', { class: 'toast', role: 'alert', hidden: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    say(text) {
      element.textContent = text;
      element.hidden = false;
      replay(element, 'arriving');
      clearTimeout(timer);
      timer = setTimeout(() => { element.hidden = true; }, SHOWN_MS);
    },
  };
}
