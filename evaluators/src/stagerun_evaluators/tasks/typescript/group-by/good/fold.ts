type KeyOf<T, K> = (item: T, index: number) => K;

function folded<T, K, V>(items: Iterable<T>, keyOf: KeyOf<T, K>, start: () => V, add: (value: V, item: T) => V): Map<K, V> {
  return Array.from(items).reduce((made, item, index) => {
    const key = keyOf(item, index);
    return made.set(key, add(made.has(key) ? (made.get(key) as V) : start(), item));
  }, new Map<K, V>());
}

export const groupBy = <T, K>(items: Iterable<T>, keyOf: KeyOf<T, K>): Map<K, T[]> =>
  folded<T, K, T[]>(items, keyOf, () => [], (group, item) => [...group, item]);

export const countBy = <T, K>(items: Iterable<T>, keyOf: KeyOf<T, K>): Map<K, number> =>
  folded<T, K, number>(items, keyOf, () => 0, (count) => count + 1);
