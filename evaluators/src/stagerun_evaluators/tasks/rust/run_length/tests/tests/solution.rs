use solution::{decode, encode};

#[test]
fn an_empty_text_stays_empty() {
    assert_eq!(encode(""), "");
    assert_eq!(decode(""), Some(String::new()));
}

#[test]
fn runs_are_counted() {
    assert_eq!(encode("aaab"), "3a1b");
}

#[test]
fn long_runs_have_several_digits() {
    assert_eq!(encode(&"x".repeat(120)), "120x");
    assert_eq!(decode("120x"), Some("x".repeat(120)));
}

#[test]
fn characters_are_not_bytes() {
    assert_eq!(encode("ééß"), "2é1ß");
    assert_eq!(decode("2é1ß").as_deref(), Some("ééß"));
}

#[test]
fn a_length_is_needed() {
    assert_eq!(decode("a"), None);
    assert_eq!(decode("3ab"), None);
}

#[test]
fn a_character_is_needed() {
    assert_eq!(decode("3"), None);
}

#[test]
fn zeros_are_refused() {
    assert_eq!(decode("0a"), None);
    assert_eq!(decode("03a"), None);
}

#[test]
fn equal_neighbours_are_refused() {
    assert_eq!(decode("1a2a"), None);
}
