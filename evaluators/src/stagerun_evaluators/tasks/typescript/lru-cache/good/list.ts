export class LruCache<K, V> {
  #entries: { key: K; value: V }[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    if (!(capacity >= 1) || Math.floor(capacity) !== capacity) throw new RangeError(`bad capacity: ${capacity}`);
    this.#capacity = capacity;
  }

  get(key: K): V | undefined {
    const at = this.#entries.findIndex((entry) => entry.key === key);
    if (at < 0) return undefined;
    const [entry] = this.#entries.splice(at, 1);
    this.#entries.unshift(entry);
    return entry.value;
  }

  set(key: K, value: V): void {
    this.#entries = [{ key, value }, ...this.#entries.filter((entry) => entry.key !== key)].slice(0, this.#capacity);
  }

  has(key: K): boolean {
    return this.#entries.some((entry) => entry.key === key);
  }

  get size(): number {
    return this.#entries.length;
  }

  keys(): K[] {
    return this.#entries.map((entry) => entry.key);
  }
}
