export class UnknownItem extends Error {
  item = '';
}

export class OutOfStock extends Error {
  item = '';
  missing = 0;
}

export class Inventory {
  private readonly counts = new Map<string, number>();

  add(item: string, count: number): void {
    if (count <= 0) throw new RangeError('bad count');
    this.counts.set(item, this.count(item) + count);
  }

  remove(item: string, count: number): void {
    const held = this.counts.get(item);
    if (held === undefined) throw new Error(`unknown item: ${item}`);
    if (held < count) throw new Error(`out of stock: ${item} (${count - held} missing)`);
    this.counts.set(item, held - count);
  }

  count(item: string): number {
    return this.counts.get(item) ?? 0;
  }
}
