package roman

import "testing"

func TestNumerals(t *testing.T) {
	for n, want := range map[int]string{1: "I", 3: "III", 5: "V", 8: "VIII", 60: "LX", 2000: "MM"} {
		if got, err := ToRoman(n); err != nil || got != want {
			t.Errorf("ToRoman(%d) = %q, %v, want %q", n, got, err, want)
		}
	}
}

func TestShortForms(t *testing.T) {
	for n, want := range map[int]string{4: "IV", 9: "IX", 40: "XL", 400: "CD", 1994: "MCMXCIV", 3999: "MMMCMXCIX"} {
		if got, err := ToRoman(n); err != nil || got != want {
			t.Errorf("ToRoman(%d) = %q, %v, want %q", n, got, err, want)
		}
	}
}

func TestOutOfRange(t *testing.T) {
	for _, n := range []int{0, -1, 4000} {
		if got, err := ToRoman(n); err == nil || got != "" {
			t.Errorf("ToRoman(%d) = %q, %v, want an error", n, got, err)
		}
	}
}
