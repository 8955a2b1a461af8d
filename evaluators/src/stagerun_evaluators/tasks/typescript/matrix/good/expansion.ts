export type Matrix = number[][];

export const transpose = (matrix: Matrix): Matrix =>
  matrix.length === 0 ? [] : Array.from(matrix[0], (_value, column) => matrix.map((row) => row[column]));

export function multiply(left: Matrix, right: Matrix): Matrix {
  const inner = left.length === 0 ? 0 : left[0].length;
  if (inner !== right.length) throw new Error('shapes do not fit');
  const width = right.length === 0 ? 0 : right[0].length;
  return left.map((row) => {
    const made = new Array<number>(width).fill(0);
    for (let at = 0; at < inner; at++) for (let to = 0; to < width; to++) made[to] += row[at] * right[at][to];
    return made;
  });
}

export function determinant(matrix: Matrix): number {
  if (matrix.some((row) => row.length !== matrix.length)) throw new Error('not square');
  if (matrix.length === 0) return 1;
  const [first, ...rest] = matrix;
  return first.reduce((sum, value, column) => {
    const minor = rest.map((row) => row.filter((_value, at) => at !== column));
    return sum + (column % 2 === 0 ? 1 : -1) * value * determinant(minor);
  }, 0);
}
