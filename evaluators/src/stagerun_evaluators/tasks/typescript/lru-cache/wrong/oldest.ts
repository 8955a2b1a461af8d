export class LruCache<K, V> {
  private readonly held = new Map<K, V>();

  constructor(private readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be at least 1');
  }

  get(key: K): V | undefined {
    return this.held.get(key);
  }

  set(key: K, value: V): void {
    this.held.set(key, value);
    if (this.held.size > this.capacity) this.held.delete(this.held.keys().next().value as K);
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
