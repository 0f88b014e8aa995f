// Reading from the server: once, page by page, or again and again.

import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { Problem } from './http';
import { problemText } from './problems';
import { session } from './session';
import type { Page } from './types';
import { w } from './words';

/** How long a search waits for the next letter. */
const TYPING_MS = 250;
/** What the server gives at once. */
const FIRST_PAGE = 50;

export function useLoad<T>(fetch: () => Promise<T>) {
  const value = shallowRef<T | null>(null);
  const refused = shallowRef<Problem | null>(null);
  const problem = computed(() => (refused.value ? problemText(refused.value, w.value) : ''));
  let asked = 0;

  /** Answers that were overtaken by a newer question are thrown away. */
  async function load(): Promise<void> {
    asked += 1;
    const mine = asked;
    try {
      const answer = await fetch();
      if (mine !== asked) return;
      value.value = answer;
      refused.value = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (mine === asked) refused.value = error;
    }
  }

  /** What a write answered is newer than any question under way. */
  function put(answer: T): void {
    asked += 1;
    value.value = answer;
  }

  onReturn(load);
  onMounted(load);
  return { value, problem, load, put };
}

/** Again every `ms`, while somebody looks. */
export function usePoll(load: () => Promise<void>, ms: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let gone = false;
  const next = () => {
    timer = setTimeout(() => void tick(), ms);
  };
  async function tick(): Promise<void> {
    if (!document.hidden && !session.expired) await load();
    if (!gone) next();
  }
  onMounted(next);
  onBeforeUnmount(() => {
    gone = true;
    clearTimeout(timer);
  });
}

export function useList<T>(fetch: (cursor: string | null) => Promise<Page<T>>, asked: () => unknown = () => null) {
  const items = shallowRef<readonly T[]>([]);
  const next = ref<string | null>(null);
  const loading = ref(true);
  const refused = shallowRef<Problem | null>(null);
  const problem = computed(() => (refused.value ? problemText(refused.value, w.value) : ''));
  let turn = 0;

  async function read(cursor: string | null, quiet = false): Promise<void> {
    turn += 1;
    const mine = turn;
    loading.value = !quiet;
    try {
      const page = await fetch(cursor);
      if (mine !== turn) return;
      items.value = cursor ? [...items.value, ...page.items] : page.items;
      next.value = page.next ?? null;
      refused.value = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (mine === turn) refused.value = error;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  const load = () => read(null);
  /** What is new, without a sign that something is being loaded. A list that grew by hand is not cut short again. */
  const refresh = async () => { if (items.value.length <= FIRST_PAGE) await read(null, true); };
  const more = () => read(next.value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(asked, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void load(), TYPING_MS);
  });
  onBeforeUnmount(() => clearTimeout(timer));
  onReturn(load);
  onMounted(load);
  return { items, next, loading, problem, load, refresh, more };
}

/** Somebody whose session ended and who signed in again sees fresh things. */
function onReturn(load: () => Promise<void>): void {
  watch(() => session.expired, (expired) => { if (!expired) void load(); });
}
