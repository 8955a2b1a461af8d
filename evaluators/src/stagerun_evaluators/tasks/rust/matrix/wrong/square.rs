#[derive(Debug, Clone, PartialEq)]
pub struct Matrix(Vec<Vec<i64>>);

impl Matrix {
    pub fn new(rows: Vec<Vec<i64>>) -> Option<Matrix> {
        let width = rows.first()?.len();
        (width > 0 && rows.iter().all(|row| row.len() == width)).then_some(Matrix(rows))
    }

    pub fn size(&self) -> (usize, usize) {
        (self.0.len(), self.0[0].len())
    }

    pub fn get(&self, row: usize, column: usize) -> Option<i64> {
        self.0.get(row)?.get(column).copied()
    }

    pub fn transposed(&self) -> Matrix {
        let mut rows = self.0.clone();
        for r in 0..rows.len() {
            for c in 0..rows.len() {
                rows[r][c] = self.0[c][r];
            }
        }
        Matrix(rows)
    }

    pub fn times(&self, other: &Matrix) -> Option<Matrix> {
        let n = self.0.len();
        let cell = |r: usize, c: usize| (0..n).map(|k| self.0[r][k] * other.0[k][c]).sum();
        Some(Matrix((0..n).map(|r| (0..n).map(|c| cell(r, c)).collect()).collect()))
    }
}
