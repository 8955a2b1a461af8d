interface Node<T> {
  item: T;
  priority: number;
  order: number;
  rank: number;
  left?: Node<T>;
  right?: Node<T>;
}

export class PriorityQueue<T> {
  #root: Node<T> | undefined;
  #count = 0;
  #order = 0;

  push(item: T, priority: number): void {
    if (priority !== priority) throw new RangeError('NaN has no place in an order');
    this.#root = merged(this.#root, { item, priority, order: this.#order++, rank: 1 });
    this.#count++;
  }

  pop(): T | undefined {
    const root = this.#root;
    if (!root) return undefined;
    this.#root = merged(root.left, root.right);
    this.#count--;
    return root.item;
  }

  peek(): T | undefined {
    return this.#root?.item;
  }

  get length(): number {
    return this.#count;
  }
}

function merged<T>(one: Node<T> | undefined, other: Node<T> | undefined): Node<T> | undefined {
  if (!one) return other;
  if (!other) return one;
  const first = one.priority < other.priority || (one.priority === other.priority && one.order < other.order);
  const [top, rest] = first ? [one, other] : [other, one];
  top.right = merged(top.right, rest);
  if ((top.left?.rank ?? 0) < (top.right?.rank ?? 0)) [top.left, top.right] = [top.right, top.left];
  top.rank = (top.right?.rank ?? 0) + 1;
  return top;
}
