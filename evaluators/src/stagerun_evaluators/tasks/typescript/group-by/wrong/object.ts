export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> {
  const groups: Record<string, T[]> = {};
  [...items].forEach((item, index) => {
    const key = String(keyOf(item, index));
    (groups[key] ??= []).push(item);
  });
  return new Map(Object.entries(groups) as unknown as [K, T[]][]);
}

export function countBy<T, K>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, number> {
  return new Map([...groupBy(items, keyOf)].map(([key, group]) => [key, group.length]));
}
