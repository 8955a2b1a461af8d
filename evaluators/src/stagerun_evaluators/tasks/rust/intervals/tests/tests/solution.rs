use solution::*;

fn list(pairs: &[(i32, i32)]) -> Vec<Interval> {
    pairs.iter().map(|&(start, end)| Interval { start, end }).collect()
}

#[test]
fn nothing_gives_nothing() {
    assert_eq!(merged(&[]), list(&[]));
    assert_eq!(gaps(&[]), list(&[]));
}

#[test]
fn what_overlaps_becomes_one() {
    assert_eq!(merged(&list(&[(1, 4), (3, 6)])), list(&[(1, 6)]));
}

#[test]
fn what_touches_becomes_one() {
    assert_eq!(merged(&list(&[(1, 4), (4, 6)])), list(&[(1, 6)]));
}

#[test]
fn one_inside_another_changes_nothing() {
    assert_eq!(merged(&list(&[(1, 10), (3, 4), (12, 13)])), list(&[(1, 10), (12, 13)]));
}

#[test]
fn the_order_does_not_matter() {
    assert_eq!(merged(&list(&[(7, 8), (-3, 0), (1, 2)])), list(&[(-3, 0), (1, 2), (7, 8)]));
}

#[test]
fn empty_ones_count_as_nothing() {
    assert_eq!(merged(&list(&[(5, 5), (9, 2), (1, 2)])), list(&[(1, 2)]));
}

#[test]
fn gaps_lie_between() {
    assert_eq!(gaps(&list(&[(10, 12), (1, 3), (2, 5), (5, 6)])), list(&[(6, 10)]));
    assert_eq!(gaps(&list(&[(1, 3)])), list(&[]));
}
