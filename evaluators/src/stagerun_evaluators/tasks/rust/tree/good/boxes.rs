struct Node<T> {
    item: T,
    left: Link<T>,
    right: Link<T>,
}

type Link<T> = Option<Box<Node<T>>>;

pub struct Tree<T> {
    root: Link<T>,
    len: usize,
}

impl<T: Ord> Default for Tree<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Ord> Tree<T> {
    pub fn new() -> Self {
        Tree { root: None, len: 0 }
    }

    pub fn insert(&mut self, item: T) -> bool {
        let mut place = &mut self.root;
        while let Some(node) = place {
            match item.cmp(&node.item) {
                std::cmp::Ordering::Less => place = &mut node.left,
                std::cmp::Ordering::Greater => place = &mut node.right,
                std::cmp::Ordering::Equal => return false,
            }
        }
        *place = Some(Box::new(Node { item, left: None, right: None }));
        self.len += 1;
        true
    }

    pub fn contains(&self, item: &T) -> bool {
        let mut place = &self.root;
        while let Some(node) = place {
            if node.item == *item {
                return true;
            }
            place = if *item < node.item { &node.left } else { &node.right };
        }
        false
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn height(&self) -> usize {
        let (mut row, mut height) = (Vec::from_iter(self.root.as_deref()), 0);
        while !row.is_empty() {
            height += 1;
            row = row.into_iter().flat_map(|node| [node.left.as_deref(), node.right.as_deref()]).flatten().collect();
        }
        height
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let (mut above, mut next) = (Vec::new(), self.root.as_deref());
        std::iter::from_fn(move || {
            while let Some(node) = next {
                above.push(node);
                next = node.left.as_deref();
            }
            let node: &Node<T> = above.pop()?;
            next = node.right.as_deref();
            Some(&node.item)
        })
    }
}

impl<T> Drop for Tree<T> {
    fn drop(&mut self) {
        let mut left = Vec::from_iter(self.root.take());
        while let Some(mut node) = left.pop() {
            left.extend(node.left.take());
            left.extend(node.right.take());
        }
    }
}
