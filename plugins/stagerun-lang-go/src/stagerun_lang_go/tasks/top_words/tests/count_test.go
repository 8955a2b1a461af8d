package count

import (
	"fmt"
	"slices"
	"testing"
)

func check(t *testing.T, text string, n int, want ...Word) {
	t.Helper()
	if got := Top(text, n); !slices.Equal(got, want) {
		t.Errorf("Top(%q, %d) = %v, want %v", text, n, got, want)
	}
}

func TestCounts(t *testing.T) { check(t, "a b a c a b", 3, Word{"a", 3}, Word{"b", 2}, Word{"c", 1}) }

func TestOnlyTheFirst(t *testing.T) { check(t, "a b a c a b", 1, Word{"a", 3}) }

func TestTies(t *testing.T) {
	check(t, "pear fig apple plum date kiwi", 4, Word{"apple", 1}, Word{"date", 1}, Word{"fig", 1}, Word{"kiwi", 1})
}

func TestCaseAndMarks(t *testing.T) { check(t, "Don't! don't, DON'T?", 5, Word{"don't", 3}) }

func TestNothing(t *testing.T) { check(t, " .,- 12", 3) }

func ExampleTop() {
	for _, word := range Top("the cat the dog", 2) {
		fmt.Println(word.Text, word.Count)
	}
	// Output:
	// the 2
	// cat 1
}
