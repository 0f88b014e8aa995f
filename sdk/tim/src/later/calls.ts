import type { LaterCalls } from '../calls.js';
import type { Core } from '../core.js';

/** What answers calls: the instance first, then what the application gave, which may be anything. */
export type Handlers<Name extends keyof LaterCalls> = {
  [K in Name]: (core: Core, ...given: unknown[]) => ReturnType<LaterCalls[K]>;
};

/** Handlers that know their instance already. */
export type BoundHandlers<Name extends keyof LaterCalls> = {
  [K in Name]: (...given: unknown[]) => ReturnType<LaterCalls[K]>;
};
