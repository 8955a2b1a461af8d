pub fn encode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|b| **b == bytes[at]).count();
        code.push_str(&format!("{run}{}", bytes[at] as char));
        at += run;
    }
    code
}

pub fn decode(code: &str) -> Option<String> {
    let mut text = String::new();
    let mut count = 0usize;
    for byte in code.bytes() {
        if byte.is_ascii_digit() {
            count = count * 10 + usize::from(byte - b'0');
        } else {
            if count == 0 {
                return None;
            }
            text.push_str(&(byte as char).to_string().repeat(count));
            count = 0;
        }
    }
    (count == 0).then_some(text)
}
