package leap

// IsLeap tells whether February has 29 days.
func IsLeap(year int) bool { return year%4 == 0 && year%100 != 0 }

// DaysIn is the length of a month.
func DaysIn(year, month int) int {
	days := map[int]int{4: 30, 6: 30, 9: 30, 11: 30, 2: 28}
	if month == 2 && IsLeap(year) {
		return 29
	}
	if d, ok := days[month]; ok {
		return d
	}
	return 31
}
