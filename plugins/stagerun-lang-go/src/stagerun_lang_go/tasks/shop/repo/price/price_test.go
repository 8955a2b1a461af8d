package price

import (
	"testing"

	"shop/stock"
)

func TestEmptyOrder(t *testing.T) {
	if total, err := Total(stock.New(nil), nil, nil); total != 0 || err != nil {
		t.Errorf("Total of nothing = %d, %v", total, err)
	}
}
