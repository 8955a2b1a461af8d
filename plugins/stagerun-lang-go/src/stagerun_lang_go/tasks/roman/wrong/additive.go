package roman

import (
	"errors"
	"strings"
)

// ToRoman gives the Roman numeral of n.
func ToRoman(n int) (string, error) {
	if n < 1 || n > 3999 {
		return "", errors.New("out of range")
	}
	out := strings.Repeat("M", n/1000)
	n %= 1000
	for _, step := range []struct {
		value int
		text  string
	}{{500, "D"}, {100, "C"}, {50, "L"}, {10, "X"}, {5, "V"}, {1, "I"}} {
		out += strings.Repeat(step.text, n/step.value)
		n %= step.value
	}
	return out, nil
}
