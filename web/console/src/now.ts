// The time, for what runs down.

import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';

const TICK_MS = 500;

export function useNow(): Readonly<Ref<number>> {
  const now = ref(Date.now());
  let timer: ReturnType<typeof setInterval> | undefined;
  onMounted(() => { timer = setInterval(() => { now.value = Date.now(); }, TICK_MS); });
  onBeforeUnmount(() => clearInterval(timer));
  return now;
}
