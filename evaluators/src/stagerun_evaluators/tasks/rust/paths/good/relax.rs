use std::collections::BTreeMap;

type Way = (u32, Vec<String>);

/// Ways are made better along every road until nothing changes.
pub fn shortest(roads: &[(&str, &str, u32)], from: &str, to: &str) -> Option<Way> {
    roads.iter().find(|(a, b, _)| [*a, *b].contains(&from))?;
    let mut best: BTreeMap<&str, Way> = BTreeMap::from([(from, (0, vec![from.to_string()]))]);
    let mut changed = true;
    while changed {
        changed = false;
        for &(a, b, more) in roads {
            for (start, end) in [(a, b), (b, a)] {
                let Some((length, way)) = best.get(start) else { continue };
                let longer = (length + more, [way.as_slice(), &[end.to_string()]].concat());
                if best.get(end).is_none_or(|known| longer < *known) {
                    best.insert(end, longer);
                    changed = true;
                }
            }
        }
    }
    best.remove(to)
}
