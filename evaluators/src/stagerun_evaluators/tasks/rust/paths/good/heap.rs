use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

pub fn shortest(roads: &[(&str, &str, u32)], from: &str, to: &str) -> Option<(u32, Vec<String>)> {
    if !roads.iter().any(|(a, b, _)| *a == from || *b == from) {
        return None;
    }
    let mut waiting = BinaryHeap::from([Reverse((0, vec![from.to_string()]))]);
    let mut seen = HashSet::new();
    while let Some(Reverse((length, way))) = waiting.pop() {
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
                    waiting.push(Reverse((length + more, longer)));
                }
            }
        }
    }
    None
}
