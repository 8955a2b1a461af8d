use solution::*;

#[test]
fn nothing_divides_one() {
    assert!(factors(0).is_empty());
    assert!(factors(1).is_empty());
}

#[test]
fn a_prime_is_its_own_factor() {
    assert_eq!(factors(97), [97]);
}

#[test]
fn factors_come_as_often_as_they_divide() {
    assert_eq!(factors(360), vec![2, 2, 2, 3, 3, 5]);
}

#[test]
fn a_product_of_two_large_primes() {
    assert_eq!(factors(999_983 * 1_000_003), vec![999_983, 1_000_003]);
}

#[test]
fn nothing_overflows_near_the_end() {
    assert_eq!(factors(1 << 63), vec![2; 63]);
    assert_eq!(factors(u64::MAX), vec![3, 5, 17, 257, 641, 65_537, 6_700_417]);
}

#[test]
fn greatest_common_divisors() {
    assert_eq!(gcd(12, 18), 6);
    assert_eq!(gcd(0, 7), 7);
    assert_eq!(gcd(7, 0), 7);
    assert_eq!(gcd(u64::MAX, 1), 1);
}
