fn runs(text: &str) -> Vec<(usize, char)> {
    let mut found: Vec<(usize, char)> = Vec::new();
    for c in text.chars() {
        match found.last_mut() {
            Some((count, last)) if *last == c => *count += 1,
            _ => found.push((1, c)),
        }
    }
    found
}

pub fn encode(text: &str) -> String {
    runs(text).into_iter().map(|(count, c)| format!("{count}{c}")).collect()
}

pub fn decode(code: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = code;
    while !rest.is_empty() {
        let at = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: usize = rest[..at].parse().ok()?;
        let c = rest[at..].chars().next()?;
        text.push_str(&c.to_string().repeat(count));
        rest = &rest[at + c.len_utf8()..];
    }
    (encode(&text) == code).then_some(text)
}
