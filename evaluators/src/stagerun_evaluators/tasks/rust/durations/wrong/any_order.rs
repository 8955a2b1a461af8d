pub fn seconds(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Err("empty".into());
    }
    let mut sum = 0u64;
    let mut digits = String::new();
    for c in text.chars() {
        let size = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            ' ' if digits.is_empty() => continue,
            ' ' => return Err(format!("no unit after {digits}")),
            _ if digits.is_empty() => return Err(format!("no number before {c}")),
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return Err(format!("unknown unit {c}")),
        };
        let part = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(size));
        sum = part.and_then(|part| sum.checked_add(part)).ok_or("too long")?;
        digits.clear();
    }
    if digits.is_empty() { Ok(sum) } else { Err(format!("no unit after {digits}")) }
}

pub fn spoken(seconds: u64) -> String {
    format!("{}d{}h{}m{}s", seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
}
