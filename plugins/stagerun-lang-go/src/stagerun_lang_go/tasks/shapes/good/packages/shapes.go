// Package shapes has areas.
package shapes

import "example.org/shapes/internal/plane"

// Shape is something flat.
type Shape interface {
	Area() float64
	Perimeter() float64
}

// NewCircle makes a circle.
func NewCircle(radius float64) (Shape, error) {
	if err := plane.Positive(radius); err != nil {
		return nil, err
	}
	return &plane.Circle{Radius: radius}, nil
}

// NewRectangle makes a rectangle.
func NewRectangle(width, height float64) (Shape, error) {
	if err := plane.Positive(width, height); err != nil {
		return nil, err
	}
	return &plane.Polygon{Sides: []float64{width, height, width, height}, Size: width * height}, nil
}

// NewTriangle makes a triangle.
func NewTriangle(a, b, c float64) (Shape, error) {
	size, err := plane.Heron(a, b, c)
	if err != nil {
		return nil, err
	}
	return &plane.Polygon{Sides: []float64{a, b, c}, Size: size}, nil
}
