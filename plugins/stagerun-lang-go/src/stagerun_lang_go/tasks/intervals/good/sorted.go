package intervals

import (
	"cmp"
	"slices"
)

// Interval is a range of whole numbers, both ends included.
type Interval struct{ From, To int }

// Merge joins what overlaps or touches.
func Merge(all []Interval) []Interval {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	var merged []Interval
	for _, each := range sorted {
		if last := len(merged) - 1; last >= 0 && each.From <= merged[last].To {
			merged[last].To = max(merged[last].To, each.To)
			continue
		}
		merged = append(merged, each)
	}
	return merged
}
