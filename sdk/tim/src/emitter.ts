import type { DataOf, TimEvent } from './types.js';

type Handler = (this: unknown, event: TimEvent) => void;

interface Registration {
  readonly handler: Handler;
  readonly context: unknown;
  readonly once: boolean;
}

/** Event handlers by name. A handler that throws does not keep the others from being called. */
export class Emitter {
  private readonly registrations = new Map<string, Registration[]>();

  add(name: string, handler: Handler, context: unknown, once: boolean): void {
    this.registrations.set(name, [...(this.registrations.get(name) ?? []), { handler, context, once }]);
  }

  remove(name: string, handler?: Handler, context?: unknown): void {
    const kept = (this.registrations.get(name) ?? []).filter((entry) =>
      handler !== undefined && (entry.handler !== handler || (context !== undefined && entry.context !== context)));
    this.registrations.set(name, kept);
  }

  clear(): void {
    this.registrations.clear();
  }

  emit<E extends string>(name: E, data: DataOf<E>): void {
    const event: TimEvent = { name, data };
    for (const entry of this.registrations.get(name) ?? []) {
      if (entry.once) this.remove(name, entry.handler, entry.context);
      try {
        entry.handler.call(entry.context, event);
      } catch (error) {
        setTimeout(() => { throw error; }, 0);
      }
    }
  }
}
