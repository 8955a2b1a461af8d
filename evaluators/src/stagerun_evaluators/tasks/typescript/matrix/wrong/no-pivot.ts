export type Matrix = number[][];

export function transpose(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_value, column) => matrix.map((row) => row[column]));
}

export function multiply(left: Matrix, right: Matrix): Matrix {
  if ((left[0]?.length ?? 0) !== right.length) throw new Error('shapes do not fit');
  return left.map((row) => transpose(right).map((column) => row.reduce((sum, value, at) => sum + value * column[at], 0)));
}

export function determinant(matrix: Matrix): number {
  if (matrix.some((row) => row.length !== matrix.length)) throw new Error('not square');
  let result = 1;
  for (let at = 0; at < matrix.length; at++) {
    result *= matrix[at][at];
    for (let below = at + 1; below < matrix.length; below++) {
      const factor = matrix[below][at] / matrix[at][at];
      for (let column = at; column < matrix.length; column++) matrix[below][column] -= factor * matrix[at][column];
    }
  }
  return result;
}
