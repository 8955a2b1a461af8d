export class PriorityQueue<T> {
  private readonly entries: { item: T; priority: number }[] = [];

  push(item: T, priority: number): void {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].priority <= priority) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, { item, priority });
  }

  pop(): T | undefined {
    return this.entries.pop()?.item;
  }

  peek(): T | undefined {
    return this.entries.at(-1)?.item;
  }

  get length(): number {
    return this.entries.length;
  }
}
