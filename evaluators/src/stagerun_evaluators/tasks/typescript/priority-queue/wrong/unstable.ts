export class PriorityQueue<T> {
  private readonly heap: { item: T; priority: number }[] = [];

  push(item: T, priority: number): void {
    if (Number.isNaN(priority)) throw new RangeError('priority is not a number');
    this.heap.push({ item, priority });
    for (let at = this.heap.length - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      if (this.heap[above].priority <= this.heap[at].priority) break;
      [this.heap[above], this.heap[at]] = [this.heap[at], this.heap[above]];
      at = above;
    }
  }

  pop(): T | undefined {
    if (this.heap.length === 0) return undefined;
    const top = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < this.heap.length && this.heap[child].priority < this.heap[least].priority) least = child;
        }
        if (least === at) break;
        [this.heap[least], this.heap[at]] = [this.heap[at], this.heap[least]];
        at = least;
      }
    }
    return top.item;
  }

  peek(): T | undefined {
    return this.heap[0]?.item;
  }

  get length(): number {
    return this.heap.length;
  }
}
