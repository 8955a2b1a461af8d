export class UnknownItem extends Error {
  override readonly name = 'UnknownItem';
  readonly item: string;

  constructor(item: string) {
    super('unknown item: ' + item);
    this.item = item;
  }
}

export class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
  readonly item: string;
  readonly missing: number;

  constructor(item: string, missing: number) {
    super(`out of stock: ${item} (${missing} missing)`);
    this.item = item;
    this.missing = missing;
  }
}

export class Inventory {
  #counts: Record<string, number> = Object.create(null) as Record<string, number>;

  add(item: string, count: number): void {
    this.#check(count);
    this.#counts[item] = this.count(item) + count;
  }

  remove(item: string, count: number): void {
    this.#check(count);
    if (!(item in this.#counts)) throw new UnknownItem(item);
    const left = this.#counts[item] - count;
    if (left < 0) throw new OutOfStock(item, -left);
    this.#counts[item] = left;
  }

  count(item: string): number {
    return this.#counts[item] ?? 0;
  }

  #check(count: number): void {
    if (!(count > 0) || count % 1 !== 0) throw new RangeError('count must be a whole number above 0');
  }
}
