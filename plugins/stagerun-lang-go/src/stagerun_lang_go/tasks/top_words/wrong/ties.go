package count

import (
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
	var words []Word
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		at := slices.IndexFunc(words, func(other Word) bool { return other.Text == word })
		if at < 0 {
			at, words = len(words), append(words, Word{Text: word})
		}
		words[at].Count++
	}
	slices.SortStableFunc(words, func(a, b Word) int { return b.Count - a.Count })
	return words[:min(n, len(words))]
}
