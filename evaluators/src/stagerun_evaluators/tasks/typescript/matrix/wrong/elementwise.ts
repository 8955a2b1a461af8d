export type Matrix = number[][];

export function transpose(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_value, column) => matrix.map((row) => row[column]));
}

export function multiply(left: Matrix, right: Matrix): Matrix {
  return left.map((row, at) => row.map((value, column) => value * right[at][column]));
}

export function determinant(matrix: Matrix): number {
  if (matrix.some((row) => row.length !== matrix.length)) throw new Error('not square');
  return matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0];
}
