package count

import (
	"sort"
	"strings"
)

// Word is a word and how often it occurs.
type Word struct {
	Text  string
	Count int
}

// Top gives the n most frequent words.
func Top(text string, n int) []Word {
	counts := map[string]int{}
	for _, word := range strings.Fields(strings.ToLower(text)) {
		counts[word]++
	}
	var words []Word
	for word, count := range counts {
		words = append(words, Word{word, count})
	}
	sort.Slice(words, func(i, j int) bool {
		if words[i].Count == words[j].Count {
			return words[i].Text < words[j].Text
		}
		return words[i].Count > words[j].Count
	})
	if n < len(words) {
		words = words[:n]
	}
	return words
}
