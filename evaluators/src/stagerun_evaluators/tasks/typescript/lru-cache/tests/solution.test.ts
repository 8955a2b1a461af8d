import { LruCache } from './solution';

describe('LruCache', () => {
  const filled = (): LruCache<string, number> => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    return cache;
  };

  it('gives back what it holds', () => {
    expect(filled().get('a')).toBe(1);
    expect(filled().get('z')).toBeUndefined();
  });
  it('forgets the least recently used key', () => {
    const cache = filled();
    cache.set('c', 3);
    expect(cache.has('a')).toBe(false);
    expect(cache.size).toBe(2);
  });
  it('counts reading as use', () => {
    const cache = filled();
    cache.get('a');
    cache.set('c', 3);
    expect(cache.has('a')).toBe(true);
    expect(cache.has('b')).toBe(false);
  });
  it('counts writing again as use, and forgets nothing for it', () => {
    const cache = filled();
    cache.set('a', 10);
    expect(cache.size).toBe(2);
    expect(cache.keys()).toEqual(['a', 'b']);
  });
  it('does not count asking as use', () => {
    const cache = filled();
    cache.has('a');
    cache.set('c', 3);
    expect(cache.keys()).toEqual(['c', 'b']);
  });
  it('holds undefined', () => {
    const cache = new LruCache<string, number | undefined>(2);
    cache.set('a', undefined);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect(cache.has('a')).toBe(true);
  });
  it('takes any key', () => {
    const key = {};
    const cache = new LruCache<object, string>(1);
    cache.set(key, 'x');
    expect(cache.get(key)).toBe('x');
    expect(cache.get({})).toBeUndefined();
  });
  it('refuses a capacity below one', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN]) expect(() => new LruCache(capacity)).toThrow(RangeError);
  });
});
