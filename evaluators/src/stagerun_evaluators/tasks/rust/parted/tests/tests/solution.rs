use solution::Parting;
use std::cell::Cell;

#[test]
fn nothing_gives_nothing() {
    assert_eq!(std::iter::empty::<u8>().parted(|_| true).count(), 0);
}

#[test]
fn a_marked_item_begins_a_list() {
    let lists: Vec<Vec<i32>> = [1, 2, -3, 4, -5].into_iter().parted(|n| *n < 0).collect();
    assert_eq!(lists, [vec![1, 2], vec![-3, 4], vec![-5]]);
}

#[test]
fn the_first_item_makes_no_empty_list() {
    let lists: Vec<Vec<i32>> = vec![-1, 2].into_iter().parted(|n| *n < 0).collect();
    assert_eq!(lists, [[-1, 2]]);
}

#[test]
fn any_iterator_will_do() {
    let words: Vec<String> = "helloWorldAgain".chars().parted(|c| c.is_uppercase()).map(String::from_iter).collect();
    assert_eq!(words, ["hello", "World", "Again"]);
}

#[test]
fn it_is_lazy() {
    let taken = Cell::new(0);
    let mut lists = (1..).inspect(|_| taken.set(taken.get() + 1)).parted(|n| n % 3 == 0);
    assert_eq!(taken.get(), 0);
    assert_eq!(lists.next(), Some(vec![1, 2]));
    assert_eq!(taken.get(), 3);
}

#[test]
fn every_item_is_asked_about_once() {
    let asked = Cell::new(0);
    let lists = (0..10).parted(|_| {
        asked.set(asked.get() + 1);
        true
    });
    assert_eq!(lists.count(), 10);
    assert_eq!(asked.get(), 10);
}

#[test]
fn it_stays_at_its_end() {
    let mut lists = [1].into_iter().parted(|_| false);
    assert_eq!(lists.next(), Some(vec![1]));
    assert_eq!(lists.next(), None);
    assert_eq!(lists.next(), None);
}
