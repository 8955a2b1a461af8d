export type Interval = [start: number, end: number];

export function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const each of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && each[0] <= last[1]) last[1] = each[1];
    else merged.push(each);
  }
  return merged;
}

export function gaps(intervals: readonly Interval[], [from, to]: Interval): Interval[] {
  const found: Interval[] = [];
  let at = from;
  for (const [start, end] of merge(intervals)) {
    if (start > at) found.push([at, start]);
    at = end;
  }
  if (at < to) found.push([at, to]);
  return found;
}
