package leap

// IsLeap tells whether February has 29 days.
func IsLeap(year int) bool { return year%4 == 0 }

// DaysIn is the length of a month.
func DaysIn(year, month int) int {
	if month < 1 || month > 12 {
		return 0
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && IsLeap(year) {
		days++
	}
	return days
}
