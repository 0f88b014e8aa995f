// The one picture that all parts of the page draw from. Parts watch a few keys and are called when one of them
// changed, once at the start included, until they say that they are gone.

export interface Store<T> {
  readonly state: Readonly<T>;
  set(patch: Partial<T>): void;
  /** Returns the function that ends it. */
  watch(keys: readonly (keyof T)[], draw: (state: Readonly<T>) => void): () => void;
}

export function createStore<T extends object>(initial: T): Store<T> {
  const state = { ...initial };
  const watchers = new Set<{ readonly keys: readonly (keyof T)[]; readonly draw: (state: Readonly<T>) => void }>();
  return {
    state,
    set(patch) {
      const changed = (Object.keys(patch) as (keyof T)[]).filter((key) => state[key] !== patch[key]);
      Object.assign(state, patch);
      for (const watcher of [...watchers]) {
        // One that was drawn before may have sent another away.
        if (watchers.has(watcher) && watcher.keys.some((key) => changed.includes(key))) watcher.draw(state);
      }
    },
    watch(keys, draw) {
      const watcher = { keys, draw };
      watchers.add(watcher);
      draw(state);
      return () => { watchers.delete(watcher); };
    },
  };
}
