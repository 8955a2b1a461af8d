const NAMES: &str = "dhms";
const SIZES: [u64; 4] = [86_400, 3_600, 60, 1];

/// A number, its unit, and what follows.
fn part(text: &str) -> Result<(u64, usize, &str), String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let unit = match rest.chars().next() {
        Some(c) if c != ' ' && digits.is_empty() => return Err(format!("no number before {c}")),
        None | Some(' ') => return Err(format!("no unit after {digits}")),
        Some(c) => c,
    };
    let place = NAMES.find(unit).ok_or_else(|| format!("unknown unit {unit}"))?;
    let number = digits.parse().unwrap_or(u64::MAX);
    let fits = digits.trim_start_matches('0').len() <= 20 && digits.parse::<u64>().is_ok();
    let number = if fits { number } else { return Ok((u64::MAX, place + 10, &rest[1..])) };
    Ok((number, place, &rest[unit.len_utf8()..]))
}

pub fn seconds(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Err("empty".to_string());
    }
    let (mut rest, mut sum, mut before) = (text, 0u64, None::<usize>);
    while !rest.is_empty() {
        let (number, place, after) = part(rest)?;
        let (place, large) = (place % 10, place >= 10);
        if let Some(last) = before.filter(|last| *last >= place) {
            let name = |at| NAMES.chars().nth(at).unwrap_or('?');
            return Err(format!("{} after {}", name(place), name(last)));
        }
        let value = if large { None } else { number.checked_mul(SIZES[place]) };
        sum = value.and_then(|value| sum.checked_add(value)).ok_or_else(|| "too long".to_string())?;
        before = Some(place);
        rest = after.trim_start_matches(' ');
    }
    Ok(sum)
}

pub fn spoken(mut seconds: u64) -> String {
    if seconds == 0 {
        return String::from("0s");
    }
    let mut text = String::new();
    for (name, size) in NAMES.chars().zip(SIZES) {
        let count = seconds / size;
        seconds %= size;
        if count > 0 {
            text.push_str(&count.to_string());
            text.push(name);
        }
    }
    text
}
