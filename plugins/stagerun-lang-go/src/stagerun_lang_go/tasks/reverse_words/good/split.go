package words

import "strings"

// ReverseWords reverses the letters of every word.
func ReverseWords(text string) string {
	words := strings.Split(text, " ")
	for at, word := range words {
		words[at] = reverse(word)
	}
	return strings.Join(words, " ")
}

func reverse(word string) string {
	letters := []rune(word)
	for low, high := 0, len(letters)-1; low < high; low, high = low+1, high-1 {
		letters[low], letters[high] = letters[high], letters[low]
	}
	return string(letters)
}
