use solution::*;

#[test]
fn single_letters() {
    let pairs = [(1, "I"), (5, "V"), (10, "X"), (50, "L"), (100, "C"), (500, "D"), (1000, "M")];
    for (n, text) in pairs {
        assert_eq!(to_roman(n).as_deref(), Some(text));
    }
}

#[test]
fn subtractive_forms() {
    assert_eq!(to_roman(1994), Some("MCMXCIV".to_string()));
    assert_eq!(to_roman(49).unwrap(), "XLIX");
}

#[test]
fn the_ends_of_the_range() {
    assert_eq!(to_roman(0), None);
    assert_eq!(to_roman(3999).unwrap(), "MMMCMXCIX");
    assert_eq!(to_roman(4000), None);
}

#[test]
fn every_numeral_is_read() {
    for n in 1..=3999 {
        assert_eq!(from_roman(&to_roman(n).unwrap()), Some(n), "{n}");
    }
}

#[test]
fn forms_that_are_not_usual_are_refused() {
    for text in ["", "IIII", "VX", "IC", "VV", "IXI", "MMMM", "iv", "X I", "ABC"] {
        assert_eq!(from_roman(text), None, "{text:?}");
    }
}
