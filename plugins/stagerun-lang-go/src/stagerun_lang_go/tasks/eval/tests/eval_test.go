package eval

import "testing"

func check(t *testing.T, text string, want int) {
	t.Helper()
	if got, err := Eval(text); err != nil || got != want {
		t.Errorf("Eval(%q) = %d, %v, want %d", text, got, err, want)
	}
}

func TestNumbers(t *testing.T) { check(t, " 42 ", 42) }

func TestLeftToRight(t *testing.T) {
	check(t, "10-3-2", 5)
	check(t, "100/5/2", 10)
}

func TestPrecedence(t *testing.T) {
	check(t, "2+3*4", 14)
	check(t, "2*3+4*5", 26)
}

func TestBrackets(t *testing.T) {
	check(t, "(2+3)*4", 20)
	check(t, "((7))-(2-(3-1))", 7)
}

func TestSigns(t *testing.T) {
	check(t, "-5+2", -3)
	check(t, "2*-3", -6)
	check(t, "-(2+3)", -5)
}

func TestCutsTowardsZero(t *testing.T) { check(t, "-7/2", -3) }

func TestErrors(t *testing.T) {
	for _, text := range []string{"", "1+", "(1", "1)", "1 2", "a", "1/0", "1/(2-2)", "*3"} {
		if got, err := Eval(text); err == nil || got != 0 {
			t.Errorf("Eval(%q) = %d, %v, want an error", text, got, err)
		}
	}
}
