export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) groups.set(keyOf(item, index++), []);
  index = 0;
  for (const item of items) groups.get(keyOf(item, index++))?.push(item);
  return groups;
}

export function countBy<T, K>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) {
    const key = keyOf(item, 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
