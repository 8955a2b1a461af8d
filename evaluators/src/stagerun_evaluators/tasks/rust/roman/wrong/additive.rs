pub fn to_roman(n: u32) -> Option<String> {
    if n == 0 || n > 3999 {
        return None;
    }
    let mut left = n;
    let mut text = String::new();
    for (value, letter) in [(1000, 'M'), (500, 'D'), (100, 'C'), (50, 'L'), (10, 'X'), (5, 'V'), (1, 'I')] {
        while left >= value {
            text.push(letter);
            left -= value;
        }
    }
    Some(text)
}

pub fn from_roman(text: &str) -> Option<u32> {
    let n = text.chars().map(|c| match c { 'M' => 1000, 'D' => 500, 'C' => 100, 'L' => 50, 'X' => 10, 'V' => 5, _ => 1 }).sum();
    (to_roman(n)? == text).then_some(n)
}
