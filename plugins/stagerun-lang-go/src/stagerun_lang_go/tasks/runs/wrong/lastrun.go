package runs

import (
	"strconv"
	"strings"
)

// Encode writes runs as counts.
func Encode(text string) string {
	out, count := "", 0
	var last rune
	for _, letter := range text {
		if count > 0 && letter != last {
			if count > 1 {
				out += strconv.Itoa(count)
			}
			out += string(last)
			count = 0
		}
		last = letter
		count++
	}
	return out
}

// Decode reads counts.
func Decode(text string) string {
	out, count := "", 0
	for _, letter := range text {
		if letter >= '0' && letter <= '9' {
			count = 10*count + int(letter-'0')
			continue
		}
		out += strings.Repeat(string(letter), max(1, count))
		count = 0
	}
	return out
}
