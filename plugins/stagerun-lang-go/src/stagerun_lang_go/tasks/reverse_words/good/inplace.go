package words

import "slices"

// ReverseWords reverses the letters of every word.
func ReverseWords(text string) string {
	letters := []rune(text)
	start := 0
	for at := 0; at <= len(letters); at++ {
		if at == len(letters) || letters[at] == ' ' {
			slices.Reverse(letters[start:at])
			start = at + 1
		}
	}
	return string(letters)
}
