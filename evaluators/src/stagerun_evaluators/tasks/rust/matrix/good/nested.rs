#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix(Vec<Vec<i64>>);

impl Matrix {
    pub fn new(rows: Vec<Vec<i64>>) -> Option<Self> {
        let width = rows.first().map_or(0, Vec::len);
        (width > 0 && rows.iter().all(|row| row.len() == width)).then_some(Self(rows))
    }

    pub fn size(&self) -> (usize, usize) {
        (self.0.len(), self.0[0].len())
    }

    pub fn get(&self, row: usize, column: usize) -> Option<i64> {
        self.0.get(row)?.get(column).copied()
    }

    pub fn transposed(&self) -> Self {
        Self((0..self.size().1).map(|c| self.0.iter().map(|row| row[c]).collect()).collect())
    }

    pub fn times(&self, other: &Self) -> Option<Self> {
        if self.size().1 != other.size().0 {
            return None;
        }
        let columns = other.transposed().0;
        let dot = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(x, y)| x * y).sum();
        Some(Self(self.0.iter().map(|row| columns.iter().map(|column| dot(row, column)).collect()).collect()))
    }
}
