export type Interval = [start: number, end: number];

export function merge(intervals: readonly Interval[]): Interval[] {
  const events = intervals
    .filter(([start, end]) => end > start)
    .flatMap(([start, end]) => [
      { at: start, step: 1 },
      { at: end, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  const found: Interval[] = [];
  let depth = 0;
  let start = 0;
  for (const { at, step } of events) {
    if (depth === 0) start = at;
    depth += step;
    if (depth === 0) found.push([start, at]);
  }
  return found;
}

export function gaps(intervals: readonly Interval[], within: Interval): Interval[] {
  const [from, to] = within;
  const edges = [from, ...merge(intervals).flat(), to].map((edge) => Math.min(Math.max(edge, from), to));
  const found: Interval[] = [];
  for (let at = 0; at + 1 < edges.length; at += 2) if (edges[at] < edges[at + 1]) found.push([edges[at], edges[at + 1]]);
  return found;
}
