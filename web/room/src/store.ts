// The one picture that all parts of the page draw from. Parts watch a few keys and are called when one of them
// changed, once at the start included.

export interface Store<T> {
  readonly state: Readonly<T>;
  set(patch: Partial<T>): void;
  watch(keys: readonly (keyof T)[], draw: (state: Readonly<T>) => void): void;
}

export function createStore<T extends object>(initial: T): Store<T> {
  const state = { ...initial };
  const watchers: { keys: readonly (keyof T)[]; draw: (state: Readonly<T>) => void }[] = [];
  return {
    state,
    set(patch) {
      const changed = (Object.keys(patch) as (keyof T)[]).filter((key) => state[key] !== patch[key]);
      Object.assign(state, patch);
      for (const { keys, draw } of watchers) if (keys.some((key) => changed.includes(key))) draw(state);
    },
    watch(keys, draw) {
      watchers.push({ keys, draw });
      draw(state);
    },
  };
}
