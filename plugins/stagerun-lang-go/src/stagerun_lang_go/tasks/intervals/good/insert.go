package intervals

// Interval is a range of whole numbers, both ends included.
type Interval struct{ From, To int }

// Merge joins what overlaps or touches.
func Merge(all []Interval) []Interval {
	merged := []Interval{}
	for _, each := range all {
		merged = insert(merged, each)
	}
	return merged
}

func insert(merged []Interval, each Interval) []Interval {
	var before, after []Interval
	for _, other := range merged {
		switch {
		case other.To < each.From:
			before = append(before, other)
		case other.From > each.To:
			after = append(after, other)
		default:
			if other.From < each.From {
				each.From = other.From
			}
			if other.To > each.To {
				each.To = other.To
			}
		}
	}
	return append(append(before, each), after...)
}
