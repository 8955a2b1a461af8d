package account

import "sync/atomic"

const closed = -1

// Account is a bank account; a balance of -1 means closed.
type Account struct{ balance atomic.Int64 }

// Open opens an account.
func Open(initial int64) *Account {
	if initial < 0 {
		return nil
	}
	a := &Account{}
	a.balance.Store(initial)
	return a
}

// Balance gives what is on it.
func (a *Account) Balance() (int64, bool) {
	if now := a.balance.Load(); now != closed {
		return now, true
	}
	return 0, false
}

// Deposit adds or takes money.
func (a *Account) Deposit(amount int64) (int64, bool) {
	for {
		now := a.balance.Load()
		if now == closed || now+amount < 0 {
			return 0, false
		}
		if a.balance.CompareAndSwap(now, now+amount) {
			return now + amount, true
		}
	}
}

// Close pays out what is left.
func (a *Account) Close() (int64, bool) {
	if paid := a.balance.Swap(closed); paid != closed {
		return paid, true
	}
	return 0, false
}
