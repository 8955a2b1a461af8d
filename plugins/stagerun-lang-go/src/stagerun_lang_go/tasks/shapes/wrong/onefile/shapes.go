// Package shapes has areas.
package shapes

import "errors"

// Shape is something flat.
type Shape interface {
	Area() float64
	Perimeter() float64
}

var errLength = errors.New("no such shape")

// NewCircle makes a circle.
func NewCircle(radius float64) (Shape, error) {
	if radius <= 0 {
		return nil, errLength
	}
	return newShape(3.141592653589793*radius*radius, 2*3.141592653589793*radius), nil
}

// NewRectangle makes a rectangle.
func NewRectangle(width, height float64) (Shape, error) {
	if width <= 0 || height <= 0 {
		return nil, errLength
	}
	return newShape(width*height, 2*(width+height)), nil
}

// NewTriangle makes a triangle.
func NewTriangle(a, b, c float64) (Shape, error) {
	if a <= 0 || b <= 0 || c <= 0 || a+b <= c || a+c <= b || b+c <= a {
		return nil, errLength
	}
	return newShape(a*b, a+b+c), nil
}
