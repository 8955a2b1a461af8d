use solution::shortest;

const ROADS: [(&str, &str, u32); 6] =
    [("a", "b", 4), ("b", "c", 1), ("a", "c", 2), ("c", "d", 7), ("b", "d", 5), ("x", "y", 1)];

fn way(from: &str, to: &str) -> Option<(u32, Vec<String>)> {
    shortest(&ROADS, from, to)
}

#[test]
fn a_way_of_one_road() {
    assert_eq!(way("a", "c"), Some((2, vec!["a".into(), "c".into()])));
}

#[test]
fn a_detour_can_be_shorter() {
    assert_eq!(way("a", "b"), Some((3, vec!["a".into(), "c".into(), "b".into()])));
}

#[test]
fn roads_go_both_ways() {
    assert_eq!(way("d", "a").unwrap().0, 8);
}

#[test]
fn no_way() {
    assert_eq!(way("a", "x"), None);
    assert_eq!(way("a", "nowhere"), None);
    assert_eq!(shortest(&[], "a", "a"), None);
}

#[test]
fn from_a_place_to_itself() {
    assert_eq!(way("a", "a"), Some((0, vec!["a".to_string()])));
}

#[test]
fn of_equal_ways_the_first() {
    let roads = [("s", "m", 1), ("s", "k", 1), ("m", "t", 1), ("k", "t", 1), ("s", "t", 2)];
    assert_eq!(shortest(&roads, "s", "t"), Some((2, vec!["s".into(), "k".into(), "t".into()])));
}
