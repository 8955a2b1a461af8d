export type Listener<T> = (value: T) => void;

export class EventBus<Events extends Record<string, unknown>> {
  readonly #held = new Map<keyof Events, Map<symbol, Listener<never>>>();

  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const mine = this.#held.get(name) ?? new Map<symbol, Listener<never>>();
    const key = Symbol();
    mine.set(key, listener);
    this.#held.set(name, mine);
    return () => {
      mine.delete(key);
    };
  }

  once<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const off = this.on(name, (value) => {
      off();
      listener(value);
    });
    return off;
  }

  emit<K extends keyof Events>(name: K, value: Events[K]): number {
    const mine = this.#held.get(name) ?? new Map<symbol, Listener<never>>();
    let failure: { error: unknown } | undefined;
    let called = 0;
    for (const [key, listener] of [...mine]) {
      if (!mine.has(key)) continue;
      called++;
      try {
        (listener as Listener<Events[K]>)(value);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
    return called;
  }
}
