interface Entry<T> {
  item: T;
  priority: number;
  order: number;
}

export class PriorityQueue<T> {
  private readonly heap: Entry<T>[] = [];
  private pushed = 0;

  push(item: T, priority: number): void {
    if (Number.isNaN(priority)) throw new RangeError('priority is not a number');
    const entry = { item, priority, order: this.pushed++ };
    let at = this.heap.length;
    this.heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(entry, this.heap[above])) break;
      this.heap[at] = this.heap[above];
      at = above;
    }
    this.heap[at] = entry;
  }

  pop(): T | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (top === undefined || last === undefined) return undefined;
    if (this.heap.length > 0) this.sink(last);
    return top.item;
  }

  peek(): T | undefined {
    return this.heap[0]?.item;
  }

  get length(): number {
    return this.heap.length;
  }

  private sink(entry: Entry<T>): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && before(this.heap[child + 1], this.heap[child])) child++;
      if (!before(this.heap[child], entry)) break;
      this.heap[at] = this.heap[child];
      at = child;
    }
    this.heap[at] = entry;
  }
}

function before<T>(left: Entry<T>, right: Entry<T>): boolean {
  return left.priority < right.priority || (left.priority === right.priority && left.order < right.order);
}
