pub trait Parting: Iterator + Sized {
    fn parted<F: FnMut(&Self::Item) -> bool>(self, mut at: F) -> Parted<Self, F> {
        let mut lists: Vec<Vec<Self::Item>> = Vec::new();
        for item in self.take(10_000) {
            if at(&item) || lists.is_empty() {
                lists.push(Vec::new());
            }
            lists.last_mut().unwrap().push(item);
        }
        Parted { lists: lists.into_iter(), _at: at }
    }
}

impl<I: Iterator> Parting for I {}

pub struct Parted<I: Iterator, F> {
    lists: std::vec::IntoIter<Vec<I::Item>>,
    _at: F,
}

impl<I: Iterator, F> Iterator for Parted<I, F> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.lists.next()
    }
}
