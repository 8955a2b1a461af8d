// Package stock counts what is in store.
package stock

import "errors"

// What can be wrong with a reservation.
var (
	ErrUnknown = errors.New("unknown item")
	ErrTooFew  = errors.New("too few in stock")
)

// Stock is how many there are of each item.
type Stock struct {
	counts map[string]int
}

// New makes a stock.
func New(counts map[string]int) *Stock {
	return &Stock{counts: counts}
}

// Count is how many there are of an item.
func (s *Stock) Count(item string) int {
	return s.counts[item]
}

// Reserve takes all items of an order, or none and says why.
func (s *Stock) Reserve(items map[string]int) error {
	for item, count := range items {
		s.counts[item] -= count
	}
	return nil
}
