const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

fn size(unit: char) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size)
}

pub fn seconds(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Err("empty".into());
    }
    let (mut sum, mut last, mut digits) = (0u64, None, String::new());
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if c == ' ' && digits.is_empty() {
            continue;
        }
        if c == ' ' {
            return Err(format!("no unit after {digits}"));
        }
        if digits.is_empty() {
            return Err(format!("no number before {c}"));
        }
        let size = size(c).ok_or_else(|| format!("unknown unit {c}"))?;
        if let Some((before, smaller)) = last.filter(|(_, before)| *before <= size) {
            let _: u64 = smaller;
            return Err(format!("{c} after {before}"));
        }
        let part = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(size));
        sum = part.and_then(|part| sum.checked_add(part)).ok_or("too long")?;
        last = Some((c, size));
        digits.clear();
    }
    if digits.is_empty() { Ok(sum) } else { Err(format!("no unit after {digits}")) }
}

pub fn spoken(seconds: u64) -> String {
    let (mut left, mut text) = (seconds, String::new());
    for (unit, size) in UNITS {
        if left >= size {
            text += &format!("{}{unit}", left / size);
            left %= size;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}
