package account

import "sync"

// Account is a bank account.
type Account struct {
	sync.Mutex
	balance int64
	closed  bool
}

// Open opens an account.
func Open(initial int64) *Account {
	if initial < 0 {
		return nil
	}
	return &Account{balance: initial}
}

// Balance gives what is on it.
func (a *Account) Balance() (int64, bool) {
	a.Lock()
	defer a.Unlock()
	return a.balance, !a.closed
}

// Deposit adds or takes money.
func (a *Account) Deposit(amount int64) (int64, bool) {
	a.Lock()
	defer a.Unlock()
	if a.closed {
		return 0, false
	}
	a.balance += amount
	return a.balance, true
}

// Close pays out what is left.
func (a *Account) Close() (int64, bool) {
	a.Lock()
	defer a.Unlock()
	if a.closed {
		return 0, false
	}
	a.closed = true
	return a.balance, true
}
