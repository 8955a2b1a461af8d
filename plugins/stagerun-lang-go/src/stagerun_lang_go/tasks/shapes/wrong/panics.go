// Package shapes has areas.
package shapes

import "math"

// Shape is something flat.
type Shape interface {
	Area() float64
	Perimeter() float64
}

type shape [2]float64

func (s shape) Area() float64      { return s[0] }
func (s shape) Perimeter() float64 { return s[1] }

// NewCircle makes a circle.
func NewCircle(radius float64) (Shape, error) {
	if radius <= 0 {
		panic("radius must be positive")
	}
	return shape{math.Pi * radius * radius, 2 * math.Pi * radius}, nil
}

// NewRectangle makes a rectangle.
func NewRectangle(width, height float64) (Shape, error) {
	if width <= 0 || height <= 0 {
		panic("lengths must be positive")
	}
	return shape{width * height, 2 * (width + height)}, nil
}

// NewTriangle makes a triangle.
func NewTriangle(a, b, c float64) (Shape, error) {
	s := (a + b + c) / 2
	return shape{math.Sqrt(s * (s - a) * (s - b) * (s - c)), a + b + c}, nil
}

// Largest gives the shape with the largest area.
func Largest(all ...Shape) Shape {
	var best Shape
	for _, each := range all {
		if best == nil || each.Area() > best.Area() {
			best = each
		}
	}
	return best
}
