package words

import "testing"

func check(t *testing.T, text, want string) {
	t.Helper()
	if got := ReverseWords(text); got != want {
		t.Errorf("ReverseWords(%q) = %q, want %q", text, got, want)
	}
}

func TestOneWord(t *testing.T)          { check(t, "golang", "gnalog") }
func TestOrderIsKept(t *testing.T)      { check(t, "ab cde", "ba edc") }
func TestSpacesAreKept(t *testing.T)    { check(t, "  ab  c ", "  ba  c ") }
func TestLettersStayWhole(t *testing.T) { check(t, "über uns", "rebü snu") }
func TestNothing(t *testing.T)          { check(t, "", "") }
