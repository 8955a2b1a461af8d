pub fn to_roman(n: u32) -> Option<String> {
    let table = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    if !(1..4000).contains(&n) {
        return None;
    }
    let mut left = n;
    let mut text = String::new();
    for (value, letters) in table {
        while left >= value {
            text.push_str(letters);
            left -= value;
        }
    }
    Some(text)
}

pub fn from_roman(text: &str) -> Option<u32> {
    let value = |c| Some(match c { 'M' => 1000, 'D' => 500, 'C' => 100, 'L' => 50, 'X' => 10, 'V' => 5, 'I' => 1, _ => return None });
    let values = text.chars().map(value).collect::<Option<Vec<u32>>>()?;
    let mut sum = 0i64;
    for (at, v) in values.iter().enumerate() {
        let less = values.get(at + 1).is_some_and(|next| next > v);
        sum += if less { -i64::from(*v) } else { i64::from(*v) };
    }
    u32::try_from(sum).ok().filter(|n| *n > 0)
}
