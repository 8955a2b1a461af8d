package lru

import "container/list"

type pair[K comparable, V any] struct {
	key   K
	value V
}

// Cache forgets what was used longest ago.
type Cache[K comparable, V any] struct {
	size  int
	order *list.List
	items map[K]*list.Element
}

// New makes an empty cache.
func New[K comparable, V any](size int) *Cache[K, V] {
	return &Cache[K, V]{size: size, order: list.New(), items: map[K]*list.Element{}}
}

// Get gives a value and makes it recent.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	element, ok := c.items[key]
	if !ok {
		return value, false
	}
	c.order.MoveToFront(element)
	return element.Value.(pair[K, V]).value, true
}

// Set sets a value and makes it recent.
func (c *Cache[K, V]) Set(key K, value V) {
	if element, ok := c.items[key]; ok {
		c.order.Remove(element)
	}
	c.items[key] = c.order.PushFront(pair[K, V]{key, value})
	if len(c.items) > c.size {
		last := c.order.Back()
		delete(c.items, c.order.Remove(last).(pair[K, V]).key)
	}
}

// Len is how many there are.
func (c *Cache[K, V]) Len() int { return len(c.items) }
