use std::cmp::Ordering;

struct Node<T> {
    item: T,
    below: [Option<usize>; 2],
}

/// All nodes in one list; the first is the root.
pub struct Tree<T> {
    nodes: Vec<Node<T>>,
}

impl<T: Ord> Tree<T> {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { nodes: Vec::new() }
    }

    /// Where the item is, or the node and side where it would be.
    fn find(&self, item: &T) -> Result<usize, Option<(usize, usize)>> {
        let (mut at, mut last) = ((!self.nodes.is_empty()).then_some(0), None);
        while let Some(here) = at {
            let side = match item.cmp(&self.nodes[here].item) {
                Ordering::Equal => return Ok(here),
                Ordering::Less => 0,
                Ordering::Greater => 1,
            };
            last = Some((here, side));
            at = self.nodes[here].below[side];
        }
        Err(last)
    }

    pub fn insert(&mut self, item: T) -> bool {
        let Err(place) = self.find(&item) else { return false };
        if let Some((above, side)) = place {
            self.nodes[above].below[side] = Some(self.nodes.len());
        }
        self.nodes.push(Node { item, below: [None; 2] });
        true
    }

    pub fn contains(&self, item: &T) -> bool {
        self.find(item).is_ok()
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn height(&self) -> usize {
        let mut heights = vec![1; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().rev() {
            heights[at] += node.below.iter().flatten().map(|below| heights[*below]).max().unwrap_or(0);
        }
        heights.first().copied().unwrap_or(0)
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let mut items: Vec<&T> = self.nodes.iter().map(|node| &node.item).collect();
        items.sort();
        items.into_iter()
    }
}
