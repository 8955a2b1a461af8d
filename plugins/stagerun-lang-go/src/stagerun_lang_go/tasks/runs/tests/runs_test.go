package runs

import (
	"strings"
	"testing"
)

var pairs = []struct{ plain, encoded string }{
	{"", ""},
	{"XYZ", "XYZ"},
	{"AABCCC", "2AB3C"},
	{"  é éé", "2 é 2é"},
	{strings.Repeat("W", 112) + "B", "112WB"},
}

func TestEncode(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.encoded, func(t *testing.T) {
			if got := Encode(pair.plain); got != pair.encoded {
				t.Errorf("got %q, want %q", got, pair.encoded)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.encoded, func(t *testing.T) {
			if got := Decode(pair.encoded); got != pair.plain {
				t.Errorf("got %q, want %q", got, pair.plain)
			}
		})
	}
}

func TestThereAndBack(t *testing.T) {
	for _, text := range []string{"zzz ZZ  zZ", "abcdefghijk", strings.Repeat("ab", 30)} {
		if got := Decode(Encode(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
