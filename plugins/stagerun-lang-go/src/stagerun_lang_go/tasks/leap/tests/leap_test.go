package leap

import "testing"

func TestPlainYears(t *testing.T) {
	for _, year := range []int{2015, 1970} {
		if IsLeap(year) {
			t.Errorf("%d is no leap year", year)
		}
	}
}

func TestLeapYears(t *testing.T) {
	for _, year := range []int{1996, 1960} {
		if !IsLeap(year) {
			t.Errorf("%d is a leap year", year)
		}
	}
}

func TestCenturies(t *testing.T) {
	for year, want := range map[int]bool{1900: false, 2000: true, 2100: false, 2400: true} {
		if IsLeap(year) != want {
			t.Errorf("IsLeap(%d) = %v, want %v", year, !want, want)
		}
	}
}

func TestDays(t *testing.T) {
	for _, c := range []struct{ year, month, want int }{
		{2023, 1, 31}, {2023, 2, 28}, {2024, 2, 29}, {2023, 4, 30}, {2023, 12, 31}, {2023, 0, 0}, {2023, 13, 0},
	} {
		if got := DaysIn(c.year, c.month); got != c.want {
			t.Errorf("DaysIn(%d, %d) = %d, want %d", c.year, c.month, got, c.want)
		}
	}
}
