use solution::Recent;

fn letters() -> Recent<char, i32> {
    let mut it = Recent::new(2);
    it.put('a', 1);
    it.put('b', 2);
    it
}

#[test]
#[should_panic(expected = "no room")]
fn there_must_be_room() {
    Recent::<u8, u8>::new(0);
}

#[test]
fn what_was_put_is_there() {
    assert_eq!(letters().get(&'a'), Some(&1));
    assert_eq!(letters().get(&'x'), None);
}

#[test]
fn the_latest_comes_first() {
    assert_eq!(letters().keys(), ['b', 'a']);
}

#[test]
fn the_oldest_goes() {
    let mut it = letters();
    it.put('c', 3);
    assert_eq!(it.keys(), ['c', 'b']);
    assert_eq!(it.get(&'a'), None);
}

#[test]
fn what_was_read_is_not_old() {
    let mut it = letters();
    it.get(&'a');
    it.put('c', 3);
    assert_eq!(it.keys(), ['c', 'a']);
}

#[test]
fn a_key_that_is_missed_changes_nothing() {
    let mut it = letters();
    it.get(&'x');
    assert_eq!(it.keys(), ['b', 'a']);
}

#[test]
fn a_key_that_is_put_again_keeps_the_others() {
    let mut it = letters();
    assert_eq!(it.put('a', 7), Some(1));
    assert_eq!(it.put('z', 0), None);
    assert_eq!(it.keys(), ['z', 'a']);
    assert_eq!(it.get(&'a'), Some(&7));
}
