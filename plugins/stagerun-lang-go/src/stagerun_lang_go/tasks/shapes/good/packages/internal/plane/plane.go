// Package plane computes.
package plane

import (
	"fmt"
	"math"
)

// Circle is a circle.
type Circle struct{ Radius float64 }

// Area is the area.
func (c *Circle) Area() float64 { return math.Pi * math.Pow(c.Radius, 2) }

// Perimeter is the length of the line around it.
func (c *Circle) Perimeter() float64 { return 2 * math.Pi * c.Radius }

// Polygon is anything with straight sides.
type Polygon struct {
	Sides []float64
	Size  float64
}

// Area is the area.
func (p *Polygon) Area() float64 { return p.Size }

// Perimeter is the sum of the sides.
func (p *Polygon) Perimeter() (sum float64) {
	for _, side := range p.Sides {
		sum += side
	}
	return sum
}

// Positive tells what is wrong with lengths.
func Positive(lengths ...float64) error {
	for _, length := range lengths {
		if length <= 0 {
			return fmt.Errorf("a length of %g", length)
		}
	}
	return nil
}

// Heron is the area of a triangle.
func Heron(a, b, c float64) (float64, error) {
	if err := Positive(a, b, c); err != nil {
		return 0, err
	}
	if longest := max(a, b, c); 2*longest >= a+b+c {
		return 0, fmt.Errorf("sides %g, %g and %g make no triangle", a, b, c)
	}
	s := (a + b + c) / 2
	return math.Sqrt(s * (s - a) * (s - b) * (s - c)), nil
}
