#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    cells: Vec<i64>,
    columns: usize,
}

impl Matrix {
    pub fn new(rows: Vec<Vec<i64>>) -> Option<Matrix> {
        let columns = rows.first()?.len();
        if columns == 0 || rows.iter().any(|row| row.len() != columns) {
            return None;
        }
        Some(Matrix { cells: rows.concat(), columns })
    }

    pub fn size(&self) -> (usize, usize) {
        (self.cells.len() / self.columns, self.columns)
    }

    pub fn get(&self, row: usize, column: usize) -> Option<i64> {
        let (rows, columns) = self.size();
        (row < rows && column < columns).then(|| self.cells[row * columns + column])
    }

    pub fn transposed(&self) -> Matrix {
        let (rows, columns) = self.size();
        let cells = (0..columns).flat_map(|c| (0..rows).map(move |r| (r, c))).map(|(r, c)| self.cells[r * columns + c]);
        Matrix { cells: cells.collect(), columns: rows }
    }

    pub fn times(&self, other: &Matrix) -> Option<Matrix> {
        let ((rows, inner), (height, columns)) = (self.size(), other.size());
        if inner != height {
            return None;
        }
        let mut cells = Vec::with_capacity(rows * columns);
        for r in 0..rows {
            for c in 0..columns {
                cells.push((0..inner).map(|k| self.cells[r * inner + k] * other.cells[k * columns + c]).sum());
            }
        }
        Some(Matrix { cells, columns })
    }
}
