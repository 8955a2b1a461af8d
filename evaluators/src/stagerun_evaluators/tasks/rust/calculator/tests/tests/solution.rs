use solution::{evaluate, Fault};

#[test]
fn a_number_is_its_own_result() -> Result<(), Fault> {
    assert_eq!(evaluate("42")?, 42);
    assert_eq!(evaluate(" -7 ")?, -7);
    assert_eq!(evaluate("+7")?, 7);
    Ok(())
}

#[test]
fn operators_take_the_last_two() {
    assert_eq!(evaluate("1 2 +"), Ok(3));
    assert_eq!(evaluate("10 4 -"), Ok(6));
    assert_eq!(evaluate("2 3 4 * +"), Ok(14));
}

#[test]
fn division_rounds_toward_zero() {
    assert_eq!(evaluate("-7 2 /"), Ok(-3));
}

#[test]
fn any_white_space_parts_words() {
    assert_eq!(evaluate("1\t2\n +"), Ok(3));
}

#[test]
fn unknown_words_are_told_as_written() {
    assert_eq!(evaluate("1 two +"), Err(Fault::UnknownWord("two".into())));
    assert_eq!(evaluate("99999999999999999999"), Err(Fault::UnknownWord("99999999999999999999".into())));
}

#[test]
fn too_few_numbers() {
    assert_eq!(evaluate("1 +"), Err(Fault::TooFewNumbers));
}

#[test]
fn dividing_by_zero() {
    assert_eq!(evaluate("1 0 /"), Err(Fault::DividedByZero));
}

#[test]
fn results_that_do_not_fit() {
    assert_eq!(evaluate("9223372036854775807 1 +"), Err(Fault::TooLarge));
    assert_eq!(evaluate("-9223372036854775808 -1 /"), Err(Fault::TooLarge));
}

#[test]
fn what_is_left() {
    assert_eq!(evaluate(""), Err(Fault::Unfinished(0)));
    assert_eq!(evaluate("1 2 3"), Err(Fault::Unfinished(3)));
}

#[test]
fn the_first_fault_counts() {
    assert_eq!(evaluate("1 0 / x"), Err(Fault::DividedByZero));
}
