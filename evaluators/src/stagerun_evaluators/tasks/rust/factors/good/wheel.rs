//! Trial division by 2, 3 and numbers beside multiples of 6.

fn divisors() -> impl Iterator<Item = u64> {
    [2, 3].into_iter().chain((1u64..).flat_map(|k| [6 * k - 1, 6 * k + 1]))
}

pub fn factors(mut n: u64) -> Vec<u64> {
    let mut found = vec![];
    if n < 2 {
        return found;
    }
    for by in divisors() {
        if by.checked_mul(by).is_none_or(|square| square > n) {
            break;
        }
        while let (next, 0) = (n / by, n % by) {
            found.push(by);
            n = next;
        }
    }
    if n > 1 {
        found.push(n);
    }
    found
}

pub fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
