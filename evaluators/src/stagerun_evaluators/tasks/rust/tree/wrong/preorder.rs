struct Node<T> {
    item: T,
    left: Option<Box<Node<T>>>,
    right: Option<Box<Node<T>>>,
}

pub struct Tree<T> {
    root: Option<Box<Node<T>>>,
    len: usize,
}

impl<T: Ord> Tree<T> {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Tree { root: None, len: 0 }
    }

    pub fn insert(&mut self, item: T) -> bool {
        let mut place = &mut self.root;
        while let Some(node) = place {
            if item == node.item {
                return false;
            }
            place = if item < node.item { &mut node.left } else { &mut node.right };
        }
        *place = Some(Box::new(Node { item, left: None, right: None }));
        self.len += 1;
        true
    }

    pub fn contains(&self, item: &T) -> bool {
        self.iter().any(|each| each == item)
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn height(&self) -> usize {
        fn below<T>(node: &Node<T>) -> usize {
            [&node.left, &node.right].into_iter().flatten().map(|child| 1 + below(child)).max().unwrap_or(0)
        }
        self.root.as_deref().map_or(0, below)
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let mut left: Vec<&Node<T>> = self.root.as_deref().into_iter().collect();
        std::iter::from_fn(move || {
            let node = left.pop()?;
            left.extend(node.right.as_deref());
            left.extend(node.left.as_deref());
            Some(&node.item)
        })
    }
}
