pub fn encode(text: &str) -> String {
    let mut code = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut count = 1;
        while chars.next_if_eq(&c).is_some() {
            count += 1;
        }
        code.push_str(&format!("{count}{c}"));
    }
    code
}

pub fn decode(code: &str) -> Option<String> {
    let mut text = String::new();
    let mut digits = String::new();
    for c in code.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            let count: usize = digits.parse().ok()?;
            text.push_str(&c.to_string().repeat(count));
            digits.clear();
        }
    }
    digits.is_empty().then_some(text)
}
