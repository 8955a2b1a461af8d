#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub start: i32,
    pub end: i32,
}

pub fn merged(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted: Vec<Interval> = intervals.iter().filter(|each| each.start < each.end).copied().collect();
    sorted.sort_by_key(|each| each.start);
    let mut found: Vec<Interval> = Vec::new();
    for each in sorted {
        match found.last_mut() {
            Some(last) if each.start <= last.end => last.end = last.end.max(each.end),
            _ => found.push(each),
        }
    }
    found
}

pub fn gaps(intervals: &[Interval]) -> Vec<Interval> {
    merged(intervals).windows(2).map(|pair| Interval { start: pair[0].end, end: pair[1].start }).collect()
}
