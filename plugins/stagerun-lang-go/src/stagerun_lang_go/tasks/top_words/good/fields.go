package count

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Word is a word and how often it occurs.
type Word struct {
	Text  string
	Count int
}

// Top gives the n most frequent words.
func Top(text string, n int) []Word {
	counts := map[string]int{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		counts[word]++
	}
	words := make([]Word, 0, len(counts))
	for word, count := range counts {
		words = append(words, Word{word, count})
	}
	slices.SortFunc(words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
	return words[:min(n, len(words))]
}
