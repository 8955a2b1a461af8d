package primes

// Factors gives the prime factors of n.
func Factors(n int64) (found []int64) {
	take := func(divisor int64) {
		for n%divisor == 0 {
			found = append(found, divisor)
			n /= divisor
		}
	}
	if n < 2 {
		return nil
	}
	take(2)
	take(3)
	for at, step := int64(5), int64(2); at <= n/at; at, step = at+step, 6-step {
		take(at)
	}
	if n > 1 {
		found = append(found, n)
	}
	return found
}
