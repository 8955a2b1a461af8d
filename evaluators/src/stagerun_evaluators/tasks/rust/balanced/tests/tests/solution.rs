use solution::first_fault;

#[test]
fn nothing_is_balanced() {
    assert_eq!(first_fault(""), None);
    assert_eq!(first_fault("no brackets"), None);
}

#[test]
fn nested_brackets_are_balanced() {
    assert_eq!(first_fault("a(b[c]{d})e"), None);
}

#[test]
fn a_bracket_that_closes_nothing() {
    assert_eq!(first_fault("ab)c"), Some(2));
}

#[test]
fn a_bracket_that_closes_another() {
    assert_eq!(first_fault("([)]"), Some(2));
}

#[test]
fn the_innermost_open_bracket() {
    assert_eq!(first_fault("(a[b"), Some(2));
    assert_eq!(first_fault("(()"), Some(0));
}

#[test]
fn positions_are_of_characters() {
    assert_eq!(first_fault("äö]"), Some(2));
}
