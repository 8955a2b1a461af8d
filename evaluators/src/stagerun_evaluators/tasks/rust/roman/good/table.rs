const LETTERS: [(u32, &str); 13] = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
];

pub fn to_roman(n: u32) -> Option<String> {
    if !(1..=3999).contains(&n) {
        return None;
    }
    let (mut left, mut text) = (n, String::new());
    for (value, letters) in LETTERS {
        while left >= value {
            text += letters;
            left -= value;
        }
    }
    Some(text)
}

pub fn from_roman(text: &str) -> Option<u32> {
    let (mut rest, mut n) = (text, 0);
    for (value, letters) in LETTERS {
        while let Some(shorter) = rest.strip_prefix(letters) {
            rest = shorter;
            n += value;
        }
    }
    (to_roman(n)? == text).then_some(n)
}
