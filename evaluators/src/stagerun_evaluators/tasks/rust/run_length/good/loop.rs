//! Run-length coding with plain loops.

/// Replaces every run by its length and its character.
pub fn encode(text: &str) -> String {
    let mut code = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut count = 1;
        while chars.next_if_eq(&c).is_some() {
            count += 1;
        }
        code.push_str(&count.to_string());
        code.push(c);
    }
    code
}

/// The text of a code, or nothing for what `encode` never makes.
pub fn decode(code: &str) -> Option<String> {
    let mut text = String::new();
    let mut digits = String::new();
    let mut last = None;
    for c in code.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if digits.starts_with('0') || last == Some(c) {
            return None;
        }
        let count: usize = digits.parse().ok()?;
        text.extend(std::iter::repeat_n(c, count));
        digits.clear();
        last = Some(c);
    }
    digits.is_empty().then_some(text)
}
