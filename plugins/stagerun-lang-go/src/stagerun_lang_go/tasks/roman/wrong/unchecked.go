package roman

// ToRoman gives the Roman numeral of n.
func ToRoman(n int) (string, error) {
	out := ""
	values := []int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	texts := []string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
	for at, value := range values {
		for n >= value {
			out += texts[at]
			n -= value
		}
	}
	return out, nil
}
