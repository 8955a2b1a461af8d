package shapes

import "slices"

// Largest gives the shape with the largest area.
func Largest(all ...Shape) Shape {
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(a, b Shape) int {
		switch difference := a.Area() - b.Area(); {
		case difference > 0:
			return 1
		case difference < 0:
			return -1
		}
		return 0
	})
}
