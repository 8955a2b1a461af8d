use solution::top;

fn found(text: &str, n: usize) -> Vec<(String, usize)> {
    top(text, n)
}

fn pairs(list: &[(&str, usize)]) -> Vec<(String, usize)> {
    list.iter().map(|(word, count)| (word.to_string(), *count)).collect()
}

#[test]
fn no_words() {
    assert_eq!(found("", 3), pairs(&[]));
    assert_eq!(found("12 -- 34", 3), pairs(&[]));
}

#[test]
fn the_most_frequent_first() {
    assert_eq!(found("a b b c c c", 2), pairs(&[("c", 3), ("b", 2)]));
}

#[test]
fn case_does_not_matter() {
    assert_eq!(found("The the THE", 1), pairs(&[("the", 3)]));
}

#[test]
fn equal_counts_are_in_order() {
    assert_eq!(found("pear fig apple fig", 9), pairs(&[("fig", 2), ("apple", 1), ("pear", 1)]));
}

#[test]
fn anything_else_parts_words() {
    assert_eq!(found("it's x2y", 9), pairs(&[("it", 1), ("s", 1), ("x", 1), ("y", 1)]));
}

#[test]
fn letters_of_all_languages() {
    assert_eq!(found("Äpfel äpfel straße", 1), pairs(&[("äpfel", 2)]));
}

#[test]
fn none_are_wanted() {
    assert_eq!(found("a", 0), pairs(&[]));
}
