pub struct Tree<T> {
    items: Vec<T>,
}

impl<T: Ord> Tree<T> {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Tree { items: Vec::new() }
    }

    pub fn insert(&mut self, item: T) -> bool {
        let at = self.items.partition_point(|each| *each < item);
        self.items.insert(at, item);
        true
    }

    pub fn contains(&self, item: &T) -> bool {
        self.items.binary_search(item).is_ok()
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn height(&self) -> usize {
        self.items.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }
}
