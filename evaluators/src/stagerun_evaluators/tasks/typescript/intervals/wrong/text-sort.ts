export type Interval = [start: number, end: number];

export function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const [start, end] of intervals.filter(([from, to]) => from < to).sort()) {
    const last = merged.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

export function gaps(intervals: readonly Interval[], [from, to]: Interval): Interval[] {
  const found: Interval[] = [];
  let at = from;
  for (const [start, end] of merge(intervals)) {
    if (start > at && at < to) found.push([at, Math.min(start, to)]);
    at = Math.max(at, end);
  }
  if (at < to) found.push([at, to]);
  return found;
}
