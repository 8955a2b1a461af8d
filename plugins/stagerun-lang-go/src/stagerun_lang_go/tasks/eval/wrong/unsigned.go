package eval

import (
	"errors"
	"strconv"
)

var errText = errors.New("not an expression")

var rank = map[string]int{"+": 1, "-": 1, "*": 2, "/": 2}

// Eval evaluates an expression by the shunting-yard way.
func Eval(text string) (int, error) {
	var values []int
	var ops []string
	reduce := func() error {
		if len(values) < 2 {
			return errText
		}
		right, left, op := values[len(values)-1], values[len(values)-2], ops[len(ops)-1]
		values, ops = values[:len(values)-2], ops[:len(ops)-1]
		switch op {
		case "+":
			left += right
		case "-":
			left -= right
		case "*":
			left *= right
		default:
			if right == 0 {
				return errText
			}
			left /= right
		}
		values = append(values, left)
		return nil
	}
	for at := 0; at < len(text); at++ {
		c := text[at : at+1]
		switch {
		case c == " ":
		case c >= "0" && c <= "9":
			from := at
			for at+1 < len(text) && text[at+1] >= '0' && text[at+1] <= '9' {
				at++
			}
			number, _ := strconv.Atoi(text[from : at+1])
			if len(values) != len(ops)-brackets(ops) {
				return 0, errText
			}
			values = append(values, number)
		case c == "(":
			ops = append(ops, c)
		case c == ")":
			for len(ops) > 0 && ops[len(ops)-1] != "(" {
				if err := reduce(); err != nil {
					return 0, err
				}
			}
			if len(ops) == 0 {
				return 0, errText
			}
			ops = ops[:len(ops)-1]
		case rank[c] > 0:
			for len(ops) > 0 && rank[ops[len(ops)-1]] >= rank[c] {
				if err := reduce(); err != nil {
					return 0, err
				}
			}
			ops = append(ops, c)
		default:
			return 0, errText
		}
	}
	for len(ops) > 0 {
		if ops[len(ops)-1] == "(" {
			return 0, errText
		}
		if err := reduce(); err != nil {
			return 0, err
		}
	}
	if len(values) != 1 {
		return 0, errText
	}
	return values[0], nil
}

func brackets(ops []string) int {
	count := 0
	for _, op := range ops {
		if op == "(" {
			count++
		}
	}
	return count
}
