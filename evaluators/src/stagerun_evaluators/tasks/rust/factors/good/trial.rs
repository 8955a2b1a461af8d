pub fn factors(n: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let (mut left, mut by) = (n, 2);
    while left > 1 && by <= left / by {
        while left % by == 0 {
            found.push(by);
            left /= by;
        }
        by += if by == 2 { 1 } else { 2 };
    }
    if left > 1 {
        found.push(left);
    }
    found
}

pub fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
