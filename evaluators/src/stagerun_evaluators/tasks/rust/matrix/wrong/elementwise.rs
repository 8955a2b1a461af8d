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
        Matrix((0..self.size().1).map(|c| self.0.iter().map(|row| row[c]).collect()).collect())
    }

    pub fn times(&self, other: &Matrix) -> Option<Matrix> {
        if self.size() != other.size() {
            return None;
        }
        let rows = self.0.iter().zip(&other.0).map(|(a, b)| a.iter().zip(b).map(|(x, y)| x * y).collect());
        Some(Matrix(rows.collect()))
    }
}
