package intervals

import (
	"slices"
	"testing"
)

func check(t *testing.T, all []Interval, want ...Interval) {
	t.Helper()
	if got := Merge(all); !slices.Equal(got, want) {
		t.Errorf("Merge(%v) = %v, want %v", all, got, want)
	}
}

func TestNothing(t *testing.T) { check(t, nil) }

func TestApart(t *testing.T) { check(t, []Interval{{1, 2}, {4, 5}}, Interval{1, 2}, Interval{4, 5}) }

func TestTouching(t *testing.T) { check(t, []Interval{{1, 3}, {3, 5}}, Interval{1, 5}) }

func TestInside(t *testing.T) { check(t, []Interval{{1, 9}, {2, 3}, {8, 9}}, Interval{1, 9}) }

func TestUnsorted(t *testing.T) {
	check(t, []Interval{{8, 10}, {1, 3}, {2, 6}, {15, 18}}, Interval{1, 6}, Interval{8, 10}, Interval{15, 18})
}

func TestTheInputStays(t *testing.T) {
	all := []Interval{{4, 6}, {1, 5}}
	Merge(all)
	if !slices.Equal(all, []Interval{{4, 6}, {1, 5}}) {
		t.Errorf("the input became %v", all)
	}
}
