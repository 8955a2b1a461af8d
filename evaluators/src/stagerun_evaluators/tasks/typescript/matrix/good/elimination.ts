export type Matrix = number[][];

export function transpose(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_value, column) => matrix.map((row) => row[column]));
}

export function multiply(left: Matrix, right: Matrix): Matrix {
  if ((left[0]?.length ?? 0) !== right.length) throw new Error('shapes do not fit');
  const columns = transpose(right);
  return left.map((row) => columns.map((column) => row.reduce((sum, value, at) => sum + value * column[at], 0)));
}

export function determinant(matrix: Matrix): number {
  if (matrix.some((row) => row.length !== matrix.length)) throw new Error('not square');
  const rows = matrix.map((row) => [...row]);
  let result = 1;
  for (let at = 0; at < rows.length; at++) {
    const pivot = rows.findIndex((row, index) => index >= at && row[at] !== 0);
    if (pivot < 0) return 0;
    if (pivot !== at) {
      [rows[at], rows[pivot]] = [rows[pivot], rows[at]];
      result = -result;
    }
    result *= rows[at][at];
    for (let below = at + 1; below < rows.length; below++) {
      const factor = rows[below][at] / rows[at][at];
      rows[below] = rows[below].map((value, column) => value - factor * rows[at][column]);
    }
  }
  return result;
}
