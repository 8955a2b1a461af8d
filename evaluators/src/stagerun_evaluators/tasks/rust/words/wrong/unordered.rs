use std::collections::HashMap;

pub fn top(text: &str, n: usize) -> Vec<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    let mut found: Vec<_> = counts.into_iter().collect();
    found.sort_by(|a, b| (b.1, &b.0).cmp(&(a.1, &a.0)));
    found.truncate(n);
    found
}
