import { determinant, multiply, transpose } from './solution';

describe('transpose', () => {
  it('turns rows into columns', () => {
    expect(transpose([[1, 2, 3], [4, 5, 6]])).toEqual([[1, 4], [2, 5], [3, 6]]);
  });
  it('knows the empty matrix', () => {
    expect(transpose([])).toEqual([]);
  });
});

describe('multiply', () => {
  it('multiplies rows by columns', () => {
    expect(multiply([[1, 2], [3, 4]], [[5, 6], [7, 8]])).toEqual([[19, 22], [43, 50]]);
  });
  it('takes shapes that are not square', () => {
    expect(multiply([[1, 2, 3]], [[4], [5], [6]])).toEqual([[32]]);
  });
  it('refuses shapes that do not fit', () => {
    expect(() => multiply([[1, 2]], [[1, 2]])).toThrow('shapes do not fit');
  });
});

describe('determinant', () => {
  it('is exact for whole numbers of two rows', () => {
    expect(determinant([[1, 2], [3, 4]])).toBeCloseTo(-2, 9);
  });
  it('goes on to three rows and more', () => {
    expect(determinant([[2, 0, 1], [1, 3, 2], [1, 1, 4]])).toBeCloseTo(18, 9);
    expect(determinant([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])).toBeCloseTo(1, 9);
  });
  it('is zero for dependent rows', () => {
    expect(determinant([[1, 2], [2, 4]])).toBeCloseTo(0, 9);
  });
  it('is one for the empty matrix', () => {
    expect(determinant([])).toBe(1);
  });
  it('refuses what is not square, and leaves its argument alone', () => {
    const matrix = [[3, 1], [1, 2]];
    determinant(matrix);
    expect(matrix).toEqual([[3, 1], [1, 2]]);
    expect(() => determinant([[1, 2]])).toThrow('not square');
  });
});
