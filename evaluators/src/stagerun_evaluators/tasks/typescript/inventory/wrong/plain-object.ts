export class UnknownItem extends Error {
  constructor(readonly item: string) {
    super(`unknown item: ${item}`);
    this.name = 'UnknownItem';
  }
}

export class OutOfStock extends Error {
  constructor(
    readonly item: string,
    readonly missing: number,
  ) {
    super(`out of stock: ${item} (${missing} missing)`);
    this.name = 'OutOfStock';
  }
}

export class Inventory {
  private readonly counts: Record<string, number> = {};

  add(item: string, count: number): void {
    checked(count);
    this.counts[item] = (this.counts[item] ?? 0) + count;
  }

  remove(item: string, count: number): void {
    checked(count);
    if (this.counts[item] === undefined) throw new UnknownItem(item);
    if (this.counts[item] < count) throw new OutOfStock(item, count - this.counts[item]);
    this.counts[item] -= count;
  }

  count(item: string): number {
    return this.counts[item] ?? 0;
  }
}

function checked(count: number): void {
  if (!Number.isInteger(count) || count <= 0) throw new RangeError(`bad count: ${count}`);
}
