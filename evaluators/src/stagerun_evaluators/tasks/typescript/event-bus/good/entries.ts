export type Listener<T> = (value: T) => void;

interface Entry<T> {
  listener: Listener<T>;
  once: boolean;
  gone: boolean;
}

export class EventBus<Events extends Record<string, unknown>> {
  private readonly entries: { [K in keyof Events]?: Entry<Events[K]>[] } = {};

  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    return this.add(name, listener, false);
  }

  once<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    return this.add(name, listener, true);
  }

  emit<K extends keyof Events>(name: K, value: Events[K]): number {
    const errors: unknown[] = [];
    let called = 0;
    for (const entry of [...(this.entries[name] ?? [])]) {
      if (entry.gone) continue;
      if (entry.once) this.drop(name, entry);
      called += 1;
      try {
        entry.listener(value);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return called;
  }

  private add<K extends keyof Events>(name: K, listener: Listener<Events[K]>, once: boolean): () => void {
    const entry: Entry<Events[K]> = { listener, once, gone: false };
    (this.entries[name] ??= []).push(entry);
    return () => this.drop(name, entry);
  }

  private drop<K extends keyof Events>(name: K, entry: Entry<Events[K]>): void {
    entry.gone = true;
    this.entries[name] = this.entries[name]?.filter((other) => other !== entry);
  }
}
