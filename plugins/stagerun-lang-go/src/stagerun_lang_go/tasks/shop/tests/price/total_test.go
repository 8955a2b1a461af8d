package price_test

import (
	"testing"

	"shop/price"
	"shop/stock"
)

func TestTotal(t *testing.T) {
	s := stock.New(map[string]int{"pen": 5})
	prices := map[string]int{"pen": 120}
	if total, err := price.Total(s, prices, map[string]int{"pen": 2}); total != 240 || err != nil {
		t.Errorf("Total = %d, %v, want 240", total, err)
	}
	if total, err := price.Total(s, prices, map[string]int{"pen": 9}); total != 0 || err == nil {
		t.Errorf("Total = %d, %v, want an error", total, err)
	}
}
