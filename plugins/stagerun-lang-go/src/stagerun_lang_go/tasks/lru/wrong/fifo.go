package lru

// Cache forgets what was set first.
type Cache[K comparable, V any] struct {
	size  int
	keys  []K
	items map[K]V
}

// New makes an empty cache.
func New[K comparable, V any](size int) *Cache[K, V] {
	return &Cache[K, V]{size: size, items: map[K]V{}}
}

// Get gives a value.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	value, ok := c.items[key]
	return value, ok
}

// Set sets a value.
func (c *Cache[K, V]) Set(key K, value V) {
	if _, ok := c.items[key]; !ok {
		c.keys = append(c.keys, key)
	}
	c.items[key] = value
	if len(c.keys) > c.size {
		delete(c.items, c.keys[0])
		c.keys = c.keys[1:]
	}
}

// Len is how many there are.
func (c *Cache[K, V]) Len() int { return len(c.items) }
