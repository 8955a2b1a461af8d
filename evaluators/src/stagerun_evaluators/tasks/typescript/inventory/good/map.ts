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
  private readonly counts = new Map<string, number>();

  add(item: string, count: number): void {
    checked(count);
    this.counts.set(item, this.count(item) + count);
  }

  remove(item: string, count: number): void {
    checked(count);
    const held = this.counts.get(item);
    if (held === undefined) throw new UnknownItem(item);
    if (held < count) throw new OutOfStock(item, count - held);
    this.counts.set(item, held - count);
  }

  count(item: string): number {
    return this.counts.get(item) ?? 0;
  }
}

function checked(count: number): void {
  if (!Number.isInteger(count) || count <= 0) throw new RangeError(`bad count: ${count}`);
}
