/** A handler as it is kept: what it takes is the business of the typed method that registers it. */
export type Handler = (value: never) => void;

interface Registration {
  readonly handler: Handler;
  readonly context: unknown;
  readonly once: boolean;
}

/** Event handlers by name. The same handler with the same context is kept once. */
export class Emitter {
  private readonly registrations = new Map<string, Registration[]>();

  add(name: string, handler: Handler, once = false, context?: unknown): void {
    this.remove(name, handler, context);
    this.registrations.set(name, [...this.of(name), { handler, context, once }]);
  }

  /** Takes off one handler, or all of that name. Without a context, whatever its context. */
  remove(name: string, handler?: Handler, context?: unknown): void {
    this.registrations.set(name, this.of(name).filter((entry) =>
      handler !== undefined && (entry.handler !== handler || (context !== undefined && entry.context !== context))));
  }

  clear(): void {
    this.registrations.clear();
  }

  /** Calls the handlers in order. One that throws is its owner's fault: reported as uncaught, the others are called. */
  emit(name: string, value: unknown): void {
    for (const { handler, context, once } of this.of(name)) {
      if (once) this.remove(name, handler, context);
      try {
        handler.call(context, value as never);
      } catch (error) {
        setTimeout(() => { throw error; }, 0);
      }
    }
  }

  private of(name: string): Registration[] {
    return this.registrations.get(name) ?? [];
  }
}
