use solution::{seconds, spoken};

#[test]
fn single_parts() {
    assert_eq!(seconds("90s"), Ok(90));
    assert_eq!(seconds("2m"), Ok(120));
    assert_eq!(seconds("1d"), Ok(86_400));
}

#[test]
fn several_parts() {
    assert_eq!(seconds("1h30m"), Ok(5_400));
    assert_eq!(seconds("2d 4h  1s"), Ok(187_201));
}

#[test]
fn faults_of_form() {
    let faults = [("", "empty"), ("12", "no unit after 12"), ("1h 5", "no unit after 5"), ("h", "no number before h"), ("1hm", "no number before m"), ("1x", "unknown unit x")];
    for (text, fault) in faults {
        assert_eq!(seconds(text), Err(fault.to_string()), "{text:?}");
    }
}

#[test]
fn spaces_only_between_parts() {
    assert_eq!(seconds("1 h"), Err("no unit after 1".to_string()));
    assert!(seconds("1h 3 0m").is_err());
}

#[test]
fn units_fall() {
    assert_eq!(seconds("1m 1h"), Err("h after m".to_string()));
    assert_eq!(seconds("1m1m"), Err("m after m".to_string()));
}

#[test]
fn what_does_not_fit() {
    assert_eq!(seconds("18446744073709551615s"), Ok(u64::MAX));
    assert_eq!(seconds("18446744073709551616s"), Err("too long".to_string()));
    assert_eq!(seconds("999999999999999d"), Err("too long".to_string()));
}

#[test]
fn the_shortest_text() {
    assert_eq!(spoken(0), "0s");
    assert_eq!(spoken(3_600), "1h");
    assert_eq!(spoken(90_061), "1d1h1m1s");
}

#[test]
fn both_ways() {
    for n in [1, 59, 60, 61, 86_399, 86_400, u64::MAX] {
        assert_eq!(seconds(&spoken(n)), Ok(n));
    }
}
