package roman

import "errors"

var (
	ones      = [10]string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}
	tens      = [10]string{"", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"}
	hundreds  = [10]string{"", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"}
	thousands = [4]string{"", "M", "MM", "MMM"}
)

// ToRoman gives the Roman numeral of n.
func ToRoman(n int) (string, error) {
	if n <= 0 || n >= 4000 {
		return "", errors.New("out of range")
	}
	return thousands[n/1000] + hundreds[n/100%10] + tens[n/10%10] + ones[n%10], nil
}
