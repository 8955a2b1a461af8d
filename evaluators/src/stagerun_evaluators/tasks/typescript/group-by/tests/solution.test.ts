import { countBy, groupBy } from './solution';

describe('groupBy', () => {
  it('collects items by key', () => {
    expect(groupBy(['one', 'two', 'three'], (word) => word.length)).toEqual(new Map([[3, ['one', 'two']], [5, ['three']]]));
  });
  it('keeps the order of keys', () => {
    expect([...groupBy([3, 1, 2, 4], (x) => (x % 2 ? 'odd' : 'even')).keys()]).toEqual(['odd', 'even']);
    expect([...groupBy([2, 1], (x) => x).keys()]).toEqual([2, 1]);
  });
  it('takes a generator, once', () => {
    let started = 0;
    function* numbers(): Generator<number> {
      started++;
      yield* [1, 2, 3];
    }
    expect(groupBy(numbers(), (x) => x > 1)).toEqual(new Map([[false, [1]], [true, [2, 3]]]));
    expect(started).toBe(1);
  });
  it('hands the position on', () => {
    const keyOf = jest.fn((_item: string, index: number) => index % 2);
    expect(groupBy(['a', 'b', 'c'], keyOf)).toEqual(new Map([[0, ['a', 'c']], [1, ['b']]]));
    expect(keyOf).toHaveBeenCalledTimes(3);
  });
  it('tells keys apart as a map does', () => {
    const key = {};
    const made = groupBy([1, 2, 3, 4], (x) => (x === 1 ? '1' : x === 2 ? 1 : x === 3 ? key : Number.NaN));
    expect(made.get('1')).toEqual([1]);
    expect(made.get(1)).toEqual([2]);
    expect(made.get(key)).toEqual([3]);
    expect(made.get(Number.NaN)).toEqual([4]);
  });
});

describe('countBy', () => {
  it('counts', () => {
    expect(countBy('banana', (letter) => letter)).toEqual(new Map([['b', 1], ['a', 3], ['n', 2]]));
  });
  it('has nothing to count', () => {
    expect(countBy([], String)).toEqual(new Map());
  });
});
