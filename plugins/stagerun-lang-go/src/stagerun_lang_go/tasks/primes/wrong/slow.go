package primes

// Factors gives the prime factors of n.
func Factors(n int64) []int64 {
	var found []int64
	for divisor := int64(2); divisor <= n; divisor++ {
		for n%divisor == 0 {
			found = append(found, divisor)
			n /= divisor
		}
	}
	return found
}
