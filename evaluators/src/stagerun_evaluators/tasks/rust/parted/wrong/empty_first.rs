pub trait Parting: Iterator + Sized {
    fn parted<F: FnMut(&Self::Item) -> bool>(self, at: F) -> Parted<Self, F> {
        Parted { inner: self, at, list: Some(Vec::new()) }
    }
}

impl<I: Iterator> Parting for I {}

pub struct Parted<I: Iterator, F> {
    inner: I,
    at: F,
    list: Option<Vec<I::Item>>,
}

impl<I: Iterator, F: FnMut(&I::Item) -> bool> Iterator for Parted<I, F> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut list = self.list.take()?;
        for item in self.inner.by_ref() {
            if (self.at)(&item) {
                self.list = Some(vec![item]);
                return Some(list);
            }
            list.push(item);
        }
        Some(list)
    }
}
