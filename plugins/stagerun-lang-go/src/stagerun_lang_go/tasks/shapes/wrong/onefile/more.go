package shapes

type shape struct{ area, perimeter float64 }

func newShape(area, perimeter float64) Shape { return &shape{area, perimeter} }

func (s *shape) Area() float64      { return s.area }
func (s *shape) Perimeter() float64 { return s.perimeter }

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
