package intervals

import "sort"

// Interval is a range of whole numbers, both ends included.
type Interval struct{ From, To int }

// Merge joins what overlaps or touches.
func Merge(all []Interval) []Interval {
	sort.Slice(all, func(i, j int) bool { return all[i].From < all[j].From })
	var merged []Interval
	for _, each := range all {
		if last := len(merged) - 1; last >= 0 && each.From <= merged[last].To {
			merged[last].To = max(merged[last].To, each.To)
			continue
		}
		merged = append(merged, each)
	}
	return merged
}
