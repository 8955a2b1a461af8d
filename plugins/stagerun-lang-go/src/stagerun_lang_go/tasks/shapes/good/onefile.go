// Package shapes has areas.
package shapes

import (
	"errors"
	"math"
)

// Shape is something flat.
type Shape interface {
	Area() float64
	Perimeter() float64
}

var errLength = errors.New("no such shape")

type circle struct{ r float64 }

func (c circle) Area() float64      { return math.Pi * c.r * c.r }
func (c circle) Perimeter() float64 { return 2 * math.Pi * c.r }

type rectangle struct{ w, h float64 }

func (r rectangle) Area() float64      { return r.w * r.h }
func (r rectangle) Perimeter() float64 { return 2 * (r.w + r.h) }

type triangle struct{ a, b, c float64 }

func (t triangle) Perimeter() float64 { return t.a + t.b + t.c }
func (t triangle) Area() float64 {
	s := t.Perimeter() / 2
	return math.Sqrt(s * (s - t.a) * (s - t.b) * (s - t.c))
}

// NewCircle makes a circle.
func NewCircle(radius float64) (Shape, error) {
	if radius <= 0 {
		return nil, errLength
	}
	return circle{radius}, nil
}

// NewRectangle makes a rectangle.
func NewRectangle(width, height float64) (Shape, error) {
	if width <= 0 || height <= 0 {
		return nil, errLength
	}
	return rectangle{width, height}, nil
}

// NewTriangle makes a triangle.
func NewTriangle(a, b, c float64) (Shape, error) {
	if a <= 0 || b <= 0 || c <= 0 || a+b <= c || a+c <= b || b+c <= a {
		return nil, errLength
	}
	return triangle{a, b, c}, nil
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
