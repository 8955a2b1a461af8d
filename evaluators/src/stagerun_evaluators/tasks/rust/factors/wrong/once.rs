pub fn factors(n: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let (mut left, mut by) = (n, 2);
    while left > 1 && by <= left / by {
        if left % by == 0 {
            found.push(by);
        }
        while left % by == 0 {
            left /= by;
        }
        by += 1;
    }
    if left > 1 {
        found.push(left);
    }
    found
}

pub fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
