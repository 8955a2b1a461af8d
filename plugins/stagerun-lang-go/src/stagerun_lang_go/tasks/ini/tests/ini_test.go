package ini

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

type sections = map[string]map[string]string

func check(t *testing.T, text string, want sections) {
	t.Helper()
	got, err := Parse(text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Parse(%q) = %v, %v, want %v", text, got, err, want)
	}
}

func TestSections(t *testing.T) {
	check(t, "a=1\n[s]\nb=2\n[t]\n[s]\nc=3", sections{"": {"a": "1"}, "s": {"b": "2", "c": "3"}, "t": {}})
}

func TestNothing(t *testing.T) { check(t, "\n\n", sections{}) }

func TestSpaces(t *testing.T) {
	check(t, "  [ s ]\n\t key  =  a value \r\n", sections{"s": {"key": "a value"}})
}

func TestEqualsInValue(t *testing.T) { check(t, "[s]\nurl=a?b=c", sections{"s": {"url": "a?b=c"}}) }

func TestComments(t *testing.T) { check(t, "; one\n# two\n[s]\n  ;x=1\n", sections{"s": {}}) }

func TestErrors(t *testing.T) {
	for _, text := range []string{"[s]\nwhat", "\n[open", "\n=1"} {
		got, err := Parse(text)
		if got != nil || !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), "2") {
			t.Errorf("Parse(%q) = %v, %v, want an ErrSyntax about line 2", text, got, err)
		}
	}
}
