package runs

import (
	"strconv"
	"strings"
	"unicode"
)

// Encode writes runs as counts.
func Encode(text string) string {
	var out strings.Builder
	letters := []rune(text)
	for at := 0; at < len(letters); {
		end := at
		for end < len(letters) && letters[end] == letters[at] {
			end++
		}
		if end-at > 1 {
			out.WriteString(strconv.Itoa(end - at))
		}
		out.WriteRune(letters[at])
		at = end
	}
	return out.String()
}

// Decode reads counts.
func Decode(text string) string {
	var out strings.Builder
	count := 0
	for _, letter := range text {
		if unicode.IsDigit(letter) {
			count = 10*count + int(letter-'0')
			continue
		}
		out.WriteString(strings.Repeat(string(letter), max(count, 1)))
		count = 0
	}
	return out.String()
}
