package shapes_test

import (
	"math"
	"testing"

	"example.org/shapes"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestCircle(t *testing.T) {
	c, err := shapes.NewCircle(2)
	if err != nil || !near(c.Area(), 4*math.Pi) || !near(c.Perimeter(), 4*math.Pi) {
		t.Errorf("NewCircle(2) = %v, %v", c, err)
	}
}

func TestRectangle(t *testing.T) {
	r, err := shapes.NewRectangle(2, 3)
	if err != nil || !near(r.Area(), 6) || !near(r.Perimeter(), 10) {
		t.Errorf("NewRectangle(2, 3) = %v, %v", r, err)
	}
}

func TestTriangle(t *testing.T) {
	r, err := shapes.NewTriangle(3, 4, 5)
	if err != nil || !near(r.Area(), 6) || !near(r.Perimeter(), 12) {
		t.Errorf("NewTriangle(3, 4, 5) = %v, %v", r, err)
	}
}

func TestErrors(t *testing.T) {
	_, circle := shapes.NewCircle(0)
	_, rectangle := shapes.NewRectangle(1, -1)
	_, flat := shapes.NewTriangle(1, 2, 3)
	shape, negative := shapes.NewTriangle(-1, 2, 2)
	for at, err := range []error{circle, rectangle, flat, negative} {
		if err == nil {
			t.Errorf("no error for shape %d", at)
		}
	}
	if shape != nil {
		t.Errorf("a shape beside an error: %v", shape)
	}
}

func TestLargest(t *testing.T) {
	small, _ := shapes.NewRectangle(1, 1)
	large, _ := shapes.NewRectangle(2, 2)
	same, _ := shapes.NewRectangle(1, 4)
	if got := shapes.Largest(small, large, same); got != large {
		t.Errorf("Largest = %v, want %v", got, large)
	}
	if got := shapes.Largest(); got != nil {
		t.Errorf("Largest() = %v, want nil", got)
	}
}
