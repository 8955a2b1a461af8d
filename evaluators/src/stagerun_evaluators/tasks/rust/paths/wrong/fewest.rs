use std::collections::{HashSet, VecDeque};

pub fn shortest(roads: &[(&str, &str, u32)], from: &str, to: &str) -> Option<(u32, Vec<String>)> {
    let mut waiting = VecDeque::from([(0, vec![from.to_string()])]);
    let mut seen = HashSet::new();
    while let Some((length, way)) = waiting.pop_front() {
        let here = way.last()?.clone();
        if here == to {
            return Some((length, way));
        }
        if !seen.insert(here.clone()) {
            continue;
        }
        for (a, b, more) in roads {
            for (start, end) in [(a, b), (b, a)] {
                if *start == here {
                    let mut longer = way.clone();
                    longer.push(end.to_string());
                    waiting.push_back((length + more, longer));
                }
            }
        }
    }
    None
}
