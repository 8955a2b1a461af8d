use solution::Matrix;

fn matrix(rows: &[&[i64]]) -> Matrix {
    Matrix::new(rows.iter().map(|row| row.to_vec()).collect()).unwrap()
}

#[test]
fn crooked_rows_are_no_matrix() {
    assert!(Matrix::new(vec![]).is_none());
    assert!(Matrix::new(vec![vec![]]).is_none());
    assert!(Matrix::new(vec![vec![1], vec![1, 2]]).is_none());
}

#[test]
fn it_knows_its_size() {
    assert_eq!(matrix(&[&[1, 2, 3], &[4, 5, 6]]).size(), (2, 3));
}

#[test]
fn nothing_is_outside() {
    let it = matrix(&[&[1, 2], &[3, 4]]);
    assert_eq!(it.get(1, 0), Some(3));
    assert_eq!(it.get(0, 2), None);
    assert_eq!(it.get(2, 0), None);
}

mod transposing {
    use super::*;

    #[test]
    fn rows_become_columns() {
        assert_eq!(matrix(&[&[1, 2, 3], &[4, 5, 6]]).transposed(), matrix(&[&[1, 4], &[2, 5], &[3, 6]]));
    }

    #[test]
    fn twice_is_nothing() {
        let it = matrix(&[&[1, 2, 3]]);
        assert_eq!(it.transposed().transposed(), it);
        assert_ne!(it.transposed(), it);
    }
}

mod multiplying {
    use super::*;

    #[test]
    fn a_product() {
        let (one, two) = (matrix(&[&[1, 2], &[3, 4]]), matrix(&[&[5, 6, 7], &[8, 9, 10]]));
        assert_eq!(one.times(&two), Some(matrix(&[&[21, 24, 27], &[47, 54, 61]])));
    }

    #[test]
    fn sizes_must_fit() {
        let it = matrix(&[&[1, 2, 3]]);
        assert_eq!(it.times(&it), None);
    }
}
