use solution::Tree;

fn tree(items: &[i32]) -> Tree<i32> {
    let mut tree = Tree::new();
    for item in items {
        tree.insert(*item);
    }
    tree
}

#[test]
fn a_new_tree_is_empty() {
    let it = Tree::<String>::new();
    assert!(it.is_empty());
    assert_eq!((it.len(), it.height()), (0, 0));
    assert_eq!(it.iter().next(), None);
}

#[test]
fn items_are_there_once() {
    let mut it = Tree::new();
    assert!(it.insert("b"));
    assert!(it.insert("a"));
    assert!(!it.insert("b"));
    assert_eq!(it.len(), 2);
}

#[test]
fn it_knows_what_is_there() {
    let it = tree(&[5, 2, 8]);
    assert!(it.contains(&8));
    assert!(!it.contains(&3));
}

#[test]
fn items_come_in_order() {
    let it = tree(&[5, 2, 8, 1, 9, 3]);
    assert_eq!(it.iter().copied().collect::<Vec<_>>(), [1, 2, 3, 5, 8, 9]);
}

#[test]
fn heights() {
    assert_eq!(tree(&[1]).height(), 1);
    assert!((2..=3).contains(&tree(&[2, 1, 3]).height()));
}

#[test]
fn a_long_chain_does_not_overflow() {
    let mut it = Tree::new();
    for n in 0..2_000 {
        it.insert(n);
    }
    assert_eq!(it.len(), 2_000);
    assert_eq!(it.iter().last(), Some(&1_999));
}
