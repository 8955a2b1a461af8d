import { mean, median } from './stats';
import { summary } from './report';

describe('median', () => {
  it('is the middle of an odd number of values', () => {
    expect(median([5, 1, 3])).toBe(3);
  });
  it('is the mean of the middle two of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
  it('orders by number', () => {
    expect(median([100, 9, 10])).toBe(10);
  });
  it('leaves the list alone', () => {
    const list = [3, 1, 2];
    median(list);
    expect(list).toEqual([3, 1, 2]);
  });
});

describe('what was right', () => {
  it('stays right', () => {
    expect(mean([1, 2, 6])).toBe(3);
  });
});

describe('summary', () => {
  it('tells mean and median', () => {
    expect(summary([1, 2, 3, 10])).toBe('4 values, mean 4.00, median 2.50');
  });
  it('says when there is nothing', () => {
    expect(summary([])).toBe('no values');
  });
});
