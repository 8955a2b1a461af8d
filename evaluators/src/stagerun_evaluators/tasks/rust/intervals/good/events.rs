use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Interval {
    pub start: i32,
    pub end: i32,
}

pub fn merged(intervals: &[Interval]) -> Vec<Interval> {
    let mut changes: BTreeMap<i32, i64> = BTreeMap::new();
    for each in intervals {
        if each.start < each.end {
            *changes.entry(each.start).or_default() += 1;
            *changes.entry(each.end).or_default() -= 1;
        }
    }
    let (mut depth, mut start, mut found) = (0, None, vec![]);
    for (at, change) in changes {
        depth += change;
        if depth == 0 {
            if let Some(start) = start.take() {
                found.push(Interval { start, end: at });
            }
        } else {
            start.get_or_insert(at);
        }
    }
    found
}

pub fn gaps(intervals: &[Interval]) -> Vec<Interval> {
    let covered = merged(intervals);
    covered.iter().zip(covered.iter().skip(1)).map(|(a, b)| Interval { start: a.end, end: b.start }).collect()
}
