// The shop's sheet: one dialog that comes up from below and shows one leaf at a time. A leaf that leads to another is
// there again on the way back. What a leaf watches and repeats ends with it.

import { h, icon } from '../dom';
import type { Store } from '../store';
import type { Page } from '../page';
import { toast } from '../view/toast';
import { shopWords } from './words';

/** The time during which a leaf is shown. */
export interface Life {
  watch<T>(store: Store<T>, keys: readonly (keyof T)[], draw: (state: Readonly<T>) => void): void;
  every(ms: number, run: () => void): void;
  onEnd(run: () => void): void;
  /** False once it is over: for what comes back late. */
  readonly on: boolean;
}

export interface Leaf {
  /** `tray` lies low and dark, so that the show stays in sight. */
  readonly look?: 'tray';
  title(): string;
  draw(life: Life): Node[];
}

export interface ShopSheet {
  readonly element: HTMLElement;
  readonly open: boolean;
  show(leaf: Leaf): void;
  /** Shows the leaf instead of the one that is shown. */
  replace(leaf: Leaf): void;
  back(): void;
  close(): void;
  /** Says something for a moment, over the sheet. */
  say(text: string): void;
}

/** Deeper than this nobody goes back. */
const DEPTH_MAX = 8;

export function shopSheet({ store }: Page): ShopSheet {
  const dialog = h('dialog', { class: 'shop', 'aria-labelledby': 'shop-title' });
  const note = toast();
  let leaves: Leaf[] = [];
  let life: ReturnType<typeof begin> | null = null;

  const draw = () => {
    life?.end();
    life = null;
    const leaf = leaves[leaves.length - 1];
    if (!leaf) return dialog.replaceChildren();
    life = begin();
    const w = shopWords(store.state.language);
    const back = leaves.length > 1 && h('button', { class: 'shop-back', type: 'button', 'aria-label': w.back, onclick: goBack }, icon('back'));
    const close = h('button', { class: 'shop-close', type: 'button', 'aria-label': w.close, onclick: () => dialog.close() }, icon('close'));
    dialog.classList.toggle('tray', leaf.look === 'tray');
    dialog.replaceChildren(
      h('header', { class: 'shop-head' }, back, h('h2', { id: 'shop-title', tabindex: '-1' }, leaf.title()), close),
      ...leaf.draw(life), note.element);
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>('#shop-title')?.focus({ preventScroll: true });
  };
  const goBack = () => {
    leaves = leaves.slice(0, -1);
    if (leaves.length > 0) draw();
    else dialog.close();
  };
  dialog.addEventListener('close', () => { leaves = []; draw(); });
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  store.watch(['language'], () => { if (leaves.length > 0) draw(); });

  return {
    element: dialog,
    get open() { return dialog.open; },
    show(leaf) {
      leaves = [...leaves, leaf].slice(-DEPTH_MAX);
      draw();
    },
    replace(leaf) {
      leaves = [...leaves.slice(0, -1), leaf];
      draw();
    },
    back: goBack,
    close: () => dialog.close(),
    say: note.say,
  };
}

function begin(): Life & { end(): void } {
  const undo: (() => void)[] = [];
  let on = true;
  return {
    get on() { return on; },
    watch: (store, keys, draw) => { undo.push(store.watch(keys, draw)); },
    every(ms, run) {
      const timer = setInterval(run, ms);
      undo.push(() => clearInterval(timer));
    },
    onEnd: (run) => { undo.push(run); },
    end() {
      on = false;
      undo.splice(0).forEach((run) => run());
    },
  };
}
