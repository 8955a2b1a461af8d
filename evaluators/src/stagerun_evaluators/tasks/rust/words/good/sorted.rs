pub fn top(text: &str, n: usize) -> Vec<(String, usize)> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.sort();
    let mut found: Vec<(String, usize)> = words.chunk_by(|a, b| a == b).map(|run| (run[0].clone(), run.len())).collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.into_iter().take(n).collect()
}
