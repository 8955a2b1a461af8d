pub fn first_fault(text: &str) -> Option<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' => open.push((at, ')')),
            '[' => open.push((at, ']')),
            '{' => open.push((at, '}')),
            ')' | ']' | '}' => {
                if open.pop().map(|(_, wanted)| wanted) != Some(c) {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    open.first().map(|(at, _)| *at)
}
