package count

import (
	"sort"
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
	var words []Word
	for word, count := range counts {
		words = append(words, Word{word, count})
	}
	sort.Slice(words, func(i, j int) bool { return words[i].Count > words[j].Count })
	if n < len(words) {
		words = words[:n]
	}
	return words
}
