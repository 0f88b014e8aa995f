// Short messages at the edge of the page.

import { reactive } from 'vue';

const SHOWN_MS = 4000;
const PROBLEM_SHOWN_MS = 8000;
const TOASTS_MAX = 4;

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly bad: boolean;
}

export const toasts = reactive<Toast[]>([]);
let last = 0;

export function toast(text: string, bad = false): void {
  last += 1;
  const id = last;
  toasts.push({ id, text, bad });
  if (toasts.length > TOASTS_MAX) toasts.shift();
  setTimeout(() => dismiss(id), bad ? PROBLEM_SHOWN_MS : SHOWN_MS);
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
