package eval

import (
	"errors"
	"strconv"
)

var errText = errors.New("not an expression")

type parser struct {
	text string
	at   int
}

// Eval evaluates an expression.
func Eval(text string) (int, error) {
	p := &parser{text: text}
	value, err := p.sum()
	if err == nil && p.peek() != 0 {
		err = errText
	}
	if err != nil {
		return 0, err
	}
	return value, nil
}

func (p *parser) peek() byte {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) sum() (int, error) {
	value, err := p.product()
	for err == nil && (p.peek() == '+' || p.peek() == '-') {
		sign := p.text[p.at]
		p.at++
		var right int
		right, err = p.product()
		if sign == '-' {
			right = -right
		}
		value += right
	}
	return value, err
}

func (p *parser) product() (int, error) {
	value, err := p.factor()
	for err == nil && (p.peek() == '*' || p.peek() == '/') {
		sign := p.text[p.at]
		p.at++
		right, wrong := p.factor()
		switch {
		case wrong != nil:
			return 0, wrong
		case sign == '*':
			value *= right
		case right == 0:
			return 0, errors.New("division by zero")
		default:
			value /= right
		}
	}
	return value, err
}

func (p *parser) factor() (int, error) {
	switch c := p.peek(); {
	case c == '-':
		p.at++
		value, err := p.factor()
		return -value, err
	case c == '(':
		p.at++
		value, err := p.sum()
		if err == nil && p.peek() != ')' {
			return 0, errText
		}
		p.at++
		return value, err
	case c >= '0' && c <= '9':
		from := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		return strconv.Atoi(p.text[from:p.at])
	default:
		return 0, errText
	}
}
