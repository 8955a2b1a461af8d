pub trait Parting: Iterator + Sized {
    fn parted<F: FnMut(&Self::Item) -> bool>(self, at: F) -> Parted<Self, F> {
        Parted { inner: self.fuse(), at, held: None }
    }
}

impl<I: Iterator> Parting for I {}

/// `held` is the item that begins the next list.
pub struct Parted<I: Iterator, F> {
    inner: std::iter::Fuse<I>,
    at: F,
    held: Option<I::Item>,
}

impl<I: Iterator, F: FnMut(&I::Item) -> bool> Iterator for Parted<I, F> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = match self.held.take() {
            Some(item) => item,
            None => {
                let item = self.inner.next()?;
                (self.at)(&item);
                item
            }
        };
        let mut list = vec![first];
        for item in self.inner.by_ref() {
            if (self.at)(&item) {
                self.held = Some(item);
                break;
            }
            list.push(item);
        }
        Some(list)
    }
}
