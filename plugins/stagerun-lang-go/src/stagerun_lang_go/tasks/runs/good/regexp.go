package runs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var run = regexp.MustCompile(`(\d*)(\D)`)

// Encode writes runs as counts.
func Encode(text string) string {
	out := ""
	for len(text) > 0 {
		letter, size := utf8.DecodeRuneInString(text)
		rest := strings.TrimLeft(text, string(letter))
		if n := (len(text) - len(rest)) / size; n > 1 {
			out += fmt.Sprint(n)
		}
		out += string(letter)
		text = rest
	}
	return out
}

// Decode reads counts.
func Decode(text string) string {
	return run.ReplaceAllStringFunc(text, func(part string) string {
		match := run.FindStringSubmatch(part)
		n, err := strconv.Atoi(match[1])
		if err != nil {
			n = 1
		}
		return strings.Repeat(match[2], n)
	})
}
