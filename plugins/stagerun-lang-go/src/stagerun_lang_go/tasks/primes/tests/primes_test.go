package primes

import (
	"slices"
	"testing"
)

func check(t *testing.T, n int64, want ...int64) {
	t.Helper()
	if got := Factors(n); !slices.Equal(got, want) {
		t.Errorf("Factors(%d) = %v, want %v", n, got, want)
	}
}

func TestSmall(t *testing.T) {
	check(t, 2, 2)
	check(t, 15, 3, 5)
}

func TestNone(t *testing.T) {
	check(t, 1)
	check(t, 0)
	check(t, -6)
}

func TestRepeated(t *testing.T) {
	check(t, 60, 2, 2, 3, 5)
	check(t, 81, 3, 3, 3, 3)
}

func TestLarge(t *testing.T) {
	check(t, 901255, 5, 17, 23, 461)
	check(t, 999999000001, 999999000001)
}
