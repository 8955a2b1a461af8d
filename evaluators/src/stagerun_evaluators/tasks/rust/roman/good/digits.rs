use std::collections::HashMap;
use std::sync::LazyLock;

fn digit(n: u32, one: char, five: char, ten: char) -> String {
    let pattern = ["", "1", "11", "111", "15", "5", "51", "511", "5111", "1t"][n as usize];
    pattern.chars().map(|c| match c { '1' => one, '5' => five, _ => ten }).collect()
}

pub fn to_roman(n: u32) -> Option<String> {
    if n == 0 || n > 3999 {
        return None;
    }
    let places = [(1000, 'M', '-', '-'), (100, 'C', 'D', 'M'), (10, 'X', 'L', 'C'), (1, 'I', 'V', 'X')];
    Some(places.iter().map(|(place, one, five, ten)| digit(n / place % 10, *one, *five, *ten)).collect())
}

pub fn from_roman(text: &str) -> Option<u32> {
    static ALL: LazyLock<HashMap<String, u32>> =
        LazyLock::new(|| (1..=3999).filter_map(|n| Some((to_roman(n)?, n))).collect());
    ALL.get(text).copied()
}
