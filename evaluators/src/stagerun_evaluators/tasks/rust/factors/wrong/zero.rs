pub fn factors(mut n: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let mut by = 2;
    while n != 1 && by * by <= n {
        if n % by == 0 {
            found.push(by);
            n /= by;
        } else {
            by += 1;
        }
    }
    found.push(n);
    found
}

pub fn gcd(a: u64, b: u64) -> u64 {
    let rest = b % a;
    if rest == 0 { a } else { gcd(rest, a) }
}
