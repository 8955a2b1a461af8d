pub trait Parting: Iterator + Sized {
    fn parted<F: FnMut(&Self::Item) -> bool>(self, at: F) -> Parted<Self, F>;
}

pub struct Parted<I: Iterator, F> {
    items: Option<I>,
    at: F,
    list: Vec<I::Item>,
}

impl<I: Iterator> Parting for I {
    fn parted<F: FnMut(&I::Item) -> bool>(self, at: F) -> Parted<I, F> {
        Parted { items: Some(self), at, list: Vec::new() }
    }
}

impl<I: Iterator, F: FnMut(&I::Item) -> bool> Iterator for Parted<I, F> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Vec<I::Item>> {
        while let Some(item) = self.items.as_mut()?.next() {
            if (self.at)(&item) && !self.list.is_empty() {
                return Some(std::mem::replace(&mut self.list, vec![item]));
            }
            self.list.push(item);
        }
        self.items = None;
        Some(std::mem::take(&mut self.list)).filter(|list| !list.is_empty())
    }
}
