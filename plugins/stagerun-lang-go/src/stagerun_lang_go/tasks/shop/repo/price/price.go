// Package price knows what an order costs.
package price

import "shop/stock"

// Total is the price of what could be reserved, in cents.
func Total(s *stock.Stock, prices, items map[string]int) (int, error) {
	if err := s.Reserve(items); err != nil {
		return 0, err
	}
	total := 0
	for item, count := range items {
		total += prices[item] * count
	}
	return total, nil
}
