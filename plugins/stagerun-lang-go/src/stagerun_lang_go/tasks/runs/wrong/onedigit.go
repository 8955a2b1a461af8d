package runs

import (
	"strconv"
	"strings"
)

// Encode writes runs as counts.
func Encode(text string) string {
	out, letters := "", []rune(text)
	for at := 0; at < len(letters); {
		end := at
		for end < len(letters) && letters[end] == letters[at] {
			end++
		}
		if end-at > 1 {
			out += strconv.Itoa(end - at)
		}
		out += string(letters[at])
		at = end
	}
	return out
}

// Decode reads counts.
func Decode(text string) string {
	out, count := "", 1
	for _, letter := range text {
		if letter >= '0' && letter <= '9' {
			count = int(letter - '0')
			continue
		}
		out += strings.Repeat(string(letter), count)
		count = 1
	}
	return out
}
