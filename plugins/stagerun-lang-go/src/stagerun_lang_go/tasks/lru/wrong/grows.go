package lru

// Cache forgets what was used longest ago.
type Cache[K comparable, V any] struct {
	size  int
	keys  []K
	items map[K]V
}

// New makes an empty cache.
func New[K comparable, V any](size int) *Cache[K, V] {
	return &Cache[K, V]{size: size, items: map[K]V{}}
}

// Get gives a value and makes it recent.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	value, ok := c.items[key]
	if ok {
		for at, other := range c.keys {
			if other == key {
				c.keys = append(append(c.keys[:at:at], c.keys[at+1:]...), key)
				break
			}
		}
	}
	return value, ok
}

// Set sets a value.
func (c *Cache[K, V]) Set(key K, value V) {
	c.keys = append(c.keys, key)
	c.items[key] = value
	if len(c.keys) > c.size {
		delete(c.items, c.keys[0])
		c.keys = c.keys[1:]
	}
}

// Len is how many there are.
func (c *Cache[K, V]) Len() int { return len(c.items) }
