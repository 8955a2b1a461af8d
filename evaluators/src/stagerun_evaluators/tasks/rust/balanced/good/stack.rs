/// Where the first fault is, in characters.
pub fn first_fault(text: &str) -> Option<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            '(' => open.push((at, ')')),
            '[' => open.push((at, ']')),
            '{' => open.push((at, '}')),
            ')' | ']' | '}' if open.pop().map(|(_, wanted)| wanted) != Some(c) => return Some(at),
            _ => {}
        }
    }
    open.last().map(|(at, _)| *at)
}
