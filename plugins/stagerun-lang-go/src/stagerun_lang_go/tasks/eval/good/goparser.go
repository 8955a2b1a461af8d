package eval

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
)

var errText = errors.New("not an expression")

// Eval evaluates an expression.
func Eval(text string) (int, error) {
	tree, err := parser.ParseExpr(text)
	if err != nil {
		return 0, errText
	}
	value, err := walk(tree)
	if err != nil {
		return 0, err
	}
	return value, nil
}

func walk(node ast.Expr) (int, error) {
	switch n := node.(type) {
	case *ast.BasicLit:
		if n.Kind != token.INT {
			return 0, errText
		}
		return strconv.Atoi(n.Value)
	case *ast.ParenExpr:
		return walk(n.X)
	case *ast.UnaryExpr:
		value, err := walk(n.X)
		if n.Op != token.SUB {
			return 0, errText
		}
		return -value, err
	case *ast.BinaryExpr:
		left, err := walk(n.X)
		if err != nil {
			return 0, err
		}
		right, err := walk(n.Y)
		if err != nil {
			return 0, err
		}
		return apply(n.Op, left, right)
	}
	return 0, errText
}

func apply(op token.Token, left, right int) (int, error) {
	switch op {
	case token.ADD:
		return left + right, nil
	case token.SUB:
		return left - right, nil
	case token.MUL:
		return left * right, nil
	case token.QUO:
		if right == 0 {
			return 0, errors.New("division by zero")
		}
		return left / right, nil
	}
	return 0, errText
}
