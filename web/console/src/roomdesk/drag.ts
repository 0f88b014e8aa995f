// Rows that a finger or a mouse takes by the handle and puts elsewhere.

import { onBeforeUnmount, ref, type Ref } from 'vue';

export function useDrag(list: Ref<HTMLElement | undefined>, move: (from: number, to: number) => void, drop: () => void) {
  /** Where the row under the hand is now. */
  const row = ref<number | null>(null);
  let begun = 0;

  function start(event: PointerEvent, at: number): void {
    if (event.button !== 0) return;
    row.value = at;
    begun = at;
    window.addEventListener('pointermove', follow);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
  }

  function follow(event: PointerEvent): void {
    const from = row.value;
    if (from === null || !list.value) return;
    const rows = [...list.value.children];
    const to = rows.findIndex((element) => event.clientY < element.getBoundingClientRect().bottom);
    const aim = to < 0 ? rows.length - 1 : to;
    const aimed = rows[aim]?.getBoundingClientRect();
    if (aim === from || !aimed) return;
    // Only past the middle: rows of different heights would swap back and forth otherwise.
    const middle = aimed.top + aimed.height / 2;
    if (aim > from ? event.clientY < middle : event.clientY > middle) return;
    move(from, aim);
    row.value = aim;
  }

  function end(): void {
    stop();
    const changed = row.value !== null && row.value !== begun;
    row.value = null;
    if (changed) drop();
  }

  function stop(): void {
    window.removeEventListener('pointermove', follow);
    window.removeEventListener('pointerup', end);
    window.removeEventListener('pointercancel', end);
  }

  onBeforeUnmount(stop);
  return { row, start };
}
