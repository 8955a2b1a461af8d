export class LruCache<K, V> {
  private readonly held = new Map<K, V>();

  constructor(private readonly capacity: number) {}

  get(key: K): V | undefined {
    const value = this.held.get(key);
    if (value === undefined) return undefined;
    this.held.delete(key);
    this.held.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.held.delete(key);
    this.held.set(key, value);
    if (this.held.size > this.capacity) this.held.delete([...this.held.keys()][0]);
  }

  has(key: K): boolean {
    return this.held.has(key);
  }

  get size(): number {
    return this.held.size;
  }

  keys(): K[] {
    return [...this.held.keys()].reverse();
  }
}
