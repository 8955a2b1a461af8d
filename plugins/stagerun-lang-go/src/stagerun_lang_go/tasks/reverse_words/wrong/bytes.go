package words

import (
	"slices"
	"strings"
)

// ReverseWords reverses the letters of every word.
func ReverseWords(text string) string {
	words := strings.Split(text, " ")
	for at, word := range words {
		letters := []byte(word)
		slices.Reverse(letters)
		words[at] = string(letters)
	}
	return strings.Join(words, " ")
}
