export type Interval = [start: number, end: number];

export function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  const sorted = intervals.filter(([start, end]) => start < end).sort((a, b) => a[0] - b[0]);
  for (const [start, end] of sorted) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

export function gaps(intervals: readonly Interval[], [from, to]: Interval): Interval[] {
  const found: Interval[] = [];
  let at = from;
  for (const [start, end] of merge(intervals)) {
    if (start > at) found.push([at, Math.min(start, to)]);
    at = Math.max(at, end);
    if (at >= to) break;
  }
  if (at < to) found.push([at, to]);
  return found.filter(([start, end]) => start < end);
}
