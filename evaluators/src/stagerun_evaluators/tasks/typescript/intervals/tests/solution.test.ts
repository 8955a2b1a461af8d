import { gaps, merge } from './solution';
import type { Interval } from './solution';

describe('merge', () => {
  it('joins what overlaps', () => {
    expect(merge([[1, 4], [2, 6]])).toEqual([[1, 6]]);
  });
  it('joins what touches', () => {
    expect(merge([[1, 2], [2, 3]])).toEqual([[1, 3]]);
  });
  it('sorts by number', () => {
    expect(merge([[10, 11], [9, 9.5], [100, 101]])).toEqual([[9, 9.5], [10, 11], [100, 101]]);
  });
  it('knows one inside another', () => {
    expect(merge([[1, 10], [2, 3], [4, 5]])).toEqual([[1, 10]]);
  });
  it('leaves out empty ones', () => {
    expect(merge([[3, 3], [5, 4]])).toEqual([]);
    expect(merge([])).toEqual([]);
  });
  it('leaves its argument alone', () => {
    const given: Interval[] = [[2, 5], [1, 3]];
    const made = merge(given);
    made[0][1] = 99;
    expect(given).toEqual([[2, 5], [1, 3]]);
  });
});

describe('gaps', () => {
  it('are what is left', () => {
    expect(gaps([[2, 3], [5, 6]], [0, 10])).toEqual([[0, 2], [3, 5], [6, 10]]);
  });
  it('are all when nothing is given', () => {
    expect(gaps([], [0, 1])).toEqual([[0, 1]]);
  });
  it('are none when all is covered', () => {
    expect(gaps([[-5, 1], [1, 20]], [0, 10])).toEqual([]);
  });
  it('do not look outside', () => {
    expect(gaps([[-9, -8], [9, 12], [30, 40]], [0, 10])).toEqual([[0, 9]]);
  });
  it('are none within nothing', () => {
    expect(gaps([[1, 2]], [4, 4])).toEqual([]);
  });
});
