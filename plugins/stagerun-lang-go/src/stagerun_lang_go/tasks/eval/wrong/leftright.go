package eval

import (
	"errors"
	"strconv"
	"strings"
)

var errText = errors.New("not an expression")

// Eval evaluates an expression.
func Eval(text string) (int, error) {
	text = strings.ReplaceAll(text, " ", "")
	value, rest, err := run(text)
	if err != nil || rest != "" {
		return 0, errText
	}
	return value, nil
}

func run(text string) (int, string, error) {
	value, text, err := one(text)
	for err == nil && text != "" && strings.IndexByte("+-*/", text[0]) >= 0 {
		op := text[0]
		var right int
		right, text, err = one(text[1:])
		switch {
		case err != nil:
		case op == '+':
			value += right
		case op == '-':
			value -= right
		case op == '*':
			value *= right
		case right == 0:
			err = errText
		default:
			value /= right
		}
	}
	return value, text, err
}

func one(text string) (int, string, error) {
	if strings.HasPrefix(text, "-") {
		value, rest, err := one(text[1:])
		return -value, rest, err
	}
	if strings.HasPrefix(text, "(") {
		value, rest, err := run(text[1:])
		if err != nil || !strings.HasPrefix(rest, ")") {
			return 0, "", errText
		}
		return value, rest[1:], nil
	}
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	value, err := strconv.Atoi(text[:end])
	return value, text[end:], err
}
