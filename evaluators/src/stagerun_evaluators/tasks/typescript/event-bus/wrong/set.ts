export type Listener<T> = (value: T) => void;

export class EventBus<Events extends Record<string, unknown>> {
  private readonly held = new Map<keyof Events, Set<Listener<never>>>();

  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const mine = this.held.get(name) ?? new Set<Listener<never>>();
    mine.add(listener);
    this.held.set(name, mine);
    return () => {
      mine.delete(listener);
    };
  }

  once<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const off = this.on(name, (value) => {
      listener(value);
      off();
    });
    return off;
  }

  emit<K extends keyof Events>(name: K, value: Events[K]): number {
    const mine = [...(this.held.get(name) ?? [])];
    mine.forEach((listener) => (listener as Listener<Events[K]>)(value));
    return mine.length;
  }
}
