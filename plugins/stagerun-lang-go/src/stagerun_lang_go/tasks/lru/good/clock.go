package lru

type item[V any] struct {
	value V
	used  int
}

// Cache forgets what was used longest ago.
type Cache[K comparable, V any] struct {
	size, now int
	items     map[K]*item[V]
}

// New makes an empty cache.
func New[K comparable, V any](size int) *Cache[K, V] {
	return &Cache[K, V]{size: size, items: make(map[K]*item[V], size)}
}

// Get gives a value and makes it recent.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	found, ok := c.items[key]
	if !ok {
		var zero V
		return zero, false
	}
	c.now++
	found.used = c.now
	return found.value, true
}

// Set sets a value and makes it recent.
func (c *Cache[K, V]) Set(key K, value V) {
	c.now++
	c.items[key] = &item[V]{value, c.now}
	if len(c.items) <= c.size {
		return
	}
	oldest := key
	for other, found := range c.items {
		if found.used < c.items[oldest].used {
			oldest = other
		}
	}
	delete(c.items, oldest)
}

// Len is how many there are.
func (c *Cache[K, V]) Len() int { return len(c.items) }
