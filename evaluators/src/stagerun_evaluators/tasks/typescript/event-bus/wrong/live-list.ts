export type Listener<T> = (value: T) => void;

export class EventBus<Events extends Record<string, unknown>> {
  private readonly held = new Map<keyof Events, Listener<never>[]>();

  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const mine = this.held.get(name) ?? [];
    mine.push(listener);
    this.held.set(name, mine);
    return () => {
      const at = mine.indexOf(listener);
      if (at >= 0) mine.splice(at, 1);
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
    let called = 0;
    for (const listener of this.held.get(name) ?? []) {
      (listener as Listener<Events[K]>)(value);
      called++;
    }
    return called;
  }
}
