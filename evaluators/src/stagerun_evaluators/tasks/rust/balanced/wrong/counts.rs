pub fn first_fault(text: &str) -> Option<usize> {
    let mut open = [Vec::new(), Vec::new(), Vec::new()];
    for (at, c) in text.chars().enumerate() {
        if let Some(kind) = "([{".find(c) {
            open[kind].push(at);
        } else if let Some(kind) = ")]}".find(c) {
            if open[kind].pop().is_none() {
                return Some(at);
            }
        }
    }
    open.iter().filter_map(|each| each.last()).max().copied()
}
