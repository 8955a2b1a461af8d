import { PriorityQueue } from './solution';

function drained<T>(queue: PriorityQueue<T>): T[] {
  const found: T[] = [];
  while (queue.length > 0) found.push(queue.pop() as T);
  return found;
}

describe('PriorityQueue', () => {
  it('gives the smallest priority first', () => {
    const queue = new PriorityQueue<string>();
    queue.push('c', 3);
    queue.push('a', 1);
    queue.push('b', 2);
    expect(drained(queue)).toEqual(['a', 'b', 'c']);
  });
  it('keeps the order of equal priorities', () => {
    const queue = new PriorityQueue<number>();
    for (let item = 0; item < 20; item++) queue.push(item, item % 2);
    expect(drained(queue)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  });
  it('looks without taking', () => {
    const queue = new PriorityQueue<string>();
    queue.push('a', -1);
    expect(queue.peek()).toBe('a');
    expect(queue.length).toBe(1);
  });
  it('has nothing when it is empty', () => {
    const queue = new PriorityQueue<string>();
    expect(queue.pop()).toBeUndefined();
    expect(queue.peek()).toBeUndefined();
    expect(queue.length).toBe(0);
  });
  it('takes endless priorities and refuses NaN', () => {
    const queue = new PriorityQueue<string>();
    queue.push('last', Infinity);
    queue.push('first', -Infinity);
    expect(() => queue.push('x', Number.NaN)).toThrow(RangeError);
    expect(drained(queue)).toEqual(['first', 'last']);
  });
  it('holds many', () => {
    const queue = new PriorityQueue<number>();
    for (let at = 0; at < 100_000; at++) queue.push(at, (at * 7919) % 100_003);
    let last = -1;
    for (let at = 0; at < 100_000; at++) {
      const priority = ((queue.pop() as number) * 7919) % 100_003;
      if (priority < last) throw new Error('out of order');
      last = priority;
    }
    expect(queue.length).toBe(0);
  });
});
